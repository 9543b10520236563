"""Every request that can be sent, pairwise, against the official SDK's own types and the sandbox's checks.

For each provider that claims to be compatible, each of its models and each endpoint, :func:`rows` makes
requests in which every pair of values that may stand together stands together once. Each of them

- is allowed by the catalog (by construction), and written by the client as it would be sent;
- is then read back from the bytes and held against ``openai.types`` (unknown keys are errors);
- is what the official SDK itself would write, byte for byte in every field, where the SDK can say it;
- is accepted by the sandbox in that provider's role.

What the catalog refuses (wrong values, and pairs that cannot stand together) the sandbox refuses too,
and blames the same parameter.
"""

from __future__ import annotations

import asyncio
import functools
import io
import itertools
import json
import typing

import httpx2
import openai
import pydantic
import pytest
import typing_extensions
from client.scripted import picture
from openai.types import image_edit_params, image_generate_params
from starlette.requests import Request

import imgwidgets as iw
from imgwidgets import catalog
from imgwidgets.catalog import ImageRequest
from imgwidgets.client.shape import shape, to_fetch
from imgwidgets.images import to_input
from imgwidgets.sandbox.incoming import parse_json, read_form
from imgwidgets.sandbox.inputs import RESULTS_PATH, Shelf
from imgwidgets.sandbox.plan import planned
from imgwidgets.sandbox.refusal import Refusal
from imgwidgets.sandbox.store import Store
from imgwidgets.sandbox.validate import validated

PROVIDERS = ("openai", "sandbox", "ttapi", "openai-compatible", "azure", "litellm", "kkiai")
KNOWN = catalog.current()

REPEATED = "image, repeated"

# What is sent although the SDK's types do not know it. Each entry is needed by some request below.
BEYOND_THE_SDK = {
    (
        "edits",
        "moderation",
    ): "OpenAI's specification of 2026-08-21 (JSON edits); TTAPI's and kkiai's edits pages",
    ("edits", "aspect_ratio"): "resellers' pages for FLUX Kontext; the SDK's own way for it is extra_body",
    ("edits", "images"): "OpenAI's specification of 2026-08-21 (JSON edits); TTAPI's newer edits page",
    ("edits", REPEATED): "kkiai's page: the SDK would call several images image[]",
}
# The SDK takes files only; in a JSON body these are references.
REFERENCES = ("mask", "markup")


# -- pairwise -------------------------------------------------------------------------------------------

UNSET = "(unset)"


class Pairwise:
    """Rows of factors in which every possible pair of values occurs; greedy, and the same every time.

    Parameters
    ----------
    factors : dict
        Name to values; the first is the one that is always possible.
    faults : callable
        Gives how much is wrong with a row (factors that it lacks have their first value).
    helpers : list of (name, value)
        What may have to stand beside a pair to make it possible.
    """

    def __init__(self, factors, faults, helpers=()):
        self.names = list(factors)
        self.factors = factors
        self.faults = functools.cache(lambda row: faults(self._values(dict(row))))
        self.helpers = [helper for helper in helpers if helper[0] in factors]
        self.rows, self.impossible = [], []
        left = dict.fromkeys(
            frozenset([(one, a), (other, b)])
            for one, other in itertools.combinations(self.names, 2)
            for a in range(len(factors[one]))
            for b in range(len(factors[other]))
        )
        self.pairs = len(left)
        while left:
            pair = next(iter(left))
            row = self._possible(dict(pair))
            if row is None:
                self.impossible.append(self._values(dict(pair)))
                del left[pair]
                continue
            for name in self.names:
                if name not in row:
                    row[name] = self._best(row, name, left)
            for one in itertools.combinations(row.items(), 2):
                left.pop(frozenset(one), None)
            self.rows.append(self._values(row))

    def _wrong(self, row):
        return self.faults(tuple(sorted(row.items())))

    def _possible(self, row):
        """Put helpers beside a pair until nothing is wrong."""
        for _ in range(3):
            wrong = self._wrong(row)
            if not wrong:
                return row
            tries = [
                {**row, name: self.factors[name].index(value)}
                for name, value in self.helpers
                if name not in row
            ]
            better = min(tries, key=self._wrong, default=row)
            if self._wrong(better) >= wrong:
                return None
            row = better
        return None if self._wrong(row) else row

    def _best(self, row, name, left):
        """Give the value that covers most of what is left and is possible here."""
        gains = {
            number: sum(frozenset([*[item], (name, number)]) in left for item in row.items())
            for number in range(len(self.factors[name]))
        }
        for number in sorted(gains, key=lambda one: (-gains[one], one)):
            if not self._wrong({**row, name: number}):
                return number
        return 0

    def _values(self, row):
        return {name: self.factors[name][number] for name, number in row.items()}


