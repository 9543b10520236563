"""Masks as PNG, JSON and COCO, in and out, from friends and strangers."""

import base64
import io
import json
import zlib

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask import Mask
from imgwidgets.images.result import ResultImage

SIZE = (53, 37)  # odd, so that no row is a whole number of bytes


def sample(*, soft=False):
    mask = Mask.blank(SIZE).ellipse((5, 5, 40, 30)).stroke([(3, 33), (50, 2)], radius=2)
    return mask.feather(2) if soft else mask


# ---- PNG -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("soft", [False, True])
def test_a_png_is_rgba_with_alpha_0_where_to_edit(soft):
    mask = sample(soft=soft)
    picture = Image.open(io.BytesIO(mask.to_png()))
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", SIZE)
    assert np.array_equal(np.asarray(picture)[:, :, 3], mask.alpha)
    assert not np.asarray(picture)[:, :, :3].any()
    assert Mask.from_image(mask.to_png()) == mask


def test_a_png_may_have_white_where_to_edit():
    mask = sample(soft=True)
    picture = Image.open(io.BytesIO(mask.to_png(polarity="white")))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "L", SIZE)
    assert np.array_equal(np.asarray(picture), 255 - mask.alpha)
    assert Mask.from_image(mask.to_png("white"), "white_is_edit") == mask


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_any_mask_survives_as_png(width, height, seed):
    alpha = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    mask = Mask.from_array(alpha)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(mask.to_png())))[:, :, 3], alpha)


def test_rows_come_in_blocks_without_seams():
    alpha = np.random.default_rng(0).integers(0, 2, (900, 700), dtype=np.uint8) * np.uint8(255)
    mask = Mask.from_array(alpha)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(mask.to_png())))[:, :, 3], alpha)


def test_a_png_over_the_limit_is_packed_harder_and_then_refused():
    noise = Mask.from_array(np.random.default_rng(0).random((400, 400)) < 0.5)
    loose = len(noise.to_png(max_bytes=None))
    tight = len(noise.to_png(max_bytes=loose - 1))
    assert tight < loose
    with pytest.raises(ImageInputError, match="400x400 mask takes more than 5,000 bytes"):
        noise.to_png(max_bytes=5000)


def test_the_usual_limit_is_four_mebibytes():
    rng = np.random.default_rng(0)
    with pytest.raises(ImageInputError, match="4,194,304"):
        Mask.from_array(rng.integers(0, 256, (2200, 2200), dtype=np.uint8)).to_png()


def test_an_unknown_polarity_or_source_is_refused():
    with pytest.raises(ImageInputError, match="'black'"):
        sample().to_png("black")
    with pytest.raises(ImageInputError, match="auto, alpha, luminance"):
        Mask.from_image(sample().to_png(), "red")


# ---- pictures as masks ---------------------------------------------------------------------------


def test_a_mask_is_read_from_a_path_bytes_pil_array_and_result(tmp_path):
    mask = sample()
    png = mask.to_png()
    path = tmp_path / "mask.png"
    path.write_bytes(png)
    picture = Image.open(io.BytesIO(png))
    for source in (path, str(path), png, picture, np.asarray(picture), ResultImage(png), mask):
        assert Mask.from_image(source) == mask
    assert "alpha channel" in Mask.from_image(path).note


def test_without_transparency_white_is_taken_as_edit_and_said():
    mask = sample()
    for mode in ("L", "RGB", "1", "P", "RGBA"):
        white = Image.fromarray(255 - mask.alpha).convert(mode)
        read = Mask.from_image(white)
        assert read == mask
        assert "white was read as edit" in read.note
        assert "source='luminance'" in read.note
    assert Mask.from_image(Image.fromarray(mask.alpha), source="luminance") == mask
    assert Mask.from_image(Image.fromarray(mask.alpha), source="luminance").note == ""


def test_a_photograph_read_as_a_mask_is_questioned():
    assert "is this picture a mask?" in Mask.from_image(data.astronaut()).note
    assert "is this picture a mask?" not in Mask.from_image(sample().to_png("white")).note


def test_a_label_image_read_as_a_mask_is_said_to_select_nothing():
    labels = np.zeros((20, 30), np.uint8)
    labels[5:10, 5:10] = 1
    mask = Mask.from_image(labels)
    assert mask.area == 0
    assert "its brightest value is 1 of 255, so nothing is selected" in mask.note
    assert "brightest" not in Mask.from_image(labels * 255).note
    assert "brightest" not in Mask.from_image(labels * 0).note, "an empty mask is one"


def test_a_picture_without_alpha_cannot_be_read_by_its_alpha():
    with pytest.raises(ImageInputError, match="no alpha channel"):
        Mask.from_image(sample().to_png("white"), source="alpha")


