"""The history in a notebook: search it, look at what is found, ask again, take it along."""

from __future__ import annotations

import datetime as dt
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as widgets
import traitlets as t

from imgwidgets.history import History, shared
from imgwidgets.history.rows import STATUSES
from imgwidgets.widgets import text
from imgwidgets.widgets.grid.grid import ResultGrid
from imgwidgets.widgets.history.code import code_of
from imgwidgets.widgets.history.folder import open_folder
from imgwidgets.widgets.page import STATIC, joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.history import Entry

__all__ = ["HistoryView"]

PAGE = 48
"""Requests on one page."""

_ENDED = tuple(status for status in STATUSES if status != "running")
_FILTERS = ("model", "provider", "status", "since", "until", "min_cost", "max_cost", "starred")
_PATIENCE = 1.0  # seconds between two looks for what is new; a look costs less than 0.1 ms
_NOTHING: dict[str, Any] = {
    "found": 0,
    "page": 0,
    "pages": 1,
    "shown": 0,
    "running": 0,
    "spent": "",
    "today": "",
    "models": [],
    "providers": [],
    "place": "",
    "notice": "",
    "error": "",
    "code": "",
    "fresh": 0,
}


class _Bar(anywidget.AnyWidget):
    """What stands above the grid: it shows a state and says what is wanted."""

    _esm = joined("history_kit.js", "history.js")
    _wish = t.Dict().tag(sync=True)
    _state = t.Dict(_NOTHING).tag(sync=True)

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._heard = heard
        self.on_msg(self._receive)

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if isinstance(message, dict):
            self._heard(message)

    def show(self, **changes: Any) -> None:
        """Change some of what is shown."""
        self._state = {**self._state, **changes}


