"""One request as it is remembered."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import ImageInput, ImageRequest, Usage
from imgwidgets.errors import HistoryError
from imgwidgets.history.pictures import StoredImage, image_from
from imgwidgets.images import ImageResult

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from imgwidgets.history.history import History

__all__ = ["Entry", "entry_from"]

_WITHHELD = "an input's address held a secret, which is not kept: give the input again to repeat this"


class Entry(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """One request and what became of it, as it was when it was looked up.

    Attributes
    ----------
    id : int
        Its number in this history; never given to another.
    created : datetime.datetime
        When it was asked, with this machine's time zone.
    status : str
        ``running``, ``done``, ``failed``, ``maybe_billed`` (no answer was written down, the provider may have
        charged for it) or ``not_sent``.
    prompt, model, provider, endpoint, base_url : str
        What was asked of whom.
    parameters : dict
        As they were sent, without any that hold a secret.
    key : str
        ``ImageRequest.key`` of the request.
    cost : float or None
        US dollars. Of the embedded sandbox (``embedded``), what the real one would bill.
    seconds : float or None
        How long it took.
    usage : Usage or None
        Tokens, as the provider counted them.
    notes : tuple of str
        What a person should know.
    error, error_type : str
        What went wrong, and the exception's name; empty where nothing did.
    request_id : str or None
        The provider's name for the request.
    images : tuple of StoredImage
        What came, read when it is needed.
    partial_images : tuple of StoredImage
        What a stream delivered on the way.
    starred : bool
        Marked by a person: the entry itself, or one of its pictures.
    rating : int or None
        1 to 5, by a person: of the entry itself, else of its best picture.
    run : str or None
        The run of a sweep that it belongs to.
    cell : int or None
        Which cell of that sweep.

    Examples
    --------
    >>> import tempfile
    >>> import imgwidgets as iw
    >>> from imgwidgets.history import History
    >>> with tempfile.TemporaryDirectory() as folder, History(folder) as history:
    ...     request = iw.ImageRequest(prompt="a fox", model="gpt-image-2", parameters={"quality": "low"})
    ...     number = history.started(request)
    ...     history.failed(number, iw.errors.ConnectionFailed("cut", maybe_billed=True))
    ...     entry = history.search("fox")[0]
    >>> entry.status, entry.error, entry.parameters
    ('maybe_billed', 'cut', {'quality': 'low'})
    >>> entry.request == request
    True
    """

    id: int
    created: dt.datetime
    status: str
    prompt: str
    model: str
    provider: str
    endpoint: str
    base_url: str
    embedded: bool
    parameters: dict[str, Any]
    key: str
    cost: float | None
    seconds: float | None
    usage: Usage | None
    notes: tuple[str, ...]
    error: str
    error_type: str
    request_id: str | None
    images: tuple[StoredImage, ...]
    partial_images: tuple[StoredImage, ...]
    starred: bool
    rating: int | None
    run: str | None
    cell: int | None
    extra: dict[str, Any]
    provider_created: int | None
    _history: Any
    _inputs: tuple[Any, ...]

    @cached_property
    def request(self) -> ImageRequest:
        """What was asked, with its input images: ``client.send(entry.request)`` asks it again.

        Raises
        ------
        HistoryError
            Where the file of an input is missing or was altered.
        """
        given: dict[str, list[ImageInput]] = {"input": [], "mask": [], "markup": []}
        for row in self._inputs:
            given[row["role"]].append(self.input_of(row))
        return ImageRequest(
            prompt=self.prompt,
            model=self.model,
            provider=self.provider,
            endpoint=self.endpoint,  # type: ignore[arg-type]  # it was one when it was written
            parameters=dict(self.parameters),
            images=tuple(given["input"]),
            mask=next(iter(given["mask"]), None),
            markup=next(iter(given["markup"]), None),
        )

    @property
    def result(self) -> ImageResult:
        """The images with all that is known of them, as the client gave them."""
        return ImageResult(
            self.images,
            request=self.request,
            usage=self.usage,
            cost=self.cost,
            seconds=self.seconds,
            request_id=self.request_id,
            notes=self.notes,
            created=self.provider_created,
            extra=self.extra,
        )

    def inputs(self) -> Iterator[sqlite3.Row]:
        """Give the rows of what went out with it, in order."""
        yield from self._inputs

    def input_of(self, row: sqlite3.Row) -> ImageInput:
        """Read one of :meth:`inputs`.

        Raises
        ------
        HistoryError
            Where its file is missing or was altered.
        """
        return _input_from(row, self._history)

    def __repr__(self) -> str:
        short = self.prompt if len(self.prompt) <= 40 else f"{self.prompt[:39]}…"
        count = len(self.images)
        said = [self.status, f"{count} image{'' if count == 1 else 's'}" if count else "", self.model]
        said += [f"${self.cost:.4f}" if self.cost is not None else "", "starred" if self.starred else ""]
        return f"<Entry {self.id}, {self.created:%Y-%m-%d %H:%M}: {', '.join(filter(None, said))}: {short!r}>"


def entry_from(row: sqlite3.Row, pictures: Iterable[sqlite3.Row], history: History) -> Entry:
    """Make an entry of its rows; those of pictures with the marks of their bytes."""
    outcome = msgspec.json.decode(row["outcome"])
    by_role: dict[str, list[sqlite3.Row]] = {}
    for picture in pictures:
        by_role.setdefault(picture["role"], []).append(picture)
    inputs = tuple(one for role in ("input", "mask", "markup") for one in by_role.get(role, ()))
    notes = list(outcome.get("notes") or ())
    if any('"withheld":true' in one["details"] for one in inputs):
        notes.append(_WITHHELD)
    came = [*by_role.get("image", ()), *by_role.get("partial", ())]
    ratings = [one["picture_rating"] for one in came if one["picture_rating"] is not None]
    prompt, model = row["prompt"], row["model"]
    return Entry(
        id=row["id"],
        created=dt.datetime.fromtimestamp(row["created"]).astimezone(),
        status=row["status"],
        prompt=prompt,
        model=model,
        provider=row["provider"],
        endpoint=row["endpoint"],
        base_url=row["base_url"],
        embedded=bool(row["embedded"]),
        parameters=msgspec.json.decode(row["parameters"]),
        key=row["key"],
        cost=row["cost"],
        seconds=row["seconds"],
        usage=_usage(outcome.get("usage")),
        notes=tuple(notes),
        error=row["error"],
        error_type=row["error_type"],
        request_id=outcome.get("request_id"),
        images=tuple(image_from(one, history, prompt, model) for one in by_role.get("image", ())),
        partial_images=tuple(image_from(one, history, prompt, model) for one in by_role.get("partial", ())),
        starred=bool(row["starred"]) or any(one["picture_starred"] for one in came),
        rating=row["rating"] if row["rating"] is not None else max(ratings, default=None),
        run=row["run"],
        cell=row["cell"],
        extra=outcome.get("extra") or {},
        provider_created=outcome.get("created"),
        _history=history,
        _inputs=inputs,
    )


def _input_from(row: sqlite3.Row, history: History) -> ImageInput:
    details = msgspec.json.decode(row["details"])
    size = details.get("size")
    data = history.read_file(row["sha256"]) if row["sha256"] is not None else None
    url = details.get("url")
    if data is not None and details.get("is_url"):
        url, data = data.decode(), None
    if data is None and url is None and details.get("file_id") is None:
        raise HistoryError(
            f"{row['role']} {row['position']} of entry {row['entry']} was not written down: it was never sent"
        )
    return ImageInput(
        data=data,
        url=url,
        file_id=details.get("file_id"),
        format=details.get("format") or "",
        size=(int(size[0]), int(size[1])) if size else None,
        has_alpha=details.get("has_alpha"),
        name=details.get("name") or "",
    )


def _usage(said: Any) -> Usage | None:
    if not isinstance(said, dict):
        return None
    counted = {name: said.get(name) for name in Usage.__struct_fields__ if name != "extra"}
    # A count beyond 64 bits was written as text: it is no count.
    counted = {name: value if isinstance(value, int) else None for name, value in counted.items()}
    return Usage(**counted, extra=said.get("extra") or {})
