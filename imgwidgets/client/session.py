"""What a client is apart from moving bytes: shared by ``Client`` and ``AsyncClient``."""

from __future__ import annotations

import contextlib
import importlib
import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.catalog import ImageInput, ImageRequest
from imgwidgets.client.checks import (
    checked_headers,
    refuse,
    users_level,
    usual_seconds,
)
from imgwidgets.client.exchange import Exchange
from imgwidgets.client.failure import Failure, wants_other_spelling
from imgwidgets.client.fetch import Guard
from imgwidgets.client.flight import Timeouts
from imgwidgets.client.keys import Key, Secret
from imgwidgets.client.limits import Limits
from imgwidgets.client.listing import Answer
from imgwidgets.client.outcome import joined, result_of
from imgwidgets.client.place import address_of, chosen_provider
from imgwidgets.client.recording import Recording, recorder_for
from imgwidgets.client.retry import MAX_RETRIES
from imgwidgets.client.shape import Call, call_for, other_spelling, shape, shape_upload, to_fetch, url_for
from imgwidgets.client.traffic import Counted
from imgwidgets.errors import (
    ConnectionFailed,
    ImageInputError,
    RequestError,
    UnknownParameterWarning,
)
from imgwidgets.images import to_input
from imgwidgets.images.mask_input import read_mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from imgwidgets.catalog import Model, Provider
    from imgwidgets.client.replies import Reply
    from imgwidgets.client.transport import AsyncResponse, Response
    from imgwidgets.history import History
    from imgwidgets.images import ImageResult

__all__ = ["Job", "Session"]

