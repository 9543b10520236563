"""What the events of an image stream mean.

=============================================================  ===============  =======================
event                                                          kind             sent by
=============================================================  ===============  =======================
``image_generation.partial_image``, ``image_edit.…``           ``partial``      OpenAI, OpenRouter
``image_generation.completed``, ``image_edit.completed``       ``completed``    the same
``image_generation.partial_succeeded`` (a finished image)      ``completed``    MiniMax
``response.image_generation_call.partial_image``               ``partial``      the Responses API
``response.output_item.done``, ``response.completed``          ``completed``    the same
``image.edit.chunk``: ``ar_delta``, then ``image``             other, complete  vLLM-Omni
``start``, ``processing``, ``complete``, ``error``             by content       Xinference
``choices[].delta``: joined, read at the end                   ``completed``    chat routes
``data``, ``images``                                           ``completed``    clones
``error`` in any shape                                         ``error``        all
``[DONE]``                                                     ``done``         all
=============================================================  ===============  =======================

Nothing branches on who sends: the type's words and the content decide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imgwidgets.client import limits
from imgwidgets.client.chat import read_choices
from imgwidgets.client.found import Collector, FoundImage, plain, text_of
from imgwidgets.client.sse import ServerEvent, SseReader, looks_like_events
from imgwidgets.errors import ReplyError

__all__ = ["EventReader", "StreamEvent", "looks_like_events"]

_UNFINISHED = ("partial", "progress", "processing", "generating", "preview")
_FINISHED = ("succeeded", "complete", "done")
_ERROR_WORDS = ("error", "failed", "failure")
_INDEX_KEYS = ("image_index", "index", "output_index")
_MOST_INDEX = 999
_LONGEST_TEXT = 10_000
_SOURCES = {"data", "images", "image", "output", "response", "item"}


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an image stream.

    Attributes
    ----------
    kind : str
        ``partial``, ``completed``, ``error``, ``done`` or ``other``.
    image : bytes or None
        The image file of a partial or completed event.
    url : str or None
        Where a completed image can be fetched, where the server sends an address instead.
    index : int
        Of a partial event, which partial image it is; of a completed one, which image; -1 unknown.
    payload : dict
        The rest of the event: ``usage``, ``size``, ``quality``, ``revised_prompt``, ...; for an
        error always ``error`` (dict or str), for words ``text``.

    Examples
    --------
    >>> StreamEvent(kind="partial", image=b"...", index=0).index
    0
    """

    kind: str
    image: bytes | None = None
    url: str | None = None
    index: int = -1
    payload: dict[str, Any] = {}


