import ast
import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from PIL import Image
from widgets.grids import Page, png, result

import imgwidgets as iw
from imgwidgets.catalog import ImageInput, ImageRequest
from imgwidgets.history import History
from imgwidgets.images.embed import embedded
from imgwidgets.widgets import ResultGrid


@pytest.fixture
def opened():
    made = []

    def make(*args, **kwargs):
        widget = ResultGrid(*args, **kwargs)
        made.append(widget)
        page = Page(widget)
        page.say(kind="hello")
        return widget, page

    yield make
    for widget in made:
        widget.close()


def tiles(page):
    """Give what the page shows now: the last word on each tile."""
    found = {}
    for message, _ in page.messages:
        for tile in [*message.get("tiles", ()), *([message["tile"]] if "tile" in message else ())]:
            found[tile["key"]] = tile
    return found


# -- stars, ratings, deletion -----------------------------------------------------------------------------


def test_images_are_starred_and_rated_from_both_sides(opened):
    shown, page = opened(result(3))
    shown.star(shown.images[1])
    shown.rate(shown.images[:2], 4)
    assert (shown.starred, shown.ratings) == ([shown.images[1]], [4, 4, None])
    page.say(kind="star", keys=[1, 2], on=False, request="a")
    page.say(kind="star", keys=[2], on=True, request="b")
    page.say(kind="rate", keys=[0], rating=None, request="c")
    assert (shown.starred, shown.ratings) == ([shown.images[2]], [None, 4, None])
    assert [tile["starred"] for tile in tiles(page).values()] == [False, False, True]
    assert [answer["request"] for answer, _ in page.all("done")] == ["a", "b", "c"]
    assert all(message["kind"] != "thumbnail" or message["version"] == 0 for message, _ in page.messages)


@pytest.mark.parametrize("rating", [0, 6, 2.5, True, "5"])
def test_other_ratings_are_refused(opened, rating):
    shown, page = opened(result(1))
    with pytest.raises(ValueError, match="1, 2, 3, 4, 5 or None"):
        shown.rate(shown.images, rating)
    page.say(kind="rate", keys=[0], rating="9", request="r")
    assert page.all("failed")[0][0]["request"] == "r"
    assert shown.ratings == [None]


def test_images_are_removed_and_the_selection_follows(opened):
    shown, page = opened(result(3))
    images = shown.images
    shown.selected = images
    shown.remove(images[0])
    page.say(kind="remove", keys=[1], request="r")
    assert shown.images == shown.selected == [images[2]]
    assert shown._selected == [2]
    assert [message["keys"] for message, _ in page.all("gone")] == [[0], [1]]
    with pytest.raises(ValueError, match="not in this grid"):
        shown.remove(images[0])


# -- actions of others --------------------------------------------------------------------------------------


def test_use_is_offered_while_somebody_listens(opened):
    shown, page = opened(result(2))
    got = []
    take_back = shown.on_action("use", got.extend)
    assert shown._offers == ["use"]
    page.say(kind="act", name="use", keys=[1, 0], request="r")
    assert got == shown.images
    take_back()
    assert shown._offers == []
    page.say(kind="act", name="use", keys=[0], request="s")
    assert page.all("failed")[0][0]["request"] == "s"


def test_what_an_action_raises_is_shown_in_the_grid(opened):
    shown, page = opened(result(1))
    shown.on_action("upscale", lambda _images: 1 / 0)
    page.say(kind="act", name="upscale", keys=[0], request="r")
    [(answer, _)] = page.all("failed")
    assert (answer["request"], answer["message"]) == ("r", "division by zero")


def test_an_action_needs_a_name_and_a_function(opened):
    shown, _ = opened()
    with pytest.raises(ValueError, match="name"):
        shown.on_action("", print)
    with pytest.raises(TypeError, match="needs a function"):
        shown.on_action("use", "print")


def test_edit_opens_a_painter_on_the_image_or_asks_who_offered_to_edit(opened):
    shown, page = opened(result(2))
    page.say(kind="edit", keys=[1], request="r")
    assert shown.painter.image is shown.images[1]
    assert page.all("done")[-1][0]["painter"] == shown.painter.model_id
    shown.painter.stroke([(10, 10), (30, 20)])
    mask = shown.painter.mask
    page.say(kind="edit", keys=[1], request="s")
    assert shown.painter.mask == mask, "opened again, it still has what was painted"
    page.say(kind="painted", request="t")
    scope = {}
    exec(page.all("done")[-1][0]["code"], scope)
    assert (scope["mask"].alpha == mask.alpha).all()
    got = []
    shown.on_action("edit", got.extend)
    page.say(kind="edit", keys=[0], request="u")
    assert (got, page.all("done")[-1][0]["painter"]) == (shown.images[:1], "")


