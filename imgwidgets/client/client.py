"""The client that waits for its answers."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from imgwidgets.client.download import Download, addresses_in, download_timeouts, filled
from imgwidgets.client.listing import file_id_of, rows_of
from imgwidgets.client.recording import UNRECORDED, Recording
from imgwidgets.client.retry import attempts
from imgwidgets.client.session import Job, Session
from imgwidgets.client.transport import Response, Transport
from imgwidgets.errors import ImageInputError, ReplyError, RequestError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client.exchange import Exchange
    from imgwidgets.client.replies import Reply
    from imgwidgets.client.shape import Call
    from imgwidgets.images import ImageResult, PartialImage

__all__ = ["Client"]


class Client(Session):
    """Generates and edits images at one provider.

    With no provider named (and no ``IMGWIDGETS_PROVIDER`` in the environment) it asks the sandbox, which
    runs in this process and costs nothing. Safe to use from any thread.

    Parameters
    ----------
    provider : str, optional
        A name of the catalog: ``"openai"``, ``"openai-compatible"``, ...
    api_key : str, optional
        Else the provider's environment variable, else the keyring entry ``imgwidgets/<provider>``.
    base_url : str, optional
        Up to and including ``/v1``. Else the provider's environment variable, else its own address.
    timeout : float, optional
        Seconds without a byte before it is given up. Default: generous, from the model, quality and size.
    headers : mapping, optional
        Sent with each request; they win over the provider's.
    max_retries : int, default 2
        Further tries where nothing can have been billed: 429, a refused connection, an overloaded server.
    history : bool or History, default True
        Where requests and images are written down: in its usual place, in a :class:`imgwidgets.History` of
        your own, or nowhere. A pickled client opens the same folder, with its first request.
    limits : Limits, optional
        How much of a reply is read.

    Raises
    ------
    AuthenticationError
        Where the provider requires a key and none is found.
    CatalogError
        For an unknown provider, or one without an address.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> client = iw.Client()
    >>> client
    <Client sandbox (started when first used)>
    >>> with iw.Client() as client:
    ...     result = client.generate("a red fox in snow", quality="low")
    >>> len(result), result[0].format
    (1, 'png')
    """

    def _prepare(self) -> None:
        super()._prepare()
        self._transport = Transport()

    # -- what people call -------------------------------------------------------------------------------

    def generate(self, prompt: str, *, model: str | None = None, **parameters: Any) -> ImageResult:
        """Make images from words.

        Parameters
        ----------
        prompt : str
            What to draw.
        model : str, optional
            Default: the provider's ``default_model``.
        **parameters
            By the API's names: ``size="1536x1024"``, ``quality="low"``, ``n=4``, ... What the catalog does
            not know is passed on with an ``UnknownParameterWarning``.

        Raises
        ------
        ParameterError, ModelNotFound
            Before anything is sent.
        RequestError
            Where it was sent and did not end in images; ``maybe_billed`` says what that may have cost.
        HistoryError
            Where it could not be written down; nothing was sent.
        """
        return self._delivered(self._job(self._generation(prompt, model, parameters)))

    def edit(  # noqa: PLR0913 (the public options)
        self,
        image: Any,
        prompt: str,
        *,
        mask: Any = None,
        markup: Any = None,
        resize_mask: bool = False,
        model: str | None = None,
        **parameters: Any,
    ) -> ImageResult:
        """Change images by words.

        Parameters
        ----------
        image : path, bytes, PIL image, numpy array, ResultImage, URL, {"file_id": ...}, or a list of these
            A mask belongs to the first.
        prompt : str
            What to change.
        mask : Mask, array, path, bytes or PIL image, optional
            Where: bool arrays True = edit; uint8 arrays and PNGs alpha 0 = edit.
        markup : as image, optional
            A transparent PNG with marks drawn over the first image, where the model takes one.
        resize_mask : bool, default False
            Whether a mask of another size is scaled to the image's.
        model, **parameters
            As for :meth:`generate`.

        Raises
        ------
        ImageInputError
            For an image or mask that cannot be used; nothing was sent.
        ParameterError, ModelNotFound, RequestError
            As for :meth:`generate`.
        """
        request, notes = self._edit(
            image,
            prompt,
            mask=mask,
            markup=markup,
            resize_mask=resize_mask,
            model=model,
            parameters=parameters,
        )
        return self._delivered(self._job(request, notes))

    def generate_stream(
        self, prompt: str, *, model: str | None = None, **parameters: Any
    ) -> Iterator[PartialImage | ImageResult]:
        """Make images from words and see them grow.

        Parameters as for :meth:`generate`, with ``partial_images`` (0 to 3). With ``n`` above 1, as many
        requests run side by side, so that each partial image belongs to a picture (``image_index``).

        Yields
        ------
        PartialImage
            As they come; there may be fewer than asked, or none.
        ImageResult
            Once, at the end.
        """
        return self._streamed(self._job(self._generation(prompt, model, {**parameters, "stream": True})))

    def edit_stream(  # noqa: PLR0913 (the public options)
        self,
        image: Any,
        prompt: str,
        *,
        mask: Any = None,
        markup: Any = None,
        resize_mask: bool = False,
        model: str | None = None,
        **parameters: Any,
    ) -> Iterator[PartialImage | ImageResult]:
        """Change images by words and see them grow; see :meth:`edit` and :meth:`generate_stream`."""
        said = {**parameters, "stream": True}
        request, notes = self._edit(
            image,
            prompt,
            mask=mask,
            markup=markup,
            resize_mask=resize_mask,
            model=model,
            parameters=said,
        )
        return self._streamed(self._job(request, notes))

    def send(self, request: ImageRequest) -> ImageResult:
        """Send a request again, checked like any other; this client's provider answers."""
        return self._delivered(self._job(request))

    def upload(self, file: Any, purpose: str = "vision") -> dict[str, str]:
        """Upload an image once, to name it in many edits.

        Parameters
        ----------
        file : path, bytes, PIL image, numpy array or ResultImage
        purpose : str, default "vision"
            The API's word for what it is for.

        Returns
        -------
        dict
            ``{"file_id": ...}``, as :meth:`edit` takes it.
        """
        return {"file_id": file_id_of(self._small(self._upload_call(file, purpose)))}

    def models(self) -> list[dict[str, Any]]:
        """Ask the provider which models it serves now: the rows of its list, such as ``{"id": ...}``."""
        return rows_of(self._small(self._models_call()))

    def cancel(self) -> None:
        """Stop every request in flight, from any thread; their callers get ``ConnectionFailed``."""
        self._interrupt()
        self._transport.cancel()

    def close(self) -> None:
        """Stop what is in flight and give the connections back."""
        self._closed = True
        self.cancel()
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- one request ------------------------------------------------------------------------------------

    def _delivered(self, job: Job) -> ImageResult:
        if job.request.parameters.get("stream"):
            *_, result = self._streamed(job)
            return result  # type: ignore[return-value]  # the last of a stream is the result
        with self._recording(job) as record:
            began = time.monotonic()
            job = self._ready(job)
            for attempt in attempts(self._max_retries, partial(self._check_stop, job.stop)):
                with attempt:
                    exchange, reply = self._once(job, record)
            reply = self._complete(job, reply, exchange)
            result = self._result(job, reply, time.monotonic() - began, exchange.request_id)
            record.finished(result)
        return result

    def _once(self, job: Job, record: Recording) -> tuple[Exchange, Reply]:
        response, exchange = self._opened(job)
        with response:
            for _ in self._read(response, exchange, record):
                pass
        return exchange, exchange.finish()

    def _opened(self, job: Job) -> tuple[Response, Exchange]:
        """Send, and give a reply that begins as a success."""
        while True:
            self._check_stop(job.stop)
            call = self._call(job)
            self._goes_out(job)
            response = self._transport.open(call, self._key.headers(), job.timeouts, stop=job.stop)
            exchange = self._exchange(job, response.status, response.headers)
            if exchange.begins_well:
                return response, exchange
            with response, self._enough(response):
                for _ in self._read(response, exchange):
                    pass
            try:
                exchange.finish()
            except RequestError as error:
                if not self._respell(job, call, error):
                    raise

    @staticmethod
    def _read(
        response: Response, exchange: Exchange, record: Recording = UNRECORDED
    ) -> Generator[PartialImage]:
        try:
            with contextlib.closing(response.chunks()) as chunks:
                for chunk in chunks:
                    yield from record.fed(exchange, chunk)
                    if exchange.done:
                        break
        except RequestError as error:
            raise exchange.broken(error) from error.__cause__

    # -- streams ----------------------------------------------------------------------------------------

    def _streamed(self, job: Job) -> Generator[PartialImage | ImageResult]:
        with self._recording(job) as record:
            began = time.monotonic()
            jobs = self._split(job)
            if len(jobs) == 1:
                result = yield from self._one_stream(job, record)
            else:
                result = yield from self._side_by_side(job, jobs, record)
            result.seconds = time.monotonic() - began
            record.finished(result)
        yield result

    def _one_stream(self, job: Job, record: Recording) -> Generator[PartialImage, None, ImageResult]:
        began = time.monotonic()
        job = self._ready(job)
        for attempt in attempts(self._max_retries, partial(self._check_stop, job.stop)):
            with attempt:
                response, exchange = self._opened(job)
        with response, contextlib.closing(self._read(response, exchange, record)) as partials:
            yield from partials
        reply = self._complete(job, exchange.finish(), exchange)
        return self._result(job, reply, time.monotonic() - began, exchange.request_id)

    def _side_by_side(
        self, job: Job, jobs: Sequence[Job], record: Recording
    ) -> Generator[PartialImage, None, ImageResult]:
        events: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def run(one: Job) -> None:
            try:
                stream = self._one_stream(one, record)
                while True:
                    events.put(next(stream))
            except StopIteration as end:
                record.arrived(end.value, one.image_index)
                events.put((one.image_index, end.value))
            except BaseException as error:  # noqa: BLE001 (it is raised where the stream is read)
                events.put((one.image_index, error))

        threads = [threading.Thread(target=run, args=(one,), daemon=True) for one in jobs]
        ended: dict[int, Any] = {}
        try:
            for thread in threads:
                thread.start()
            while len(ended) < len(jobs):
                event = events.get()
                if isinstance(event, tuple):
                    ended[event[0]] = event[1]
                else:
                    yield event
        finally:
            jobs[0].stop.set()
            self._transport.cancel(jobs[0].stop)
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
        return self._joined(job, [ended[index] for index in range(len(jobs))])

    # -- files behind addresses -------------------------------------------------------------------------

    def _ready(self, job: Job) -> Job:
        """Fetch what can only be sent as a file."""
        urls = self._to_fetch(job)
        if not urls:
            return job
        files = self._files(job, urls)
        for url, file in files.items():
            if isinstance(file, RequestError):
                raise ImageInputError(f"image {url[:300]}: {file}") from None
        return self._with_pixels(job, {url: file for url, file in files.items() if isinstance(file, bytes)})

    def _complete(self, job: Job, reply: Reply, exchange: Exchange) -> Reply:
        """Fetch at once what a reply only points to: such addresses expire."""
        urls = addresses_in(reply, self._limits)
        return filled(reply, self._files(job, urls), exchange.request_id) if urls else reply

    def _files(self, job: Job, urls: Sequence[str]) -> dict[str, bytes | RequestError]:
        with ThreadPoolExecutor(min(len(urls), self._limits.concurrent_fetches)) as pool:
            return dict(zip(urls, pool.map(lambda url: self._file(job, url), urls), strict=True))

    def _file(self, job: Job, url: str) -> bytes | RequestError:
        guard, timeouts = self._guard(job), download_timeouts(self._limits)
        try:
            target = guard.check(url)
            for _ in range(self._limits.redirects + 1):
                key = self._key_for(guard, target.url)
                with self._transport.get(target, key, timeouts) as response:
                    download = Download(url, response.status, response.headers, self._limits)
                    if download.moved_to is None:
                        with contextlib.closing(response.chunks()) as chunks:
                            for chunk in chunks:
                                if not download.feed(chunk):
                                    break
                        return download.finish()
                    target = guard.redirect(target.url, download.moved_to)
            raise ReplyError(f"the picture at {url[:300]} could not be fetched: too many redirects")
        except RequestError as error:
            return job.failure.hide_in(error)

    # -- small calls ------------------------------------------------------------------------------------

    def _small(self, call: Call) -> Any:
        if self._closed:
            raise RuntimeError("this client is closed; make a new one")
        for attempt in attempts(self._max_retries, partial(self._check_stop, self._wake)):
            with attempt:
                with self._transport.open(
                    call, self._key.headers(), self._short_timeouts(), costs=False
                ) as response:
                    answer = self._answer(response.status, response.headers)
                    with contextlib.closing(response.chunks()) as chunks:
                        for chunk in chunks:
                            if not answer.feed(chunk):
                                break
                value = answer.finish()
        return value
