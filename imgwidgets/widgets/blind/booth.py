"""Where votes are cast: the pairs of a blind test, its votes, and what its page is told."""

from __future__ import annotations

import threading
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget
import msgspec
import traitlets as t
from IPython.display import publish_display_data

from imgwidgets.errors import ImgWidgetsError
from imgwidgets.images import thumbnail
from imgwidgets.widgets import text
from imgwidgets.widgets.blind.pictures import Anonymous
from imgwidgets.widgets.blind.static import result_html, waiting_html
from imgwidgets.widgets.blind.votes import CHOICES, Ballot, Vote

if TYPE_CHECKING:
    from concurrent.futures import Future

    from imgwidgets.images import ResultImage
    from imgwidgets.widgets.blind.images import Field
    from imgwidgets.widgets.blind.pairs import Plan
    from imgwidgets.widgets.blind.votes import Choice

__all__ = ["Booth"]

_PIECE = 1 << 20  # bytes: one message stays below what servers and proxies let through
_EDGE = 128  # pixels of a picture beside its result


class Booth(anywidget.AnyWidget):
    """What :class:`BlindTest` is made of: one lock, one list of votes, one page or several.

    Parameters
    ----------
    field : Field
        What is compared.
    plan : Plan
        In which pairs.
    by : str or None
        The parameter that is compared.
    voter : str
        Written with each vote.
    """

    # Nothing is synced: that would be stored with the notebook. The page learns all by message.
    cast = t.Int(0, help="Votes so far; can be observed.")
    revealed = t.Bool(False, help="Whether the labels are shown; can be observed.")  # noqa: FBT003 (a trait's default)

    def __init__(self, field: Field, plan: Plan, *, by: str | None, voter: str) -> None:
        self._lock = threading.RLock()
        self._images, self._pictures = field.images, field.pictures
        self._plan = plan
        self._by = by
        self._voter = voter
        self._votes: list[Vote] = []
        self._session = uuid.uuid4().hex
        self._anonymous = Anonymous()
        self._displays: list[str] = []
        self._heard = self._closed = False
        super().__init__()
        self.on_msg(self._receive)

    @property
    def pair(self) -> tuple[ResultImage, ResultImage] | None:
        """The two images to choose from now, left and right; None when the test is over."""
        with self._lock:
            if self.done:
                return None
            left, right = self._plan.pair(self._votes)
            return self._images[left], self._images[right]

    @property
    def votes(self) -> list[Vote]:
        """The votes so far, in their order; with the labels."""
        with self._lock:
            return list(self._votes)

    @property
    def rounds(self) -> int:
        """How many pairs are shown in all."""
        return self._plan.rounds

    @property
    def done(self) -> bool:
        """Whether every pair has its vote, or the labels are shown."""
        return bool(self.revealed) or len(self._votes) >= self._plan.rounds

    @property
    def ballot(self) -> Ballot:
        """The votes as a value that can be stored and merged."""
        with self._lock:
            votes, pictures = tuple(self._votes), dict(self._pictures)
        return Ballot(votes=votes, pictures=pictures, by=self._by, sessions=(self._session,))

    def vote(self, choice: Choice) -> None:
        """Vote about the present pair, as a button does.

        Parameters
        ----------
        choice : str
            ``left``, ``right``, ``tie`` or ``skip``.

        Raises
        ------
        ValueError
            For another choice, or where the test is over.
        """
        if choice not in CHOICES:
            raise ValueError(f"no choice {choice!r}: vote {', '.join(map(repr, CHOICES))}")
        with self._lock:
            if self.done:
                raise ValueError("the test is over: every pair has its vote, or the labels were shown")
            left, right = self._plan.pair(self._votes)
            one, two = self._pictures[left], self._pictures[right]
            self._votes.append(
                Vote(
                    left=one.label,
                    right=two.label,
                    choice=choice,
                    left_picture=left,
                    right_picture=right,
                    voter=self._voter,
                )
            )
            over = len(self._votes) >= self._plan.rounds
        self._changed()
        if over:
            self.reveal()

    def undo(self) -> None:
        """Take the last vote back: the same pair is shown again.

        Raises
        ------
        ValueError
            Where there is no vote, or the labels are shown already.
        """
        with self._lock:
            if self.revealed:
                raise ValueError("the labels are shown: a vote that is changed now would not be blind")
            if not self._votes:
                raise ValueError("there is no vote to take back")
            self._votes.pop()
        self._changed()

    def reveal(self) -> None:
        """End the test: show the labels and the result."""
        with self._lock:
            self.revealed = True
        self._changed()
        for display in self._displays:
            self._publish(display, update=True)

    # -- the page ------------------------------------------------------------------------------------------

    def _leave_copy(self) -> None:
        self._displays.append(uuid.uuid4().hex)
        self._publish(self._displays[-1])

    def _publish(self, display: str, *, update: bool = False) -> None:
        """Leave a result in the notebook, for readers without a kernel; it changes when there is one."""
        if self.revealed:
            html = result_html(self._rows(), votes=len(self._votes), by=self._by)
        else:
            html = waiting_html(len(self._images), self._plan.rounds)
        publish_display_data({"text/html": html}, transient={"display_id": display}, update=update)  # type: ignore[no-untyped-call]

    def _changed(self) -> None:
        self.cast = len(self._votes)
        if self._heard:
            self._say_state()

    def _say(self, message: dict[str, Any], *buffers: bytes) -> None:
        if not self._closed:
            self.send(message, list(buffers) or None)

    def _say_state(self) -> None:
        """Tell the page what to show; before the end, no word that could tell images apart."""
        with self._lock:
            state: dict[str, Any] = {
                "kind": "state",
                "serial": len(self._votes),
                "rounds": self._plan.rounds,
                "revealed": bool(self.revealed),
            }
            if not self.done:
                pair = [self._images[name] for name in self._plan.pair(self._votes)]
                state["sizes"] = [list(image.size) for image in pair]
        if not self.revealed:
            self._say(state)
            return
        rows = self._rows()
        pictures = [data for row in rows if (data := row.pop("picture"))]
        self._say({**state, "rows": rows, "by": self._by or "label"}, *pictures)

    def _rows(self) -> list[dict[str, Any]]:
        """Give the result with a small picture for each label that has one."""
        first: dict[str, str] = {}
        for name, picture in self._pictures.items():
            first.setdefault(picture.label, name)
        many = len(first) < len(self._pictures)
        rows = []
        for rating in self.ballot.ratings():
            data, media_type = (b"", "") if many else _small(self._images[first[rating.name]])
            rows.append(
                {
                    **msgspec.structs.asdict(rating),
                    "name": text.one_line(rating.name, 200),
                    "media_type": media_type,
                    "picture": data,
                }
            )
        return rows

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        try:
            match message:
                case {"kind": "hello"}:
                    self._heard = True
                    self._say_state()
                case {"kind": "vote", "serial": int(serial), "choice": str(choice)}:
                    self._hear_vote(serial, choice)
                case {"kind": "undo"}:
                    self.undo()
                case {"kind": "reveal"}:
                    self.reveal()
                case {"kind": "picture", "serial": int(serial), "side": 0 | 1 as side, "offset": int(offset)}:
                    self._send_picture(serial, side, offset, message.get("request"))
        except (ImgWidgetsError, OSError, ValueError) as error:
            # Shown in the test: what a callback raises, ipywidgets would print where nobody looks.
            self._say({"kind": "trouble", "message": text.one_line(error, 300)})

    def _hear_vote(self, serial: int, choice: str) -> None:
        with self._lock:
            # A second click, or one in another view, is about a pair that has its vote.
            if serial == len(self._votes) and not self.done:
                self.vote(choice)  # type: ignore[arg-type]
            else:
                self._say_state()

    def _send_picture(self, serial: int, side: int, offset: int, request: Any) -> None:
        with self._lock:
            if serial != len(self._votes) or self.done or offset < 0:
                self._say({"kind": "failed", "request": request, "message": "another pair is shown now"})
                return
            name = self._plan.pair(self._votes)[side]
        made = self._anonymous.start(name, self._images[name])
        made.add_done_callback(partial(self._send_piece, offset, request))

    def _send_piece(self, offset: int, request: Any, made: Future[tuple[bytes, str]]) -> None:
        error = None if made.cancelled() else made.exception()
        if made.cancelled() or error is not None:
            # The reason may hold a file's name, which may tell whose it is.
            said = "This image cannot be shown: skip the pair."
            self._say({"kind": "failed", "request": request, "message": said})
            return
        data, media_type = made.result()
        head = {"kind": "picture", "request": request, "total": len(data), "media_type": media_type}
        self._say(head, data[offset : offset + _PIECE])


def _small(image: ResultImage) -> tuple[bytes, str]:
    try:
        return thumbnail(image, edge=_EDGE)
    except ImgWidgetsError:
        return b"", ""
