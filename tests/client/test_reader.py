import base64
import contextlib
import itertools
import json
import os
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imgwidgets.client.limits import Limits
from imgwidgets.client.reader import Blob, JsonReader
from imgwidgets.errors import ReplyError

PNG = b"\x89PNG\r\n\x1a\n"
MAGIC = [
    PNG,
    b"\xff\xd8\xff\xe0",
    b"RIFF\x10\0\0\0WEBP",
    b"GIF89a",
    b"\0\0\0\x1cftypavif",
    b"<svg xmlns=",
    b"BM",
]


def read(*chunks, **bounds):
    reader = JsonReader(**bounds)
    for chunk in chunks:
        reader.feed(chunk)
    return reader.finish()


def spelled(value):
    """What json.loads would have given: every Blob as the text it came from."""
    if isinstance(value, Blob):
        return value.text
    if isinstance(value, list):
        return [spelled(item) for item in value]
    if isinstance(value, dict):
        return {key: spelled(item) for key, item in value.items()}
    return value


def wrap(text, width, newline="\n"):
    return newline.join(text[i : i + width] for i in range(0, len(text), width))


def spellings(data):
    plain = base64.b64encode(data).decode()
    return {
        "plain": plain,
        "data URL": f"data:image/png;base64,{plain}",
        "URL-safe": base64.urlsafe_b64encode(data).decode(),
        "unpadded": plain.rstrip("="),
        "wrapped": wrap(plain, 76),
        "wrapped by CRLF": wrap(plain, 64, "\r\n") + "\r\n",
        "data URL, URL-safe, wrapped, unpadded": "data:;base64,"
        + wrap(base64.urlsafe_b64encode(data).decode().rstrip("="), 60),
    }


def escapes(text):
    """The ways in which serializers write the same JSON."""
    yield text
    yield text.replace("/", "\\/")
    yield text.replace("+", "\\u002b").replace("=", "\\u003D").replace("/", "\\u002F")


