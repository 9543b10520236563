"""Tokens and US dollars, against the figures that OpenAI publishes."""

from __future__ import annotations

import numpy as np
import pytest

from imgwidgets import catalog
from imgwidgets.catalog import ImageInput, ImageRequest, Usage, cost, estimate, output_tokens

PUBLISHED = {  # OpenAI's calculator: size -> quality -> tokens
    "gpt-image-2": {
        (1024, 1024): {"low": 196, "medium": 1756, "high": 7024},
        (1536, 1024): {"low": 158, "medium": 1372, "high": 5488},
        (2048, 1152): {"low": 157, "medium": 1413, "high": 5650},
        (3840, 2160): {"low": 371, "medium": 3336, "high": 13342},
        (1792, 1024): {"high": 5063},
        (3584, 2048): {"high": 12329},
        (2880, 2880): {"high": 23719},
    },
    "gpt-image-2.5-flare": {
        (1024, 1024): {"low": 196, "medium": 439, "high": 1756, "xhigh": 3122, "max": 7024},
        (1024, 1536): {"low": 158, "medium": 343, "high": 1372, "xhigh": 2459, "max": 5488},
    },
    "gpt-image-1.5": {(1024, 1536): {"low": 408, "high": 6240}, (1536, 1024): {"low": 400, "high": 6208}},
}


def request(model="gpt-image-2", provider="openai", **parameters):
    return ImageRequest(prompt="a fox", model=model, provider=provider, parameters=parameters)


@pytest.mark.parametrize(
    ("model", "size", "quality", "tokens"),
    [(m, s, q, t) for m, sizes in PUBLISHED.items() for s, qs in sizes.items() for q, t in qs.items()],
)
def test_output_tokens_are_the_published_ones(model, size, quality, tokens):
    assert output_tokens(catalog.current().model(model), size, quality) == (tokens, tokens)


def test_the_newest_models_are_a_range_at_low_and_medium():
    assert output_tokens(catalog.current().model("gpt-image-2.6-flare"), (1024, 1024), "low") == (588, 784)
    assert output_tokens(catalog.current().model("gpt-image-2.6-flare"), (1024, 1024), "high") == (1756, 1756)


@pytest.mark.parametrize(("quality", "dollars"), [("low", 0.0059), ("medium", 0.0527), ("high", 0.2107)])
def test_an_estimate_is_the_published_price_times_n(quality, dollars):
    low, high = estimate(request(size="1024x1024", quality=quality, n=4))
    assert low == high == pytest.approx(4 * dollars, abs=4e-4)


def test_a_numpy_count_is_a_count():
    asked = {"size": "1024x1024", "quality": "high"}
    assert estimate(request(n=np.int64(3), **asked)) == estimate(request(n=3, **asked))


def test_auto_is_a_range_up_to_the_largest_square_at_the_best_quality():
    low, high = estimate(request())
    assert low < 0.005
    assert high == pytest.approx(0.7116, abs=1e-3)


def test_reference_images_widen_the_estimate():
    plain = estimate(request(size="1024x1024", quality="low"))
    picture = ImageInput(data=b"x", format="png", size=(64, 64))
    with_two = estimate(
        ImageRequest(
            prompt="a fox",
            model="gpt-image-2",
            provider="openai",
            endpoint="edits",
            images=(picture, picture),
            parameters={"size": "1024x1024", "quality": "low"},
        )
    )
    assert with_two[0] == pytest.approx(plain[0] + 0.012)
    assert with_two[1] == pytest.approx(plain[1] + 0.022)


def test_streamed_partials_count_in_the_upper_bound():
    low, high = estimate(request(size="1024x1024", quality="low", stream=True, partial_images=3))
    assert high - low == pytest.approx(3 * 100 * 30 / 1e6)


def test_the_mini_models_estimate_is_its_list_price():
    low, high = estimate(request("gpt-image-1-mini", size="1024x1024", quality="low"))
    assert low == high == pytest.approx(0.005, abs=1e-4)


def test_models_billed_by_the_picture_have_an_estimate_too():
    assert estimate(request("dall-e-3", quality="hd", size="1792x1024")) == pytest.approx((0.12, 0.12))
    assert estimate(request("dall-e-2")) == pytest.approx((0.02, 0.02))


@pytest.mark.parametrize("provider", ["ttapi", "kkiai", "openai-compatible"])
def test_a_provider_with_its_own_unknown_prices_has_no_estimate(provider):
    assert estimate(request("gpt-image-1", provider=provider, size="1024x1024", quality="low")) is None


def test_the_sandbox_costs_what_openai_would_bill():
    asked = {"size": "1024x1024", "quality": "high"}
    assert estimate(request(provider="sandbox", **asked)) == estimate(request(**asked))


def test_cost_follows_from_the_returned_usage():
    model = catalog.current().model("gpt-image-2", "openai")
    usage = Usage(
        input_tokens=30, input_text_tokens=10, input_image_tokens=20, output_tokens=196, total_tokens=226
    )
    expected = (10 * 5 + 20 * 8 + 196 * 30) / 1e6
    assert cost(model, usage, request(), count=1) == pytest.approx(expected)


def test_text_that_a_model_writes_has_its_own_rate():
    model = catalog.current().model("gpt-image-1.5", "openai")
    usage = Usage(
        input_text_tokens=0,
        input_image_tokens=0,
        output_tokens=300,
        output_image_tokens=272,
        output_text_tokens=28,
    )
    assert cost(model, usage, request("gpt-image-1.5"), count=1) == pytest.approx((272 * 32 + 28 * 10) / 1e6)


def test_a_providers_own_cost_wins():
    model = catalog.current().model("gpt-image-2", "openai")
    assert cost(model, Usage(output_tokens=10, extra={"cost": 0.5}), request(), count=1) == 0.5
    assert cost(model, Usage(output_tokens=10, extra={"cost": float("inf")}), request(), count=1) is None


def test_no_usage_is_no_cost_where_tokens_are_billed_and_a_list_price_where_pictures_are():
    current = catalog.current()
    assert cost(current.model("gpt-image-2", "openai"), None, request(), count=1) is None
    assert cost(current.model("dall-e-3", "openai"), None, request("dall-e-3"), count=1) == 0.04
    assert (
        cost(current.model("gpt-image-1", "ttapi"), Usage(output_tokens=9), request("gpt-image-1"), count=1)
        is None
    )
