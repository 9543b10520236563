"""What will be drawn: every ``auto`` of a request decided, from its words and its pictures alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import nearest_size, parse_size, size_faults
from imgwidgets.sandbox.bounds import MAX_EDGE, MAX_OUTPUT_PIXELS, MAX_RATIO
from imgwidgets.sandbox.refusal import Refusal

if TYPE_CHECKING:
    from imgwidgets.catalog import Parameter, SizeRule
    from imgwidgets.sandbox.validate import Job

__all__ = ["Plan", "planned"]

# What people write when they mean a shape. Landscape words name things that are wider than high.
_WIDE = re.compile(
    r"\b(landscape|panoram\w*|wide|horizon\w*|cinematic|banner|sea|coast|skyline|valley|desert)\b"
)
_HIGH = re.compile(
    r"\b(portrait|tall|vertical|poster|tower|lighthouse|skyscraper|waterfall|book cover|phone)\b"
)
_RATIO = re.compile(r"(\d{1,3}(?:\.\d+)?):(\d{1,3}(?:\.\d+)?)")
# Tiers such as 2K, and the pixels of a square's edge: some providers take them instead of a size.
_TIER = re.compile(r"(\d(?:\.\d)?)K|(\d{3,4})", re.IGNORECASE)
_SIDES = {"wide": (1536, 1024), "high": (1024, 1536), "square": (1024, 1024)}
# The frames of an animation are small: 512 pixels is what GIF frames are usually asked for.
_GIF_EDGE = 512


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to draw, without any ``auto``.

    Attributes
    ----------
    size : (int, int)
        Width and height in pixels.
    quality, background : str
        ``auto`` only where a model has no such parameter.
    output_format : str
        ``png``, ``jpeg``, ``webp``, ``gif`` or ``svg``.
    compression : int
        Quality of a jpeg or webp file, percent.
    count : int
        How many pictures.
    partials : int
        Partial pictures before each final one.
    frames, frame_milliseconds : int
        Of a gif.
    style : str
        The API's ``style``, or empty.
    seed : int
        For providers that take one; another seed draws another picture.
    first_take : int
        Which of several pictures of the same prompt comes first.
    """

    size: tuple[int, int]
    quality: str = "auto"
    background: str = "opaque"
    output_format: str = "png"
    compression: int = 100
    count: int = 1
    partials: int = 0
    frames: int = 9
    frame_milliseconds: int = 200
    style: str = ""
    seed: int = 0
    first_take: int = 0

    @property
    def transparent(self) -> bool:
        """Whether the background is left out."""
        return self.background == "transparent"


def planned(job: Job, *, first_take: int = 0) -> Plan:
    """Decide everything that a request leaves open; the same request always gets the same answer.

    Raises
    ------
    Refusal
        400, for what no rule of the catalog forbids and nobody could draw.
    """
    said = job.effective
    streamed = said.get("stream") is True
    plan = Plan(
        size=_size(job),
        quality=_quality(said.get("quality"), job.endpoint.parameters.get("quality")),
        background="transparent" if said.get("background") == "transparent" else "opaque",
        output_format=_format(said.get("output_format", "png")),
        compression=_whole(said, "output_compression", 100, 0, 100),
        count=_whole(said, "n", 1, 1, 16),
        partials=_whole(said, "partial_images", 0, 0, 10) if streamed else 0,
        frames=_whole(said, "frame_count", 9, 1, 64),
        frame_milliseconds=_whole(said, "frame_duration_ms", 200, 10, 655_350),
        style=str(said.get("style") or ""),
        seed=_whole(said, "seed", 0, -(2**63), 2**63) % 100_000,
        first_take=first_take,
    )
    if plan.output_format == "jpeg" and plan.transparent:
        # Where no rule is known for a provider, it does what such servers do: it fills the background.
        plan = msgspec.structs.replace(plan, background="opaque")
    if plan.output_format in ("gif", "svg"):
        # Likewise: a stream of such files has no partials, and ends with the whole file.
        plan = msgspec.structs.replace(plan, partials=0)
    return plan


def _whole(said: dict[str, Any], name: str, default: int, low: int, high: int) -> int:
    """Read a whole number that a provider without rules of its own let pass."""
    value = said.get(name, default)
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(f"Invalid type for '{name}': expected an integer.", param=name, code="invalid_type")
    if not low <= value <= high:
        raise Refusal(
            f"Invalid value for '{name}': expected a value from {low} to {high}, got {value}.",
            param=name,
            code="invalid_value",
        )
    return value


_FORMATS = ("png", "jpeg", "webp", "gif", "svg")


def _format(value: Any) -> str:
    value = "jpeg" if value == "jpg" else value
    if value not in _FORMATS:
        names = ", ".join(f"'{name}'" for name in _FORMATS)
        raise Refusal(
            f"Invalid value for 'output_format': supported values are {names}.",
            param="output_format",
            code="invalid_value",
        )
    return str(value)


