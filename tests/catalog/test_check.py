"""What a request may not be, and what is only worth a note."""

from __future__ import annotations

import numpy as np
import pytest

from imgwidgets import catalog
from imgwidgets.catalog import ImageInput, ImageRequest, check, examine, notes, unknown

PNG = ImageInput(data=b"x" * 100, format="png", size=(64, 64), has_alpha=True)


def generation(model="gpt-image-2", provider="sandbox", prompt="a red fox", **parameters):
    return ImageRequest(prompt=prompt, model=model, provider=provider, parameters=parameters)


def edit(model="gpt-image-2", provider="sandbox", images=(PNG,), mask=None, markup=None, **parameters):
    return ImageRequest(
        prompt="a hat",
        model=model,
        provider=provider,
        endpoint="edits",
        images=images,
        mask=mask,
        markup=markup,
        parameters=parameters,
    )


def only(request):
    [problem] = check(request)
    return problem


@pytest.mark.parametrize("model", catalog.models(provider="sandbox"), ids=lambda m: m.name)
def test_every_documented_value_of_every_model_is_accepted(model):
    for endpoint in model.endpoints.values():
        base = edit(model=model.name) if endpoint.name == "edits" else generation(model=model.name)
        assert check(base) == ()
        for parameter in endpoint.accepted.values():
            for value in parameter.values:
                blamed = [p.parameter for p in check(base.replace(parameters={parameter.name: value}))]
                assert parameter.name not in blamed, (model.name, parameter.name, value)


@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        ("1000x1000", "1008x1008"),
        ("1920x1080", "1920x1088"),
        ("512x512", "816x816"),
        ("4096x4096", "2880x2880"),
        ("1024x100", "1248x528"),
    ],
)
def test_a_wrong_size_comes_with_the_nearest_valid_one(size, nearest):
    problem = only(generation(size=size))
    assert (problem.parameter, problem.value) == ("size", size)
    assert size in problem.message
    assert nearest in problem.message
    assert problem.suggestion == nearest
    assert check(generation(size=nearest)) == ()


def test_a_model_with_fixed_sizes_offers_the_preset_most_alike():
    assert only(generation(model="gpt-image-1.5", size="1920x1080")).suggestion == "1536x1024"
    assert only(generation(model="dall-e-3", size="1080x1920")).suggestion == "1024x1792"


@pytest.mark.parametrize(
    "size", ["1024X1024", " 1024x1024", "1024 x 1024", "1024*1024", "1024\u00d71024", (1024, 1024)]
)
def test_a_size_in_other_words_is_answered_with_the_apis(size):
    assert only(generation(size=size)).suggestion == "1024x1024"


@pytest.mark.parametrize("size", ["big", "1024", "0x0", 1024, "99999999x1", (1, 2, 3), None])
def test_a_size_that_is_none_says_what_one_looks_like(size):
    problem = only(generation(size=size))
    assert "WIDTHxHEIGHT" in problem.message
    assert problem.suggestion == "auto"


def test_a_tuple_as_size_is_answered_with_the_text_it_should_be():
    assert only(generation(size=(1536, 1024))).suggestion == "1536x1024"
    assert only(generation(size=(1000, 1000))).suggestion == "1008x1008", "and with one that is valid"


def test_transparent_background_needs_png_or_webp():
    problem = only(generation(background="transparent", output_format="jpeg"))
    assert (problem.parameter, problem.allowed, problem.suggestion) == (
        "output_format",
        ("png", "webp"),
        "png",
    )
    assert "transparent" in problem.message
    assert check(generation(background="transparent")) == ()
    assert check(generation(background="transparent", output_format="webp")) == ()


def test_compression_needs_jpeg_or_webp():
    assert only(generation(output_compression=50)).parameter == "output_compression"
    assert "output_format=jpeg or webp" in only(generation(output_compression=50)).message
    assert check(generation(output_compression=50, output_format="webp")) == ()
    assert check(generation(output_compression=100)) == (), "the default may always be said"


def test_partial_images_need_streaming():
    assert only(generation(partial_images=2)).parameter == "partial_images"
    assert check(generation(partial_images=2, stream=True)) == ()
    assert check(generation(partial_images=0)) == ()


