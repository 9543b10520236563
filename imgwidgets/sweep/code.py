"""A sweep as Python."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any

from imgwidgets.catalog import ImageInput
from imgwidgets.history.redact import without_secrets
from imgwidgets.images import Mask
from imgwidgets.sweep.inputs import INPUTS, Given
from imgwidgets.sweep.reading import known_parameters
from imgwidgets.sweep.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.sweep.axes import Axis
    from imgwidgets.sweep.reading import Said

__all__ = ["write_code"]

_WIDTH = 100
_LONGEST_MASK = 2_000  # characters of JSON that stand in the code


def write_code(said: Said, repeat: int, run: Mapping[str, Any] | None = None) -> str:
    """Give the Python that builds the same sweep, and with `run` the call that runs it.

    Inputs that came from memory have no name there: they are variables, and a comment says what they were.
    """
    writer = _Writer()
    prompt = next(axis for axis in _axes(said) if axis.role == "prompt")
    arguments = [writer.axis(prompt)]
    if said.sampling is not None:
        arguments.append(f"iw.sample({said.sampling.n}, seed={said.sampling.seed})")
    others: list[tuple[str, str]] = []
    leads = True  # zipped axes may stand without a name as long as no name came before
    for dimension in [*said.dimensions, *((axis,) for axis in said.fixed)]:
        pairs = [(axis.name, writer.axis(axis)) for axis in dimension if axis is not prompt]
        if len(pairs) > 1:
            arguments.append(f"{'' if leads else '**'}iw.zip_axes({_keywords(pairs)})")
        elif pairs and _is_unknown(dimension[0]):
            others += pairs
        elif pairs:
            arguments.append(_keywords(pairs))
            leads = False
    if repeat > 1:
        arguments.append(f"repeat={repeat}")
    if others:
        inside = ", ".join(f"{name!r}: {text}" for name, text in others)
        arguments.append(f"other_parameters={{{inside}}}")
    lines = ["import imgwidgets as iw", "", *writer.lines, _call("sweep = iw.Sweep", arguments)]
    if run is not None:
        options = [f"{name}={value!r}" for name, value in run.items()]
        lines.append(_call("run = sweep.run", ["client", *options]))
    return "\n".join(lines) + "\n"


def _is_unknown(axis: Axis) -> bool:
    return axis.role == "parameter" and axis.name not in known_parameters()


def _axes(said: Said) -> list[Axis]:
    return [*said.fixed, *(axis for dimension in said.dimensions for axis in dimension)]


def _keywords(pairs: list[tuple[str, str]]) -> str:
    if all(name.isidentifier() and not keyword.iskeyword(name) for name, _ in pairs):
        return ", ".join(f"{name}={text}" for name, text in pairs)
    return "**{" + ", ".join(f"{name!r}: {text}" for name, text in pairs) + "}"


def _call(function: str, arguments: list[str]) -> str:
    flat = f"{function}({', '.join(arguments)})"
    if len(flat) <= _WIDTH:
        return flat
    return f"{function}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


class _Writer:
    """Writes values; what has no literal becomes a variable, set in :attr:`lines`."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def axis(self, axis: Axis) -> str:
        if axis.role in INPUTS:
            values = [
                self._given(value, axis, place if not axis.is_fixed else None)
                for place, value in enumerate(axis.values, 1)
            ]
            if not axis.is_fixed:
                pairs = zip(axis.labels, values, strict=True)
                return "{" + ", ".join(f"{label!r}: {value}" for label, value in pairs) + "}"
            return values[0]
        values = [repr(_literal(value)) for value in axis.values]
        if axis.is_fixed:
            return values[0]
        if axis.is_named:
            pairs = zip(axis.labels, values, strict=True)
            return "{" + ", ".join(f"{label!r}: {value}" for label, value in pairs) + "}"
        return f"[{', '.join(values)}]"

    def _given(self, given: Given | None, axis: Axis, place: int | None) -> str:
        if given is None:
            return "None"
        source = without_secrets(given.source)
        if source and source == given.source:
            return str(source)
        if isinstance(given.mask, Mask) and len(text := given.mask.to_json()) <= _LONGEST_MASK:
            return f"iw.Mask.from_json({text!r})"
        variable = axis.name if place is None else f"{axis.name}_{place}"
        self.lines.append(f"{variable} = ...  # {_described(given)}")
        return variable


def _described(given: Given) -> str:
    if isinstance(given.mask, Mask):
        return f"a mask of {given.mask.size[0]}x{given.mask.size[1]} pixels"
    files = [given.mask] if isinstance(given.mask, ImageInput) else list(given.images)
    said = []
    for image in files:
        if image.data is None:
            said.append(f"the image at {without_secrets(image.url or image.file_id or '')}")
            continue
        size = f"{image.size[0]}x{image.size[1]} pixels" if image.size else "an unknown size"
        said.append(f"a {image.format} of {size}, sha-256 {image.identity.partition(':')[2]}")
    return ", ".join(said)


def _literal(value: Any) -> Any:
    """Give what ``repr`` writes as Python; of anything else, its text, which is what a prompt holds."""
    if isinstance(value, Template):
        return value.text
    plain = value is None or isinstance(value, str | bool | int | float)
    if plain or isinstance(value, list | tuple | dict):
        return value
    return str(value)
