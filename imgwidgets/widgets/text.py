"""Text from people and servers on its way to the screen: the one place that makes it harmless.

Prompts, model names, server messages and file names are hostile until they have been through here:
they may hold markup, TeX that Jupyter would typeset, marks that turn the writing direction around,
or 32,000 characters.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

__all__ = ["dollars", "escape", "file_name", "megapixels", "one_line", "shorten"]

# What may stand in text that people read; every other control or format character only does harm.
# Zero-width joiners stay: Persian, Hindi and emoji are written with them.
_KEPT = {"\n", "\t", "\u200c", "\u200d"}
_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# MathJax looks for these pairs in running text; a tag between them keeps it from finding any.
_TEX = re.compile(r"\$|\\(?=[()\[\]])")
# Names that Windows reserves in every folder, whatever follows the dot.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def plain(text: object) -> str:
    """Give text without control characters and without marks that change the writing direction."""
    said = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in said if c in _KEPT or unicodedata.category(c) not in _HARMFUL)


def one_line(text: object, limit: int | None = None) -> str:
    r"""Give text on one line, at most ``limit`` characters long.

    Examples
    --------
    >>> one_line("a red\n  fox")
    'a red fox'
    """
    said = " ".join(plain(text).split())
    return said if limit is None else shorten(said, limit)


def shorten(text: str, limit: int) -> str:
    """Cut text to at most ``limit`` characters, an ellipsis included.

    Examples
    --------
    >>> shorten("a red fox in snow", 10)
    'a red fox…'
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: object, limit: int | None = None) -> str:
    """Make text safe inside an HTML element or a quoted attribute's neighbourhood.

    Besides markup, dollar signs are wrapped, so that no page typesets ``$x$`` as a formula. Inside
    an attribute use :func:`attribute`.

    Examples
    --------
    >>> escape("<script>")
    '&lt;script&gt;'
    """
    said = plain(text) if limit is None else shorten(plain(text), limit)
    return _TEX.sub(lambda found: f"<span>{found.group()}</span>", html.escape(said))


def attribute(text: object, limit: int | None = None) -> str:
    """Make text safe inside a quoted HTML attribute, on one line."""
    return html.escape(one_line(text, limit))


def file_name(text: object, *, suffix: str = "", extension: str = "", limit: int = 60) -> str:
    """Make a file name that people recognise and every file system takes.

    Letters of all scripts stay; what separates folders, starts hidden files or is reserved
    somewhere goes.

    Parameters
    ----------
    text : object
        Usually a prompt.
    suffix : str
        Appended after a dash, never cut (an index).
    extension : str
        Without its dot.
    limit : int
        Characters of ``text`` that are kept; the name's bytes are bounded as well.

    Examples
    --------
    >>> file_name("A red fox, in snow!", suffix="1", extension="png")
    'a-red-fox-in-snow-1.png'
    >>> file_name("../../etc/passwd", extension="png")
    'etc-passwd.png'
    """
    said = unicodedata.normalize("NFC", plain(text)).lower()
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in said[: 4 * limit])
    stem = re.sub("-+", "-", kept).strip("-")[:limit]
    # 255 bytes is what common file systems allow; the rest is room for suffix and extension.
    stem = stem.encode()[:180].decode(errors="ignore").strip("-")
    if not stem:
        stem = "image"
    if _RESERVED.fullmatch(stem):
        stem += "-image"
    ending = re.sub(r"[^a-z0-9]", "", extension.lower())[:8]
    return stem + (f"-{suffix}" if suffix else "") + (f".{ending}" if ending else "")


def dollars(amount: float) -> str:
    """Write US dollars with as many digits as the amount deserves.

    Examples
    --------
    >>> dollars(0.0061), dollars(0.21), dollars(12.5), dollars(0)
    ('$0.006', '$0.21', '$12.50', '$0')
    """
    if amount == 0:
        return "$0"
    if amount < 0.0005:
        return "under $0.001"
    return f"${amount:.3f}" if amount < 0.0995 else f"${amount:,.2f}"


def megapixels(width: int, height: int) -> str:
    """Write how many pixels a size has.

    Examples
    --------
    >>> megapixels(1536, 1024)
    '1.6 MP'
    """
    return f"{width * height / 1e6:.1f} MP"


def literal(value: Any) -> str:
    """Write a parameter's value for people: ``true`` as on, text as it is.

    Examples
    --------
    >>> literal(True), literal("high"), literal(2.0)
    ('on', 'high', '2')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return one_line(value, 80)
