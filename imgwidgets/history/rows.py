"""Requests, results and errors as rows."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.errors import ImgWidgetsError, RequestError
from imgwidgets.history.redact import plain, to_json, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgwidgets.catalog import ImageInput, ImageRequest
    from imgwidgets.images import ImageResult, ResultImage

__all__ = [
    "ARRIVED",
    "ENDED",
    "PREPARING",
    "SENT",
    "STATUSES",
    "Picture",
    "inputs_of",
    "of_error",
    "of_request",
    "of_result",
    "pictures_of",
    "status_of",
    "words_of",
]

PREPARING, SENT, ARRIVED, ENDED = range(4)
STATUSES = ("running", "done", "failed", "maybe_billed", "not_sent")


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One row of ``pictures``, and the bytes that belong to it.

    Attributes
    ----------
    role : str
        ``image``, ``partial``, ``input``, ``mask`` or ``markup``.
    position : int
        Which of that role, from 0.
    data : bytes or None
        None for a reference (a URL, a file id).
    sha256 : str
        Of the data, where it is known already.
    header : str
        JSON: what :func:`imgwidgets.images.sniff` read.
    details : str
        JSON: what else is known of it.
    """

    role: str
    position: int
    data: bytes | None
    header: str
    details: str
    sha256: str = ""

    def row(self) -> tuple[str, int, str | None, int | None, str, str]:
        """Give its columns after ``entry``."""
        if self.data is None:
            return (self.role, self.position, None, None, self.header, self.details)
        digest = self.sha256 or hashlib.sha256(self.data).hexdigest()
        return (self.role, self.position, digest, len(self.data), self.header, self.details)


# -- a request ------------------------------------------------------------------------------------------


def of_request(request: ImageRequest, base_url: str) -> dict[str, Any]:
    """Give the columns that are known before anything is sent."""
    provider = _catalog.current().providers.get(request.provider)
    return {
        "key": request.key,
        "provider": plain(request.provider),
        "embedded": bool(provider is not None and provider.embedded),
        "base_url": without_secrets(base_url).partition("?")[0],
        "model": plain(request.model),
        "endpoint": request.endpoint,
        "prompt": plain(request.prompt),
        "parameters": to_json(request.parameters),
        "words": words_of(request, ()),
    }


def words_of(request: ImageRequest, images: Iterable[ResultImage]) -> str:
    """Give what a search by text looks at: the prompt, what the provider made of it, the model."""
    said = [request.prompt, request.model, *(image.revised_prompt for image in images)]
    return plain("\n".join(dict.fromkeys(text for text in said if text)).casefold())


def inputs_of(request: ImageRequest) -> list[Picture]:
    """Give the pictures that go out with a request."""
    found = [_input("input", position, image) for position, image in enumerate(request.images)]
    if request.mask is not None:
        found.append(_input("mask", 0, request.mask))
    if request.markup is not None:
        found.append(_input("markup", 0, request.markup))
    return found


def _input(role: str, position: int, image: ImageInput) -> Picture:
    details = {"name": image.name, "format": image.format, "size": image.size, "has_alpha": image.has_alpha}
    data = image.data
    if image.file_id is not None:
        details["file_id"] = image.file_id
    if image.url is not None and image.url.startswith("data:"):
        # As long as the picture itself: a file, not a cell of a table.
        data, details["is_url"] = plain(image.url).encode(), True
    elif image.url is not None:
        details["url"] = without_secrets(image.url)
        details["withheld"] = details["url"] != image.url
    return Picture(role=role, position=position, data=data, header="{}", details=to_json(details))


# -- an answer ------------------------------------------------------------------------------------------


def of_result(result: ImageResult) -> dict[str, Any]:
    """Give the columns that an answer adds."""
    return {
        "cost": _number(result.cost),
        "seconds": _number(result.seconds),
        "outcome": to_json(
            {
                "usage": msgspec.to_builtins(result.usage) if result.usage is not None else None,
                "notes": result.notes,
                "request_id": result.request_id,
                "created": result.created,
                "extra": result.extra,
            }
        ),
    }


def pictures_of(images: Iterable[ResultImage], role: str = "image", start: int = 0) -> Iterator[Picture]:
    """Give the rows of pictures that came, the first of them at a position."""
    for position, image in enumerate(images, start):
        header = {
            "format": image.format,
            "size": image.size if image.size != (0, 0) else None,
            "has_alpha": image.has_alpha,
            "frames": image.frames,
        }
        details = {
            "revised_prompt": image.revised_prompt,
            "index": image.index,
            "notes": image.notes,
            "extra": image.extra,
        }
        yield Picture(
            role=role,
            position=position,
            data=image.bytes,
            sha256=image.sha256,
            header=to_json(header),
            details=to_json(details),
        )


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


# -- a failure ------------------------------------------------------------------------------------------


def status_of(error: BaseException) -> str:
    """Give what became of a request that ended in an error."""
    if isinstance(error, RequestError):
        return "maybe_billed" if error.maybe_billed else "failed"
    # Everything else of ours is found before sending. What is not ours (Ctrl-C, an abandoned stream) may
    # have come while the provider was at work.
    return "not_sent" if isinstance(error, ImgWidgetsError) else "maybe_billed"


def of_error(error: BaseException) -> dict[str, Any]:
    """Give the columns that a failure adds."""
    said = str(error) or f"ended by {type(error).__name__} before the answer came"
    outcome: dict[str, Any] = {}
    if isinstance(error, RequestError):
        outcome = {
            "request_id": error.request_id,
            "failure": {"status": error.status, "type": error.type, "code": error.code, "param": error.param},
        }
    return {
        "error_type": type(error).__name__,
        "error": without_secrets(said),
        "outcome": to_json(outcome),
    }
