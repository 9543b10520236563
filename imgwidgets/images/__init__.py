"""Pixels: what goes in, what comes out, and the masks between.

====================  ==================================================================
``header.py``         format, size and transparency from a file's first bytes
``isobmff.py``        the same for AVIF and HEIC
``damage.py``         whether a file is whole, without decoding it
``pixels.py``         decoding with a bound; the only place that does it
``inputs.py``         path, bytes, PIL, numpy, URL, file id -> ``ImageInput``
``mask_input.py``     the same for masks
``result.py``         :class:`ResultImage`, :class:`PartialImage`, :class:`ImageResult`
``thumbnails.py``     small WebP pictures
``embed.py``          what was asked, written into a copy of a file
``mask.py``           :class:`Mask`: making, combining, files; ``mask_drawn.py``: drawing, holding
``operations.py``     what a mask is made of, as plain values; ``mask_limits.py``: their bounds
``spans.py``          exact rasterisers, with ``polygons.py``, ``regions.py``, ``raster.py``
``morphology.py``     grow, shrink, feather
``mask_json.py``      masks as JSON; ``mask_files.py``: as PNG; ``rle.py``: as COCO
``mask_canvas.py``    a mask under a brush, with ``live_stroke.py`` and ``mask_history.py``
``select.py``         magic wand and GrabCut (extra ``[select]``)
``ratings.py``        scores from votes between pairs: Bradley-Terry and Elo
``leak.py``           :func:`compare_edit`: what an edit changed outside its mask
``outpaint.py``       :func:`outpaint`: a wider picture and the mask of its new border
``pictures.py``       any picture as an array, for the two above
====================  ==================================================================
"""

from __future__ import annotations

from imgwidgets.images.header import MEDIA_TYPES, SUFFIXES, Header, sniff
from imgwidgets.images.inputs import to_input
from imgwidgets.images.leak import EditComparison, compare_edit
from imgwidgets.images.mask import Mask
from imgwidgets.images.mask_canvas import MaskCanvas
from imgwidgets.images.mask_input import to_mask
from imgwidgets.images.outpaint import Outpainting, outpaint
from imgwidgets.images.result import ImageResult, PartialImage, ResultImage
from imgwidgets.images.thumbnails import thumbnail

__all__ = [
    "MEDIA_TYPES",
    "SUFFIXES",
    "EditComparison",
    "Header",
    "ImageResult",
    "Mask",
    "MaskCanvas",
    "Outpainting",
    "PartialImage",
    "ResultImage",
    "compare_edit",
    "outpaint",
    "sniff",
    "thumbnail",
    "to_input",
    "to_mask",
]
