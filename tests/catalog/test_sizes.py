"""Sizes: parsing, validity, and the nearest valid one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.catalog import SizeRule, nearest_size, parse_size, size_faults

RULE = SizeRule(
    free=True, multiple_of=16, min_pixels=655_360, max_pixels=8_294_400, max_edge=3840, max_ratio=3.0
)
OPEN = SizeRule(free=True, multiple_of=16, max_ratio=3.0)
edges = st.integers(1, 6000)


def test_text_becomes_width_and_height():
    assert parse_size("1536x1024") == (1536, 1024)
    for wrong in ("auto", "1536 x 1024", "x", "", None, 3, "-1x5", "01x5", "1536*1024"):
        assert parse_size(wrong) is None


@settings(deadline=None, max_examples=80)
@given(edges, edges)
def test_the_nearest_size_is_valid_and_a_valid_size_is_its_own_nearest(width, height):
    for rule in (RULE, OPEN):
        near = nearest_size(rule, (width, height))
        assert size_faults(rule, near) == []
        assert nearest_size(rule, near) == near


@settings(deadline=None, max_examples=25)
@given(st.integers(600, 1300), st.integers(600, 1300))
def test_nothing_valid_is_nearer_than_the_nearest_size(width, height):
    near = nearest_size(RULE, (width, height))
    least = min(
        (w - width) ** 2 + (h - height) ** 2
        for w in range(400, 1900, 16)
        for h in range(400, 1900, 16)
        if not size_faults(RULE, (w, h))
    )
    assert (near[0] - width) ** 2 + (near[1] - height) ** 2 == least


def test_three_to_one_itself_is_valid():
    assert size_faults(RULE, (1536, 512)) == []
    assert size_faults(RULE, (1552, 512)) == ["the longer edge may be at most 3 times the shorter"]
