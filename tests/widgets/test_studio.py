"""The Studio without a browser: what it asks, shows and remembers, over real HTTP to the sandbox."""

from __future__ import annotations

import io
import json
import re
import threading
import time

import numpy as np
import pytest
from PIL import Image

import imgwidgets as iw
from imgwidgets.catalog import ImageRequest
from imgwidgets.errors import ImageInputError, ParameterError
from imgwidgets.widgets.studio import replaced as studio_replaced
from imgwidgets.widgets.studio.comms import widgets_below
from imgwidgets.widgets.studio.still import still_html

QUICK = {"quality": "low", "size": "1024x1024"}
HOSTILE = '<img src=x onerror="alert(1)"> $x$ \u202e'


@pytest.fixture
def open_studio(tmp_path, monkeypatch):
    """Open Studios on the sandbox, and end them."""
    monkeypatch.chdir(tmp_path)
    opened = []

    def open_one(client=None, **options):
        client = client or iw.Client(history=False)
        studio = iw.Studio(client=client, **{"prompt": "a red fox"} | options)
        studio.picker.value = QUICK
        opened.extend([studio, client])
        return studio

    yield open_one
    for studio in opened:
        studio.close()


def say(widget, buffers=(), **message):
    """Say what a page would say."""
    widget._handle_custom_msg(message, list(buffers))


def png(size=(64, 48), colour="teal"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "png")
    return buffer.getvalue()


def upload(studio, data, name="photo.png", piece=1000):
    for start in range(0, max(1, len(data)), piece):
        part = data[start : start + piece]
        say(studio._screen.inputs, [part], do="upload", token=name, name=name, part=[start, len(data)])


def press(studio):
    say(studio._screen.run, do="run")


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def errors(studio):
    return [item.error for item in studio.grid.items if item.error]


# -- requests


def test_the_button_sends_what_is_on_the_screen_and_the_kernel_stays_free(open_studio):
    with iw.Sandbox(latency=0.3) as sandbox:
        studio = open_studio(iw.Client("sandbox", base_url=sandbox.base_url, history=False))
        heard = []
        studio.observe(lambda change: heard.append(change["new"]), "result")
        press(studio)
        assert studio.result is None, "it returned before the answer"
        assert "on the way" in repr(studio)
        assert len(studio.grid) == 1, "a tile waits"
        assert studio.wait(60)
        assert studio.result.request.parameters == QUICK
        assert heard == [studio.result]
        assert studio.grid.images == list(studio.result)


def test_further_clicks_queue_and_are_answered_in_order(open_studio):
    studio = open_studio()
    for prompt in ("a fox", "an owl", "a cat"):
        studio.picker.prompt = prompt
        press(studio)
    assert studio.wait(60)
    assert [image.prompt for image in studio.grid.images] == ["a fox", "an owl", "a cat"]
    assert not [thread for thread in threading.enumerate() if thread.name == "imgwidgets-studio"]


def test_the_same_request_again_gives_other_pictures_as_a_real_model_would(open_studio):
    studio = open_studio()
    for _ in range(3):
        press(studio)
    studio.picker.value = {**QUICK, "n": 2}
    press(studio)
    assert studio.wait(60)
    images = studio.grid.images
    assert len({image.sha256 for image in images[:3]}) == 3


def test_stop_ends_the_request_at_once_and_the_next_one_begins(open_studio):
    with iw.Sandbox(faults=["hang"]) as sandbox:
        studio = open_studio(iw.Client("sandbox", base_url=sandbox.base_url, history=False))
        press(studio)
        press(studio)
        wait_for(lambda: sandbox.requests.total == 1)
        say(studio._screen.run, do="stop")
        assert studio.wait(60)
        [stopped] = errors(studio)
        assert stopped.startswith("Stopped")
        assert len(studio.grid.images) == 1


def test_stop_ends_all_streams_of_a_request(open_studio):
    with iw.Sandbox(faults=["hang", "hang"]) as sandbox:
        studio = open_studio(iw.Client("sandbox", base_url=sandbox.base_url, history=False))
        studio.picker.value = {**QUICK, "stream": True, "n": 2}
        press(studio)
        wait_for(lambda: sandbox.requests.total == 2)
        studio.stop()
        assert studio.wait(60)
        [stopped] = errors(studio)
        assert "may charge" in stopped