def test_the_generator_covers_every_pair_that_is_possible_and_names_the_others():
    factors = {"a": [0, 1, 2], "b": [0, 1, 2], "c": [0, 1], "d": [0, 1]}

    def faults(row):  # b = 1 needs d = 1; a = 2 never goes with c = 1
        return (row.get("b", 0) == 1 and row.get("d", 0) != 1) + (
            row.get("a", 0) == 2 and row.get("c", 0) == 1
        )

    made = Pairwise(factors, faults, [("d", 1)])
    assert not any(faults(row) for row in made.rows)
    covered = {pair for row in made.rows for pair in itertools.combinations(sorted(row.items()), 2)}
    every = {
        ((one, a), (other, b))
        for one, other in itertools.combinations(sorted(factors), 2)
        for a in factors[one]
        for b in factors[other]
    }
    assert every - covered == {(("a", 2), ("c", 1)), (("b", 1), ("d", 0))}
    assert {tuple(sorted(pair.items())) for pair in made.impossible} == every - covered
    assert len(made.rows) < 16


# -- the factors of one endpoint of one model -----------------------------------------------------------

SQUARE = (64, 64)
PNG, JPEG, WEBP = picture(SQUARE), picture(SQUARE, "jpeg"), picture(SQUARE, "webp")
MASK = iw.Mask.blank(SQUARE).rectangle((4, 4, 40, 40)).to_png()
HOST = "127.0.0.1:9"
FILES, RESULTS = Store(), Store()
FILES.put("file-photo", PNG)
FILES.put("file-mask", MASK)
RESULTS.put("photo.png", PNG)
SHELF = Shelf(files=FILES, results=RESULTS, hosts=(HOST,))

IMAGES = {
    "one": [PNG],
    "several": [PNG, JPEG, WEBP],
    "file id": [{"file_id": "file-photo"}],
    "url": [f"http://{HOST}{RESULTS_PATH}photo.png"],
    "mixed": [{"file_id": "file-photo"}, JPEG],
}
MASKS = {"pixels": MASK, "file id": {"file_id": "file-mask"}}
FREE = {"aspect_ratio": ("16:9",)}
TEXTS = {"user": "someone", "safety_identifier": "d0a1", "kwargs": "{}"}
OBJECTS = {"svg": [{"model": "an-author"}, {"model": "an-author", "reasoning": {"effort": "low"}}]}


def values_of(parameter):
    """Give the values of a parameter that stand for all: every choice, both ends, a size off the list."""
    if parameter.type == "choice":
        return list(parameter.values)
    if parameter.type == "boolean":
        return [True, False]
    if parameter.type == "size":
        free = ["1040x1040", "1280x768"] if parameter.size and parameter.size.free else []
        return [*parameter.values[:4], *free]
    if parameter.type in ("integer", "number"):
        low, high = int(parameter.minimum or 0), parameter.maximum
        return [low, int(high) if high is not None else low + 3]
    return OBJECTS[parameter.name] if parameter.type == "object" else [TEXTS[parameter.name]]


