"""What varies in a sweep: lists are axes, plain values are fixed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from imgwidgets.catalog import Model, Problem
from imgwidgets.errors import ParameterError

__all__ = [
    "Axis",
    "Role",
    "Sample",
    "ZippedAxes",
    "ZippedValues",
    "as_values",
    "fault",
    "label_of",
    "sample",
    "zip_axes",
]

Role = Literal["prompt", "field", "parameter", "model", "endpoint", "image", "mask", "markup"]

_LONGEST_LABEL = 200  # characters of a value that a table's header repeats
_ADVICE = {
    set: "a set has no order",
    frozenset: "a set has no order",
}


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that varies, or a fixed value (`is_fixed`, with one value).

    Attributes
    ----------
    name : str
        A field of the prompt template, a parameter, or ``prompt``, ``model``, ``image``, ``mask``, ...
    role : str
        What the value is for: ``prompt``, ``field``, ``parameter``, ``model``, ``endpoint``, ``image``,
        ``mask`` or ``markup``.
    values : tuple
        What requests are made of.
    shown : tuple
        What tables show and cells hold: the values as given, or their labels.
    labels : tuple of str
        What headers say.
    is_fixed : bool
        True for a plain value, which is no axis.
    is_named : bool
        True where labels were given (a dict).
    """

    name: str
    role: Role
    values: tuple[Any, ...]
    shown: tuple[Any, ...]
    labels: tuple[str, ...]
    is_fixed: bool = False
    is_named: bool = False

    def __len__(self) -> int:
        return len(self.values)


class Sample(msgspec.Struct, frozen=True):
    """A random subset of a sweep's product; :func:`sample` makes it.

    Attributes
    ----------
    n : int
        How many points.
    seed : int
        The same seed chooses the same points.
    """

    n: int
    seed: int

    def choose(self, total: int) -> list[int]:
        """Give `n` different numbers below `total`, in ascending order, without listing the others."""
        if self.n >= total:
            return list(range(total))
        chance = random.Random(self.seed)  # noqa: S311 (a choice of points, no secret)
        chosen: set[int] = set()
        for last in range(total - self.n, total):  # Floyd's algorithm: n draws, however many there are
            drawn = chance.randrange(last + 1)
            chosen.add(last if drawn in chosen else drawn)
        return sorted(chosen)


class ZippedValues(list[Any]):
    """The values of one axis that goes along with others."""

    def __init__(self, values: Iterable[Any], group: ZippedAxes) -> None:
        super().__init__(values)
        self.group = group


class ZippedAxes(Mapping[str, ZippedValues]):
    """Axes that change together; :func:`zip_axes` makes it."""

    def __init__(self, axes: Mapping[str, Any]) -> None:
        self._axes: dict[str, ZippedValues] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        for name, given in axes.items():
            if isinstance(given, Mapping):
                self.named[name] = tuple(map(str, given))
                values: Any = list(given.values())
            else:
                values = as_values(name, given)
            if values is None:
                raise fault(name, given, f"zip_axes needs a list for each axis, but {name} is {given!r:.80}")
            self._axes[name] = ZippedValues(values, self)
        lengths = {name: len(values) for name, values in self._axes.items()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} has {count}" for name, count in lengths.items())
            raise fault(
                next(iter(lengths)), None, f"zip_axes needs lists of the same length, one value each: {said}"
            )
        if not lengths:
            raise fault("zip_axes", None, "zip_axes needs at least one axis: zip_axes(size=[...], n=[...])")

    def __getitem__(self, name: str) -> ZippedValues:
        return self._axes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._axes)

    def __len__(self) -> int:
        return len(self._axes)

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={list(values)!r:.80}" for name, values in self._axes.items())
        return f"zip_axes({said})"


def zip_axes(**axes: Any) -> ZippedAxes:
    """Let axes change together: the first values of all, then the second ones, ...

    Parameters
    ----------
    **axes : list
        Of the same length; a dict names its values.

    Returns
    -------
    ZippedAxes
        For :class:`imgwidgets.Sweep`, as it is or as ``**zip_axes(...)``.

    Raises
    ------
    ParameterError
        Where the lengths differ.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> pairs = iw.zip_axes(size=["1024x1024", "1536x1024"], quality=["high", "low"])
    >>> [cell.values for cell in iw.Sweep("a fox", pairs).plan(history=False)]
    [{'size': '1024x1024', 'quality': 'high'}, {'size': '1536x1024', 'quality': 'low'}]
    """
    return ZippedAxes(axes)


def sample(n: int, *, seed: int | None = None) -> Sample:
    """Choose random points of a sweep's product; the others are never listed.

    Parameters
    ----------
    n : int
        How many; where the product has fewer, all of them.
    seed : int, optional
        The same seed chooses the same points. Default: another choice each time.

    Returns
    -------
    Sample
        For :class:`imgwidgets.Sweep`. Chosen points keep the product's order, and each is repeated
        ``repeat`` times.

    Raises
    ------
    ValueError
        For an `n` below 1 or a seed that is no whole number.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> numbers = list(range(1000))
    >>> sweep = iw.Sweep("{a} {b} {c} {d}", iw.sample(3, seed=7), a=numbers, b=numbers, c=numbers, d=numbers)
    >>> len(sweep), len(sweep.plan(history=False))
    (3, 3)
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"n is {n!r}; it needs a whole number of cells above 0")
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError(f"seed is {seed!r}; it needs a whole number")  # noqa: TRY004 (as n)
    return Sample(n, seed)


def as_values(name: str, given: Any, *, is_input: bool = False) -> list[Any] | None:
    """Give the values of an axis; None where it is a plain value.

    Lists, ranges, and one-dimensional arrays and series are axes. A tuple is a plain value: a size, or
    several images of one cell.

    Raises
    ------
    ParameterError
        For an empty axis, and for what cannot be read twice or has no order.
    """
    values: list[Any] | None = None
    if isinstance(given, list | range):
        values = list(given)
    elif not is_input and hasattr(given, "tolist") and getattr(given, "ndim", None) == 1:
        values = list(given.tolist())
    elif isinstance(given, set | frozenset) or (isinstance(given, Iterator) and not hasattr(given, "read")):
        reason = _ADVICE.get(type(given), "it can be read once only")
        raise fault(name, given, f"{name} is a {type(given).__name__}: {reason}; give a list")
    elif type(given) in (type({}.keys()), type({}.values())):
        values = list(given)
    if values is not None and not values:
        raise fault(name, given, f"the axis {name} has no values; leave it out, or give a list with some")
    return values


def label_of(value: Any) -> str:
    """Give a value as a header says it.

    Examples
    --------
    >>> label_of((1024, 1536)), label_of(None), label_of(0.5)
    ('1024x1536', 'not given', '0.5')
    """
    if value is None:
        return "not given"
    if isinstance(value, Model):
        return f"{value.provider}:{value.name}"
    if isinstance(value, tuple | list) and len(value) == 2 and all(isinstance(edge, int) for edge in value):
        return f"{value[0]}x{value[1]}"
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def fault(name: str, value: Any, message: str, suggestion: Any = None) -> ParameterError:
    """Give the error for one argument of a sweep."""
    return ParameterError(
        [
            Problem(
                parameter=name, value=value, message=message, suggestion=suggestion, code="unknown_parameter"
            )
        ]
    )
