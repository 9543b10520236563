"""Each control of the picker: what it is, what it does with what is typed, what it says."""

import html

import ipywidgets as widgets
import pytest
from widgets.picking import KNOWN, row, shown, texts, visible

from imgwidgets.catalog import current
from imgwidgets.errors import ParameterError
from imgwidgets.widgets import ParameterPicker
from imgwidgets.widgets.picker.size import shapes
from imgwidgets.widgets.picker.state import PickerState


def chips(picker):
    return [label for label, _ in row(picker, "size").shapes.options]


# -- which control --------------------------------------------------------------------------------------


def test_the_control_suits_the_parameter_in_every_place_of_the_catalog():
    for provider, model, endpoint in KNOWN:
        state = PickerState(model, endpoint=endpoint, provider=provider)
        for control in state.controls:
            parameter = state.view.parameters[control.name]
            count = len(parameter.values) + (parameter.default is None)
            low, high = parameter.minimum, parameter.maximum
            bounded = low is not None and high is not None
            expected = {
                "boolean": "toggle",
                "choice": "open" if parameter.open else "toggle" if 2 <= count <= 4 else "dropdown",
                "integer": "slider" if bounded and high - low <= 1000 else "number",
                "number": "slider" if bounded and high - low <= 1000 else "number",
                "size": "size",
                "text": "text",
                "object": "fields" if parameter.fields else "json",
            }[parameter.type]
            if control.kind == "fixed":
                assert parameter.default is not None
                assert parameter.values == (parameter.default,) or low == high == parameter.default
            else:
                assert control.kind == expected, (provider, model, control.name)


def test_every_control_of_every_provider_has_a_name_and_a_help_text():
    for provider in current().providers:
        place = next(place for place in KNOWN if place[0] == provider)
        picker = ParameterPicker(place[1], endpoint=place[2], provider=provider)
        for part in visible(picker):
            assert part.description, part
            assert part.tooltip, part
        for one in picker._desk.screen.rows:
            assert one.control.help
            assert one.control.name not in shown(picker) or one.control.help in html.unescape(one.help.value)
        picker.close()


# -- numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["openai", "azure"])
def test_a_number_beyond_its_range_becomes_the_nearest_and_that_is_said(provider):
    picker = ParameterPicker("gpt-image-2", provider=provider)
    n = row(picker, "n")
    n.number.value = 99
    assert picker.value["n"] == 10
    assert n.number.value == n.slider.value == 10
    assert "99 → 10: 1 to 10" in n.help.value
    n.number.value = 4
    assert "→" not in n.help.value
    n.number.value = -3
    assert "n" not in picker.value
    assert "-3 → 1: 1 to 10" in n.help.value


def test_from_python_nothing_is_bent():
    picker = ParameterPicker("gpt-image-2")
    picker.value = {"n": 4}
    for value, nearest in (
        ({"n": 99}, 10),
        ({"n": 0}, 1),
        ({"n": 2.0}, 2),
        ({"size": (1000, 1000)}, "1008x1008"),
    ):
        with pytest.raises(ParameterError) as caught:
            picker.value = value
        [problem] = caught.value.problems
        assert problem.suggestion == nearest
        assert str(nearest) in str(caught.value)
    for value in ({"n": True}, {"n": "4"}, {3: 4}, {"prompt": "a fox"}):
        with pytest.raises(ParameterError):
            picker.value = value
    assert picker.value == {"model": "gpt-image-2", "n": 4}


def test_a_number_whose_default_is_not_known_can_be_left_open():
    picker = ParameterPicker("any/model", provider="openrouter")
    n, seed = row(picker, "n"), row(picker, "seed")
    assert n.number.value == seed.number.value == ""
    assert "iw-unset" in n.slider._dom_classes
    n.slider.value = 3
    seed.number.value = "7"
    assert picker.value == {"model": "any/model", "n": 3, "seed": 7}
    assert n.number.value == "3"
    n.number.value = "44"
    assert picker.value["n"] == 10
    assert "44 → 10" in n.help.value
    n.number.value = ""
    seed.reset.click()
    assert picker.value == {"model": "any/model"}
    seed.number.value = "lucky"
    assert "seed='lucky'" in html.unescape(texts(picker))
    assert picker.value == {"model": "any/model"}
    assert seed.number.value == ""


# -- choices, objects -----------------------------------------------------------------------------------


def test_another_value_can_be_typed_where_the_list_is_open():
    picker = ParameterPicker("flux-kontext-pro", provider="kkiai", endpoint="edits")
    ratio = row(picker, "aspect_ratio")
    assert ratio.other.layout.display == "none"
    ratio.known.value = "16:9"
    assert picker.value["aspect_ratio"] == "16:9"
    ratio.known.index = len(ratio.known.options) - 1
    assert ratio.other.layout.display is None
    ratio.other.value = "5:4"
    assert picker.value["aspect_ratio"] == "5:4"
    ratio.known.index = 0
    assert "aspect_ratio" not in picker.value