class HistoryView(widgets.VBox):
    """All requests that were made, newest first: a search, filters and a grid of what is found.

    A page holds 48 requests; only that page is read, so that a history of a hundred thousand opens as fast
    as one of a hundred. What is new appears by itself. Requests that are still running are counted, and
    come into the grid when they have ended.

    Parameters
    ----------
    history : History, optional
        Default: the one in its usual place.

    Attributes
    ----------
    grid : ResultGrid
        The images of the page that is shown; stars and ratings are kept in the history.
    entries : list of Entry
        The requests of that page.
    found : int
        How many requests there are on all pages.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> from imgwidgets.widgets import HistoryView
    >>> with tempfile.TemporaryDirectory() as folder, iw.History(folder) as history:
    ...     with iw.Client("sandbox", history=history) as client:
    ...         for animal in ("fox", "owl"):
    ...             result = client.generate(f"a red {animal}", model="gpt-image-2", quality="low")
    ...     view = HistoryView(history)
    ...     print(view.found, [entry.prompt for entry in view.search("owl")], len(view.grid.images))
    ...     view.close()
    2 ['a red owl'] 1
    """

    def __init__(self, history: History | None = None) -> None:
        if history is not None and not isinstance(history, History):
            raise TypeError(f"history is {type(history).__name__}; give a History, or None for the usual one")
        self._given = history
        self._lock = threading.RLock()
        self._asked: dict[str, Any] = {}
        self._words = ""
        self._page = 0
        self._entries: list[Entry] = []
        self._seen: tuple[int, ...] = ()
        self._stop = threading.Event()
        self._bar = _Bar(self._receive)
        self.grid = ResultGrid(static=False)
        self.grid.sort_by = "-time"  # what comes while one looks stands first
        style = widgets.HTML(f"<style>{(STATIC / 'history.css').read_text(encoding='utf-8')}</style>")
        style.layout.display = "none"
        super().__init__([style, self._bar, self.grid])
        self.add_class("iw-history")
        self._guarded(self.refresh)
        threading.Thread(target=_follow, args=(weakref.ref(self), self._stop), daemon=True).start()

    # -- for people --------------------------------------------------------------------------------------

    @property
    def history(self) -> History:
        """What is looked at.

        Raises
        ------
        HistoryError
            Where it cannot be opened.
        """
        return self._given if self._given is not None else shared()

    @property
    def entries(self) -> list[Entry]:
        """The requests of the page that is shown, the newest first."""
        with self._lock:
            return list(self._entries)

    @property
    def found(self) -> int:
        """How many requests there are on all pages."""
        return int(self._bar._state["found"])  # noqa: SLF001 (its own module)

    def search(self, text: str = "", **filters: Any) -> list[Entry]:
        """Show what is found, as if typed and chosen on the page.

        Parameters
        ----------
        text : str
            Words that all occur in prompt or model.
        **filters
            ``model``, ``provider``, ``status``, ``since``, ``until``, ``min_cost``, ``max_cost`` and
            ``starred``, as :meth:`imgwidgets.History.search` takes them.

        Returns
        -------
        list of Entry
            Those of the first page.

        Raises
        ------
        TypeError, ValueError
            For an unknown filter, or a value that is none.
        HistoryError
            Where the history cannot be read.
        """
        unknown = [name for name in filters if name not in _FILTERS]
        if unknown:
            raise TypeError(f"search() takes no {', '.join(unknown)}; it takes {', '.join(_FILTERS)}")
        asked = {name: value for name, value in filters.items() if value not in (None, "")}
        with self._lock:
            self.history.count(text, **asked)  # a wrong value is said before anything changes
            self._words, self._asked, self._page = text, asked, 0
            self._bar._wish = {"text": text, **{k: _shown(v) for k, v in asked.items()}}  # noqa: SLF001 (its own module)
            self.refresh()
            return self.entries

    def refresh(self) -> None:
        """Read the page anew.

        Raises
        ------
        HistoryError
            Where the history cannot be read.
        """
        with self._lock:
            self._count()
            pages = self._bar._state["pages"]  # noqa: SLF001 (its own module)
            self._page = min(max(self._page, 0), pages - 1)
            self._entries = self._read()
            self.grid.clear()
            self.grid.add(self._entries)
            self._bar.show(page=self._page, shown=len(self._entries), fresh=0, error="", notice="", code="")

    def go_to(self, page: int) -> None:
        """Show another page, counted from 0; one that does not exist becomes the nearest."""
        with self._lock:
            self._page = page
            self.refresh()

    def code(self) -> str:
        """Give Python that asks again for what is selected in the grid, inputs and masks included.

        Raises
        ------
        ValueError
            Where nothing is selected.
        """
        numbers = list(dict.fromkeys(image.kept.entry for image in self.grid.selected if image.kept))
        if not numbers:
            raise ValueError("Select images first: click the circle on a tile, or Ctrl-click it.")
        return code_of([self.history.entry(number) for number in numbers], self.history)

    def export(self, folder: str | Path | None = None) -> Path:
        """Copy what is selected, or else all that was found, into a folder, with ``manifest.json``.

        Parameters
        ----------
        folder : str or path, optional
            Default: ``history-`` and the time, in the working directory.

        Returns
        -------
        pathlib.Path
            The folder.
        """
        target = Path(folder) if folder is not None else Path(f"history-{time.strftime('%Y%m%d-%H%M%S')}")
        picked = {image.kept.entry for image in self.grid.selected if image.kept}
        if picked:
            entries = [self.history.entry(number) for number in sorted(picked)]
        else:
            entries = self.history.search(self._words, limit=None, **self._wanted())
        self.history.export(target, entries)
        return target

    def close(self) -> None:
        """Stop looking for what is new, and remove the view from the page."""
        if hasattr(self, "_stop"):
            self._stop.set()
            self.grid.close()
            self._bar.close()
        super().close()

    # -- reading -----------------------------------------------------------------------------------------

    def _wanted(self) -> dict[str, Any]:
        return {"status": _ENDED, **self._asked}

    def _read(self) -> list[Entry]:
        return self.history.search(self._words, limit=PAGE, offset=self._page * PAGE, **self._wanted())

    def _count(self) -> None:
        history = self.history
        self._seen = history.version
        found = history.count(self._words, **self._wanted())
        total, today = history.spent(), history.spent(since=dt.date.today())  # noqa: DTZ011 (this machine's day)
        self._bar.show(
            found=found,
            pages=max(1, -(-found // PAGE)),
            running=history.count(self._words, **{**self._asked, "status": "running"}),
            spent=text.dollars(total) if total else "",
            today=text.dollars(today) if today else "",
            models=[text.one_line(name, 80) for name in history.known("model")],
            providers=history.known("provider"),
        )

    def _look(self) -> None:
        """Take in what is new, without moving what somebody looks at."""
        with self._lock:
            if self._stop.is_set() or self.history.version == self._seen:
                return
            before = self.found
            self._count()
            if self._page:
                fresh = self._bar._state["fresh"] + max(0, self.found - before)  # noqa: SLF001 (its own module)
                self._bar.show(fresh=fresh)
                return
            known = {entry.id for entry in self._entries}
            new = [entry for entry in self._read() if entry.id not in known]
            if len(known) + len(new) > 2 * PAGE:
                self.refresh()
            elif new:
                self._entries = [*new, *self._entries]
                self.grid.add(new)

    # -- the page ----------------------------------------------------------------------------------------

    def _receive(self, message: dict[str, Any]) -> None:
        acts = {
            "search": lambda: self._search(message.get("wish")),
            "page": lambda: self.go_to(int(message["to"])),
            "code": lambda: self._bar.show(code=self.code(), error=""),
            "hide": lambda: self._bar.show(code=""),
            "export": self._export,
            "folder": lambda: self._bar.show(notice=open_folder(self.history.path), error=""),
        }
        act = acts.get(str(message.get("do")))
        if act is not None:
            self._guarded(act)

    def _search(self, wish: Any) -> None:
        said = dict(wish) if isinstance(wish, dict) else {}
        filters = {name: said.get(name) for name in _FILTERS}
        filters["starred"] = True if said.get("starred") else None
        self.search(str(said.get("text") or ""), **filters)

    def _export(self) -> None:
        def work() -> None:
            target = self.export()
            self._bar.show(notice=f"Exported to {text.one_line(target.resolve(), 300)}")

        self._bar.show(notice="Exporting…", error="")
        threading.Thread(target=self._guarded, args=(work,), daemon=True).start()

    def _guarded(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 (ipywidgets would print it where nobody looks)
            self._bar.show(error=text.shorten(text.plain(str(error) or type(error).__name__), 600), notice="")


def _shown(value: Any) -> Any:
    """Give a filter as the page's fields can show it; a span of time has no field."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return value if isinstance(value, str | bool | int | float) else ""


def _follow(found: weakref.ref[HistoryView], stop: threading.Event) -> None:
    """Look for what is new for as long as the view is there; rarely, where looking takes long."""
    patience = _PATIENCE
    while not stop.wait(patience):
        view = found()
        if view is None:
            return
        began = time.monotonic()
        view._guarded(view._look)  # noqa: SLF001 (its own module)
        patience = max(_PATIENCE, 10 * (time.monotonic() - began))
        del view
