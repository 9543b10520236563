"""What is never written down."""

import pytest
from history.making import picture, recorded, request, result

from imgwidgets import errors
from imgwidgets.catalog import ImageInput
from imgwidgets.history.redact import without_secrets

SECRET = "sk-very-secret-1234567890"


def everything_in(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (f"https://me:{SECRET}@example.org/a.png", "https://example.org/a.png"),
        (
            f"https://example.org/a.png?X-Amz-Signature={SECRET}&w=3#x",
            "https://example.org/a.png?X-Amz-Signature=...&w=3#x",
        ),
        (f"https://example.org/a?w=3&access_token={SECRET}", "https://example.org/a?w=3&access_token=..."),
        (f"http://h/?sig={SECRET}&sv=2024", "http://h/?sig=...&sv=2024"),
        (f"got Bearer {SECRET}, why?", "got Bearer ..., why?"),
        ({"api_key": SECRET, "size": "1x1"}, {"size": "1x1"}),
        ({"a": [{"x-api-key": SECRET, "Authorization": SECRET, "b": 1}]}, {"a": [{"b": 1}]}),
        ("https://example.org/a.png?size=2&page=3", "https://example.org/a.png?size=2&page=3"),
        (
            {"max_tokens": 5, "keyframe": 2, "tokenizer": "x"},
            {"max_tokens": 5, "keyframe": 2, "tokenizer": "x"},
        ),
        ("a@b is an address, x = y", "a@b is an address, x = y"),
    ],
    ids=str,
)
def test_secrets_are_taken_out_and_all_else_stays(given, kept):
    assert without_secrets(given) == kept


def test_no_file_of_a_history_holds_a_secret(history, folder):
    asked = request(
        "a fox",
        endpoint="edits",
        parameters={"size": "1024x1024", "api_key": SECRET, "webhook": f"https://me:{SECRET}@example.org/"},
        images=(ImageInput(url=f"https://example.org/a.png?token={SECRET}"),),
    )
    number = history.started(asked, base_url=f"https://me:{SECRET}@proxy.example.org/v1?key={SECRET}")
    image = picture("x", extra={"url": f"https://cdn.example.org/x.png?signature={SECRET}"})
    history.finished(
        number, result(asked, image, notes=[f"see https://h/?sig={SECRET}"], extra={"token": SECRET})
    )
    failed = history.started(asked)
    history.failed(failed, errors.ReplyError(f"the picture at https://h/x?sig={SECRET} could not be fetched"))
    history.export(folder.parent / "export")
    history.close()
    assert SECRET.encode() not in everything_in(folder)
    assert SECRET.encode() not in everything_in(folder.parent / "export")


def test_an_input_whose_address_held_a_secret_is_noted(history):
    asked = request(
        "a fox", endpoint="edits", images=(ImageInput(url=f"https://example.org/a.png?token={SECRET}"),)
    )
    entry = history.entry(history.started(asked))
    assert entry.request.images[0].url == "https://example.org/a.png?token=..."
    assert any("secret" in note for note in entry.notes)
    assert entry.key == asked.key  # so that a sweep finds its answer all the same


def test_an_input_without_a_secret_is_not_noted(history):
    recorded(
        history,
        endpoint="edits",
        images=(ImageInput(url="https://example.org/a.png", name='"withheld":true'),),
    )
    assert history.search()[0].notes == ()
