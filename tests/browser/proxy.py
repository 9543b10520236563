"""A TCP proxy on loopback that holds everything back for a while: a far server on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any, Self


class DelayingProxy:
    """Forwards connections to a port of this machine, each byte late; a context manager.

    Parameters
    ----------
    port : int
        Where the server listens.

    Attributes
    ----------
    port : int
        Where the proxy listens.
    delay : float
        Seconds for each direction: half of the round trip. It may be changed at any time.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self.delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listening = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._listening.wait(10):
            raise RuntimeError("the proxy does not listen")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_until_complete(self._hang_up())
        self._loop.close()

    async def _hang_up(self) -> None:
        """End every connection, so that nothing is left open when the loop is closed."""
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        for _ in range(3):  # an aborted transport closes its socket in the loop's next rounds
            await asyncio.sleep(0)

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._end.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers.append(far_writer)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = self._loop.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Carry bytes one way: each piece leaves when its time has come, and in order."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        leaving = self._loop.create_task(self._let_out(waiting, sink))
        try:
            while data := await source.read(65536):
                waiting.put_nowait((self._loop.time() + self.delay, data))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            waiting.put_nowait((self._loop.time() + self.delay, b""))
            with contextlib.suppress(asyncio.CancelledError):
                await leaving

    async def _let_out(self, waiting: asyncio.Queue[tuple[float, bytes]], sink: Any) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                due, data = await waiting.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                if not data:
                    break
                sink.write(data)
                await sink.drain()
        sink.close()
