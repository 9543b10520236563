"""Reading TOML: inheritance, overrides, a user's files, and errors that name file, key and reason."""

from __future__ import annotations

import pytest

import imgwidgets as iw
from imgwidgets import catalog
from imgwidgets.catalog import ImageRequest, check, load
from imgwidgets.errors import CatalogError


@pytest.fixture
def user_catalog(tmp_path, monkeypatch):
    """Give a function that writes a user's catalog file and puts it in force."""
    folder = tmp_path / "catalog"
    folder.mkdir()
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(folder))

    def write(text: str, name: str = "mine.toml"):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


NEW_MODEL = """
[models.gpt-image-3]
extends = "gpt-image-2"
title = "GPT Image 3"
providers = ["openai"]
parameters.quality.values = ["auto", "low", "ultra"]
parameters.seed = { type = "integer", minimum = 0, help = "The same seed gives the same picture." }
price.grid = { low = 16, ultra = 128 }
"""


def test_every_promised_provider_is_there():
    assert {"sandbox", "openai", "ttapi", "kkiai", "openai-compatible"} <= set(catalog.current().providers)


def test_every_model_of_the_provider_pages_is_served():
    names = {p: {m.name for m in iw.models(provider=p)} for p in ("ttapi", "kkiai", "openai")}
    assert names["ttapi"] == {"gpt-image-2", "gpt-image-1.5", "gpt-image-1", "dall-e-2", "dall-e-3"}
    assert names["kkiai"] == {"gpt-image-1", "gpt-image-1-all", "flux-kontext-pro", "flux-kontext-max"}
    assert {"gpt-image-2.6-flare", "gpt-image-2.5-sunburst", "gpt-image-1-mini", "dall-e-3"} <= names[
        "openai"
    ]


def test_the_sandbox_serves_every_model_of_the_catalog():
    everywhere = {model.name for model in iw.models() if model.name != "*"}
    assert everywhere == {model.name for model in iw.models(provider="sandbox")}


def test_models_are_listed_by_endpoint():
    assert "dall-e-3" not in [m.name for m in iw.models(provider="openai", endpoint="edits")]
    assert "dall-e-3" in [m.name for m in iw.models(provider="openai", endpoint="generations")]
    assert {m.provider for m in iw.models(provider="kkiai")} == {"kkiai"}


def test_an_unknown_endpoint_or_provider_is_named_with_the_way_out():
    with pytest.raises(CatalogError, match=r"no endpoint 'variations'.*'generations' or 'edits'"):
        iw.models(endpoint="variations")
    with pytest.raises(CatalogError, match=r"no provider 'opnai'.*did you mean 'openai'"):
        iw.models(provider="opnai")


def test_dated_names_are_the_same_model():
    assert catalog.current().model("gpt-image-2-2026-04-21", "openai").name == "gpt-image-2"


def test_a_retired_model_carries_date_and_replacement():
    model = catalog.current().model("gpt-image-1", "openai")
    assert str(model.retires) == "2026-10-23"
    assert model.replacement == "gpt-image-2"


def test_a_model_inherits_from_its_family_and_says_only_what_differs():
    two, first = (
        catalog.current().model(n, "openai").endpoints["generations"] for n in ("gpt-image-2", "gpt-image-1")
    )
    assert two.parameters["prompt"] == first.parameters["prompt"]
    assert two.parameters["size"].size.max_pixels == 8_294_400
    assert first.parameters["size"].size is None


def test_a_new_model_needs_toml_only(user_catalog):
    user_catalog(NEW_MODEL)
    model = next(m for m in iw.models(provider="openai") if m.name == "gpt-image-3")
    assert model.title == "GPT Image 3"
    assert model.aliases == ()
    asked = ImageRequest(
        prompt="a fox", model="gpt-image-3", provider="openai", parameters={"quality": "ultra", "seed": 7}
    )
    assert check(asked) == ()
    refused = asked.replace(parameters={"quality": "high"})
    assert check(refused)[0].parameter == "quality"
    low, high = catalog.estimate(asked.replace(parameters={"quality": "ultra", "size": "1024x1024"}))
    assert low == high == pytest.approx(0.3746, abs=0.001)
    assert "gpt-image-3" in [m.name for m in iw.models(provider="sandbox")]