def test_sixteen_bit_and_palette_pictures_are_masks_too():
    mask = sample(soft=True)
    deep = Image.fromarray(mask.alpha.astype(np.uint16) * 257)
    assert Mask.from_image(deep, source="luminance") == mask
    palette = Image.fromarray(mask.selected.astype(np.uint8))
    palette = palette.convert("P")
    buffer = io.BytesIO()
    palette.save(buffer, "png", transparency=palette.getpixel((20, 15)))
    assert Mask.from_image(buffer.getvalue()) == Mask.from_array(mask.selected)


@pytest.mark.parametrize(
    "bad", [b"", b"not a picture", None, 5, "missing.png", b"\x89PNG\r\n\x1a\n" + bytes(50)]
)
def test_what_is_no_picture_is_refused(bad):
    with pytest.raises(ImageInputError):
        Mask.from_image(bad)


# ---- JSON ----------------------------------------------------------------------------------------

number = st.one_of(st.integers(-20, 80), st.floats(-20, 80))
point = st.tuples(number, number)
size = st.one_of(st.integers(0, 20), st.floats(0, 20))
softness = st.sampled_from([0, 0.25, 1])
box = (
    st.tuples(number, number, number, number)
    .map(lambda b: (*sorted(b[::2]), *sorted(b[1::2])))
    .map(lambda b: (b[0], b[2], b[1], b[3]))
)


NAMES = ("stroke", "pressure", "rectangle", "ellipse", "polygon", "lasso", "fill", "bucket", "grow", "shrink")
NAMES += ("feather", "invert", "combine", "pixels")


@st.composite
def steps(draw, depth=0):
    """One method call on a mask."""
    name = draw(st.sampled_from(NAMES))
    erase = draw(st.booleans())
    soft = draw(softness)
    corners = draw(st.lists(point, min_size=3, max_size=6))
    dots = draw(st.lists(st.tuples(point, size), min_size=1, max_size=6))
    points, radii = [dot[0] for dot in dots], [dot[1] for dot in dots]
    area, px = draw(box), draw(size)
    at = draw(st.tuples(st.floats(0, 52.9), st.floats(0, 36.9)))
    alpha = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, SIZE[::-1], dtype=np.uint8)
    how = draw(st.sampled_from(["__or__", "__and__", "__sub__", "__xor__"]))
    inner = draw(st.lists(steps(depth + 1), max_size=3)) if name == "combine" and depth < 2 else []
    calls = {
        "stroke": lambda m: m.stroke(points, radius=radii[0], erase=erase, softness=soft),
        "pressure": lambda m: m.stroke(points, radius=radii, erase=erase, softness=soft),
        "rectangle": lambda m: m.rectangle(area, erase=erase, softness=soft),
        "ellipse": lambda m: m.ellipse(area, erase=erase, softness=soft),
        "polygon": lambda m: m.polygon(corners, erase=erase, softness=soft),
        "lasso": lambda m: m.lasso(corners, erase=erase, softness=soft),
        "fill": lambda m: m.fill(erase=erase),
        "bucket": lambda m: m.fill(at=at, erase=erase),
        "grow": lambda m: m.grow(px),
        "shrink": lambda m: m.shrink(px),
        "feather": lambda m: m.feather(px),
        "invert": lambda m: m.invert(),
        "combine": lambda m: getattr(m, how)(made(inner)),
        "pixels": lambda m: m | Mask.from_array(alpha < 128 if erase else alpha),
    }
    return calls[name]


def made(calls):
    mask = Mask.blank(SIZE)
    for call in calls:
        mask = call(mask)
    return mask


@settings(max_examples=150, deadline=None)
@given(st.lists(steps(), max_size=6))
def test_json_gives_the_same_pixels_to_the_bit(calls):
    mask = made(calls)
    again = Mask.from_json(mask.to_json())
    assert np.array_equal(again.alpha, mask.alpha)
    assert again.operations == mask.operations
    assert again.to_json() == mask.to_json()


def test_json_is_compact_and_plain():
    text = Mask.blank((640, 480)).stroke([(1.0, 2.5), (3, 4)], radius=5.0).invert().to_json()
    assert text == (
        '{"format":"imgwidgets.mask","version":1,"size":[640,480],"operations":['
        '{"do":"stroke","points":[[1,2.5],[3,4]],"radius":5},{"do":"invert"}]}'
    )
    assert Mask.from_json(text.encode()) == Mask.from_json(text)


def test_stored_pixels_are_packed():
    mask = Mask.from_array(Mask.blank((4096, 4096)).ellipse((500, 500, 3500, 3500)).selected)
    assert len(mask.to_json()) < 60_000
    assert len(Mask.from_array(Mask.blank((4096, 4096)).alpha).to_json()) < 200