def request_of(provider, model, endpoint, row):
    """Make the request of a row."""
    parameters = {
        name: value
        for name, value in row.items()
        if name not in ("image", "mask", "markup") and value is not UNSET
    }
    images = IMAGES[row.get("image", "one")] if endpoint == "edits" else ()
    mask, markup = row.get("mask", UNSET), row.get("markup", UNSET)
    return ImageRequest(
        prompt="a fox",
        provider=provider,
        model=model,
        endpoint=endpoint,
        parameters=parameters,
        images=tuple(map(to_input, images)),
        mask=to_input(MASKS[mask]) if mask is not UNSET else None,
        markup=to_input(MASKS[markup]) if markup is not UNSET else None,
    )


def can_be_sent(request, endpoint):
    """Whether all inputs fit into one form: a file id cannot be a file."""
    try:
        return not to_fetch(request, endpoint.call)
    except iw.errors.ImageInputError:
        return False


def factors_of(endpoint):
    accepted = {name: one for name, one in endpoint.accepted.items() if name not in ("prompt", "model")}
    # What others depend on comes first: a row is then seldom a dead end.
    first = [name for name in ("stream", "output_format", "background", "n") if name in accepted]
    factors = {name: [UNSET, *values_of(accepted[name])] for name in dict.fromkeys([*first, *accepted])}
    references = "json" in endpoint.call.bodies
    for name, rule in endpoint.inputs.items():
        if name == "image":
            several = rule.max_count > 1
            factors["image"] = [
                "one",
                *(["several"] if several else []),
                *(["file id", "url"] if references else []),
                *(["mixed"] if references and several else []),
            ]
        elif not rule.refused:
            factors[name] = [UNSET, *(["pixels", "file id"] if references else ["pixels"])]
    return factors


@functools.cache
def pairwise(provider, name, endpoint_name):
    """Give the rows of one endpoint; models with the same rules share them."""
    endpoint = KNOWN.model(name, provider).endpoints[endpoint_name]
    rules = (endpoint.parameters, endpoint.inputs, endpoint.rules, endpoint.borrowed, endpoint.call)
    for known, made in _made:
        if known == rules:
            return made
    helpers = [
        (factor, value)
        for rule in endpoint.rules
        for factor, values in rule.require.items()
        for value in values
        if value in factors_of(endpoint).get(factor, ())
    ]

    def faults(row):
        request = request_of(provider, name, endpoint_name, row)
        return len(catalog.check(request)) + (not can_be_sent(request, endpoint))

    made = Pairwise(factors_of(endpoint), faults, helpers)
    _made.append((rules, made))
    return made


_made = []

CASES = [
    pytest.param(provider, model.name, endpoint, id=f"{provider}-{model.name}-{endpoint}")
    for provider in PROVIDERS
    for model in KNOWN.models(provider)
    for endpoint in model.endpoints
]


def written(request):
    """Write a request as the client sends it."""
    model = KNOWN.model(request.model, request.provider)
    call = shape(request, KNOWN.provider(request.provider), model, base_url="http://h/v1")
    return call.headers["Content-Type"], b"".join(call.body)


# -- the SDK's types --------------------------------------------------------------------------------------

FILE = tuple[str, bytes, str]
STRICT = pydantic.ConfigDict(extra="forbid", strict=True)


def strict(kind):
    """Make the SDK's own TypedDict refuse unknown keys, at every level; files are (name, bytes, type)."""

    def plain(hint):
        if typing_extensions.is_typeddict(hint):
            return strict(hint)
        arguments = typing.get_args(hint)
        if typing.get_origin(hint) is typing_extensions.Required:
            return typing_extensions.Required[plain(arguments[0])]
        if typing.get_origin(hint) is typing.Union and bytes in arguments:
            several = any(typing.get_origin(one) is not tuple and "Sequence" in str(one) for one in arguments)
            return FILE | list[FILE] if several else FILE
        if typing.get_origin(hint) is typing.Union:
            return typing.Union[tuple(map(plain, arguments))]  # noqa: UP007 (made from a tuple)
        return hint

    hints = typing.get_type_hints(kind, include_extras=True)
    made = typing_extensions.TypedDict(
        kind.__name__, {name: plain(hint) for name, hint in hints.items()}, total=False
    )
    made.__pydantic_config__ = STRICT
    return made


