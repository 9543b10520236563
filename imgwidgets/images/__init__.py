"""Pixels: what goes in, what comes out, and the masks between.

====================  ==================================================================
``header.py``         format, size and transparency from a file's first bytes
``isobmff.py``        the same for AVIF and HEIC
``damage.py``         whether a file is whole, without decoding it
``pixels.py``         decoding with a bound; the only place that does it
``inputs.py``         path, bytes, PIL, numpy, URL, file id -> ``ImageInput``
``mask_input.py``     the same for masks
``mask.py``           :class:`Mask`
``result.py``         :class:`ResultImage`, :class:`PartialImage`, :class:`ImageResult`
``thumbnails.py``     small WebP pictures
====================  ==================================================================
"""

from __future__ import annotations

from imgwidgets.images.header import MEDIA_TYPES, SUFFIXES, Header, sniff
from imgwidgets.images.inputs import to_input
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_input import to_mask
from imgwidgets.images.result import ImageResult, PartialImage, ResultImage
from imgwidgets.images.thumbnails import thumbnail

__all__ = [
    "MEDIA_TYPES",
    "SUFFIXES",
    "Header",
    "ImageResult",
    "Mask",
    "PartialImage",
    "ResultImage",
    "sniff",
    "thumbnail",
    "to_input",
    "to_mask",
]