def test_stop_leaves_other_requests_of_the_same_client_alone(open_studio):
    with iw.Sandbox(latency=0.5, faults=["hang"]) as sandbox:
        client = iw.Client("sandbox", base_url=sandbox.base_url, history=False)
        studio = open_studio(client)
        press(studio)
        wait_for(lambda: sandbox.requests.total == 1)
        others = []
        thread = threading.Thread(target=lambda: others.append(client.generate("an owl", **QUICK)))
        thread.start()
        wait_for(lambda: sandbox.requests.total == 2)
        studio.stop()
        assert studio.wait(60)
        thread.join(60)
        assert len(others) == 1
        studio.close()
        assert client.generate("a cat", **QUICK)


def test_what_waits_can_be_taken_out_of_the_queue(open_studio):
    with iw.Sandbox(latency=0.5) as sandbox:
        studio = open_studio(iw.Client("sandbox", base_url=sandbox.base_url, history=False))
        for _ in range(3):
            press(studio)
        wait_for(lambda: studio._work.running)
        say(studio._screen.run, do="drop")
        assert studio.wait(60)
        assert len(studio.grid.images) == 1
        assert all("not sent" in error for error in errors(studio))
        assert len(errors(studio)) == 2


def test_an_error_is_a_tile_that_says_what_happened_and_asks_again(open_studio):
    with iw.Sandbox(faults=["moderation_input"]) as sandbox:
        studio = open_studio(iw.Client("sandbox", base_url=sandbox.base_url, history=False))
        press(studio)
        assert studio.wait(60)
        [item] = studio.grid.items
        assert "safety" in item.error or "moderation" in item.error
        item.retry()
        assert studio.wait(60)
        [item] = studio.grid.items
        assert item.image is not None, "the same tile has the image now"


def test_partial_images_grow_in_their_tiles(open_studio):
    studio = open_studio()
    studio.picker.value = {**QUICK, "stream": True, "partial_images": 2, "n": 2}
    seen = []
    put = studio.grid._put
    studio.grid._put = lambda key, item: (seen.append((key, type(item.image).__name__)), put(key, item))[1]
    press(studio)
    assert studio.wait(60)
    keys = [item.key for item in studio.grid.items]
    for key in keys:
        kinds = [kind for where, kind in seen if where == key]
        assert kinds == ["PartialImage", "PartialImage", "ResultImage"]


@pytest.mark.parametrize("prompt", ["", "  \n"])
def test_without_a_prompt_nothing_is_sent_and_the_button_says_why(open_studio, prompt):
    studio = open_studio(prompt=prompt)
    press(studio)
    assert "prompt" in studio._screen.run.shows("error")
    assert len(studio.grid) == 0
    with pytest.raises(ParameterError):
        studio.run()


def test_an_edit_without_an_image_says_how_to_add_one(open_studio):
    studio = open_studio()
    say(studio._screen.mode, do="endpoint", endpoint="edits")
    press(studio)
    assert "upload" in studio._screen.run.shows("error")
    assert len(studio.grid) == 0


# -- what is worked on


def test_the_loop_of_generate_use_paint_edit_use_again_and_undo(open_studio):
    studio = open_studio()
    press(studio)
    assert studio.wait(60)
    first = studio.result[0]
    studio.grid._act("edit", list(studio.grid.items))  # a click on the tile
    assert studio.image is first
    assert studio._screen.tabs.shows("tab") == "edit"
    studio.painter.stroke([(500, 300)], radius=80)
    assert studio.mask.area > 0
    studio.picker.prompt = "a straw hat"
    press(studio)
    assert studio.wait(60)
    edited = studio.result[0]
    assert studio.result.request.mask is not None
    compared = studio._screen.edit._compare
    assert compared.shows("shown")
    assert set(compared._pictures) == {"before", "after"}
    say(compared, do="use")
    assert studio.image is edited
    assert studio.mask.area == 0, "another image has a mask of its own"
    studio.undo()
    assert studio.image is first
    assert studio.mask.area > 0, "and the first one's is back"
    assert (studio.painter.mask.selected == studio.mask.selected).all()
    studio.redo()
    assert studio.image is edited


