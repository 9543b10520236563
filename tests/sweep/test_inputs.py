"""Images, masks and markups as axes: read once, named, rescaled to each cell's image."""

import numpy as np
import pytest
from PIL import Image

import imgwidgets as iw
from imgwidgets import catalog
from imgwidgets.errors import ImageInputError
from imgwidgets.images import sniff


def picture(width, height, value=90):
    return np.full((height, width, 3), value, np.uint8)


def cells(*arguments, **axes):
    return iw.Sweep(*arguments, model="openai:gpt-image-2", **axes).plan(history=False)


def test_giving_an_image_makes_it_an_edit_and_none_a_generation():
    without, edit = cells("a fox", image=[None, picture(64, 64)])
    assert (without.request.endpoint, edit.request.endpoint) == ("generations", "edits")
    assert (without.valid, edit.valid) == (True, True)
    assert edit.request.images[0].size == (64, 64)
    assert [cell.values["image"] for cell in (without, edit)] == ["not given", "image 2"]


def test_a_tuple_is_several_images_of_one_cell():
    one, two = cells("merge", image=[picture(64, 64), (picture(64, 64), picture(32, 32))])
    assert [len(cell.request.images) for cell in (one, two)] == [1, 2]
    [fixed] = cells("merge", image=(picture(64, 64), picture(32, 32)))
    assert len(fixed.request.images) == 2
    assert fixed.values == {}


def test_images_are_named_by_files_labels_and_numbers(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (32, 32), (folder == "a" and "red") or "blue").save(tmp_path / folder / "cat.png")
    found = cells(
        "a hat",
        image=[
            str(tmp_path / "a" / "cat.png"),
            tmp_path / "b" / "cat.png",
            "https://example.org/x/dog.png?size=2",
            {"file_id": "file-7"},
            picture(8, 8),
            (tmp_path / "a" / "cat.png", picture(8, 8)),
        ],
    )
    names = [cell.values["image"] for cell in found]
    assert names == ["cat.png", "cat.png (2)", "dog.png", "file-7", "image 5", "cat.png + image"]
    labelled = cells("a hat", image={"the cat": picture(32, 32), "none": None})
    assert [cell.values["image"] for cell in labelled] == ["the cat", "none"]


@pytest.mark.parametrize("reference", [{"file_id": "file-7"}, {"image_url": "https://example.org/a.png"}])
def test_a_reference_is_no_dict_of_names(reference):
    [cell] = cells("a hat", image=reference)
    assert cell.request.images[0].data is None


def test_the_same_mask_is_rescaled_to_each_cells_first_image():
    mask = iw.Mask.blank((64, 64)).rectangle((0, 0, 32, 64))
    found = cells(
        "a hat", image=[picture(64, 64), (picture(128, 128), picture(16, 16)), picture(192, 96)], mask=mask
    )
    assert [cell.request.mask.size for cell in found] == [(64, 64), (128, 128), (192, 96)]
    assert all(cell.valid for cell in found)
    for cell in found:
        width, height = cell.request.images[0].size
        selected = iw.Mask.from_image(cell.request.mask.data).selected
        assert selected[:, : width // 2].all()
        assert not selected[:, width // 2 :].any()
        assert selected.shape == (height, width)
    assert [cell.notes for cell in found] == [
        (),
        (),
        ("the mask is 64x64, its image 192x96: it is stretched to fit",),
    ]


def test_masks_are_an_axis_in_every_form_they_take(tmp_path):
    alpha = np.full((64, 64), 255, np.uint8)
    alpha[:32] = 0
    path = tmp_path / "half.png"
    path.write_bytes(iw.Mask.from_array(alpha).to_png())
    masks = [None, alpha, alpha == 0, path, path.read_bytes(), iw.Mask.from_array(alpha), Image.open(path)]
    found = cells("a hat", image=picture(64, 64), mask=masks)
    assert [cell.values["mask"] for cell in found] == [
        "not given",
        "mask 2",
        "mask 3",
        "half.png",
        "mask 5",
        "mask 6",
        "mask 7",
    ]
    assert found[0].request.mask is None
    for cell in found[1:]:
        assert np.array_equal(iw.Mask.from_image(cell.request.mask.data).alpha, alpha)


def test_a_mask_without_an_image_is_an_invalid_cell_and_an_empty_one_has_a_note():
    empty = iw.Mask.blank((64, 64))
    alone, edit = cells("a hat", image=[None, picture(64, 64)], mask=empty)
    assert "takes no mask" in alone.problems[0].message or "take no mask" in alone.problems[0].message
    assert "selects nothing" in edit.notes[0]


def test_a_mask_of_an_image_whose_size_is_not_known_is_sent_as_it_is():
    mask = iw.Mask.blank((64, 64)).rectangle((0, 0, 32, 64))
    [cell] = cells("a hat", image={"file_id": "file-7"}, mask=mask)
    assert cell.request.mask.size == (64, 64)
    assert "its size is not known" in cell.notes[0]


def test_a_markup_of_another_size_is_refused_by_the_catalog():
    markup = Image.new("RGBA", (64, 64))
    good, bad = iw.Sweep(
        "a hat", image=[picture(64, 64), picture(32, 32)], markup=markup, model="openai:gpt-image-2.5-flare"
    ).plan(history=False)
    assert good.valid
    assert "markup is 64x64" in bad.problems[0].message


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"image": ["/nowhere/x.png"]}, "image 'x.png'.*no file"),
        ({"image": {"mine": b"no image"}}, "image 'mine'.*no image"),
        ({"image": [()]}, "empty tuple"),
        ({"image": 3}, "got int"),
        ({"mask": [Image.new("L", (8, 8))]}, "mask 'mask 1'.*without transparency"),
        ({"markup": [(Image.new("RGBA", (8, 8)),) * 2]}, "one markup"),
    ],
)
def test_an_input_that_cannot_be_read_is_said_when_the_sweep_is_made(axes, said):
    with pytest.raises(ImageInputError, match=said):
        iw.Sweep("a hat", **axes)


def test_an_input_is_hashed_once_however_many_cells_it_is_in():
    image = catalog.ImageInput(data=b"x", format="png", size=(8, 8))
    first = image.identity
    assert image.__dict__ == {"identity": first}, "the key of each of 10,000 cells asks for it"


def test_files_are_sent_as_they_were_when_the_sweep_was_made(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 32), "red").save(path)
    sweep = iw.Sweep("a hat", image=[path])
    path.unlink()
    [cell] = sweep.cells()
    assert sniff(cell.request.images[0].data).size == (32, 32)
