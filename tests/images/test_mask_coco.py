"""COCO run lengths against counts made by hand and by the letter."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.errors import ImageInputError
from imgwidgets.images.mask import Mask
from imgwidgets.images.rle import _pack, _unpack


def test_runs_go_down_the_columns_and_begin_with_what_is_kept():
    selected = np.array([[0, 1, 1], [0, 1, 0], [1, 0, 0]], bool)
    assert Mask.from_array(selected).to_coco(compressed=False) == {
        "size": [3, 3],
        "counts": [2, 3, 1, 1, 2],
        "area": 4,
        "bbox": [0, 0, 3, 3],
    }
    first = Mask.from_array(~selected).to_coco(compressed=False)
    assert first["counts"] == [0, 2, 3, 1, 1, 2]


def test_the_empty_and_the_full_mask():
    blank = Mask.blank((4, 3))
    assert blank.to_coco(compressed=False) == {
        "size": [3, 4],
        "counts": [12],
        "area": 0,
        "bbox": [0, 0, 0, 0],
    }
    assert (~blank).to_coco(compressed=False)["counts"] == [0, 12]
    assert (~blank).to_coco()["bbox"] == [0, 0, 4, 3]
    assert Mask.from_coco(blank.to_coco()) == blank
    assert Mask.from_coco((~blank).to_coco()) == ~blank


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        # By hand: five bits a letter, lowest first, bit 5 = more follows, 48 is "0"; from the fourth
        # run on the difference from the run two before.
        ([12], "<"),
        ([2, 3, 1, 1, 2], "231N1"),  # 1 - 3 = -2 -> 0b11110 = 30 -> "N"; 2 - 1 = 1
        ([0, 12], "0<"),
        ([20, 5, 75], "d05[2"),  # 20 needs a second letter for its sign; 75 = 11 + 2 * 32
        ([100, 1, 1, 900], "T311Sl0"),  # 900 - 1 = 3 + 28 * 32, and a letter for the sign
    ],
)
def test_compressed_counts_are_coco_s_text(counts, text):
    assert _pack(np.array(counts)) == text
    assert _unpack(text.encode()).tolist() == counts


def by_the_letter(counts):
    """Write counts as COCO's C code does, one number at a time."""
    text = ""
    for i, count in enumerate(counts):
        x = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            low, x = x & 31, x >> 5
            more = x != -1 if low & 16 else x != 0
            text += chr(48 + low + (32 if more else 0))
    return text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60), st.floats(0, 1))
def test_any_selection_survives_as_coco(seed, width, height, density):
    selected = np.random.default_rng(seed).random((height, width)) < density
    mask = Mask.from_array(selected)
    plain, packed = mask.to_coco(compressed=False), mask.to_coco()
    flat = selected.T.ravel().tolist()
    counts, last = [0], False
    for value in flat:
        if value != last:
            counts.append(0)
            last = value
        counts[-1] += 1
    assert plain["counts"] == counts
    assert packed["counts"] == by_the_letter(counts)
    assert packed["area"] == mask.area
    left, top, right, bottom = mask.bbox or (0, 0, 0, 0)
    assert packed["bbox"] == [left, top, right - left, bottom - top]
    assert Mask.from_coco(plain) == Mask.from_coco(packed) == mask
    assert Mask.from_coco(packed | {"counts": packed["counts"].encode()}) == mask
    assert Mask.from_coco({"id": 1, "iscrowd": 1, "segmentation": packed}) == mask
    json.dumps(packed)


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        (None, "not None"),
        ({}, "counts"),
        ({"size": [2, 2]}, "counts"),
        ({"size": [2], "counts": [4]}, r"\[height, width\]"),
        ({"size": [0, 2], "counts": []}, "at least 1x1"),
        ({"size": [100_000, 100_000], "counts": [1]}, "100,000,000"),
        ({"size": [2, 2], "counts": []}, "run lengths|whole numbers"),
        ({"size": [2, 2], "counts": [5]}, "run lengths"),
        ({"size": [2, 2], "counts": [5, -1]}, "run lengths"),
        ({"size": [2, 2], "counts": [1, 2]}, "add up to 3"),
        ({"size": [2, 2], "counts": [1.5, 2.5]}, "whole numbers"),
        ({"size": [2, 2], "counts": [[4]]}, "whole numbers"),
        ({"size": [2, 2], "counts": "é"}, "not theirs"),
        ({"size": [2, 2], "counts": ""}, "empty"),
        ({"size": [2, 2], "counts": "!"}, "not theirs"),
        ({"size": [2, 2], "counts": "o"}, "break off"),
        ({"size": [2, 2], "counts": "o" * 20 + "0"}, "longer than any run"),
        ({"size": [2, 2], "counts": [2**70]}, "whole numbers|run lengths"),
        ({"segmentation": [[1, 1, 5, 1, 5, 5]]}, "from_polygons"),
    ],
)
def test_a_coco_mask_that_does_not_fit_is_refused(annotation, says):
    with pytest.raises(ImageInputError, match=says):
        Mask.from_coco(annotation)
