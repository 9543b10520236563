"""The live panel of a run: how it stands, its buttons, and its tiles as they come."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets as t

from imgwidgets import catalog as _catalog
from imgwidgets.sweep.plan import price_range
from imgwidgets.widgets import text
from imgwidgets.widgets.page import STATIC, joined
from imgwidgets.widgets.sweep.table import SweepTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.sweep.layout import Names
    from imgwidgets.sweep.outcome import Outcome
    from imgwidgets.sweep.run import Run

__all__ = ["RunBar", "SweepPanel"]

_OFTEN = 0.2  # seconds between two updates, at the least
_SELDOM = 1.0  # seconds, while nothing changes but the time
_ENDED = ("done", "cancelled")


class RunBar(anywidget.AnyWidget):
    """How a run stands, in one line with its buttons.

    Parameters
    ----------
    run : Run
    """

    _esm = joined("grid_kit.js", "sweep_kit.js", "sweep_bar.js")
    _css = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("grid.css", "sweep.css"))

    _now = t.Dict({}).tag(sync=True)

    def __init__(self, run: Run) -> None:
        self._run = run
        self._invalid = run.plan.counts["invalid"]
        self._trouble = ""
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._watcher: threading.Thread | None = None
        self._over = False
        super().__init__(_now=self._look())
        self.on_msg(self._receive)
        self._leave: Callable[[], None] | None = run.on_change(self._changed)
        self._watch()

    def _look(self) -> dict[str, Any]:
        """Say how the run stands now."""
        run = self._run
        progress = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in run.progress.items()
        }
        known = _catalog.current()
        providers = {cell.provider for cell in run.plan.cells_to_send}
        error = text.one_line(run.error, 600) if run.error is not None else ""
        return {
            "id": run.id,
            "state": run.state,
            "progress": progress,
            "budget": run.budget,
            "estimate": price_range(run.plan.cost) if run.plan.to_send else "",
            "images": run.plan.images,
            "confirmation": text.one_line(run.confirmation, 600),
            "trouble": self._trouble or error,
            "invalid": self._invalid,
            "free": bool(providers) and all(known.provider(name).embedded for name in providers),
        }

    # -- while it runs ----------------------------------------------------------------------------------

    def _changed(self, _index: int, _outcome: Outcome) -> None:
        self._wake.set()
        self._watch()

    def _watch(self) -> None:
        """Have a thread that tells the page, for as long as there is something to tell."""
        with self._lock:
            if self._watcher is None and not self._over:
                self._watcher = threading.Thread(
                    target=self._tell, name="imgwidgets-sweep-panel", daemon=True
                )
                self._watcher.start()

    def _tell(self) -> None:
        pause = threading.Event()
        while not self._over:
            self._wake.wait(_SELDOM)
            pause.wait(_OFTEN)  # what comes meanwhile is told together
            self._wake.clear()
            self._show()
            with self._lock:
                if not self._wake.is_set() and self._run.state in (*_ENDED, "waiting for start"):
                    self._watcher = None
                    break
        self._show()

    def _show(self) -> None:
        now = self._look()
        if not self._over and now != self._now:
            self._now = now

    # -- buttons ----------------------------------------------------------------------------------------

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        act = {
            "start": self._run.start,
            "pause": self._run.pause,
            "go_on": self._run.go_on,
            "cancel": self._run.cancel,
            "retry": self._run.retry,
        }.get(str(message.get("kind")) if isinstance(message, dict) else "")
        if act is None:
            return
        self._trouble = ""
        try:
            act()
        except Exception as error:  # noqa: BLE001 (shown here: a callback's errors are printed where nobody looks)
            self._trouble = text.one_line(str(error), 600) or type(error).__name__
        self._now = {}  # also where nothing has changed, the page draws its buttons anew
        self._show()
        self._watch()

    def close(self) -> None:
        """Stop listening, and remove the line from the page; the run goes on."""
        leave, self._leave = getattr(self, "_leave", None), None
        if leave is None:  # ipywidgets closes once more what is thrown away
            return
        self._over = True
        leave()
        self._wake.set()
        super().close()


class SweepPanel(ipywidgets.VBox):
    """A run, live: cells, spent of the budget, remaining time, buttons, and its table of tiles.

    What a run shows of itself in a notebook. Buttons: Start (where the run waits for that), Pause, Cancel,
    Retry.

    Parameters
    ----------
    run : Run
        Of a sweep.
    rows, columns, pages : str or several, optional
        As for ``run.grid``.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> with iw.Client(history=False) as client:
    ...     sweep = iw.Sweep("a {animal}", animal=["fox", "owl"], quality="low")
    ...     run = sweep.run(client, progress=False).wait()
    >>> panel = SweepPanel(run)
    >>> panel.table
    <SweepTable animal: 2 of 2 cells done>
    """

    def __init__(self, run: Run, *, rows: Names = None, columns: Names = None, pages: Names = None) -> None:
        self.run = run
        """The run."""
        self.bar = RunBar(run)
        """How it stands."""
        self.table = SweepTable(run, rows=rows, columns=columns, pages=pages)
        """Its tiles."""
        super().__init__([self.bar, self.table])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self.table.publish_static()
        return super()._repr_mimebundle_(**kwargs)

    def close(self) -> None:
        """Stop listening, and remove the panel from the page; the run goes on."""
        for part in (getattr(self, "bar", None), getattr(self, "table", None)):
            if part is not None:
                part.close()
        super().close()

    def __repr__(self) -> str:
        return f"<SweepPanel of {self.run!r}>"
