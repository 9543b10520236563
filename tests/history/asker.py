"""A program that asks a server and stays there until it is killed.

    python asker.py FOLDER BASE_URL generate|stream|async [NAME=VALUE ...]

It says ``partial INDEX`` for each partial image that it is shown, and ``result`` at the end.
"""

import asyncio
import os
import sys

import imgwidgets as iw
from imgwidgets.images import ImageResult


def say(event):
    text = "result" if isinstance(event, ImageResult) else f"partial {event.image_index}"
    os.write(1, f"{text}\n".encode())


async def ask_async(history, base_url, parameters):
    async with iw.AsyncClient("openai-compatible", base_url=base_url, history=history) as client:
        async for event in client.generate_stream("a fox", model="m", **parameters):
            say(event)


def main(folder, base_url, how, *said):
    parameters = {name: int(value) for name, value in (one.split("=") for one in said)}
    history = iw.History(folder)
    if how == "async":
        asyncio.run(ask_async(history, base_url, parameters))
        return
    with iw.Client("openai-compatible", base_url=base_url, history=history) as client:
        if how == "generate":
            say(client.generate("a fox", model="m", **parameters))
        else:
            for event in client.generate_stream("a fox", model="m", **parameters):
                say(event)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
