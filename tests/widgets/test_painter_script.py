"""The painter as a script uses it: steps, values that are observed, files, and what the notebook keeps."""

import base64
import io
import json
import time

import numpy as np
import pytest
import traitlets
from PIL import Image
from skimage import data

from imgwidgets.errors import ImageInputError
from imgwidgets.images import Mask
from imgwidgets.widgets.painter import still as painter_still
from imgwidgets.widgets.painter.painter import MaskPainter
from imgwidgets.widgets.painter.still import Still

SIZE = (512, 512)
BOX = (40, 50, 300, 200)
POINTS = [(20, 30), (400, 60), (250, 420), (90, 200)]


@pytest.fixture(scope="module")
def photo():
    return data.astronaut()


@pytest.fixture
def painter(photo):
    painter = MaskPainter(photo, brush_radius=20)
    yield painter
    painter.close()


# ---- steps


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("rectangle", (BOX,), {"erase": True}),
        ("ellipse", (BOX,), {"softness": 0.5}),
        ("polygon", (POINTS,), {}),
        ("lasso", (POINTS,), {"erase": True}),
        ("fill", (), {}),
        ("fill", ((5, 5),), {}),
        ("fill", ((256, 256),), {"erase": True}),
        ("invert", (), {}),
        ("grow", (np.int64(7),), {}),
        ("shrink", (np.float32(3.5),), {}),
        ("feather", (4,), {}),
    ],
)
def test_each_step_of_a_script_is_the_masks_own_and_can_be_taken_back(painter, name, arguments, options):
    painter.stroke([(100, 100), (400, 300)], radius=60)
    before = painter.mask
    getattr(painter, name)(*arguments, **options)
    expected = getattr(before, name)(*arguments, **options)
    assert painter.mask == expected
    assert painter.mask.operations == expected.operations
    painter.undo()
    assert painter.mask == before


def test_wand_and_smart_box_of_a_script_are_the_masks_own(photo):
    small = photo[::4, ::4].copy()
    painter = MaskPainter(small)
    painter.wand((5, 120), tolerance=40)
    assert painter.mask == Mask.wand(small, at=(5, 120), tolerance=40)
    painter.wand((5, 120), tolerance=40, erase=True)
    assert painter.mask.area == 0
    painter.grab((30, 0, 100, 125))
    assert painter.mask == Mask.grab(small, (30, 0, 100, 125))
    with pytest.raises(ImageInputError, match="outside"):
        painter.wand((600, 3))


# ---- values


def test_alpha_and_markup_can_be_observed_and_alpha_set(painter):
    heard = []
    painter.observe(lambda change: heard.append((change.name, change.old, change.new)), ["alpha", "markup"])
    painter.stroke([(100, 100)])
    name, old, new = heard.pop()
    assert name == "alpha"
    assert new is painter.alpha or np.array_equal(new, painter.alpha)
    assert old.min() == 255
    assert not new.flags.writeable
    painter.alpha = np.zeros((512, 512), np.uint8)
    assert painter.mask.area == 512 * 512
    assert heard.pop()[2].max() == 0
    painter.mark([(10, 10), (90, 90)])
    assert heard.pop()[0] == "markup"
    painter.mode = "markup"
    assert heard.pop()[2].shape == (512, 512, 4)
    assert heard == []


def test_none_selects_nothing_as_one_step_and_is_no_image(painter, photo):
    painter.stroke([(100, 100)])
    painted = painter.mask
    painter.mask = None
    assert painter.mask.area == 0
    painter.undo()
    assert painter.mask == painted
    with pytest.raises(ImageInputError, match="NoneType"):
        painter.image = None
    assert painter.image is photo
    painter.image = photo[:400].copy()
    assert painter.mask.size == (512, 400)


@pytest.mark.parametrize("wrong", [3, True, [1, 2], {"a": 1}])
def test_what_is_no_mask_is_refused_by_its_type(painter, wrong):
    with pytest.raises(ImageInputError, match=f"of type {type(wrong).__name__}; give a Mask"):
        painter.mask = wrong


