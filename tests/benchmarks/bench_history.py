"""What writing a request down costs, and how looking grows with what is there.

    python tests/benchmarks/bench_history.py [ENTRIES ...]

Default: histories of 100, 1,000, 10,000 and 100,000 requests, each with one picture.
"""

from __future__ import annotations

import hashlib
import io
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import imgwidgets as iw
from imgwidgets.catalog import ImageRequest
from imgwidgets.history import History
from imgwidgets.images import ImageResult, ResultImage

SIZES = (100, 1_000, 10_000, 100_000)
SENTENCE = (
    "a red fox in snow under a pine tree at dawn with soft light and long shadows painted in ink on old "
    "paper by a careful hand while an owl looks on from the roof of a small wooden house near the sea"
)
WORDS = SENTENCE.split()
MODELS = ("gpt-image-2", "gpt-image-1.5", "gpt-image-1-mini", "dall-e-3")


def best(act, rounds=7):
    """Give the shortest of several runs, in milliseconds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000


def a_picture(edge):
    noise = np.random.default_rng(7).integers(0, 255, (edge, edge, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def fill(history, count):
    """Write rows as a client does, all in one transaction; the files of the pictures are left out."""
    chance = random.Random(count)
    began = time.time() - count * 60
    writer = history._database.process
    with history._database.writing() as connection:
        start = connection.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()[0]
        for number in range(start + 1, start + count + 1):
            prompt = " ".join(chance.choices(WORDS, k=40))
            model = chance.choice(MODELS)
            connection.execute(
                "INSERT INTO entries (id, process, created, stage, status, key, provider, embedded, base_url, model, "
                "endpoint, prompt, parameters, words, cost, seconds, outcome) "
                "VALUES (?, ?, ?, 3, ?, ?, 'openai', 0, '', ?, 'generations', ?, '{\"quality\":\"low\"}', ?, ?, 9, '{}')",
                (
                    number,
                    writer,
                    began + number * 60,
                    "done" if chance.random() < 0.97 else "failed",
                    hashlib.sha256(str(number).encode()).hexdigest(),
                    model,
                    prompt,
                    f"{prompt}\n{model}",
                    0.01,
                ),
            )
            connection.execute(
                "INSERT INTO pictures VALUES (?, 'image', 0, ?, 1000, ?, '{}')",
                (number, hashlib.sha256(b"%d" % number).hexdigest(), '{"format":"png","size":[1024,1024]}'),
            )


def looking(folder, count):
    with History(folder) as history:
        fill(history, count)
        history.mark(hashlib.sha256(b"%d" % (count // 2)).hexdigest(), starred=True)
        keys = [
            hashlib.sha256(str(number).encode()).hexdigest() for number in range(1, min(count, 10_000) + 1)
        ]
        history._files.put = lambda *_, **__: None
        questions = {
            "first page of 48": lambda: history.search(limit=48),
            "page in the middle": lambda: history.search(limit=48, offset=count // 2),
            "words that are there": lambda: history.search("fox owl", limit=48),
            "words that are not": lambda: history.search("zebra", limit=48),
            "count of those": lambda: history.count("zebra"),
            "one model and status": lambda: history.search(model=MODELS[1], status="failed", limit=48),
            "with a star": lambda: history.search(starred=True, limit=48),
            "spent": history.spent,
            "models that occur": lambda: history.known("model"),
            "lookup of one": lambda: history.lookup(keys[0]),
            f"lookup of {len(keys):,}": lambda: history.lookup_many(keys),
            "images": lambda: len(history.images),
        }
        for name, ask in questions.items():
            print(f"{count:>9,}  {name:<22} {best(ask, 3):>9.2f} ms")
    began = time.perf_counter()
    with History(folder):
        print(f"{count:>9,}  {'opened again in':<22} {(time.perf_counter() - began) * 1000:>9.2f} ms")


def recording(folder):
    """Write down what a request costs when its answer is small, and when it is large."""
    request = ImageRequest(prompt=SENTENCE, model=MODELS[0], provider="openai")
    with History(folder) as history:
        for name, edge in (("12 kB", 64), ("3 MB", 1024), ("25 MB", 2900)):
            data = a_picture(edge)
            taken = []
            for number in range(12):
                image = ResultImage(data + b"%d" % number)
                began = time.perf_counter()
                entry = history.started(request)
                between = time.perf_counter()
                history.finished(entry, ImageResult([image], request=request, cost=0.01))
                taken.append((between - began, time.perf_counter() - between))
            started, finished = (statistics.median(one) * 1000 for one in zip(*taken, strict=True))
            print(f"a picture of {name:>6}: started {started:.2f} ms, finished {finished:.2f} ms")


def through_a_client(folder):
    with iw.Sandbox() as sandbox, History(folder) as history:
        for option, name in ((False, "without"), (history, "with")):
            with iw.Client("sandbox", base_url=sandbox.base_url, history=option) as client:
                client.generate("a fox", model="gpt-image-2", quality="low")
                taken = best(lambda c=client: c.generate("a fox", model="gpt-image-2", quality="low"), 15)
            print(f"one request to the sandbox {name:>7} history: {taken:.2f} ms")


def main(sizes):
    with tempfile.TemporaryDirectory() as folder:
        recording(Path(folder) / "recording")
        through_a_client(Path(folder) / "client")
        for count in sizes:
            looking(Path(folder) / str(count), count)


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or SIZES)
