"""What a sweep adds to the waiting: its overhead, its pace, its memory.

Run it as a script: ``python tests/benchmarks/bench_sweep.py [--rounds 3] [--only overhead]``.

============  ====================================================================================
task          what is measured
============  ====================================================================================
``overhead``  500 cells, 64 at once, at a server that answers a prepared image after 300 ms: against
              the ideal (eight times 300 ms), and against asyncio.gather over the official SDK with tenacity
``pace``      240 cells at a sandbox that permits 120 a minute, and how many 429s it gave
``memory``    1,000 cells of 1024x1024, 1.2 MB each: the peak of the process, while all can be looked at
============  ====================================================================================

The targets: at most 1.15 times the ideal; at least 95 % of 120 a minute and one 429 at most; below 300 MB.
Servers are processes of their own. Every figure of ``overhead`` and ``memory`` comes from a fresh process
with a history of its own, on the disk of the system's temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from bench_client import image, memory

if TYPE_CHECKING:
    from collections.abc import Iterator

CELLS, AT_ONCE, LATENCY = 500, 64, 0.3
IDEAL = math.ceil(CELLS / AT_ONCE) * LATENCY
SIZES = {"small": 50_000, "large": 300_000}
RIVALS = ("imgwidgets", "openai SDK + tenacity")
KEY = "no-key-at-all"


# -- the servers ------------------------------------------------------------------------------------------


class Answers(asyncio.Protocol):
    """Answers each request with the next prepared image, some time later."""

    replies: list[bytes]
    latency: float
    count = 0

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer, self.needed = transport, b"", -1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
        whole = len(body) >= length if length is not None else body.endswith(b"0\r\n\r\n")
        if whole:
            self.buffer = b""
            asyncio.get_running_loop().call_later(self.latency, self.answer)

    def answer(self) -> None:
        if not self.transport.is_closing():
            Answers.count += 1
            self.transport.write(self.replies[Answers.count % len(self.replies)])


def serve(size: int, latency: float) -> None:
    """Serve until the process is killed; the port is said on stdout."""
    usage = {"input_tokens": 9, "output_tokens": 196, "total_tokens": 205}
    Answers.replies, Answers.latency = [], latency
    for seed in range(24):
        data = base64.b64encode(image(size, seed)).decode()
        body = json.dumps({"created": 1, "data": [{"b64_json": data}], "usage": usage}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        Answers.replies.append(head.encode() + body)

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())


def sandbox(limit: int) -> None:
    """Serve pictures at a limited pace; on a line from stdin, say what came and how much was refused."""
    import imgwidgets as iw

    with iw.Sandbox(requests_per_minute=limit, keep_log=100_000) as server:
        print(server.port, flush=True)
        sys.stdin.readline()
        arrived = [one.time for one in server.requests if one.method == "POST"]
        print(json.dumps({"arrived": len(arrived), "seconds": arrived[-1] - arrived[0]}), flush=True)


@contextlib.contextmanager
def child(*arguments: object) -> Iterator[Any]:
    """Run this file with other arguments."""
    command = [sys.executable, __file__, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


# -- the rivals -------------------------------------------------------------------------------------------


def ours(url: str, cells: int) -> dict[str, float]:
    """Run a sweep; the clock starts before it is planned."""
    import imgwidgets as iw

    with (
        tempfile.TemporaryDirectory() as folder,
        iw.History(folder) as history,
        iw.Client("openai-compatible", base_url=url, api_key=KEY, history=history) as client,
    ):
        options = {"model": "gpt-image-2", "size": "1024x1024", "quality": "low"}
        iw.Sweep("warm", **options).run(client, confirm=False, progress=False).wait()
        sweep = iw.Sweep("a fox {n}", n=list(range(cells)), **options)
        began, cpu = time.perf_counter(), time.process_time()
        run = sweep.run(client, confirm=False, progress=False).wait()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        assert [outcome.status for outcome in run.outcomes] == ["done"] * cells
        return {"seconds": seconds, "cpu": cpu, "peak": memory("VmHWM"), "now": memory("VmRSS")}


def theirs(url: str, cells: int) -> dict[str, float]:
    """Do it with the official SDK: a semaphore, tenacity's retries, base64 decoded, nothing written down."""
    import openai
    import tenacity

    async def main() -> dict[str, float]:
        client = openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0)
        turns = asyncio.Semaphore(AT_ONCE)
        retrying = tenacity.retry(
            stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_exponential_jitter()
        )

        @retrying
        async def ask(prompt: str) -> bytes:
            async with turns:
                reply = await client.images.generate(prompt=prompt, model="gpt-image-2", size="1024x1024")
                return base64.b64decode(reply.data[0].b64_json)

        await ask("warm")
        began, cpu = time.perf_counter(), time.process_time()
        images = await asyncio.gather(*(ask(f"a fox {number}") for number in range(cells)))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        assert len(images) == cells
        return {"seconds": seconds, "cpu": cpu, "peak": memory("VmHWM"), "now": memory("VmRSS")}

    return asyncio.run(main())


