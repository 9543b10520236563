"""Stars, ratings and selection: in the history where it holds the pictures, else in the grid alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgwidgets.images import ResultImage
    from imgwidgets.widgets.grid.items import Item

__all__ = ["keep", "recall"]


def keep(images: Iterable[ResultImage], **marks: Any) -> None:
    """Write marks of pictures into the histories that hold them.

    Parameters
    ----------
    images : iterable of ResultImage
    **marks
        ``starred``, ``rating`` or ``selected``, as ``History.mark`` takes them.

    Raises
    ------
    HistoryError
        Where it cannot be written.
    """
    for image in images:
        kept = getattr(image, "kept", None)
        if kept is not None:
            kept.history.mark(kept.sha256, **marks)


def recall(items: Sequence[Item]) -> tuple[list[Item], list[bool]]:
    """Give items with the stars and ratings that the history remembers, and whether each was selected."""
    by_history: dict[int, tuple[Any, set[str]]] = {}
    for item in items:
        kept = getattr(item.image, "kept", None)
        if kept is not None:
            by_history.setdefault(id(kept.history), (kept.history, set()))[1].add(kept.sha256)
    known: dict[tuple[int, str], Any] = {}
    for name, (history, digests) in by_history.items():
        try:
            marks = history.marks(digests)
        except HistoryError:  # closed meanwhile, or its folder is gone: the pictures are shown all the same
            continue
        known |= {(name, digest): found for digest, found in marks.items()}
    marked, selected = [], []
    for item in items:
        kept = getattr(item.image, "kept", None)
        found = None if kept is None else known.get((id(kept.history), kept.sha256))
        selected.append(bool(found is not None and found.selected))
        if found is not None:
            marked.append(msgspec.structs.replace(item, starred=found.starred, rating=found.rating))
        else:
            marked.append(item)
    return marked, selected