class EventReader:
    r"""Reads an image stream from chunks of bytes.

    Parameters
    ----------
    max_event_bytes, max_total_bytes : int, optional
        Bytes of one event's data, and of the whole stream; default: those of ``bounds``.
    base_url : str
        What relative addresses are relative to.
    bounds : Limits, optional
        What else bounds an event.

    Attributes
    ----------
    text : str
        The words of a chat-shaped stream: where no image came, they say why.

    Examples
    --------
    >>> reader = EventReader()
    >>> reader.feed(b'data: {"type": "image_generation.partial_image", "b64_json": "R0lGODlh",')
    []
    >>> [event] = reader.feed(b' "partial_image_index": 0}\n\n')
    >>> event.kind, event.image, event.index
    ('partial', b'GIF89a', 0)
    """

    def __init__(
        self,
        *,
        max_event_bytes: int | None = None,
        max_total_bytes: int | None = None,
        base_url: str = "",
        bounds: limits.Limits | None = None,
    ) -> None:
        self._bounds = bounds or limits.Limits()
        self._base_url = base_url
        self._lines = SseReader(
            max_event_bytes=max_event_bytes, max_total_bytes=max_total_bytes, bounds=self._bounds
        )
        self._chat = _Chat(self._bounds)
        self._seen: set[int] = set()

    @property
    def text(self) -> str:
        """The words of the stream so far."""
        return self._chat.text

    def feed(self, chunk: bytes | memoryview) -> list[StreamEvent]:
        """Take the next bytes; give the events that are complete now.

        Raises
        ------
        ReplyError
            Where an event is broken, or more arrives than allowed.
        """
        return [event for sent in self._lines.feed(chunk) for event in self._meaning(sent)]

    def finish(self) -> list[StreamEvent]:
        """Give what the end of the stream completes: a last event, the images of a chat.

        Raises
        ------
        ReplyError
            Where the stream stops in the middle of an event.
        """
        events = [event for sent in self._lines.finish() for event in self._meaning(sent)]
        return [*events, *self._end_of_chat()]

    def _meaning(self, sent: ServerEvent) -> list[StreamEvent]:
        value = sent.value
        if value == "[DONE]":
            return [*self._end_of_chat(), StreamEvent(kind="done")]
        if isinstance(value, list):
            value = {"data": value}
        if not isinstance(value, dict):
            return [StreamEvent(kind="other", payload={"type": sent.name, "text": plain(value)})]
        kind = _type_of(value, sent.name)
        error = _error(value, kind)
        if error is not None:
            return [StreamEvent(kind="error", payload=_payload(value) | {"error": error})]
        if isinstance(value.get("choices"), list):
            said = self._chat.take(value)
            return [StreamEvent(kind="other", payload=_payload(value, without={"choices"}) | {"text": said})]
        if kind.endswith("delta"):
            self._chat.say(text_of(value.get("delta")))
        return self._images(value, kind)

    def _images(self, value: dict[str, Any], kind: str) -> list[StreamEvent]:
        collector = Collector(self._base_url, bounds=self._bounds)
        response = value.get("response")
        source = response if isinstance(response, dict) else value
        if source.get("output") is not None:
            collector.take_all(source["output"])
        else:
            collector.take_all(value["item"] if isinstance(value.get("item"), dict) else value)
        unfinished = any(word in kind for word in _UNFINISHED) and not any(word in kind for word in _FINISHED)
        payload = _payload(value, without=_SOURCES)
        if isinstance(response, dict):
            payload |= _payload(response, without=_SOURCES)
        if not collector.images:
            if collector.problems and not unfinished:
                said = {"message": collector.problems[0], "code": "unreadable_image"}
                return [StreamEvent(kind="error", payload=payload | {"error": said})]
            notes = {"problem": collector.problems[0]} if collector.problems else {}
            return [StreamEvent(kind="other", payload=payload | notes)]
        if unfinished:
            image = collector.images[0]
            return [_event("partial", image, _index(value.get("partial_image_index")), payload)]
        several = len(collector.images) > 1 or isinstance(value.get("data"), list)
        known = next((i for i in (_index(value.get(key)) for key in _INDEX_KEYS) if i >= 0), -1)
        events = [
            _event("completed", image, position if several else known, payload)
            for position, image in enumerate(collector.images)
            if not (kind.startswith("response.") and self._again(image))
        ]
        return events or [StreamEvent(kind="other", payload=payload)]

    def _again(self, image: FoundImage) -> bool:
        """Whether the same image was given before: the Responses API repeats it at the end."""
        mark = hash((image.data, image.url))
        if mark in self._seen:
            return True
        self._seen.add(mark)
        return False

    def _end_of_chat(self) -> list[StreamEvent]:
        collector = Collector(self._base_url, bounds=self._bounds, once=True)
        rest = self._chat.finish(collector)
        if rest is None:
            return []
        events = [_event("completed", image, i, rest) for i, image in enumerate(collector.images)]
        return events or [StreamEvent(kind="other", payload=rest)]


