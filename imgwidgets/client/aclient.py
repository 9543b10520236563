"""The client whose answers are awaited."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Self

from imgwidgets.client.download import Download, addresses_in, download_timeouts, filled
from imgwidgets.client.listing import file_id_of, rows_of
from imgwidgets.client.recording import UNRECORDED, Recording
from imgwidgets.client.retry import attempts
from imgwidgets.client.session import Job, Session
from imgwidgets.client.transport import AsyncResponse, AsyncTransport
from imgwidgets.errors import ImageInputError, ReplyError, RequestError

if TYPE_CHECKING:
    import threading
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.client.exchange import Exchange
    from imgwidgets.client.replies import Reply
    from imgwidgets.client.shape import Call
    from imgwidgets.images import ImageResult, PartialImage

__all__ = ["AsyncClient"]


class AsyncClient(Session):
    """As :class:`imgwidgets.Client`, with the same methods, awaitable.

    Cancelling the task closes the connection.

    Parameters
    ----------
    provider, api_key, base_url, timeout, headers, max_retries, history, limits
        As for :class:`imgwidgets.Client`.

    Examples
    --------
    >>> import asyncio
    >>> import imgwidgets as iw
    >>> async def two():
    ...     async with iw.AsyncClient() as client:
    ...         return await asyncio.gather(
    ...             client.generate("a red fox", quality="low"), client.generate("an owl", quality="low")
    ...         )
    >>> [len(result) for result in asyncio.run(two())]
    [1, 1]
    """

    def _prepare(self) -> None:
        super()._prepare()
        self._transport = AsyncTransport()

    # -- what people call -------------------------------------------------------------------------------

    async def generate(self, prompt: str, *, model: str | None = None, **parameters: Any) -> ImageResult:
        """As :meth:`imgwidgets.Client.generate`."""
        return await self._delivered(self._job(self._generation(prompt, model, parameters)))

    async def edit(  # noqa: PLR0913 (the public options)
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
        """As :meth:`imgwidgets.Client.edit`."""
        request, notes = self._edit(
            image,
            prompt,
            mask=mask,
            markup=markup,
            resize_mask=resize_mask,
            model=model,
            parameters=parameters,
        )
        return await self._delivered(self._job(request, notes))

    def generate_stream(
        self, prompt: str, *, model: str | None = None, **parameters: Any
    ) -> AsyncIterator[PartialImage | ImageResult]:
        """As :meth:`imgwidgets.Client.generate_stream`, for ``async for``."""
        request = self._generation(prompt, model, {**parameters, "stream": True})
        return self._streamed(self._job(request))

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
    ) -> AsyncIterator[PartialImage | ImageResult]:
        """As :meth:`imgwidgets.Client.edit_stream`, for ``async for``."""
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

    async def send(self, request: ImageRequest) -> ImageResult:
        """As :meth:`imgwidgets.Client.send`."""
        return await self._delivered(self._job(request))

    async def upload(self, file: Any, purpose: str = "vision") -> dict[str, str]:
        """As :meth:`imgwidgets.Client.upload`."""
        return {"file_id": file_id_of(await self._small(self._upload_call(file, purpose)))}

    async def models(self) -> list[dict[str, Any]]:
        """As :meth:`imgwidgets.Client.models`."""
        return rows_of(await self._small(self._models_call()))

    def cancel(self) -> None:
        """As :meth:`imgwidgets.Client.cancel`; of one request alone, cancel its task."""
        self._interrupt()
        self._transport.cancel()

    async def close(self) -> None:
        """Stop what is in flight and give the connections back."""
        self._closed = True
        self._interrupt()
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- one request ------------------------------------------------------------------------------------

    async def _delivered(self, job: Job) -> ImageResult:
        if job.request.parameters.get("stream"):
            events = [event async for event in self._streamed(job)]
            return events[-1]  # type: ignore[return-value]  # the last of a stream is the result
        async with self._recording(job) as record:
            began = time.monotonic()
            job = await self._ready(job)
            waits: list[float] = []
            async for attempt in attempts(self._max_retries, waits.append):
                await self._rest(job.stop, waits)
                with attempt:
                    exchange, reply = await self._once(job, record)
            reply = await self._complete(job, reply, exchange)
            result = self._result(job, reply, time.monotonic() - began, exchange.request_id)
            await record.afinished(result)
        return result

    async def _rest(self, stop: threading.Event, waits: list[float]) -> None:
        """Wait before the next try, unless cancelled: looked at often, since any thread may cancel."""
        end = time.monotonic() + (waits.pop() if waits else 0.0)
        while (left := end - time.monotonic()) > 0 and not stop.is_set():  # noqa: ASYNC110 (as said)
            await asyncio.sleep(min(left, 0.05))
        self._check_stop(stop)

    async def _once(self, job: Job, record: Recording) -> tuple[Exchange, Reply]:
        response, exchange = await self._opened(job)
        async with response:
            async for _ in self._read(response, exchange, record):
                pass
        return exchange, exchange.finish()

    async def _opened(self, job: Job) -> tuple[AsyncResponse, Exchange]:
        """Send, and give a reply that begins as a success."""
        while True:
            self._check_stop(job.stop)
            call = self._call(job)
            self._goes_out(job)
            response = await self._transport.open(call, self._key.headers(), job.timeouts, stop=job.stop)
            exchange = self._exchange(job, response.status, response.headers)
            if exchange.begins_well:
                return response, exchange
            async with response:
                with self._enough(response):
                    async for _ in self._read(response, exchange):
                        pass
            try:
                exchange.finish()
            except RequestError as error:
                if not self._respell(job, call, error):
                    raise

    @staticmethod
    async def _read(
        response: AsyncResponse, exchange: Exchange, record: Recording = UNRECORDED
    ) -> AsyncGenerator[PartialImage]:
        try:
            async with aclosing(response.chunks()) as chunks:
                async for chunk in chunks:
                    async with aclosing(record.afed(exchange, chunk)) as partials:
                        async for partial in partials:
                            yield partial
                    if exchange.done:
                        break
        except RequestError as error:
            raise exchange.broken(error) from error.__cause__

    # -- streams ----------------------------------------------------------------------------------------

    async def _streamed(self, job: Job) -> AsyncGenerator[PartialImage | ImageResult]:
        async with self._recording(job) as record:
            began = time.monotonic()
            jobs = self._split(job)
            ends: dict[int, Any] = {}
            alone = len(jobs) == 1
            stream = self._one_stream(job, ends, record) if alone else self._side_by_side(jobs, ends, record)
            async with aclosing(stream):
                async for event in stream:
                    yield event
            result = ends[0] if alone else self._joined(job, [ends[i] for i in range(len(jobs))])
            result.seconds = time.monotonic() - began
            await record.afinished(result)
        yield result

    async def _one_stream(
        self, job: Job, ends: dict[int, Any], record: Recording
    ) -> AsyncGenerator[PartialImage]:
        """Yield the partial images; an async generator cannot return, so the result goes to ``ends``."""
        began = time.monotonic()
        job = await self._ready(job)
        waits: list[float] = []
        async for attempt in attempts(self._max_retries, waits.append):
            await self._rest(job.stop, waits)
            with attempt:
                response, exchange = await self._opened(job)
        async with response, aclosing(self._read(response, exchange, record)) as partials:
            async for partial in partials:
                yield partial
        reply = await self._complete(job, exchange.finish(), exchange)
        ends[job.image_index] = self._result(job, reply, time.monotonic() - began, exchange.request_id)

    async def _side_by_side(
        self, jobs: Sequence[Job], ends: dict[int, Any], record: Recording
    ) -> AsyncGenerator[PartialImage]:
        events: asyncio.Queue[PartialImage | None] = asyncio.Queue()

        async def run(one: Job) -> None:
            try:
                async with aclosing(self._one_stream(one, ends, record)) as stream:
                    async for event in stream:
                        events.put_nowait(event)
                await record.aarrived(ends[one.image_index], one.image_index)
            except Exception as error:  # noqa: BLE001 (it is raised where the stream is read)
                ends[one.image_index] = error
            events.put_nowait(None)

        tasks = [asyncio.create_task(run(one)) for one in jobs]
        running = len(tasks)
        try:
            while running:
                event = await events.get()
                if event is None:
                    running -= 1
                else:
                    yield event
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # -- files behind addresses -------------------------------------------------------------------------

    async def _ready(self, job: Job) -> Job:
        """Fetch what can only be sent as a file."""
        urls = self._to_fetch(job)
        if not urls:
            return job
        files = await self._files(job, urls)
        for url, file in files.items():
            if isinstance(file, RequestError):
                raise ImageInputError(f"image {url[:300]}: {file}") from None
        return self._with_pixels(job, {url: file for url, file in files.items() if isinstance(file, bytes)})

    async def _complete(self, job: Job, reply: Reply, exchange: Exchange) -> Reply:
        """Fetch at once what a reply only points to: such addresses expire."""
        urls = addresses_in(reply, self._limits)
        return filled(reply, await self._files(job, urls), exchange.request_id) if urls else reply

    async def _files(self, job: Job, urls: Sequence[str]) -> dict[str, bytes | RequestError]:
        turns = asyncio.Semaphore(self._limits.concurrent_fetches)

        async def one(url: str) -> bytes | RequestError:
            async with turns:
                return await self._file(job, url)

        return dict(zip(urls, await asyncio.gather(*map(one, urls)), strict=True))

    async def _file(self, job: Job, url: str) -> bytes | RequestError:
        guard, timeouts = self._guard(job), download_timeouts(self._limits)
        try:
            target = await asyncio.to_thread(guard.check, url)  # it resolves a name
            for _ in range(self._limits.redirects + 1):
                key = self._key_for(guard, target.url)
                async with await self._transport.get(target, key, timeouts) as response:
                    download = Download(url, response.status, response.headers, self._limits)
                    if download.moved_to is None:
                        async with aclosing(response.chunks()) as chunks:
                            async for chunk in chunks:
                                if not download.feed(chunk):
                                    break
                        return download.finish()
                    target = await asyncio.to_thread(guard.redirect, target.url, download.moved_to)
            raise ReplyError(f"the picture at {url[:300]} could not be fetched: too many redirects")
        except RequestError as error:
            return job.failure.hide_in(error)

    # -- small calls ------------------------------------------------------------------------------------

    async def _small(self, call: Call) -> Any:
        if self._closed:
            raise RuntimeError("this client is closed; make a new one")
        stop = self._wake
        waits: list[float] = []
        async for attempt in attempts(self._max_retries, waits.append):
            await self._rest(stop, waits)
            with attempt:
                opened = await self._transport.open(
                    call, self._key.headers(), self._short_timeouts(), costs=False
                )
                async with opened as response:
                    answer = self._answer(response.status, response.headers)
                    async with aclosing(response.chunks()) as chunks:
                        async for chunk in chunks:
                            if not answer.feed(chunk):
                                break
                value = answer.finish()
        return value
