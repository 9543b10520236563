"""One reply, from its headers to its pictures, as bytes are fed in; it does no I/O itself.

The content decides how a reply is read, then the media type: a server may answer a streaming request with
plain JSON, a plain one with events, and either with a picture or a gateway's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgwidgets.client.complaint import tidy
from imgwidgets.client.events import EventReader, StreamEvent, looks_like_events
from imgwidgets.client.failure import Failure, request_id_of
from imgwidgets.client.found import FoundImage, text_of
from imgwidgets.client.limits import Limits
from imgwidgets.client.reader import JsonReader
from imgwidgets.client.replies import Reply, read_raw, read_reply, read_usage
from imgwidgets.errors import ConnectionFailed, ReplyError, RequestError
from imgwidgets.images.result import PartialImage, ResultImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.catalog import ImageRequest

__all__ = ["Exchange"]

_ERROR_BYTES = 65_536  # of an error's body that are read
_PARTIALS_KEPT = 16  # for the exception, should the stream break
_ENOUGH = 16  # bytes by which a reply is recognised
_PAYLOAD_USED = frozenset(
    {"type", "usage", "created", "created_at", "object", "event", "partial_image_index"}
)


class Exchange:
    """Reads one reply.

    Parameters
    ----------
    request : ImageRequest
        What was asked.
    status : int
        Of the reply.
    headers : mapping
        Of the reply, with lower-case names.
    failure : Failure
        Makes exceptions of what went wrong.
    base_url : str
        What relative addresses are relative to.
    image_index : int
        Which of several pictures this is, where each has a request of its own.
    bounds : Limits, optional
        How much is read.
    """

    def __init__(  # noqa: PLR0913 (one keyword for each fact about the reply)
        self,
        request: ImageRequest,
        status: int,
        headers: Mapping[str, str],
        *,
        failure: Failure,
        base_url: str,
        image_index: int = 0,
        bounds: Limits | None = None,
    ) -> None:
        self.request = request
        self.status = status
        self.headers = headers
        self.request_id = request_id_of(headers)
        self.partials: list[PartialImage] = []
        self.whole: list[ResultImage] = []
        self.done = False
        self._failure = failure
        self._base_url = base_url
        self._image_index = image_index
        self._bounds = bounds or Limits()
        self._media_type = headers.get("content-type", "")
        self._head = bytearray()
        self._mode = "unknown" if 200 <= status < 300 else "failed"
        self._json: JsonReader | None = None
        self._events: EventReader | None = None
        self._finals: list[StreamEvent] = []
        self._looked_at = 0

    @property
    def begins_well(self) -> bool:
        """Whether the status is one of success; what follows may still be an error."""
        return self._mode != "failed"

    def feed(self, chunk: bytes) -> list[PartialImage]:
        """Take the next bytes; give the partial pictures that are complete now.

        Raises
        ------
        RequestError
            Where the stream reports an error, or the reply is no reply.
        """
        if self._mode == "unknown":
            self._head += chunk
            if len(self._head) < _ENOUGH:
                return []
            chunk = self._recognise()
        try:
            return self._take(chunk)
        except ReplyError as error:
            raise self._dressed(error) from error.__cause__

    def arrivals(self) -> tuple[list[ResultImage], int]:
        """Give the pictures that have become complete since this was last asked, and where they begin.

        None where the whole reply is here: it is read at once.
        """
        if self.done or (self._json is not None and self._json.complete):
            return [], 0
        position = self._image_index + len(self.whole)
        return self._complete_now(), position

    def _complete_now(self) -> list[ResultImage]:
        if self._json is not None:
            complete = [blob.data for blob in self._json.images]
        else:
            complete = [event.image for event in self._finals if event.image is not None]
        new = [
            ResultImage(data, prompt=self.request.prompt, model=self.request.model)
            for data in complete[self._looked_at :]
        ]
        self._looked_at = len(complete)
        new = [image for image in new if image.format]  # base64 may stand for anything
        self.whole += new
        return new

    def finish(self) -> Reply:
        """Give what the reply holds.

        Raises
        ------
        RequestError
            Where it is an error, or holds no picture.
        """
        if self._mode == "failed":
            raise self._failure.from_reply(self.status, self.headers, bytes(self._head))
        try:
            if self._mode == "unknown":
                self._take(self._recognise())
            reply = self._reply()
        except ReplyError as error:
            raise self._dressed(error) from error.__cause__
        if not reply.images:
            raise self._dressed(self._nothing(reply))
        return reply

    def broken(self, error: RequestError) -> RequestError:
        """Put what had arrived on an exception that ended the reply."""
        if isinstance(error, ConnectionFailed | ReplyError):
            self._complete_now()
            error.partial_images, error.images = tuple(self.partials), tuple(self.whole)
        error.request_id = error.request_id or self.request_id
        return error

    # -- taking bytes --------------------------------------------------------------------------------

    def _recognise(self) -> bytes:
        head = bytes(self._head)
        self._head.clear()
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if looks_like_events(self._media_type, head) and not head.startswith(b"data:image/"):
            self._mode, self._events = "events", EventReader(base_url=self._base_url, bounds=self._bounds)
        elif start[:1] in (b"{", b"["):
            self._mode, self._json = "json", JsonReader(**self._bounds.for_json())
        else:
            self._mode = "raw"
        return head

    def _take(self, chunk: bytes) -> list[PartialImage]:
        if self._json is not None:
            self._json.feed(chunk)
        elif self._events is not None:
            return self._partials(self._events.feed(chunk))
        else:
            self._head += chunk
            limit = _ERROR_BYTES if self._mode == "failed" else self._bounds.image_bytes
            if len(self._head) > limit:
                if self._mode == "raw":
                    raise ReplyError(f"the reply is larger than {limit:,} bytes", body=repr(self._head[:64]))
                self.done = True
        return []

    def _partials(self, events: list[StreamEvent]) -> list[PartialImage]:
        found = []
        for event in events:
            if event.kind == "partial" and event.image is not None:
                found.append(self._partial(event))
            elif event.kind == "completed":
                self._finals.append(event)
            elif event.kind == "error":
                self._finals.append(event)
                self.done = True
            elif event.kind == "done":
                self.done = True
            elif event.payload.get("usage") and self._finals:  # a last event that only counts tokens
                self._finals.append(event)
        self.partials = [*self.partials, *found][-_PARTIALS_KEPT:]
        return found

    def _partial(self, event: StreamEvent) -> PartialImage:
        return PartialImage(
            event.image or b"",
            partial_index=event.index if event.index >= 0 else len(self.partials),
            image_index=self._image_index,
            prompt=self.request.prompt,
            model=self.request.model,
            extra={key: value for key, value in event.payload.items() if key not in _PAYLOAD_USED},
        )

    # -- the end ---------------------------------------------------------------------------------------

    def _reply(self) -> Reply:
        if self._json is not None:
            return read_reply(self._json.finish(), base_url=self._base_url, limits=self._bounds)
        if self._events is None:
            return read_raw(bytes(self._head), self._media_type, base_url=self._base_url)
        if not self.done:
            self._partials(self._events.finish())
        return self._streamed(self._events.text)

    def _streamed(self, text: str) -> Reply:
        """Make one reply of the events that ended a stream."""
        images, problems, error = [], [], None
        usage, created = None, None
        extra: dict[str, Any] = {}
        for event in self._finals:
            payload = event.payload
            if event.kind == "error":
                error = payload.get("error") or payload
                continue
            if event.image is not None or event.url is not None:
                prompt = text_of(payload.get("revised_prompt"))
                images.append(FoundImage(data=event.image, url=event.url, revised_prompt=prompt))
            usage = read_usage(payload.get("usage")) or usage
            when = payload.get("created_at", payload.get("created"))
            created = int(when) if isinstance(when, int | float) and 0 <= when < 1 << 53 else created
            extra |= {key: value for key, value in payload.items() if key not in _PAYLOAD_USED}
        if images and error is not None:  # what came was paid for: it is kept
            said = error.get("message") if isinstance(error, dict) else error
            problems.append(
                f"the stream ended with an error after {len(images)} picture(s): {tidy(str(said), 500)}"
            )
            error = None
        return Reply(
            images=tuple(images),
            usage=usage,
            created=created,
            extra=extra,
            text=text,
            shape="stream",
            error=error,
            problems=tuple(problems),
        )

    def _nothing(self, reply: Reply) -> RequestError:
        if reply.error is not None:
            said = reply.error if isinstance(reply.error, dict) else {"message": reply.error}
            return self._failure.from_payload({"error": said}, self.status, self.headers)
        about: dict[str, Any] = {"body": (reply.text or str(reply.extra))[:2_000]}
        if reply.shape == "task":
            name = reply.extra.get("task_id") or reply.extra.get("taskId") or reply.extra.get("id")
            return ReplyError(
                f"the provider accepted this as task {str(name)[:200]!r} and sent no picture; fetch it "
                "there, since tasks are not followed here",
                **about,
            )
        if reply.text:
            return ReplyError(f"the reply holds words and no picture: {tidy(reply.text, 1_000)}", **about)
        if reply.shape == "stream":
            count = len(self.partials)
            return ReplyError(
                f"the stream ended without a finished picture, after {count} partial one{'s' * (count != 1)}"
                f"{'; they are on this exception as .partial_images' if count else ''}",
                **about,
            )
        return ReplyError("the reply holds no picture", **about)

    def _dressed(self, error: RequestError) -> RequestError:
        """Say of an error in a reply that began well: it may have been billed."""
        error.status = self.status
        error.request_id = error.request_id or self.request_id
        self._failure.hide_in(error)
        if isinstance(error, ReplyError):
            error.maybe_billed = True
            if error.request_id and "[request id" not in str(error.args[0]):
                error.args = (f"{error.args[0]} [request id {error.request_id}]",)
        return self.broken(error)
