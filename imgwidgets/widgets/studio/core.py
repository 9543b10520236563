"""What holds the Studio's parts together: what is worked on, what is on its way, what is shown."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
import traitlets as t

from imgwidgets.catalog import ImageInput, ImageRequest
from imgwidgets.client.key_store import on_new_key
from imgwidgets.errors import ImageInputError, ImgWidgetsError
from imgwidgets.images import ImageResult, Mask, PartialImage, ResultImage, to_input, to_mask
from imgwidgets.widgets import text
from imgwidgets.widgets.studio.clients import Clients, fitted
from imgwidgets.widgets.studio.code import Files, cell, files_for
from imgwidgets.widgets.studio.comms import free
from imgwidgets.widgets.studio.inputs import Given, folder_names, read_images
from imgwidgets.widgets.studio.part import said
from imgwidgets.widgets.studio.trail import Stage, Trail
from imgwidgets.widgets.studio.work import Task, Work, count_of, usual

if TYPE_CHECKING:
    from imgwidgets.client import Client
    from imgwidgets.widgets.studio.screen import Screen

__all__ = ["Core"]

_FOLLOWED = ("value", "endpoint", "provider", "model")


class Core(widgets.VBox):
    """The half of :class:`~imgwidgets.Studio` that people do not call; use that class."""

    result = t.Any(None, allow_none=True)
    image = t.Any(None, allow_none=True)
    mask = t.Any(None, allow_none=True)

    def __init__(self, screen: Screen, client: Client | None) -> None:
        # One lock for what callbacks touch, which come from any thread; nothing is sent while it is held.
        self._lock = threading.RLock()
        self._screen = screen
        self._clients = Clients(client)
        self._work = Work(self._show_work)
        self._trail = Trail()
        self._next: tuple[Given, ...] = ()  # what was read when an image was checked
        self._setting = False  # while traits are set from here, what they tell is an echo
        self._closed = False
        self._asked: Counter[str] = Counter()  # request -> images that were asked for
        self._encoded: tuple[Any, ImageInput | None] = (None, None)  # the last mask or markup as a file
        super().__init__(screen.parts)
        self.add_class("iws")
        screen.picker.observe(self._picked, _FOLLOWED)
        screen.picker.observe(lambda _: self._show(), "prompt")
        screen.grid.observe(lambda _: screen.show_results(len(screen.grid)))
        self._deaf = on_new_key(self._new_key)
        self._show()
        free(self)

    # -- what is worked on -------------------------------------------------------------------------------

    @property
    def _given(self) -> tuple[Given, ...]:
        return self._trail.now.given

    @t.validate("image")
    def _check_image(self, proposal: Any) -> Any:
        image = proposal["value"]
        if not self._setting:
            self._next = read_images(image)
        return image

    @t.observe("image")
    def _on_image(self, change: Any) -> None:
        if not self._setting:  # None is set without being checked
            self._go_on(() if change["new"] is None else self._next)

    @t.validate("mask")
    def _check_mask(self, proposal: Any) -> Any:
        mask = proposal["value"]
        if self._setting:
            return mask
        size = self._given[0].sent.size if self._given else None
        if size is None:
            raise ImageInputError("there is nothing to paint on yet: set studio.image first")
        if isinstance(mask, np.ndarray):
            mask = Mask.from_array(mask)
        found: Mask = mask if isinstance(mask, Mask) else Mask.from_image(mask)
        if found.size != size:
            raise ImageInputError(
                f"the mask is {found.size[0]}x{found.size[1]}, but the image is {size[0]}x{size[1]}; "
                "mask.resize(size) makes it fit"
            )
        return found

    @t.observe("mask")
    def _on_mask(self, change: Any) -> None:
        if self._setting:
            return
        with self._lock:
            self._trail.note(change["new"])
            self._mask_mode()
            self._put(whole=False)

    @t.validate("result")
    def _check_result(self, proposal: Any) -> Any:
        result = proposal["value"]
        images = list(result) if _many(result) else [result]
        if not images or not all(isinstance(image, ResultImage) for image in images):
            raise TypeError(
                f"result is {type(result).__name__}; it needs an ImageResult, or one ResultImage or more"
            )
        return result

    @t.observe("result")
    def _on_result(self, change: Any) -> None:
        result = change["new"]
        if result is not None and not self._setting:
            shown = {id(image) for image in self._screen.grid.images}
            missing = [image for image in result if id(image) not in shown] if _many(result) else [result]
            if missing:
                self._screen.grid.add(result)

    def _go_on(self, given: tuple[Given, ...], mask: Any = None) -> None:
        """Work on other images."""
        with self._lock:
            self._trail.go_on(Stage(given, mask))
            self._put()

    def _put(self, *, whole: bool = True) -> None:
        """Bring the screen in line with the present stage, or with its mask alone."""
        with self._lock:
            given, mask = self._given, self._trail.now.mask
            size = given[0].sent.size if given else None
            if mask is None and size is not None and given[0].sent.data is not None:
                mask = Mask.blank(size)
                self._trail.note(mask)
            self._screen.edit.show(given, mask)
            if whole:
                self._screen.edit.forget()
                self._screen.inputs.show_pictures({one.key: one.small for one in given if one.small})
        self._set(mask=mask)
        if whole:
            images = [one.image for one in given]
            self._set(image=images[0] if len(images) == 1 else (images or None))
        self._show()
        if whole:
            self._follow_endpoint()
            self._follow()

    def _follow_endpoint(self) -> None:
        """Images are there to be edited."""
        wanted = "edits" if self._given else "generations"
        try:
            if self._screen.picker.endpoint != wanted:
                self._screen.picker.endpoint = wanted
        except ImgWidgetsError as error:
            self._fail(error)

    def _set(self, **traits: Any) -> None:
        """Set traits from here; who observes them hears of it, and nothing else happens."""
        with self._lock:
            before, self._setting = self._setting, True
            try:
                for name, value in traits.items():
                    self.set_trait(name, value)
            finally:
                self._setting = before

    def _mask_mode(self) -> None:
        """Leave markup: a mask that is set from Python is what is sent, even where marks were being drawn."""
        painter = self._screen.edit.painter
        if painter is not None and painter.mode != "mask":
            painter.mode = "mask"

    def _painted(self, mask: Mask) -> None:
        """Take up what was painted by hand."""
        with self._lock:
            self._trail.note(mask)
        self._set(mask=mask)
        self._show()

    # -- what is asked -----------------------------------------------------------------------------------

    def _request(self) -> ImageRequest:
        picker = self._screen.picker
        with self._lock:
            parameters = dict(picker.value)
            model = parameters.pop("model")
            endpoint: Any = picker.endpoint
            inputs: dict[str, Any] = {}
            if endpoint == "edits" and self._given:
                inputs = {"images": tuple(one.sent for one in self._given), **self._drawn()}
            return ImageRequest(
                prompt=picker.prompt,
                model=model,
                provider=picker.provider,
                endpoint=endpoint,
                parameters=parameters,
                **inputs,
            )

    def _drawn(self) -> dict[str, ImageInput]:
        """Give the mask or the markup as it is sent; nothing where nothing is painted."""
        painter = self._screen.edit.painter
        marking = painter is not None and painter.mode == "markup"
        drawn = painter.marks if marking and painter is not None else self._trail.now.mask
        if drawn is None or not (drawn if marking else drawn.area):
            return {}
        if self._encoded[0] is not drawn:
            file = to_input(painter.markup, what="markup") if marking and painter else to_mask(drawn)
            self._encoded = drawn, file
        found = self._encoded[1]
        return {} if found is None else {"markup" if marking else "mask": found}

    def _ask(self, request: ImageRequest) -> None:
        """Put tiles into the grid and a task into the queue."""
        task: Task

        def again() -> None:
            task.again()
            self._work.submit(task)

        tiles = self._screen.grid.expect(
            count_of(request),
            prompt=request.prompt,
            model=request.model,
            parameters=dict(request.parameters),
            usual_seconds=usual(request),
            request=request,
            retry=again,
        )
        mask = self._trail.now.mask if request.mask is not None else None
        with self._lock:
            take = self._asked[request.key]
            self._asked[request.key] += count_of(request)
        task = Task(
            request,
            client=lambda: self._clients.answerer(request.provider, fresh=True).client,
            tiles=tiles,
            take=take,
            came=lambda event: self._came(request, mask, event),
        )
        self._work.submit(task)

    def _came(self, request: ImageRequest, mask: Any, event: PartialImage | ImageResult) -> None:
        """Take up what came: on the thread of the request."""
        try:
            before = request.images[0].data if request.images else None
            if before is not None and self._given and self._given[0].sent.data == before:
                images = list(event) if isinstance(event, ImageResult) else [event]
                self._screen.edit.compare(before, mask, images)
            if isinstance(event, ImageResult):
                self._set(result=event)
                self._show()
        except Exception as error:  # noqa: BLE001 (an observer's: the images are there all the same)
            self._fail(error)

    # -- what is shown -----------------------------------------------------------------------------------

    def _fail(self, error: BaseException) -> None:
        self._screen.run.show(error=said(error))

    def _picked(self, _: Any) -> None:
        self._show()
        self._follow()
        free(self)  # other models have other controls

    def _follow(self) -> None:
        """Bring a tab that depends on what is on the left in line with it."""

    def _new_key(self, provider: str) -> None:
        self._clients.forget(provider)
        self._show()

    def _show(self) -> None:
        """Bring all parts but the widgets in line."""
        if self._closed:
            return
        screen, picker = self._screen, self._screen.picker
        with self._lock:
            given, edits = self._given, picker.endpoint == "edits"
            answerer = self._clients.answerer(picker.provider)
            notice = (
                f"{answerer.reason} Until then the sandbox answers, for free." if answerer.stands_in else ""
            )
            screen.mode.show(endpoint=picker.endpoint, notice=text.plain(notice[:1].upper() + notice[1:]))
            screen.inputs.show(
                used=edits,
                images=[one.shown for one in given],
                mask=self._mask_words() if edits else "",
                hint="or drop, or paste" if edits or given else "or drop or paste an image to edit it",
                can_undo=self._trail.can_go_back,
                can_redo=self._trail.can_go_forth,
            )
            free_of_charge = answerer.client.provider.embedded
            request = self._request()
            screen.run.show(
                label=_label(request),
                price=_price(picker.estimate, request, free=free_of_charge),
                error="",
            )
            screen.tabs.show(code=self._code(request))

    def _mask_words(self) -> str:
        painter = self._screen.edit.painter
        if painter is not None and painter.mode == "markup":
            return f"{len(painter.marks)} marks are sent as markup" if painter.marks else ""
        mask = self._trail.now.mask
        if mask is None or not mask.area:
            return ""
        share = mask.area / (mask.size[0] * mask.size[1])
        return f"Mask: {share:.1%} may change" if share >= 0.001 else "Mask: a few pixels may change"

    def _show_work(self) -> None:
        task = self._work.running
        said = "" if task is not None or not self._screen.run.shows("running") else "Done."
        self._screen.run.show(
            running=task is not None,
            number=task.number if task else 0,
            began=task.began if task else 0.0,
            usual=usual(task.request) if task else None,
            waiting=self._work.waiting,
            said=said or self._screen.run.shows("said"),
        )

    # -- as Python ---------------------------------------------------------------------------------------

    def _files(self, request: ImageRequest) -> Files:
        given = self._given if request.images else ()
        return files_for(given, folder_names(given), request, self._screen.grid.folder)

    def _code(self, request: ImageRequest) -> str:
        answerer = self._clients.answerer(request.provider)
        note = f"no key for {request.provider} was found here" if answerer.stands_in else ""
        sent = fitted(request, answerer.client)
        return cell(sent, self._files(request), client=answerer.client, note=note)


def _many(result: Any) -> bool:
    return not isinstance(result, ResultImage) and hasattr(result, "__iter__")


def _label(request: ImageRequest) -> str:
    word = "Edit" if request.endpoint == "edits" else "Generate"
    count = count_of(request)
    return f"{word} {count} images" if count > 1 else word


def _price(estimate: tuple[float, float] | None, request: ImageRequest, *, free: bool) -> str:
    """Say what a request costs, or would cost where the sandbox does not answer."""
    if estimate is None:
        return "Free: the sandbox answers" if free else "No price known"
    low, high = map(text.dollars, estimate)
    count = count_of(request)
    said = f"about {low}" if low == high else f"about {low} to {high}"
    if count > 1:
        said += f" for {count} images"
    return f"Free in the sandbox, else {said}" if free else said.capitalize()
