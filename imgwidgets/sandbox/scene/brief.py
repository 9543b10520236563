"""From a prompt to a brief: what to draw, where, when, in which style and colours."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import msgspec

from imgwidgets.sandbox.scene import words
from imgwidgets.sandbox.scene.colour import RGB, rgb
from imgwidgets.sandbox.scene.motifs import MOTIFS, WORDS, Motif

__all__ = ["Brief", "Subject", "read"]

# a prompt may be 32,000 characters long; what a picture shows is said early
LONGEST = 4000
MOST_SUBJECTS = 6
_TINTED = {"sky", "skies", "clouds", "water", "ground"}
_LINKS = frozenset(
    [
        "in",
        "on",
        "at",
        "by",
        "with",
        "over",
        "under",
        "near",
        "of",
        "behind",
        "above",
        "beside",
        "through",
        "into",
    ]
)
_CIRCUMSTANCES = (
    ("time", words.TIMES),
    ("season", words.SEASONS),
    ("weather", words.WEATHER),
    ("mood", words.MOODS),
    ("style", words.STYLES),
)


class Subject(msgspec.Struct, frozen=True):
    """Something named in the prompt that is drawn as a motif.

    Parameters
    ----------
    motif : Motif
        What.
    colour : RGB or None
        The colour named with it.
    count : int
        How many.
    wears : tuple of Subject
        Hats on its head.

    Examples
    --------
    >>> read("two blue cats").subjects[0].count
    2
    """

    motif: Motif
    colour: RGB | None = None
    count: int = 1
    wears: tuple[Subject, ...] = ()


class Brief(msgspec.Struct, frozen=True):
    """What a prompt asks for, as far as the renderer understands it.

    Parameters
    ----------
    seed : str
        The prompt, tidied: the source of all chance.
    subjects : tuple of Subject
        In the order named.
    places, extras : frozenset of str
        Landscapes; what else is in the picture (moon, rainbow, ...).
    time, season, weather, mood, style : str
        Empty where the prompt says nothing.
    colours : tuple of RGB
        Colours that belong to nothing in particular.
    tints : dict
        Colours named for a place or the sky.

    Examples
    --------
    >>> read("a red fox in snow").season
    'winter'
    """

    seed: str
    subjects: tuple[Subject, ...] = ()
    places: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()
    time: str = ""
    season: str = ""
    weather: str = ""
    mood: str = ""
    style: str = ""
    colours: tuple[RGB, ...] = ()
    tints: dict[str, RGB] = {}

    @property
    def named(self) -> bool:
        """Whether the prompt says where or when."""
        return bool(self.places or self.time or self.season or self.weather)


def _translate(text: str) -> str:
    for word in sorted(words.CHINESE, key=len, reverse=True):
        if word in text:
            text = text.replace(word, f" {words.CHINESE[word]} ")
    return text


def _tokens(text: str) -> list[str]:
    singles = re.findall(r"\d+[a-z]*|[a-z]+", text)
    tokens, at = [], 0
    while at < len(singles):
        for length in (3, 2):
            phrase = " ".join(singles[at : at + length])
            known = (WORDS, words.TIMES, words.PLACES, words.EXTRAS, words.STYLES)
            if " " in phrase and any(phrase in table for table in known):
                tokens.append(phrase)
                at += length
                break
        else:
            tokens.append(singles[at])
            at += 1
    return tokens


def _singular(word: str) -> str:
    """Give the motif word that ``word`` is the plural of, or an empty string."""
    guesses = (word[:-1], word[:-2]) if word.endswith("es") else (word[:-1],) if word.endswith("s") else ()
    return next((guess for guess in guesses if guess in WORDS), "")


class _Reader:
    """Walks over the tokens once, remembering the colour and the count that wait for a noun."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []
        self.places: set[str] = set()
        self.extras: set[str] = set()
        self.found: dict[str, str] = {}
        self.colours: list[RGB] = []
        self.tints: dict[str, RGB] = {}
        self.colour = ""
        self.count = 1
        self.wearing = False

    def read(self, tokens: list[str]) -> None:
        for token in tokens:
            self._read(token)
        self._drop()

    def _drop(self) -> None:
        if self.colour:
            self.colours.append(rgb(words.COLOURS[self.colour]))
        self.colour, self.count = "", 1

    def _read(self, word: str) -> None:
        if word in words.COLOURS:
            if self.colour:
                self._drop()
            self.colour = word
        elif word in words.COUNTS:
            self.count = words.COUNTS[word]
        else:
            self._look_up(word)

    def _look_up(self, word: str) -> None:
        if word in {"wearing", "wears", "with"}:
            self.wearing = True
        known = word if word in WORDS else _singular(word)
        if known:
            self._name(MOTIFS[WORDS[known]], plural=known != word or _singular(word) != "")
        for name, table in _CIRCUMSTANCES:
            if word in table:
                self.found.setdefault(name, table[word])
        if word in words.EXTRAS:
            self.extras.add(words.EXTRAS[word])
        if word in words.PLACES:
            self.places.add(words.PLACES[word])
        if self.colour and (word in words.PLACES or word in _TINTED):
            self.tints[words.PLACES.get(word, word)] = rgb(words.COLOURS[self.colour])
            self.colour = ""
        if word in _LINKS:
            self._drop()

    def _name(self, motif: Motif, *, plural: bool) -> None:
        colour = None
        if self.colour:
            colour = rgb(motif.natural.get(self.colour, words.COLOURS[self.colour]))
        count = self.count if self.count > 1 else 3 if plural and motif.habitat != "table" else 1
        subject = Subject(motif, colour, count)
        self.colour, self.count = "", 1
        last = self.subjects[-1] if self.subjects else None
        if motif.worn and self.wearing and last is not None and last.motif.head:
            self.subjects[-1] = msgspec.structs.replace(last, wears=(*last.wears, subject))
        elif len(self.subjects) < MOST_SUBJECTS and all(s.motif.name != motif.name for s in self.subjects):
            self.subjects.append(subject)


@lru_cache(maxsize=256)
def read(prompt: str, style: str = "") -> Brief:
    """Read a prompt.

    Parameters
    ----------
    prompt : str
        Any text in English, or with common Chinese words.
    style : str
        A style to prefer over what the prompt says; the words of the prompt's own table, or the
        provider's ``vivid`` and ``natural``.

    Examples
    --------
    >>> brief = read("an owl at night over a small town, watercolour")
    >>> brief.subjects[0].motif.name, brief.time, sorted(brief.places), brief.style
    ('owl', 'night', ['town'], 'watercolour')
    """
    tidy = " ".join(prompt.lower().split())
    seed = tidy[:LONGEST]
    reader = _Reader()
    reader.read(_tokens(_translate(seed)))
    if len(tidy) > LONGEST:
        seed += " " + hashlib.sha256(tidy.encode("utf-8", "surrogatepass")).hexdigest()
    found = reader.found
    wanted = next((words.STYLES[t] for t in _tokens(style.lower()) if t in words.STYLES), "")
    weather = found.get("weather", "")
    extras = reader.extras
    time = found.get("time", "")
    if not time and extras & {"moon", "stars", "aurora", "fireflies"}:
        time = "night"
    return Brief(
        seed=seed,
        subjects=tuple(reader.subjects),
        places=frozenset(reader.places),
        extras=frozenset(extras),
        time=time,
        season=found.get("season", ""),
        weather=weather,
        mood=found.get("mood", ""),
        style=wanted or found.get("style", ""),
        colours=tuple(reader.colours[:5]),
        tints=reader.tints,
    )