def test_a_changed_user_file_is_seen_at_the_next_call(user_catalog):
    user_catalog(NEW_MODEL)
    assert catalog.current().model("gpt-image-3", "openai")
    user_catalog(NEW_MODEL.replace("gpt-image-3", "gpt-image-33"))
    assert catalog.current().model("gpt-image-3", "openai") is None
    assert catalog.current().model("gpt-image-33", "openai")


def test_a_single_file_may_be_named_and_overrides_a_known_model(tmp_path, monkeypatch):
    file = tmp_path / "mine.toml"
    file.write_text("[models.gpt-image-2]\nparameters.n.maximum = 4\n")
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(file))
    parameters = catalog.current().model("gpt-image-2").endpoints["generations"].parameters
    assert (parameters["n"].minimum, parameters["n"].maximum) == (1, 4)


def test_files_in_the_users_configuration_folder_are_read(tmp_path, monkeypatch):
    monkeypatch.delenv("IMGWIDGETS_CATALOG", raising=False)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    (tmp_path / "imgwidgets").mkdir()
    (tmp_path / "imgwidgets" / "mine.toml").write_text(NEW_MODEL)
    assert catalog.current().model("gpt-image-3", "openai")


def test_a_new_provider_needs_toml_only(user_catalog):
    user_catalog("""
[providers.mine]
title = "My server"
base_url = "http://127.0.0.1:8000/v1"
key_variable = "MY_KEY"
default_model = "gpt-image-2"
serves = ["gpt-image-2"]
borrowed = true
endpoints.generations.path = "/images/generations"
models.gpt-image-2.parameters.n.maximum = 1
""")
    assert catalog.current().provider("mine").base_url == "http://127.0.0.1:8000/v1"
    assert [model.name for model in iw.models(provider="mine")] == ["gpt-image-2"]
    assert iw.models(provider="mine")[0].endpoints["generations"].parameters["n"].maximum == 1


def test_a_missing_catalog_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(CatalogError, match=r"nowhere\.toml.*does not exist"):
        catalog.current()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("models = [", r"mine\.toml is not valid TOML"),
        ("[modells.x]", r"mine\.toml: modells: unknown table; use one of families, models, providers"),
        (
            "[models.x]\nextend = 'gpt-image-2'",
            r"mine\.toml: models\.x\.extend: unknown key; did you mean 'extends'",
        ),
        (
            "[models.x]\nextends = 'gpt-imag'",
            r"mine\.toml: models\.x\.extends: there is no family or model 'gpt-imag'.*'gpt-image'",
        ),
        (
            "[models.x]\nextends = 'y'\n[models.y]\nextends = 'x'",
            r"mine\.toml: models\.[xy]\.extends: it extends itself",
        ),
        ("[models.x]\nparameters.n = 3", r"mine\.toml: models\.x\.parameters\.n: must be a table, not 3"),
        (
            "[models.x]\nparameters.n = { type = 'int' }",
            r"mine\.toml: models\.x\.parameters\.n\.type: Invalid enum value 'int'",
        ),
        (
            "[models.x]\nparameters.n = { minimun = 1 }",
            r"mine\.toml: models\.x\.parameters\.n\.minimun: unknown key; did you mean 'minimum'",
        ),
        (
            "[models.x]\nextends = 'gpt-image-2'\nparameters.n = { minimum = 5, maximum = 2 }",
            r"mine\.toml: models\.x\.generations\.parameters\.n: its minimum 5.* is above its maximum 2",
        ),
        (
            "[models.x]\nextends = 'gpt-image-2'\nparameters.quality.values = ['low']",
            r"mine\.toml: models\.x\.generations\.parameters\.quality: its default 'auto' is not among its values",
        ),
        ("[models.x]\nretires = 'soon'", r"mine\.toml: models\.x\.retires: "),
        (
            "[models.x]\nendpoints = ['variations']",
            r"mine\.toml: models\.x\.endpoints: there is no endpoint 'variations'",
        ),
        (
            "[models.x]\nprice.image_output = 'much'",
            r"mine\.toml: models\.x\.price\.image_output: Expected `float",
        ),
        ("[models.x]\nrules.r = { when = 3 }", r"mine\.toml: models\.x\.rules\.r\.when: "),
        ("[models.x]\nextends='gpt-image-2'\nrules.r = { need = ['n'] }", r"models\.x\.generations.*message"),
        (
            "[providers.p]\nserves = ['nothing']",
            r"mine\.toml: providers\.p\.serves: there is no model 'nothing'",
        ),
        ("[providers.p]\nprices = 'free'", r"mine\.toml: providers\.p\.prices: use 'maker' or 'own'"),
        ("[providers.p]\nurl = 'x'", r"mine\.toml: providers\.p\.url: unknown key"),
        (
            "[providers.p]\ndefault_model = 'gpt-image-2'",
            r"mine\.toml: providers\.p\.default_model: it does not serve 'gpt-image-2'",
        ),
        (
            "[providers.p]\nendpoints.edits.bodies = ['xml']",
            r"mine\.toml: providers\.p\.endpoints\.edits\.bodies: Invalid enum value 'xml'",
        ),
    ],
)
def test_a_bad_file_is_refused_with_file_key_and_reason(tmp_path, text, expected):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(CatalogError, match=expected):
        load([file])


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match=r"mine\.toml cannot be read"):
        load([file])


