"""Text in pictures: fonts that have its letters, lines that fit, and a visible sign where neither can be."""

from __future__ import annotations

import functools
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageDraw

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

__all__ = ["Typeface"]

_LINE = 1.3  # of the size, from one line to the next
_NOWHERE = "\uffff"  # no font has it, so its picture is the one that stands for what is missing
_MOST_FILES = 400  # fonts that are looked into for one letter
# Fonts that hold many scripts come first: a run of text in one font looks better than in three.
_LIKELY = (
    "DejaVuSans.",
    "NotoSans-",
    "NotoSansCJK",
    "Arial Unicode",
    "arialuni",
    "PingFang",
    "Hiragino",
    "msyh",
    "malgun",
    "segoeui",
    "wqy",
    "droid",
    "unifont",
    "Noto",
)
_SUFFIXES = (".ttf", ".otf", ".ttc")
_NO_LETTERS = ("lastresort", "notdef", "blank")  # fonts that draw the same box for a whole script


class Typeface:
    """One size of writing: measures, wraps and draws text in whichever fonts have its letters.

    Parameters
    ----------
    size : int
        Pixels.

    Examples
    --------
    >>> face = Typeface(16)
    >>> lines = face.wrap("a red fox in the snow", 90)
    >>> len(lines) > 1, all(face.width(line) <= 90 for line in lines)
    (True, True)
    >>> Typeface(16).wrap("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 60, most=2)[-1][-1]
    '…'
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.line = round(size * _LINE)
        """Pixels from one line to the next."""
        self._own: Font = ImageFont.load_default(size)
        self._others: dict[str, Font | None] = {}

    def sign(self, sign: str, instead: str) -> str:
        """Give a sign where some font has it, else another one."""
        return sign if self._font_for(sign) is not None else instead

    def width(self, text: str) -> float:
        """Give how many pixels a line takes."""
        return sum(font.getlength(run) for run, font in self._runs(text))

    def wrap(self, text: str, width: int, most: int = 100) -> list[str]:
        """Break text into lines of at most so many pixels; of too many, the last ends in an ellipsis."""
        lines: list[str] = []
        for paragraph in text[: most * 400].splitlines() or [""]:
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}".strip()
                if self.width(longer) <= width:
                    line = longer
                    continue
                if line:
                    lines.append(line)
                *full, line = self._pieces(word, width)
                lines += full
            lines.append(line)
        if len(lines) > most:
            last = lines[most - 1]
            while last and self.width(f"{last}…") > width:
                last = last[:-1]
            lines = [*lines[: most - 1], f"{last.rstrip()}…"]
        return lines

    def draw(self, draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, fill: str) -> None:
        """Write one line; `at` is its left upper corner."""
        x, y = at
        for run, font in self._runs(text):
            # From the base line, which fonts share; their upper edges differ.
            anchored = isinstance(font, ImageFont.FreeTypeFont)
            where = (x, y + self.size) if anchored else (x, y)
            draw.text(where, run, fill=fill, font=font, anchor="ls" if anchored else None)
            x += font.getlength(run)

    def _pieces(self, word: str, width: int) -> list[str]:
        """Cut a word that is wider than a line."""
        pieces, piece = [], ""
        for letter in word:
            if piece and self.width(piece + letter) > width:
                pieces.append(piece)
                piece = ""
            piece += letter
        return [*pieces, piece]

    def _runs(self, text: str) -> Iterator[tuple[str, Font]]:
        """Give stretches of text, each with a font that has all of it."""
        run, present = "", self._own
        for letter in text:
            font = self._font_for(letter)
            shown = letter
            if font is None:
                # A letter that no font here has is said by its number, so that labels stay different.
                font, shown = self._own, f"[{ord(letter):04X}]"
            if font is not present and run:
                yield run, present
                run = ""
            present = font
            run += shown
        if run:
            yield run, present

    def _font_for(self, letter: str) -> Font | None:
        if letter not in self._others:
            self._others[letter] = self._own if _has(self._own, letter) else self._found(letter)
        return self._others[letter]

    def _found(self, letter: str) -> Font | None:
        for font in dict.fromkeys(self._others.values()):
            if font is not None and _has(font, letter):
                return font
        file = _file_for(letter)
        return ImageFont.truetype(file, self.size) if file is not None else None


def _has(font: Font, letter: str) -> bool:
    if letter.isspace() or letter in "\u200c\u200d\u200e\u200f\ufe0e\ufe0f":
        return True  # they draw nothing anywhere
    if not isinstance(font, ImageFont.FreeTypeFont):
        return letter.isascii()
    return _picture(font, letter) != _picture(font, _NOWHERE)


def _picture(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=4096)
def _file_for(letter: str) -> str | None:
    """Find a font file of this machine that has a letter."""
    for file in _files():
        try:
            font = ImageFont.truetype(file, 16)
            if _has(font, letter):
                return file
        except (OSError, ValueError):
            continue  # a damaged file, or a kind of font that cannot be drawn
    return None


@functools.cache
def _files() -> tuple[str, ...]:
    """List the font files of this machine, those with many scripts first."""
    found: list[str] = []
    for folder in _folders():
        for place, _, names in os.walk(folder):
            fonts = [name for name in names if name.lower().endswith(_SUFFIXES)]
            kept = [name for name in fonts if not any(word in name.lower() for word in _NO_LETTERS)]
            found += [os.path.join(place, name) for name in kept]  # noqa: PTH118 (thousands of them)
    return tuple(sorted(found, key=_rank)[:_MOST_FILES])


def _rank(file: str) -> tuple[int, str]:
    name = os.path.basename(file)  # noqa: PTH119 (as above)
    return next((at for at, start in enumerate(_LIKELY) if name.startswith(start)), len(_LIKELY)), name


def _folders() -> list[Path]:
    home = Path.home()
    places = {
        "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"],
        "win32": [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"],
    }
    linux = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
    ]
    folders = places.get(sys.platform, linux)
    bundled = find_spec("matplotlib")  # it brings DejaVu; looked for without importing it
    if bundled is not None and bundled.origin:
        folders.append(Path(bundled.origin).parent / "mpl-data/fonts/ttf")
    return folders
