"""What came back: pictures as the provider sent them, and the result that holds them."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pybase64
from PIL import Image

from imgwidgets.errors import ImageInputError, ReplyError
from imgwidgets.images import pixels
from imgwidgets.images.header import MEDIA_TYPES, SUFFIXES, Header, sniff

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    import numpy as np
    import numpy.typing as npt

    from imgwidgets.catalog import ImageRequest, Usage
    from imgwidgets.history import Kept

__all__ = ["ImageResult", "PartialImage", "ResultImage"]

Bytes = bytes  # inside ResultImage, `bytes` is a property

_WITH_FRAMES = ("gif", "webp", "png")  # formats that keep an animation moving
_WITHOUT_ALPHA = ("jpeg", "bmp")


class ResultImage:
    """One picture, with the bytes exactly as the provider sent them.

    Format and size are read from the bytes, never taken from the provider's word; pixels are decoded when
    they are first asked for.

    Parameters
    ----------
    data : bytes
        The complete file.
    prompt, model : str
        What was asked of which model.
    revised_prompt : str
        What the provider made of the prompt, where it tells.
    index : int
        The place among the pictures of one request, from 0.
    extra : mapping
        Keys of the reply's entry that imgwidgets does not know.
    notes : iterable of str
        Remarks about this picture.

    Attributes
    ----------
    kept : Kept or None
        Where a history keeps it, once it was written down; a pickled picture is kept nowhere.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>'
    >>> image = iw.ResultImage(svg, prompt="nothing at all")
    >>> image.format, image.size, image.media_type
    ('svg', (64, 48), 'image/svg+xml')
    """

    def __init__(  # noqa: PLR0913 (one keyword for each thing that is known)
        self,
        data: bytes,
        *,
        prompt: str = "",
        model: str = "",
        revised_prompt: str = "",
        index: int = 0,
        extra: Mapping[str, Any] | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        self._data = bytes(data)
        self._header: Header = sniff(self._data)
        self.prompt = prompt
        self.model = model
        self.revised_prompt = revised_prompt
        self.index = index
        self.extra: dict[str, Any] = dict(extra or {})
        self.notes: tuple[str, ...] = tuple(notes)
        self.kept: Kept | None = None

    @property
    def bytes(self) -> bytes:
        """The file as it was received."""
        return self._data

    @property
    def format(self) -> str:
        """``png``, ``jpeg``, ``webp``, ``gif``, ``svg``, ...; empty where the bytes are no known image."""
        return self._header.format

    @property
    def media_type(self) -> str:
        """The format as a media type, such as ``image/png``."""
        return MEDIA_TYPES.get(self._header.format, "application/octet-stream")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, upright; ``(0, 0)`` where the file does not say."""
        return self._header.size or (0, 0)

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.size[0]

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.size[1]

    @property
    def has_alpha(self) -> bool:
        """Whether the file can carry transparency."""
        return self._header.has_alpha

    @property
    def frames(self) -> int:
        """Pictures of an animation; 1 for a still one."""
        return self._header.frames

    @cached_property
    def sha256(self) -> str:
        """Sixty-four hexadecimal digits: the name of these bytes."""
        return hashlib.sha256(self._data).hexdigest()

    @cached_property
    def array(self) -> npt.NDArray[np.uint8]:
        """The pixels, ``(H, W, 3) uint8``, or ``(H, W, 4)`` with transparency; decoded on first use.

        Read-only, since it must stay what the bytes say: ``image.array.copy()`` gives one to change. Of an
        animation, the first frame.

        Raises
        ------
        ReplyError
            Where the file is damaged, is an SVG, or holds more pixels than ``images.pixels.MAX_PIXELS``.
        """
        array = pixels.to_uint8(self.pil)
        array.flags.writeable = False
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:  # noqa: FBT001 (numpy's protocol)
        import numpy  # noqa: ICN001, PLC0415 (only those who ask for arrays need it)

        return numpy.array(self.array, dtype=dtype, copy=copy)

    @property
    def pil(self) -> Image.Image:
        """A new Pillow image, upright, in the file's own mode; errors as for :attr:`array`."""
        try:
            return pixels.open_image(self._data, what=f"picture {self.index}")
        except ImageInputError as error:
            raise ReplyError(str(error), body=repr(self._data[:64])) from error

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file.

        Where the suffix is the format's own, the provider's bytes are written untouched; another image
        suffix converts (JPEG and BMP put transparent pixels on white); without a suffix the format's is
        added.

        Parameters
        ----------
        path : str or path
            Its folder must exist; an existing file is replaced.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        FileNotFoundError
            Where the folder does not exist.
        ValueError
            Where the suffix is not that of an image.
        """
        target = Path(path).expanduser()
        if not target.suffix:
            target = target.with_name(
                f"{target.name}.{'jpg' if self.format == 'jpeg' else self.format or 'bin'}"
            )
        wanted = SUFFIXES.get(target.suffix.lower(), "")
        if not wanted and target.suffix != ".bin":
            raise ValueError(
                f"{target.suffix!r} is no image suffix; use one of {', '.join(SUFFIXES)}, or none"
            )
        if not target.parent.is_dir():
            raise FileNotFoundError(f"the folder {target.parent} does not exist; create it first: mkdir -p")
        target.write_bytes(self._data if wanted in (self.format, "") else self._converted(wanted))
        return target

    def _converted(self, wanted: str) -> Bytes:
        if wanted == "svg":
            raise ValueError(f"a {self.format or 'picture'} cannot become an svg; save it as .png")
        image = self.pil
        buffer = io.BytesIO()
        if self.frames > 1 and wanted in _WITH_FRAMES:
            moving = Image.open(io.BytesIO(self._data))
            moving.save(buffer, wanted, save_all=True)
            return buffer.getvalue()
        image = Image.fromarray(pixels.to_uint8(image))
        if wanted in _WITHOUT_ALPHA and image.mode == "RGBA":
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image).convert("RGB")
        image.save(buffer, wanted, **({"quality": 95} if wanted in ("jpeg", "webp", "avif") else {}))
        return buffer.getvalue()

    def __repr__(self) -> str:
        size = f"{self.width}x{self.height}" if self._header.size else "size unknown"
        return (
            f"<{type(self).__name__} {self.format or 'unknown format'} {size}, "
            f"{_amount(len(self._data))}{_short(self.prompt)}>"
        )

    def __getstate__(self) -> dict[str, Any]:
        # Another process may not see the history that this picture is kept in.
        state = {key: value for key, value in self.__dict__.items() if key not in ("array", "sha256")}
        return {**state, "kept": None}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return _show(self, self, include, exclude)


class PartialImage(ResultImage):
    """A picture that is still being made, from a stream.

    Parameters
    ----------
    data : bytes
        The complete file of this stage.
    partial_index : int
        Which stage of the picture, from 0.
    image_index : int
        Which of the ``n`` pictures, from 0.
    **details
        As :class:`ResultImage`.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> partial = iw.PartialImage(b'<svg width="8" height="8"/>', partial_index=1, image_index=0)
    >>> partial
    <PartialImage svg 8x8, 27 bytes>
    """

    def __init__(self, data: bytes, *, partial_index: int = 0, image_index: int = 0, **details: Any) -> None:
        super().__init__(data, **{"index": image_index} | details)
        self.partial_index = partial_index
        self.image_index = image_index


class ImageResult(Sequence[ResultImage]):
    """What one request gave: a sequence of pictures and what is known about how they came.

    Parameters
    ----------
    images : iterable of ResultImage
        In the provider's order.
    request : ImageRequest or None
        What was asked.
    usage : Usage, optional
        Tokens, as the provider counted them.
    cost : float, optional
        US dollars; None where no price is known.
    seconds : float, optional
        From sending to the last byte.
    request_id : str, optional
        The provider's name for the request.
    notes : iterable of str
        What a person should know: a size other than the one asked for, an unknown parameter.
    created : int, optional
        The provider's time stamp, in seconds since 1970.
    extra : mapping
        Keys of the reply that imgwidgets does not know.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> result = iw.ImageResult([iw.ResultImage(b'<svg width="8" height="8"/>')], request=None, cost=0.005)
    >>> result
    <ImageResult: 1 image, svg 8x8, $0.0050>
    >>> len(result), result[0].size, result[:1].cost
    (1, (8, 8), 0.005)
    """

    def __init__(  # noqa: PLR0913 (one keyword for each thing that is known)
        self,
        images: Iterable[ResultImage],
        *,
        request: ImageRequest | None,
        usage: Usage | None = None,
        cost: float | None = None,
        seconds: float | None = None,
        request_id: str | None = None,
        notes: Iterable[str] = (),
        created: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self._images = tuple(images)
        self.request = request
        self.usage = usage
        self.cost = cost
        self.seconds = seconds
        self.request_id = request_id
        self.notes: tuple[str, ...] = tuple(notes)
        self.created = created
        self.extra: dict[str, Any] = dict(extra or {})

    def __len__(self) -> int:
        return len(self._images)

    @overload
    def __getitem__(self, index: int) -> ResultImage: ...
    @overload
    def __getitem__(self, index: slice) -> ImageResult: ...
    def __getitem__(self, index: int | slice) -> ResultImage | ImageResult:
        if isinstance(index, slice):
            part = ImageResult((), request=None)
            part.__dict__.update(self.__dict__, _images=self._images[index])
            return part
        return self._images[index]

    def __repr__(self) -> str:
        count = len(self._images)
        said = [f"{count} image{'' if count == 1 else 's'}"]
        kinds = {f"{i.format or 'unknown format'} {i.width}x{i.height}" for i in self._images}
        if kinds:
            said.append(kinds.pop() if len(kinds) == 1 else f"{len(kinds)} formats or sizes")
        if self.request is not None:
            said.append(self.request.model)
        if self.cost is not None:
            said.append(f"${self.cost:.4f}")
        if self.seconds is not None:
            said.append(f"{self.seconds:.1f} s")
        if self.notes:
            said.append(f"{len(self.notes)} note{'' if len(self.notes) == 1 else 's'}")
        return f"<ImageResult: {', '.join(said)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return _show(self, self._images[0] if self._images else None, include, exclude)


def _amount(count: int) -> str:
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _short(prompt: str) -> str:
    if not prompt:
        return ""
    return f": {prompt if len(prompt) <= 40 else prompt[:39] + '…'!r}"


def _show(shown: ResultImage | ImageResult, first: ResultImage | None, include: Any, exclude: Any) -> Any:
    """Answer IPython: the grid where widgets can be imported, else text and a small picture.

    The widgets are looked up by name, and only now: a script on a server never loads them.
    """
    try:
        show = importlib.import_module("imgwidgets.widgets").show
    except ImportError:
        return _plain(shown, first)
    return show(shown, include, exclude)


def _plain(shown: ResultImage | ImageResult, first: ResultImage | None) -> dict[str, Any]:
    bundle: dict[str, Any] = {"text/plain": repr(shown)}
    if first is not None:
        try:
            small = pixels.to_uint8(pixels.open_image(first.bytes, edge=512))
        except ImageInputError:
            return bundle  # a damaged picture or an svg: the text says what there is to say
        bundle["image/png"] = pybase64.b64encode_as_string(pixels.encode_png(small))
    return bundle
