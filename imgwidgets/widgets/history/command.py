"""The history on the command line: a table, a page, sums, copies, upkeep."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgwidgets.errors import HistoryError
from imgwidgets.history import History
from imgwidgets.history.place import default_folder
from imgwidgets.history.rows import STATUSES
from imgwidgets.widgets import text
from imgwidgets.widgets.history.page import STATUS_WORDS, page_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from imgwidgets.history import Entry

__all__ = ["run"]

_ROWS = 20  # of the table
_TILES = 200  # of the page
_ONLY_SINCE = "only --since is looked at: leave words and other filters out"
_FILTERS = ("model", "provider", "status", "since", "until", "min_cost", "max_cost")


def run(
    options: argparse.Namespace,
    *,
    say: Callable[[str], None],
    ask: Callable[[str], str],
    browse: Callable[[str], object],
) -> None:
    """Do what ``imgwidgets history`` was asked for.

    Parameters
    ----------
    options : argparse.Namespace
        What was given on the command line.
    say, ask, browse : callable
        Print a line; ask a question; open an address in a browser.

    Raises
    ------
    HistoryError
        Where the history cannot be read, or ``--verify`` found something.
    """
    if (options.yes or options.also_starred) and options.prune is None:
        raise HistoryError("--yes and --also-starred say how to prune: give --prune DAYS too")
    folder = Path(options.folder).expanduser().absolute() if options.folder else default_folder()
    if not _is_history(folder):
        # Looking leaves nothing behind.
        near = next((one for one in (folder / "history", folder.parent) if _is_history(one)), None)
        if near is not None:
            raise HistoryError(f"{folder} is no history's folder: did you mean --folder {near}?")
        say(f"There is no history in {folder} yet: it begins with the first request that a client sends.")
        return
    with History(folder) as history:
        command = _Command(history, options, say)
        if options.verify:
            command.verify()
        elif options.prune is not None:
            command.prune(ask)
        elif options.spent:
            command.spent()
        elif options.export:
            command.export()
        elif options.html or options.open:
            command.page(browse)
        else:
            command.table()


def _is_history(folder: Path) -> bool:
    return (folder / "history.sqlite").is_file()


class _Command:
    """One call of the command."""

    def __init__(self, history: History, options: argparse.Namespace, say: Callable[[str], None]) -> None:
        self.history = history
        self.options = options
        self.say = say
        self.words = " ".join(options.words)
        self.filters: dict[str, Any] = {name: getattr(options, name) for name in _FILTERS}
        self.filters["starred"] = options.starred or None
        try:
            self.found = history.count(self.words, **self.filters)
        except (TypeError, ValueError) as error:
            raise HistoryError(str(error)) from error

    # -- looking ----------------------------------------------------------------------------------------

    def table(self) -> None:
        entries = self.history.search(self.words, limit=self.options.limit or _ROWS, **self.filters)
        for line in _lines(entries):
            self.say(line)
        shown = f"{len(entries):,} of " if len(entries) < self.found else ""
        spent = text.dollars(self.history.spent())
        self.say(f"{shown}{_requests(self.found)}; {spent} spent in all; {self.history.path}")

    def spent(self) -> None:
        since = self.options.since
        if self.words or any(value is not None for name, value in self.filters.items() if name != "since"):
            raise HistoryError(f"--spent sums up all that was asked; beside it, {_ONLY_SINCE}")
        if since is not None:
            self.say(f"{text.dollars(self.history.spent(since=since))} since {since}")
            return
        today = dt.date.today()  # noqa: DTZ011 (this machine's day)
        for name, begin in (("today", today), ("this month", today.replace(day=1)), ("in all", None)):
            self.say(f"{text.dollars(self.history.spent(since=begin)):>10}  {name}")
        self.say("The sandbox is left out, and so are requests whose price is not known.")

    def page(self, browse: Callable[[str], object]) -> None:
        entries = self.history.search(self.words, limit=self.options.limit or _TILES, **self.filters)
        page = page_of(entries, self.history, found=self.found)
        given = self.options.html
        target = Path(given).expanduser().absolute() if given else self.history.path / "history.html"
        try:
            handle = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(page)
        except OSError as error:
            raise HistoryError(f"{target} cannot be written: {error.strerror or error}") from error
        self.say(f"{_requests(len(entries))} in {target}")
        if self.options.open:
            browse(target.as_uri())

    # -- copies and upkeep ------------------------------------------------------------------------------

    def export(self) -> None:
        entries = self.history.search(self.words, limit=None, **self.filters)
        try:
            manifest = self.history.export(self.options.export, entries)
        except OSError as error:
            raise HistoryError(str(error)) from error
        self.say(f"{_requests(len(entries))} exported; see {manifest}")

    def verify(self) -> None:
        self._whole()
        faults = self.history.verify()
        for fault in faults:
            whose = f", {fault.role} {fault.position} of no. {fault.entry}" if fault.entry is not None else ""
            self.say(f"{fault.problem}: {fault.path}{whose}")
        if faults:
            raise HistoryError(f"{len(faults)} of the history's files are not as they were written")
        self.say(f"All is well in {self.history.path}")

    def prune(self, ask: Callable[[str], str]) -> None:
        self._whole()
        also, days = self.options.also_starred, self.options.prune
        age = dt.timedelta(days=days)
        ended = [status for status in STATUSES if status != "running"]
        count = self.history.count(until=age, status=ended, starred=None if also else False)
        if not count:
            self.say(f"Nothing is older than {days:g} days{'' if also else ' and has no star'}.")
            return
        about = f"{_requests(count)} older than {days:g} days, with all images"
        if not self.options.yes:
            if not sys.stdin.isatty():
                raise HistoryError(f"this would throw away {about}: say so with --yes")
            stars = "with or without a star" if also else "what has a star stays"
            if ask(f"Throw away {about} ({stars})? [y/N] ").strip().lower() not in ("y", "yes"):
                self.say("Nothing was thrown away.")
                return
        gone = self.history.prune(older_than=age, keep_starred=not also)
        room = f"{gone.bytes / 1e6:,.1f} MB"
        files = f"{gone.files:,} {'file' if gone.files == 1 else 'files'}"
        self.say(f"{_requests(gone.entries)} and {files} thrown away: {room} of room made.")

    def _whole(self) -> None:
        if self.words or any(value is not None for value in self.filters.values()):
            raise HistoryError("--verify and --prune concern the whole history: leave words and filters out")


def _requests(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'}"


def _lines(entries: Sequence[Entry]) -> Iterator[str]:
    if not entries:
        return
    head = ("NO.", "WHEN", "IMAGES", "COST", "PROVIDER", "MODEL", "PROMPT")
    rows = [head, *map(_row, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    room = max(20, shutil.get_terminal_size((160, 24)).columns - sum(widths) - 2 * len(widths))
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, text.shorten(row[-1], room)]).rstrip()
    yield ""


def _row(entry: Entry) -> tuple[str, ...]:
    outcome = "" if entry.status == "done" else STATUS_WORDS[entry.status]
    count = str(len(entry.images)) if entry.images else ""
    return (
        str(entry.id),
        f"{entry.created:%Y-%m-%d %H:%M}",
        ", ".join(filter(None, [count, outcome])),
        "-" if entry.cost is None else text.dollars(entry.cost),
        text.one_line(entry.provider, 20),
        # A model's name and a prompt may hold what a terminal would obey.
        text.one_line(entry.model, 40),
        ("★ " if entry.starred else "") + text.one_line(entry.prompt),
    )