def test_settings_take_numpys_numbers_and_refuse_others_in_plain_words(painter):
    painter.brush_radius = np.float32(7.5)
    painter.softness = np.int64(1)
    assert (painter.brush_radius, painter.softness) == (7.5, 1.0)
    assert type(painter.brush_radius) is float
    with pytest.raises(traitlets.TraitError, match=r"^brush_radius=-3\.0: give image pixels, more than 0$"):
        painter.brush_radius = np.float32(-3)
    with pytest.raises(traitlets.TraitError, match="brush_radius='a': give a number"):
        painter.brush_radius = "a"
    with pytest.raises(ImageInputError, match=r"^-3 is no number of pixels"):
        painter.grow(np.int64(-3))


def test_points_may_come_from_an_iterator_and_others_are_refused_in_plain_words(painter):
    painter.stroke((x, x) for x in (50, 60))
    painter.mark((x, x) for x in (50, 60))
    assert len(painter.mask.operations[0].points) == len(painter.marks[0].points) == 2
    for bad in ("ab", [(1, 2), (3,)], None, [], [(1, 2, 3)], [(1, float("nan"))]):
        with pytest.raises(ImageInputError, match=r"point|coordinates"):
            painter.stroke(bad)
    with pytest.raises(ImageInputError, match="empty list"):
        painter.compare([])


def test_a_width_may_be_a_number_of_numpy_but_must_be_one(photo):
    assert MaskPainter(photo, width=np.int64(400)).canvas.width == 400
    for bad in (True, 400.0, "400", 15, 4097):
        with pytest.raises(ImageInputError, match=r"^width=.* CSS pixels between 16 and 4096"):
            MaskPainter(photo, width=bad)
    with pytest.raises(traitlets.TraitError, match="at most 100,000"):
        MaskPainter(photo, brush_radius=1e9)


def test_a_few_selected_pixels_are_not_called_nothing(painter):
    painter.stroke([(10.5, 10.5)], radius=0.1)
    assert repr(painter).endswith("1 pixel selected)")
    assert "1 pixel selected" in repr(painter.mask)
    painter.clear()
    painter.stroke([(100.5, 100.5)], radius=0.6)
    assert painter._pages.companion._status.startswith("1 pixel selected")
    painter.clear()
    assert painter._pages.companion._status.startswith("nothing selected")


def test_what_goes_wrong_with_a_control_or_its_observer_is_shown_in_the_painter(painter):
    page = painter._pages.companion
    page.set_state({"brush_radius": -5.0})
    assert painter.error == "brush_radius=-5.0: give image pixels, more than 0"
    assert painter.brush_radius == 20

    def fail(_):
        raise RuntimeError("no size today")

    painter.observe(fail, "brush_radius")
    page.set_state({"brush_radius": 9.0})
    assert painter.error == "RuntimeError: no size today"
    painter.unobserve(fail, "brush_radius")
    painter.error = ""
    painter.observe(fail, "mask")
    page._handle_custom_msg({"kind": "command", "name": "fill", "client": "a", "seq": 1}, [])
    assert painter.error == "RuntimeError: no size today"
    assert painter.mask.area == 512 * 512


# ---- files


def test_a_file_keeps_the_mask_and_the_markup_and_is_a_masks_file_too(painter, photo, tmp_path):
    file = tmp_path / "mask.json"
    painter.stroke([(100, 100), (300, 200)], radius=[10, 30])
    painter.feather(2)
    painter.mark([(10, 10), (200, 90)], arrow=True, color="#00ff00")
    painter.mark([(300, 10)], width=30, erase=True)
    painter.save_strokes(file)
    assert Mask.from_json(file.read_text()) == painter.mask
    other = MaskPainter(photo, mode="markup")
    other.mark([(5, 5), (500, 500)])
    other.load_strokes(file)
    assert other.mask.operations == painter.mask.operations
    assert other.marks == painter.marks
    painter.mode = "markup"
    assert np.array_equal(other.markup, painter.markup)
    other.undo()
    assert len(other.marks) == 1, "it was one step"
    file.write_text(painter.mask.to_json())
    other.load_strokes(file)
    assert len(other.marks) == 1, "a mask alone says nothing about marks"
    painter.clear()
    painter.save_strokes(file)
    other.load_strokes(file)
    assert other.marks == (), "no marks were there to be saved"


