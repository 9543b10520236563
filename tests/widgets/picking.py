"""What tests of the picker share: every place of the catalog, clicks as a front end sends them, its code run."""

from __future__ import annotations

import asyncio
import functools
import io

import ipywidgets as widgets
import pytest
from PIL import Image
from starlette.requests import Request

import imgwidgets as iw
from imgwidgets.catalog import ImageInput, check, current, models
from imgwidgets.client.shape import shape
from imgwidgets.images import Mask
from imgwidgets.sandbox.incoming import parse_json, read_form
from imgwidgets.sandbox.inputs import Shelf
from imgwidgets.sandbox.plan import planned
from imgwidgets.sandbox.refusal import Refusal
from imgwidgets.sandbox.store import Store
from imgwidgets.sandbox.validate import validated

NAMES = {"*": "any-name-at-all"}  # an entry of the catalog that holds for every name
KNOWN = [
    (model.provider, NAMES.get(model.name, model.name), endpoint)
    for model in models()
    for endpoint in model.endpoints
]
PLACES = [pytest.param(*place, id="-".join(place)) for place in KNOWN]
INPUTS = ("image", "mask", "markup")


def faults(state, parameters):
    """Give what the catalog has against parameters; that a mask is missing is not the picker's to mend."""
    return [p for p in check(state.request(parameters)) if p.parameter not in INPUTS]


def is_valid(state):
    return not faults(state, state.parameters) and state.value["model"] == state.model


def row(picker, name):
    return next(row for row in picker._desk.screen.rows if row.control.name == name)


def shown(picker):
    return {row.control.name for row in picker._desk.screen.rows if row.widget.layout.display != "none"}


def texts(picker):
    """Give all words that are no controls."""
    screen = picker._desk.screen
    return "".join(
        part.value for part in (screen.badges, screen.remarks, screen.rest, screen.price, screen.code)
    )


def visible(widget):
    """Give the controls that a person sees, each with what a screen reader calls it."""
    if widget.layout.display == "none" or widget.layout.visibility == "hidden":
        return
    if isinstance(widget, widgets.Box):
        for child in widget.children:
            yield from visible(child)
    elif not (isinstance(widget, widgets.HTML) and not widget.description):
        yield widget


@functools.cache
def picture():
    """Give a picture that every model takes: a small square PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "PNG")
    return buffer.getvalue()


def whole(state, parameters):
    """Give the request of some parameters with all that a provider may want beside them."""
    view = state.view
    edits = state.endpoint == "edits"
    file = ImageInput(data=picture(), format="png", size=(64, 64), has_alpha=False, name="red.png")
    mask = Mask.blank((64, 64)).rectangle((0, 0, 32, 32)).to_png()
    needed = edits and view.inputs.get("mask") is not None and view.inputs["mask"].min_count > 0
    return state.request(parameters).replace(
        images=(file,) if edits else (),
        mask=ImageInput(data=mask, format="png", size=(64, 64), has_alpha=True) if needed else None,
    )


class NotSent(Exception):
    """Holds the request that would have gone out."""

    def __init__(self, request):
        super().__init__(request)
        self.request = request


class Collecting(iw.Client):
    """A client that does all but send."""

    def _delivered(self, job):
        raise NotSent(job.request)

    def _streamed(self, job):
        raise NotSent(job.request)


@functools.cache
def collecting(provider):
    return Collecting(provider, api_key="sk-test", base_url="http://127.0.0.1:9/v1", history=False)


def asked_by(code, provider, prompt="a red fox"):
    """Run a picker's code, and give the request that it asks for."""
    names = {
        "client": collecting(provider),
        "prompt": prompt,
        "image": picture(),
        "mask": Mask.blank((64, 64)).rectangle((0, 0, 32, 32)),
    }
    with pytest.raises(NotSent) as caught:
        exec(code, names)  # it is what people do with it
    return caught.value.request


def taken_by_sandbox(request):
    """Send a request all the way to the sandbox's plan of the picture, without a network and unpainted.

    Gives the refusal, or None where it would be drawn.
    """
    known = current()
    provider = known.provider(request.provider)
    model = known.model(request.model, request.provider)
    call = shape(request, provider, model, base_url="http://127.0.0.1/v1")
    body = b"".join(call.body)
    if call.body.content_type == "application/json":
        incoming = parse_json(body)
    else:
        scope = {"type": "http", "headers": [(b"content-type", call.body.content_type.encode())]}
        incoming = asyncio.run(read_form(Request(scope, _one_message(body))))
    shelf = Shelf(files=Store(), results=Store(), hosts=("127.0.0.1",))
    try:
        planned(validated(incoming, request.endpoint, provider, known, shelf))
    except Refusal as refusal:
        return refusal
    return None


def _one_message(body):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