ADAPTERS = {
    ("generations", False): pydantic.TypeAdapter(
        strict(image_generate_params.ImageGenerateParamsNonStreaming)
    ),
    ("generations", True): pydantic.TypeAdapter(strict(image_generate_params.ImageGenerateParamsStreaming)),
    ("edits", False): pydantic.TypeAdapter(strict(image_edit_params.ImageEditParamsNonStreaming)),
    ("edits", True): pydantic.TypeAdapter(strict(image_edit_params.ImageEditParamsStreaming)),
}


def only(name):
    """Make a TypedDict of one key."""
    made = typing_extensions.TypedDict("Reference", {name: str})
    made.__pydantic_config__ = STRICT
    return made


REFERENCES_OF_JSON = pydantic.TypeAdapter(list[only("file_id") | only("image_url")])
WHOLE = {
    name
    for kind in (image_generate_params.ImageGenerateParamsBase, image_edit_params.ImageEditParamsBase)
    for name, hint in typing.get_type_hints(kind).items()
    if int in typing.get_args(hint)
}


def parts_of(content_type, body):
    """Read a form: (name, file name or None, content type or None, content)."""
    boundary = content_type.partition("boundary=")[2].encode()
    parts = []
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part[2:-2].partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        disposition = lines["Content-Disposition"]
        name = disposition.partition('name="')[2].partition('"')[0]
        file = disposition.partition('filename="')[2].partition('"')[0] or None
        parts.append((name, file, lines.get("Content-Type"), content))
    return parts


def params_of_form(parts):
    """Read a form as the SDK's parameters: text as its type says, ``svg[model]`` as an object."""
    params = {}
    for name, file, kind, content in parts:
        head, *keys = name.replace("]", "").split("[")
        if kind is not None:
            sent = (file, content, kind)
            if keys == [""]:
                params.setdefault(head, []).append(sent)
            elif head == "image" and head in params:
                params[REPEATED] = params.setdefault(REPEATED, 1) + 1
            else:
                assert head not in params, f"{name} is there twice"
                params[head] = sent
            continue
        text = content.decode()
        value = {"true": True, "false": False}[text] if head == "stream" else text
        value = int(text) if head in WHOLE else value
        at = params
        for key, below in itertools.pairwise([head, *keys, None]):
            if below is None:
                assert key not in at, f"{name} is there twice"
                at[key] = value
            else:
                at = at.setdefault(key, {})
    return params


def hold_against_the_sdk(endpoint, content_type, body, needed):
    """Raise where a body is not valid under the SDK's types, beside the exceptions."""
    if content_type == "application/json":
        params = json.loads(body)
        if endpoint == "edits":  # references, which stand where the SDK has files
            REFERENCES_OF_JSON.validate_python(params["images"])
            for name in REFERENCES:
                if name in params:
                    REFERENCES_OF_JSON.validate_python([params[name]])
                    params[name] = ("a.png", b"", "image/png")
            params["image"] = ("a.png", b"", "image/png")
    else:
        params = params_of_form(parts_of(content_type, body))
    for known, name in BEYOND_THE_SDK:
        if known == endpoint and name in params:
            del params[name]
            needed.add((known, name))
    ADAPTERS[endpoint, params.get("stream") is True].validate_python(params)


@pytest.mark.parametrize(("provider", "model", "endpoint"), CASES)
def test_every_request_is_valid_under_the_sdks_types(provider, model, endpoint):
    for row in pairwise(provider, model, endpoint).rows:
        content_type, body = written(request_of(provider, model, endpoint, row))
        hold_against_the_sdk(endpoint, content_type, body, set())


