"""From a reply to a result: what came is compared with what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.images.result import ImageResult, ResultImage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgwidgets.catalog import ImageRequest, Model, Usage
    from imgwidgets.client.replies import Reply

__all__ = ["joined", "result_of"]


def result_of(  # noqa: PLR0913 (one keyword for each fact)
    request: ImageRequest,
    model: Model | None,
    reply: Reply,
    *,
    seconds: float,
    request_id: str | None,
    notes: Sequence[str] = (),
) -> ImageResult:
    """Make the result of one reply whose pictures are all here.

    Parameters
    ----------
    request : ImageRequest
        What was asked.
    model : Model or None
        For the price.
    reply : Reply
        Every image with its ``data``.
    seconds : float
        How long it took.
    request_id : str or None
        The provider's name for it.
    notes : sequence of str
        What was known before.
    """
    images = [
        ResultImage(
            found.data,
            prompt=request.prompt,
            model=request.model,
            revised_prompt=found.revised_prompt,
            index=index,
            extra=found.extra,
        )
        for index, found in enumerate(reply.images)
        if found.data is not None
    ]
    cost = None
    if model is not None:
        cost = _catalog.cost(model, reply.usage, request, count=len(images))
    said = [*notes, *reply.problems, *_differences(request, model, images, reply.extra)]
    return ImageResult(
        images,
        request=request,
        usage=reply.usage,
        cost=cost,
        seconds=seconds,
        request_id=request_id,
        notes=tuple(dict.fromkeys(said)),
        created=reply.created,
        extra=reply.extra,
    )


def _differences(
    request: ImageRequest, model: Model | None, images: Sequence[ResultImage], extra: dict[str, Any]
) -> Iterator[str]:
    """Tell where the pictures differ from what was asked: providers substitute silently."""
    asked = _effective(request, model)
    count = asked.get("n")
    if isinstance(count, int) and not isinstance(count, bool) and count != len(images):
        yield f"{count} picture{'s' * (count != 1)} asked for, {len(images)} came"
    for image in images:
        if not image.format:
            yield f"picture {image.index}: its {len(image.bytes):,} bytes are in no format known here"
    wanted = asked.get("output_format")
    got = {image.format for image in images if image.format}
    if isinstance(wanted, str) and got and got != {wanted}:
        yield f"{wanted} asked for, {' and '.join(sorted(got))} came"
    yield from _sizes(asked.get("size"), images)
    first = request.images[0].size if request.images else None
    if first is not None and _catalog.parse_size(asked.get("size")) is None:
        # Masks and comparisons go by pixels, so a result of another size should surprise nobody.
        for found in dict.fromkeys(image.size for image in images if image.size not in (first, (0, 0))):
            came = f"the input is {first[0]}x{first[1]}, {found[0]}x{found[1]} came"
            yield f"{came}: the size was left to the model"
    quality, said = asked.get("quality"), extra.get("quality")
    if isinstance(said, str) and quality not in (None, "auto", said):
        yield f"quality {quality!r} asked for, the reply says {said[:40]!r}"


def _sizes(wanted: Any, images: Sequence[ResultImage]) -> Iterator[str]:
    size = _catalog.parse_size(wanted)
    if size is None:
        return
    others = [image for image in images if image.size not in (size, (0, 0))]
    for found in dict.fromkeys(image.size for image in others):
        where = "" if len(others) == len(images) else f" (picture {others[0].index})"
        yield f"{size[0]}x{size[1]} asked for, {found[0]}x{found[1]} came{where}"


def _effective(request: ImageRequest, model: Model | None) -> dict[str, Any]:
    """Give what was asked, with the defaults that the catalog knows."""
    endpoint = model.endpoints.get(request.endpoint) if model is not None else None
    known = _catalog.defaults(endpoint) if endpoint is not None else {"n": 1}
    return {**known, **request.parameters}


def joined(request: ImageRequest, results: Sequence[ImageResult], notes: Sequence[str] = ()) -> ImageResult:
    """Make one result of several that were asked for side by side, one picture each."""
    images = []
    for index, result in enumerate(results):
        for image in result:
            image.index = index
            images.append(image)
    costs = [result.cost for result in results]
    known = [cost for cost in costs if cost is not None]
    first = results[0]
    count = request.parameters.get("n", 1)
    missing = (
        [f"{count} pictures asked for, {len(images)} came"]
        if isinstance(count, int) and count != len(images)
        else []
    )
    said = [*notes, *missing, *(note for result in results for note in result.notes)]
    return ImageResult(
        images,
        request=request,
        usage=_sum([result.usage for result in results]),
        cost=sum(known) if len(known) == len(costs) else None,
        seconds=max((result.seconds or 0.0) for result in results),
        request_id=first.request_id,
        notes=tuple(dict.fromkeys(said)),
        created=first.created,
        extra={**first.extra, "request_ids": [result.request_id for result in results]},
    )


def _sum(usages: Sequence[Usage | None]) -> Usage | None:
    """Add up tokens; a figure that one of the requests lacks is not known of the whole."""
    if any(usage is None for usage in usages):
        return None
    present = [usage for usage in usages if usage is not None]
    sums: dict[str, Any] = {}
    for field in msgspec.structs.fields(_catalog.Usage):
        if field.name == "extra":
            continue
        values = [getattr(usage, field.name) for usage in present]
        sums[field.name] = None if any(value is None for value in values) else sum(values)
    return _catalog.Usage(**sums)
