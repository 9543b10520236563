"""How long masks take at 4096x4096, beside what else could do the same.

Run with ``python tests/benchmarks/bench_mask.py``. Each line shows the best and the middle of several
rounds; rivals take turns with us within each round, so that a busy machine slows all of them alike.
Rivals that are not installed are left out. Nothing is asserted: read the figures.
"""

import importlib
import io
import math
import statistics
import time

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from imgwidgets.images import raster
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_canvas import MaskCanvas
from imgwidgets.images.operations import Feather, Fill, Grow, Invert, Polygon

EDGE = 4096
SIZE = (EDGE, EDGE)
ROUNDS = 7


def optional(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


cv2, ndimage, skimage_draw = optional("cv2"), optional("scipy.ndimage"), optional("skimage.draw")


def race(title, budget, rounds=ROUNDS, **racers):
    """Time functions in turn and print them; the first is ours."""
    times = {name: [] for name in racers}
    for _ in range(rounds):
        for name, run in racers.items():
            start = time.perf_counter()
            run()
            times[name].append(1000 * (time.perf_counter() - start))
    print(f"{title}" + (f"  (budget {budget} ms)" if budget else ""))
    for name, taken in times.items():
        print(f"    {name:42} {min(taken):9.2f} {statistics.median(taken):9.2f} ms")


def batches():
    rng = np.random.default_rng(0)
    return {
        "600 px long": np.linspace((1000, 1000), (1500, 1300), 50),
        "corner to corner": np.linspace((300, 300), (3800, 3700), 50),
        "a scribble": np.cumsum(rng.normal(0, 40, (50, 2)), axis=0) + 2000,
    }


def pillow_stroke(image, points, radius):
    pen = ImageDraw.Draw(image)
    flat = [tuple(point) for point in points.tolist()]
    pen.line(flat, fill=0, width=2 * radius)
    for x, y in flat:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)


def strokes():
    for name, points in batches().items():
        ours = np.full((EDGE, EDGE), 255, np.uint8)
        theirs = Image.new("L", SIZE, 255)
        radii = np.full(50, 80.0)
        racers = {
            "imgwidgets, in place": lambda a=ours, p=points, r=radii: raster.stroke(a, p, r),
            "Pillow line and ellipses": lambda i=theirs, p=points: pillow_stroke(i, p, 80),
        }
        if cv2:
            canvas = np.full((EDGE, EDGE), 255, np.uint8)
            path = points.round().astype(np.int32)[None]
            racers["OpenCV polylines (not exact)"] = lambda c=canvas, p=path: cv2.polylines(
                c, p, isClosed=False, color=0, thickness=160
            )
        race(f"a batch of 50 points, radius 80, {name}", 3, 21, **racers)


def painting():
    canvas = MaskCanvas(SIZE)
    points = np.linspace((400, 500), (3600, 3500), 500)
    canvas.begin_stroke(points[:1], radius=80)
    taken = []
    for k in range(10):
        start = time.perf_counter()
        canvas.extend_stroke(points[k * 50 : k * 50 + 50])
        taken.append(1000 * (time.perf_counter() - start))
    print(f"MaskCanvas.extend_stroke, 50 points each (budget 3 ms): median {statistics.median(taken):.2f} ms")
    for what, call in {"end_stroke": canvas.end_stroke, "snapshot": lambda: canvas.mask}.items():
        start = time.perf_counter()
        call()
        print(f"MaskCanvas {what}: {1000 * (time.perf_counter() - start):.2f} ms")
    star = Polygon(points=star_points())
    for operation in (
        Grow(px=25),
        Feather(px=12),
        Invert(),
        star,
        Fill(at=(5, 5)),
        Grow(px=25),
        Feather(px=30),
    ):
        line = f"MaskCanvas {type(operation).__name__}:"
        for call in (lambda o=operation: canvas.apply(o), canvas.undo, canvas.redo):
            start = time.perf_counter()
            call()
            line += f" {1000 * (time.perf_counter() - start):.1f}"
        print(f"{line} ms (apply, undo, redo; budget of undo 100 ms)")
    print(f"history: {canvas.history_bytes / 2**20:.1f} MiB (budget 64 MiB)")


def star_points():
    rng = np.random.default_rng(0)
    turn = np.linspace(0, 2 * math.pi, 1000, endpoint=False)
    away = 1500 + rng.uniform(-300, 300, 1000)
    return np.stack((2048 + away * np.cos(turn), 2048 + away * np.sin(turn)), axis=1)


