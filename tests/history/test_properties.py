"""Whatever is asked and whatever comes, it comes back."""

import string
import tempfile

import pytest
from history.making import request, result
from hypothesis import given
from hypothesis import strategies as st

from imgwidgets import errors
from imgwidgets.catalog import ImageInput
from imgwidgets.history import History, rows
from imgwidgets.history.redact import to_json, without_secrets
from imgwidgets.images import ResultImage

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12).filter(
    lambda name: without_secrets({name: 1})
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
plain_texts = texts.filter(lambda text: without_secrets(text) == text)
values = st.recursive(
    scalars | plain_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
files = st.binary(max_size=200)
inputs = st.one_of(
    st.builds(ImageInput, data=files, format=st.sampled_from(["png", ""]), name=plain_texts),
    st.builds(ImageInput, file_id=texts.filter(lambda text: text and without_secrets(text) == text)),
    st.builds(ImageInput, url=st.sampled_from(["https://example.org/a?b=1", "data:image/png;base64,AAAA"])),
)


@pytest.fixture(scope="module")
def history():
    with tempfile.TemporaryDirectory() as folder, History(folder) as opened:
        yield opened


@given(
    prompt=texts,
    parameters=st.dictionaries(names, values, max_size=4),
    images=st.lists(inputs, max_size=3),
    mask=st.none() | inputs,
    came=st.lists(files, max_size=3),
    notes=st.lists(plain_texts, max_size=2),
)
def test_what_goes_in_comes_out(  # noqa: PLR0917 (hypothesis gives them by name)
    history, prompt, parameters, images, mask, came, notes
):
    asked = request(prompt, parameters=parameters, images=tuple(images), mask=mask, endpoint="edits")
    number = history.started(asked)
    answer = result(asked, cost=1.0, notes=notes)
    answer._images = tuple(ResultImage(data) for data in came)
    history.finished(number, answer)
    entry = history.entry(number)
    assert entry.request == asked
    assert entry.key == asked.key == entry.request.key
    assert [image.bytes for image in entry.images] == came
    assert list(entry.notes) == notes
    assert entry.prompt == prompt
    if came:
        assert history.lookup(asked.key).id == number


@given(prompt=texts)
def test_a_prompt_is_found_by_each_of_its_words(history, prompt):
    number = history.started(request(prompt))
    for word in prompt.split():
        for spelled in (word, word.upper(), word.casefold()):
            if spelled.casefold() == word.casefold():
                assert number in [entry.id for entry in history.search(spelled, limit=None)]


@given(
    value=st.recursive(
        scalars | st.text() | st.floats() | st.integers() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_anything_can_be_written_and_twice_redacted_is_once(value):
    assert to_json(value)
    assert without_secrets(without_secrets(value)) == without_secrets(value)


@given(maybe_billed=st.booleans(), message=st.text(max_size=50))
def test_every_failure_has_an_end(history, maybe_billed, message):
    number = history.started(request())
    history.failed(number, errors.ServerError(message, maybe_billed=maybe_billed))
    entry = history.entry(number)
    assert entry.status == ("maybe_billed" if maybe_billed else "failed")
    assert entry.status in rows.STATUSES
