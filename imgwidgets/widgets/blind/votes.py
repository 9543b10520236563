"""Votes of a blind test: kept, counted, written, merged. No widgets here."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images.ratings import Game, Rating, rate

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    from imgwidgets.images.ratings import Method

__all__ = ["CHOICES", "Ballot", "Choice", "Picture", "Vote", "read_ballot"]

Choice = Literal["left", "right", "tie", "skip"]
CHOICES: tuple[Choice, ...] = ("left", "right", "tie", "skip")

_KIND = "imgwidgets blind test"
_UNKNOWN = "not known"


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody preferred of two pictures.

    Attributes
    ----------
    left, right : str
        The labels of the two, by the side on which they were shown.
    choice : str
        ``left``, ``right``, ``tie`` or ``skip``.
    left_picture, right_picture : str
        The names of the two pictures: the start of their content's SHA-256.
    voter : str
        Who; empty where nobody said.
    """

    left: str
    right: str
    choice: Choice
    left_picture: str
    right_picture: str
    voter: str = ""

    @property
    def winner(self) -> str | None:
        """The label that was preferred; None for a tie and a skipped pair."""
        return {"left": self.left, "right": self.right}.get(self.choice)

    @property
    def result(self) -> float | None:
        """1 for the left, 0 for the right, 0.5 for a tie; None for a skipped pair."""
        return {"left": 1.0, "right": 0.0, "tie": 0.5}.get(self.choice)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a picture of the test, its pixels aside.

    Attributes
    ----------
    label : str
        Hidden until the end.
    facts : dict
        Prompt, model and parameters as text: what votes can be grouped by.
    """

    label: str
    facts: dict[str, str] = {}


class Ballot(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The votes of one or several people, and what they voted about.

    Attributes
    ----------
    votes : tuple of Vote
        In the order in which they were cast.
    pictures : dict
        The pictures by their names.
    by : str or None
        The parameter that was compared; None where labels were.
    sessions : tuple of str
        Which sittings these votes come from, so that none is counted twice.

    Examples
    --------
    >>> pictures = {"a": Picture(label="fox"), "b": Picture(label="owl")}
    >>> vote = Vote(left="fox", right="owl", choice="left", left_picture="a", right_picture="b")
    >>> [row["label"] for row in Ballot(votes=(vote,), pictures=pictures).rows()]
    ['fox', 'owl']
    """

    votes: tuple[Vote, ...] = ()
    pictures: dict[str, Picture] = {}
    by: str | None = None
    sessions: tuple[str, ...] = ()
    kind: str = _KIND

    def ratings(self, by: str | None = None, method: Method = "bradley-terry") -> list[Rating]:
        """Rate labels, or the values of a parameter; the best first.

        Parameters
        ----------
        by : str, optional
            ``"model"``, ``"prompt"`` or any parameter; default: what the test compared.
        method : str
            ``"bradley-terry"`` or ``"elo"``.

        Raises
        ------
        ValueError
            Where no picture has that parameter, or the method is another one.
        """
        group = self._groups(by)
        games = [
            Game(group(vote.left_picture, vote.left), group(vote.right_picture, vote.right), vote.result)
            for vote in self.votes
            if vote.result is not None
        ]
        names = [group(name, picture.label) for name, picture in self.pictures.items()]
        return rate([game for game in games if game.first != game.second], names, method=method)

    def _groups(self, by: str | None) -> Any:
        if by is None:
            return lambda _name, label: label
        if self.pictures and not any(by in picture.facts for picture in self.pictures.values()):
            known = sorted({name for picture in self.pictures.values() for name in picture.facts})
            raise ValueError(
                f"no picture here has a {by!r}: there is {', '.join(known) or 'nothing but labels'}"
            )

        def value(name: str, _label: str) -> str:
            picture = self.pictures.get(name)
            return picture.facts.get(by, _UNKNOWN) if picture else _UNKNOWN

        return value

    def rows(self, by: str | None = None, method: Method = "bradley-terry") -> list[dict[str, Any]]:
        """Give :meth:`ratings` as dictionaries, the name under ``by`` or ``label``."""
        name = by or self.by or "label"
        return [
            {
                name: rating.name,
                "wins": rating.wins,
                "losses": rating.losses,
                "ties": rating.ties,
                "score": round(rating.score, 1),
                "low": round(rating.low, 1),
                "high": round(rating.high, 1),
            }
            for rating in self.ratings(by, method)
        ]

    def table(self, by: str | None = None, method: Method = "bradley-terry") -> Any:
        """Give wins, losses, ties, score and its interval, the best first.

        Parameters
        ----------
        by : str, optional
            Group by ``"model"``, ``"prompt"`` or any parameter; default: what the test compared.
        method : str, default "bradley-terry"
            Or ``"elo"``.

        Returns
        -------
        pandas.DataFrame or list of dict
            A list where pandas is not installed. ``score`` is 1000 on average, and 400 more means
            preferred ten times out of eleven; ``low`` and ``high`` hold it with 95 % certainty.
        """
        rows = self.rows(by, method)
        try:
            import pandas as pd  # noqa: PLC0415 (wanted by some, heavy for all)
        except ImportError:
            return rows
        return pd.DataFrame(rows)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the votes as JSON, over what is there; labels are in it, pictures are not."""
        target = Path(path).expanduser()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")
        return target

    def joined(self, others: Iterable[Ballot]) -> Ballot:
        """Give the votes of all: each sitting once, the longer version of one that comes twice."""
        alone: dict[tuple[str, ...], Ballot] = {}
        for one in (self, *others):
            # Without a name for the sitting, nothing tells two of them apart.
            name = one.sessions or (uuid.uuid4().hex,)
            if name not in alone or len(alone[name].votes) < len(one.votes):
                alone[name] = one
        ballots = [
            one
            for name, one in alone.items()
            if not any(set(name) < set(wider) for wider in alone if wider != name)
        ]
        pictures: dict[str, Picture] = {}
        for one in ballots:
            pictures = one.pictures | pictures
        compared = {one.by for one in ballots}
        return Ballot(
            votes=tuple(vote for one in ballots for vote in one.votes),
            pictures=pictures,
            by=compared.pop() if len(compared) == 1 else None,
            sessions=tuple(dict.fromkeys(name for one in ballots for name in one.sessions)),
        )

    def __repr__(self) -> str:
        voters = len({vote.voter for vote in self.votes})
        count = len(self.votes)
        return (
            f"<Ballot: {count} vote{'' if count == 1 else 's'} of {voters} voter{'' if voters == 1 else 's'}>"
        )


def read_ballot(path: str | os.PathLike[str]) -> Ballot:
    """Read votes that were saved.

    A vote without a voter's name gets the file's.

    Raises
    ------
    ImgWidgetsError
        Where the file holds no votes of a blind test.
    OSError
        Where it cannot be read.
    """
    source = Path(path).expanduser()
    try:
        ballot = msgspec.json.decode(source.read_bytes(), type=Ballot)
    except msgspec.MsgspecError as error:
        raise ImgWidgetsError(f"{source} holds no votes of a blind test: {error}") from error
    if ballot.kind != _KIND:
        raise ImgWidgetsError(f"{source} holds no votes of a blind test, but {ballot.kind[:60]!r}")
    votes = tuple(
        vote if vote.voter else msgspec.structs.replace(vote, voter=source.stem) for vote in ballot.votes
    )
    return msgspec.structs.replace(ballot, votes=votes)


def labels_of(facts: Sequence[Mapping[str, str]], titles: Sequence[str]) -> list[str]:
    """Give every picture a label of its own: what sets it apart, in as few words as that takes.

    Parameters
    ----------
    facts : sequence of mapping
        Of each picture.
    titles : sequence of str
        Of each picture: the prompt, or a file's name.

    Examples
    --------
    >>> labels_of([{"quality": "low"}, {"quality": "high"}, {"quality": "high"}], ["a fox"] * 3)
    ['quality low', 'quality high (1)', 'quality high (2)']
    """
    names = list(dict.fromkeys(name for one in facts for name in one if name != "prompt"))
    varying = [name for name in names if len({one.get(name) for one in facts}) > 1]
    labels = []
    for one, title in zip(facts, titles, strict=True):
        said = [title] if title and len(set(titles)) > 1 else []
        said += [one[name] if name == "model" else f"{name} {one[name]}" for name in varying if name in one]
        labels.append(" · ".join(said) or title or "picture")
    counts = {label: labels.count(label) for label in labels}
    seen: dict[str, int] = {}
    for i, label in enumerate(labels):
        if counts[label] > 1:
            seen[label] = seen.get(label, 0) + 1
            labels[i] = f"{label} ({seen[label]})"
    return labels
