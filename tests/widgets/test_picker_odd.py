"""The picker with odd values from Python: what is taken can be sent, and said as Python."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import re
from pathlib import Path

import numpy as np
import pytest

import imgwidgets as iw
from imgwidgets.errors import ParameterError

# The grid's say what the picker's, which are more specific, say otherwise; none sets what these leave open.
SHARED = {"iw-row", "iw-pair", "iw-over"}


class Quality(enum.StrEnum):
    LOW = "low"


class Count(enum.IntEnum):
    TWO = 2


class Caller:
    """Gives what a call would send."""

    def generate(*_, **parameters):
        return parameters


@pytest.fixture
def picker():
    picker = iw.ParameterPicker("gpt-image-2", provider="openai")
    yield picker
    picker.close()


def sent(picker):
    return eval(picker.code(), {"client": Caller(), "prompt": "a fox"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"quality": Quality.LOW, "n": Count.TWO}, {"quality": "low", "n": 2}),
        ({"quality": np.str_("low"), "n": np.int64(2)}, {"quality": "low", "n": 2}),
        ({"size": np.array([1536, 1024])}, {"size": "1536x1024"}),
        (
            {"unheard": np.array([1, 2]), "of": {"x": (np.float32(0.5),)}},
            {"unheard": [1, 2], "of": {"x": [0.5]}},
        ),
        ({"class": 1, "lambda": "x", "with space": True}, {"class": 1, "lambda": "x", "with space": True}),
        ({"model": np.str_("gpt-image-1")}, {}),
    ],
)
def test_values_of_other_kinds_become_plain_ones_that_the_code_can_say(picker, given, kept):
    picker.value = given
    assert picker.value == {"model": given.get("model", "gpt-image-2"), **kept}
    assert repr(sent(picker)) == repr(picker.value) or sent(picker) == picker.value
    assert "np." not in picker.code()


@pytest.mark.parametrize(
    "odd",
    [
        float("nan"),
        float("inf"),
        b"low",
        {1},
        1j,
        ...,
        object(),
        dt.date(2020, 1, 1),
        decimal.Decimal(1),
        [float("nan")],
        {1: 2},
    ],
)
@pytest.mark.parametrize("name", ["unheard_of", "quality", "n"])
def test_what_cannot_be_sent_is_refused_and_nothing_is_changed(picker, name, odd):
    picker.value = {"quality": "low"}
    with pytest.raises(ParameterError, match=name):
        picker.value = {name: odd}
    assert picker.value == {"model": "gpt-image-2", "quality": "low"}


@pytest.mark.parametrize("name", ["self", "prompt", "image", "mask", "resize_mask"])
def test_what_the_call_itself_takes_is_not_for_the_picker(picker, name):
    with pytest.raises(ParameterError, match="pass it to generate or edit"):
        picker.value = {name: "x"}


@pytest.mark.parametrize("prompt", [None, 5, b"fox"])
def test_a_prompt_that_is_no_text_is_told_as_such(prompt):
    with pytest.raises(TypeError, match="prompt is"):
        iw.ParameterPicker(prompt=prompt)


def test_no_other_style_sheet_reaches_the_picker_by_a_class_of_its_own():
    """They share a page in the Studio: a rule for a tile's badge must not move the picker's."""
    folder = Path(iw.widgets.__file__).parent
    files = [*(folder / "picker").glob("*.py"), folder / "static" / "picker.css"]
    ours = {
        name
        for file in files
        for name in re.findall(r"(?<![-\w])iw-[a-z-]+", file.read_text(encoding="utf-8"))
    }
    for sheet in (folder / "static").glob("grid*.css"):
        css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selectors in re.findall(r"([^{}]+)\{", css):
            for selector in selectors.split(","):
                named = set(re.findall(r"\.(iw-[a-z-]+)", selector))
                assert not named or named - ours or named <= SHARED, f"{sheet.name}: {selector.strip()}"


def test_a_preset_is_found_by_the_name_that_it_was_saved_under(picker, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path))
    picker.value = {"quality": "low"}
    for name in ("two\nlines", "\u202eturned", np.str_("numpy's")):
        picker.save_preset(name)
        picker.reset()
        picker.load_preset(name)
        assert picker.value["quality"] == "low"
        picker.delete_preset(name)
    assert picker.presets == {}
    for name in ([], {}, None, 5):
        with pytest.raises(ParameterError, match="there is no preset"):
            picker.load_preset(name)
