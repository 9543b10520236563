"""Requests, results and pictures for the tests of the history."""

import random
import zlib

from imgwidgets.catalog import ImageInput, ImageRequest, Usage
from imgwidgets.images import ImageResult, ResultImage


def request(prompt="a red fox in snow", **changes):
    said = {"model": "gpt-image-2", "provider": "openai", "parameters": {"size": "1024x1024"}}
    return ImageRequest(prompt=prompt, **{**said, **changes})


def picture(seed="fox", size=(64, 48), padding=0, **details):
    """Give an SVG that is another one for each seed; the padding does not compress."""
    noise = random.Random(seed).randbytes(padding // 2).hex().encode()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
    body = f"<!-- {zlib.crc32(repr(seed).encode())} -->".encode() + b"<!--" + noise + b"--></svg>"
    return ResultImage(head.encode() + body, **details)


def result(asked, *images, **details):
    said = {
        "cost": 0.25,
        "seconds": 1.5,
        "request_id": "req-7",
        "usage": Usage(input_tokens=5, output_tokens=9),
    }
    return ImageResult(images or [picture(asked.prompt)], request=asked, **{**said, **details})


def an_input(seed="input", padding=0):
    image = picture(seed, padding=padding)
    return ImageInput(data=image.bytes, format="svg", size=image.size, has_alpha=True, name=f"{seed}.svg")


def recorded(history, prompt="a red fox in snow", *images, base_url="", cost=0.25, notes=(), **changes):
    """Record a finished request; gives its number."""
    asked = request(prompt, **changes)
    number = history.started(asked, base_url=base_url)
    history.finished(number, result(asked, *images, cost=cost, notes=notes))
    return number
