"""How much the sandbox takes in, keeps and draws. All limits are here.

A server on loopback still meets careless loops and hostile pages; none of them may fill the memory
of the process in which somebody's notebook runs.
"""

from __future__ import annotations

__all__ = [
    "BASE64_CHUNK",
    "DRAWING_THREADS",
    "KEEP_LOG",
    "MAX_BODY_BYTES",
    "MAX_EDGE",
    "MAX_FIELDS",
    "MAX_FILES",
    "MAX_INPUT_PIXELS",
    "MAX_NESTING",
    "MAX_OUTPUT_PIXELS",
    "MAX_RATIO",
    "MAX_STORED_BYTES",
    "MAX_STORED_FILES",
    "MAX_TEXT_BYTES",
    "READING_THREADS",
    "URL_LIFETIME",
]

MIB = 1024 * 1024

MAX_BODY_BYTES = 256 * MIB
"""Bytes of one request's body; a larger one is answered with 413."""

MAX_TEXT_BYTES = 1 * MIB
"""Bytes of one text field of a multipart body."""

MAX_FIELDS = 100
"""Text fields of a multipart body."""

MAX_FILES = 40
"""Files of a multipart body: more than any model takes, so that its own limit is what is reported."""

MAX_NESTING = 8
"""Depth of ``svg[reasoning][effort]`` in a field's name."""

MAX_INPUT_PIXELS = 64_000_000
"""Pixels of one input image, read from its header before anything is decoded."""

MAX_OUTPUT_PIXELS = 4096 * 4096
"""Pixels of one drawn image, where a provider documents no larger limit of its own."""

MAX_EDGE = 8_192
"""Pixels of a drawn image's longer edge, where a provider documents no larger limit of its own."""

MAX_RATIO = 16
"""The longer edge to the shorter one, where a provider documents no larger limit of its own: what is drawn
grows with the longer edge, however thin the picture."""

MAX_STORED_BYTES = 256 * MIB
"""Bytes of uploads, and of results behind URLs; the oldest make room."""

MAX_STORED_FILES = 2_000
"""Number of uploads, and of results behind URLs; the oldest make room."""

URL_LIFETIME = 3600.0
"""Seconds for which a result's URL works: OpenAI's 60 minutes."""

KEEP_LOG = 1_000
"""Requests that ``Sandbox.requests`` remembers."""

DRAWING_THREADS = 2
"""Pictures drawn at the same time."""

READING_THREADS = 4
"""Bodies parsed and checked at the same time."""

BASE64_CHUNK = 384 * 1024
"""Bytes of an image that are turned into base64 at a time; a multiple of 3."""
