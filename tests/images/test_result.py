"""A picture is its bytes: shown, saved and decoded, never re-encoded on the way."""

from __future__ import annotations

import base64
import io
import pickle
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from imgwidgets.errors import ReplyError
from imgwidgets.images import ImageResult, PartialImage, ResultImage
from imgwidgets.images.pixels import MAX_PIXELS

PHOTO = photographs.astronaut()[:64, :96]
RGBA = np.dstack([PHOTO, PHOTO[:, :, 0]])
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>'


def encode(array=PHOTO, kind="png", **options):
    buffer = io.BytesIO()
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def image():
    return ResultImage(encode(), prompt="an astronaut", model="gpt-image-2")


def test_format_and_size_come_from_the_bytes(image):
    assert (image.format, image.size, image.width, image.height) == ("png", (96, 64), 96, 64)
    assert (image.media_type, image.bytes) == ("image/png", encode())


def test_the_array_is_uint8_height_width_channels_and_decoded_once(image):
    assert np.array_equal(image.array, PHOTO)
    assert image.array.dtype == np.uint8
    assert image.array is image.array
    with pytest.raises(ValueError, match="read-only"):
        image.array[0, 0] = 0


def test_transparency_is_a_fourth_channel():
    assert np.array_equal(ResultImage(encode(RGBA)).array, RGBA)


def test_palette_gray_and_16_bit_become_three_channels():
    palette = Image.fromarray(PHOTO).quantize(16)
    assert np.array_equal(ResultImage(encode(palette)).array, np.asarray(palette.convert("RGB")))
    gray = PHOTO[:, :, 0]
    assert np.array_equal(ResultImage(encode(gray)).array, np.dstack([gray] * 3))
    deep = gray.astype(np.uint16) * 257
    assert np.array_equal(ResultImage(encode(deep)).array, np.dstack([gray] * 3))


def test_a_transparent_palette_becomes_four_channels():
    palette = Image.fromarray(PHOTO).quantize(16)
    array = ResultImage(encode(palette, transparency=0)).array
    assert array.shape == (64, 96, 4)
    assert set(np.unique(array[:, :, 3])) == {0, 255}


def test_cmyk_becomes_rgb():
    array = ResultImage(encode(Image.fromarray(PHOTO).convert("CMYK"), "jpeg", quality=95)).array
    assert array.shape == (64, 96, 3)
    assert np.abs(array.astype(int) - PHOTO).mean() < 6


def test_exif_rotation_is_applied_alike_to_size_array_and_pil():
    exif = Image.Exif()
    exif[274] = 6
    turned = ResultImage(encode(kind="png", exif=exif))
    assert turned.size == turned.pil.size == (64, 96)
    assert np.array_equal(turned.array, np.rot90(PHOTO, -1))


def bomb(width, height):
    data = bytearray(encode())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(data)


def test_a_decompression_bomb_is_refused_before_decoding():
    with pytest.raises(ReplyError, match=f"at most {MAX_PIXELS:,}"):
        _ = ResultImage(bomb(100_000, 100_000)).array


def test_a_damaged_picture_says_so_and_keeps_its_bytes():
    cut = ResultImage(encode()[:-600])
    with pytest.raises(ReplyError, match="the png file is damaged"):
        _ = cut.array
    assert cut.bytes == encode()[:-600]


def test_what_is_no_picture_has_no_format_and_no_pixels():
    garbage = ResultImage(b"not an image")
    assert (garbage.format, garbage.size, garbage.media_type) == ("", (0, 0), "application/octet-stream")
    with pytest.raises(ReplyError, match="no image file"):
        _ = garbage.pil


def test_an_svg_has_no_pixels_but_can_be_saved(tmp_path):
    drawing = ResultImage(SVG)
    with pytest.raises(ReplyError, match="drawing commands"):
        _ = drawing.array
    assert drawing.save(tmp_path / "a").read_bytes() == SVG
    with pytest.raises(ReplyError, match="drawing commands"):
        drawing.save(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.PNG"])
def test_saving_under_its_own_suffix_writes_the_bytes_untouched(image, tmp_path, name):
    assert image.save(tmp_path / name).read_bytes() == image.bytes


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.jpe"])
def test_jpg_and_jpeg_are_one_format(tmp_path, name):
    image = ResultImage(encode(kind="jpeg"))
    assert image.save(tmp_path / name).read_bytes() == image.bytes


@pytest.mark.parametrize(("kind", "suffix"), [("png", ".png"), ("jpeg", ".jpg"), ("webp", ".webp")])
def test_saving_without_a_suffix_adds_the_formats_own(tmp_path, kind, suffix):
    assert ResultImage(encode(kind=kind)).save(str(tmp_path / "fox")) == tmp_path / f"fox{suffix}"


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".gif", ".bmp", ".tiff", ".avif"])
def test_another_suffix_converts(image, tmp_path, suffix):
    path = image.save(tmp_path / f"a{suffix}")
    with Image.open(path) as saved:
        assert saved.size == (96, 64)
        assert np.abs(np.asarray(saved.convert("RGB")).astype(int) - PHOTO).mean() < 12


