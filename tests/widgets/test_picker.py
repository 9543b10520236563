import html
import threading

import ipywidgets
import pytest
from widgets.picking import row, shown, texts, visible

import imgwidgets as iw
from imgwidgets.catalog import models
from imgwidgets.errors import CatalogError, ParameterError
from imgwidgets.widgets import ParameterPicker


def test_it_is_a_vbox_that_refuses_unknown_keywords():
    picker = ParameterPicker("gpt-image-2")
    assert isinstance(picker, ipywidgets.VBox)
    with pytest.raises(TypeError):
        ParameterPicker("gpt-image-2", qualty="low")


def test_without_arguments_it_is_the_sandbox_and_its_default_model(monkeypatch):
    assert ParameterPicker().provider == "sandbox"
    assert ParameterPicker().model == "gpt-image-2"
    monkeypatch.setenv("IMGWIDGETS_PROVIDER", "kkiai")
    picker = ParameterPicker(endpoint="edits")
    assert (picker.provider, picker.value) == ("kkiai", {"model": "gpt-image-1"})


def test_clicks_and_the_value_are_one():
    picker = ParameterPicker("gpt-image-2", provider="openai")
    seen = []
    picker.observe(lambda change: seen.append(change["new"]), "value")
    row(picker, "quality").input.value = "low"
    row(picker, "n").slider.value = 4
    row(picker, "size").presets.value = "1536x1024"
    assert picker.value == {"model": "gpt-image-2", "size": "1536x1024", "quality": "low", "n": 4}
    assert len(seen) == 3
    assert row(picker, "n").number.value == 4
    assert "4 images" in picker._desk.screen.price.value
    picker.value = {"quality": "high"}
    assert row(picker, "quality").input.value == "high"
    assert row(picker, "n").slider.value == 1
    assert picker.value == {"model": "gpt-image-2", "quality": "high"}


def test_the_value_that_is_handed_out_is_a_copy():
    picker = ParameterPicker("gpt-image-2")
    picker.value["n"] = 99
    assert picker.value == {"model": "gpt-image-2"}


def test_an_invalid_assignment_raises_and_changes_nothing():
    picker = ParameterPicker("gpt-image-2")
    picker.value = {"quality": "low"}
    with pytest.raises(ParameterError, match="1008x1008"):
        picker.value = {"size": "1000x1000"}
    assert picker.value == {"model": "gpt-image-2", "quality": "low"}
    with pytest.raises(ParameterError):
        picker.model = "no-such-model"
    assert picker.model == "gpt-image-2"
    with pytest.raises(CatalogError):
        picker.endpoint = "variations"
    with pytest.raises(CatalogError):
        picker.provider = "nobody"
    assert (picker.endpoint, picker.provider) == ("generations", "sandbox")


def test_rows_come_and_go_with_what_applies():
    picker = ParameterPicker("gpt-image-2")
    assert "output_compression" not in shown(picker)
    assert "output compression" in picker._desk.screen.rest.value
    row(picker, "output_format").input.value = "jpeg"
    assert "output_compression" in shown(picker)
    row(picker, "output_compression").slider.value = 30
    row(picker, "background").input.value = "transparent"
    assert picker.value == {"model": "gpt-image-2", "background": "transparent"}
    assert "jpeg → png" in picker._desk.screen.remarks.value
    assert "jpeg off" in row(picker, "output_format").help.value
    assert dict(row(picker, "output_format").input.options) == {"png": "png", "webp": "webp"}


def test_switching_the_model_rebuilds_and_restores():
    picker = ParameterPicker("gpt-image-2.5-flare")
    picker.value = {"quality": "xhigh", "size": "2048x2048"}
    picker.model = "gpt-image-1.5"
    assert picker.value == {"model": "gpt-image-1.5", "quality": "high", "size": "1024x1024"}
    assert "xhigh → high" in picker._desk.screen.remarks.value
    assert "shutdown 2026-12-01" in picker._desk.screen.badges.value
    picker._desk.screen.models.value = "gpt-image-2.5-flare"
    assert picker.value == {"model": "gpt-image-2.5-flare", "size": "2048x2048", "quality": "xhigh"}


def test_typed_sizes_snap_and_explain():
    picker = ParameterPicker("gpt-image-2")
    size = row(picker, "size")
    assert size.free.layout.display == "none"
    size.presets.value = size.presets.options[-1][1]
    assert size.free.layout.display is None
    size.width.value = 1000
    assert picker.value["size"] == "1008x1024"
    assert size.width.value == 1008
    assert "1000 → 1008: multiples of 16" in size.help.value
    size.swap.click()
    assert picker.value["size"] == "1024x1008"
    size.lock.value = True
    size.width.value = 2048
    assert picker.value["size"] == "2048x2016"
    assert "experimental" in size.said.value