def test_setting_image_mask_and_result_updates_the_screen(open_studio):
    studio = open_studio()
    studio.image = np.zeros((48, 64, 3), np.uint8)
    assert studio.picker.endpoint == "edits"
    assert studio._screen.run.shows("label") == "Edit"
    [shown] = studio._screen.inputs.shows("images")
    assert shown["size"].replace("\N{MULTIPLICATION SIGN}", "x") == "64 x 48"
    selected = np.zeros((48, 64), bool)
    selected[10:20, 10:20] = True
    studio.mask = selected
    assert studio.painter.mask.area == 100
    assert "may change" in studio._screen.inputs.shows("mask")
    studio.painter.clear()
    assert studio.mask.area == 0
    result = iw.ImageResult([iw.ResultImage(png())], request=None)
    studio.result = result
    assert studio.grid.images == list(result)
    studio.result = result
    assert len(studio.grid) == 1, "it is shown once"
    studio.mask = selected
    studio.mask = None
    assert studio.painter.mask.area == 0
    studio.image = None
    assert studio.picker.endpoint == "generations"
    assert studio.mask is None
    assert "Nothing to paint on" in studio._screen.edit.children[1].value


def test_what_cannot_be_used_is_refused_and_nothing_changes(open_studio):
    studio = open_studio()
    studio.image = png()
    before = studio.image
    with pytest.raises(ImageInputError):
        studio.image = b"no image"
    with pytest.raises(ImageInputError, match="64x48"):
        studio.mask = iw.Mask.blank((10, 10))
    assert studio.image is before
    studio.image = None
    with pytest.raises(ImageInputError, match="image first"):
        studio.mask = iw.Mask.blank((10, 10))
    with pytest.raises(TypeError):
        studio.request = "a red fox"


def test_the_request_can_be_read_and_put_back(open_studio):
    studio = open_studio()
    studio.image = [png(), png(colour="gold")]
    studio.mask = iw.Mask.blank((64, 48)).rectangle((5, 5, 20, 20))
    studio.picker.value = {"model": "gpt-image-1", "quality": "high", "n": 3}
    request = studio.request
    assert (request.endpoint, len(request.images), request.parameters["n"]) == ("edits", 2, 3)
    other = open_studio(prompt="")
    other.request = request
    assert other.request.key == request.key
    assert other.picker.prompt == "a red fox"
    assert other.mask.area == studio.mask.area
    plain = ImageRequest(prompt="an owl", model="gpt-image-2", parameters={"quality": "low"})
    other.request = plain
    assert other.request.key == plain.key


def test_a_markup_is_sent_instead_of_a_mask(open_studio):
    studio = open_studio()
    studio.picker.model = "gpt-image-2.5-flare"
    studio.image = png((1024, 1024))
    studio.painter.mode = "markup"
    studio.painter.mark([(100, 100), (500, 500)], arrow=True)
    assert studio.request.markup is not None
    assert studio.request.mask is None
    press(studio)
    assert studio.wait(60)
    assert errors(studio) == []


def test_images_of_the_history_can_be_used(open_studio, tmp_path):
    history = iw.History(tmp_path / "history")
    studio = open_studio(iw.Client(history=history))
    press(studio)
    assert studio.wait(60)
    say(studio._screen.tabs, do="tab", tab="history")
    [view] = studio._screen.history.children
    assert len(view.grid.images) == 1
    view.grid._act("use", view.grid.items)
    assert studio.image.bytes == studio.result[0].bytes
    press(studio)
    assert studio.wait(60)
    assert studio.result.request.endpoint == "edits"


def test_the_sweep_begins_with_what_is_on_the_left(open_studio):
    studio = open_studio(prompt="a {animal}")
    studio.image = png((64, 48))
    say(studio._screen.tabs, do="tab", tab="sweep")
    [builder] = studio._screen.sweep.children
    assert builder.picker is studio.picker
    assert builder.inputs["image"] is studio.image
    assert builder.template == "a {animal}"


