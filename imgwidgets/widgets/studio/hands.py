"""What people do with the Studio on its screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgwidgets.errors import ImageInputError
from imgwidgets.history import History
from imgwidgets.widgets.history.view import HistoryView
from imgwidgets.widgets.picker.controls import html
from imgwidgets.widgets.studio.comms import free
from imgwidgets.widgets.studio.core import Core
from imgwidgets.widgets.studio.inputs import Uploads, read_images, result_image
from imgwidgets.widgets.studio.part import said
from imgwidgets.widgets.studio.screen import TABS, Screen
from imgwidgets.widgets.sweep.builder import SweepBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client import Client

__all__ = ["Hands"]

_NO_HISTORY = (
    '<div class="iws-empty"><strong>Nothing is written down</strong>'
    "<p>This Studio's client has <code>history=False</code>: what comes is in this notebook only.</p></div>"
)


class Hands(Core):
    """Clicks, drops and pastes; use :class:`~imgwidgets.Studio`."""

    def __init__(self, client: Client | None, *, folder: str, **picker: Any) -> None:
        self._uploads = Uploads()
        self._tab = TABS[0]
        screen = Screen(
            failed=self._fail,
            picker=picker,
            folder=folder,
            edit={"painted": self._painted, "use": lambda image: self._use([image])},
        )
        super().__init__(screen, client)
        screen.mode.on("endpoint", self._endpoint_clicked)
        clicks: dict[str, Callable[..., Any]] = {
            "upload": self._upload,
            "undo": lambda: self._step(-1),
            "redo": lambda: self._step(1),
            "paint": lambda: self._turn_to("edit"),
            "remove": self._remove,
            "clear_mask": self._clear_mask,
        }
        for action, callback in clicks.items():
            screen.inputs.on(action, callback)
        screen.run.on("run", self._run_clicked)
        screen.run.on("stop", self._work.stop)
        screen.run.on("drop", self._work.drop)
        screen.tabs.on("tab", self._tab_clicked)
        screen.tabs.on("copied", self._write_inputs)
        self._offer(screen.grid)

    def _offer(self, grid: Any) -> None:
        """Offer on the tiles of a grid what can be done with them here."""
        grid.on_action("use", self._use)
        grid.on_action("edit", self._edit)

    # -- left --------------------------------------------------------------------------------------------

    def _endpoint_clicked(self, endpoint: str) -> None:
        self._screen.picker.endpoint = endpoint

    def _run_clicked(self) -> None:
        request = self._request()
        missing = _missing(request)
        if missing:
            self._screen.run.show(error=missing)
            return
        self.run(request)
        if self._tab not in ("results", "edit") or (self._tab == "edit" and request.endpoint != "edits"):
            self._turn_to("results")

    def run(self, request: ImageRequest | None = None) -> None:
        """Send a request; see :class:`~imgwidgets.Studio`."""
        raise NotImplementedError

    def _upload(self, *, token: str, name: str, part: list[int], buffers: Sequence[Any]) -> None:
        """Take a piece of a file: ``part`` is (where it begins, how long the file is)."""
        try:
            data = self._uploads.take(token, bytes(buffers[0]), offset=int(part[0]), total=int(part[1]))
            if data is None:
                return
            new = read_images(result_image(data, name))
        except ImageInputError as error:
            self._screen.inputs.show(error=said(error))
            return
        self._screen.inputs.show(error="")
        self._go_on((*self._given, *new), self._trail.now.mask)

    def _remove(self, key: str) -> None:
        left = tuple(one for one in self._given if one.key != key)
        same = bool(left) and left[0] is self._given[0]
        self._go_on(left, self._trail.now.mask if same else None)

    def _clear_mask(self) -> None:
        painter = self._screen.edit.painter
        if painter is not None:
            painter.clear()
        else:
            self.mask = None

    def _step(self, way: int) -> None:
        with self._lock:
            before = self._trail.now
            after = self._trail.back() if way < 0 else self._trail.forth()
            if after is not before:
                self._put()

    # -- right -------------------------------------------------------------------------------------------

    def _use(self, images: list[Any]) -> None:
        """Go on with results."""
        if images:
            self._go_on(read_images(images))

    def _edit(self, images: list[Any]) -> None:
        self._use(images)
        self._turn_to("edit")

    def _turn_to(self, tab: str) -> None:
        self._screen.turn_to(tab)
        self._tab_clicked(tab)

    def _tab_clicked(self, tab: str) -> None:
        if tab not in TABS:
            raise ValueError(f"there is no tab {tab!r}")
        self._tab = tab
        fill = {
            "edit": self._screen.edit.ready,
            "sweep": self._fill_sweep,
            "history": self._fill_history,
        }.get(tab)
        if fill is not None:
            fill()
            free(self)

    def _fill_sweep(self) -> None:
        """Make the builder, or let it go on with what is on the left now."""
        picker, sweep = self._screen.picker, self._screen.sweep
        answerer = self._clients.answerer(picker.provider)
        # A sweep names its provider: where the sandbox only stands in, the builder says what is missing.
        client = None if answerer.stands_in else answerer.client
        if not sweep.children:
            sweep.children = [SweepBuilder(picker, client=client)]
        builder = sweep.children[0]
        builder.client = client
        mask = self._trail.now.mask
        inputs = {"image": self.image, "mask": mask if mask is not None and mask.area else None}
        builder.inputs = inputs if picker.endpoint == "edits" and self._given else {}

    def _follow(self) -> None:
        if self._tab == "sweep" and self._screen.sweep.children:
            self._fill_sweep()

    def _fill_history(self) -> None:
        if not self._screen.history.children:
            history = self._clients.history
            if history is False:
                self._screen.history.children = [html(_NO_HISTORY)]
                return
            view = HistoryView(history if isinstance(history, History) else None)
            self._offer(view.grid)
            self._screen.history.children = [view]

    def _write_inputs(self) -> list[Path]:
        """Write the pictures that the code names."""
        written = []
        for path, data in self._files(self._request()).write.items():
            target = Path(path).expanduser()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            written.append(target)
        return written


def _missing(request: ImageRequest) -> str:
    """Say what a request still needs, in words for the screen."""
    if request.endpoint == "edits" and not request.images:
        return "Add an image to edit: upload, drop or paste one, or choose Use on a result."
    if not request.prompt.strip():
        return "Write a prompt first: what shall the picture show?"
    return ""
