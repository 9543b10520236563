"""What tests of the result grid share: pictures, results, and a page that is none."""

import io
import threading

from PIL import Image

import imgwidgets as iw
from imgwidgets.catalog import ImageRequest


def png(size=(64, 48), colour="teal", mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "png")
    return buffer.getvalue()


def result(count=3, prompt="a red fox", **details):
    images = [
        iw.ResultImage(png(colour=(40 * i, 90, 200)), prompt=prompt, model="gpt-image-2", index=i)
        for i in range(count)
    ]
    request = ImageRequest(prompt=prompt, model="gpt-image-2", parameters={"quality": "low", "n": count})
    return iw.ImageResult(images, request=request, cost=0.006 * count, seconds=3.21, **details)


class Page:
    """Stands where the browser would: keeps what is sent, and sends what a click would."""

    def __init__(self, widget):
        self.widget = widget
        self.messages = []
        self.arrived = threading.Condition()
        widget.send = self._send

    def _send(self, content, buffers=None):
        with self.arrived:
            self.messages.append((content, buffers or []))
            self.arrived.notify_all()

    def say(self, **message):
        self.widget._handle_custom_msg(message, [])

    def all(self, kind):
        with self.arrived:
            return [one for one in self.messages if one[0]["kind"] == kind]

    def wait(self, kind, count=1, seconds=20):
        with self.arrived:
            found = lambda: [one for one in self.messages if one[0]["kind"] == kind]  # noqa: E731
            assert self.arrived.wait_for(lambda: len(found()) >= count, seconds), f"no {kind} came"
            return found()
