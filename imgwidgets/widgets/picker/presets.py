"""Presets, and what was used last: kept in the user's data folder, shared between notebooks."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import Problem
from imgwidgets.errors import ParameterError
from imgwidgets.widgets import text
from imgwidgets.widgets.picker.files import SharedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.widgets.picker.state import PickerState

__all__ = ["Preset", "Presets", "remember", "remembered"]

_LONGEST_NAME = 80  # characters
_LAST = SharedFile("last-used.json")


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen, under a name.

    Attributes
    ----------
    provider, endpoint : str
        What it was saved for.
    value : dict
        Model and parameters, as ``picker.value`` gives them.
    """

    provider: str
    endpoint: str
    value: dict[str, Any]

    @classmethod
    def of(cls, state: PickerState) -> Preset:
        """Give what is chosen now."""
        return cls(provider=state.provider, endpoint=state.endpoint, value=state.value)

    def load(self, state: PickerState) -> None:
        """Choose it, for the provider and endpoint that the state has."""
        foreign = (self.provider, self.endpoint) != (state.provider, state.endpoint)
        state.load(self.value, foreign=foreign)


class Presets:
    """All presets of this user, in ``presets.json``.

    What is in the file and is no preset (a newer version's) is left as it is.
    """

    def __init__(self) -> None:
        self._file = SharedFile("presets.json", inner="presets")

    def read(self) -> tuple[dict[str, Preset], str]:
        """Give all presets by name, sorted, and what is wrong with their file."""
        table, wrong = self._file.read()
        return dict(sorted(_presets(table).items(), key=lambda item: item[0].casefold())), wrong

    def get(self, name: str) -> Preset:
        """Give one preset.

        Raises
        ------
        ParameterError
            Where there is none of this name.
        """
        presets, wrong = self.read()
        known = name if isinstance(name, str) and name in presets else _kept_name(name)
        if known not in presets:
            raise _missing(name, presets, wrong)
        return presets[known]

    def save(self, name: str, preset: Preset) -> tuple[str, str]:
        """Keep a preset; one of the same name is replaced.

        Returns
        -------
        (str, str)
            Its name as it was kept, and what was done with a damaged file.

        Raises
        ------
        ParameterError
            For a name that is none.
        OSError
            Where the file cannot be written.
        """
        known = _kept_name(name)
        if not known or len(known) > _LONGEST_NAME:
            said = f"a preset's name is a text of 1 to {_LONGEST_NAME} characters"
            raise ParameterError([Problem(parameter="preset", value=name, message=said)])
        entry = msgspec.to_builtins(preset)
        said = self._file.change(
            lambda table: {**table, "version": 1, "presets": {**_table(table), known: entry}}
        )
        return known, said

    def delete(self, name: str) -> None:
        """Throw a preset away.

        Raises
        ------
        ParameterError
            Where there is none of this name; nothing is changed then.
        OSError
            Where the file cannot be written.
        """
        self.get(name)
        gone = name if name in self.read()[0] else _kept_name(name)
        self._file.change(
            lambda table: {**table, "presets": {n: one for n, one in _table(table).items() if n != gone}}
        )


def remember(state: PickerState) -> None:
    """Keep what is chosen now as the last used.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    entry = msgspec.to_builtins(Preset.of(state))
    place = f"{state.provider}/{state.endpoint}"
    # The place that is used moves to the end.
    _LAST.change(lambda table: {**{key: one for key, one in table.items() if key != place}, place: entry})


def remembered(endpoint: str, provider: str | None) -> Preset | None:
    """Give what was last used at a provider, or at any."""
    table, _ = _LAST.read()
    for place, entry in reversed(table.items()):
        if place == f"{provider}/{endpoint}" or (provider is None and place.endswith(f"/{endpoint}")):
            return _preset(entry)
    return None


def _kept_name(name: object) -> str:
    """Give a name as it is kept: on one line, without what cannot be seen; empty for what is none."""
    return text.one_line(name) if isinstance(name, str) else ""


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    return dict(table.get("presets", {}))


def _presets(table: Mapping[str, Any]) -> dict[str, Preset]:
    return {name: preset for name, one in _table(table).items() if (preset := _preset(one)) is not None}


def _preset(entry: object) -> Preset | None:
    try:
        return msgspec.convert(entry, Preset)
    except msgspec.ValidationError:
        return None


def _missing(name: str, presets: Mapping[str, Preset], wrong: str) -> ParameterError:
    near = difflib.get_close_matches(str(name), presets, n=1)
    hint = wrong or "none was saved yet"
    if presets:
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(presets)}"
    said = f"there is no preset {text.one_line(name, _LONGEST_NAME)!r}; {hint}"
    problem = Problem(
        parameter="preset",
        value=name,
        message=said,
        allowed=tuple(presets),
        suggestion=near[0] if near else None,
    )
    return ParameterError([problem])
