"""The Studio: the whole toolkit in one cell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from IPython.display import publish_display_data

from imgwidgets.catalog import ENDPOINTS, ImageRequest, check
from imgwidgets.client import Client
from imgwidgets.errors import ImageInputError, ParameterError
from imgwidgets.images import Mask
from imgwidgets.widgets.page import in_notebook
from imgwidgets.widgets.picker.state import PickerState
from imgwidgets.widgets.studio.comms import free
from imgwidgets.widgets.studio.hands import Hands
from imgwidgets.widgets.studio.inputs import read_images
from imgwidgets.widgets.studio.replaced import replaces
from imgwidgets.widgets.studio.still import still_html

if TYPE_CHECKING:
    from pathlib import Path

    from imgwidgets.widgets.grid.grid import ResultGrid
    from imgwidgets.widgets.painter.painter import MaskPainter
    from imgwidgets.widgets.picker.picker import ParameterPicker

__all__ = ["Studio"]


class Studio(Hands):
    """Prompt, parameters, painter, results, sweeps and history in one cell.

    Left is what is asked, right is what came. Requests run on a thread of their own, one after another,
    so the kernel stays free; results are in the history before anything shows them.

    Parameters
    ----------
    client : Client, optional
        Asks for its own provider: with its key, address and history. Other providers, once chosen, get
        clients of their own. Where a provider has no key, the Studio says where it looked, and the
        sandbox answers in its place; ``iw.set_key`` is noticed at once.
    provider : str, optional
        Chosen at first. Default: the client's, else ``IMGWIDGETS_PROVIDER``, else the sandbox.
    model : str, optional
        Chosen at first. Default: the provider's.
    prompt : str, default ""
        Stands in the prompt box at first.
    folder : str or path, default "images"
        Where Save, and the pictures that *Copy as Python* names, are written.
    remember : bool, default False
        Whether model and parameters are those that were used last.

    Attributes
    ----------
    result : ImageResult or None
        What came last. Set one to show it; observe it to hear of each.
    image : object or None
        What an edit starts from, as it was given: whatever ``client.edit`` takes, or a list of them for
        an edit of several; None for none. Set it to go on with another.
    mask : Mask or None
        What is painted on the (first) image; None without an image. Set it, or observe it.

    Raises
    ------
    CatalogError, ParameterError
        Where there is no such provider or model.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> client = iw.Client(history=False)
    >>> studio = iw.Studio(client=client, prompt="a red fox in snow")
    >>> studio.picker.value = {"quality": "low"}
    >>> studio.request.parameters
    {'quality': 'low'}
    >>> studio.run()                # as a click on Generate: it returns at once
    >>> studio.wait()
    True
    >>> studio.result[0].size
    (1024, 1024)
    >>> studio.image = studio.result[0]
    >>> studio.mask = iw.Mask.blank((1024, 1024)).rectangle((300, 100, 700, 400))
    >>> studio.request.endpoint, studio.request.mask.size
    ('edits', (1024, 1024))
    >>> studio.close()
    >>> client.close()
    """

    def __init__(  # noqa: PLR0913 (the public options)
        self,
        *,
        client: Client | None = None,
        provider: str | None = None,
        model: str | None = None,
        prompt: str = "",
        folder: str | Path = "images",
        remember: bool = False,
    ) -> None:
        if client is not None and not isinstance(client, Client):
            raise TypeError(f"client is {type(client).__name__}; a Studio needs an imgwidgets.Client")
        if provider is None and client is not None:
            provider = client.provider.name
        super().__init__(
            client, folder=os.fspath(folder), provider=provider, model=model, prompt=prompt, remember=remember
        )

    # -- its parts ---------------------------------------------------------------------------------------

    @property
    def picker(self) -> ParameterPicker:
        """Provider, model, prompt and parameters."""
        return self._screen.picker

    @property
    def grid(self) -> ResultGrid:
        """The results."""
        return self._screen.grid

    @property
    def painter(self) -> MaskPainter | None:
        """What the mask is painted with; None until there is an image with pixels."""
        if self._screen.edit.painter is None and self._given:
            self._screen.edit.ready()
            free(self)
        return self._screen.edit.painter

    # -- what is on the screen ---------------------------------------------------------------------------

    @property
    def request(self) -> ImageRequest:
        """What the button would send now. Set one to put all of it on the screen, its pictures too.

        Raises
        ------
        ParameterError, CatalogError, ImageInputError
            Where one is set that cannot be shown.
        """
        return self._request()

    @request.setter
    def request(self, request: ImageRequest) -> None:
        if not isinstance(request, ImageRequest):
            raise TypeError(f"request is {type(request).__name__}; it needs an ImageRequest")
        # All that can be wrong is looked at before anything is changed.
        given = read_images(request.images) if request.images else ()
        mask = Mask.from_image(request.mask.data) if request.mask and request.mask.data else None
        if mask is not None and (not given or mask.size != given[0].sent.size):
            raise ImageInputError("the request's mask has another size than its first image")
        if request.markup is not None:
            raise ImageInputError("markup cannot be shown again: request.replace(markup=None) leaves it out")
        trial = PickerState(request.model, endpoint=request.endpoint, provider=request.provider)
        trial.assign({**request.parameters, "model": request.model})
        self._mask_mode()
        picker = self.picker
        picker.endpoint = ENDPOINTS[0]  # where every provider has models
        picker.provider = request.provider
        picker.model = request.model
        picker.endpoint = request.endpoint
        picker.value = {"model": request.model, **request.parameters}
        picker.prompt = request.prompt
        if given:
            self._go_on(given, mask)
        else:
            self._show()

    def code(self) -> str:
        """Give the cell that does what is on the screen; :meth:`save_inputs` writes the pictures it names."""
        return self._code(self._request())

    def save_inputs(self) -> list[Path]:
        """Write the pictures that :meth:`code` names, where they are not files already.

        Raises
        ------
        OSError
            Where they cannot be written.
        """
        return self._write_inputs()

    def undo(self) -> None:
        """Go back to the image, and the mask, that were there before."""
        self._step(-1)

    def redo(self) -> None:
        """Go forth again to what was undone."""
        self._step(1)

    # -- requests ----------------------------------------------------------------------------------------

    def run(self, request: ImageRequest | None = None) -> None:
        """Send what is on the screen, as the button does; it returns at once, and further ones queue.

        Parameters
        ----------
        request : ImageRequest, optional
            Another one.

        Raises
        ------
        ParameterError
            Where something is missing or not valid; nothing is sent.
        RuntimeError
            After :meth:`close`.
        """
        request = self._request() if request is None else request
        problems = check(request)
        if problems:
            raise ParameterError(problems)
        self._ask(request)

    def stop(self) -> None:
        """End the request that is on its way; what waits behind it begins."""
        self._work.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all that was sent has been answered.

        Parameters
        ----------
        timeout : float, optional
            Seconds; default: for ever.

        Returns
        -------
        bool
            Whether nothing is on its way any more.
        """
        return self._work.join(timeout)

    def close(self, *, stop: bool = True) -> None:
        """End it: no further request is sent, and the screen goes away. What came can still be read.

        Parameters
        ----------
        stop : bool, default True
            Whether a request that is on its way is stopped; else it ends by itself, into the history.
        """
        if not hasattr(self, "_deaf") or self._closed:
            return
        self._closed = True
        self._deaf()
        self._work.close(stop=stop)
        self._clients.close()
        for widget in _children_of(self):
            widget.close()
        super().close()

    # -- shown -------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        count = sum(item.shown is not None for item in self.grid.items)
        running = self._work.waiting + (self._work.running is not None)
        tail = f", {running} on the way" if running else ""
        images = f"{count} image{'' if count == 1 else 's'}"
        return f"<Studio {self.picker.provider}, {self.picker.model}: {images}{tail}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not in_notebook():
            return {"text/plain": repr(self)}
        for old in replaces(self):
            old.close(stop=False)  # what is paid for shall arrive, if only in the history
        still = still_html(self._request(), self.grid.images)
        publish_display_data({"text/html": still})  # type: ignore[no-untyped-call]
        free(self)
        return super()._repr_mimebundle_(**kwargs)


def _children_of(box: Any) -> list[Any]:
    """Give what stands in a box, the innermost first; what widgets share with others is left alone."""
    found = []
    for child in getattr(box, "children", ()):
        found += [*_children_of(child), child]
    return found