_LEAST_SECONDS = 300.0  # of a read timeout
_EMPTY = (
    "the mask selects nothing, so the edit changes nothing: paint something, or leave mask out to let the "
    "whole picture change"
)
_UNKNOWN_SECONDS = 600.0  # where the catalog does not know how long a model takes


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was checked, with all that is needed to send it and to read its reply."""

    request: ImageRequest
    model: Model | None
    base_url: str
    failure: Failure
    timeouts: Timeouts
    notes: tuple[str, ...] = ()
    image_index: int = 0
    take: int = 0  # how many pictures of the same request were asked for before: repeats are to differ
    stop: threading.Event  # set where it is not wanted any more; what shares it is cancelled together


class Session(Counted):
    """Everything of a client but the sending; see :class:`imgwidgets.Client` for the parameters."""

    _take = 0  # where the takes of its requests begin

    def __init__(  # noqa: PLR0913 (the public options)
        self,
        provider: str | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        max_retries: int = MAX_RETRIES,
        history: bool | History = True,
        limits: Limits | None = None,
    ) -> None:
        if timeout is not None and not timeout > 0:
            raise ValueError(f"timeout is {timeout!r}; it needs seconds above 0, or None")
        if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
            raise ValueError(f"max_retries is {max_retries!r}; it needs 0 or more")
        self._provider_name = chosen_provider(provider).name
        self._base_url = base_url
        self._timeout = timeout
        self._headers = checked_headers(headers)
        self._max_retries = max_retries
        self._history: bool | History | Path = history
        self._limits = limits or Limits()
        self._base()  # a wrong or missing base URL is said now
        self._key = Key(self.provider, api_key)
        self._prepare()

    def _prepare(self) -> None:
        """Set what is never pickled."""
        self._spelling: dict[tuple[str, str, bool], str] = {}  # what the provider took instead, for our life
        self._recorder = recorder_for(self._history)
        self._wake = threading.Event()  # set when what runs now is cancelled
        self._stops: weakref.WeakSet[threading.Event] = weakref.WeakSet()  # likewise, of groups
        self._closed = False
        self._is_paced = False  # where a sweep counts what it sends itself

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        private = ("_key", "_spelling", "_recorder", "_closed", "_is_paced", "_transport", "_wake", "_stops")
        for name in private:
            state.pop(name, None)
        # A folder is opened where it is needed, with the first request.
        state["_history"] = getattr(self._history, "path", self._history)
        state["_headers"] = {k: v for k, v in self._headers.items() if not isinstance(v, Secret)}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._key = Key.found_here(self.provider)
        self._prepare()

    def separate(self, *, take: int = 0) -> Self:
        """Give a client that asks as this one does, with connections of its own.

        Cancelling or closing it leaves this one alone. It has the key, but as every copy does not show it.

        Parameters
        ----------
        take : int, default 0
            How many pictures of the same request were asked for before: repeats are to differ.

        Raises
        ------
        RuntimeError
            Where this one is closed.
        """
        if self._closed:
            raise RuntimeError("this client is closed; make a new one")
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._prepare()
        twin._take = take
        return twin

    @property
    def history(self) -> bool | History:
        """Where it writes requests down: True for the usual place, False for none, or a History."""
        if isinstance(self._history, bool):
            return self._history
        opened: History = self._recorder.history  # a pickled client knows the folder
        return opened

    @property
    def max_retries(self) -> int:
        """Further tries after the first."""
        return self._max_retries

    @property
    def provider(self) -> Provider:
        """Who is asked, as the catalog describes them."""
        return _catalog.current().provider(self._provider_name)

    @property
    def base_url(self) -> str:
        """Where requests go; of the embedded provider, this starts it."""
        fixed = self._base()
        if fixed:
            return fixed
        # Asked anew each time: after a fork or a stop, it has another port.
        return str(importlib.import_module("imgwidgets.sandbox").embedded().base_url)

    def _base(self) -> str:
        return address_of(self.provider, self._base_url)

    def __repr__(self) -> str:
        where = urlsplit(self._base()).netloc or "started when first used"
        return f"<{type(self).__name__} {self._provider_name} ({where})>"

    # -- from arguments to a request --------------------------------------------------------------------

    def _generation(self, prompt: str, model: str | None, parameters: Mapping[str, Any]) -> ImageRequest:
        return self._request("generations", prompt, model, parameters)

    def _edit(  # noqa: PLR0913 (the arguments of edit)
        self,
        image: Any,
        prompt: str,
        *,
        mask: Any,
        markup: Any,
        resize_mask: bool,
        model: str | None,
        parameters: Mapping[str, Any],
    ) -> tuple[ImageRequest, tuple[str, ...]]:
        given = list(image) if isinstance(image, list | tuple) else [image]
        names = ["image"] if len(given) == 1 else [f"image {number}" for number in range(1, len(given) + 1)]
        images = tuple(to_input(one, what=name) for one, name in zip(given, names, strict=True))
        request = self._request("edits", prompt, model, parameters)
        request = request.replace(images=images)
        if markup is not None:
            request = request.replace(markup=to_input(markup, what="markup"))
        if mask is None:
            return request, ()
        known = _catalog.current().model(request.model, request.provider)
        rule = known.endpoints["edits"].inputs.get("mask") if known and "edits" in known.endpoints else None
        taken = read_mask(
            mask,
            size=images[0].size if images else None,
            resize=resize_mask,
            max_bytes=rule.max_bytes if rule else None,
        )
        notes = (taken.note,) if taken.note else ()
        if taken.empty:
            # The likeliest slip of all: the painter is shown, nothing is painted, the edit is run.
            notes = (*notes, _EMPTY)
        return request.replace(mask=taken.image), notes

    def _request(
        self, endpoint: Any, prompt: str, model: str | None, parameters: Mapping[str, Any]
    ) -> ImageRequest:
        if not isinstance(prompt, str):
            raise TypeError(f"prompt is {type(prompt).__name__}; it needs a text")
        name = model or self.provider.default_model
        known = _catalog.current().model(name, self._provider_name)
        types = known.endpoints[endpoint].parameters if known and endpoint in known.endpoints else {}
        said = {
            key: _catalog.plain_value(value, is_size=key in types and types[key].type == "size")
            for key, value in parameters.items()
            if value is not None
        }
        return ImageRequest(
            prompt=prompt, model=name, provider=self._provider_name, endpoint=endpoint, parameters=said
        )

    # -- checked ----------------------------------------------------------------------------------------

    def _job(self, request: ImageRequest, notes: Sequence[str] = (), *, warn: bool = True) -> Job:
        """Check a request, warn about what is not known, and gather what sending it needs."""
        if self._closed:
            raise RuntimeError("this client is closed; make a new one")
        if request.provider != self._provider_name:
            request = request.replace(provider=self._provider_name)
        known = _catalog.current()
        report = _catalog.examine(request, catalog=known)
        if report.problems:
            refuse(request, report.problems, known)
        for text in report.unknown if warn else ():
            warnings.warn(text, UnknownParameterWarning, stacklevel=users_level())
        model = known.model(request.model, request.provider)
        return Job(
            request=request,
            model=model,
            base_url=self.base_url,
            failure=Failure(self.provider, request, known, self._key.hide),
            timeouts=self._timeouts(request, model),
            take=self._take,
            stop=self._wake,
            notes=tuple(dict.fromkeys([*notes, *report.notes, *self._left_out(request, model)])),
        )

    def _left_out(self, request: ImageRequest, model: Model | None) -> list[str]:
        call = call_for(self.provider, model, request.endpoint)
        return [
            f"{name} is not sent: {self._provider_name} does not take it"
            for name in request.parameters
            if name in call.omit
        ]

    def _timeouts(self, request: ImageRequest, model: Model | None) -> Timeouts:
        if self._timeout is not None:
            return Timeouts(
                read=self._timeout,
                connect=min(self._timeout, self._limits.connect_seconds),
                total=max(self._limits.reply_seconds, self._timeout),
            )
        read = usual_seconds(request, model)
        return Timeouts(
            read=max(_LEAST_SECONDS, 4 * read) if read is not None else _UNKNOWN_SECONDS,
            connect=self._limits.connect_seconds,
            total=max(self._limits.reply_seconds, 4 * (read or 0)),
        )

    # -- sending and reading ------------------------------------------------------------------------------

    def _to_fetch(self, job: Job) -> tuple[str, ...]:
        """Give the URLs of inputs that must go as files."""
        return to_fetch(job.request, call_for(self.provider, job.model, job.request.endpoint))

    @staticmethod
    def _with_pixels(job: Job, fetched: Mapping[str, bytes]) -> Job:
        """Put fetched pixels in the place of their URLs."""

        def local(image: ImageInput) -> ImageInput:
            if image.url is None or image.url not in fetched:
                return image
            return to_input(fetched[image.url], what=image.url[:120])

        request = job.request.replace(
            images=tuple(map(local, job.request.images)),
            mask=local(job.request.mask) if job.request.mask else None,
            markup=local(job.request.markup) if job.request.markup else None,
        )
        return msgspec.structs.replace(job, request=request)

    def _call(self, job: Job) -> Call:
        headers = dict(self._headers)
        if self.provider.take_header and (take := job.take + job.image_index):
            headers[self.provider.take_header] = str(take)
        return shape(
            job.request,
            self.provider,
            job.model,
            base_url=job.base_url,
            headers=headers,
            image_field=self._spelling.get(self._spelled(job), ""),
        )

    def _spelled(self, job: Job) -> tuple[str, str, bool]:
        return (job.request.endpoint, job.request.model, len(job.request.images) > 1)

    def _exchange(self, job: Job, status: int, headers: Mapping[str, str]) -> Exchange:
        self.traffic.heard(job.request.model, status, headers)
        return Exchange(
            job.request,
            status,
            headers,
            failure=job.failure,
            base_url=job.base_url,
            image_index=job.image_index,
            bounds=self._limits,
        )

    def _respell(self, job: Job, call: Call, error: RequestError) -> bool:
        """Note another name for images where the server refused this one; say whether to ask again."""
        if not call.image_field or not wants_other_spelling(error):
            return False
        key = self._spelled(job)
        again = key not in self._spelling
        # Refused under both names: the catalog's stays.
        self._spelling[key] = other_spelling(call.image_field)
        return again

    def _answer(self, status: int, headers: Mapping[str, str]) -> Answer:
        return Answer(status, headers, Failure(self.provider, None, _catalog.current(), self._key.hide))

    def _recording(self, job: Job) -> Recording:
        return Recording(self._recorder, job.request, job.base_url)

    @staticmethod
    @contextlib.contextmanager
    def _enough(response: Response | AsyncResponse) -> Iterator[None]:
        """Let an error's body be cut off: its status says what it is."""
        try:
            yield
        except ConnectionFailed:
            if response.cancelled:
                raise ConnectionFailed("the request was cancelled") from None

    def _interrupt(self) -> None:
        """Wake up what waits to be tried again; what starts from now on is not concerned."""
        asleep, self._wake = self._wake, threading.Event()
        for stop in (asleep, *self._stops):
            stop.set()

    @staticmethod
    def _check_stop(stop: threading.Event, seconds: float = 0.0) -> None:
        """Wait so long, unless cancelled."""
        if stop.wait(seconds) if seconds else stop.is_set():
            raise ConnectionFailed("the request was cancelled before it was sent again")

    def _guard(self, job: Job) -> Guard:
        return Guard(job.base_url)

    def _key_for(self, guard: Guard, url: str) -> dict[str, str]:
        return self._key.headers() if guard.key_goes_to(url) else {}

    @staticmethod
    def _result(job: Job, reply: Reply, seconds: float, request_id: str | None) -> ImageResult:
        return result_of(
            job.request, job.model, reply, seconds=seconds, request_id=request_id, notes=job.notes
        )

    def _split(self, job: Job) -> list[Job]:
        """Make one job for each picture of a stream, so that each partial belongs to one."""
        count = job.request.parameters.get("n", 1)
        if isinstance(count, bool) or not isinstance(count, int) or count < 2:
            return [job]
        alone = {name: value for name, value in job.request.parameters.items() if name != "n"}
        one = job.request.replace(parameters=alone)
        stop = threading.Event()
        self._stops.add(stop)
        return [
            msgspec.structs.replace(job, request=one, image_index=index, notes=(), stop=stop)
            for index in range(count)
        ]

    @staticmethod
    def _joined(job: Job, ends: Sequence[ImageResult | BaseException]) -> ImageResult:
        """Make one result of streams that ran side by side; what came was paid for, and is kept."""
        came = [end for end in ends if not isinstance(end, BaseException)]
        failed = [end for end in ends if isinstance(end, BaseException)]
        if not came or not all(isinstance(error, RequestError) for error in failed):
            raise failed[0]
        notes = [
            f"picture {index} failed: {end}"
            for index, end in enumerate(ends)
            if isinstance(end, BaseException)
        ]
        return joined(job.request, came, [*job.notes, *notes])

    # -- other calls --------------------------------------------------------------------------------------

    def _upload_call(self, file: Any, purpose: str) -> Call:
        provider = self.provider
        if not provider.files_path:
            raise ImageInputError(f"{provider.name} takes no uploads: give edit() the image itself")
        taken = to_input(file, what="file")
        if taken.data is None:
            raise ImageInputError(f"file: {taken!r} is a reference already; give a file to upload")
        return shape_upload(taken, provider, purpose=purpose, base_url=self.base_url, headers=self._headers)

    def _models_call(self) -> Call:
        provider = self.provider
        return Call(
            method="GET",
            url=url_for(self.base_url, provider.models_path, provider),
            headers={"Accept": "application/json", **provider.headers, **self._headers},
        )

    def _short_timeouts(self) -> Timeouts:
        return Timeouts(read=self._timeout or _LEAST_SECONDS, connect=self._limits.connect_seconds)