def test_the_packages_own_files_are_without_contradiction():
    load([]).verify()


@pytest.mark.parametrize("provider", list(catalog.current().providers))
def test_a_default_model_is_served_and_what_is_not_verified_says_so(provider):
    entry = catalog.current().provider(provider)
    assert not entry.default_model or catalog.current().model(entry.default_model, provider)
    assert entry.documentation
    for model in iw.models(provider=provider):
        assert model.source or model.unverified
        assert entry.unverified in model.unverified
        assert ("unverified" in repr(model)) == bool(model.unverified)


def test_a_server_with_models_of_its_own_takes_any_name():
    model = catalog.current().model("qwen-image", "vllm-omni")
    assert model.name == "qwen-image"
    assert model.endpoints["edits"].call.mask_polarity == "white"
    assert (
        check(ImageRequest(prompt="a fox", model="qwen-image", provider="vllm-omni", parameters={"seed": 3}))
        == ()
    )
    assert "pass model=" in check(ImageRequest(prompt="a fox", model="", provider="vllm-omni"))[0].message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "providers = ['opnai']",
            r"models\.x\.providers: there is no provider 'opnai'; did you mean 'openai'",
        ),
        ("parameters.size.size.multiple_of = 0", r"size\.multiple_of must be above 0, not 0"),
        (
            "parameters.size.size.min_pixels = 9000000",
            r"size\.min_pixels 9,000,000 is above size\.max_pixels",
        ),
        ("parameters.size.values = ['auto', 'big']", r"parameters\.size: 'big' is no size"),
        ("price.image_output = -5", r"price\.image_output holds -5.*no price"),
        ("price.image_output = nan", r"price\.image_output holds nan"),
        ("price.grid.low = -1", r"price\.grid holds -1"),
        ("aliases = ['gpt-image-1']", r"models\.x\.aliases: 'gpt-image-1' is a model of its own"),
        (
            "rules.r = { message = 'no', when = { bakground = ['auto'] } }",
            r"models\.x\.rules\.r: there is no parameter 'bakground'; did you mean 'background'",
        ),
    ],
)
def test_what_cannot_be_true_of_a_model_is_refused(tmp_path, text, expected):
    file = tmp_path / "mine.toml"
    file.write_text(f"[models.x]\nextends = 'gpt-image-2'\n{text}")
    with pytest.raises(CatalogError, match=expected):
        load([file])


def test_a_date_of_one_provider_is_not_said_of_another():
    assert catalog.current().model("gpt-image-1-all", "kkiai").retires is None
    notes = catalog.notes(
        ImageRequest(prompt="a fox", model="gpt-image-1", provider="kkiai", endpoint="edits")
    )
    assert not any("use gpt-image-2" in note for note in notes), "kkiai does not serve it"
