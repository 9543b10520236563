import base64
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgwidgets.client.chat import read_choices, read_text, readable
from imgwidgets.client.found import Collector
from imgwidgets.client.limits import LINKS_PER_REPLY, Limits
from imgwidgets.client.reader import JsonReader

BASE = "https://api.example.org/v1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2
GIF = b"GIF89a" + bytes(20)
SMALL = "data:image/gif;base64," + base64.b64encode(GIF).decode()
LARGE = "data:image/png;base64," + base64.b64encode(PNG).decode()
FOX = "https://cdn.example.org/fox.png"


def read(content, **message):
    """Read one message as it comes over the wire."""
    reader = JsonReader()
    reader.feed(
        json.dumps([{"index": 0, "message": {"role": "assistant", "content": content, **message}}]).encode()
    )
    collector = Collector(BASE, once=True)
    text = read_choices(reader.finish(), collector)
    return [image.data or image.url for image in collector.images], text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # content parts
        ([{"type": "image_url", "image_url": {"url": FOX}}], [FOX]),
        ([{"type": "image_url", "image_url": FOX}], [FOX]),
        ([{"type": "image_url", "image_url": {"url": LARGE}}], [PNG]),
        (
            [{"type": "image_url", "image_url": {"url": SMALL}}, {"type": "text", "text": f"![]({FOX})"}],
            [GIF, FOX],
        ),
        ([{"type": "image", "source": {"type": "base64", "data": base64.b64encode(GIF).decode()}}], [GIF]),
        ([{"type": "output_image", "b64_json": base64.b64encode(PNG).decode()}], [PNG]),
        # markdown
        (f"Here you are: ![a fox]({FOX})", [FOX]),
        (
            f"![a]({FOX}) and ![b](<https://x.org/2>) and ![c](https://x.org/3.webp 'title')",
            [FOX, "https://x.org/2", "https://x.org/3.webp"],
        ),
        (f"![]({SMALL})", [GIF]),
        (f"text ![fox]({LARGE}) text", [PNG]),
        (f"[![preview]({FOX})](https://x.org/full-size)", [FOX]),
        # HTML
        (f'<p><img class="a" src="{FOX}?a=1&amp;b=2"></p>', [FOX + "?a=1&b=2"]),
        (f"<IMG SRC='{FOX}'/>", [FOX]),
        (f"<img width=3 src={FOX} />", [FOX]),
        (f'<img src="{LARGE}">', [PNG]),
        # the whole content
        (LARGE, [PNG]),
        (SMALL, [GIF]),
        (base64.b64encode(PNG).decode(), [PNG]),
        (base64.b64encode(GIF).decode(), [GIF]),
        (base64.encodebytes(PNG).decode(), [PNG]),
        (json.dumps({"data": [{"b64_json": base64.b64encode(PNG).decode()}]}), [PNG]),
        (json.dumps({"url": FOX}), [FOX]),
        (f"```json\n{json.dumps([{'url': FOX}, {'url': FOX + '2'}])}\n```", [FOX, FOX + "2"]),
        # a data URL in the middle of words
        (f"see {SMALL}, and {LARGE}.", [GIF, PNG]),
        # links
        (FOX, [FOX]),
        ("https://x.org/view?id=7", ["https://x.org/view?id=7"]),
        (f"Done. {FOX}. Docs: https://docs.example.org/usage", [FOX]),
        (f"[download]({FOX})", [FOX]),
        ("[view](https://x.org/1) [save](https://x.org/2)", ["https://x.org/1", "https://x.org/2"]),
        # order and duplicates
        (f"![b]({SMALL}) ![a]({FOX}) ![a again]({FOX}) {SMALL}", [GIF, FOX]),
        (f"![a]({FOX})\n\n[download]({FOX}) [other](https://x.org/other.png)", [FOX]),
        # nothing
        ("I cannot draw this.", []),
        ("", []),
        (None, []),
        ([{"type": "text", "text": "no"}], []),
        ("Visit javascript:alert(1) or file:///etc/passwd", []),
        ("![x](javascript:alert(1))", []),
        ("![x](file:///etc/passwd)", []),
    ],
)
def test_images_are_found_in_each_form_of_content(content, expected):
    assert read(content)[0] == expected


@pytest.mark.parametrize(
    "images",
    [
        [{"type": "image_url", "image_url": {"url": LARGE}}, {"image_url": {"url": FOX}}],
        [{"url": LARGE}, {"url": FOX}],
        [LARGE, FOX],
        [{"b64_json": base64.b64encode(PNG).decode()}, {"image_url": FOX}],
    ],
)
def test_images_beside_the_content_come_first_and_the_text_is_kept(images):
    assert read("Two foxes.", images=images) == ([PNG, FOX], "Two foxes.")


def test_a_picture_in_images_and_in_markdown_is_one_picture():
    assert read(f"![fox]({LARGE})", images=[{"image_url": {"url": LARGE}}])[0] == [PNG]


def test_a_refusal_is_text_without_images():
    assert read(None, refusal="I cannot help with that.") == ([], "I cannot help with that.")


def test_data_urls_are_shortened_in_the_text_for_people():
    text = read(f"before ![x]({LARGE}) after")[1]
    assert text.startswith("before ![x](data:image/png;base64,iVBOR")
    assert text.endswith("...) after")
    assert len(text) < 100


def test_all_choices_are_read():
    collector = Collector(BASE, once=True)
    read_choices([{"message": {"content": f"![]({FOX}?{i})"}} for i in range(3)], collector)
    assert [image.url for image in collector.images] == [f"{FOX}?{i}" for i in range(3)]


def test_a_reply_with_ten_thousand_links_gives_as_many_as_the_limit():
    collector = Collector(BASE, bounds=Limits(images_per_reply=50), once=True)
    read_text("".join(f"![x](https://x.org/{i}.png)" for i in range(10_000)), collector)
    assert len(collector.images) == 50
    assert "more than 50 images" in collector.problems[0]
    collector = Collector(BASE, bounds=Limits(images_per_reply=1 << 20), once=True)
    read_text("".join(f"![x](https://x.org/{i}.png)" for i in range(10_000)), collector)
    assert len(collector.images) == LINKS_PER_REPLY


@pytest.mark.parametrize(
    "unit",
    [
        "](",
        "![",
        "[![](",
        "<img ",
        "<img src=",
        "<img src='",
        '<img src="',
        "data:image/",
        "data:image/png;base64,",
        "http://",
        "```",
        "{",
        "![](data:image/png;base64,A",
        "](<",
        "a" * 64,
        "<img src=x>",
        "https://a.b/c ",
    ],
)
def test_no_repetition_makes_the_search_slow(unit):
    text = unit * (2_000_000 // len(unit))
    started = time.process_time()
    read_text(text, Collector(BASE, once=True))
    readable(text)
    assert time.process_time() - started < 3  # linear: a tenth of that on a quiet machine


junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from([FOX, SMALL, "![](", "<img src="]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                [
                    "message",
                    "content",
                    "images",
                    "type",
                    "text",
                    "image_url",
                    "url",
                    "delta",
                    "data",
                    "value",
                    "source",
                    "refusal",
                    "b64_json",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None)
@given(junk)
def test_values_of_the_wrong_type_are_no_errors(value):
    collector = Collector(BASE, once=True)
    assert isinstance(read_choices(value, collector), str)
    assert isinstance(
        read_choices(
            [value, {"message": value}, {"message": {"content": value, "images": value}}], collector
        ),
        str,
    )
    for image in collector.images:
        assert isinstance(image.url, str) or isinstance(image.data, bytes)
