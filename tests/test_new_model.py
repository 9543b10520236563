"""A new model is a few lines of TOML: it then has validation, a picker, a price and a place in the sandbox."""

import pytest

import imgwidgets as iw
from imgwidgets import catalog

TOML = """
[models.paint-9]
extends = "gpt-image-2"
title = "Paint 9"
aliases = ["paint-9-2027-01-01"]
providers = ["openai"]
parameters.n.maximum = 3
parameters.quality = { values = ["auto", "low", "ultra"], near = { high = "ultra" } }
parameters.grain = { type = "integer", default = 0, minimum = 0, maximum = 9, help = "How coarse the paper is." }
rules.grain-needs-ultra = { when_given = ["grain"], require = { quality = ["ultra"] }, message = "only ultra shows the paper" }
price.grid = { low = 16, ultra = 128 }
"""


@pytest.fixture
def paint(tmp_path, monkeypatch):
    file = tmp_path / "paint.toml"
    file.write_text(TOML, "utf-8")
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(file))
    return "paint-9"


def test_it_is_listed_where_it_is_served(paint):
    assert paint in [model.name for model in iw.models(provider="openai")]
    assert paint in [model.name for model in iw.models(provider="sandbox", endpoint="edits")]
    assert paint not in [model.name for model in iw.models(provider="ttapi")]


def test_it_is_validated_with_its_own_words(paint):
    with iw.Client() as client, pytest.raises(iw.errors.ParameterError) as refused:
        client.generate("a fox", model=paint, n=4, quality="high", grain=2)
    found = {problem.parameter: problem for problem in refused.value.problems}
    assert found["n"].suggestion == 3
    assert found["quality"].suggestion == "ultra"
    with iw.Client() as client, pytest.raises(iw.errors.ParameterError, match="only ultra shows the paper"):
        client.generate("a fox", model=paint, quality="low", grain=2)


def test_it_has_a_picker_and_a_price(paint):
    picker = iw.ParameterPicker(paint, provider="openai")
    assert picker.choices["quality"] == ("auto", "low", "ultra")
    picker.value = {"quality": "ultra", "grain": 5, "size": "1024x1024"}
    assert picker.value == {"model": paint, "quality": "ultra", "grain": 5, "size": "1024x1024"}
    low, high = picker.estimate
    tokens, _ = catalog.output_tokens(catalog.current().model(paint), (1024, 1024), "ultra")
    assert low == pytest.approx(tokens * 30 / 1e6)
    assert low <= high
    picker.close()


def test_the_sandbox_accepts_it_and_refuses_the_rest(paint):
    with iw.Client() as client:
        result = client.generate("a fox", model=paint, quality="ultra", grain=5, size="1024x1024")
        assert result[0].size == (1024, 1024)
        assert result.cost == pytest.approx(result.usage.output_tokens * 30 / 1e6, rel=0.01)
        assert client.generate("a fox", model="paint-9-2027-01-01", quality="low", size="1024x1024")[0].size
        edited = client.edit(result[0], "a hat", model=paint, quality="low", size="1024x1024")
        assert edited[0].size == (1024, 1024)
    with iw.Sandbox(provider="openai") as sandbox:
        open_world = iw.Client("openai", base_url=sandbox.base_url, api_key="any")
        assert len(open_world.generate("a fox", model=paint, quality="low", size="1024x1024", n=2)) == 2
        open_world.close()