# -- the tasks --------------------------------------------------------------------------------------------


def measured(rival: str, port: str, cells: int) -> dict[str, float]:
    """Give what a fresh process measures."""
    with child("--rival", rival, "--port", port, "--cells", cells) as process:
        return json.loads(process.stdout.readline())


def overhead(rounds: int) -> None:
    print(
        f"500 cells, 64 at once, an answer after 300 ms; the ideal is {IDEAL:.2f} s, the target 1.15 times that"
    )
    for name, size in SIZES.items():
        with child("--serve", size, "--latency", LATENCY) as server:
            port = server.stdout.readline().strip()
            for rival in RIVALS:
                figures = [measured(rival, port, CELLS) for _ in range(rounds)]
                seconds = statistics.median(one["seconds"] for one in figures)
                cpu = statistics.median(one["cpu"] for one in figures)
                best = min(one["seconds"] for one in figures)
                print(
                    f"  {name} images ({size / 1000:.0f} kB)  {rival:24} {seconds:6.2f} s, {seconds / IDEAL:.2f} "
                    f"times the ideal (best {best / IDEAL:.2f}); {cpu:.2f} s of CPU"
                )


def pace() -> None:
    import imgwidgets as iw

    with (
        child("--sandbox", 120) as server,
        tempfile.TemporaryDirectory() as folder,
        iw.History(folder) as history,
    ):
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        with iw.Client("sandbox", base_url=url, history=history) as client:
            sweep = iw.Sweep("a fox {n}", n=list(range(300)), model="dall-e-2", size="256x256")
            began = time.perf_counter()
            run = sweep.run(client, progress=False).wait()
            seconds = time.perf_counter() - began
        server.stdin.write("\n")
        server.stdin.flush()
        said = json.loads(server.stdout.readline())
        refused = said["arrived"] - len(run.outcomes)
        print(
            f"300 cells at a permitted 120 a minute: {seconds:.1f} s, {300 / seconds * 60:.0f} a minute "
            f"(target: 114), {refused} refused with 429 (target: 1 at most)"
        )


def room() -> None:
    with child("--serve", 1_200_000, "--latency", LATENCY) as server:
        figures = measured("imgwidgets", server.stdout.readline().strip(), 1000)
    print(
        f"1,000 cells of 1.2 MB: the process' peak is {figures['peak'] / 1e6:.0f} MB (target: 300), at the "
        f"end {figures['now'] / 1e6:.0f} MB; {figures['seconds']:.1f} s"
    )


def main() -> None:
    """Measure, or be one of the processes that a measurement needs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["overhead", "pace", "memory"])
    for name in ("rival", "port", "cells", "serve", "latency", "sandbox"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(int(given.serve), float(given.latency))
    elif given.sandbox:
        sandbox(int(given.sandbox))
    elif given.rival:
        run = ours if given.rival == "imgwidgets" else theirs
        print(json.dumps(run(f"http://127.0.0.1:{given.port}/v1", int(given.cells))), flush=True)
    else:
        print(
            f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())}; {os.cpu_count()} cores"
        )
        if given.only in (None, "overhead"):
            overhead(given.rounds)
        if given.only in (None, "memory"):
            room()
        if given.only in (None, "pace"):
            pace()


if __name__ == "__main__":
    main()
