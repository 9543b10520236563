"""Presets and what was last used: one file for all notebooks, never half written, never lost."""

import json
import subprocess
import sys
import threading

import pytest
from widgets.picking import texts

from imgwidgets.errors import ParameterError
from imgwidgets.widgets import ParameterPicker

DRAFT = {"model": "gpt-image-2", "size": "1536x1024", "quality": "low"}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("IMGWIDGETS_HOME", str(folder))
    return folder


def saved(name="draft", value=None, **place):
    picker = ParameterPicker(**place)
    picker.value = value or DRAFT
    picker.save_preset(name)
    return picker


def test_a_preset_is_there_in_the_next_notebook_until_it_is_deleted(home):
    saved()
    other = ParameterPicker("gpt-image-1.5")
    assert other.presets == {"draft": DRAFT}
    other.load_preset("draft")
    assert other.value == DRAFT
    assert other.remarks == ()
    other.delete_preset("draft")
    assert ParameterPicker().presets == {}
    assert (home / "presets.json").stat().st_mode & 0o077 == 0


def test_without_a_home_of_its_own_it_is_the_users_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("IMGWIDGETS_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    saved()
    assert list(tmp_path.rglob("presets.json"))


def test_a_preset_of_another_model_or_provider_says_what_does_not_fit():
    saved(
        "fine", {"model": "gpt-image-2.6-flare", "quality": "max", "frame_count": 4, "output_format": "gif"}
    )
    picker = ParameterPicker(provider="ttapi")
    picker.load_preset("fine")
    assert picker.model == "gpt-image-2"
    assert picker.value == {"model": "gpt-image-2", "quality": "high"}
    assert picker.remarks[0] == "model gpt-image-2.6-flare is not served here: gpt-image-2 stays"
    assert any("max → high" in said for said in picker.remarks)
    assert any("frame_count removed" in said for said in picker.remarks)


def test_a_parameter_that_no_catalog_knows_is_not_carried_to_another_provider():
    saved("seeded", {"model": "gpt-image-2", "seed": 7}, provider="openai")
    here, there = ParameterPicker(provider="openai"), ParameterPicker(provider="azure")
    here.load_preset("seeded")
    assert here.value["seed"] == 7
    there.load_preset("seeded")
    assert there.value == {"model": "gpt-image-2"}
    assert there.remarks == ("seed removed",)


def test_a_preset_that_is_not_there_is_named_with_the_nearest():
    picker = saved()
    for act in (picker.load_preset, picker.delete_preset):
        with pytest.raises(ParameterError, match="did you mean 'draft'") as caught:
            act("drat")
        assert caught.value.problems[0].suggestion == "draft"
    assert picker.presets


@pytest.mark.parametrize("name", ["", "  ", "\n", None, 3, "x" * 81])
def test_a_name_that_is_none_is_refused(name, home):
    with pytest.raises(ParameterError, match="1 to 80 characters"):
        ParameterPicker().save_preset(name)
    assert not home.exists()


@pytest.mark.parametrize("damage", ["{broken", "[]", '{"presets": 3}', "", "\x00", '{"presets": {"draft": '])
def test_a_damaged_file_is_said_and_never_lost(home, damage):
    picker = saved()
    (home / "presets.json").write_text(damage)
    with pytest.warns(UserWarning, match="presets.json"):
        assert picker.presets == {}
    with pytest.raises(ParameterError, match="puts it aside"):
        picker.load_preset("draft")
    assert (home / "presets.json").read_text() == damage
    picker.save_preset("new")
    assert list(picker.presets) == ["new"]
    assert (home / "presets.damaged-1.json").read_text() == damage
    assert "presets.damaged-1.json" in picker.remarks[0]


def test_what_a_newer_version_wrote_stays_in_the_file(home):
    home.mkdir()
    foreign = {"tags": ["a"], "presets": {"odd": {"shape": "unknown"}}}
    (home / "presets.json").write_text(json.dumps(foreign))
    picker = saved()
    assert list(picker.presets) == ["draft"]
    held = json.loads((home / "presets.json").read_text())
    assert held["tags"] == ["a"]
    assert held["presets"]["odd"] == {"shape": "unknown"}


def test_a_preset_edited_by_hand_cannot_bring_an_invalid_value(home):
    home.mkdir()
    values = [{"model": 3}, {"n": [1], "quality": {}}, {"prompt": "x", "mask": "y"}, {"size": "1000x1000"}]
    table = {
        str(k): {"provider": "openai", "endpoint": "edits", "value": one} for k, one in enumerate(values)
    }
    (home / "presets.json").write_text(json.dumps({"presets": table}))
    picker = ParameterPicker()
    for name in table:
        picker.load_preset(name)
        assert picker.problems == ()
        assert set(picker.value) <= {"model", "size"}
    assert picker.value["size"] == "1008x1008"


def test_writers_in_many_threads_and_processes_take_nothing_from_each_other():
    code = (
        "import sys, imgwidgets as iw\n"
        "picker = iw.ParameterPicker()\n"
        "for number in range(8): picker.save_preset(f'{sys.argv[1]} {number}')"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, f"process {k}"]) for k in range(2)]
    picker = ParameterPicker()
    threads = [
        threading.Thread(target=lambda k=k: [picker.save_preset(f"thread {k} {n}") for n in range(8)])
        for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0, 0]
    assert len(picker.presets) == 32


