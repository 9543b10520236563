"""What was asked and what came back: SQLite rows and files that are named by their content.

===================  ===================================================================
``history.py``       :class:`History`: looking, marking, upkeep
``recorder.py``      what a client tells it: started, finished, failed
``journal.py``       writing: a request before it is sent, its answer before it is shown
``entry.py``         one request as it is remembered
``pictures.py``      images that are read when they are needed
``search.py``        which entries: filters become SQL
``marks.py``         stars and ratings, of entries and of pictures
``runs.py``          the runs of sweeps
``upkeep.py``        marking what a dead process left, checking, throwing away
``export.py``        copies for others: files and a manifest, a table
``rows.py``          requests, results and errors as rows
``redact.py``        what is never written down
``database.py``      connections and transactions
``schema.py``        the tables, and how older ones become these
``files.py``         content-addressed files
``place.py``         which folder, who may read it, and whether there is room
``process.py``       which process wrote a row, and whether it still lives
===================  ===================================================================

A request goes through these stages, each one transaction; a process may be killed between any two::

    preparing   its row and the names of its inputs are written, then the inputs' files
    sent        everything needed to send it again is on disk; only now it goes out
                what comes bit by bit (partial images, one of several pictures) is written as it comes
    arrived     the answer's row and the names of its images are written, then the images' files
    ended       all of it is there; only now it is shown

Names are written before files, so that no other process takes a file for unused while it is needed.

SQLite keeps a write-ahead log with ``synchronous=NORMAL``: what is committed has reached the operating
system, and the death of a process, by whatever signal, takes none of it away. ``FULL`` would flush each row
to the disk against a power cut, 0.4 to 2.5 ms under the lock that every writer waits for; without it a power
cut may forget the last rows, but never damages those before. Image files are flushed, outside of that lock,
since a row must never name a file that a power cut emptied.
"""

from __future__ import annotations

from imgwidgets.history.entry import Entry
from imgwidgets.history.history import History
from imgwidgets.history.marks import Kept, Marks
from imgwidgets.history.pictures import StoredImage
from imgwidgets.history.recorder import Recorder, recorder, shared
from imgwidgets.history.runs import StoredRun
from imgwidgets.history.upkeep import Fault, Pruned

__all__ = [
    "Entry",
    "Fault",
    "History",
    "Kept",
    "Marks",
    "Pruned",
    "Recorder",
    "StoredImage",
    "StoredRun",
    "recorder",
    "shared",
]
