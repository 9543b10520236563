"""What is written down, and how it comes back."""

import asyncio
import copy
import datetime as dt
import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from history.making import an_input, picture, recorded, request, result

from imgwidgets import errors
from imgwidgets.catalog import ImageInput, Usage
from imgwidgets.history import History
from imgwidgets.images import PartialImage, ResultImage


def test_a_request_has_a_row_before_it_is_sent(history):
    number = history.started(request("a fox"), base_url="https://api.example.org/v1")
    (entry,) = history.search()
    assert (entry.id, entry.status, entry.prompt) == (number, "running", "a fox")
    assert entry.base_url == "https://api.example.org/v1"


def test_a_finished_request_comes_back_with_all_that_was_known(history):
    before = dt.datetime.now(dt.UTC)
    asked = request("a fox", parameters={"size": "64x48", "n": 2, "quality": "low"})
    images = [
        picture("one", revised_prompt="a very red fox", extra={"seed": 3}),
        picture("two", size=(32, 16), index=1, notes=("odd",)),
    ]
    number = history.started(asked)
    history.finished(
        number, result(asked, *images, notes=("smaller than asked",), created=1_795_176_000, extra={"a": [1]})
    )

    entry = history.entry(number)
    assert (entry.status, entry.cost, entry.seconds, entry.request_id) == ("done", 0.25, 1.5, "req-7")
    assert entry.usage == Usage(input_tokens=5, output_tokens=9)
    assert entry.notes == ("smaller than asked",)
    assert (entry.model, entry.provider, entry.endpoint) == ("gpt-image-2", "openai", "generations")
    assert entry.parameters == {"size": "64x48", "n": 2, "quality": "low"}
    assert before <= entry.created <= dt.datetime.now(dt.UTC)
    assert entry.error == entry.error_type == ""
    assert [image.bytes for image in entry.images] == [image.bytes for image in images]
    assert [image.size for image in entry.images] == [(64, 48), (32, 16)]
    assert [image.format for image in entry.images] == ["svg", "svg"]
    assert entry.images[0].revised_prompt == "a very red fox"
    assert entry.images[0].extra == {"seed": 3}
    assert (entry.images[1].index, entry.images[1].notes) == (1, ("odd",))

    again = entry.result
    assert (again.created, again.extra, again.cost) == (1_795_176_000, {"a": [1]}, 0.25)
    assert again.request == asked
    assert again[0].prompt == "a fox"


def test_images_are_whole_on_disk_when_finished_returns(history, folder):
    image = picture("bytes", padding=100_000)
    recorded(history, "a fox", image)
    path = folder / "files" / image.sha256[:2] / image.sha256[2:4] / image.sha256
    assert path.read_bytes() == image.bytes
    assert list((folder / "incoming").iterdir()) == []


def test_a_request_with_inputs_can_be_sent_again(history):
    asked = request(
        "a hat",
        endpoint="edits",
        images=(
            an_input("first"),
            ImageInput(url="https://example.org/a.png?size=2"),
            ImageInput(file_id="file-7"),
            ImageInput(url="data:image/svg+xml;base64,PHN2Zy8+"),
        ),
        mask=an_input("mask"),
        markup=an_input("markup"),
    )
    entry = history.entry(history.started(asked))
    assert entry.status == "running"
    assert entry.request == asked
    assert entry.key == asked.key
    assert entry.request.images[0] == asked.images[0]
    assert entry.request.mask.name == "mask.svg"
    assert entry.request.images[3].url == "data:image/svg+xml;base64,PHN2Zy8+"


def test_the_same_bytes_are_kept_once(history, folder):
    same = picture("same")
    for prompt in ("one", "two", "three"):
        recorded(history, prompt, same, endpoint="edits", images=(an_input("again"),))
    assert sum(path.is_file() for path in (folder / "files").rglob("*")) == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadRequest("no", status=400, param="size"), "failed"),
        (errors.RateLimited("slow down"), "failed"),
        (errors.ConnectionFailed("cut", maybe_billed=True), "maybe_billed"),
        (errors.ServerError("502", maybe_billed=True), "maybe_billed"),
        (errors.ImageInputError("image 2: no such file"), "not_sent"),
        (KeyboardInterrupt(), "maybe_billed"),
        (GeneratorExit(), "maybe_billed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value,
)
def test_a_failure_says_whether_it_may_have_been_billed(history, error, status):
    number = history.started(request())
    history.failed(number, error)
    entry = history.entry(number)
    assert (entry.status, entry.error_type) == (status, type(error).__name__)
    assert str(error) in entry.error
    assert entry.error


def test_partial_images_of_a_stream_that_was_cut_are_kept(history):
    partial = PartialImage(picture("half").bytes, partial_index=1)
    number = history.started(request())
    history.failed(number, errors.ConnectionFailed("cut", maybe_billed=True, partial_images=[partial]))
    entry = history.entry(number)
    assert (entry.status, entry.error) == ("maybe_billed", "cut")
    assert [image.bytes for image in entry.partial_images] == [partial.bytes]
    assert entry.images == ()
    assert len(history.images) == 0