# -- code -----------------------------------------------------------------------------------------------------


def test_the_code_of_an_image_asks_the_same_again(opened):
    client = iw.Client(history=False)
    with client:
        made = client.generate("a 'red' fox\nin snow", model="gpt-image-2", quality="low", size="1024x1024")
        shown, page = opened(made)
        page.say(kind="code", keys=[0], request="r")
        code = page.all("done")[-1][0]["code"]
        assert code == shown.code()
        scope = {}
        exec(code, scope)
        assert scope["result"].request == made.request
        assert scope["result"][0].bytes
        scope["client"].close()


def test_the_code_of_several_requests_names_each_once(opened):
    edit = ImageRequest(
        prompt="a hat",
        model="gpt-image-2",
        provider="openai",
        endpoint="edits",
        parameters={"odd-name": 1, "stream": True},
        images=(
            ImageInput(url="https://example.org/a.png"),
            ImageInput(data=png(), format="png", size=(64, 48)),
        ),
        mask=ImageInput(file_id="file-1"),
    )
    edited = iw.ImageResult([iw.ResultImage(png())], request=edit)
    shown, _ = opened([result(3), edited, Image.new("RGB", (4, 4))])
    code = shown.code()
    ast.parse(code)
    assert code.count("client.generate(") == 1
    for part in (
        "client_2 = iw.Client('openai')",
        "'https://example.org/a.png'",
        "image_2 = 'image_2.png'",
        "mask={'file_id': 'file-1'}",
        "**{'odd-name': 1}",
        "*_, result_2 = client_2.edit_stream(",
    ):
        assert part in code
    with pytest.raises(ValueError, match="no request is known"):
        shown.code(shown.images[-1])


# -- taking along ---------------------------------------------------------------------------------------------


def test_several_images_are_downloaded_as_one_zip_of_the_providers_own_files(opened):
    shown, page = opened([*result(3), "nothing.png"])
    assert len(shown.images) == 3
    page.say(kind="zip", keys=[0, 2, 3], offset=0, request="r")
    [(head, [data])] = page.all("zip")
    assert head["total"] == len(data)
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        assert archive.namelist() == ["a-red-fox-1.png", "a-red-fox-3.png"]
        assert archive.read("a-red-fox-3.png") == shown.images[2].bytes
    page.say(kind="zip", keys=[3], offset=0, request="s")
    assert page.all("failed")[-1][0]["request"] == "s"


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("png", "RGBA", {}),
        ("jpeg", "RGB", {"quality": 90}),
        ("webp", "RGB", {}),
        ("webp", "RGBA", {"lossless": True}),
        ("gif", "P", {}),
    ],
)
def test_words_are_put_into_a_copy_without_touching_its_pixels(kind, mode, options):
    picture = Image.linear_gradient("L").resize((33, 21)).convert(mode)
    exif = Image.Exif()
    exif[0x013B] = "somebody"  # Artist
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options, **({"exif": exif} if kind in ("jpeg", "webp") else {}))
    said = {"prompt": "a fox, 狐 <b>", "parameters": {"quality": "low"}}
    copy = embedded(buffer.getvalue(), said)
    with Image.open(io.BytesIO(buffer.getvalue())) as before, Image.open(io.BytesIO(copy)) as after:
        assert (after.format, after.size) == (before.format, before.size)
        assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()
        if kind == "png":
            words = after.text["prompt"] + after.text["parameters"]
        elif kind == "gif":
            words = after.info["comment"].decode()
        else:
            words = after.getexif().get_ifd(0x8769)[0x9286][8:].decode("utf-16-be")
        assert "a fox, 狐 <b>" in words
        assert "quality" in words
        if kind in ("jpeg", "webp"):
            assert after.getexif()[0x013B] == "somebody", "what was said before stays"
    assert iw.ResultImage(copy).size == (33, 21)


def test_signed_and_damaged_files_are_copied_as_they_are():
    signed = png()[:33] + b"\0\0\0\x04caBX1234\0\0\0\0" + png()[33:]
    for data in (signed, png()[:20], b"no image", b"\xff\xd8\xff\xe0\x00", b"RIFF\0\0\0\0WEBPVP8 "):
        assert embedded(data, {"prompt": "x"}) == data


# -- what is read off the main thread --------------------------------------------------------------------------


