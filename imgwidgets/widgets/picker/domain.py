"""From a catalog's parameter to a control: what there is to choose, before any rule narrows it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from imgwidgets.catalog import parse_size, size_faults
from imgwidgets.widgets import text

if TYPE_CHECKING:
    from imgwidgets.catalog import Parameter, SizeRule

__all__ = ["Control", "control_of", "size_words", "snapped"]

_TOGGLES = 4  # more values than this make a dropdown
_SLIDES = 1000  # a range wider than this is typed: a slider could not hit a number
_NO_BOUND = 1_000_000  # where a range is open at its upper end
_PROBED = 64  # whole numbers that are tried one by one under the rules; of a wider range, its ends

Kind = Literal["toggle", "dropdown", "open", "fixed", "slider", "number", "size", "text", "json", "fields"]


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter as a person meets it.

    Attributes
    ----------
    name : str
        The API's name.
    kind : str
        ``toggle`` (up to four values), ``dropdown`` (more), ``open`` (known values, and others), ``fixed``
        (the only value there is), ``slider`` (a bounded range), ``number`` (a wide or open one), ``size``,
        ``text``, ``fields`` (an object whose fields are known) or ``json`` (any object).
    label, help, note : str
        For people.
    default : object
        What holds where nothing is sent; None where that is not known.
    values : tuple
        All values of a toggle or dropdown; the known ones of an open choice; the presets of a size.
    minimum, maximum, step : number or None
        Of a slider or number.
    whole : bool
        Whether numbers are whole.
    size : SizeRule or None
        Where width and height are free.
    fields : dict
        Of an object: what its keys hold.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    note: str = ""
    default: Any = None
    values: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    whole: bool = True
    size: SizeRule | None = None
    fields: dict[str, Any] = {}

    @property
    def probes(self) -> tuple[Any, ...]:
        """The values that are tried under the rules: all of them, or the ends of a long range."""
        if self.kind in ("toggle", "dropdown", "open", "size") or self.values:
            return self.values
        if self.kind not in ("slider", "number", "fixed") or self.minimum is None:
            return ()
        highest = _NO_BOUND if self.maximum is None else self.maximum
        if self.whole and highest - self.minimum < _PROBED:
            return tuple(range(math.ceil(self.minimum), math.floor(highest) + 1))
        return (self.number(self.minimum), self.number(highest))

    @property
    def bounds(self) -> str:
        """The range in words; empty where there is none."""
        if self.kind not in ("slider", "number", "fixed") or self.minimum is None:
            return ""
        return (
            f"at least {self.minimum:g}" if self.maximum is None else f"{self.minimum:g} to {self.maximum:g}"
        )

    def clipped(self, value: Any) -> Any:
        """Give a number within the bounds; anything else as it is."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        low = value if self.minimum is None else max(value, self.number(self.minimum))
        return low if self.maximum is None else min(low, self.number(self.maximum))

    def number(self, value: float) -> float:
        """Give a number in the type that the API wants."""
        return int(value) if self.whole else float(value)


def control_of(parameter: Parameter) -> Control:
    """Choose the control that suits a parameter."""
    values = (False, True) if parameter.type == "boolean" else parameter.values
    return Control(
        name=parameter.name,
        kind=_kind(parameter),
        label=parameter.name.replace("_", " "),
        help=parameter.help,
        note=parameter.note,
        default=parameter.default,
        values=values,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        step=parameter.step,
        whole=parameter.type == "integer",
        size=parameter.size if parameter.size and parameter.size.free else None,
        fields=parameter.fields,
    )


def _kind(parameter: Parameter) -> Kind:
    if parameter.type == "choice":
        return _choice(parameter)
    if parameter.type in ("integer", "number"):
        low, high = parameter.minimum, parameter.maximum
        if low is None or high is None or high - low > _SLIDES:
            return "number"
        return "fixed" if low == high == parameter.default else "slider"
    if parameter.type == "object":
        return "fields" if parameter.fields else "json"
    others: dict[str, Kind] = {"boolean": "toggle", "size": "size"}
    return others.get(parameter.type, "text")


def _choice(parameter: Parameter) -> Kind:
    if parameter.open:
        return "open"
    if parameter.values == (parameter.default,):
        return "fixed"
    # Where the default is not known, "not sent" is one more thing to choose.
    return "toggle" if len(parameter.values) + (parameter.default is None) <= _TOGGLES else "dropdown"


# -- sizes ----------------------------------------------------------------------------------------------


def size_words(value: Any) -> str:
    """Say a size as people see it.

    Examples
    --------
    >>> size_words("1536x1024"), size_words("auto")
    ('landscape  1536 × 1024  1.6 MP', 'auto')
    """  # noqa: RUF002 (the sign that people read)
    size = parse_size(value)
    if size is None:
        return text.one_line(value, 40)
    width, height = size
    return f"{shape(width, height)}  {width} × {height}  {text.megapixels(width, height)}"  # noqa: RUF001 (the sign that people read)


def shape(width: int, height: int) -> str:
    """Name a shape: square, landscape, portrait, wide or tall."""
    ratio = width / height
    if abs(ratio - 1) < 0.02:
        return "square"
    if ratio > 1:
        return "wide" if ratio > 1.7 else "landscape"
    return "tall" if ratio < 1 / 1.7 else "portrait"


def snapped(rule: SizeRule, asked: tuple[int, int], given: tuple[int, int]) -> str:
    """Say what snapping did to a size; empty where it did nothing.

    Examples
    --------
    >>> from imgwidgets.catalog import SizeRule
    >>> snapped(SizeRule(free=True, multiple_of=16), (1000, 1008), (1008, 1008))
    '1000 → 1008: multiples of 16'
    """
    if asked == given:
        return ""
    moved = [f"{old} → {new}" for old, new in zip(asked, given, strict=True) if old != new]
    edges = dict.fromkeys(moved)  # a square is told once
    if min(asked) < 1:
        return (
            f"{', '.join(edges)}: an edge has at least {rule.multiple_of} pixel{'s' * (rule.multiple_of > 1)}"
        )
    faults = size_faults(rule, asked)
    if faults == [f"both edges must be multiples of {rule.multiple_of}"]:
        return f"{', '.join(edges)}: multiples of {rule.multiple_of}"
    # A change that was only needed for the pixels' number is best told as a whole.
    sizes = f"{asked[0]} × {asked[1]} → {given[0]} × {given[1]}"  # noqa: RUF001 (the sign that people read)
    return f"{sizes}: {'; '.join(faults)}" if faults else sizes
