"""Between Python and the page: what travels there, and whether there is one."""

from __future__ import annotations

import re
from pathlib import Path

from IPython import get_ipython

__all__ = ["STATIC", "in_notebook", "joined"]

STATIC = Path(__file__).parent / "static"
"""Where the modules and style sheets are."""

_IMPORT = re.compile(r'^import [^;]*? from "\./[\w.]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def joined(*modules: str) -> str:
    """Give ES modules as one text.

    A widget's module comes to the page as text and cannot import its neighbours. In one scope it
    need not: imports and exports are left out.

    Parameters
    ----------
    *modules : str
        File names in ``static/``, from the bottom up: each imports only what stands before it, and
        no two declare the same name.
    """
    texts = [(STATIC / name).read_text(encoding="utf-8") for name in modules]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


def in_notebook() -> bool:
    """Tell whether output goes to a Jupyter front end and not to a terminal."""
    return getattr(get_ipython(), "kernel", None) is not None
