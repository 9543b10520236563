"""What a whole call costs: imgwidgets, the official SDK and bare httpx against the same server.

Run it as a script: ``python tests/benchmarks/bench_client.py [--rounds 5] [--only reply]``.

==========  ======================================================================================
task        what is asked
==========  ======================================================================================
``reply``   one reply with ten images of 8 MiB
``small``   500 requests in a row, each answered with one image of 2 kB
``upload``  an edit of 16 images of 8 MiB each
``stream``  three streamed partial images and the finished one, 4 MiB each
==========  ======================================================================================

The server is a process of its own that answers with bytes it prepared. Every figure comes from a fresh
process; the rivals take turns, and the table shows medians. Before the clock starts, each client has made
one small request, so that what it loads late and its first connection do not count. Whoever gives base64
decodes it too: in the end there are the images' bytes, and their digest is compared.

CPU is the work of the asking process alone: on a busy machine it is the steadier figure. Memory is the
peak of the process (Linux' ``VmHWM``, reset when the clock starts) above what it was before, minus the
images that came. An upload's images are there before.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import math
import os
import pathlib
import random
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

MEGABYTE = 1 << 20
SMALL_REQUESTS = 500
UPLOADS = 16
TASKS = {
    "reply": ("ten images of 8 MiB in one reply", ("imgwidgets", "openai SDK", "httpx + json")),
    "small": (f"{SMALL_REQUESTS} small replies in a row", ("imgwidgets", "openai SDK", "httpx + json")),
    "upload": ("an edit of 16 images of 8 MiB", ("imgwidgets", "openai SDK")),
    "stream": ("three partials of 4 MiB and the result", ("imgwidgets", "openai SDK")),
}


def memory(name: str) -> int:
    """Give a line of this process' status in bytes: ``VmHWM`` (most so far) or ``VmRSS`` (now)."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"this system does not tell {name}")


def image(size: int, seed: int = 0) -> bytes:
    """Make a whole PNG of noise, of about so many bytes."""
    edge = max(8, math.isqrt(size // 3))
    noise = random.Random(seed).randbytes(edge * 3)
    rows = zlib.compress(b"".join(b"\0" + noise[row:] + noise[:row] for row in range(edge)), 0)
    header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"tEXt", b"Seed\0%d" % seed), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


# -- the server -------------------------------------------------------------------------------------------


def prepared() -> dict[str, tuple[bytes, str, str]]:
    """Make each task's answer: body, media type, digest of its images in order."""
    answers = {}
    for name, count, size in (("reply", 10, 8 * MEGABYTE), ("small", 1, 2000)):
        images = [image(size, seed) for seed in range(count)]
        items = ", ".join(f'{{"b64_json": "{base64.b64encode(one).decode()}"}}' for one in images)
        usage = '{"input_tokens": 9, "output_tokens": 196, "total_tokens": 205}'
        body = f'{{"created": 1, "data": [{items}], "quality": "low", "usage": {usage}}}'.encode()
        answers[name] = (body, "application/json", digest(images))
    answers["upload"] = answers["small"]
    images = [image(4 * MEGABYTE, seed) for seed in range(4)]
    events = []
    for index, one in enumerate(images):
        kind = "completed" if index == 3 else "partial_image"
        place = "" if index == 3 else f', "partial_image_index": {index}'
        events.append(
            f"event: image_generation.{kind}\n"
            f'data: {{"type": "image_generation.{kind}", "created_at": 1{place}, '
            f'"b64_json": "{base64.b64encode(one).decode()}"}}\n\n'
        )
    answers["stream"] = ("".join(events).encode(), "text/event-stream", digest(images))
    return answers


def digest(images: list[bytes]) -> str:
    """Give one digest of several images."""
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in images)).hexdigest()


