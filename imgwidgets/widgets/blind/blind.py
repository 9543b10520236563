"""The blind test: pairs of images with their labels hidden, votes, and a table of who won."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.widgets import text
from imgwidgets.widgets.blind.booth import Booth
from imgwidgets.widgets.blind.images import field_of
from imgwidgets.widgets.blind.pairs import Plan
from imgwidgets.widgets.blind.votes import Ballot, read_ballot
from imgwidgets.widgets.page import STATIC, in_notebook, joined

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imgwidgets.images import ResultImage
    from imgwidgets.images.ratings import Method
    from imgwidgets.widgets.blind.pairs import Pairing

__all__ = ["BlindTest", "blind_test"]


class BlindTest(Booth):
    """Two images at a time, without a word about them: which one is better? Made by :func:`blind_test`.

    Until the end nothing in the page tells which image is whose: pictures travel without their
    metadata and under numbers. Votes come from buttons, from the keyboard, and from :meth:`vote`.

    Attributes
    ----------
    cast : int
        Votes so far; can be observed.
    revealed : bool
        Whether the labels are shown; can be observed.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> from PIL import Image
    >>> pictures = [Image.new("RGB", (64, 48), colour) for colour in ("teal", "gold", "navy")]
    >>> test = iw.blind_test(pictures, labels=["teal", "gold", "navy"], seed=1)
    >>> test
    <BlindTest: 0 of 3 votes>
    >>> while not test.done:
    ...     left, right = test.pair
    ...     test.vote("left" if left.array.mean() > right.array.mean() else "right")
    >>> [row["label"] for row in test.ballot.rows()]
    ['gold', 'teal', 'navy']
    """

    _esm = joined("grid_kit.js", "grid_stage.js", "blind_view.js", "blind.js")
    _css = "\n".join(
        (STATIC / name).read_text(encoding="utf-8") for name in ("grid.css", "grid_compare.css", "blind.css")
    )

    def __init__(  # noqa: PLR0913 (one keyword for each thing that is chosen)
        self,
        images: Any,
        *,
        labels: Sequence[str] | None = None,
        by: str | Callable[[ResultImage], Any] | None = None,
        rounds: int | None = None,
        seed: int | None = None,
        pairing: Pairing = "auto",
        voter: str = "",
        static: bool = True,
    ) -> None:
        if pairing not in ("auto", "round-robin", "adaptive"):
            raise ValueError(f"pairing={pairing!r}: choose 'auto', 'round-robin' or 'adaptive'")
        if rounds is not None and (not isinstance(rounds, int) or rounds < 1):
            raise ValueError(f"rounds={rounds!r}: how many pairs are shown, 1 or more")
        field = field_of(images, labels, by)
        chosen = secrets.randbelow(1 << 32) if seed is None else int(seed)
        facts = {name: picture.facts for name, picture in field.pictures.items()}
        plan = Plan.of(field.groups(), facts, rounds=rounds, pairing=pairing, seed=chosen)
        self._static = static
        super().__init__(field, plan, by=by if isinstance(by, str) else None, voter=text.one_line(voter, 80))

    def table(self, by: str | None = None, *, method: Method = "bradley-terry") -> Any:
        """Give wins, losses, ties, score and its interval, the best first.

        Parameters
        ----------
        by : str, optional
            Group by ``"model"``, ``"prompt"`` or any parameter; default: what the test compares.
        method : str, default "bradley-terry"
            Or ``"elo"``. See :mod:`imgwidgets.images.ratings`.

        Returns
        -------
        pandas.DataFrame or list of dict
            A list where pandas is not installed. ``score`` is 1000 on average, and 400 more means
            preferred ten times out of eleven; ``low`` and ``high`` hold it with 95 % certainty.

        Raises
        ------
        ValueError
            Where no image has that parameter, or the method is another one.
        """
        return self.ballot.table(by, method)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the votes as JSON, over what is there: labels are in it, pictures are not."""
        return self.ballot.save(path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on with votes that were saved, in place of those cast here.

        Raises
        ------
        ImgWidgetsError
            Where the file holds no votes, or votes about other images.
        OSError
            Where it cannot be read.
        """
        ballot = read_ballot(path)
        strange = {v for vote in ballot.votes for v in (vote.left_picture, vote.right_picture)} - set(
            self._images
        )
        if strange:
            raise ImgWidgetsError(
                f"{path} has votes about {len(strange)} images that are not in this test; "
                "BlindTest.merge counts votes of several tests together"
            )
        with self._lock:
            self._votes = [
                msgspec.structs.replace(
                    vote,
                    left=self._pictures[vote.left_picture].label,
                    right=self._pictures[vote.right_picture].label,
                )
                for vote in ballot.votes
            ]
            self._session = ballot.sessions[0] if len(ballot.sessions) == 1 else uuid.uuid4().hex
            over = len(self._votes) >= self._plan.rounds
        self._changed()
        if over:
            self.reveal()

    def merge(self: Any, *others: Any) -> Ballot:
        """Count the votes of several people together: ``BlindTest.merge("ann.json", "bob.json")``.

        Parameters
        ----------
        *others : BlindTest, Ballot, path, or list of those
            Tests and files that :meth:`save` wrote. A sitting that comes twice counts once.

        Returns
        -------
        Ballot
            With ``votes``, ``table()`` and ``save()``, as here.

        Raises
        ------
        ImgWidgetsError
            Where a file holds no votes.
        OSError
            Where it cannot be read.
        """
        sources: list[Any] = []
        for one in (self, *others):
            sources.extend(one if isinstance(one, (list, tuple, set)) else [one])
        return Ballot().joined([_ballot_of(one) for one in sources])

    def close(self) -> None:
        """Free the images and remove the test from the page."""
        if not hasattr(self, "_anonymous"):
            return  # the constructor was called with wrong arguments, and ipywidgets closes what it left
        self._closed = True
        self._anonymous.clear()
        super().close()

    def __repr__(self) -> str:
        tail = ", over" if self.done else ""
        return f"<BlindTest: {len(self._votes)} of {self._plan.rounds} votes{tail}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not in_notebook():
            return {"text/plain": repr(self)}
        if self._static:
            self._leave_copy()
        return super()._repr_mimebundle_(**kwargs)


def blind_test(  # noqa: PLR0913 (one keyword for each thing that is chosen)
    images: Any,
    *,
    labels: Sequence[str] | None = None,
    by: str | Callable[[ResultImage], Any] | None = None,
    rounds: int | None = None,
    seed: int | None = None,
    pairing: Pairing = "auto",
    voter: str = "",
) -> BlindTest:
    """Show pairs of images without their labels, take votes, and say who won.

    Parameters
    ----------
    images : object
        What ``ResultGrid`` takes: results, images, paths, arrays, or an iterable of those.
    labels : sequence of str, optional
        One for each image; images with the same label are one competitor. Default: what sets each
        image apart.
    by : str or callable, optional
        Compare ``"model"``, ``"prompt"`` or a parameter instead of single images: all images with the
        same value are one competitor, and those with the same prompt meet. Or a function that gives
        an image's label.
    rounds : int, optional
        How many pairs are shown. Default: every pair once where there are at most 45, otherwise three
        for each competitor, at least 30.
    seed : int, optional
        For the order and the sides; the same seed and votes give the same pairs.
    pairing : str, default "auto"
        ``"round-robin"`` (every pair in turn), ``"adaptive"`` (the pair whose vote tells most), or
        adaptive only where there are fewer rounds than pairs.
    voter : str, optional
        Who votes; it is written with each vote.

    Returns
    -------
    BlindTest
        A widget; ``test.votes``, ``test.table()`` and ``test.save(path)`` have the outcome.

    Raises
    ------
    ValueError
        For fewer than two images or competitors, as many labels as there are not images, or a
        parameter that no image has.
    ImageInputError
        Where an image cannot be read.
    """
    return BlindTest(images, labels=labels, by=by, rounds=rounds, seed=seed, pairing=pairing, voter=voter)


def _ballot_of(source: Any) -> Ballot:
    if isinstance(source, BlindTest):
        return source.ballot
    return source if isinstance(source, Ballot) else read_ballot(source)
