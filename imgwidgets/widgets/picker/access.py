"""The picker's helper in the page: names and states that ipywidgets' controls do not tell."""

from __future__ import annotations

import anywidget

from imgwidgets.widgets.page import STATIC

__all__ = ["Access"]


class Access(anywidget.AnyWidget):
    """Names sliders and says which toggles are pressed, for the picker that it is a child of."""

    _esm = (STATIC / "picker_access.js").read_text(encoding="utf-8")
