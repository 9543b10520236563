"""A mask: which pixels an edit may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from imgwidgets.errors import ImageInputError
from imgwidgets.images import mask_files, mask_json, raster, rle
from imgwidgets.images.mask_drawn import DrawnMask
from imgwidgets.images.mask_limits import MAX_DEPTH, MAX_OPERATIONS, check_size, edges, whole
from imgwidgets.images.operations import Combine, Pixels, Polygon, Rectangle, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Alpha = NDArray[np.uint8]
    How = Literal["union", "intersection", "difference", "symmetric_difference"]
    Polarity = Literal["transparent", "white"]
    Source = Literal["auto", "alpha", "luminance", "white_is_edit"]

__all__ = ["Mask"]


class Mask(DrawnMask):
    """Which pixels of an image an edit may change.

    A mask is never changed: each method gives a new one. It remembers how it was made, as a list of
    operations, and is rendered when its pixels are first asked for. Two masks are equal where their
    pixels are.

    Make one with :meth:`blank`, :meth:`from_array`, :meth:`from_image`, :meth:`from_boxes`,
    :meth:`from_polygons`, :meth:`from_coco`, :meth:`from_json`, :meth:`wand` or :meth:`grab`.

    Coordinates are image pixels as (x, y) from the outer corner of the top-left pixel; pixel
    (column c, row r) has its centre at (c + 0.5, r + 0.5) and is covered where that centre is.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> mask = iw.Mask.blank((640, 480)).ellipse((100, 100, 300, 300))
    >>> mask = mask.stroke([(50, 50), (400, 90)], radius=12)
    >>> mask
    Mask(640x480, 2 operations, 40,336 pixels selected)
    >>> mask.alpha.shape, int(mask.alpha[200, 200]), int(mask.alpha[0, 0])  # 0 = edit, 255 = keep
    ((480, 640), 0, 255)
    >>> (mask & ~mask).bbox is None
    True
    >>> iw.Mask.from_json(mask.to_json()) == mask
    True
    """

    __slots__ = ()

    # ---- made from pixels, files, shapes ---------------------------------------------------------

    @classmethod
    def from_array(cls, array: ArrayLike) -> Mask:
        """Take pixels.

        Parameters
        ----------
        array : array
            ``(H, W)`` bool: True = edit. ``(H, W)`` uint8: alpha, 0 = edit, 255 = keep.
            ``(H, W, 4)`` uint8: its alpha channel, the API's own form of a mask.

        Raises
        ------
        ImageInputError
            For any other shape or type: a float or a label array does not say which values to edit.

        Examples
        --------
        >>> import numpy as np
        >>> picture = np.arange(20).reshape(4, 5)
        >>> Mask.from_array(picture > 12).area
        7
        """
        try:
            given = np.asarray(array)
        except ValueError as problem:
            raise ImageInputError(f"a mask's array has rows of different lengths: {problem}") from problem
        if given.ndim == 3 and given.shape[2] == 4 and given.dtype == np.uint8:
            given = given[:, :, 3]
        elif given.ndim == 3 and given.shape[2] == 1:
            given = given[:, :, 0]
        if given.ndim != 2 or given.dtype not in (np.bool_, np.uint8):
            raise ImageInputError(_refusal(given))
        size = check_size(given.shape[::-1])
        if given.dtype == np.bool_:
            kept = np.logical_not(given, order="C").view(np.uint8)
            return cls._stored(size, np.negative(kept, out=kept))  # 1 becomes 255
        return cls._stored(size, np.array(given, dtype=np.uint8, order="C", copy=True))

    @classmethod
    def _stored(cls, size: tuple[int, int], alpha: Alpha, note: str = "") -> Mask:
        return cls._make(size, (Pixels.of(alpha),), alpha=alpha, note=note)

    @classmethod
    def from_image(cls, image: Any, source: Source = "auto") -> Mask:
        """Read a mask from a picture.

        Parameters
        ----------
        image : path, bytes, PIL.Image.Image, ResultImage or (H, W, 3 or 4) array
            The picture.
        source : {"auto", "alpha", "luminance", "white_is_edit"}
            What counts. ``alpha``: transparent = edit. ``luminance``: black = edit, the picture's
            brightness taken as alpha. ``white_is_edit``: the other way round. ``auto``: the alpha
            channel where it says anything, else ``white_is_edit``; :attr:`note` says which.

        Raises
        ------
        ImageInputError
            Where it is no picture, or has no alpha channel and ``source="alpha"``.
        """
        alpha, note = mask_files.read(image, source)
        return cls._stored(check_size(alpha.shape[::-1]), alpha, note)

    @classmethod
    def from_boxes(cls, size: tuple[int, int], boxes: Iterable[Sequence[float]]) -> Mask:
        """Select some boxes ``(left, top, right, bottom)`` of an image of ``(width, height)`` pixels."""
        return cls.blank(size).apply(*(Rectangle(box=edges(box, "from_boxes")) for box in boxes))

    @classmethod
    def from_polygons(cls, size: tuple[int, int], polygons: Iterable[ArrayLike]) -> Mask:
        """Select the insides of some polygons.

        Each is a sequence of (x, y), or flat as in COCO: ``[x0, y0, x1, y1, ...]``. What lies in
        any of them is selected.
        """
        return cls.blank(size).apply(*(Polygon(points=_corners(each)) for each in polygons))

    @classmethod
    def from_coco(cls, annotation: Any) -> Mask:
        """Read a COCO run-length encoding.

        Parameters
        ----------
        annotation : dict
            ``{"size": [height, width], "counts": ...}`` with counts compressed (str or bytes) or as a
            list, or an annotation that holds such a ``segmentation``.

        Examples
        --------
        >>> Mask.from_coco({"size": [2, 3], "counts": [1, 2, 3]}).selected.astype(int).tolist()
        [[0, 1, 0], [1, 0, 0]]
        """
        selected = rle.decode(annotation)
        return cls.from_array(selected)

    @classmethod
    def from_json(cls, text: str | bytes) -> Mask:
        """Read what :meth:`to_json` wrote; its pixels are the same to the bit.

        Raises
        ------
        ImageInputError
            For text that is no mask, or one that is larger than a mask may be.
        """
        size, operations = mask_json.read(text)
        return cls._make(size, operations)

    @classmethod
    def wand(
        cls, image: Any, *, at: tuple[float, float], tolerance: float = 32, contiguous: bool = True
    ) -> Mask:
        """Select pixels of similar colour (needs OpenCV: ``pip install "imgwidgets[select]"``).

        Parameters
        ----------
        image : path, bytes, PIL.Image.Image, ResultImage or array
            The picture.
        at : (float, float)
            (x, y) of the pixel whose colour counts.
        tolerance : float
            0 to 255: how far each of red, green and blue may be from it.
        contiguous : bool
            True: only what hangs together with that pixel; False: wherever the colour is.
        """
        from imgwidgets.images.select import wand  # noqa: PLC0415 (OpenCV is looked for only then)

        return cls.from_array(wand(image, at=at, tolerance=tolerance, contiguous=contiguous))

    @classmethod
    def grab(cls, image: Any, box: Sequence[float], *, rounds: int = 5) -> Mask:
        """Select the object inside a box by GrabCut (needs OpenCV: ``pip install "imgwidgets[select]"``).

        Parameters
        ----------
        image : path, bytes, PIL.Image.Image, ResultImage or array
            The picture.
        box : (left, top, right, bottom)
            Drawn around the object; what lies outside is background.
        rounds : int
            How often the colours of object and background are learnt anew.
        """
        from imgwidgets.images.select import grab  # noqa: PLC0415 (OpenCV is looked for only then)

        return cls.from_array(grab(image, box, rounds=rounds))

    # ---- combining -------------------------------------------------------------------------------

    def __or__(self, other: Mask | NDArray[Any]) -> Mask:
        mask = _mask_of(other)
        return NotImplemented if mask is None else self._combined(mask, "union")

    def __and__(self, other: Mask | NDArray[Any]) -> Mask:
        mask = _mask_of(other)
        return NotImplemented if mask is None else self._combined(mask, "intersection")

    def __sub__(self, other: Mask | NDArray[Any]) -> Mask:
        mask = _mask_of(other)
        return NotImplemented if mask is None else self._combined(mask, "difference")

    def __xor__(self, other: Mask | NDArray[Any]) -> Mask:
        mask = _mask_of(other)
        return NotImplemented if mask is None else self._combined(mask, "symmetric_difference")

    # An array on the left: numpy leaves these to the mask, see __array_ufunc__.
    __ror__, __rand__, __rxor__ = __or__, __and__, __xor__

    def __rsub__(self, other: NDArray[Any]) -> Mask:
        return Mask.from_array(other)._combined(self, "difference")

    def __invert__(self) -> Mask:
        return self.invert()

    def _combined(
        self, other: Mask, how: Literal["union", "intersection", "difference", "symmetric_difference"]
    ) -> Mask:
        if other._size != self._size:
            raise ImageInputError(
                f"masks of {self.size[0]}x{self.size[1]} and {other.size[0]}x{other.size[1]} pixels cannot "
                "be combined; resize, crop or pad one of them first"
            )
        alpha = raster.combine(self.alpha, other.alpha, how)
        weight = max(depth for _, depth in walk(other._operations)) if other._operations else 0
        count = sum(1 for _ in walk(self._operations)) + sum(1 for _ in walk(other._operations)) + 1
        operations = other._operations
        if weight >= MAX_DEPTH or count > MAX_OPERATIONS // 2:  # a recipe may not outgrow the pixels
            operations = (Pixels.of(other.alpha),)
            if count > MAX_OPERATIONS // 2:
                return self._stored(self._size, alpha, self._note)
        step = Combine(how=how, operations=operations)
        return self._make(self._size, (*self._operations, step), alpha=alpha, note=self._note)

    # ---- another size ----------------------------------------------------------------------------

    def resize(self, size: tuple[int, int]) -> Mask:
        """Give the mask for the image scaled to ``(width, height)``; a hard mask stays hard."""
        size = check_size(size)
        return self if size == self._size else self._stored(size, mask_files.resized(self.alpha, size))

    def crop(self, box: Sequence[int]) -> Mask:
        """Give the mask for a part of the image, ``(left, top, right, bottom)`` in whole pixels.

        As with Pillow's crop the box may reach beyond the image; nothing is selected there.
        """
        left, top, right, bottom = whole(edges(box, "crop"), "crop's box")
        if right <= left or bottom <= top:
            raise ImageInputError(
                f"crop needs a box (left, top, right, bottom) with some inside, not {box!r}"
            )
        return self._moved(left, top, check_size((right - left, bottom - top)), around=255)

    def pad(
        self, left: int = 0, top: int = 0, right: int = 0, bottom: int = 0, *, edit_border: bool = True
    ) -> Mask:
        """Give the mask for the image with a border added, in pixels; the border is selected or not."""
        amounts = whole((left, top, right, bottom), "pad", 0)
        size = check_size((self._size[0] + amounts[0] + amounts[2], self._size[1] + amounts[1] + amounts[3]))
        return self._moved(-amounts[0], -amounts[1], size, around=0 if edit_border else 255)

    def _moved(self, left: int, top: int, size: tuple[int, int], *, around: int) -> Mask:
        alpha = np.full(size[::-1], around, np.uint8)
        width, height = self._size
        x0, x1 = max(0, left), min(width, left + size[0])
        y0, y1 = max(0, top), min(height, top + size[1])
        if x0 < x1 and y0 < y1:
            alpha[y0 - top : y1 - top, x0 - left : x1 - left] = self.alpha[y0:y1, x0:x1]
        return self._stored(size, alpha)

    # ---- as files and text -----------------------------------------------------------------------

    def to_png(self, polarity: Polarity = "transparent", *, max_bytes: int | None = 4 * 1024 * 1024) -> bytes:
        """Write the mask as a provider wants it, as large as its image.

        Parameters
        ----------
        polarity : {"transparent", "white"}
            ``transparent``: RGBA, alpha 0 = edit (OpenAI and its like). ``white``: gray, white = edit.
        max_bytes : int or None
            The provider's limit; None for no limit.

        Raises
        ------
        ImageInputError
            Where the file would be larger than ``max_bytes`` even with the strongest compression.
        """
        return mask_files.write(self.alpha, polarity, max_bytes)

    def to_json(self) -> str:
        """Write the list of operations; :meth:`from_json` gives the same pixels to the bit."""
        return mask_json.write(self._size, self._operations, lambda: self.alpha)

    def to_coco(self, *, compressed: bool = True) -> dict[str, Any]:
        """Give a COCO run-length encoding of :attr:`selected`.

        Parameters
        ----------
        compressed : bool
            True: ``counts`` as COCO's text; False: as a list of run lengths.

        Returns
        -------
        dict
            ``size`` ([height, width]), ``counts``, ``area`` and ``bbox`` ([x, y, width, height]).
        """
        return rle.encode(self.selected, compressed=compressed)


def _refusal(given: NDArray[Any]) -> str:
    if given.dtype == object:
        return "a mask's array holds Python objects; give (H, W) bool (True = edit) or uint8 alpha (0 = edit)"
    hint = ""
    if given.ndim == 2 and given.dtype.kind == "f":
        hint = ": say which values to edit, such as array > 0.5"
    elif given.ndim == 2 and given.dtype.kind in "iu":
        hint = ": say which labels to edit, such as array == 3, or use array.astype('uint8') for alpha"
    elif given.ndim == 3:
        hint = ": Mask.from_image reads colours, with source='luminance' or 'white_is_edit'"
    return (
        f"a mask's array is (H, W) bool (True = edit) or (H, W) uint8 alpha (0 = edit), "
        f"not {given.dtype} of shape {given.shape}{hint}"
    )


def _corners(polygon: ArrayLike) -> Any:
    """Pair up the numbers of a flat polygon; all else is the polygon's own to check."""
    try:
        array = np.asarray(polygon)
    except ValueError:
        return polygon
    return array.reshape(-1, 2) if array.ndim == 1 and array.size % 2 == 0 else array


def _mask_of(other: object) -> Mask | None:
    """Give what a mask can be combined with: another, or an array that means one."""
    if isinstance(other, np.ndarray):
        return Mask.from_array(other)
    return other if isinstance(other, Mask) else None
