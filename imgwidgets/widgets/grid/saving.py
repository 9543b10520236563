"""Taking images out of a grid: into a folder, as files that say what was asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets as t

from imgwidgets.images.embed import embedded
from imgwidgets.widgets import text
from imgwidgets.widgets.grid.compare import Comparing
from imgwidgets.widgets.grid.files import write
from imgwidgets.widgets.grid.tiles import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgwidgets.images import ResultImage
    from imgwidgets.widgets.grid.items import Item

__all__ = ["Saving"]


class Saving(Comparing):
    """A grid whose images can be written into a folder."""

    folder = t.Unicode("images").tag(sync=True)

    def save(
        self,
        folder: str | Path | None = None,
        images: Iterable[ResultImage] | None = None,
        *,
        metadata: bool = True,
    ) -> list[Path]:
        """Write copies of images into a folder.

        Names come from prompt and place. A file that exists is kept: where it has the same content
        it counts as saved, otherwise the new one gets another name.

        Parameters
        ----------
        folder : str or path, optional
            Created where it does not exist; default: the grid's own.
        images : iterable of ResultImage, optional
            Some of :attr:`images`; default: all.
        metadata : bool, default True
            Whether the copies also say what was asked (prompt, model, parameters): as PNG text, as
            EXIF in JPEG and WebP, as a comment in GIF. Pixels are not encoded again. Files that are
            signed by their maker (C2PA), and other formats, are copied as they are. False writes the
            provider's own bytes. Either way the image itself, in memory and in the history, keeps
            its bytes.

        Returns
        -------
        list of Path
            The files, in the order of the grid.

        Raises
        ------
        ValueError
            Where one of ``images`` is not in the grid.
        OSError
            Where the folder cannot be written to.
        """
        target = Path(self.folder if folder is None else folder).expanduser()
        self._settle()
        items = self._list.all() if images is None else self._items_of(list(images))
        target.mkdir(parents=True, exist_ok=True)
        files = []
        for item in items:
            if item.shown is None:
                continue
            data = item.shown.bytes
            if metadata:
                data = embedded(data, said_of(item))
            files.append(write(target / name_of(item, self._list.place(item.key)), data))
        return files


def said_of(item: Item) -> dict[str, Any]:
    """Give what a saved copy says about itself."""
    request, image = item.request, item.image
    said: dict[str, Any] = {
        "prompt": text.plain(item.title),
        "model": item.model,
        "provider": request.provider if request is not None else "",
        "endpoint": request.endpoint if request is not None else "",
        "parameters": dict(item.parameters),
        "revised_prompt": image.revised_prompt if image is not None else "",
    }
    return {name: value for name, value in said.items() if value}