def test_presets_are_saved_loaded_and_deleted_by_clicks():
    picker = ParameterPicker("gpt-image-2")
    picker.value = DRAFT
    bar = picker._desk.screen.presets
    assert bar.widget.layout.display == "none"
    bar.opener.value = True
    bar._name.value = "draft"
    bar._keep.click()
    assert picker.presets == {"draft": DRAFT}
    picker.reset()
    ParameterPicker().save_preset("from another notebook")
    bar.opener.value = False
    bar.opener.value = True
    assert [name for _, name in bar._names.options] == ["", "draft", "from another notebook"]
    assert bar._names.value == "", "what differs from the preset can load it again"
    bar._names.value = "draft"
    assert picker.value == DRAFT
    assert bar._names.value == "draft"
    bar._gone.click()
    assert list(picker.presets) == ["from another notebook"]
    bar._name.value = " "
    bar._keep.click()
    assert "1 to 80 characters" in texts(picker)


def test_a_folder_that_cannot_be_written_is_said_in_the_picker(home):
    home.write_text("a file stands where the folder should be")
    picker = ParameterPicker(remember=True)
    picker.value = DRAFT
    assert "cannot be kept" in texts(picker)
    assert picker.value == DRAFT
    with pytest.raises(OSError, match="home"):
        picker.save_preset("draft")


def test_the_last_used_values_come_back_where_that_was_asked_for():
    first = ParameterPicker("gpt-image-1.5", provider="openai", remember=True)
    first.value = {"quality": "low", "n": 3}
    edits = ParameterPicker("gpt-image-2.5-flare", provider="openai", endpoint="edits", remember=True)
    edits.value = {"quality": "max"}
    assert ParameterPicker().value == {"model": "gpt-image-2"}
    again = ParameterPicker(remember=True)
    assert (again.provider, again.value) == ("openai", {"model": "gpt-image-1.5", "quality": "low", "n": 3})
    assert ParameterPicker(endpoint="edits", remember=True).value == {
        "model": "gpt-image-2.5-flare",
        "quality": "max",
    }
    assert ParameterPicker("gpt-image-2", provider="openai", remember=True).value == {
        "model": "gpt-image-2",
        "quality": "low",
        "n": 3,
    }
    assert ParameterPicker(provider="ttapi", remember=True).value == {"model": "gpt-image-2"}


def test_a_picker_that_does_not_remember_writes_nothing(home):
    picker = ParameterPicker()
    picker.value = DRAFT
    picker.prompt = "a secret idea"
    assert not home.exists()
    remembering = ParameterPicker(remember=True, prompt="a secret idea")
    remembering.value = DRAFT
    assert "secret" not in (home / "last-used.json").read_text()


def test_a_damaged_memory_is_no_memory(home):
    home.mkdir()
    (home / "last-used.json").write_text(
        '{"openai/generations": {"provider": 3}, "sandbox/generations": "x"}'
    )
    assert ParameterPicker(remember=True).value == {"model": "gpt-image-2"}
    (home / "last-used.json").write_text("{broken")
    picker = ParameterPicker(remember=True)
    picker.value = DRAFT
    assert ParameterPicker(remember=True).value == DRAFT
    assert (home / "last-used.damaged-1.json").read_text() == "{broken"