base64_texts = st.builds(
    lambda magic, rest, pick: list(spellings(magic + rest).values())[pick],
    st.sampled_from(MAGIC),
    st.binary(min_size=180, max_size=900),
    st.integers(0, 6),
)
near_misses = st.builds(
    lambda text, at, insert: text[: at % len(text)] + insert + text[at % len(text) :],
    base64_texts,
    st.integers(0, 2000),
    st.sampled_from(
        [
            '"',
            "\\",
            " ",
            "é",
            "=",
            "!",
            "\n\n",
            "-",
            "+",
            "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
            "A",
            ")",
        ]
    ),
)
words = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='ab"\\/\n\té😀', min_size=200, max_size=700),
    st.text(alphabet="abcXYZ019", min_size=240, max_size=600),
    base64_texts,
    near_misses,
)
values = st.recursive(
    st.one_of(
        words,
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=8,
)
documents = st.builds(
    lambda value, ascii_only, indent, slash: (
        json.dumps(value, ensure_ascii=ascii_only, indent=indent).replace("/", "\\/" if slash else "/")
    ).encode(),
    values,
    st.booleans(),
    st.sampled_from([None, 2]),
    st.booleans(),
)


def pieces(document, cuts):
    edges = [0, *sorted(cut % (len(document) + 1) for cut in cuts), len(document)]
    return [document[a:b] for a, b in itertools.pairwise(edges)]


@settings(max_examples=300, deadline=None)
@given(documents, st.lists(st.integers(0, 1 << 20), max_size=12))
def test_any_json_in_any_pieces_reads_as_json_loads_reads_it(document, cuts):
    assert spelled(read(*pieces(document, cuts))) == json.loads(document)


@settings(max_examples=60, deadline=None)
@given(documents, st.sampled_from([1, 2, 3, 7]))
def test_a_reply_that_drips_in_byte_by_byte_reads_the_same(document, size):
    assert spelled(read(*(document[i : i + size] for i in range(0, len(document), size)))) == json.loads(
        document
    )


@pytest.mark.parametrize("kind", list(spellings(b"")))
def test_every_split_point_gives_the_same_image(kind):
    image = PNG + bytes(range(256)) + b"x"
    for document in escapes(json.dumps({"data": [{"b64_json": spellings(image)[kind]}], "n": 1.5})):
        encoded = document.encode()
        for cut in range(len(encoded) + 1):
            value = read(encoded[:cut], memoryview(encoded)[cut:])
            assert value["data"][0]["b64_json"].data == image
            assert spelled(value) == json.loads(document)


@pytest.mark.parametrize("length", [255, 256, 257])
@pytest.mark.parametrize("kind", list(spellings(b"")))
@pytest.mark.parametrize("magic", MAGIC)
def test_each_spelling_of_base64_becomes_the_bytes_that_the_standard_library_gives(magic, kind, length):
    image = (magic + os.urandom(length))[:length]
    for document in escapes(json.dumps([spellings(image)[kind]])):
        [blob] = read(document.encode())
        assert isinstance(blob, Blob)
        assert blob.data == image
        assert blob.text == json.loads(document)[0]


def test_the_prefix_of_a_data_url_is_kept():
    [blob] = read(json.dumps(["data:image/webp;base64," + base64.b64encode(bytes(300)).decode()]).encode())
    assert blob == Blob(bytes(300), "data:image/webp;base64")


@pytest.mark.parametrize(
    "text",
    [
        "a red fox in snow, " * 1700,
        "a" * 5_001,
        "![fox](data:image/png;base64," + base64.b64encode(PNG + bytes(3000)).decode() + ")",
        "data:image/png;base64," + base64.b64encode(PNG + bytes(3000)).decode() + ") and more",
        base64.b64encode(PNG + bytes(3000)).decode() + "!",
        base64.b64encode(PNG + bytes(3000)).decode()[:-3],  # a digit too many
        base64.b64encode(PNG + bytes(3000)).decode() + "\n\nhere you are",
        base64.b64encode(PNG + b"\xff" * 300).decode() + "-_",  # two alphabets
        "iVBORw0KGgo= " * 30,
        "\n" * 300,
        "data:image/png;base64," + "\n" * 9_000,
    ],
)
def test_text_that_is_no_base64_comes_out_exactly(text):
    document = json.dumps({"text": text, text: 1}).encode()
    for size in (1, 100, 4096, len(document)):
        assert read(*(document[i : i + size] for i in range(0, len(document), size))) == {
            "text": text,
            text: 1,
        }


def test_a_long_word_without_an_image_signature_is_base64_only_to_the_letter():
    letters = "abcdefgh" * 50
    assert isinstance(read(json.dumps([letters]).encode())[0], Blob)
    assert read(json.dumps([letters + "a"]).encode()) == [letters + "a"]
    assert read(json.dumps([wrap(letters, 76)]).encode()) == [wrap(letters, 76)]


def test_base64_as_a_key_stays_a_key():
    key = base64.b64encode(PNG + bytes(600)).decode()
    assert read(f'{{"{key}" \n :1, "{key}x":"{key}"}}'.encode()) == {
        key: 1,
        key + "x": Blob(PNG + bytes(600)),
    }


def test_images_come_out_at_their_own_places():
    images = [PNG + bytes([i]) * 400 for i in range(20)]
    document = json.dumps(
        [{"a": base64.b64encode(image).decode(), "b": [i]} for i, image in enumerate(images)]
    )
    assert read(document.encode()) == [{"a": Blob(image), "b": [i]} for i, image in enumerate(images)]


@pytest.mark.parametrize("forged", ["[NaN]", "[1, NaN]", '{"a": NaN}', "[-Infinity]", "[Infinity]", "NaN"])
def test_the_mark_for_an_image_cannot_be_forged(forged):
    with pytest.raises(ReplyError, match="not JSON"):
        read(forged.encode())
    blob = base64.b64encode(PNG + bytes(300)).decode()
    with pytest.raises(ReplyError):
        read(f'["{blob}", {forged}]'.encode())


@pytest.mark.parametrize("kind", list(spellings(b"")))
def test_a_reply_cut_at_any_byte_is_a_reply_error(kind):
    document = json.dumps(
        {"data": [{"b64_json": spellings(PNG + bytes(range(200)))[kind]}, "é\n\\"], "n": 1}
    ).encode()
    for cut in range(len(document)):
        with pytest.raises(ReplyError) as caught:
            read(document[:cut])
        assert caught.value.body == document[:cut].decode("utf-8", "replace")


@settings(max_examples=500, deadline=None)
@given(
    documents,
    st.lists(
        st.tuples(
            st.integers(0, 1 << 20),
            st.sampled_from(["set", "drop", "insert"]),
            st.binary(min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.integers(0, 1 << 20), max_size=4),
)
@example(b'["\xed\xa0\x80"]', [(20, "insert", b" ")], [])
@example(b'[1e400, "\\ud800"]', [(0, "insert", b" ")], [])
def test_garbage_is_a_reply_error_or_what_json_loads_gives(document, edits, cuts):
    damaged = bytearray(document)
    for position, how, what in edits:
        start = position % (len(damaged) + 1)
        damaged[start : start + (0 if how == "insert" else len(what))] = b"" if how == "drop" else what
    try:
        value = read(*pieces(bytes(damaged), cuts))
    except ReplyError:
        return
    # Raw line breaks inside base64 are forgiven, though JSON wants them escaped.
    assert spelled(value) == json.loads(damaged.decode("utf-8-sig"), strict=False)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b'"',
                b"\\",
                b"{",
                b"}",
                b"[",
                b"]",
                b":",
                b",",
                b"1",
                b"e",
                b"N",
                b"\\u00",
                b"null",
                b"\xff",
                b"iVBORw0KGgoA" * 30,
                b"=",
                b"data:image/png;base64,",
                b"\n",
            ]
        ),
        max_size=40,
    )
)
def test_tokens_in_any_order_raise_nothing_but_reply_errors(tokens):
    try:
        value = read(*tokens)
    except ReplyError:
        return
    assert spelled(value) == json.loads(b"".join(tokens), strict=False)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html><body>502 Bad Gateway</body></html>", "not JSON; it begins with '<html>"),
        (b"\x1b[31mred", r"not JSON; it begins with '\\x1b\[31mred'"),
        (b'{"a": 1', "cut off"),
        (b'{"a": "b', "cut off"),
        (b"[1] [2]", "is not JSON"),
        (b"[1]]", "more closing than opening"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested too deeply"),
        (b"[1e999]", "too large"),
        (b"[" + b"9" * 401 + b"]", "too many digits"),
        (b'["\xff"]', "UTF-8"),
        (b'["\\ud83d"]', "surrogate"),
        (b'["\\uDE00\\ud83d"]', "surrogate"),
        (b'["tab\there"]', "is not JSON"),
        (b'["\\x"]', "is not JSON"),
    ],
)
def test_what_is_no_json_is_named(document, message):
    with pytest.raises(ReplyError, match=message):
        read(document)