def test_a_gif_can_be_neither_streamed_nor_compressed():
    blamed = {p.parameter for p in check(generation("gpt-image-2.6-flare", output_format="gif", stream=True))}
    assert blamed == {"stream"}
    assert check(generation("gpt-image-2.6-flare", output_format="gif", size="512x512", frame_count=4)) == ()
    assert "frames" in only(generation("gpt-image-2.6-flare", frame_count=4)).message


def test_an_unusual_gif_size_is_a_note_and_no_refusal():
    asked = generation("gpt-image-2.6-flare", output_format="gif", size="1536x1024")
    assert check(asked) == ()
    assert any("1280x720" in note for note in notes(asked))


def test_an_svg_comes_alone():
    assert only(generation("gpt-image-2.6-sunburst", output_format="svg", n=2)).parameter == "n"
    assert check(generation("gpt-image-2.6-sunburst", output_format="svg", svg={"model": "x"})) == ()
    assert only(generation("gpt-image-2.6-sunburst", svg={"model": "x"})).parameter == "svg"


def test_what_a_model_refuses_says_why():
    problem = only(generation(response_format="url"))
    assert problem.code == "unknown_parameter"
    assert "b64_json" in problem.message
    assert only(edit(input_fidelity="high")).parameter == "input_fidelity"
    assert check(edit(model="gpt-image-1.5", input_fidelity="high")) == ()


@pytest.mark.parametrize(
    ("value", "suggestion"),
    [
        (0, 1),
        (11, 10),
        (-3, 1),
        ("2", 2),
        (1.5, 2),
        (2.0, 2),
        ("40", 10),
        (True, 1),
        (float("nan"), 1),
        (10**400, 10),
    ],
)
def test_n_is_a_whole_number_from_1_to_10(value, suggestion):
    problem = only(generation(n=value))
    assert problem.parameter == "n"
    assert problem.suggestion == suggestion


def test_a_numpy_integer_is_a_whole_number():
    assert check(generation(n=np.int64(4))) == ()


@pytest.mark.parametrize(
    ("value", "nearest"), [("hd", "high"), ("xhigh", "high"), ("Low", "low"), ("standard", "medium")]
)
def test_a_quality_of_another_model_is_answered_with_the_nearest(value, nearest):
    assert only(generation(quality=value)).suggestion == nearest


def test_a_prompt_has_a_limit_and_may_not_be_empty():
    problem = only(generation(prompt="x" * 32_001))
    assert "32,001" in problem.message
    assert "32,000" in problem.message
    assert len(problem.suggestion) == 32_000
    assert only(generation("dall-e-2", prompt="x" * 1001)).allowed == "at most 1,000 characters"
    assert only(generation(prompt="  ")).parameter == "prompt"


def test_what_the_catalog_does_not_know_passes_with_a_note():
    asked = generation(provider="openai", sparkle=3)
    assert check(asked) == ()
    assert examine(asked).unknown_parameters == ("sparkle",)
    assert any("sparkle" in note for note in unknown(asked))


def test_an_unknown_model_passes_with_a_note_where_the_list_is_open_and_not_where_it_is_complete():
    asked = generation("gpt-imag-2", provider="openai")
    assert check(asked) == ()
    assert "gpt-image-2" in unknown(asked)[0]
    problem = only(generation("gpt-imag-2", provider="sandbox"))
    assert (problem.code, problem.suggestion) == ("model_not_found", "gpt-image-2")


def test_an_endpoint_that_a_model_lacks_is_refused_with_a_model_that_has_it():
    problem = only(edit("dall-e-3"))
    assert "dall-e-3 has no edits" in problem.message
    assert problem.suggestion in problem.allowed


def test_a_retired_model_is_a_note_and_never_a_refusal():
    assert check(generation("gpt-image-1")) == ()
    assert any("2026-10-23" in note and "gpt-image-2" in note for note in notes(generation("gpt-image-1")))


def test_a_large_size_is_noted_as_experimental():
    assert any("experimental" in note for note in notes(generation(size="3840x2160")))
    assert not any("experimental" in note for note in notes(generation(size="2048x1152")))


def test_a_providers_own_page_wins_over_the_makers_stricter_rule():
    asked = generation(provider="ttapi", size="4096x4096")
    assert check(asked) == ()
    assert any("OpenAI itself refuses" in note and "2880x2880" in note for note in notes(asked))
    assert only(generation(provider="ttapi", size="1000x1000")).suggestion == "1008x1008"
    assert check(edit(provider="ttapi", input_fidelity="high")) == ()