def test_the_only_value_is_shown_and_not_asked_for():
    picker = ParameterPicker("dall-e-3", provider="openai")
    assert picker.choices["n"] == (1, 1)
    assert isinstance(row(picker, "n").input, widgets.HTML)
    assert ">1<" in row(picker, "n").input.value


def test_an_object_has_a_control_for_each_field():
    picker = ParameterPicker("gpt-image-2.6-flare")
    row(picker, "output_format").input.value = "svg"
    svg = row(picker, "svg")
    svg.fields["model",].value = "gpt-5"
    svg.fields["reasoning", "effort"].value = "low"
    assert picker.value["svg"] == {"model": "gpt-5", "reasoning": {"effort": "low"}}
    svg.fields["model",].value = ""
    svg.fields["reasoning", "effort"].index = 0
    assert picker.value == {"model": "gpt-image-2.6-flare", "output_format": "svg"}
    picker.value = {"output_format": "svg", "svg": {"model": "gpt-5", "seed": 3}}
    svg.fields["reasoning", "effort"].value = "high"
    assert picker.value["svg"] == {"model": "gpt-5", "seed": 3, "reasoning": {"effort": "high"}}


def test_streaming_brings_partial_images():
    picker = ParameterPicker("gpt-image-2", provider="openai")
    assert "partial_images" not in shown(picker)
    assert "only by streaming" in picker._desk.screen.rest.value
    row(picker, "stream").input.value = True
    assert "partial_images" in shown(picker)
    row(picker, "partial_images").slider.value = 2
    _, high = picker.estimate
    assert picker.code() == "client.generate(prompt, model='gpt-image-2', stream=True, partial_images=2)"
    row(picker, "stream").input.value = False
    assert picker.value == {"model": "gpt-image-2"}
    assert picker.remarks[0].startswith("partial_images removed: partial pictures come only by streaming")
    assert picker.estimate[1] < high
    row(picker, "stream").input.value = True
    assert picker.value["partial_images"] == 2


# -- sizes ----------------------------------------------------------------------------------------------


def test_sizes_have_named_shapes_that_keep_the_number_of_pixels():
    picker = ParameterPicker("gpt-image-2")
    size = row(picker, "size")
    assert chips(picker) == ["auto", "square", "landscape", "portrait", "wide", "tall"]
    size.shapes.value = "square"
    assert picker.value["size"] == "1024x1024"
    size.presets.value = "2048x2048"
    size.shapes.value = "wide"
    assert picker.value["size"] == "2048x1152"
    size.shapes.value = "tall"
    assert picker.value["size"] == "1152x2048"
    assert (size.width.value, size.height.value) == (1152, 2048)
    assert "2.4 MP" in size.said.value
    size.shapes.value = "auto"
    assert picker.value == {"model": "gpt-image-2"}
    assert size.free.layout.display == "none"


@pytest.mark.parametrize(("provider", "model", "endpoint"), KNOWN)
def test_every_shape_is_a_size_that_is_taken(provider, model, endpoint):
    state = PickerState(model, endpoint=endpoint, provider=provider)
    control = next((control for control in state.controls if control.kind == "size"), None)
    found = shapes(control.values, control.size) if control else {}
    for name, sizes in found.items():
        for size in sizes:
            state.assign({"size": size})
            assert state.problems == (), (name, size)


def test_a_model_with_few_sizes_shows_its_shapes_and_takes_no_other():
    picker = ParameterPicker("gpt-image-1.5")
    size = row(picker, "size")
    assert chips(picker) == ["auto", "square", "landscape", "portrait"]
    assert size.presets.layout.display == "none"
    size.shapes.value = "portrait"
    assert "1024 × 1536 pixels, 1.6 MP" in size.said.value  # noqa: RUF001
    assert size.free.layout.display == "none"
    squares = row(ParameterPicker("dall-e-2"), "size")
    assert squares.presets.options[0][0].startswith("square  256")
    assert squares.presets.layout.display is None


def test_typed_edges_snap_with_their_ratio_held_and_swap():
    picker = ParameterPicker("gpt-image-2")
    size = row(picker, "size")
    size.presets.value = "1536x1024"
    size.lock.value = True
    size.width.value = 3000
    assert picker.value["size"] == "3008x2000"
    assert "3000 → 3008: multiples of 16" in size.help.value
    size.width.value = 1536
    assert picker.value["size"] == "1536x1024"
    size.swap.click()
    assert picker.value["size"] == "1024x1536"
    size.height.value = 3072
    assert picker.value["size"] == "2048x3072"
    assert "experimental" in size.said.value
    size.lock.value = False
    size.width.value = 9000
    assert "at most" in size.help.value
    size.height.value = -5
    assert "-5 → " in size.help.value
    assert picker.problems == ()


