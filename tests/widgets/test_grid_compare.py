"""The comparison and the table of a grid, without a browser."""

import builtins
import io
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import imgwidgets as iw
from imgwidgets.catalog import ImageInput, ImageRequest
from imgwidgets.widgets import ResultGrid
from imgwidgets.widgets.grid.boot import CODE, STYLE
from imgwidgets.widgets.grid.compare import outline

JAVASCRIPT = Path(__file__).parent / "js" / "grid_compare.test.mjs"


def png(colour="teal", size=(64, 48)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "png")
    return buffer.getvalue()


def result(prompt="a red fox", *, mask=None, model="gpt-image-2", cost=0.006, **parameters):
    request = ImageRequest(
        prompt=prompt,
        model=model,
        provider="openai",
        parameters=parameters,
        mask=None if mask is None else ImageInput(data=mask.to_png(), format="png", size=mask.size),
    )
    image = iw.ResultImage(png(), prompt=prompt, model=model)
    return iw.ImageResult([image], request=request, cost=cost, seconds=1.5)


@pytest.fixture
def grid():
    shown = ResultGrid()
    sent = []
    shown.send = lambda content, *_: sent.append(content)
    shown.sent = sent
    yield shown
    shown.close()


def say(grid, **message):
    grid._handle_custom_msg(message, [])
    return [one for one in grid.sent if one.get("request") == message.get("request")]


# -- the table ----------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_tile_and_a_column_for_each_parameter(grid):
    grid.add(result("a red fox", quality="low", size="auto"))
    grid.add(result("an owl", quality="high", background="opaque", cost=None))
    grid.add(Image.new("RGB", (32, 32)))
    grid.add_error("the provider refused", prompt="a secret")
    images = grid.images
    grid.star(images[:1])
    grid.rate(images[1:2], 4)
    table = grid.to_pandas()
    assert list(table.columns) == [
        *("prompt", "model", "provider", "size", "cost", "seconds"),
        *("quality", "asked_size", "background"),
        *("starred", "rating", "error"),
    ]
    assert list(table["prompt"]) == ["a red fox", "an owl", "", "a secret"]
    assert list(table["size"])[:3] == ["64x48", "64x48", "32x32"]
    assert table.loc[0, ["model", "provider", "asked_size"]].tolist() == ["gpt-image-2", "openai", "auto"]
    assert table["cost"].sum() == pytest.approx(0.006)
    assert table["cost"].isna().tolist() == [False, True, True, True]
    assert table["starred"].tolist() == [True, False, False, False]
    assert table.loc[1, "rating"] == 4
    assert table["rating"].isna().sum() == 3
    assert table.loc[3, "error"] == "the provider refused"
    assert table.groupby("quality", observed=True)["seconds"].mean().to_dict() == {"high": 1.5, "low": 1.5}


def test_an_empty_grid_gives_an_empty_table(grid):
    table = grid.to_pandas()
    assert isinstance(table, pd.DataFrame)
    assert table.shape == (0, 9)


def test_without_pandas_the_table_names_the_extra(grid, monkeypatch):
    real = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(iw.errors.MissingExtra, match=r"imgwidgets\[sweep\]"):
        grid.to_pandas()


# -- which images, and when ---------------------------------------------------------------------------------


def test_a_comparison_opens_on_the_page_or_as_soon_as_there_is_one(grid):
    grid.add([result(), result("an owl"), result("a cat")])
    grid.compare(grid.images[:2])
    assert not grid.sent, "there is no page yet"
    say(grid, kind="hello")
    [asked] = [message for message in grid.sent if message["kind"] == "compare"]
    assert asked["keys"] == [0, 1]
    assert grid.sent.index(asked) > [message["kind"] for message in grid.sent].index("tiles")
    say(grid, kind="hello")
    assert [message["kind"] for message in grid.sent].count("compare") == 1, "another page is not bothered"
    grid.selected = grid.images[1:]
    grid.compare()
    assert {"kind": "compare", "keys": [1, 2]} in grid.sent


@pytest.mark.parametrize("count", [0, 1, 5])
def test_two_to_four_can_be_compared(grid, count):
    grid.add([result(f"number {i}") for i in range(5)])
    with pytest.raises(ValueError, match=f"two to four images can be compared, and {count} are given"):
        grid.compare(grid.images[:count])
    grid.selected = grid.images[:count]
    with pytest.raises(ValueError, match=f"{count} are selected"):
        grid.compare()


