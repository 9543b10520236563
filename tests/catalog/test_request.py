"""A request is a value: equal, hashed and told apart by what it asks."""

from __future__ import annotations

import pytest

from imgwidgets.catalog import ImageInput, ImageRequest

FOX = ImageRequest(prompt="a fox", model="gpt-image-2", parameters={"size": "1024x1024", "n": 2})


def test_the_order_of_parameters_does_not_matter():
    other = FOX.replace(parameters={"n": 2, "size": "1024x1024"})
    assert other == FOX
    assert hash(other) == hash(FOX)
    assert {FOX: 1}[other] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "an owl"},
        {"model": "gpt-image-1"},
        {"provider": "openai"},
        {"endpoint": "edits"},
        {"parameters": {"size": "1024x1024", "n": 3}},
        {"images": (ImageInput(data=b"a"),)},
        {"mask": ImageInput(data=b"a")},
        {"markup": ImageInput(data=b"a")},
    ],
)
def test_any_difference_is_another_request(change):
    assert FOX.replace(**change) != FOX
    assert FOX.replace(**change).key != FOX.key


def test_an_image_is_known_by_its_content_not_its_name():
    named = [FOX.replace(images=(ImageInput(data=b"pixels", name=name),)) for name in ("a.png", "b.png")]
    assert named[0] == named[1]


def test_a_request_cannot_be_changed():
    with pytest.raises(AttributeError):
        FOX.prompt = "an owl"


def test_reprs_do_not_print_megabytes():
    assert len(repr(ImageInput(data=b"x" * 10_000_000, format="png"))) < 100