def _quality(value: Any, parameter: Parameter | None) -> str:
    if isinstance(value, str) and value != "auto":
        return value
    known = [entry for entry in (parameter.values if parameter else ()) if entry != "auto"]
    return "medium" if "medium" in known or not known else str(known[0])


def _size(job: Job) -> tuple[int, int]:
    said = job.effective
    exact = parse_size(said.get("size"))
    parameter = job.endpoint.parameters.get("size")
    if exact is not None:
        excess = _excess(exact, parameter.size if parameter else None)
        if excess and not (parameter is not None and said["size"] in parameter.values):
            raise Refusal(
                f"Invalid value for 'size': {exact[0]}x{exact[1]} is more than this sandbox draws, {excess}.",
                param="size",
                code="invalid_value",
            )
        return exact
    if said.get("size") not in (None, "auto") and not (parameter is not None and parameter.open):
        raise Refusal("Invalid value for 'size': expected WIDTHxHEIGHT.", param="size", code="invalid_value")
    wanted = _shape(job)
    if said.get("output_format") == "gif":
        width, height = wanted
        scale = _GIF_EDGE / min(wanted)
        return round(width * scale / 16) * 16, round(height * scale / 16) * 16
    return _allowed(wanted, parameter)


def _excess(size: tuple[int, int], rule: SizeRule | None) -> str:
    """Name the bound that a size exceeds; where a provider documents a larger one, that one counts."""
    long, short = max(size), min(size)
    edge = max(MAX_EDGE, (rule.max_edge or 0) if rule else 0)
    pixels = max(MAX_OUTPUT_PIXELS, (rule.max_pixels or 0) if rule else 0)
    ratio = max(MAX_RATIO, (rule.max_ratio or 0) if rule else 0)
    if long > edge:
        return f"at most {edge} pixels an edge"
    if long * short > pixels:
        return f"at most {pixels:,} pixels"
    return f"at most {ratio:g}:1 in shape" if long > ratio * short else ""


def _shape(job: Job) -> tuple[int, int]:
    """Say which shape would suit: the first picture's, a ratio that was asked for, or the words'."""
    ratio = _RATIO.fullmatch(str(job.effective.get("aspect_ratio", "")))
    tier = _TIER.fullmatch(str(job.effective.get("resolution") or job.effective.get("size") or ""))
    if ratio or tier:
        across, down = (float(ratio[1]), float(ratio[2])) if ratio else (1.0, 1.0)
        edge = (float(tier[1]) * 1024 if tier[1] else float(tier[2])) if tier else 1024.0
        unit = edge / max(1e-3, across * down) ** 0.5
        return max(16, round(across * unit / 16) * 16), max(16, round(down * unit / 16) * 16)
    if job.request.images and job.request.images[0].size:
        return job.request.images[0].size
    words = job.request.prompt.lower()
    wide, high = len(_WIDE.findall(words)), len(_HIGH.findall(words))
    return _SIDES["wide" if wide > high else "high" if high > wide else "square"]


def _allowed(wanted: tuple[int, int], parameter: Parameter | None) -> tuple[int, int]:
    """Give the size itself where the model can make it, else the one of nearest proportions."""
    if parameter is None:
        return _bounded(wanted)
    presets = [size for value in parameter.values if (size := parse_size(value))]
    if wanted in presets:
        return wanted
    if parameter.size is not None and parameter.size.free:
        if size_faults(parameter.size, wanted):
            return _bounded(nearest_size(parameter.size, _in_scale(wanted, parameter)))
        return _bounded(wanted)
    if not presets:
        return _bounded(wanted)
    # Of presets alike in shape, the one of about a million pixels is what models were made for.
    ratio = wanted[0] / wanted[1]
    return min(
        presets,
        key=lambda size: (max(ratio, size[0] / size[1]) / min(ratio, size[0] / size[1]), -size[0] * size[1]),
    )


def _in_scale(size: tuple[int, int], parameter: Parameter) -> tuple[int, int]:
    """Scale a size into the model's range of pixels, so that the nearest valid one keeps its shape."""
    rule = parameter.size
    if rule is None:
        return size
    pixels, scale = size[0] * size[1], 1.0
    if rule.min_pixels and pixels < rule.min_pixels:
        scale = (1.05 * rule.min_pixels / pixels) ** 0.5
    elif rule.max_pixels and pixels > rule.max_pixels:
        scale = (0.95 * rule.max_pixels / pixels) ** 0.5
    if rule.max_edge:
        scale = min(scale, rule.max_edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _bounded(size: tuple[int, int]) -> tuple[int, int]:
    """Bring a size that nobody asked for by name (a ratio, an input's own) within what is drawn."""
    width, height = size
    width, height = min(width, MAX_RATIO * height), min(height, MAX_RATIO * width)
    scale = min(1.0, (MAX_OUTPUT_PIXELS / (width * height)) ** 0.5, MAX_EDGE / max(width, height))
    # Rounded so that the shape stays within its bound as well.
    return max(1, int(width * scale)), max(1, int(height * scale))
