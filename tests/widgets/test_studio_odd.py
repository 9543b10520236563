"""The Studio where something is odd: wrong input from Python, missing keys, models the sandbox lacks."""

from __future__ import annotations

import pytest

import imgwidgets as iw
from imgwidgets.catalog import ImageRequest, current
from imgwidgets.errors import CatalogError, ImageInputError, ParameterError
from imgwidgets.images import to_input, to_mask


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "home"))
    for provider in current().providers.values():
        monkeypatch.delenv(provider.key_variable or "NO_SUCH_KEY", raising=False)
    client = iw.Client(history=False)
    studio = iw.Studio(client=client, prompt="a red fox")
    studio.picker.value = {"quality": "low", "size": "1024x1024"}
    yield studio
    studio.close()
    client.close()


def errors(studio):
    return [item.error for item in studio.grid.items if item.error]


@pytest.mark.parametrize("odd", [1, "fox.png", b"xx", [], [1], {}, (), object()])
def test_what_is_no_result_is_refused_and_nothing_is_changed(studio, odd):
    with pytest.raises(TypeError, match="result is"):
        studio.result = odd
    assert studio.result is None
    assert len(studio.grid) == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"parameters": {"quality": "superb"}}, ParameterError),
        ({"parameters": {"size": "1000x1000"}}, ParameterError),
        ({"model": "nobody-1"}, ParameterError),
        ({"provider": "nobody"}, CatalogError),
        ({"provider": "openai", "model": "dall-e-3", "endpoint": "edits"}, ParameterError),
    ],
)
def test_a_request_that_cannot_be_shown_leaves_the_screen_as_it_was(studio, changes, error):
    before = studio.request
    with pytest.raises(error):
        studio.request = ImageRequest(**{"prompt": "an owl", "model": "gpt-image-2"} | changes)
    assert studio.request == before


def test_a_request_whose_mask_does_not_fit_is_refused_before_anything_changes(studio):
    studio.run()
    assert studio.wait(60)
    picture, before = to_input(studio.result[0]), studio.request
    wrong = ImageRequest(
        prompt="a hat",
        model="gpt-image-2",
        endpoint="edits",
        images=(picture,),
        mask=to_mask(iw.Mask.blank((64, 64)).rectangle((1, 1, 9, 9))),
    )
    with pytest.raises(ImageInputError, match="another size"):
        studio.request = wrong
    with pytest.raises(ImageInputError, match="markup"):
        studio.request = wrong.replace(mask=None, markup=picture)
    assert studio.request == before
    assert studio.image is None


def test_a_mask_set_from_python_is_sent_even_where_marks_were_drawn_before(studio):
    studio.run()
    assert studio.wait(60)
    studio.image = studio.result[0]
    studio.painter.mode = "markup"
    studio.mask = iw.Mask.blank((1024, 1024)).rectangle((100, 100, 300, 300))
    assert studio.request.mask is not None
    assert studio.painter.mode == "mask"


@pytest.mark.parametrize(
    ("provider", "model", "parameters"),
    [
        ("openrouter", "somebody/new-model", {}),
        ("openai", "gpt-image-9", {"quality": "superb", "unheard_of": 3}),
        ("openai-compatible", "gpt-image-2", {"quality": "superb"}),
    ],
)
def test_without_a_key_the_sandbox_answers_for_models_that_it_does_not_have(
    studio, provider, model, parameters
):
    studio.picker.provider = provider
    studio.picker.value = {"model": model, **parameters}
    studio.run()
    assert studio.wait(60)
    assert errors(studio) == []
    assert studio.result is not None
    # The code does the same, where no key is either.
    namespace = {}
    exec(studio.code(), namespace)
    assert namespace["result"].request.parameters == studio.result.request.parameters


def test_the_code_names_the_sandbox_whatever_the_environment_says(studio, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_PROVIDER", "openai")
    assert "iw.Client('sandbox')" in studio.code()


def test_an_open_sweep_tab_follows_provider_and_images(studio):
    studio._turn_to("sweep")
    builder = studio._screen.sweep.children[0]
    assert builder.client is studio._clients.answerer("sandbox").client
    studio.picker.provider = "openai"
    assert builder.client is None, "a sweep does not pretend that the sandbox is the provider"
    builder.start()
    assert "no API key for openai" in builder._said.value
    studio.picker.provider = "sandbox"
    assert builder.client is not None
    studio.run()
    assert studio.wait(60)
    studio.image = studio.result[0]
    assert builder.inputs["image"] is studio.image


@pytest.mark.parametrize("wrong", [{"prompt": None}, {"prompt": 5}, {"folder": None}, {"client": "openai"}])
def test_wrong_arguments_are_told_by_their_names_or_types(wrong):
    with pytest.raises(TypeError):
        iw.Studio(**wrong)