def test_surrogate_pairs_and_a_byte_order_mark_are_fine():
    assert read(b'\xef\xbb\xbf["\\ud83d\\ude00"]') == ["😀"]
    assert read(b"\xef", b"\xbb", b"\xbf", b"[]") == []


@pytest.mark.parametrize(
    ("bounds", "document", "message"),
    [
        ({"max_bytes": 1000}, b'["' + b"a b" * 400 + b'"]', "The reply is larger than 1,000 bytes"),
        ({"max_text_bytes": 1000}, b'["' + b"a b" * 400 + b'"]', "text of the reply is larger than 1,000"),
        (
            {"max_structure_bytes": 100},
            b"[" + b"1," * 60 + b"1]",
            "structure of the reply is larger than 100",
        ),
        ({"max_structure_bytes": 100}, b"[" + b'"\\n",' * 60 + b"1]", "structure"),
        (
            {"max_image_bytes": 1000},
            b'["' + base64.b64encode(PNG + bytes(2000)) + b'"]',
            "An image in the reply",
        ),
        ({"max_text_bytes": 999}, b'["' + base64.b64encode(PNG + bytes(2000)) + b'!"]', "text of the reply"),
        ({"max_depth": 2}, b"[[[1]]]", "at most 2 levels"),
    ],
)
def test_each_bound_holds_for_any_chunk_size(bounds, document, message):
    for size in (1, 50, len(document)):
        with pytest.raises(ReplyError, match=message):
            read(*(document[i : i + size] for i in range(0, len(document), size)), **bounds)


