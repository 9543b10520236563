"""How long planning takes, and what a cell weighs: 10,000 cells, with and without images and a history."""

from __future__ import annotations

import tempfile
import time
import tracemalloc

import numpy as np

import imgwidgets as iw
from imgwidgets.history import History

CELLS = 10_000
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'


def best(work, times=3):
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    return min(seconds), result


def report(what, seconds, result=""):
    print(f"{what:55} {1000 * seconds:8.0f} ms   {result}")


def main():
    words = [f"word {i}" for i in range(CELLS // 4)]
    plain = iw.Sweep(
        "a {x}", x=words, quality=["low", "high"], size=["1024x1024", "auto"], model="openai:gpt-image-2"
    )
    seconds, plan = best(lambda: plain.plan(history=False))
    report("plan of 10,000 cells", seconds, repr(plan))

    picture = np.random.default_rng(1).integers(0, 255, (2048, 2048, 3), np.uint8)
    mask = iw.Mask.blank((512, 512)).ellipse((50, 50, 400, 400))
    edits = iw.Sweep(
        "a {x}", x=words, image=[picture, picture[:1024]], mask=[None, mask], model="openai:gpt-image-2"
    )
    report("first plan of 10,000 edits of 4-megapixel images", *best(lambda: edits.plan(history=False), 1))
    report("again", *best(lambda: edits.plan(history=False)))

    tracemalloc.start()
    plan = edits.plan(history=False)
    print(f"{'memory of a cell':55} {tracemalloc.get_traced_memory()[0] / CELLS:8.0f} bytes")
    tracemalloc.stop()

    with tempfile.TemporaryDirectory() as folder, History(folder) as history:
        image = iw.ResultImage(SVG)
        for cell in plain.plan(history=False)[:500]:
            history.finished(history.started(cell.request), iw.ImageResult([image], request=cell.request))
        seconds, plan = best(lambda: plain.plan(history=history))
        report("plan of 10,000 cells, 500 of them in the history", seconds, repr(plan))

    seconds, page = best(plan._repr_html_)
    report("its page", seconds, f"{len(page) / 1000:.0f} kB")
    seconds, frame = best(plan.to_pandas)
    report("its table", seconds, f"{frame.shape}")

    many = list(range(1000))
    huge = iw.Sweep("{a} {b} {c} {d}", iw.sample(1000, seed=1), a=many, b=many, c=many, d=many)
    report("1,000 of 1,000,000,000,000 points", *best(lambda: huge.plan(history=False)))


if __name__ == "__main__":
    main()