def document(**changes):
    text = {"format": "imgwidgets.mask", "version": 1, "size": [53, 37], "operations": []}
    return json.dumps(text | changes)


def pixels(box, raw, encoding="bytes"):
    packed = base64.b64encode(zlib.compress(raw)).decode()
    return [{"do": "pixels", "box": box, "encoding": encoding, "data": packed}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no mask"),
        ("{", "is no mask"),
        ("null", "is no mask"),
        ('{"size": [5, 5]}', "format"),
        (document(format="other"), "other"),
        (document(version=2), "2"),
        (document(more=1), "more"),
        (document(size=[0, 5]), "at least 1x1"),
        (document(size=[100_000, 100_000]), "100,000,000"),
        (document(size=[5, 5, 5]), "length 2"),
        (document(operations=[{"do": "explode"}]), "explode"),
        (document(operations=[{"do": "grow"}]), "px"),
        (document(operations=[{"do": "grow", "px": -1}]), r"between 0 .*operations\[0\]"),
        (document(operations=[{"do": "grow", "px": 1, "by": 2}]), "by"),
        (document(operations=[{"do": "stroke", "points": [], "radius": 1}]), "at least 1 point"),
        (document(operations=[{"do": "stroke", "points": [[1, "2"]], "radius": 1}]), "str"),
        (document(operations=[{"do": "stroke", "points": [[1, 1e300]], "radius": 1}]), "1,000,000"),
        (document(operations=[{"do": "stroke", "points": [[1, 2]], "radius": -1}]), "radius"),
        (document(operations=[{"do": "fill", "at": [99, 1]}]), "outside"),
        (document(operations=[{"do": "combine", "how": "union", "operations": [{"do": "fill", "at": [99, 1]}]}]), "outside"),
        (document(operations=[{"do": "combine", "how": "or", "operations": []}]), "or"),
        (document(operations=pixels([0, 0, 4, 4], bytes(15))), "15 bytes, not 16|15, not 16"),
        (document(operations=pixels([0, 0, 4, 4], bytes(10_000_000))), "more than 16"),
        (document(operations=pixels([0, 0, 99, 4], bytes(16))), "outside"),
        (document(operations=pixels([4, 0, 0, 4], bytes(16))), "outside"),
        (document(operations=pixels([0, 0, 4, 4], bytes(4), "words")), "words"),
        (document(operations=[{"do": "pixels", "box": [0, 0, 1, 1], "encoding": "bits", "data": "AAAA"}]), "decompressed"),
        (document(operations=[{"do": "pixels", "box": [0, 0, 1, 1], "encoding": "bits", "data": "*"}]), "base64"),
        (document(operations=[{"do": "invert"}] * 10_001), "at most 10,000 operations"),
        (document(operations=[{"do": "polygon", "points": [[0, 0]] * 1_100_000}]), "1,000,000 points"),
        (document(operations=[{"do": "stroke", "points": [[0, 0]] * 600_000, "radius": 1}] * 2), "points"),
        ('{"operations":' + "[" * 100_000, "."),
        (document().replace('"operations": []', '"operations": ' + '[{"do":"combine","how":"union","operations":' * 5000), "."),
        (document(operations=[{"do": "grow", "px": 1}]).replace("1}", "NaN}"), "is no mask"),
        (5, "int"),
    ],
)  # fmt: skip
def test_json_that_is_no_mask_is_refused(text, says):
    with pytest.raises(ImageInputError, match=says):
        Mask.from_json(text)


def test_operations_nested_too_deep_are_refused():
    inner = []
    for _ in range(20):
        inner = [{"do": "combine", "how": "union", "operations": inner}]
    with pytest.raises(ImageInputError, match="16 deep"):
        Mask.from_json(document(operations=inner))


def test_a_recipe_that_a_reader_would_refuse_is_written_as_pixels(monkeypatch):
    mask = sample()
    monkeypatch.setattr("imgwidgets.images.mask_json.MAX_POINTS", 1)
    text = mask.to_json()
    assert '"do":"pixels"' in text
    monkeypatch.undo()
    assert Mask.from_json(text) == mask


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_json_is_read_or_refused_but_never_crashes(data):
    text = bytearray(sample(soft=True).invert().to_json().encode())
    for _ in range(data.draw(st.integers(1, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    try:
        mask = Mask.from_json(bytes(text))
    except ImageInputError:
        return
    assert mask.size[0] * mask.size[1] <= 100_000_000


def test_the_document_is_what_other_programs_can_read():
    decoded = msgspec.json.decode(sample().to_json())
    assert decoded["size"] == list(SIZE)
    assert [step["do"] for step in decoded["operations"]] == ["ellipse", "stroke"]
