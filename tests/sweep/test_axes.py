"""From the arguments of a sweep to its axes: what varies, what is fixed, and what is a slip."""

import importlib

import numpy as np
import pytest

import imgwidgets as iw
from imgwidgets.errors import ImgWidgetsError, ParameterError


def values(sweep):
    return [cell.values for cell in sweep.cells()]


def refused(*arguments, **axes):
    with pytest.raises(ParameterError) as caught:
        iw.Sweep(*arguments, **axes)
    return caught.value


def test_a_list_is_an_axis_and_a_plain_value_is_fixed():
    sweep = iw.Sweep("a {animal}", animal=["fox", "owl"], quality="low", size=(1024, 1536))
    assert values(sweep) == [{"animal": "fox"}, {"animal": "owl"}]
    [first, _] = sweep.cells()
    assert first.request.prompt == "a fox"
    assert first.request.parameters == {"quality": "low", "size": "1024x1536"}


def test_a_tuple_is_a_size_and_no_axis():
    sweep = iw.Sweep("a fox", size=[(1024, 1024), (1536, 1024), "1024x1536"])
    assert [cell.request.parameters["size"] for cell in sweep.cells()] == [
        "1024x1024",
        "1536x1024",
        "1024x1536",
    ]
    assert len(iw.Sweep("a fox", size=(1024, 1024))) == 1


@pytest.mark.parametrize(
    "given",
    [
        range(1, 4),
        np.array([1, 2, 3]),
        importlib.import_module("pandas").Series([1, 2, 3]),
        {"a": 1, "b": 2, "c": 3}.values(),
    ],
)
def test_ranges_arrays_and_series_are_axes_too(given):
    assert [cell.request.parameters["n"] for cell in iw.Sweep("a fox", n=given).cells()] == [1, 2, 3]


def test_the_product_has_the_order_given_and_the_last_axis_changes_fastest():
    sweep = iw.Sweep("{b} {a}", b=["x", "y"], a=[1, 2], quality=["low"], repeat=2)
    found = [(cell.values["b"], cell.values["a"], cell.repeat, cell.index) for cell in sweep.cells()]
    assert found == [
        ("x", 1, 0, 0),
        ("x", 1, 1, 1),
        ("x", 2, 0, 2),
        ("x", 2, 1, 3),
        ("y", 1, 0, 4),
        ("y", 1, 1, 5),
        ("y", 2, 0, 6),
        ("y", 2, 1, 7),
    ]
    assert len(sweep) == 8


def test_a_list_of_prompts_is_the_axis_prompt():
    sweep = iw.Sweep(["a {animal}", "many {animal}s"], animal=["fox", "owl"])
    assert [cell.request.prompt for cell in sweep.cells()] == ["a fox", "a owl", "many foxs", "many owls"]
    assert values(sweep)[2] == {"prompt": "many {animal}s", "animal": "fox"}
    named = iw.Sweep({"one": "a fox", "two": "two foxes"})
    assert values(named) == [{"prompt": "one"}, {"prompt": "two"}]


def test_a_dict_names_the_values_of_an_axis():
    sweep = iw.Sweep("{light}", light={"dawn": "in the first light of a cold morning", "noon": "at noon"})
    assert values(sweep) == [{"light": "dawn"}, {"light": "noon"}]
    assert next(iter(sweep.cells())).request.prompt == "in the first light of a cold morning"


def test_a_parameter_that_is_an_object_is_a_plain_value():
    sweep = iw.Sweep("a fox", svg={"model": "gpt-6", "reasoning": {"effort": "low"}}, output_format="svg")
    [cell] = sweep.cells()
    assert cell.request.parameters["svg"] == {"model": "gpt-6", "reasoning": {"effort": "low"}}


def test_none_leaves_a_parameter_out_and_a_field_empty():
    parameter = [cell.request.parameters for cell in iw.Sweep("a fox", quality=[None, "low"]).cells()]
    assert parameter == [{}, {"quality": "low"}]
    assert [cell.request.prompt for cell in iw.Sweep("a fox{x}", x=[None, " in snow"]).cells()] == [
        "a fox",
        "a fox in snow",
    ]


def test_a_name_that_is_a_field_fills_the_prompt_only_and_a_note_says_so():
    [cell] = iw.Sweep("in {quality} quality", quality=["high"]).cells()
    assert cell.request.prompt == "in high quality"
    assert cell.request.parameters == {}
    assert cell.notes == ("quality fills the prompt's field and is not sent as a parameter",)
    [plain] = iw.Sweep("{style}", style=["ink"], model="gpt-image-2").cells()
    assert (plain.notes, plain.request.parameters) == ((), {})


def test_double_braces_are_braces_and_formats_are_pythons():
    [cell] = iw.Sweep("{{literal}} {weight:.1f} kg", weight=[0.25]).cells()
    assert cell.request.prompt == "{literal} 0.2 kg"


@pytest.mark.parametrize("template", ["a {", "a }", "{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:{b}}"])
def test_a_template_that_is_none_says_how_braces_are_written(template):
    assert "{{" in str(refused(template, a=["x"], b=["y"]))


def test_a_field_without_values_is_named():
    assert "{animal} has no values: add animal=[...]" in str(refused("a {animal}", quality="low"))


def test_a_field_with_the_name_of_an_option_needs_another_one():
    assert "another name" in str(refused("{repeat} times", repeat=2))


def test_a_misspelt_axis_is_refused_with_what_was_likely_meant():
    error = refused("a {animal}", anmial=["fox"])
    assert "did you mean 'animal'?" in str(error)
    assert error.problems[0].parameter == "anmial"
    assert error.problems[0].suggestion == "animal"
    assert "did you mean 'quality'?" in str(refused("a fox", qualty=["low"]))
    assert isinstance(error, ImgWidgetsError)
    assert isinstance(error, ValueError)


