import base64
import html
import io
import json
import re
import threading
import time

import numpy as np
import pytest
from PIL import Image
from widgets.grids import Page, png, result

import imgwidgets as iw
from imgwidgets.widgets import ResultGrid, show
from imgwidgets.widgets.grid import boot as grid_boot
from imgwidgets.widgets.grid import grid
from imgwidgets.widgets.grid import inbox as grid_inbox
from imgwidgets.widgets.grid.items import items_of
from imgwidgets.widgets.grid.static import static_copy

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><b>x</b>",
    "$x$",
    "\u202eturned around",
    "x" * 32_000,
]


@pytest.fixture
def opened():
    made = []

    def make(*args, **kwargs):
        widget = ResultGrid(*args, **kwargs)
        made.append(widget)
        return widget, Page(widget)

    yield make
    for widget in made:
        widget.close()


# -- what it takes ----------------------------------------------------------------------------------------


def test_it_takes_results_images_pil_arrays_paths_and_lists_of_them(opened, tmp_path):
    path = tmp_path / "fox.png"
    path.write_bytes(png((30, 20)))
    array = np.zeros((12, 34, 4), np.uint8)
    shown, _ = opened([result(2), Image.new("RGB", (7, 5)), array, path, str(path), [png((9, 9))]])
    assert [image.size for image in shown.images] == [(64, 48)] * 2 + [
        (7, 5),
        (34, 12),
        (30, 20),
        (30, 20),
        (9, 9),
    ]
    shown.add(np.zeros((4, 4, 3)))
    assert len(shown) == 8
    assert repr(shown) == "<ResultGrid: 8 images>"


def test_unknown_keywords_and_nothing_to_add_are_type_errors(opened):
    with pytest.raises(TypeError):
        ResultGrid(result(), colums=3)
    shown, _ = opened()
    with pytest.raises(TypeError, match="nothing to add"):
        shown.add(None)


def test_images_are_kept_byte_for_byte(opened):
    made = result(1)
    shown, _ = opened(made)
    assert shown.images[0] is made[0]
    assert opened(png())[0].images[0].bytes == png()


def bomb():
    data = bytearray(png())
    data[16:24] = (100_000).to_bytes(4, "big") * 2  # the header promises ten billion pixels
    return iw.ResultImage(bytes(data), prompt="a bomb")


def test_what_cannot_be_decoded_becomes_a_tile_with_the_reason(opened, tmp_path):
    text_file = tmp_path / "notes.png"
    text_file.write_text("I am no picture")
    noise = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (256, 256, 3), np.uint8)).save(noise, "png")
    truncated = iw.ResultImage(noise.getvalue()[:5000], prompt="half a picture")
    shown, page_ = opened([text_file, tmp_path / "missing.png", truncated, bomb(), object(), png()])
    page_.say(kind="hello")
    page_.say(kind="thumbnails", keys=[0, 1, 2, 3, 4, 5])
    page_.wait("tile", 5)  # four failures, and what was read
    page_.wait("thumbnail")
    page_.messages.clear()
    page_.say(kind="hello")
    [(message, _)] = page_.all("tiles")
    states = [tile["state"] for tile in message["tiles"]]
    assert states == ["error"] * 5 + ["image"]
    reasons = [tile["error"] for tile in message["tiles"][:5]]
    assert all(reasons)
    assert "notes.png" in reasons[0]
    assert "missing.png" in reasons[1]
    assert "pixels" in reasons[3]
    assert [image.bytes for image in shown.images] == [png()]
    assert repr(shown) == "<ResultGrid: 1 image, 5 failed>"


def test_an_error_can_be_added_with_its_prompt(opened):
    shown, page_ = opened()
    shown.add_error(iw.errors.ModerationBlocked("refused by <b>safety</b>"), prompt="something")
    shown.add_error("plain words")
    page_.say(kind="hello")
    [(message, _)] = page_.all("tiles")
    first, second = message["tiles"]
    assert (first["state"], first["prompt"], first["error"]) == (
        "error",
        "something",
        "refused by <b>safety</b>",
    )
    assert second["error"] == "plain words"


# -- what travels -------------------------------------------------------------------------------------------


def test_no_picture_and_no_prompt_is_widget_state(opened):
    shown, page_ = opened(result(50, prompt="secret prompt"))
    page_.say(kind="hello")
    page_.say(kind="thumbnails", keys=list(range(50)))
    page_.wait("thumbnail", 50)
    state = {k: v for k, v in shown.get_state().items() if k not in ("_esm", "_css")}
    assert "secret prompt" not in repr(state)
    assert len(repr(state)) < 2000
    assert not any(isinstance(value, bytes | memoryview) for value in state.values())