def test_every_exception_to_the_sdks_types_is_needed():
    """An exception that nothing needs would hide a mistake."""
    needed = set()
    for provider, model, endpoint in (case.values for case in CASES):
        for row in pairwise(provider, model, endpoint).rows if endpoint == "edits" else ():
            hold_against_the_sdk(endpoint, *written(request_of(provider, model, endpoint, row)), needed)
        if needed == set(BEYOND_THE_SDK):
            return
    assert needed == set(BEYOND_THE_SDK)


@pytest.mark.parametrize(
    ("endpoint", "params"),
    [
        ("generations", {"prompt": "a", "model": "m", "seed": 1}),
        ("generations", {"prompt": "a", "n": "1"}),
        ("generations", {"prompt": "a", "quality": "ultra"}),
        ("generations", {"model": "m"}),
        ("generations", {"prompt": "a", "svg": {"model": "m", "effort": "low"}}),
        ("generations", {"prompt": "a", "input_fidelity": "high"}),
        ("edits", {"prompt": "a"}),
        ("edits", {"prompt": "a", "image": "text"}),
        ("edits", {"prompt": "a", "image": ("a.png", b"", "image/png"), "style": "vivid"}),
    ],
)
def test_the_types_do_refuse_what_the_sdk_does_not_know(endpoint, params):
    with pytest.raises(pydantic.ValidationError):
        ADAPTERS[endpoint, False].validate_python(params)


@pytest.mark.parametrize(
    "reference", [{}, {"file_id": "a", "image_url": "b"}, {"url": "b"}, "b", {"file_id": 7}]
)
def test_a_reference_in_json_has_exactly_one_key(reference):
    with pytest.raises(pydantic.ValidationError):
        REFERENCES_OF_JSON.validate_python([reference])


# -- what the SDK itself would send ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def official():
    """Give the official client, and the list of what it sent."""
    sent = []

    def answer(request):
        sent.append((request.headers["content-type"], request.read()))
        if b'"stream":true' in sent[-1][1] or b'name="stream"\r\n\r\ntrue' in sent[-1][1]:
            return httpx2.Response(
                200, content=b"data: [DONE]\n\n", headers={"content-type": "text/event-stream"}
            )
        return httpx2.Response(200, json={"created": 1, "data": []})

    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    with openai.OpenAI(api_key="k", base_url="http://h/v1", max_retries=0, http_client=transport) as client:
        yield client, sent


def as_sent(content_type, body):
    """Give a body as what it says, whatever the order and the boundary; names of files do not count."""
    if content_type == "application/json":
        return json.loads(body)
    return sorted((name, kind, content) for name, _, kind, content in parts_of(content_type, body))


def named(data):
    file = io.BytesIO(data)
    file.name = f"image.{to_input(data).format}"
    return file


@pytest.mark.parametrize("endpoint", ["generations", "edits"])
@pytest.mark.parametrize("model", [model.name for model in KNOWN.models("openai")])
def test_the_official_sdk_writes_the_same_request(official, model, endpoint):
    client, sent = official
    if endpoint not in KNOWN.model(model, "openai").endpoints:
        assert model == "dall-e-3"
        return
    compared = 0
    for row in pairwise("openai", model, endpoint).rows:
        request = request_of("openai", model, endpoint, row)
        content_type, body = written(request)
        params = {
            name: value
            for name, value in request.parameters.items()
            if (endpoint, name) not in BEYOND_THE_SDK
        }
        if len(params) < len(request.parameters) or (
            endpoint == "edits" and content_type == "application/json"
        ):
            continue
        if endpoint == "edits":
            files = [named(image.data) for image in request.images]
            params["image"] = files if len(files) > 1 else files[0]
            for name in REFERENCES:
                if (given := getattr(request, name)) is not None:
                    params[name] = named(given.data)
        ask = client.images.generate if endpoint == "generations" else client.images.edit
        ask(model=model, prompt="a fox", **params)
        assert as_sent(content_type, body) == as_sent(*sent[-1])
        compared += 1
    assert compared