def test_a_providers_own_page_may_be_stricter():
    assert only(edit(provider="ttapi", size="2048x2048")).suggestion == "1024x1024"
    large = ImageInput(data=b"x" * 26_214_401, format="png", size=(64, 64), has_alpha=False)
    assert "26,214,400" in only(edit("gpt-image-1", provider="ttapi", images=(large,))).message


def test_a_rule_that_only_another_provider_is_known_to_have_is_a_note():
    asked = generation(provider="openai-compatible", size="1000x1000")
    assert check(asked) == ()
    assert any("OpenAI refuses this" in note for note in notes(asked))


def test_the_compatible_servers_page_may_ask_for_urls():
    assert (
        check(edit("gpt-image-1", provider="openai-compatible", response_format="url", quality="standard"))
        == ()
    )


def test_kkiai_takes_what_its_page_lists_and_notes_the_rest():
    assert check(edit("gpt-image-1-all", provider="kkiai", n=1, size="1024x1536")) == ()
    assert check(edit("flux-kontext-pro", provider="kkiai", aspect_ratio="16:9")) == ()
    assert examine(edit("gpt-image-1", provider="kkiai", output_format="webp")).unknown_parameters == (
        "output_format",
    )


def test_edits_need_an_image_and_take_sixteen():
    assert only(edit(images=())).parameter == "image"
    assert check(edit(images=(PNG,) * 16)) == ()
    assert "17" in only(edit(images=(PNG,) * 17)).message


def test_a_mask_is_a_png_of_the_images_size_with_transparency():
    other = ImageInput(data=b"x", format="png", size=(32, 64), has_alpha=True)
    problem = only(edit(mask=other))
    assert problem.parameter == "mask"
    assert "32x64" in problem.message
    assert "64x64" in problem.message
    assert "resize_mask=True" in problem.message
    opaque = ImageInput(data=b"x", format="png", size=(64, 64), has_alpha=False)
    assert "transparency" in only(edit(mask=opaque)).message
    jpeg = ImageInput(data=b"x", format="jpeg", size=(64, 64), has_alpha=True)
    assert "png" in only(edit(mask=jpeg)).message
    large = ImageInput(data=b"x" * 4_194_305, format="png", size=(64, 64), has_alpha=True)
    assert "4,194,304" in only(edit(mask=large)).message


def test_dall_e_2_takes_one_square_png():
    wide = ImageInput(data=b"x", format="png", size=(64, 32), has_alpha=True)
    assert "square" in only(edit("dall-e-2", images=(wide,))).message
    assert "at most 1" in only(edit("dall-e-2", images=(PNG, PNG))).message


def test_a_mask_and_a_markup_exclude_each_other():
    assert only(edit("gpt-image-2.5-flare", mask=PNG, markup=PNG)).parameter == "markup"
    assert check(edit("gpt-image-2.5-flare", markup=PNG)) == ()
    assert "gpt-image-2.5" in only(edit(markup=PNG)).message


def test_a_reference_is_not_looked_into():
    assert check(edit(images=(ImageInput(url="https://example.com/a.png"),))) == ()


def test_messages_stay_short_whatever_the_value():
    assert len(only(generation(quality="x" * 10_000)).message) < 300


def test_a_misspelt_parameter_is_passed_on_with_the_name_that_was_meant():
    assert "did you mean 'size'" in unknown(generation(provider="openai", sise="1024x1024"))[0]


def test_half_a_character_is_refused():
    assert only(generation(prompt="a fox \ud83e")).suggestion == "a fox "


def test_a_prompt_of_another_type_is_refused_wherever_it_goes():
    for provider in ("sandbox", "openai", "openai-compatible", "kkiai"):
        assert "prompt" in [
            p.parameter for p in check(generation("gpt-image-1", provider=provider, prompt=5))
        ]


def test_a_model_that_is_not_named_is_answered_with_the_default():
    assert "pass model='gpt-image-2'" in only(generation("", provider="openai")).message


def test_two_things_wrong_are_two_problems():
    assert {p.parameter for p in check(generation(size="1x1", n=99, quality="hd"))} == {
        "size",
        "n",
        "quality",
    }
