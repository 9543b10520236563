"""Properties of plans, for sweeps that hypothesis makes up."""

import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

import imgwidgets as iw
from imgwidgets import catalog

PARAMETERS = {
    "size": st.sampled_from(["1024x1024", "1536x1024", "1000x1000", "auto", "1x1", "2048x1024"]),
    "quality": st.sampled_from(["low", "high", "hd", "auto", None]),
    "n": st.sampled_from([1, 2, 11]),
    "output_format": st.sampled_from(["png", "jpeg"]),
    "background": st.sampled_from(["transparent", "opaque"]),
    "model": st.sampled_from(["openai:gpt-image-2", "kkiai:gpt-image-1", "gpt-image-1.5", "openai:dall-e-3"]),
}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
FIELDS = {"one": st.one_of(WORDS, st.integers(-5, 5), st.booleans()), "two": WORDS, "three field": WORDS}

VALUES = PARAMETERS | FIELDS


@st.composite
def sweeps(draw):
    """A sweep, and the values of its dimensions: what the plan must be."""
    names = draw(st.permutations([*PARAMETERS, *FIELDS]))[: draw(st.integers(0, 6))]
    dimensions, axes, arguments, keywords = [], {}, [], {}
    while names:
        name = names.pop()
        kind = draw(st.sampled_from(["fixed", "axis", "axis", "zip"]))
        values = VALUES[name]
        if kind == "fixed":
            keywords[name] = draw(values)
            dimensions.append(None)
        elif kind == "zip" and names:
            other = names.pop()
            length = draw(st.integers(1, 3))
            pair = {
                one: draw(st.lists(VALUES[one], min_size=length, max_size=length)) for one in (name, other)
            }
            keywords |= dict(iw.zip_axes(**pair))
            dimensions.append(
                [dict(zip(pair, both, strict=True)) for both in zip(*pair.values(), strict=True)]
            )
            axes |= pair
        else:
            chosen = draw(st.lists(values, min_size=1, max_size=3))
            keywords[name] = chosen
            dimensions.append([{name: value} for value in chosen])
            axes[name] = chosen
    fields = "".join(f" {{{name}}}" for name in FIELDS if name in keywords)
    repeat = draw(st.integers(1, 3))
    sampling = draw(st.none() | st.integers(1, 20))
    if sampling is not None:
        arguments.append(iw.sample(sampling, seed=draw(st.integers(0, 5))))
    sweep = iw.Sweep(f"a {{{{fox}}}}{fields}", *arguments, repeat=repeat, **keywords)
    return sweep, [one for one in dimensions if one is not None], repeat, sampling


@given(sweeps())
@settings(max_examples=60)
def test_a_plan_is_the_product_in_order_each_point_repeated(made):
    sweep, dimensions, repeat, sampling = made
    product = [{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*dimensions)]
    plan = sweep.plan(history=False)
    found = [dict(cell.values) for cell in plan]
    count = len(product) if sampling is None else min(sampling, len(product))
    assert len(plan) == len(sweep) == count * repeat
    assert [cell.index for cell in plan] == list(range(len(plan)))
    assert [cell.repeat for cell in plan] == list(range(repeat)) * count
    if sampling is None:
        assert found == [values for values in product for _ in range(repeat)]
    else:
        rest = iter(product)  # a subset in the same order
        assert all(any(values == other for other in rest) for values in found[::repeat])
        assert [sweep.points()] == [sorted(set(sweep.points()))]


@given(sweeps())
@settings(max_examples=60)
def test_validity_prices_and_totals_are_the_catalogs(made):
    plan = made[0].plan(history=False)
    low = high = images = 0
    seen = {}
    for cell in plan:
        problems = catalog.check(cell.request)
        assert (cell.problems, cell.valid) == (problems, not problems)
        if cell.valid:
            assert cell.price == catalog.estimate(cell.request)
            first = seen.setdefault((cell.request.key, cell.repeat), cell.index)
            assert cell.same_as == (None if first == cell.index else first)
            if cell.same_as is None:
                low += cell.price[0] if cell.price else 0
                high += cell.price[1] if cell.price else 0
                images += cell.request.parameters.get("n", 1)
    assert plan.to_send == len(seen) == len(plan.cells_to_send)
    assert plan.images == images
    assert abs(plan.cost[0] - low) < 1e-9
    assert abs(plan.cost[1] - high) < 1e-9
    assert sum(plan.counts.values()) == len(plan)
    assert len(plan._repr_html_()) < 300_000


@given(sweeps())
@settings(max_examples=60)
def test_a_sweep_survives_its_manifest_and_its_code(made):
    sweep = made[0]
    keys = [cell.key for cell in sweep.cells()]
    rebuilt = iw.Sweep.from_manifest(json.dumps(sweep.manifest()))
    assert [cell.key for cell in rebuilt.cells()] == keys
    assert [cell.values for cell in rebuilt.cells()] == [cell.values for cell in sweep.cells()]
    space = {}
    exec(sweep.code(), space)
    assert [cell.key for cell in space["sweep"].cells()] == keys
    assert space["sweep"].code() == sweep.code()


@given(st.lists(WORDS, min_size=1, max_size=3, unique=True), st.integers(0, 3), st.integers(1, 3))
def test_one_more_value_leaves_the_old_cells_keys_alone(words, place, repeat):
    more = [*words[:place], "quite new", *words[place:]]
    small = iw.Sweep("a {x}", x=words, quality=["low", "high"], repeat=repeat)
    larger = iw.Sweep("a {x}", x=more, quality=["low", "high"], repeat=repeat)
    old, new = ({cell.key for cell in one.cells()} for one in (small, larger))
    assert old < new
    assert len(new - old) == 2 * repeat