def test_transparent_pixels_are_white_in_a_jpeg(tmp_path):
    clear = ResultImage(encode(np.zeros((8, 8, 4), np.uint8)))
    with Image.open(clear.save(tmp_path / "a.jpg")) as saved:
        assert np.asarray(saved).min() > 250


def test_an_animation_keeps_moving_in_another_format(tmp_path):
    frames = [Image.fromarray(np.roll(PHOTO, 10 * i, axis=1)) for i in range(4)]
    gif = ResultImage(encode(frames[0], "gif", save_all=True, append_images=frames[1:], duration=50))
    assert gif.frames == 4
    with Image.open(gif.save(tmp_path / "a.webp")) as saved:
        assert saved.n_frames == 4


def test_a_missing_folder_and_a_strange_suffix_are_named(image, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        image.save(tmp_path / "nowhere" / "a.png")
    with pytest.raises(ValueError, match=r"'\.txt' is no image suffix"):
        image.save(tmp_path / "a.txt")
    with pytest.raises(ValueError, match="cannot become an svg"):
        image.save(tmp_path / "a.svg")


def test_the_repr_is_one_short_line_whatever_the_prompt():
    hostile = ResultImage(encode(), prompt="a fox\n<script>alert(1)</script>\x1b[31m" + "x" * 10_000)
    assert len(repr(hostile)) < 120
    assert repr(hostile).isprintable()
    assert repr(ResultImage(encode(), prompt="a fox")).startswith("<ResultImage png 96x64, ")


def test_a_result_is_a_sequence_whose_slices_are_results(image):
    other = ResultImage(SVG, index=1)
    result = ImageResult([image, other], request=None, cost=0.25, notes=["a note"], seconds=1.5)
    assert (len(result), result[0], result[-1], list(result)) == (2, image, other, [image, other])
    part = result[1:]
    assert isinstance(part, ImageResult)
    assert (list(part), part.cost, part.notes) == ([other], 0.25, ("a note",))
    assert repr(result) == "<ImageResult: 2 images, 2 formats or sizes, $0.2500, 1.5 s, 1 note>"
    with pytest.raises(IndexError):
        result[2]


def test_pictures_and_results_survive_pickling(image):
    _ = image.array
    copy = pickle.loads(pickle.dumps(ImageResult([image], request=None, request_id="req_1")))
    assert (copy[0].bytes, copy[0].prompt, copy.request_id) == (image.bytes, "an astronaut", "req_1")
    assert "array" not in copy[0].__dict__


def test_a_partial_image_knows_its_stage_and_its_place():
    partial = PartialImage(encode(), partial_index=2, image_index=1, prompt="a fox")
    assert (partial.partial_index, partial.image_index, partial.index) == (2, 1, 1)
    assert pickle.loads(pickle.dumps(partial)).partial_index == 2


@pytest.fixture
def no_widgets(monkeypatch):
    monkeypatch.setitem(sys.modules, "imgwidgets.widgets", None)


@pytest.mark.usefixtures("no_widgets")
def test_without_widgets_ipython_gets_text_and_a_small_picture(image):
    for shown in (image, ImageResult([image], request=None)):
        bundle = shown._repr_mimebundle_()
        assert bundle["text/plain"] == repr(shown)
        assert Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).size == (96, 64)


@pytest.mark.usefixtures("no_widgets")
def test_without_widgets_a_damaged_picture_and_an_empty_result_show_text():
    for shown in (ResultImage(b"garbage"), ResultImage(encode()[:-600]), ImageResult([], request=None)):
        assert set(shown._repr_mimebundle_()) == {"text/plain"}


def test_importing_pictures_loads_no_widget_library():
    import subprocess

    code = "import sys, imgwidgets.images; print(sorted({'ipywidgets','IPython','httpx','anywidget'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