def test_an_observer_that_fails_takes_no_image_away(open_studio):
    studio = open_studio()

    def fail(_):
        raise ValueError("mine")

    studio.observe(fail, "result")
    press(studio)
    assert studio.wait(60)
    assert len(studio.grid.images) == 1
    assert "mine" in studio._screen.run.shows("error")


# -- files from the page


def test_a_file_uploaded_in_pieces_becomes_the_image(open_studio):
    studio = open_studio()
    data = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(data).save(buffer, "png")
    upload(studio, buffer.getvalue())
    assert studio.image.bytes == buffer.getvalue()
    studio.mask = iw.Mask.blank((80, 60)).rectangle((5, 5, 20, 20))
    upload(studio, png(colour="gold"), name="second.png")
    assert studio.mask.area == 225, "what is painted on the first stays"
    assert [one.size for one in studio.image] == [(80, 60), (64, 48)]
    say(studio._screen.inputs, do="remove", key=studio._given[0].key)
    assert studio.image.size == (64, 48)


@pytest.mark.parametrize(
    ("data", "part", "reason"),
    [
        (b"no image", [0, 8], "no image"),
        (b"x", [0, 1 << 40], "MB"),
        (b"x", [500, 1000], "upload the file again"),
        pytest.param(png()[:40], [0, 40], "damaged", id="cut"),
    ],
)
def test_an_upload_that_cannot_be_used_says_why(open_studio, data, part, reason):
    studio = open_studio()
    say(studio._screen.inputs, [data], do="upload", token="a", name=HOSTILE, part=part)
    assert reason in studio._screen.inputs.shows("error")
    assert studio.image is None


def test_a_message_that_makes_no_sense_is_shown_and_harms_nothing(open_studio):
    studio = open_studio()
    for message in ({}, {"do": "no such"}, {"do": "upload"}, {"do": "tab", "tab": HOSTILE}):
        say(studio._screen.tabs, **message)
        assert studio._screen.run.shows("error")
    press(studio)
    assert studio.wait(60)
    assert len(studio.grid.images) == 1


def test_no_picture_and_no_key_is_ever_widget_state(open_studio):
    secret = "sk-test-0123456789"
    with iw.Sandbox() as sandbox:
        client = iw.Client("openai", api_key=secret, base_url=sandbox.base_url, history=False)
        studio = open_studio(client)
        studio.image = np.random.default_rng(2).integers(0, 255, (300, 300, 3), np.uint8)
        studio.painter.stroke([(50, 50)], radius=20)
        press(studio)
        assert studio.wait(60)
        for widget in widgets_below(studio):
            state = widget.get_state()
            for name, value in state.items():
                assert not isinstance(value, bytes | bytearray | memoryview), (type(widget), name)
                assert secret not in repr(value)
                if not name.startswith("_esm") and not name.startswith("_css"):
                    assert "base64" not in repr(value)[:100_000] or type(widget).__name__ == "HTML"
    assert secret not in studio.code()


# -- as Python


def run_code(code, monkeypatch):
    """Run a cell of code and give the request that it sent."""
    monkeypatch.setattr(iw, "Client", lambda *args, **options: _client(*args, **{"history": False} | options))
    scope = {}
    exec(code, scope)
    scope["client"].close()
    return scope["result"].request


_client = iw.Client


def test_copy_as_python_reproduces_what_is_on_the_screen(open_studio, tmp_path, monkeypatch):
    studio = open_studio(prompt='a "red" fox\'s\nhat \\ {x}')
    studio.picker.value = {**QUICK, "n": 2}
    assert run_code(studio.code(), monkeypatch).key == studio.request.key
    studio.picker.value = {**QUICK, "stream": True, "partial_images": 1}
    assert run_code(studio.code(), monkeypatch).parameters["partial_images"] == 1
    studio.image = [png((1024, 1024)), png((64, 48), "gold")]
    studio.mask = iw.Mask.blank((1024, 1024)).ellipse((100, 100, 300, 300))
    studio.picker.value = QUICK
    say(studio._screen.tabs, do="copied")
    assert len(list(tmp_path.glob("images/*.png"))) == 3
    assert studio._screen.tabs.shows("code") == studio.code()
    assert run_code(studio.code(), monkeypatch).key == studio.request.key