# -- the sandbox agrees ---------------------------------------------------------------------------------


def received(content_type, body):
    """Read a body as the sandbox reads it."""
    if content_type == "application/json":
        return parse_json(body)

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    return asyncio.run(read_form(Request(scope, receive)))


def judged(request):
    """Let the sandbox look at a request in the role of its provider, up to where it would draw."""
    provider = KNOWN.provider(request.provider)
    incoming = received(*written(request))
    planned(validated(incoming, request.endpoint, provider, KNOWN, SHELF))


@pytest.mark.parametrize(("provider", "model", "endpoint"), CASES)
def test_what_the_catalog_accepts_the_sandbox_accepts(provider, model, endpoint):
    for row in pairwise(provider, model, endpoint).rows:
        request = request_of(provider, model, endpoint, row)
        assert catalog.check(request) == ()
        try:
            judged(request)
        except Refusal as refusal:
            pytest.fail(f"{row}: {refusal}")


WRONG = {
    "choice": ["no such value", 7, True],
    "integer": ["many", 1.5, True, [1]],
    "number": ["many", True],
    "boolean": ["maybe", 7],
    "size": ["no such size", "1x", "0x0", 7],
    "text": [],
    "object": ["text", 7],
}


def wrong_values(parameter):
    if parameter.refused:
        return [next(iter(parameter.values), 1)]
    if parameter.open:
        return []
    beyond = [parameter.minimum - 1] if parameter.minimum is not None else []
    beyond += [parameter.maximum + 1] if parameter.maximum is not None else []
    return [*WRONG[parameter.type], *map(int, beyond)]


def named_by(refusal):
    """Give the parameter that a refusal blames; ``image``, ``image[]`` and ``images[0]`` are one."""
    param = refusal.body["error"]["param"].partition("[")[0]
    return "image" if param == "images" else param


@pytest.mark.parametrize(("provider", "model", "endpoint"), CASES)
def test_what_the_catalog_refuses_the_sandbox_refuses_for_the_same_reason(provider, model, endpoint):
    known = KNOWN.model(model, provider).endpoints[endpoint]
    rows = [
        {name: value}
        for name, one in known.parameters.items()
        for value in wrong_values(one)
        if name != "prompt"
    ]
    for row in [*rows, *pairwise(provider, model, endpoint).impossible]:
        request = request_of(provider, model, endpoint, row)
        problems = catalog.check(request)
        if not problems:  # nobody documents this provider's rules, or a file id that no form can hold
            assert known.borrowed or not can_be_sent(request, known)
            continue
        if not can_be_sent(request, known):
            continue
        with pytest.raises(Refusal) as caught:
            judged(request)
        assert named_by(caught.value) == problems[0].parameter, row
        assert caught.value.status == 400


@pytest.mark.parametrize("model", [model.name for model in KNOWN.models("openai", "edits")])
@pytest.mark.parametrize(
    ("change", "blamed"),
    [
        ({"images": [picture(SQUARE, "gif")]}, "image"),
        ({"images": [picture(SQUARE, "bmp")]}, "image"),
        ({"images": [PNG] * 17}, "image"),
        ({"images": []}, "image"),
        ({"mask": picture(SQUARE)}, "mask"),
        ({"mask": picture((32, 64), mode="RGBA")}, "mask"),
        ({"mask": picture(SQUARE, "webp", mode="RGBA", colour=(0, 0, 0, 0))}, "mask"),
    ],
)
def test_pictures_that_the_catalog_refuses_the_sandbox_refuses(model, change, blamed):
    inputs = {"images": [PNG], **change}
    request = ImageRequest(
        prompt="a fox",
        provider="openai",
        model=model,
        endpoint="edits",
        images=tuple(map(to_input, inputs["images"])),
        mask=to_input(inputs["mask"]) if "mask" in inputs else None,
    )
    assert catalog.check(request)[0].parameter == blamed
    with pytest.raises(Refusal) as caught:
        judged(request)
    assert named_by(caught.value) == blamed