def test_limits_give_the_readers_keywords():
    bounds = Limits(json_depth=1).for_json()
    assert read(b"[1]", **bounds) == [1]
    with pytest.raises(ReplyError):
        read(b"[[1]]", **bounds)


def test_strings_beyond_the_number_of_images_stay_text():
    text = base64.b64encode(PNG + bytes(300)).decode()
    first, second = read(json.dumps([text, text]).encode(), max_images=1)
    assert isinstance(first, Blob)
    assert second == text


def test_the_body_of_an_error_is_the_start_and_no_more():
    with pytest.raises(ReplyError) as caught:
        read(b'["' + b"x y" * 100_000)
    assert len(caught.value.body) == 2_000


def test_images_that_were_complete_before_a_cut_can_be_saved():
    images = [PNG + bytes([i]) * 400 for i in range(3)]
    document = json.dumps([base64.b64encode(image).decode() for image in images]).encode()
    reader = JsonReader()
    reader.feed(document[:-100])
    with pytest.raises(ReplyError, match="cut off"):
        reader.finish()
    assert [blob.data for blob in reader.images] == images[:2]


HOSTILE = {
    "short strings": b"[" + b'"ab",' * 150_000 + b"1]",
    "escaped strings": b"[" + b'"\\n\\n\\n\\n\\n\\n\\n",' * 150_000 + b"1]",
    "empty arrays": b"[" + b"[]," * 300_000 + b"1]",
    "depth": b"[" * 5_000_000,
    "quotes": b'"' * 5_000_000,
    "backslashes": b'["' + b"\\\\" * 2_500_000 + b'"]',
    "line breaks in base64": b'["data:image/png;base64,' + b"\\n" * 2_500_000 + b'"]',
    "escapes in base64": b'["data:image/png;base64,' + b"\\u0041" * 800_000 + b'"]',
    "alternating alphabets": b'["data:image/png;base64,' + b"AA-AAA+A" * 600_000 + b'"]',
    "many images": b"[" + (b'"' + base64.b64encode(PNG + bytes(200)) + b'",') * 15_000 + b"1]",
    "padding": b'["data:image/png;base64,' + b"A===" * 1_200_000 + b'"]',
    "digits": b"[" + b"9" * 5_000_000 + b"]",
    "spaces": b" " * 5_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_reply_of_5_mb_takes_a_second(name):
    document = HOSTILE[name]
    started = time.process_time()
    with contextlib.suppress(ReplyError):
        read(*(document[i : i + (1 << 14)] for i in range(0, len(document), 1 << 14)))
    assert time.process_time() - started < 1


def test_complete_tells_when_the_last_bracket_is_closed():
    reader = JsonReader()
    reader.feed(b'{"a": [1, "}')
    assert not reader.complete
    reader.feed(b'"]}')
    assert reader.complete


@pytest.mark.parametrize("chunk", [16 << 10, 64 << 10, 1 << 20])
def test_ten_images_of_8_mb_need_less_than_4_mb_beside_themselves(chunk):
    image = PNG + os.urandom((8 << 20) - len(PNG))
    item = b'{"b64_json": "' + base64.b64encode(image) + b'"}'
    reader = JsonReader()
    tracemalloc.start()
    try:
        reader.feed(b'{"data": [')
        for number in range(10):
            for start in range(0, len(item), chunk):
                reader.feed(memoryview(item)[start : start + chunk])
            reader.feed(b"," if number < 9 else b"]}")
        value = reader.finish()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [entry["b64_json"].data for entry in value["data"]] == [image] * 10
    assert peak - 10 * len(image) < 4 << 20


def test_a_fully_wrapped_image_costs_little_more():
    image = PNG + os.urandom(8 << 20)
    document = json.dumps([base64.encodebytes(image).decode()]).encode()
    reader = JsonReader()
    tracemalloc.start()
    try:
        for start in range(0, len(document), 64 << 10):
            reader.feed(document[start : start + (64 << 10)])
        value = reader.finish()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert value[0].data == image
    assert peak - len(image) < 8 << 20