def test_the_code_names_files_and_addresses_where_images_came_from_there(open_studio, tmp_path):
    file = tmp_path / "my photo.png"
    file.write_bytes(png())
    studio = open_studio()
    studio.image = [str(file), {"file_id": "file-7"}]
    assert repr(str(file)) in studio.code()
    assert "{'file_id': 'file-7'}" in studio.code()
    assert studio.save_inputs() == []


# -- keys


def test_without_a_key_the_studio_says_where_it_looked_and_goes_on_in_the_sandbox(open_studio, monkeypatch):
    studio = open_studio(iw.Client(history=False))
    studio.picker.provider = "openai"
    notice = studio._screen.mode.shows("notice")
    assert notice.startswith("No API key for openai: looked in OPENAI_API_KEY")
    assert "imgwidgets/openai" in notice
    assert "iw.set_key('openai')" in notice
    assert "sandbox" in notice
    assert studio._screen.run.shows("price").startswith("Free in the sandbox, else about $")
    press(studio)
    assert studio.wait(60)
    assert studio.result.request.provider == "sandbox"
    compile(studio.code(), "code", "exec")
    monkeypatch.setattr("getpass.getpass", lambda _: "sk-typed-0123456789")
    monkeypatch.setattr("imgwidgets.client.keys._kept", {})
    iw.set_key("openai")
    assert studio._screen.mode.shows("notice") == ""
    assert studio._screen.run.shows("price").startswith("About $")


def test_a_provider_without_an_address_says_which_variable_names_one(open_studio):
    studio = open_studio()
    studio.picker.provider = "openai-compatible"
    assert "OPENAI_COMPATIBLE_BASE_URL" in studio._screen.mode.shows("notice")


# -- in a notebook


def test_a_closed_studio_ends_its_threads_and_keeps_what_came(open_studio):
    studio = open_studio()
    press(studio)
    assert studio.wait(60)
    studio.close()
    studio.close()
    assert studio.comm is None
    assert len(studio.result) == 1
    with pytest.raises(RuntimeError, match="closed"):
        studio.run()


def test_a_cell_that_is_run_again_ends_the_studio_it_showed_before(open_studio, monkeypatch):
    where = ["cell-1", "run-1"]
    monkeypatch.setattr(studio_replaced, "_where", lambda: tuple(where))
    one, two = open_studio(), open_studio()
    assert studio_replaced.replaces(one) == []
    assert studio_replaced.replaces(two) == [], "one cell may show two"
    where[1] = "run-2"
    assert studio_replaced.replaces(two) == [one], "the same one stays"
    where[:] = ["cell-2", "run-3"]
    three = open_studio()
    assert studio_replaced.replaces(three) == []
    where[:] = ["cell-2", "run-4"]
    assert studio_replaced.replaces(two) == [three]
    where[:] = ["cell-1", "run-5"]
    four = open_studio()
    assert studio_replaced.replaces(four) == [], "two has moved to another cell"


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError):
        iw.Studio(clinet=None)
    with pytest.raises(TypeError, match="AsyncClient"):
        iw.Studio(client=iw.AsyncClient())


def test_hostile_text_is_only_ever_text(open_studio):
    studio = open_studio(prompt=HOSTILE)
    upload(studio, png(), name=HOSTILE)
    press(studio)
    assert studio.wait(60)
    still = still_html(studio.request, studio.grid.images)
    assert "<img src=x" not in still
    assert "\u202e" not in still
    for widget in widgets_below(studio):
        value = getattr(widget, "value", "")
        if type(widget).__name__ == "HTML":
            assert "<img src=x" not in value
    json.dumps(studio._screen.inputs._state)
    assert re.match(r"<Studio sandbox, [\w.-]+: 1 image>$", repr(studio))
