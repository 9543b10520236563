"""A finished run: as a table of pandas, as parquet, as sheets, as JSON and as Python."""

import json

import pandas as pd
import pytest
from PIL import Image

import imgwidgets as iw
from imgwidgets.errors import ParameterError
from imgwidgets.history import History
from imgwidgets.sweep.fonts import Typeface
from imgwidgets.sweep.looking import Looking
from imgwidgets.sweep.outcome import Outcome


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    with History(tmp_path_factory.mktemp("looking") / "history") as opened:
        yield opened


@pytest.fixture(scope="module")
def run(history):
    """A run with images, identical cells and invalid ones."""
    sweep = iw.Sweep(
        "a {animal}, {style}",
        animal=["fox", "fox", "owl"],
        style=["ink", "clay"],
        size=["1024x1024", "1000x1000"],
        quality="low",
        repeat=2,
    )
    with (
        iw.Sandbox() as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url, history=history) as client,
    ):
        yield sweep.run(client, progress=False).wait()


def size_of(file):
    with Image.open(file) as opened:
        return opened.size


def test_to_pandas_has_the_promised_columns(run):
    frame = run.to_pandas()
    assert list(frame)[:6] == ["cell", "status", "cost", "animal", "style", "size"]
    assert len(frame) == len(run.plan) == 24
    assert set(frame["status"]) <= {"done", "failed", "maybe_billed", "not_sent"}
    assert frame["cell"].tolist() == list(range(24))
    assert frame["cost"].sum() == pytest.approx(run.spent)
    invalid = frame[frame["size"] == "1000x1000"]
    assert set(invalid["status"]) == {"not_sent"}
    assert invalid["error"].str.contains("1008x1008").all()
    done = frame[frame["status"] == "done"]
    assert done["sha256"].str.fullmatch("[0-9a-f]{64}").all()


def test_to_parquet_can_be_read_again(run, tmp_path):
    path = run.to_parquet(tmp_path / "run.parquet")
    read = pd.read_parquet(path)
    assert read["cell"].tolist() == list(range(24))
    assert read["animal"].tolist() == run.to_pandas()["animal"].tolist()
    with pytest.raises(FileNotFoundError, match="mkdir"):
        run.to_parquet(tmp_path / "nowhere" / "run.parquet")


def test_the_manifest_and_the_code_of_a_run_rebuild_the_sweep(run, history):
    manifest = json.loads(json.dumps(run.manifest()))
    assert manifest["run"]["id"] == run.id
    again = iw.Sweep.from_manifest(manifest, history=history)
    assert [cell.key for cell in again.cells()] == [cell.key for cell in run.sweep.cells()]
    code = run.code()
    space = {"client": None}
    exec(code.partition("run = ")[0], space)
    assert [cell.key for cell in space["sweep"].cells()] == [cell.key for cell in run.sweep.cells()]
    assert "run = sweep.run(client" in code


def test_a_sheet_is_one_labelled_picture(run, tmp_path):
    [path] = run.save_sheet(tmp_path / "sheet.png")
    assert path == tmp_path / "sheet.png"
    # Six rows of two columns, each with two repeats of 256 pixels.
    assert 4 * 256 < size_of(path)[0] < 6000
    assert 6 * 256 < size_of(path)[1] < 6000
    assert [p.suffix for p in run.save_sheet(tmp_path / "small", edge=64)] == [".png"]
    [jpeg] = run.save_sheet(tmp_path / "s.jpg", edge=64, rows="style", columns=["animal", "size"])
    assert jpeg.read_bytes().startswith(b"\xff\xd8")


def test_pages_and_what_is_too_large_become_numbered_sheets(run, tmp_path):
    files = run.save_sheet(tmp_path / "sheet.png", pages="size", edge=64)
    assert [file.name for file in files] == ["sheet.png", "sheet-2.png"]
    files = run.save_sheet(tmp_path / "cut.png", edge=128, longest_edge=600)
    assert len(files) > 2
    for file in files:
        assert max(size_of(file)) <= 600


@pytest.mark.parametrize(
    ("path", "options", "error"),
    [
        ("sheet.gif", {}, ValueError),
        ("nowhere/sheet.png", {}, FileNotFoundError),
        ("sheet.png", {"rows": "nothing"}, ParameterError),
        ("sheet.png", {"edge": 4}, ValueError),
        ("sheet.png", {"edge": "64"}, ValueError),
        ("sheet.png", {"edge": 64, "longest_edge": 255}, ValueError),
    ],
)
def test_a_sheet_that_cannot_be_says_why(run, tmp_path, path, options, error):
    with pytest.raises(error):
        run.save_sheet(tmp_path / path, **options)
    assert list(tmp_path.iterdir()) == []