def test_thumbnails_come_when_asked_for_small_and_from_other_threads(opened):
    threads = set()
    shown, page_ = opened(np.random.default_rng(2).integers(0, 255, (900, 1200, 3), np.uint8))
    send = shown.send
    shown.send = lambda *args: (threads.add(threading.current_thread()), send(*args))
    page_.say(kind="thumbnails", keys=[0])
    [(message, [data])] = page_.wait("thumbnail")
    assert message["media_type"] == "image/webp"
    assert Image.open(io.BytesIO(data)).size == (384, 288)
    assert any(thread is not threading.main_thread() for thread in threads)


def test_a_full_image_travels_in_pieces_as_the_providers_own_bytes(opened, monkeypatch):
    monkeypatch.setattr(grid_inbox, "PIECE", 100)
    made = result(1, prompt="p" * 5000, notes=["a note"])
    _, page_ = opened(made)
    data, offset = b"", 0
    while True:
        page_.say(kind="image", key=0, offset=offset, request=f"r{offset}")
        message, [piece] = page_.all("image")[-1]
        assert message["request"] == f"r{offset}"
        assert len(piece) <= 100
        data += piece
        offset = len(data)
        if offset >= message["total"]:
            break
    assert data == made[0].bytes
    details = page_.all("image")[0][0]["details"]
    assert details["prompt"] == "p" * 5000
    assert details["notes"] == ["a note"]
    assert "3.2 s" in details["facts"]


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "image", "key": 99, "offset": 0, "request": "r"},
        {"kind": "image", "key": 0, "offset": -5, "request": "r"},
    ],
)
def test_a_request_that_fails_is_answered_too(opened, message):
    _, page_ = opened(result(1))
    page_.say(**message)
    [(answer, _)] = page_.all("failed")
    assert answer["request"] == "r"
    assert answer["message"]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "image", "key": "0", "offset": None},
        {"kind": "thumbnails", "keys": ["x", None, {}]},
        {"kind": "save"},
        {"kind": "thumbnails"},
        "hello",
        None,
    ],
)
def test_a_malformed_message_does_nothing(opened, message):
    _, page_ = opened(result(1))
    page_.widget._handle_custom_msg(message, [])
    assert not page_.all("thumbnail")


@pytest.mark.parametrize("prompt", HOSTILE)
def test_hostile_prompts_stay_text_and_short(opened, prompt):
    _, page_ = opened(result(1, prompt=prompt))
    page_.say(kind="hello")
    [(message, _)] = page_.all("tiles")
    [tile] = message["tiles"]
    assert len(repr(tile)) < 2000
    assert "\u202e" not in tile["prompt"]
    assert re.fullmatch(r"[\w-]+-1\.png", tile["name"])


def test_captions_hold_model_size_parameters_cost_and_seconds(opened):
    _, page_ = opened(result(2))
    page_.say(kind="hello")
    tile = page_.all("tiles")[0][0]["tiles"][0]
    assert tile["prompt"] == "a red fox"
    assert tile["facts"] == ["gpt-image-2", "64×48", "low", "$0.006", "3.2 s"]  # noqa: RUF001 (the sign that people read)
    assert tile["alt"] == "a red fox (gpt-image-2, 64×48, low)"  # noqa: RUF001


def test_a_slice_does_not_make_an_image_dearer(opened):
    shown, _ = opened(result(4)[:1])
    assert shown.items[0].cost == pytest.approx(0.006)
    assert shown._cost == "$0.006"


def test_images_added_while_a_page_looks_come_with_their_thumbnails(opened):
    shown, page_ = opened(result(1))
    page_.say(kind="hello")
    page_.messages.clear()
    shown.add(result(2))
    [(message, _)] = page_.all("tiles")
    assert (message["start"], message["total"], len(message["tiles"])) == (1, 3, 2)
    page_.wait("thumbnail", 2)


def test_a_second_page_gets_everything_again(opened):
    _, page_ = opened(result(3))
    page_.say(kind="hello")
    page_.say(kind="hello")
    assert [m["total"] for m, _ in page_.all("tiles")] == [3, 3]


def test_a_partial_image_is_replaced_by_the_final_one(opened):
    partial = iw.PartialImage(png(colour="gray"), prompt="a fox")
    shown, page_ = opened(partial)
    page_.say(kind="hello")
    assert page_.all("tiles")[0][0]["tiles"][0]["state"] == "pending"
    final = result(1)
    shown.replace(partial, final)
    [(message, _)] = page_.all("tile")
    assert (message["tile"]["key"], message["tile"]["version"], message["tile"]["state"]) == (0, 1, "image")
    assert 1 in {message["version"] for message, _ in page_.wait("thumbnail", 2)}
    assert shown.images == [final[0]]
    with pytest.raises(ValueError, match="not in this grid"):
        shown.replace(partial, final)