def test_an_unknown_model_can_be_typed_where_the_provider_may_have_it():
    picker = ParameterPicker("gpt-image-2", provider="openai")
    picker._desk.screen.models.value = ""
    picker._desk.screen.name.value = "gpt-image-9"
    assert picker.value == {"model": "gpt-image-9"}
    assert "not checked" in picker._desk.screen.badges.value
    assert "no price known" in picker._desk.screen.price.value


def test_another_model_can_be_typed_only_where_other_names_are_taken():
    offered = {
        p: [label for label, _ in ParameterPicker(provider=p)._desk.screen.models.options]
        for p in ("sandbox", "openai")
    }
    assert "another model…" not in offered["sandbox"]
    assert "another model…" in offered["openai"]


def test_an_error_of_a_click_is_shown_in_the_picker():
    picker = ParameterPicker("gpt-image-2", provider="openai")
    picker._desk.moved(provider="<b>nothing</b>")
    assert picker.model == "gpt-image-2"
    assert "&lt;b&gt;nothing" in picker._desk.screen.remarks.value
    assert "<b>" not in texts(picker)
    row(picker, "quality").input.value = "low"
    assert "alert" not in picker._desk.screen.remarks.value


def test_names_from_a_catalog_cannot_bring_markup(tmp_path, monkeypatch):
    file = tmp_path / "mine.toml"
    file.write_text(
        '[models.evil]\nextends = "gpt-image-2"\nnote = "<img src=x onerror=alert(1)>"\n'
        'parameters.quality.help = "<script>alert(1)</script> $x$"\n'
    )
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(file))
    picker = ParameterPicker("evil")
    assert "<img" not in texts(picker)
    assert "<script" not in row(picker, "quality").help.value
    assert "$x$" not in row(picker, "quality").help.value


def test_reset_takes_back_one_or_all():
    picker = ParameterPicker("gpt-image-2")
    picker.value = {"quality": "low", "n": 3}
    assert "iw-changed" in row(picker, "n").widget._dom_classes
    row(picker, "n").reset.click()
    assert picker.value == {"model": "gpt-image-2", "quality": "low"}
    picker.reset()
    assert picker.value == {"model": "gpt-image-2"}
    picker.value = {"n": 2}
    picker.reset("n")
    assert picker.value == {"model": "gpt-image-2"}


def test_who_observes_the_value_may_change_it():
    picker = ParameterPicker("gpt-image-2")

    def keep_small(change):
        if change["new"].get("n", 1) > 2:
            picker.value = {**change["new"], "n": 2}

    picker.observe(keep_small, "value")
    row(picker, "n").slider.value = 9
    assert picker.value["n"] == 2
    assert row(picker, "n").slider.value == 2


def test_every_control_has_a_name_and_a_help_text():
    for model in models(provider="sandbox"):
        for endpoint in model.endpoints:
            picker = ParameterPicker(model.name, endpoint=endpoint)
            for part in visible(picker):
                assert part.description, part
                assert part.tooltip, part
            for one in picker._desk.screen.rows:
                assert one.control.name not in shown(picker) or one.control.help in html.unescape(
                    one.help.value
                )
            picker.close()


def test_switching_to_and_fro_makes_no_more_widgets_and_closing_frees_them():
    def living():
        return {key for key, one in ipywidgets.widget._instances.items() if not is_setting(one)}

    def is_setting(one):  # ipywidgets frees no layout and no style
        return isinstance(one, ipywidgets.Layout | ipywidgets.Style)

    before = living()
    picker = ParameterPicker("gpt-image-2")
    names = ("gpt-image-2.6-flare", "dall-e-3", "gpt-image-1.5", "gpt-image-2")
    for name in names:
        picker.model = name
    after = living()
    for name in names * 3:
        picker.model = name
    assert living() == after
    picker.close()
    assert living() == before


def test_two_threads_may_click_at_once():
    picker = ParameterPicker("gpt-image-2")
    errors = []

    def click(name, values):
        try:
            for value in values * 10:
                row(picker, name).input.value = value
        except Exception as error:  # noqa: BLE001 (handed to the test)
            errors.append(error)

    threads = [
        threading.Thread(target=click, args=("quality", ["low", "high", "auto"])),
        threading.Thread(target=click, args=("output_format", ["jpeg", "png"])),
        threading.Thread(target=click, args=("background", ["opaque", "auto"])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert picker.problems == ()
    assert picker.value == picker._state.value


def test_the_value_goes_straight_into_a_request():
    picker = iw.ParameterPicker("gpt-image-2", endpoint="edits")
    picker.value = {"size": "1536x1024", "quality": "low"}
    assert picker.code() == (
        "client.edit(image, prompt, mask=mask, model='gpt-image-2', size='1536x1024', quality='low')"
    ) or picker.code().startswith("client.edit(\n")
    assert picker.estimate is not None
    assert repr(picker) == "<ParameterPicker 'gpt-image-2', size='1536x1024', quality='low'>"
