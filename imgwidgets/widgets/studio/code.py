"""What is on the Studio's screen, as the Python that does the same."""

from __future__ import annotations

import os
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client import Client
    from imgwidgets.widgets.studio.inputs import Given

__all__ = ["Files", "cell"]

_LINE = 88  # characters; a longer call gets a line for each argument


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """What the code reads, and what must be written for that.

    Attributes
    ----------
    images : tuple
        For each input image a path, a URL or ``{"file_id": ...}``.
    mask, markup : str
        Paths; empty where there is none.
    write : dict
        Path -> bytes: files that are not there yet.
    """

    images: tuple[Any, ...] = ()
    mask: str = ""
    markup: str = ""
    write: dict[str, bytes] = {}


def files_for(given: Sequence[Given], names: Sequence[str], request: ImageRequest, folder: str) -> Files:
    """Say where the code finds its pictures: where they came from, or in files that are named here."""
    write: dict[str, bytes] = {}
    images: list[Any] = []
    for one, name in zip(given, names, strict=True):
        if isinstance(one.image, str | os.PathLike) and one.sent.data is not None and _is_file(one.image):
            images.append(os.fspath(one.image))
        elif one.sent.data is None:
            images.append(one.sent.url or {"file_id": one.sent.file_id})
        else:
            path = str(Path(folder) / name)
            write[path] = one.sent.data
            images.append(path)
    drawn = {}
    for kind, file in (("mask", request.mask), ("markup", request.markup)):
        if file is not None and file.data is not None:
            drawn[kind] = str(Path(folder) / f"{Path(names[0]).stem}-{kind}.png")
            write[drawn[kind]] = file.data
    return Files(images=tuple(images), **drawn, write=write)


def _is_file(image: str | os.PathLike[str]) -> bool:
    try:
        return Path(image).expanduser().is_file()
    except (OSError, ValueError):
        return False


def cell(request: ImageRequest, files: Files, *, client: Client, note: str = "") -> str:
    """Write a cell that sends the request and shows what comes.

    Parameters
    ----------
    request : ImageRequest
        What is on the screen.
    files : Files
        Where its pictures are.
    client : Client
        Who is asked.
    note : str
        A remark beside the client.
    """
    lines = ["import imgwidgets as iw", "", f"client = {_client(client)}{f'  # {note}' if note else ''}"]
    lines.append(f"prompt = {request.prompt!r}")
    words = ["prompt"]
    if request.endpoint == "edits":
        given = [repr(image) for image in files.images]
        lines.append(f"image = {given[0] if len(given) == 1 else _listed(given)}")
        words.insert(0, "image")
        for kind, path in (("mask", files.mask), ("markup", files.markup)):
            if path:
                lines.append(f"{kind} = {path!r}")
                words.append(f"{kind}={kind}")
    parameters = dict(request.parameters)
    streamed = bool(parameters.pop("stream", False))
    words.append(f"model={request.model!r}")
    odd = {name: value for name, value in parameters.items() if not name.isidentifier() or iskeyword(name)}
    words += [f"{name}={value!r}" for name, value in parameters.items() if name not in odd]
    words += [f"**{odd!r}"] if odd else []
    method = f"client.{'edit' if request.endpoint == 'edits' else 'generate'}{'_stream' if streamed else ''}"
    call = f"{method}({', '.join(words)})"
    if len(call) + len("result = ") > _LINE:
        call = f"{method}(\n    " + ",\n    ".join(words) + ",\n)"
    # Of a stream, the last event is the result.
    lines += [f"*_, result = {call}" if streamed else f"result = {call}", "result"]
    return "\n".join(lines) + "\n"


def _listed(given: Sequence[str]) -> str:
    return "[\n    " + ",\n    ".join(given) + ",\n]" if given else "[]"


def _client(client: Client) -> str:
    provider = client.provider
    if provider.embedded:
        # Named: IMGWIDGETS_PROVIDER may stand for a provider that charges, here or where it is run.
        return f"iw.Client({provider.name!r})"
    words = [repr(provider.name)]
    if client.base_url != provider.base_url:
        words.append(f"base_url={client.base_url!r}")
    return f"iw.Client({', '.join(words)})"