def test_a_thousand_images_are_listed_at_once_and_nothing_is_decoded(opened, monkeypatch):
    images = [iw.ResultImage(png((16, 16)), prompt=f"number {i}") for i in range(1000)]
    pushed = []
    monkeypatch.setattr(grid.ResultGrid, "_push", lambda _, items: pushed.extend(items))
    start = time.perf_counter()
    shown, page_ = opened(images)
    page_.say(kind="hello")
    assert time.perf_counter() - start < 5
    assert sum(len(m["tiles"]) for m, _ in page_.all("tiles")) == len(shown) == 1000
    assert len(pushed) <= 16, "only what is seen first is made unasked"


# -- selection --------------------------------------------------------------------------------------------


def test_selection_goes_both_ways_and_can_be_observed(opened):
    shown, _ = opened(result(3))
    seen = []
    shown.observe(lambda change: seen.append(change["new"]), "selected")
    shown.selected = [shown.images[2], shown.images[0]]
    assert shown.selected == [shown.images[0], shown.images[2]], "in the order of the grid"
    assert shown._selected == [0, 2]
    shown.set_state({"_selected": [1]})
    assert shown.selected == [shown.images[1]]
    assert len(seen) == 2


def test_selecting_what_is_not_there_is_refused_or_ignored(opened):
    shown, _ = opened([*result(1), "nothing.png"])
    with pytest.raises(ValueError, match="not in this grid"):
        shown.selected = result(1)[:1]
    shown.set_state({"_selected": [1, 77, 0]})
    assert shown.selected == [shown.images[0]]


def test_clearing_takes_the_selection_along(opened):
    shown, page_ = opened(result(2))
    shown.selected = shown.images
    shown.clear()
    assert (shown.images, shown.selected, shown._selected, shown._count) == ([], [], [], 0)
    shown.add(result(1))
    assert shown.items[0].key == 2, "a key is never used twice"
    assert page_.all("gone")[0][0]["keys"] == [0, 1]


def same_pixels(file, image):
    return file.read_bytes().endswith(image.bytes[33:])


# -- saving --------------------------------------------------------------------------------------------------


def test_saving_names_files_after_the_prompt_and_keeps_the_bytes(opened, tmp_path):
    shown, _ = opened(result(2, prompt="A red fox, in snow!"))
    files = shown.save(tmp_path / "new" / "folder")
    assert [file.name for file in files] == ["a-red-fox-in-snow-1.png", "a-red-fox-in-snow-2.png"]
    assert [same_pixels(file, image) for file, image in zip(files, shown.images, strict=True)] == [True, True]
    assert Image.open(files[0]).text["prompt"] == "A red fox, in snow!"
    assert json.loads(Image.open(files[0]).text["parameters"]) == {"quality": "low", "n": 2}
    assert shown.save(tmp_path / "new" / "folder") == files, "the same again is saved already"
    exact = shown.save(tmp_path / "exact", metadata=False)
    assert [file.name for file in exact] == [file.name for file in files]
    assert [file.read_bytes() for file in exact] == [image.bytes for image in shown.images]


def test_saving_never_overwrites_another_file(opened, tmp_path):
    (tmp_path / "a-red-fox-1.png").write_bytes(b"mine")
    shown, _ = opened(result(1))
    [file] = shown.save(tmp_path)
    assert file.name == "a-red-fox-1-2.png"
    assert (tmp_path / "a-red-fox-1.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "prompt", [*HOSTILE, "../../../etc/passwd", "/etc/passwd", "..\\..\\x", "CON", "狐狸", "\0"]
)
def test_saved_files_cannot_leave_the_folder(opened, tmp_path, prompt):
    shown, _ = opened(result(1, prompt=prompt))
    [file] = shown.save(tmp_path)
    assert file.resolve().parent == tmp_path.resolve()
    assert same_pixels(file, shown.images[0])


def test_some_images_can_be_saved(opened, tmp_path):
    shown, _ = opened(result(3))
    [file] = shown.save(tmp_path, images=[shown.images[1]])
    assert file.name == "a-red-fox-2.png"
    with pytest.raises(ValueError, match="not in this grid"):
        shown.save(tmp_path, images=result(1))


