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

Kind = Literal["toggle", "dropdown", "slider", "number", "size", "text", "json"]


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter as a person meets it.

    Attributes
    ----------
    name : str
        The API's name.
    kind : str
        ``toggle`` (up to four values), ``dropdown`` (more), ``slider`` (a bounded range), ``number``
        (a range that is open at one end), ``size``, ``text`` or ``json`` (an object).
    label, help, note : str
        For people.
    default : object
        What holds where nothing is sent; None where that is not known.
    values : tuple
        All values of a toggle or dropdown; the presets of a size.
    minimum, maximum, step : number or None
        Of a slider or number.
    whole : bool
        Whether numbers are whole.
    size : SizeRule or None
        Where width and height are free.
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

    @property
    def probes(self) -> tuple[Any, ...]:
        """The values that are tried under the rules: all of them, or the ends of a long range."""
        if self.kind in ("toggle", "dropdown", "size"):
            return self.values
        if self.kind not in ("slider", "number") or self.minimum is None:
            return ()
        highest = _NO_BOUND if self.maximum is None else self.maximum
        if self.whole and highest - self.minimum < _PROBED:
            return tuple(range(math.ceil(self.minimum), math.floor(highest) + 1))
        return (self.number(self.minimum), self.number(highest))

    def number(self, value: float) -> float:
        """Give a number in the type that the API wants."""
        return int(value) if self.whole else float(value)


def control_of(parameter: Parameter) -> Control:
    """Choose the control that suits a parameter."""
    values = parameter.values
    kind: Kind
    if parameter.type == "boolean":
        kind, values = "toggle", (False, True)
    elif parameter.type == "choice":
        # Where the default is not known, "not sent" is one more thing to choose.
        count = len(values) + (parameter.default is None)
        kind = "toggle" if count <= _TOGGLES else "dropdown"
    elif parameter.type in ("integer", "number"):
        low, high = parameter.minimum, parameter.maximum
        bounded = low is not None and high is not None and high - low <= _SLIDES
        known = parameter.default is not None
        kind = (
            "slider" if bounded and known else "number" if parameter.minimum is not None and known else "text"
        )
    elif parameter.type == "size":
        kind = "size"
    else:
        kind = "json" if parameter.type == "object" else "text"
    return Control(
        name=parameter.name,
        kind=kind,
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
    )


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
    edges = [f"{old} → {new}" for old, new in zip(asked, given, strict=True) if old != new]
    faults = size_faults(rule, asked)
    if faults == [f"both edges must be multiples of {rule.multiple_of}"]:
        return f"{', '.join(edges)}: multiples of {rule.multiple_of}"
    # A change that was only needed for the pixels' number is best told as a whole.
    sizes = f"{asked[0]} × {asked[1]} → {given[0]} × {given[1]}"  # noqa: RUF001 (the sign that people read)
    return f"{sizes}: {'; '.join(faults)}" if faults else sizes
