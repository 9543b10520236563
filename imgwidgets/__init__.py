"""imgwidgets: Jupyter widgets over a thin client for image-generation APIs.

One idea holds it together: what a model accepts is data, written once. The rooms, from the bottom up;
a room imports only from rooms below it:

=============  =======================================================================
``catalog``    what each provider's models accept, cost and refuse
``images``     pixels: result images, masks, thumbnails, file formats
``sandbox``    the embedded provider: HTTP app, renderer, faults on demand
``client``     a request on its way: shape it, send it, read the reply, name the error
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
    "Client": "imgwidgets.client",
    "ImageRequest": "imgwidgets.catalog",
    "ImageResult": "imgwidgets.images",
    "Mask": "imgwidgets.images",
    "MaskPainter": "imgwidgets.widgets",
    "ParameterPicker": "imgwidgets.widgets",
    "PartialImage": "imgwidgets.images",
    "ResultGrid": "imgwidgets.widgets",
    "ResultImage": "imgwidgets.images",
    "Sandbox": "imgwidgets.sandbox",
    "compare_edit": "imgwidgets.images",
    "models": "imgwidgets.catalog",
    "outpaint": "imgwidgets.images",
}
_MODULES = ("catalog", "errors")

__all__ = [
    "AsyncClient",
    "Client",
    "ImageRequest",
    "ImageResult",
    "Mask",
    "MaskPainter",
    "ParameterPicker",
    "PartialImage",
    "ResultGrid",
    "ResultImage",
    "Sandbox",
    "__version__",
    "catalog",
    "compare_edit",
    "errors",
    "models",
    "outpaint",
]

if TYPE_CHECKING:
    from imgwidgets import catalog, errors
    from imgwidgets.catalog import ImageRequest, models
    from imgwidgets.client import AsyncClient, Client
    from imgwidgets.images import ImageResult, Mask, PartialImage, ResultImage, compare_edit, outpaint
    from imgwidgets.sandbox import Sandbox
    from imgwidgets.widgets import MaskPainter, ParameterPicker, ResultGrid


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
