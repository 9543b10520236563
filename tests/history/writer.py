"""A program that records requests until it is done or killed; it says on stdout what it has reached.

    python writer.py FOLDER ENTRIES THREADS [EVENT]

``sent ID`` comes after the row was written and before the request would go out, ``half ID`` when a partial image and
the first of three images were written, ``came ID`` when the answer is in memory, ``shown ID`` after it was written. With EVENT it kills itself, as ``kill -9`` would, at that call into
Python or C from within imgwidgets.history; without, it says at the end how many there were.
"""

import itertools
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from history.making import an_input, picture, request, result

from imgwidgets import catalog, errors
from imgwidgets.history import History


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def one(history, name):
    asked = request(name, endpoint="edits", images=(an_input(name), an_input("shared")))
    number = history.started(asked)
    say("sent", number)
    images = [picture(f"{name} {index}", padding=20_000) for index in range(3)]
    history.partial(number, picture(f"{name} partly", padding=20_000))
    history.arrived(number, images[:1])
    say("half", number)
    say("came", number)
    if name.endswith("7"):
        history.failed(number, errors.ConnectionFailed("cut", maybe_billed=True, partial_images=images[:1]))
    else:
        history.finished(number, result(asked, *images))
    say("shown", number)


def main(folder, entries, threads, event=None):
    counter = itertools.count()

    def count(frame, _kind, _value):
        if "imgwidgets/history/" in frame.f_code.co_filename and next(counter) == event:
            os.kill(os.getpid(), signal.SIGKILL)

    def work(worker):
        if threads == 1:
            sys.setprofile(count)
        with History(folder) as history:
            for index in range(entries):
                one(history, f"fox {worker} {index}")
        sys.setprofile(None)

    catalog.current()  # what is measured here is the history
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    say("events", next(counter))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
