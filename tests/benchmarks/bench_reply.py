"""How long a reply with ten images of 8 MB takes, and how much memory beside the images.

Run it as a script: ``python tests/benchmarks/bench_reply.py [--rounds 5] [--images 10] [--megabytes 8]``.

One process serves the same JSON to three readers, each in a fresh process, in turn:

- ``JsonReader``: httpx's raw chunks go to the incremental reader as they arrive;
- ``openai SDK``: the official client, then the standard library's base64;
- ``httpx + json``: the whole body, ``json.loads``, the standard library's base64.

Memory is the peak of the process (``VmHWM``), minus what it was before the request, minus the images.
Each reader checks the images' digest after the clock has stopped.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

READERS = ("JsonReader", "openai SDK", "httpx + json")
MEGABYTE = 1 << 20


def peak_bytes() -> int:
    """Give the most memory that this process has had (Linux)."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell VmHWM")


def serve(images: int, megabytes: int) -> None:
    """Serve one reply to every POST; print the port and the images' digest."""
    digest = hashlib.sha256()
    items = []
    for _ in range(images):
        image = b"\x89PNG\r\n\x1a\n" + os.urandom(megabytes * MEGABYTE - 8)
        digest.update(image)
        items.append(f'{{"b64_json": "{base64.b64encode(image).decode()}"}}')
    body = f'{{"created": 1, "data": [{", ".join(items)}], "quality": "low"}}'.encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(json.dumps({"port": server.server_port, "digest": digest.hexdigest()}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until the parent closes it


def read(reader: str, base_url: str, digest: str) -> None:
    """Ask once with one reader; print seconds and peak bytes above the images."""
    images, seconds, above = {"JsonReader": incremental, "openai SDK": official, "httpx + json": whole}[
        reader
    ](base_url)
    found = hashlib.sha256()
    for image in images:
        found.update(image)
    if found.hexdigest() != digest:
        raise SystemExit(f"{reader} gave other bytes")
    print(json.dumps({"seconds": seconds, "above": above - sum(map(len, images))}))


def incremental(base_url: str) -> tuple[list[bytes], float, int]:
    """Read with JsonReader over httpx's raw chunks."""
    import httpx

    from imgwidgets.client.reader import JsonReader
    from imgwidgets.client.replies import read_reply

    with httpx.Client(timeout=None, trust_env=False) as client:
        before = peak_bytes()
        started = time.perf_counter()
        reader = JsonReader()
        with client.stream("POST", f"{base_url}/images/generations", json={"prompt": "a fox"}) as response:
            for chunk in response.iter_raw():
                reader.feed(chunk)
        reply = read_reply(reader.finish(), base_url=base_url)
        images = [image.data for image in reply.images if image.data is not None]
        return images, time.perf_counter() - started, peak_bytes() - before


def official(base_url: str) -> tuple[list[bytes], float, int]:
    """Read with the official SDK."""
    import openai

    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    _ = client.images  # the SDK loads its resources late; that is not what is measured
    before = peak_bytes()
    started = time.perf_counter()
    reply = client.images.generate(prompt="a fox", model="gpt-image-1")
    images = [base64.b64decode(image.b64_json or "") for image in reply.data or []]
    return images, time.perf_counter() - started, peak_bytes() - before


def whole(base_url: str) -> tuple[list[bytes], float, int]:
    """Read with httpx and the standard library."""
    import httpx

    with httpx.Client(timeout=None, trust_env=False) as client:
        before = peak_bytes()
        started = time.perf_counter()
        response = client.post(f"{base_url}/images/generations", json={"prompt": "a fox"})
        images = [base64.b64decode(item["b64_json"]) for item in json.loads(response.content)["data"]]
        return images, time.perf_counter() - started, peak_bytes() - before


def measure(images: int, megabytes: int, rounds: int) -> dict[str, dict[str, float]]:
    """Measure all readers in turn; give medians: seconds, and megabytes above the images."""
    script = [sys.executable, __file__]
    # A user's proxy must not stand between two processes of this machine.
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    server = subprocess.Popen(
        [*script, "--serve", "--images", str(images), "--megabytes", str(megabytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    found: dict[str, list[dict[str, float]]] = {reader: [] for reader in READERS}
    try:
        about = json.loads(server.stdout.readline() if server.stdout else "")
        base_url = f"http://127.0.0.1:{about['port']}/v1"
        for _ in range(rounds):
            for reader in READERS:
                done = subprocess.run(
                    [*script, "--read", reader, "--base-url", base_url, "--digest", about["digest"]],
                    check=True,
                    capture_output=True,
                    text=True,
                    env=environment,
                )
                found[reader].append(json.loads(done.stdout))
    finally:
        server.communicate()
    return {
        reader: {
            "seconds": statistics.median(run["seconds"] for run in runs),
            "megabytes": statistics.median(run["above"] for run in runs) / MEGABYTE,
        }
        for reader, runs in found.items()
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--megabytes", type=int, default=8)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--read", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--base-url", help=argparse.SUPPRESS)
    parser.add_argument("--digest", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.images, options.megabytes)
        return
    if options.read:
        read(options.read, options.base_url, options.digest)
        return
    results = measure(options.images, options.megabytes, options.rounds)
    base = results["openai SDK"]["seconds"]
    print(f"{options.images} images of {options.megabytes} MiB, medians of {options.rounds} rounds")
    print(f"{'reader':<14} {'seconds':>8} {'of the SDK':>11} {'MiB above the images':>21}")
    for reader, figures in results.items():
        share = figures["seconds"] / base
        print(f"{reader:<14} {figures['seconds']:>8.3f} {share:>10.0%} {figures['megabytes']:>21.1f}")


if __name__ == "__main__":
    main()