@pytest.fixture
def web():
    seen = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            found = self.path == "/a.png"
            self.send_response(200 if found else 302 if self.path == "/away" else 404)
            if self.path == "/away":
                self.send_header("Location", "http://169.254.169.254/latest")
            self.end_headers()
            if found:
                self.wfile.write(png((30, 20)))

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_urls_are_fetched_by_python_and_not_from_everywhere(opened, web):
    base, seen = web
    shown, page = opened(
        [f"{base}/a.png", f"{base}/missing.png", f"{base}/away", {"image_url": f"{base}/a.png"}]
    )
    assert [image.size for image in shown.images] == [(30, 20), (30, 20)]
    errors = [item.error for item in shown.items if item.error]
    assert "404" in errors[0]
    assert "169.254.169.254" in errors[1]
    assert sorted(seen) == ["/a.png", "/a.png", "/away", "/missing.png"]
    page.wait("thumbnail", 2)
    assert "http" not in str([tile["alt"] for tile in tiles(page).values() if not tile["error"]][1:])


def test_what_could_not_be_read_can_be_tried_again(opened, tmp_path):
    file = tmp_path / "late.png"
    shown, page = opened([file, png()[:50]])
    assert shown.images == []
    late, damaged = shown.items
    assert "no file" in late.error
    assert [tile["retry"] for tile in tiles(page).values()] == [True, False]
    file.write_bytes(png((30, 20)))
    before = len(page.all("thumbnail"))
    page.say(kind="retry", keys=[late.key, damaged.key], request=9)
    page.wait("thumbnail", before + 1)
    assert [image.size for image in shown.images] == [(30, 20)]
    assert shown.items[1].error == damaged.error


@pytest.mark.parametrize("thing", [5, 2.5, True, object()])
def test_what_can_be_no_image_is_refused_in_so_many_words(opened, thing):
    with pytest.raises(TypeError, match=r"a grid cannot show .*: give a result, an image"):
        ResultGrid(thing)
    shown, _ = opened()
    with pytest.raises(TypeError, match="a grid cannot show"):
        shown.add(thing)


def test_a_text_that_names_no_file_is_a_tile_with_the_reason(opened):
    shown, _ = opened()
    shown.add("bad")
    assert shown.images == []
    assert "there is no file bad" in shown.items[0].error


def test_a_picture_that_is_drawn_on_later_is_shown_as_it_was_given(opened):
    picture = Image.new("RGB", (8, 8), "red")
    shown, _ = opened(picture)
    picture.paste("blue", (0, 0, 8, 8))
    assert shown.images[0].array[0, 0].tolist() == [255, 0, 0]


# -- searching ---------------------------------------------------------------------------------------------------


def test_python_searches_the_whole_prompt(opened):
    long = "x " * 5000 + "a needle"
    _, page = opened([*result(1), *result(1, prompt=long)])
    page.say(kind="find", text="NEEDLE", request="r")
    assert page.all("done")[-1][0]["keys"] == [1]
    page.say(kind="find", text="low fox", request="s")
    assert page.all("done")[-1][0]["keys"] == []


# -- the history ---------------------------------------------------------------------------------------------------


def test_stars_ratings_and_selection_come_back_from_the_history(opened, tmp_path):
    with History(tmp_path) as history, iw.Client(history=history) as client:
        made = client.generate("a red fox", model="gpt-image-2", quality="low", size="1024x1024", n=3)
        shown, _ = opened(made)
        shown.star(shown.images[0])
        shown.rate(shown.images[1], 5)
        shown.selected = [shown.images[2], shown.images[0]]
        shown.selected = [shown.images[2]]
        shown.clear()
    with History(tmp_path) as history:
        again, page = opened(history.search("fox"))
        assert len(again.images) == 3
        assert [item.starred for item in again.items] == [True, False, False]
        assert again.ratings == [None, 5, None]
        assert [image.index for image in again.selected] == [2]
        assert tiles(page)[0]["starred"]
        assert again.items[0].cost == pytest.approx(made.cost / 3)


def test_images_of_a_history_come_with_what_is_known_of_their_requests(opened, tmp_path):
    with History(tmp_path) as history, iw.Client(history=history) as client:
        made = client.generate("a red fox", model="gpt-image-2", quality="low", size="1024x1024", n=2)
        shown, _ = opened(history.images)
        for item in shown.items:
            assert (item.title, item.model) == ("a red fox", "gpt-image-2")
            assert item.parameters["quality"] == "low"
            assert item.cost == pytest.approx(made.cost / 2)
            assert item.seconds == pytest.approx(made.seconds, abs=0.01)
        assert "a red fox" in shown.code()
        pictures = list(history.images)
    closed, _ = opened(pictures)
    assert [item.title for item in closed.items] == ["a red fox"] * 2