class _Chat:
    """Joins the deltas of a streamed chat: a data URL is spread over many of them."""

    def __init__(self, bounds: limits.Limits) -> None:
        self._room = bounds.text_bytes
        self._most = bounds.links_per_reply
        self._pieces: dict[int, list[str]] = {}
        self._structured: dict[int, list[Any]] = {}
        self._rest: dict[str, Any] = {}
        self._words: list[str] = []
        self._said = 0
        self._open = False

    @property
    def text(self) -> str:
        return "".join(self._words)[:_LONGEST_TEXT]

    def say(self, words: str) -> None:
        if self._said < _LONGEST_TEXT and words:
            self._words.append(words)
            self._said += len(words)

    def take(self, value: dict[str, Any]) -> str:
        """Take one chunk; give the words in it."""
        self._open = True
        self._rest |= {
            key: plain(item) for key, item in value.items() if key != "choices" and item is not None
        }
        said: list[str] = []
        for position, choice in enumerate(value["choices"][:100]):
            if not isinstance(choice, dict):
                continue
            index = _index(choice.get("index"))
            delta = choice.get("delta") or choice.get("message")
            self._delta(index if index >= 0 else position, delta if isinstance(delta, dict) else choice, said)
        return "".join(said)[:_LONGEST_TEXT]

    def finish(self, collector: Collector) -> dict[str, Any] | None:
        """Read the joined messages; give the rest of the chunks, or None where there were none."""
        if not self._open:
            return None
        indexes = sorted({*self._pieces, *self._structured})
        choices = [
            {"message": {"content": "".join(self._pieces.get(i, [])), "images": self._structured.get(i, [])}}
            for i in indexes
        ]
        text = read_choices(choices, collector)
        self._words = [text]
        rest, self._rest, self._open = self._rest, {}, False
        self._pieces, self._structured = {}, {}
        return rest | {"text": text}

    def _delta(self, index: int, delta: dict[str, Any], said: list[str]) -> None:
        images = delta.get("images")
        structured = self._structured.setdefault(index, [])
        structured += images if isinstance(images, list) else []
        content = delta.get("content") or delta.get("text")
        for part in content if isinstance(content, list) else [content]:
            words = text_of(part.get("text") if isinstance(part, dict) else part)
            if words:
                self._room -= len(words)
                self._pieces.setdefault(index, []).append(words)
                said.append(words)
                self.say(words)
            elif isinstance(part, dict):
                structured.append(part)
        if self._room < 0 or len(structured) > self._most:
            raise ReplyError(
                "The stream holds more text than is read; Limits sets it.",
                body=self.text[: limits.BODY_CHARACTERS],
            )


def _event(kind: str, image: FoundImage, index: int, payload: dict[str, Any]) -> StreamEvent:
    prompt = {"revised_prompt": image.revised_prompt} if image.revised_prompt else {}
    return StreamEvent(
        kind=kind, image=image.data, url=image.url, index=index, payload=payload | image.extra | prompt
    )


def _type_of(value: dict[str, Any], name: str) -> str:
    """Give an event's own word for its kind, in lower case."""
    words = (value.get("type"), value.get("event"), name, value.get("status"), value.get("object"))
    return next((word.lower() for word in words if isinstance(word, str) and word), "")


def _error(value: dict[str, Any], kind: str) -> dict[str, Any] | str | None:
    """Give an event's error, or None."""
    response = value.get("response")
    error = value.get("error") or (response.get("error") if isinstance(response, dict) else None)
    if isinstance(error, dict | str) and error:
        cleaned: dict[str, Any] | str = plain(error)
        return cleaned
    if error or kind.endswith(_ERROR_WORDS) or value.get("object") == "error":
        return {"message": "The provider reported an error in its stream."} | _payload(value)
    return None


def _index(value: Any) -> int:
    """Give an index as the server counts it, if it is one; it ends up in file names."""
    is_index = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_INDEX
    return int(value) if is_index else -1


def _payload(value: dict[str, Any], without: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    """Give an event's fields without its images."""
    skip = {*without, "b64_json", "partial_image_b64"}
    return {str(key): plain(item) for key, item in value.items() if key not in skip and item is not None}
