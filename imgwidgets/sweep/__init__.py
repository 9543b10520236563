"""Many requests at once: plan, price, pace, run, resume, look.

=====================  =================================================================
``sweep.py``           :class:`Sweep`: a prompt template, what varies, what is fixed
``template.py``        prompts with fields
``axes.py``            lists that vary; :func:`zip_axes` and :func:`sample`
``inputs.py``          images and masks, read once and shared by all cells
``reading.py``         from the arguments to axes, with an error for what is misspelt
``building.py``        from axes to cells
``cell.py``            :class:`Cell`: one point, with its request, its price, its problems
``stored.py``          what the history has already
``plan.py``            :class:`Plan`: all cells and what they come to
``run.py``             :class:`Run`: a sweep on its way; ``preparing.py``, ``resuming.py``
``engine*.py``         what goes next, on which threads; ``tasks.py``, ``sender.py``
``executor*.py``       cells that other processes send
``budget.py``          money, set aside before it is spent; ``confirming.py``: what is asked first
``pace.py``            when the next request may go; ``limit.py``, ``headers.py``
``journal.py``         what is written down before and after; ``verdict.py``: what errors mean
``outcome.py``         :class:`Outcome`: what became of a cell; ``herald.py``: who is told
``looking.py``         what a run offers to look at it; ``progress.py``: lines on stderr
``table.py``           plans and runs as pandas tables
``sheet.py``           a run as labelled pictures; ``fonts.py``: their letters
``layout.py``          which cell stands where
``manifest.py``        a sweep as JSON; ``code.py``: as Python
=====================  =================================================================
"""

from __future__ import annotations

from imgwidgets.sweep.axes import Axis, Sample, sample, zip_axes
from imgwidgets.sweep.cell import Cell
from imgwidgets.sweep.outcome import Outcome
from imgwidgets.sweep.plan import Plan
from imgwidgets.sweep.run import Run
from imgwidgets.sweep.sweep import Sweep

__all__ = ["Axis", "Cell", "Outcome", "Plan", "Run", "Sample", "Sweep", "sample", "zip_axes"]
