"""Reply shapes. One table, ``REPLIES``, names them all; ``Sandbox(reply=...)`` takes one of its names.

================  ==========================================================================================
name              the reply
================  ==========================================================================================
``images``        OpenAI's: ``data`` with ``b64_json``, or with ``url`` where ``response_format`` says so
``url``           the same, always with URLs
``relative_url``  the same, with URLs that lack scheme and host (LocalAI, SGLang)
``chat``          a chat completion; ``content`` is Markdown with a link to each picture
``chat_data``     the same, with the pictures as data URLs
``chat_images``   the pictures in ``message.images``, text in ``content`` (OpenRouter)
``chat_parts``    ``content`` is a list of parts (vLLM-Omni)
``chat_html``     ``content`` is HTML with ``<img>``
``chat_base64``   ``content`` is bare base64
``chat_json``     ``content`` is a JSON text with an Images reply in it
``chat_text``     no picture at all, only words
``fal``           ``images`` with ``url``, ``width``, ``height``, ``content_type``
``openrouter``    ``data`` with ``b64_json`` and ``media_type``; ``usage`` with ``cost``
``responses``     ``output`` with ``image_generation_call`` entries (the Responses API)
``raw``           the first picture's bytes, with its own content type
================  ==========================================================================================
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

from imgwidgets.sandbox.encode import MEDIA_TYPES
from imgwidgets.sandbox.pieces import Inline, Piece, json_pieces
from imgwidgets.sandbox.usage import svg_usage, usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgwidgets.sandbox.plan import Plan
    from imgwidgets.sandbox.validate import Job

__all__ = ["REPLIES", "Answer", "Drawn", "Reply", "answer_of", "details"]


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A finished picture.

    Attributes
    ----------
    data : bytes
        The file.
    media_type : str
        What it really is.
    link : callable
        ``link(relative=False)`` puts it behind a URL and gives that.
    """

    data: bytes
    media_type: str
    link: Callable[..., str]

    @property
    def data_url(self) -> Inline:
        """The picture as a data URL."""
        return Inline((f"data:{self.media_type};base64,", self.data))


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """All that a reply is made of."""

    job: Job
    plan: Plan
    pictures: tuple[Drawn, ...]
    created: int


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply before it is written.

    Attributes
    ----------
    content : object
        A JSON value with :class:`Inline` strings in it; bytes for a raw picture.
    media_type : str
        Of the HTTP answer.
    """

    content: Any
    media_type: str = "application/json"

    def pieces(self) -> list[Piece]:
        """Give the body."""
        return [self.content] if isinstance(self.content, bytes) else json_pieces(self.content)


def details(job: Job, plan: Plan) -> dict[str, Any]:
    """Give what token-billed models report about a picture: size, quality, background, format."""
    said = {
        "background": plan.background,
        "output_format": plan.output_format,
        "quality": plan.quality,
        "size": "{}x{}".format(*plan.size),
    }
    who = job.effective.get("safety_identifier") or job.effective.get("user")
    return {**said, "safety_identifier": who} if who else said


# -- OpenAI's shape -----------------------------------------------------------------------------------


def _images(answer: Answer) -> Reply:
    link = answer.job.effective.get("response_format") == "url"
    return _images_with(answer, lambda picture: {"url": picture.link()} if link else _b64(picture))


def _url(answer: Answer) -> Reply:
    return _images_with(answer, lambda picture: {"url": picture.link()})


def _relative_url(answer: Answer) -> Reply:
    return _images_with(answer, lambda picture: {"url": picture.link(relative=True)})


def _b64(picture: Drawn) -> dict[str, Any]:
    return {"b64_json": Inline((picture.data,))}


def _images_with(answer: Answer, entry: Callable[[Drawn], dict[str, Any]]) -> Reply:
    job, plan = answer.job, answer.plan
    # Only models that take a style rewrite the prompt first, and tell.
    revised = {"revised_prompt": job.request.prompt} if "style" in job.endpoint.accepted else {}
    content: dict[str, Any] = {
        "created": answer.created,
        "data": [{**entry(picture), **revised} for picture in answer.pictures],
    }
    tokens = usage(job, plan, count=len(answer.pictures))
    if tokens is not None:
        content |= {**details(job, plan), "usage": tokens}
    if plan.output_format == "svg":
        content["svg_usage"] = svg_usage(job, answer.pictures[0].data)
    return Reply(content=content)


def _openrouter(answer: Answer) -> Reply:
    prompt_tokens, completion_tokens = _counted(answer)
    content = {
        "created": answer.created,
        "data": [{**_b64(picture), "media_type": picture.media_type} for picture in answer.pictures],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "cost": round(0.04 * len(answer.pictures), 6),
        },
    }
    return Reply(content=content)


def _fal(answer: Answer) -> Reply:
    width, height = answer.plan.size
    pictures = [
        {"url": picture.link(), "width": width, "height": height, "content_type": picture.media_type}
        for picture in answer.pictures
    ]
    return Reply(content={"images": pictures, "prompt": answer.job.request.prompt})


def _responses(answer: Answer) -> Reply:
    calls = [
        {
            "id": f"ig_{position}",
            "type": "image_generation_call",
            "status": "completed",
            "result": Inline((picture.data,)),
        }
        for position, picture in enumerate(answer.pictures)
    ]
    return Reply(
        content={
            "id": "resp_sandbox",
            "object": "response",
            "created_at": answer.created,
            "model": answer.job.model.name,
            "status": "completed",
            "output": calls,
        }
    )


def _raw(answer: Answer) -> Reply:
    return Reply(content=answer.pictures[0].data, media_type=answer.pictures[0].media_type)


# -- chat completions ---------------------------------------------------------------------------------


def _counted(answer: Answer) -> tuple[int, int]:
    tokens = usage(answer.job, answer.plan, count=len(answer.pictures))
    return (tokens["input_tokens"], tokens["output_tokens"]) if tokens else (0, 0)


def _completion(answer: Answer, message: dict[str, Any]) -> Reply:
    prompt_tokens, completion_tokens = _counted(answer)
    return Reply(
        content={
            "id": "chatcmpl-sandbox",
            "object": "chat.completion",
            "created": answer.created,
            "model": answer.job.model.name,
            "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }
    )


def _chat(answer: Answer) -> Reply:
    links = "\n\n".join(f"![image {n}]({picture.link()})" for n, picture in enumerate(answer.pictures, 1))
    return _completion(answer, {"content": f"Here is what you asked for:\n\n{links}\n"})


def _chat_data(answer: Answer) -> Reply:
    parts: list[str | bytes] = ["Here is what you asked for:\n\n"]
    for picture in answer.pictures:
        parts += ["![image](", *picture.data_url.parts, ")\n\n"]
    return _completion(answer, {"content": Inline(tuple(parts))})


def _chat_images(answer: Answer) -> Reply:
    pictures = [{"type": "image_url", "image_url": {"url": picture.data_url}} for picture in answer.pictures]
    return _completion(answer, {"content": "Here is what you asked for.", "images": pictures})


def _chat_parts(answer: Answer) -> Reply:
    parts: list[dict[str, Any]] = [{"type": "text", "text": "Here is what you asked for."}]
    parts += [{"type": "image_url", "image_url": {"url": picture.data_url}} for picture in answer.pictures]
    return _completion(answer, {"content": parts})


def _chat_html(answer: Answer) -> Reply:
    tags = "\n".join(f'<img src="{picture.link()}" alt="image">' for picture in answer.pictures)
    return _completion(answer, {"content": f"<p>Here is what you asked for:</p>\n{tags}"})


def _chat_base64(answer: Answer) -> Reply:
    return _completion(answer, {"content": Inline((answer.pictures[0].data,))})


def _chat_json(answer: Answer) -> Reply:
    inner = {"data": [{"b64_json": pybase64.b64encode(p.data).decode()} for p in answer.pictures]}
    return _completion(answer, {"content": msgspec.json.encode(inner).decode()})


def _chat_text(answer: Answer) -> Reply:
    return _completion(
        answer, {"content": "I cannot draw this, but I can describe it: a picture of nothing."}
    )


REPLIES: dict[str, Callable[[Answer], Reply]] = {
    "images": _images,
    "url": _url,
    "relative_url": _relative_url,
    "chat": _chat,
    "chat_data": _chat_data,
    "chat_images": _chat_images,
    "chat_parts": _chat_parts,
    "chat_html": _chat_html,
    "chat_base64": _chat_base64,
    "chat_json": _chat_json,
    "chat_text": _chat_text,
    "fal": _fal,
    "openrouter": _openrouter,
    "responses": _responses,
    "raw": _raw,
}
"""Name -> what writes such a reply; see the table above."""


def answer_of(
    job: Job, plan: Plan, files: list[bytes], link: Callable[[bytes, str], Callable[..., str]]
) -> Answer:
    """Put finished files together.

    Parameters
    ----------
    job, plan : Job, Plan
        What was asked and drawn.
    files : list of bytes
        One for each picture.
    link : callable
        ``link(data, format)`` gives the function that puts a file behind a URL.
    """
    pictures = tuple(
        Drawn(data=data, media_type=MEDIA_TYPES[plan.output_format], link=link(data, plan.output_format))
        for data in files
    )
    return Answer(job=job, plan=plan, pictures=pictures, created=int(time.time()))