@pytest.mark.parametrize("marks", ["3", '[{"points": [], "width": 3}]', '[{"points": [[1, 2]]}]', "{"])
def test_a_damaged_markup_is_refused_and_changes_nothing(painter, tmp_path, marks):
    painter.stroke([(100, 100)])
    painter.save_strokes(tmp_path / "mask.json")
    text = (tmp_path / "mask.json").read_text().replace('"marks":[]', f'"marks":{marks}')
    (tmp_path / "mask.json").write_text(text)
    painter.clear()
    with pytest.raises(ImageInputError, match=r"JSON"):
        painter.load_strokes(tmp_path / "mask.json")
    assert painter.mask.area == 0


# ---- the still picture


class Shell:
    """What a still picture needs of IPython."""

    def __init__(self):
        self.events = self
        self.hooks = []

    def register(self, _, hook):
        self.hooks.append(hook)

    def unregister(self, _, hook):
        self.hooks.remove(hook)


@pytest.fixture
def published(monkeypatch):
    """Give the shell, and what was published: (html, whether it took the place of what was there)."""
    shell, messages = Shell(), []
    monkeypatch.setattr(painter_still, "get_ipython", lambda: shell)
    monkeypatch.setattr(
        painter_still.display,
        "publish_display_data",
        lambda data, transient, update: messages.append((data["text/html"], transient["display_id"], update)),
    )
    return shell, messages


def test_the_still_picture_follows_a_cell_at_its_end_and_once(published):
    shell, messages = published
    said = ["first"]
    still = Still(lambda: said[-1])
    still.touch()
    assert messages == [], "it is shown nowhere yet"
    still.show()
    said.append("second")
    for _ in range(5):
        still.touch()
    (hook,) = shell.hooks
    hook()
    hook()
    still.close()
    assert shell.hooks == []
    assert [(html, update) for html, _, update in messages] == [("first", False), ("second", True)]
    assert messages[0][1] == messages[1][1]


def test_the_still_picture_follows_the_hand_when_it_rests(published, monkeypatch):
    _, messages = published
    monkeypatch.setattr(painter_still, "QUIET", 0.05)
    said = ["first"]
    still = Still(lambda: said[-1])
    still.show()
    said.append("second")
    still.touch()
    until = time.monotonic() + 30
    while len(messages) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert [(html, update) for html, _, update in messages] == [("first", False), ("second", True)]
    still.close()
    still.touch()
    assert still._timer is None


def test_a_notebook_run_by_nobody_holds_what_was_painted_and_little_more(tmp_path):
    import nbclient
    import nbformat

    show = (
        "import imgwidgets as iw, numpy as np\n"
        "photo = np.random.default_rng(1).integers(0, 200, (600, 800, 3), dtype=np.uint8)\n"
        "painter = iw.MaskPainter(photo)\npainter"
    )
    paint = "painter.rectangle((0, 0, 400, 600))\npainter.mark([(10, 10), (300, 300)])\n'done'"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (show, paint)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}})
    client.execute()
    state = json.dumps(notebook.metadata["widgets"])
    assert len(state) < 100_000
    still, shown = notebook.cells[0].outputs
    assert shown["data"]["text/plain"] == "MaskPainter(800x600)"
    assert [output["output_type"] for output in notebook.cells[1].outputs] == ["execute_result"]
    html = still["data"]["text/html"]
    assert len(html) < 70_000
    code = html.split("base64,")[1].split('"')[0]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB")).astype(int)
    assert (pixels[:, :230, 0] - pixels[:, :230, 1]).mean() > 60
    assert abs((pixels[:, 250:, 0] - pixels[:, 250:, 1]).mean()) < 10
