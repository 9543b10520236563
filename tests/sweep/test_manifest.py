"""A sweep written down, as JSON and as Python, and made again from that."""

import json

import numpy as np
import pytest

import imgwidgets as iw
from imgwidgets.errors import ImageInputError
from imgwidgets.history import History


def keys(sweep):
    return [cell.key for cell in sweep.cells()]


def through_json(sweep, **options):
    return iw.Sweep.from_manifest(json.loads(json.dumps(sweep.manifest())), **options)


def executed(code, **names):
    space = dict(names)
    exec(code, space)
    return space["sweep"]


def everything():
    return iw.Sweep(
        {"plain": "a {animal}", "in snow": "a {animal} in {{snow}}"},
        iw.zip_axes(size=[(1024, 1024), "1536x1024"], quality=["low", None]),
        iw.sample(9, seed=4),
        animal={"the fox": "a very red fox", "owl": "an owl"},
        n=range(1, 3),
        model=["openai:gpt-image-2", "kkiai:gpt-image-1"],
        output_format="webp",
        other_parameters={"sparkle": [0.5, {"deep": [1, None]}]},
        repeat=2,
    )


def test_a_manifest_is_json_and_rebuilds_the_sweep():
    sweep = everything()
    again = through_json(sweep)
    assert keys(again) == keys(sweep)
    assert [cell.values for cell in again.cells()] == [cell.values for cell in sweep.cells()]
    assert [axis.labels for axis in again.axes] == [axis.labels for axis in sweep.axes]
    assert again.manifest() == sweep.manifest()
    assert (len(again), again.repeat) == (len(sweep), 2)


def test_a_manifest_may_be_a_text_or_a_file(tmp_path):
    sweep = everything()
    path = tmp_path / "sweep.json"
    path.write_text(json.dumps(sweep.manifest()))
    assert keys(iw.Sweep.from_manifest(path)) == keys(iw.Sweep.from_manifest(path.read_text())) == keys(sweep)


def test_the_code_of_a_sweep_builds_the_same():
    sweep = everything()
    again = executed(sweep.code())
    assert keys(again) == keys(sweep)
    assert [cell.values for cell in again.cells()] == [cell.values for cell in sweep.cells()]
    late = iw.Sweep("{a b} {c}", **{"a b": [1], "c": ["x"]}, **iw.zip_axes(size=["auto"], n=[1]))
    assert keys(executed(late.code())) == keys(late)


def test_inputs_are_named_by_their_content_and_read_from_the_history(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    mask = iw.Mask.blank((32, 32)).ellipse((4, 4, 28, 28)).stroke([(1, 1), (30, 9)], radius=2)
    rough = np.random.default_rng(2).random((256, 256)) < 0.5
    sweep = iw.Sweep(
        "a hat",
        image={"noise": noise, "both": (noise, noise[:32]), "there": {"file_id": "file-7"}, "none": None},
        mask=[None, mask, rough, iw.Mask.from_array(rough[:64, :64]).to_png()],
    )
    manifest = json.dumps(sweep.manifest())
    assert len(manifest) < 30_000, "pictures and large masks are no part of it"
    with History(tmp_path / "history") as history:
        run = history.start_run(sweep.manifest())
        for digest, data in sweep.files().items():
            assert history.keep_file(run, data) == digest
            assert digest in manifest
        again = iw.Sweep.from_manifest(manifest, history=history)
        assert keys(again) == keys(sweep)
        assert keys(iw.Sweep.from_manifest(history.run(run).manifest, history=history)) == keys(sweep)
    with History(tmp_path / "other") as empty, pytest.raises(ImageInputError, match="image"):
        iw.Sweep.from_manifest(manifest, history=empty)


def test_the_code_names_files_and_leaves_variables_for_what_only_memory_had(tmp_path):
    path = tmp_path / "cat.png"
    path.write_bytes(iw.Mask.blank((8, 8)).to_png())
    noise = np.zeros((8, 8, 3), np.uint8)
    mask = iw.Mask.blank((8, 8)).rectangle((0, 0, 4, 8))
    sweep = iw.Sweep("a hat", image=[str(path), noise], mask=mask)
    code = sweep.code()
    assert "image_2 = ...  # a png of 8x8 pixels, sha-256 " in code
    again = executed(code.replace("image_2 = ...", "image_2 = given"), given=noise)
    assert keys(again) == keys(sweep)


def test_no_secret_of_an_address_is_written_down():
    address = "https://me:hush@example.org/a.png?token=quiet&size=2"
    sweep = iw.Sweep("a hat", image=[address, {"image_url": address}])
    for written in (json.dumps(sweep.manifest()), sweep.code(), repr(sweep)):
        assert "hush" not in written
        assert "quiet" not in written
    with pytest.raises(ImageInputError, match="held a secret"):
        through_json(sweep)


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        {"kind": "other"},
        "[]",
        "no json",
        3,
        {"kind": "imgwidgets.sweep", "version": 1},
        {"kind": "imgwidgets.sweep", "version": 99},
        {"kind": "imgwidgets.sweep", "version": 1, "repeat": 1, "fixed": [], "dimensions": []},
    ],
)
def test_what_is_no_manifest_is_refused(manifest):
    with pytest.raises(ValueError, match="manifest"):
        iw.Sweep.from_manifest(manifest)