def test_an_interrupt_after_the_answer_was_written_leaves_it_done(history):
    number = recorded(history)
    history.failed(number, KeyboardInterrupt())
    assert history.entry(number).status == "done"


def test_a_task_that_is_cancelled_while_its_answer_is_written_loses_nothing(history, monkeypatch):
    asked = request()
    number = history.started(asked)
    writing, go_on = threading.Event(), threading.Event()
    put = history._files.put

    def slowly(*given, **named):
        writing.set()
        assert go_on.wait(60)
        put(*given, **named)

    monkeypatch.setattr(history._files, "put", slowly)
    with ThreadPoolExecutor(2) as pool:
        finished = pool.submit(history.finished, number, result(asked, picture("one"), picture("two")))
        assert writing.wait(60)
        failed = pool.submit(history.failed, number, asyncio.CancelledError())
        go_on.set()
        finished.result()
        failed.result()
    entry = history.entry(number)
    assert (entry.status, entry.error, len(entry.images)) == ("done", "", 2)
    assert history.verify() == []


def test_an_answer_that_comes_after_all_takes_the_place_of_a_failure(history):
    asked = request()
    number = history.started(asked)
    history.failed(number, errors.ConnectionFailed("cut", maybe_billed=True))
    history.finished(number, result(asked))
    entry = history.entry(number)
    assert (entry.status, entry.error, len(entry.images)) == ("done", "", 1)


def test_a_number_that_does_not_exist_is_said(history):
    with pytest.raises(errors.HistoryError, match="no entry 7"):
        history.finished(7, result(request()))
    with pytest.raises(errors.HistoryError, match="no entry 7"):
        history.entry(7)
    with pytest.raises(errors.HistoryError, match="no entry 7"):
        history.star(7)


def test_values_that_no_column_holds_do_no_harm(history):
    asked = request("half a character \ud800 here", parameters={"n": 1, "huge": 2**70, "nan": math.nan})
    asked.__dict__["key"] = "k"  # a lone surrogate has no UTF-8, so no key either
    number = history.started(asked)
    deep = []
    for _ in range(500):
        deep = [deep]
    history.finished(
        number,
        result(
            asked,
            picture("x"),
            cost=math.inf,
            usage=Usage(input_tokens=2**90, extra={"deep": deep}),
            created=2**80,
        ),
    )
    entry = history.entry(number)
    assert entry.status == "done"
    assert entry.cost is None
    assert entry.prompt == "half a character ? here"
    assert entry.parameters["nan"] is None


def test_an_image_is_read_only_when_it_is_needed(history, folder):
    image = picture("lazy")
    recorded(history, "a fox", image)
    (entry,) = history.search()
    path = folder / "files" / image.sha256[:2] / image.sha256[2:4] / image.sha256
    path.unlink()
    assert (entry.images[0].size, entry.images[0].sha256) == ((64, 48), image.sha256)
    assert "64x48" in repr(entry.images[0])
    with pytest.raises(errors.HistoryError, match="missing"):
        _ = entry.images[0].bytes
    path.write_bytes(b"something else")
    with pytest.raises(errors.HistoryError, match="altered"):
        _ = entry.images[0].bytes


def test_an_image_travels_to_another_process_with_its_bytes(history):
    image = picture("travels", revised_prompt="far away")
    recorded(history, "a fox", image)
    stored = history.images[0]
    for there in (pickle.loads(pickle.dumps(stored)), copy.copy(stored)):
        assert type(there) is ResultImage
        assert (there.bytes, there.prompt, there.revised_prompt) == (image.bytes, "a fox", "far away")


def test_images_and_entries_stay_readable_after_closing(folder):
    with History(folder) as history:
        recorded(history, "a fox", picture("kept"))
        entry = history.search()[0]
        images = history.images
    assert entry.images[0].bytes == images[0].bytes == picture("kept").bytes
    assert repr(history) == f"<History {folder}, closed>"
    with pytest.raises(errors.HistoryError, match="closed"):
        history.search()
    with pytest.raises(errors.HistoryError, match="closed"):
        history.started(request())


def test_images_are_the_newest_first_and_slices_stay_lazy(history):
    recorded(history, "old", picture("a"), picture("b", index=1))
    recorded(history, "new", picture("c"))
    images = history.images
    assert [image.prompt for image in images] == ["new", "old", "old"]
    assert [image.index for image in images[1:]] == [0, 1]
    assert images[-1].bytes == picture("b").bytes
    assert repr(images) == "<3 images of a history>"


def test_reprs_are_one_line(history, folder):
    recorded(history, "a fox\nand an owl, " + "very " * 50 + "long")
    assert repr(history) == f"<History {folder}: 1 entry>"
    for shown in (repr(history), repr(history.search()[0]), repr(history.images[0]), repr(history.images)):
        assert "\n" not in shown
        assert len(shown) < 200


def test_a_history_travels_by_its_path(history):
    recorded(history)
    with pickle.loads(pickle.dumps(history)) as there:
        assert len(there.search()) == 1
