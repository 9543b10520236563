"""Input images, masks and markups against what a model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgwidgets.catalog.values import Endpoint, InputRule, Model, Problem
from imgwidgets.catalog.words import pixels, spell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgwidgets.catalog.request import ImageInput, ImageRequest

__all__ = ["INPUTS", "check_inputs"]

INPUTS = ("image", "mask", "markup")


def check_inputs(request: ImageRequest, model: Model, endpoint: Endpoint) -> list[Problem]:
    """Say what is wrong with the input pictures of a request, one problem for each reason."""
    given = {
        "image": request.images,
        "mask": (request.mask,) if request.mask else (),
        "markup": (request.markup,) if request.markup else (),
    }
    problems: list[Problem] = []
    for name in INPUTS:
        rule = endpoint.inputs.get(name)
        if rule is not None:
            problems += _check_input(name, given[name], rule, request, model)
        elif given[name] and endpoint.inputs:
            problems.append(
                _input_problem(name, given[name][0], f"{model.name} takes no {name}; leave it out")
            )
        elif given[name]:
            problems.append(
                _input_problem(name, given[name][0], f"{request.endpoint} take no {name}; use edit")
            )
    return problems


def _check_input(
    name: str, inputs: tuple[ImageInput, ...], rule: InputRule, request: ImageRequest, model: Model
) -> Iterator[Problem]:
    if rule.refused:
        if inputs:
            yield _input_problem(
                name, inputs[0], f"{model.name} takes no {name}: {rule.refused}; leave it out"
            )
        return
    if len(inputs) < rule.min_count:
        yield msgspec.structs.replace(
            _input_problem(name, None, f"an edit needs at least {rule.min_count} {name}, none was given"),
            code="missing_required_parameter",
        )
    if len(inputs) > rule.max_count:
        what = f"{len(inputs)} {name}s were given, but {model.name} takes at most {rule.max_count}"
        yield _input_problem(name, None, f"{what}: leave {len(inputs) - rule.max_count} out")
    first = request.images[0] if request.images else None
    for position, entry in enumerate(inputs):
        label = f"{name} {position + 1}" if len(inputs) > 1 else name
        yield from _check_file(name, label, entry, rule, model)
        if rule.same_size and entry.size and first is not None and first.size and entry.size != first.size:
            # A mask can be rescaled by its meaning; marks are the caller's own drawing.
            way = "make it that size, or pass resize_mask=True" if name == "mask" else "make it that size"
            yield _input_problem(
                name,
                entry,
                f"the {label} is {pixels(entry.size)}, but the first image is {pixels(first.size)}: {way}",
            )


def _check_file(name: str, label: str, entry: ImageInput, rule: InputRule, model: Model) -> Iterator[Problem]:
    if entry.data is None:
        return
    if rule.formats and entry.format not in rule.formats:
        what = (
            f"the {label} is a {entry.format or 'unknown'} file, but {model.name} takes {spell(rule.formats)}"
        )
        yield _input_problem(name, entry, f"{what}: convert it, for example with PIL's Image.save")
    if rule.max_bytes is not None and len(entry.data) > rule.max_bytes:
        what = f"the {label} has {len(entry.data):,} bytes, but {model.name} takes at most {rule.max_bytes:,}"
        yield _input_problem(name, entry, f"{what}: make it smaller")
    if rule.square and entry.size and entry.size[0] != entry.size[1]:
        what = f"the {label} is {pixels(entry.size)}, but {model.name} takes squares only"
        yield _input_problem(name, entry, f"{what}: crop or pad it")
    if name in ("mask", "markup") and entry.has_alpha is False:
        what = f"the {label} has no transparency, so it marks nothing"
        fix = (
            "save it as an RGBA png with alpha 0 where to edit"
            if name == "mask"
            else "save it as an RGBA png"
        )
        yield _input_problem(name, entry, f"{what}: {fix}")


def _input_problem(name: str, entry: ImageInput | None, message: str) -> Problem:
    return Problem(parameter=name, value=entry, message=message, code="invalid_image")