def serve() -> None:
    """Answer every request under ``/TASK/v1``; print the port and the digests."""
    answers = prepared()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    about = {
        "port": listener.getsockname()[1],
        "digests": {name: answer[2] for name, answer in answers.items()},
    }
    print(json.dumps(about), flush=True)

    def talk(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            have = b""
            while True:
                while b"\r\n\r\n" not in have:
                    more = connection.recv(65536)
                    if not more:
                        return
                    have += more
                head, _, rest = have.partition(b"\r\n\r\n")
                lines = head.lower().split(b"\r\n")
                left = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
                have = drain(connection, rest, left)
                body, kind, _ = answers[lines[0].split(b" ")[1].split(b"/")[1].decode()]
                connection.sendall(
                    f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                )
                connection.sendall(body)
                if b"connection: close" in lines:
                    return

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()  # until the parent closes it


def drain(connection: socket.socket, rest: bytes, length: int | None) -> bytes:
    """Read a request's body away; without a length it is chunked."""
    if length is None:
        while not rest.endswith(b"0\r\n\r\n"):
            rest = rest[-5:] + connection.recv(MEGABYTE)
        return b""
    got, room = len(rest), bytearray(MEGABYTE)
    while got < length:
        got += connection.recv_into(room)
    return b""


# -- the rivals --------------------------------------------------------------------------------------------

Ask = Callable[[str], list[bytes]]


def imgwidgets(port: int, uploads: list[bytes]) -> Ask:
    """Give a function that does a task with imgwidgets' client, and gives the images."""
    import imgwidgets as iw
    from imgwidgets.images import PartialImage

    def pictures(event: Any) -> list[Any]:
        return [event] if isinstance(event, PartialImage) else list(event)

    clients = {
        task: iw.Client("openai", base_url=f"http://127.0.0.1:{port}/{task}/v1", api_key="k", history=False)
        for task in TASKS
    }

    def ask(task: str) -> list[bytes]:
        client = clients[task]
        if task == "upload":
            return [one.bytes for one in client.edit(uploads, "merge them", model="gpt-image-1.5")]
        if task == "stream":
            events = list(client.generate_stream("a fox", partial_images=3))
            return [one.bytes for event in events for one in pictures(event)]
        return [one.bytes for one in client.generate("a fox")]

    return ask


def official(port: int, uploads: list[bytes]) -> Ask:
    """Give the same with the official SDK and the standard library's base64."""
    import openai

    clients = {
        task: openai.OpenAI(base_url=f"http://127.0.0.1:{port}/{task}/v1", api_key="k", max_retries=0)
        for task in TASKS
    }

    def ask(task: str) -> list[bytes]:
        images = clients[task].images
        if task == "upload":
            files = [(f"image-{n}.png", data, "image/png") for n, data in enumerate(uploads)]
            reply = images.edit(image=files, prompt="merge them", model="gpt-image-1.5")
        elif task == "stream":
            events = images.generate(prompt="a fox", model="gpt-image-2", stream=True, partial_images=3)
            return [base64.b64decode(event.b64_json) for event in events]
        else:
            reply = images.generate(prompt="a fox", model="gpt-image-2")
        return [base64.b64decode(one.b64_json or "") for one in reply.data or []]

    return ask


def bare(port: int, _uploads: list[bytes]) -> Ask:
    """Give the same with httpx and the standard library's json and base64."""
    import httpx

    client = httpx.Client(timeout=None, trust_env=False)

    def ask(task: str) -> list[bytes]:
        body = {"model": "gpt-image-2", "prompt": "a fox"}
        reply = client.post(
            f"http://127.0.0.1:{port}/{task}/v1/images/generations",
            json=body,
            headers={"Authorization": "Bearer k"},
        )
        return [base64.b64decode(one["b64_json"]) for one in json.loads(reply.content)["data"]]

    return ask


RIVALS = {"imgwidgets": imgwidgets, "openai SDK": official, "httpx + json": bare}


def run(rival: str, task: str, port: int, expected: str) -> dict[str, float]:
    """Do one task once; give seconds, seconds of work, and bytes of memory above the images."""
    uploads = [image(8 * MEGABYTE, seed) for seed in range(UPLOADS)] if task == "upload" else []
    ask = RIVALS[rival](port, uploads)
    ask("small")
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
    before = memory("VmRSS")
    started, worked = time.perf_counter(), time.process_time()
    for _ in range(SMALL_REQUESTS if task == "small" else 1):
        images = ask(task)
    seconds, work = time.perf_counter() - started, time.process_time() - worked
    above = memory("VmHWM") - before - sum(map(len, images))
    if digest(images) != expected:
        raise SystemExit(f"{rival} gave other bytes")
    return {"seconds": seconds, "cpu": work, "above": above}


# -- the measurement ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Run the server in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield json.loads(process.stdout.readline() if process.stdout else "")
    finally:
        process.communicate()


def measure(tasks: list[str], rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """Measure tasks; give medians: task -> rival -> seconds, seconds of work, megabytes above the images."""
    # A user's proxy must not stand between two processes of this machine.
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    found: dict[str, dict[str, dict[str, float]]] = {}
    with serving(environment) as about:
        for task in tasks:
            rivals = TASKS[task][1]
            runs: dict[str, list[dict[str, float]]] = {rival: [] for rival in rivals}
            for number in range(rounds):
                for rival in rivals[number % len(rivals) :] + rivals[: number % len(rivals)]:
                    done = subprocess.run(
                        [
                            sys.executable,
                            __file__,
                            "--run",
                            rival,
                            "--task",
                            task,
                            "--about",
                            json.dumps(about),
                        ],
                        check=True,
                        stdout=subprocess.PIPE,
                        text=True,
                        env=environment,
                    )
                    runs[rival].append(json.loads(done.stdout))
            found[task] = {
                rival: {
                    "seconds": statistics.median(one["seconds"] for one in all_runs),
                    "cpu": statistics.median(one["cpu"] for one in all_runs),
                    "megabytes": statistics.median(one["above"] for one in all_runs) / MEGABYTE,
                }
                for rival, all_runs in runs.items()
            }
    return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=TASKS, help="a task; may be repeated")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--run", choices=RIVALS, help=argparse.SUPPRESS)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--about", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    if options.run:
        port, expected = options.about["port"], options.about["digests"][options.task]
        print(json.dumps(run(options.run, options.task, port, expected)))
        return
    print(f"medians of {options.rounds} rounds, each in a fresh process")
    print(
        f"{'task':<42} {'with':<13} {'ms':>8} {'of the SDK':>11} {'CPU ms':>8} {'MiB above the images':>21}"
    )
    for task, rivals in measure(options.only or list(TASKS), options.rounds).items():
        for rival, figures in rivals.items():
            share = figures["seconds"] / rivals["openai SDK"]["seconds"]
            each = SMALL_REQUESTS if task == "small" else 1
            title = TASKS[task][0] + (", each" if task == "small" else "")
            print(
                f"{title:<42} {rival:<13} {figures['seconds'] / each * 1000:>8.2f} {share:>11.2f} "
                f"{figures['cpu'] / each * 1000:>8.2f} "
                f"{figures['megabytes']:>21.1f}"
            )


if __name__ == "__main__":
    main()