def test_only_images_of_the_grid_can_be_compared(grid):
    grid.add([result(), result()])
    with pytest.raises(ValueError, match="not in this grid"):
        grid.compare([grid.images[0], result()[0]])


# -- what differs -----------------------------------------------------------------------------------------


def differences(grid, keys):
    [answer] = say(grid, kind="differences", keys=keys, request="r1")
    assert answer["kind"] == "differences"
    return {row["name"]: row for row in answer["rows"]}, answer["outlines"]


def test_what_differs_is_told_with_every_parameter(grid):
    grid.add([result("a fox", quality="low", n=2), result("an owl", quality="high", cost=0.2)])
    rows, outlines = differences(grid, [0, 1])
    assert rows["prompt"]["values"] == ["a fox", "an owl"]
    assert rows["quality"] == {"name": "quality", "values": ["low", "high"], "same": False}
    assert rows["n"]["values"] == ["2", "not set"]
    assert rows["cost"]["values"] == ["$0.003", "$0.20"], "of one of the two"
    assert rows["model"]["same"]
    assert rows["seconds"]["same"]
    assert outlines == [None, None]


def test_differences_of_hostile_prompts_are_plain_text(grid):
    grid.add([result("a\u202eb <script>" + "x" * 32_000), result("y")])
    rows, _ = differences(grid, [0, 1])
    assert rows["prompt"]["values"][0].startswith("ab <script>xxx")
    assert len(rows["prompt"]["values"][0]) <= 4000


def test_what_is_gone_cannot_be_compared_and_the_page_is_told(grid):
    grid.add([result(), result()])
    [answer] = say(grid, kind="differences", keys=[0, 7], request="r1")
    assert answer["kind"] == "failed"
    assert "no longer in the grid" in answer["message"]
    [answer] = say(grid, kind="differences", keys=["x", {}], request="r2")
    assert answer["kind"] == "failed"


def test_the_masks_outline_goes_to_the_page(grid):
    mask = iw.Mask.blank((64, 48)).rectangle((10, 8, 30, 20))
    grid.add([result(), result(mask=mask)])
    _, outlines = differences(grid, [0, 1])
    assert outlines[0] is None
    assert outlines[1] == {"path": "M10 8h20M10 20h20M10 8v12M30 8v12", "width": 64, "height": 48}


# -- outlines -----------------------------------------------------------------------------------------------


def drawn(found):
    """Fill an outline by counting the upright pieces to the left of each pixel."""
    inside = np.zeros((int(np.ceil(found["height"])), int(np.ceil(found["width"])) + 1), int)
    for x, y, length in re.findall(r"M(\d+) (\d+)v(\d+)", found["path"]):
        inside[int(y) : int(y) + int(length), int(x) :] += 1
    return inside[:, :-1] % 2 == 1


def test_an_outline_encloses_exactly_what_is_selected():
    selected = iw.Mask.blank((200, 120)).ellipse((20, 10, 120, 100)).stroke([(150, 20), (190, 110)], radius=6)
    selected = selected.rectangle((50, 40, 70, 60), erase=True).selected
    assert np.array_equal(drawn(outline(selected)), selected)
    assert outline(np.zeros((4, 4), bool)) is None


def test_an_outline_of_a_large_or_speckled_mask_stays_small():
    large = np.zeros((3000, 4000), bool)
    large[1000:1003, 500:3500] = True  # thin, but it must not vanish
    found = outline(large)
    assert found["width"] == 1000
    assert drawn(found).sum() >= 750
    speckled = np.random.default_rng(1).random((1024, 1024)) < 0.5
    assert outline(speckled)["path"].count("M") <= 20_000


# -- the JavaScript -------------------------------------------------------------------------------------------


def test_the_comparisons_arithmetic_holds_under_node():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    done = subprocess.run(
        [node, "--test", str(JAVASCRIPT)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_comparison_is_part_of_the_grids_module():
    for name in ("class Comparison", "class Stage", "class Lightbox", "class Heat"):
        assert CODE.count(name) == 1, name
    assert ".iw-comparison" in STYLE
    names = re.findall(r"^(?:class|function|async function|const|let) (\w+)", CODE, re.MULTILINE)
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