def polygons():
    turn = np.linspace(0, 2 * math.pi, 1000, endpoint=False)
    round_ = np.stack((2048 + 1800 * np.cos(turn), 2048 + 1800 * np.sin(turn)), axis=1)
    for name, points in {"round": round_, "jagged": star_points()}.items():
        step = Polygon(points=points)
        ours = np.full((EDGE, EDGE), 255, np.uint8)
        image = Image.new("L", SIZE, 255)
        flat = [tuple(point) for point in points.tolist()]
        racers = {
            "imgwidgets, in place": lambda a=ours, s=step: raster.apply(a, s),
            "imgwidgets, a new value": lambda p=points: Mask.blank(SIZE).polygon(p).alpha,
            "Pillow": lambda i=image, f=flat: ImageDraw.Draw(i).polygon(f, fill=0),
        }
        if cv2:
            canvas = np.full((EDGE, EDGE), 255, np.uint8)
            corners = points.round().astype(np.int32)[None]
            racers["OpenCV fillPoly (rounds corners)"] = lambda c=canvas, p=corners: cv2.fillPoly(c, p, 0)
        race(f"a {name} polygon of 1,000 points", 10, **racers)


def morphology():
    round_ = Mask.blank(SIZE).ellipse((500, 500, 3500, 3500))
    specks = Mask.from_array(np.random.default_rng(0).random((EDGE, EDGE)) < 0.02)
    for name, mask in {"a disc": round_, "specks everywhere": specks}.items():
        alpha, selected = mask.alpha, mask.selected
        image = Image.fromarray(alpha)
        racers = {"imgwidgets (exact)": lambda m=mask: m.grow(25).alpha}
        if cv2:
            inverse = np.where(selected, 0, 255).astype(np.uint8)
            racers["OpenCV distanceTransform, precise"] = lambda i=inverse: (
                cv2.distanceTransform(i, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= 25
            )
        if ndimage and mask is round_:
            racers["scipy distance_transform_edt"] = lambda s=selected: (
                ndimage.distance_transform_edt(~s) <= 25
            )
        race(f"grow {name} by 25 px", 600, 3, **racers)
        racers = {
            "imgwidgets": lambda m=mask: m.feather(12).alpha,
            "Pillow GaussianBlur": lambda i=image: i.filter(ImageFilter.GaussianBlur(12)),
        }
        if cv2:
            racers["OpenCV GaussianBlur"] = lambda a=alpha: cv2.GaussianBlur(a, (0, 0), 12)
        if ndimage:
            racers["scipy gaussian_filter"] = lambda a=alpha: ndimage.gaussian_filter(a, 12)
        race(f"feather {name} by 12 px", 300, 3, **racers)


def pillow_png(alpha):
    black = Image.new("L", SIZE)
    buffer = io.BytesIO()
    Image.merge("RGBA", (black, black, black, Image.fromarray(alpha))).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def files():
    mask = Mask.blank(SIZE).ellipse((500, 500, 3500, 3500))
    soft = mask.feather(12)
    mask.alpha, soft.alpha  # noqa: B018 (rendered before the clock starts)
    race(
        "to_png",
        400,
        3,
        **{
            "imgwidgets": mask.to_png,
            "imgwidgets, feathered": soft.to_png,
            "imgwidgets, white = edit": lambda: mask.to_png("white"),
            "Pillow RGBA, level 1": lambda: pillow_png(mask.alpha),
        },
    )
    other = Mask.blank(SIZE).rectangle((100, 100, 2000, 2000))
    image, second = Image.fromarray(mask.alpha), Image.fromarray(other.alpha)
    race(
        "union of two",
        None,
        **{"imgwidgets": lambda: mask | other, "Pillow ImageChops": lambda: ImageChops.darker(image, second)},
    )
    points = batches()["corner to corner"]
    coco, selected = mask.to_coco(), mask.selected
    race(
        "values",
        None,
        3,
        **{
            "mask.stroke(...).alpha (budget 60 ms)": lambda: mask.stroke(points, radius=80).alpha,
            "soft stroke": lambda: mask.stroke(points, radius=80, softness=0.5).alpha,
            "fill(at=)": lambda: mask.fill(at=(5, 5)).alpha,
            "to_coco": mask.to_coco,
            "from_coco": lambda: Mask.from_coco(coco),
            "from_array": lambda: Mask.from_array(selected),
            "to_json of pixels": lambda: Mask.from_array(selected).to_json(),
        },
    )


if __name__ == "__main__":
    print(f"{'':46} {'best':>9} {'median':>9}")
    for part in (strokes, painting, polygons, morphology, files):
        part()