def test_a_parameter_beyond_the_catalog_goes_into_other_parameters():
    assert "other_parameters" in str(refused("a fox", sparkle=[1, 2]))
    sweep = iw.Sweep("a fox", other_parameters={"sparkle": [1, 2], "glow": "x"})
    assert values(sweep) == [{"sparkle": 1}, {"sparkle": 2}]
    [first, _] = sweep.cells()
    assert first.request.parameters == {"sparkle": 1, "glow": "x"}
    assert first.valid
    assert any("sparkle is not in the catalog" in note for note in first.notes)


@pytest.mark.parametrize(
    "given", [{"a", "b"}, iter(["a"]), (x for x in "ab"), [], {}, range(0), np.array([])]
)
def test_what_has_no_order_or_no_values_is_no_axis(given):
    assert "x" in str(refused("{x}", x=given))


def test_the_provider_is_named_with_the_model():
    assert "openai:" in str(refused("a fox", provider="openai"))


@pytest.mark.parametrize("repeat", [0, -1, True, "2", 1.5, None])
def test_repeat_is_a_whole_number_above_zero(repeat):
    assert "repeat" in str(refused("a fox", repeat=repeat))


def test_an_endpoint_that_is_none_and_a_model_that_is_no_name_are_refused():
    assert "did you mean 'edits'?" in str(refused("a fox", endpoint="edit"))
    assert "no name" in str(refused("a fox", model=[3]))
    assert "prompt is the first argument" in str(refused("a fox", prompt=["x"]))
    assert "not int" in str(refused(3))
    assert "cannot be sent" in str(refused("a fox", user=[object()]))
    assert "was given twice" in str(refused("a fox", iw.zip_axes(size=["1024x1024"]), size=["1024x1024"]))
    with pytest.raises(TypeError, match="zip_axes"):
        iw.Sweep("a fox", ["x"])
    with pytest.raises(TypeError, match="one sample"):
        iw.Sweep("a fox", iw.sample(1), iw.sample(1))


def test_a_model_names_its_provider_and_may_be_one_of_the_catalog():
    sweep = iw.Sweep(
        "a fox", model=["openai:gpt-image-2", "gpt-image-2", *iw.models(provider="kkiai")[:1], "odd:name"]
    )
    asked = [(cell.request.provider, cell.request.model) for cell in sweep.cells(provider="azure")]
    assert asked[:2] == [("openai", "gpt-image-2"), ("azure", "gpt-image-2")]
    assert asked[2] == ("kkiai", iw.models(provider="kkiai")[0].name)
    assert asked[3] == ("azure", "odd:name"), "a colon belongs to the name where no provider stands before it"


# -- together, and at random ----------------------------------------------------------------------------


def test_zipped_axes_change_together_also_as_keywords():
    pairs = {"size": ["1024x1024", "1536x1024"], "quality": ["high", "low"]}
    positional = iw.Sweep("{style}", iw.zip_axes(**pairs), style=["ink", "clay"])
    assert [tuple(v.values()) for v in values(positional)] == [
        ("1024x1024", "high", "ink"),
        ("1024x1024", "high", "clay"),
        ("1536x1024", "low", "ink"),
        ("1536x1024", "low", "clay"),
    ]
    keywords = iw.Sweep("{style}", style=["ink", "clay"], **iw.zip_axes(**pairs))
    assert [tuple(v.values()) for v in values(keywords)][:2] == [
        ("ink", "1024x1024", "high"),
        ("ink", "1536x1024", "low"),
    ]


def test_zipped_axes_have_one_length_and_their_values_may_have_names():
    with pytest.raises(ParameterError, match="size has 2, quality has 1"):
        iw.zip_axes(size=["1024x1024", "1536x1024"], quality=["low"])
    with pytest.raises(ParameterError, match="needs a list"):
        iw.zip_axes(size="1024x1024")
    sweep = iw.Sweep("{x} {y}", iw.zip_axes(x={"one": "a long text", "two": "another"}, y=[1, 2]))
    assert values(sweep) == [{"x": "one", "y": 1}, {"x": "two", "y": 2}]
    group = iw.zip_axes(size=["1024x1024"], quality=["low"])
    assert "in part only" in str(refused("a fox", size=group["size"]))


def test_a_sample_is_a_subset_of_the_product_in_its_order_and_the_seed_repeats_it():
    letters = list("abcdefghij")

    def chosen(seed, n=20):
        return [
            tuple(v.values())
            for v in values(iw.Sweep("{a}{b}", iw.sample(n, seed=seed), a=letters, b=letters))
        ]

    assert len(set(chosen(1))) == 20
    assert chosen(1) == sorted(chosen(1))
    assert chosen(1) == chosen(1) != chosen(2)
    assert len(chosen(1, n=1000)) == 100, "no more than there are"
    assert len(iw.Sweep("{a}", iw.sample(3, seed=1), a=letters, repeat=4)) == 12


def test_a_sample_of_more_points_than_memory_holds():
    many = list(range(1000))
    fields = {f"f{i}": many for i in range(12)}
    sweep = iw.Sweep(" ".join(f"{{{name}}}" for name in fields), iw.sample(50, seed=3), **fields)
    assert len(sweep) == len(sweep.plan(history=False)) == 50
    assert len({cell.request.prompt for cell in sweep.cells()}) == 50


@pytest.mark.parametrize(("n", "seed"), [(0, 1), (-1, 1), (True, 1), (1.5, 1), (1, "x"), (1, 0.5)])
def test_a_sample_of_nothing_is_refused(n, seed):
    with pytest.raises(ValueError, match="needs a whole number"):
        iw.sample(n, seed=seed)
