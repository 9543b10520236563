"""Stars and ratings: of entries, and of pictures, which are known by their content."""

import pytest
from history.making import an_input, picture, recorded

from imgwidgets.errors import HistoryError
from imgwidgets.history import History, Marks

FOX, OWL = picture("fox"), picture("owl")


def test_a_mark_belongs_to_the_picture_wherever_it_occurs(history, folder):
    recorded(history, "first", FOX)
    recorded(history, "again", FOX, OWL)
    assert history.marks([FOX.sha256]) == {FOX.sha256: Marks()}
    assert history.mark(FOX.sha256, starred=True, rating=4) == Marks(starred=True, rating=4)
    assert history.mark(FOX.sha256, selected=True) == Marks(starred=True, rating=4, selected=True)
    with History(folder) as other:
        assert other.marks([OWL.sha256, FOX.sha256])[FOX.sha256].rating == 4
        assert [entry.prompt for entry in other.search(starred=True)] == ["again", "first"]
    assert history.mark(FOX.sha256, rating=None, starred=False) == Marks(selected=True)
    assert history.search(starred=True) == []


def test_thousands_of_pictures_can_be_asked_for(history):
    digests = [f"{number:064x}" for number in range(2500)]
    history.mark(digests[-1], rating=1)
    found = history.marks(digests)
    assert list(found) == digests
    assert [digest for digest in digests if found[digest].rating] == [digests[-1]]


@pytest.mark.parametrize("rating", [0, 6, 2.5, "4", True])
def test_a_rating_is_one_to_five(history, rating):
    number = recorded(history, "a fox", FOX)
    for rate in (lambda: history.rate(number, rating), lambda: history.mark(FOX.sha256, rating=rating)):
        with pytest.raises(ValueError, match="it is 1 to 5, or None"):
            rate()


def test_an_entry_counts_as_its_pictures_do(history):
    number, other = recorded(history, "a fox", FOX, OWL), recorded(history, "a bear")
    recorded(history, "an edit", endpoint="edits", images=(an_input("fox"),))
    history.mark(FOX.sha256, starred=True, rating=2)
    history.mark(OWL.sha256, rating=5)
    history.rate(other, 3)
    assert [entry.id for entry in history.search(starred=True)] == [number], (
        "an input's star is not its edit's"
    )
    assert len(history.search(starred=False)) == 2
    assert history.count(starred=True) == 1
    assert (history.entry(number).starred, history.entry(number).rating) == (True, 5)
    history.rate(number, 1)
    assert history.entry(number).rating == 1
    assert history.entry(other).rating == 3


def test_a_star_that_is_taken_from_an_entry_is_taken_from_its_pictures(history):
    number = recorded(history, "a fox", FOX)
    history.mark(FOX.sha256, starred=True, rating=4, selected=True)
    history.star(number, False)  # noqa: FBT003 (the promised call)
    history.rate(number, None)
    assert history.entry(number).starred is False
    assert history.entry(number).rating is None
    assert history.marks([FOX.sha256])[FOX.sha256] == Marks(selected=True)


def test_prune_keeps_what_has_a_starred_picture(history):
    number = recorded(history, "a fox", FOX)
    recorded(history, "an owl", OWL)
    history.mark(FOX.sha256, starred=True)
    history.mark(OWL.sha256, rating=5)
    assert history.prune(older_than=0).entries == 1
    assert [entry.id for entry in history.search()] == [number]
    assert history.marks([OWL.sha256])[OWL.sha256] == Marks(), "the marks of what is gone are gone too"
    assert history.prune(older_than=0, keep_starred=False).entries == 1
    assert history.marks([FOX.sha256])[FOX.sha256] == Marks()


def test_an_entry_that_is_not_there_is_said(history):
    for mark in (lambda: history.star(7), lambda: history.rate(7, 3)):
        with pytest.raises(HistoryError, match="no entry 7"):
            mark()
    with pytest.raises(TypeError, match="give the id of an entry"):
        history.star("7")