def test_a_gif_has_sizes_of_its_own():
    picker = ParameterPicker("gpt-image-2.6-flare")
    row(picker, "output_format").input.value = "gif"
    size = row(picker, "size")
    size.shapes.value = "square"
    size.width.value = 512
    size.height.value = 512
    assert picker.value["size"] == "512x512"
    row(picker, "output_format").input.value = "png"
    assert picker.value["size"] == "816x816"
    assert "512x512 → 816x816" in picker.remarks[0]


def test_a_size_for_a_model_that_is_not_known_is_not_bent():
    picker = ParameterPicker("gpt-image-9", provider="openai")
    size = row(picker, "size")
    size.shapes.value = "square"
    size.width.value = 1001
    assert picker.value["size"] == "1001x1024"


# -- the prompt -------------------------------------------------------------------------------------------


def test_the_prompt_is_counted_and_is_no_part_of_the_value():
    picker = ParameterPicker("dall-e-2", prompt="a red fox")
    box = picker._desk.screen.prompt
    assert box.area.value == picker.prompt == "a red fox"
    assert "9 of 1,000 characters, about 3 tokens" in box._count.value
    seen = []
    picker.observe(lambda change: seen.append(change["new"]), "prompt")
    box.area.value = "x" * 1001
    assert picker.prompt == "x" * 1001
    assert len(seen) == 1
    assert "shorten it by 1" in box._count.value
    assert picker.problems[0].parameter == "prompt"
    assert picker.value == {"model": "dall-e-2"}
    assert picker.code().startswith("client.generate(prompt, ")
    picker.model = "gpt-image-2"
    assert "1,001 of 32,000" in box._count.value
    assert picker.problems == ()
    before = picker.estimate
    picker.prompt = "fox " * 4000
    assert box.area.value == picker.prompt
    assert picker.estimate[0] > before[0]
    picker.prompt = "<b>$x$"
    assert "<b>" not in picker._desk.screen.code.value


def test_parts_can_be_left_out():
    picker = ParameterPicker("gpt-image-2", show_prompt=False, show_provider=False, show_endpoint=False)
    names = {part.description for part in visible(picker)}
    assert not names & {"prompt", "provider", "endpoint"}
    picker.show_prompt = True
    assert "prompt" in {part.description for part in visible(picker)}
    picker.compact = True
    assert "iw-compact" in picker._dom_classes


# -- who is asked -----------------------------------------------------------------------------------------


def test_provider_and_endpoint_are_switched_by_hand_and_what_fitted_comes_back():
    picker = ParameterPicker("gpt-image-2.6-flare", provider="openai")
    picker.value = {"quality": "max", "complexity": "low"}
    screen = picker._desk.screen
    screen.providers.value = "ttapi"
    assert picker.value == {"model": "gpt-image-2", "quality": "high"}
    assert picker.remarks == (
        "model gpt-image-2.6-flare → gpt-image-2",
        "quality max → high",
        "complexity removed",
    )
    screen.endpoints.value = "edits"
    assert (picker.endpoint, picker.model) == ("edits", "gpt-image-2")
    screen.endpoints.value = "generations"
    screen.providers.value = "openai"
    assert picker.value == {"model": "gpt-image-2.6-flare", "quality": "max", "complexity": "low"}
    assert picker.remarks[0] == "model gpt-image-2.6-flare is back"
    picker.model = "a-model-that-nobody-knows"
    picker.provider = "sandbox"
    assert picker.model == "gpt-image-2"
    picker.provider = "openai"
    assert picker.model == "a-model-that-nobody-knows"


def test_only_providers_and_endpoints_that_serve_something_are_offered():
    picker = ParameterPicker("gpt-image-2", endpoint="edits", provider="openai")
    offered = [name for _, name in picker._desk.screen.providers.options]
    assert "together" not in offered
    for name in offered:
        picker.provider = name
        assert picker.endpoint == "edits"
        assert picker.problems == ()
    picker = ParameterPicker("some/model", provider="together")
    assert list(picker._desk.screen.endpoints.options) == ["generations"]
    assert "not checked" in texts(picker)


def test_what_is_uncertain_can_be_read_without_a_mouse():
    picker = ParameterPicker("gpt-image-2.6-flare", provider="openai")
    badge = picker._desk.screen.badges.value
    assert "<summary" in badge
    assert "reseller" in badge
    old = ParameterPicker("dall-e-3", provider="openai")
    assert "shutdown 2026-05-12 → gpt-image-2" in old._desk.screen.badges.value


def test_the_price_is_a_sentence():
    picker = ParameterPicker("gpt-image-2", provider="openai")
    picker.value = {"n": 4, "size": "1024x1024"}
    assert picker._desk.screen.price.value.replace("<span>$</span>", "$") == "about $0.024 to $0.84, 4 images"
    picker.value = {"model": "gpt-image-9"}
    assert picker._desk.screen.price.value == "no price known, 1 image"
