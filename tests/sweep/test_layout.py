"""Which cell stands where: every cell once, any axes down and across, the rest on pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imgwidgets as iw
from imgwidgets.errors import ParameterError
from imgwidgets.sweep.layout import arrange

SWEEP = iw.Sweep(
    "{a} {b}",
    a=["x", "y"],
    b=[1, 2, 3],
    repeat=2,
    **iw.zip_axes(size=["auto", "1x1"], quality=["low", "high"]),
)
CELLS = list(SWEEP.cells())
NAMES = ["a", "b", "size", "quality", "repeat"]


def test_the_first_axis_goes_down_the_last_across_and_the_rest_on_pages():
    layout = arrange(SWEEP)
    assert (layout.rows.names, layout.columns.names) == (("a",), ("size",))
    assert [side.names for side in layout.pages] == [("b",)]
    assert layout.columns.headers == (("auto · low",), ("1x1 · high",)), "zipped axes share a header"


def test_repeats_stand_together_unless_they_are_an_axis():
    layout = arrange(SWEEP, rows="a", columns="b", pages="size")
    assert all(len(indices) == 2 for indices in layout.cells.values())
    layout = arrange(SWEEP, rows="a", columns="repeat")
    assert layout.columns.headers == (("1",), ("2",))
    assert all(len(indices) == 1 for indices in layout.cells.values())


def test_axes_that_change_together_give_a_diagonal():
    layout = arrange(SWEEP, rows="size", columns="quality", pages=["a", "b"])
    assert {(row, column) for row, column, _ in layout.cells} == {(0, 0), (1, 1)}


def test_a_sheet_nests_what_is_named_nowhere():
    layout = arrange(SWEEP, nest=True)
    assert (layout.rows.names, layout.columns.names, layout.pages) == (("a", "b"), ("size",), ())
    assert layout.rows.headers[:2] == (("x", "1"), ("x", "2"))


def test_a_random_subset_has_only_rows_that_occur():
    many = [f"word {i}" for i in range(1000)]
    sweep = iw.Sweep("{a} {b}", iw.sample(5, seed=1), a=many, b=many)
    layout = arrange(sweep, rows="a", columns="b")
    assert len(layout.rows) <= 5 >= len(layout.columns)
    assert sorted(i for indices in layout.cells.values() for i in indices) == list(range(5))


def test_one_axis_or_none_is_a_table_too():
    layout = arrange(iw.Sweep("{a}", a=["x", "y"]))
    assert (layout.rows.names, layout.columns.names) == ((), ("a",))
    assert arrange(iw.Sweep("a fox")).cells == {(0, 0, ()): (0,)}


def test_a_name_that_is_no_axis_is_refused_with_what_was_meant():
    with pytest.raises(ParameterError, match="did you mean 'quality'"):
        arrange(SWEEP, rows="qualty")
    with pytest.raises(ParameterError, match="named twice"):
        arrange(SWEEP, rows="a", columns="a")


@settings(max_examples=50)
@given(st.permutations(NAMES), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_every_cell_stands_in_exactly_one_place(names, first, second, nest):
    low, high = sorted((first, second))
    layout = arrange(SWEEP, rows=names[:low], columns=names[low:high], pages=names[high:], nest=nest)
    placed = sorted(index for indices in layout.cells.values() for index in indices)
    assert placed == list(range(len(SWEEP)))
    for (row, column, page), indices in layout.cells.items():
        assert row < len(layout.rows)
        assert column < len(layout.columns)
        assert all(at < len(side) for at, side in zip(page, layout.pages, strict=True))
        assert page in layout.combinations
        for name, label in zip(layout.rows.names, layout.rows.headers[row], strict=True):
            if name != "repeat":
                assert all(label.startswith(str(CELLS[index].values[name])) for index in indices)
