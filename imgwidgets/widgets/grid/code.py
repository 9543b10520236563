"""The requests behind images, as Python that asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.catalog import ImageInput, ImageRequest
    from imgwidgets.widgets.grid.items import Item

__all__ = ["code_of", "request_code"]

_LINE = 88  # characters; a longer call gets a line for each argument


def code_of(items: Iterable[Item]) -> str:
    """Give a program that asks for images again: each request once.

    Raises
    ------
    ValueError
        Where no request is known.
    """
    requests = list(dict.fromkeys(item.request for item in items if item.request is not None))
    if not requests:
        raise ValueError("no request is known of these images: they were not made here")
    lines = ["import imgwidgets as iw", ""]
    providers = list(dict.fromkeys(request.provider for request in requests))
    names = {providers[0]: "client"} | {name: f"client_{i}" for i, name in enumerate(providers[1:], 2)}
    for provider, name in names.items():
        lines.append(f"{name} = iw.Client({provider!r})")
    for number, request in enumerate(requests, 1):
        result = "result" if len(requests) == 1 else f"result_{number}"
        lines += request_code(request, client=names[request.provider], result=result)
    return "\n".join(lines) + "\n"


def request_code(request: ImageRequest, *, client: str = "client", result: str = "result") -> list[str]:
    """Give the lines that send one request with ``client.generate`` or ``client.edit``.

    Examples
    --------
    >>> from imgwidgets.catalog import ImageRequest
    >>> request = ImageRequest(prompt="a red fox", model="gpt-image-2", parameters={"quality": "low"})
    >>> request_code(request)
    ["result = client.generate('a red fox', model='gpt-image-2', quality='low')"]
    """
    before: list[str] = []
    words: list[str] = []
    parameters = dict(request.parameters)
    streamed = bool(parameters.pop("stream", False))
    if request.endpoint == "edits":
        given = [
            _input(image, f"image_{i}" if len(request.images) > 1 else "image", before)
            for i, image in enumerate(request.images, 1)
        ]
        words.append(given[0] if len(given) == 1 else f"[{', '.join(given)}]")
    words.append(repr(request.prompt))
    for name, file in (("mask", request.mask), ("markup", request.markup)):
        if file is not None:
            words.append(f"{name}={_input(file, name, before)}")
    words.append(f"model={request.model!r}")
    odd = {name: value for name, value in parameters.items() if not name.isidentifier()}
    words += [f"{name}={value!r}" for name, value in parameters.items() if name not in odd]
    words += [f"**{odd!r}"] if odd else []
    method = (
        f"{client}.{'edit' if request.endpoint == 'edits' else 'generate'}{'_stream' if streamed else ''}"
    )
    call = f"{method}({', '.join(words)})"
    if len(call) + len(result) + 3 > _LINE:
        call = f"{method}(\n    " + ",\n    ".join(words) + ",\n)"
    lines = [f"*_, {result} = {call}" if streamed else f"{result} = {call}"]
    return before + lines


def _input(image: ImageInput, name: str, before: list[str]) -> str:
    """Give an input as an argument; one whose pixels are only here needs a line of its own."""
    if image.url is not None and not image.url.startswith("data:"):
        return repr(image.url)
    if image.file_id is not None:
        return repr({"file_id": image.file_id})
    size = f"{image.size[0]}x{image.size[1]} " if image.size else ""
    suggestion = image.name or f"{name}.{image.format or 'png'}"
    before.append(f"{name} = {suggestion!r}  # the {size}{image.format} that was sent: say where it is")
    return name