def test_the_save_button_answers_with_what_it_did_or_why_not(opened, tmp_path):
    shown, page_ = opened(result(3), folder=tmp_path / "out")
    page_.say(kind="save", keys=[0, 2], request="r1")
    [(answer, _)] = page_.all("done")
    assert answer["request"] == "r1"
    assert "2 images" in answer["message"]
    assert len(list((tmp_path / "out").iterdir())) == 2
    (tmp_path / "file").write_text("")
    shown.folder = str(tmp_path / "file")
    page_.say(kind="save", keys=[0], request="r2")
    assert page_.all("failed")[0][0]["request"] == "r2"


# -- the copy that stays ----------------------------------------------------------------------------------------


def copy_of(shown):
    shown._settle()
    return shown._still("")._html()


def figures(text):
    return re.findall(r'<img src="data:([\w/+-]+);base64,([^"]+)" alt="([^"]*)"', text)


def test_the_static_copy_shows_every_image_and_is_the_same_each_time(opened):
    copies = [copy_of(opened(result(3))[0]) for _ in range(2)]
    assert copies[0] == copies[1]
    found = figures(copies[0])
    assert len(found) == 3
    for media_type, data, alt in found:
        assert media_type == "image/webp"
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (64, 48)
        assert "a red fox" in html.unescape(alt)
    assert "3.2 s" not in copies[0], "seconds differ from run to run"


@pytest.mark.parametrize("prompt", HOSTILE)
def test_the_static_copy_escapes_prompts(opened, prompt):
    copy = copy_of(opened([*result(1, prompt=prompt)])[0])
    assert set(re.findall(r"</?([a-z]+)", copy)) <= {"div", "figure", "img", "figcaption", "br", "span", "p"}
    assert "\u202e" not in copy
    assert "$x$" not in re.sub(r'alt="[^"]*"', "", copy)
    assert len(copy) < 10_000


def test_the_static_copy_keeps_its_budget_and_says_so(opened):
    noise = np.random.default_rng(3)
    images = [Image.fromarray(noise.integers(0, 255, (256, 256, 3), np.uint8)) for _ in range(12)]
    shown, _ = opened(images)
    assert len(shown.images) == 12
    small = [shown._thumbnails.start(item).result() for item in shown.items]
    wide = static_copy(shown.items, small, total=12)
    tight = static_copy(shown.items, small, total=12, budget=60_000)
    tiny = static_copy(shown.items, small, total=12, budget=15_000)
    assert len(figures(wide)) == len(figures(tight)) == 12
    assert len(wide) > 60_000 > len(tight)
    assert "small pictures" in tight
    assert 0 < len(figures(tiny)) < 12
    assert len(tiny) < 15_000
    assert f"and {12 - len(figures(tiny))} more" in tiny


def test_failed_images_are_told_in_the_static_copy(opened):
    shown, _ = opened([*result(1), bomb()])
    copy = copy_of(shown)
    assert len(figures(copy)) == 1
    assert "pixels" in copy


def test_in_a_terminal_text_is_all_there_is(opened):
    made = result(2)
    assert show(made) == {"text/plain": repr(made)}
    shown, _ = opened(made)
    assert shown._repr_mimebundle_() == {"text/plain": "<ResultGrid: 2 images>"}
    for said in (repr(made), repr(made[0]), repr(shown)):
        assert len(said) < 200
        assert "\n" not in said


# -- the rest ---------------------------------------------------------------------------------------------------


def test_many_threads_may_add_at_once(opened):
    shown, page_ = opened()
    page_.say(kind="hello")
    threads = [threading.Thread(target=lambda: [shown.add(result(1)) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shown) == 80
    assert [item.key for item in shown.items] == list(range(80))


def test_closing_frees_the_images(opened):
    shown, page_ = opened(result(3))
    page_.say(kind="thumbnails", keys=[0, 1, 2])
    shown.close()
    assert len(shown) == 0
    count = len(page_.messages)
    page_.say(kind="hello")
    assert len(page_.messages) == count


def test_the_javascript_is_one_module_without_imports():
    assert not re.search(r"^import ", grid_boot.CODE, re.MULTILINE)
    assert grid_boot.CODE.count("\nexport ") == 1
    names = re.findall(r"^(?:async )?(?:class|function|const|let) (\w+)", grid_boot.CODE, re.MULTILINE)
    assert len(names) == len(set(names))


def test_errors_and_mappings_are_single_things():
    assert [item.error for item in items_of(ValueError("no"))] == ["no"]
    [item] = items_of({"file_id": "file-1"})
    assert item.source == {"file_id": "file-1"}