# -- without a run: what stands in a sheet ------------------------------------------------------------------


class Finished(Looking):
    """What became of each cell is given, and not asked for."""

    id = "made-up"

    def __init__(self, sweep, outcomes):
        self.sweep, self.plan, self._outcomes = sweep, sweep.plan(history=False), outcomes

    @property
    def outcomes(self):
        return self._outcomes


def test_each_state_has_its_words_in_a_sheet_and_its_row_in_the_table(tmp_path):
    sweep = iw.Sweep("{x}", x=["a", "b", "c", "d", "e"])
    damaged = iw.ImageResult([iw.ResultImage(b"\x89PNG\r\n\x1a\nno more")], request=None)
    drawing = iw.ImageResult([iw.ResultImage(b'<svg xmlns="http://www.w3.org/2000/svg"/>')] * 2, request=None)
    run = Finished(
        sweep,
        [
            Outcome(status="failed", error="the provider said no", error_type="ModerationBlocked"),
            Outcome(status="maybe_billed", error="cut"),
            Outcome(status="waiting"),
            Outcome(status="done", load=lambda: damaged),
            Outcome(status="done", load=lambda: drawing),
        ],
    )
    [file] = run.save_sheet(tmp_path / "sheet.png", edge=128)
    assert file.exists()
    assert run.to_pandas()["status"].tolist() == ["failed", "maybe_billed", "not_sent", "done", "done"]


def test_what_was_thrown_away_since_is_said_where_its_image_stood(tmp_path):
    with History(tmp_path / "history") as history, iw.Client(history=history) as client:
        run = iw.Sweep("a {x}", x=["fox", "owl"], model="dall-e-2", size="256x256").run(
            client, progress=False
        )
        first, second = run.wait().to_pandas()["sha256"]
        history.mark(first, starred=True)
        assert history.prune(older_than=0).entries == 1
        assert run.to_pandas()["sha256"].tolist() == [first, ""]
        assert run.to_pandas()["status"].tolist() == ["done", "done"]
        assert repr(run.grid()).startswith("<SweepTable")
        history.path_of(first).unlink()
        [file] = run.save_sheet(tmp_path / "sheet.png", edge=64)
        assert file.exists()
        assert not history.path_of(second).exists()


def test_numbers_stay_numbers_where_none_is_known(tmp_path):
    run = Finished(iw.Sweep("{x}", x=["a"], model="nobody-knows"), [Outcome(status="failed", error="no")])
    kinds = run.to_pandas().dtypes
    assert [str(kinds[name]) for name in ("cost", "seconds", "low", "high")] == ["float64"] * 4
    assert run.to_pandas()["cost"].sum() == 0
    assert str(run.plan.to_pandas().dtypes["high"]) == "float64"
    run = Finished(iw.Sweep("{x}", x=[True, None]), [Outcome()] * 2)
    assert pd.read_parquet(run.to_parquet(tmp_path / "t.parquet"))["x"].tolist() == [True, None]


@pytest.mark.parametrize("edge", [64, 256])
def test_long_and_foreign_labels_are_wrapped_and_none_is_lost(tmp_path, edge):
    labels = ["word " * 60, "unbroken" * 40, "狐狸在雪中", "Ωμέγα", "فارسی", "🦊", "\U000f0000", "", "a\nb"]
    sweep = iw.Sweep("{x} {y}", x=labels, y=labels[:4])
    run = Finished(sweep, [Outcome()] * len(sweep))
    files = run.save_sheet(tmp_path / "sheet.png", edge=edge)
    assert all(max(size_of(file)) <= 6000 for file in files)


def test_a_letter_that_no_font_has_is_said_by_its_number():
    face = Typeface(20)
    assert face.width("\U000f0000") == pytest.approx(face.width("[F0000]"))
    lines = face.wrap("one two " * 100, 120, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(face.width(line) <= 120 for line in lines)
    assert face.wrap("unbroken" * 10, 60, most=50) != ["unbroken" * 10]


def test_a_sheet_of_a_thousand_cells_is_cut_into_sheets_of_bounded_size(tmp_path):
    words = [str(i) for i in range(40)]
    sweep = iw.Sweep("{x} {y}", x=words, y=words[:25])
    files = Finished(sweep, [Outcome()] * 1000).save_sheet(
        tmp_path / "sheet.png", edge=200, longest_edge=3000
    )
    assert len(files) == 8
    assert sum(file.stat().st_size for file in files) < 5_000_000
    assert all(max(size_of(file)) <= 3000 for file in files)
