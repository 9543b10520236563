"""imgwidgets: Jupyter widgets over a thin client for image-generation APIs.

One idea holds it together: what a model accepts is data, written once. The rooms, from the bottom up;
a room imports only from rooms below it:

=============  =======================================================================
``catalog``    what each provider's models accept, cost and refuse
``images``     pixels: result images, masks, thumbnails, file formats
``history``    what was asked and what came back: SQLite and files named by their content
``sandbox``    the embedded provider: HTTP app, renderer, faults on demand
``client``     a request on its way: shape it, send it, read the reply, name the error
``sweep``      many requests at once: plan, price, pace, run, resume, look
``widgets``    picker, painter, grid; the only room that knows Jupyter
=============  =======================================================================

The public names are loaded when they are first used, so that ``import imgwidgets`` stays quick and a
script without Jupyter never loads a widget.

Examples
--------
>>> import imgwidgets as iw
>>> client = iw.Client()                       # no key needed: the sandbox
>>> result = client.generate("a red fox in snow", model="gpt-image-2", size="1024x1024", quality="low")
>>> result[0].size
(1024, 1024)
>>> client.close()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "AsyncClient": "imgwidgets.client",
    "BlindTest": "imgwidgets.widgets",
    "Client": "imgwidgets.client",
    "History": "imgwidgets.history",
    "ImageRequest": "imgwidgets.catalog",
    "ImageResult": "imgwidgets.images",
    "Mask": "imgwidgets.images",
    "MaskPainter": "imgwidgets.widgets",
    "ParameterPicker": "imgwidgets.widgets",
    "PartialImage": "imgwidgets.images",
    "ResultGrid": "imgwidgets.widgets",
    "ResultImage": "imgwidgets.images",
    "Sandbox": "imgwidgets.sandbox",
    "Studio": "imgwidgets.widgets",
    "Sweep": "imgwidgets.sweep",
    "blind_test": "imgwidgets.widgets",
    "compare_edit": "imgwidgets.images",
    "models": "imgwidgets.catalog",
    "outpaint": "imgwidgets.images.outpaint",
    "sample": "imgwidgets.sweep",
    "set_key": "imgwidgets.client",
    "zip_axes": "imgwidgets.sweep",
}
_MODULES = ("catalog", "errors")

__all__ = [
    "AsyncClient",
    "BlindTest",
    "Client",
    "History",
    "ImageRequest",
    "ImageResult",
    "Mask",
    "MaskPainter",
    "ParameterPicker",
    "PartialImage",
    "ResultGrid",
    "ResultImage",
    "Sandbox",
    "Studio",
    "Sweep",
    "__version__",
    "blind_test",
    "catalog",
    "compare_edit",
    "errors",
    "models",
    "outpaint",
    "sample",
    "set_key",
    "zip_axes",
]

if TYPE_CHECKING:
    from imgwidgets import catalog, errors
    from imgwidgets.catalog import ImageRequest, models
    from imgwidgets.client import AsyncClient, Client, set_key
    from imgwidgets.history import History
    from imgwidgets.images import ImageResult, Mask, PartialImage, ResultImage, compare_edit
    from imgwidgets.images.outpaint import outpaint  # mypy takes the package's for the module of that name
    from imgwidgets.sandbox import Sandbox
    from imgwidgets.sweep import Sweep, sample, zip_axes
    from imgwidgets.widgets import BlindTest, MaskPainter, ParameterPicker, ResultGrid, Studio, blind_test


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(f"imgwidgets.{name}")
    else:
        raise AttributeError(f"module 'imgwidgets' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
