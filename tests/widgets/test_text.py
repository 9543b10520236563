import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgwidgets.widgets import text

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "$x^2$ and \\(y\\)",
    "\u202eright to left\u202c",
    "x" * 32_000,
    "\x00\x1b[31m",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_escaped_text_holds_no_markup_but_the_spans_around_tex(said):
    tags = set(re.findall(r"<[^>]*>", text.escape(said)))
    assert tags <= {"<span>", "</span>"}


@pytest.mark.parametrize("said", HOSTILE)
def test_an_attribute_cannot_be_left(said):
    assert not set(text.attribute(said)) & set("<>\"'\n")


@given(st.text())
def test_escaped_text_reads_as_the_plain_text(said):
    read = html.unescape(re.sub("</?span>", "", text.escape(said)))
    assert read == text.plain(said)


def test_tex_delimiters_stand_alone_so_that_nothing_is_typeset():
    assert text.escape("$x$") == "<span>$</span>x<span>$</span>"
    assert text.escape("\\(x\\)") == "<span>\\</span>(x<span>\\</span>)"


def test_marks_that_turn_the_writing_direction_are_gone_but_joiners_stay():
    assert text.plain("a\u202eb\u2066c\u200fd") == "abcd"
    family = "👨\u200d👩\u200d👧"
    assert text.plain(family) == family


@given(st.text(), st.text(max_size=10), st.text(max_size=10))
def test_a_file_name_stays_in_its_folder_and_fits_every_file_system(said, suffix, extension):
    digits = str(len(suffix))
    name = text.file_name(said, suffix=digits, extension=extension)
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t')
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert 0 < len(name.encode()) <= 255
    assert name.split(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("../../etc/passwd", "etc-passwd.png"),
        ("狐狸在雪中", "狐狸在雪中.png"),
        ("ثعلب أحمر", "ثعلب-أحمر.png"),
        ("..", "image.png"),
        ("", "image.png"),
        ("CON", "con-image.png"),
        (".bashrc", "bashrc.png"),
        ("a" * 500, "a" * 60 + ".png"),
    ],
)
def test_file_names_are_recognised_by_people(said, name):
    assert text.file_name(said, extension="png") == name


def test_small_amounts_keep_the_digits_that_matter():
    assert [text.dollars(x) for x in (0, 0.0001, 0.0059, 0.04, 0.2107, 1234.5)] == [
        "$0",
        "under $0.001",
        "$0.006",
        "$0.040",
        "$0.21",
        "$1,234.50",
    ]
