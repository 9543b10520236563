"""The blind test without a browser: what is hidden, how pairs come, what votes come to."""

import builtins
import io
import itertools
import re
import shutil
import subprocess
import threading
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import imgwidgets as iw
from imgwidgets.catalog import ImageRequest
from imgwidgets.widgets.blind import blind
from imgwidgets.widgets.blind import booth as blind_booth
from imgwidgets.widgets.blind.pairs import Plan
from imgwidgets.widgets.blind.pictures import without_traces
from imgwidgets.widgets.blind.votes import Ballot, Vote

JAVASCRIPT = Path(__file__).parent / "js" / "blind.test.mjs"
SECRET = "by-model-x"


def png(seed=0, size=(40, 30), text=SECRET):
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    notes = PngInfo()
    notes.add_text("prompt", text)
    notes.add_itxt("parameters", text)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "png", pnginfo=notes)
    return buffer.getvalue()


def result(seed, prompt="a red fox", model="model-x", **parameters):
    request = ImageRequest(prompt=prompt, model=model, provider="openai", parameters=parameters)
    image = iw.ResultImage(png(seed), prompt=prompt, model=model)
    return iw.ImageResult([image], request=request)


class Page:
    """Stands where the browser would, and keeps all that it hears."""

    def __init__(self, test):
        self.test = test
        self.heard = []
        self.arrived = threading.Condition()
        test.send = self._hear

    def _hear(self, content, buffers=None):
        with self.arrived:
            self.heard.append((content, [bytes(one) for one in buffers or []]))
            self.arrived.notify_all()

    def say(self, **message):
        self.test._handle_custom_msg(message, [])

    def answer(self, request):
        find = lambda: next((one for one in self.heard if one[0].get("request") == request), None)  # noqa: E731
        with self.arrived:
            assert self.arrived.wait_for(find, 20)
            return find()

    @property
    def state(self):
        return [content for content, _ in self.heard if content["kind"] == "state"][-1]


@pytest.fixture
def opened():
    made = []

    def make(images, **options):
        made.append(iw.blind_test(images, **{"seed": 3} | options))
        return made[-1]

    yield make
    for test in made:
        test.close()


@pytest.fixture
def four(opened):
    return opened([result(i, quality=q) for i, q in enumerate(("low", "medium", "high", "auto"))])


def play(test, strength):
    """Vote for the image with the larger strength until the end."""
    while test.pair is not None:
        left, right = (strength[image.sha256] for image in test.pair)
        test.vote("left" if left > right else "right" if right > left else "tie")


# -- pairs ------------------------------------------------------------------------------------------------


def test_few_images_all_meet_once_and_sides_are_shuffled(opened):
    images = [Image.fromarray(np.full((8, 8, 3), 20 * i, np.uint8)) for i in range(8)]
    test = opened(images)
    assert test.rounds == 28
    seen = []
    while test.pair is not None:
        seen.append(tuple(image.sha256 for image in test.pair))
        test.vote("tie")
    assert len({frozenset(pair) for pair in seen}) == 28
    lefts = Counter(left for left, _ in seen)
    assert max(lefts.values()) < 7, "nobody is always on the left"
    assert test.done
    assert test.revealed


def test_the_same_seed_gives_the_same_pairs_and_another_other_ones(opened):
    images = [result(i) for i in range(4)]

    def order(seed):
        test, seen = opened(images, seed=seed), []
        while test.pair is not None:
            seen.append([image.sha256[:6] for image in test.pair])
            test.vote("left")
        return seen

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_many_images_are_paired_by_what_tells_most(opened):
    images = [Image.fromarray(np.full((4, 4, 3), i, np.uint8)) for i in range(18)]
    test = opened(images)
    assert test.rounds == 54
    strength = {image.sha256: place for place, image in enumerate(test._images.values())}
    played = Counter()
    gaps = []
    while test.pair is not None:
        left, right = (image.sha256 for image in test.pair)
        played.update((left, right))
        gaps.append(abs(strength[left] - strength[right]))
        test.vote("left" if strength[left] > strength[right] else "right")
    assert min(played.values()) >= 4, "everyone is seen"
    assert np.mean(gaps[36:]) < np.mean(gaps[:18]), "later pairs are nearer to each other"
    ranks = [int(label.split("(")[1][:-1]) - 1 for label in (row["label"] for row in test.ballot.rows())]
    assert np.corrcoef(ranks, np.arange(18))[0, 1] < -0.8


def test_rounds_and_pairing_can_be_chosen(opened):
    images = [result(i) for i in range(4)]
    assert opened(images, rounds=3).rounds == 3
    twice = opened(images, rounds=12, pairing="round-robin")
    pairs = Counter()
    while twice.pair is not None:
        pairs[frozenset(image.sha256 for image in twice.pair)] += 1
        twice.vote("skip")
    assert set(pairs.values()) == {2}
    with pytest.raises(ValueError, match="round-robin"):
        opened(images, pairing="random")
    for wrong in (0, -1, 2.5):
        with pytest.raises(ValueError, match="rounds"):
            opened(images, rounds=wrong)


def test_models_are_compared_on_the_same_prompt(opened):
    prompts = ["a fox", "an owl", "a cat"]
    images = [
        result(10 * i + j, prompt=p, model=m) for i, m in enumerate("xyz") for j, p in enumerate(prompts)
    ]
    test = opened(images, by="model")
    assert test.rounds == 9
    met = Counter()
    while test.pair is not None:
        left, right = test.pair
        assert left.prompt == right.prompt
        assert left.model != right.model
        met[frozenset((left.model, right.model))] += 1
        test.vote("left" if left.model < right.model else "right")
    assert set(met.values()) == {3}
    table = test.table()
    assert list(table["model"]) == ["x", "y", "z"]
    assert list(table["wins"]) == [6, 3, 0]
    assert list(table["losses"]) == [0, 3, 6]


def test_adaptive_plans_choose_only_pairs_of_different_competitors():
    groups = {label: [f"{label}{i}" for i in range(3)] for label in "abc"}
    facts = {name: {} for names in groups.values() for name in names}
    plan = Plan.of(groups, facts, rounds=None, pairing="adaptive", seed=1)
    votes = []
    for _ in range(plan.rounds):
        left, right = plan.pair(votes)
        assert left[0] != right[0]
        votes.append(
            Vote(left=left[0], right=right[0], choice="left", left_picture=left, right_picture=right)
        )
    shown = Counter(name for vote in votes for name in (vote.left_picture, vote.right_picture))
    assert len(shown) == 9, "every picture has its turn"


# -- votes ------------------------------------------------------------------------------------------------


def test_votes_are_frozen_values_with_labels_and_pictures(four):
    left, right = four.pair
    four.vote("right")
    [vote] = four.votes
    assert vote.choice == "right"
    assert vote.winner == vote.right
    assert right.sha256.startswith(vote.right_picture)
    assert left.sha256.startswith(vote.left_picture)
    assert {vote.left, vote.right} < {"quality low", "quality medium", "quality high", "quality auto"}
    with pytest.raises(AttributeError):
        vote.choice = "left"
    four.votes.clear()
    assert len(four.votes) == 1, "the list is a copy"
    assert four.cast == 1


def test_a_vote_can_be_taken_back_and_the_same_pair_is_shown_again(four):
    with pytest.raises(ValueError, match="no vote to take back"):
        four.undo()
    before = four.pair
    four.vote("left")
    assert four.pair != before
    four.undo()
    assert four.pair == before
    assert four.votes == []


def test_the_end_reveals_and_nothing_can_be_voted_or_undone_after_it(four):
    seen = []
    four.observe(lambda change: seen.append(change["new"]), "revealed")
    for _ in range(6):
        four.vote("tie")
    assert seen == [True]
    assert four.pair is None
    assert repr(four) == "<BlindTest: 6 of 6 votes, over>"
    with pytest.raises(ValueError, match="over"):
        four.vote("left")
    with pytest.raises(ValueError, match="not be blind"):
        four.undo()


def test_other_choices_are_refused(four):
    with pytest.raises(ValueError, match="no choice 'best'"):
        four.vote("best")
    assert four.votes == []


def test_the_table_counts_wins_losses_and_ties_and_ranks_by_score(four):
    strength = {image.sha256: i for i, image in enumerate(four._images.values())}
    play(four, strength)
    table = four.table()
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == ["label", "wins", "losses", "ties", "score", "low", "high"]
    assert list(table["label"]) == ["quality auto", "quality high", "quality medium", "quality low"]
    assert list(table["wins"]) == [3, 2, 1, 0]
    assert table["score"].is_monotonic_decreasing
    assert (table["low"] < table["score"]).all()
    assert (table["high"] > table["score"]).all()
    assert table["score"].mean() == pytest.approx(1000, abs=0.1)
    assert list(four.table(method="elo")["label"]) == list(table["label"])
    assert list(four.table("model")["model"]) == ["model-x"]
    with pytest.raises(ValueError, match="no picture here has a 'seed'"):
        four.table("seed")


def test_skipped_pairs_count_for_nobody_and_ties_for_both(four):
    for choice in ("skip", "tie", "skip", "skip", "skip", "skip"):
        four.vote(choice)
    table = four.table()
    assert table[["wins", "losses"]].to_numpy().sum() == 0
    assert table["ties"].sum() == 2


def test_without_pandas_the_table_is_a_list(four, monkeypatch):
    real = builtins.__import__

    def without_pandas(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    rows = four.table()
    assert [set(row) for row in rows] == [{"label", "wins", "losses", "ties", "score", "low", "high"}] * 4


def test_labels_can_be_given_and_equal_ones_are_one_competitor(opened):
    images = [result(i) for i in range(4)]
    test = opened(images, labels=["ours", "theirs", "ours", "theirs"])
    while test.pair is not None:
        test.vote("left")
    assert sorted(test.table()["label"]) == ["ours", "theirs"]
    assert {frozenset((vote.left, vote.right)) for vote in test.votes} == {frozenset(("ours", "theirs"))}
    by_size = opened(images, by=lambda image: "even" if int(image.sha256, 16) % 2 else "odd", rounds=2)
    assert {picture.label for picture in by_size.ballot.pictures.values()} == {"even", "odd"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"labels": ["one"]}, "4 images and 1 labels"),
        ({"labels": "abcd"}, "give one for each image"),
        ({"labels": list("abcd"), "by": "model"}, "one of them"),
        ({"labels": ["same"] * 4}, "nothing to compare"),
        ({"by": "model"}, "the same model"),
        ({"by": "colour"}, "by='colour': no image has that; there is .*quality"),
    ],
)
def test_what_cannot_be_compared_is_said(opened, options, said):
    with pytest.raises(ValueError, match=said):
        opened([result(i, quality=str(i)) for i in range(4)], **options)


def test_too_few_or_unreadable_images_are_said(opened, tmp_path):
    with pytest.raises(ValueError, match="two images or more; this is 1"):
        opened([result(1)])
    with pytest.raises(ValueError, match="this is 0"):
        opened([])
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(iw.errors.ImageInputError):
        opened([result(1), tmp_path / "no.png"])
    with pytest.raises(TypeError):
        iw.blind_test([result(1), result(2)], colour="red")


def test_the_same_picture_may_come_twice(opened):
    one = result(1)
    test = opened([one, one, result(2)], labels=["a", "b", "c"])
    for _ in range(3):
        test.vote("tie")
    assert sorted(test.table()["ties"]) == [2, 2, 2]


# -- files ------------------------------------------------------------------------------------------------


def test_votes_are_saved_and_gone_on_with(opened, tmp_path):
    images = [result(i, quality=str(i)) for i in range(4)]
    test = opened(images, voter="Ann")
    for choice in ("left", "tie", "right"):
        test.vote(choice)
    file = test.save(tmp_path / "new" / "ann.json")
    again = opened(images)
    again.load(file)
    assert again.votes == test.votes
    assert again.pair[0].sha256 == test.pair[0].sha256
    assert {vote.voter for vote in again.votes} == {"Ann"}
    other = opened([result(77), result(78)])
    with pytest.raises(iw.errors.ImgWidgetsError, match="not in this test"):
        other.load(file)


def test_votes_of_several_people_are_merged_and_no_sitting_counts_twice(opened, tmp_path):
    images = [result(i, quality=q) for i, q in enumerate(("low", "high"))]
    files = []
    for name, choices in (("ann", ["left"] * 3), ("bob", ["right", "tie", "skip"])):
        test = opened(images, rounds=3)
        for choice in choices:
            test.vote(choice)
        files.append(test.save(tmp_path / f"{name}.json"))
    merged = iw.BlindTest.merge(*files)
    assert len(merged.votes) == 6
    assert {vote.voter for vote in merged.votes} == {"ann", "bob"}, "the file's name, where nobody said"
    assert merged.table()["ties"].tolist() == [1, 1]
    assert merged.table("quality")[["wins", "losses"]].to_numpy().sum() == 8
    assert len(iw.BlindTest.merge(files, files[0], merged).votes) == 6
    assert len(test.merge(files[0]).votes) == 6, "on a test, its own votes count too"
    assert iw.BlindTest.merge(merged.save(tmp_path / "all.json")).table().equals(merged.table())
    assert repr(merged) == "<Ballot: 6 votes of 2 voters>"


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"kind": "something else", "votes": []}', '{"votes": [1]}']
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "votes.json").write_text(content)
    if content == "{}":
        content = '{"kind": "x"}'
        (tmp_path / "votes.json").write_text(content)
    with pytest.raises(iw.errors.ImgWidgetsError, match="holds no votes"):
        iw.BlindTest.merge(tmp_path / "votes.json")


# -- what the page knows --------------------------------------------------------------------------------


def test_nothing_in_the_page_tells_images_apart_before_the_end(opened):
    images = [result(i, prompt=f"prompt-{SECRET}", model=SECRET, quality=f"{SECRET}{i}") for i in range(3)]
    test = opened(images, labels=[f"label-{SECRET}-{i}" for i in range(3)])
    page = Page(test)
    page.say(kind="hello")
    for choice in ("left", "tie"):
        for side in (0, 1):
            page.say(
                kind="picture", serial=page.state["serial"], side=side, offset=0, request=f"{choice}{side}"
            )
            page.answer(f"{choice}{side}")
        page.say(kind="vote", serial=page.state["serial"], choice=choice)
    page.say(kind="picture", serial=0, side=0, offset=0, request="old")
    assert page.answer("old")[0]["kind"] == "failed"
    said = (
        repr(page.heard)
        + repr(test.get_state())
        + repr(test)
        + (test._repr_mimebundle_() or {})["text/plain"]
    )
    assert SECRET not in said.replace("blind", "")
    assert not any(name in said for name in test._images), (
        "names come from the content, which others may know"
    )
    for content, [data] in [one for one in page.heard if one[0]["kind"] == "picture"]:
        assert content["media_type"] == "image/png"
        assert SECRET.encode() not in data
    page.say(kind="vote", serial=2, choice="left")
    assert page.state["revealed"]
    assert [row["name"].startswith(f"label-{SECRET}") for row in page.state["rows"]] == [True] * 3
    pictures = page.heard[-1][1]
    assert [max(Image.open(io.BytesIO(one)).size) for one in pictures] == [40] * 3


def test_the_pixels_that_travel_are_the_providers_and_come_in_pieces(opened):
    big = np.random.default_rng(1).integers(0, 255, (800, 900, 3), np.uint8)
    test = opened([big, 255 - big])
    page = Page(test)
    page.say(kind="hello")
    shown = test.pair[0].array
    data, total = b"", 1
    while len(data) < total:
        page.say(kind="picture", serial=0, side=0, offset=len(data), request=str(len(data)))
        content, [piece] = page.answer(str(len(data)))
        assert len(piece) <= 1 << 20
        data, total = data + piece, content["total"]
    assert total > 1 << 20
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), shown)


def test_a_vote_about_another_pair_is_not_counted(four):
    page = Page(four)
    page.say(kind="hello")
    page.say(kind="vote", serial=0, choice="left")
    page.say(kind="vote", serial=0, choice="left")
    page.say(kind="vote", serial=5, choice="left")
    assert len(four.votes) == 1
    page.say(kind="vote", serial=1, choice="nonsense")
    assert page.heard[-1][0]["kind"] == "trouble"
    page.say(kind="undo")
    assert len(four.votes) == 0
    page.say(kind="undo")
    assert "no vote" in page.heard[-1][0]["message"]
    page.say(kind="reveal")
    assert page.state["revealed"]


def test_a_picture_that_cannot_be_decoded_is_skipped_without_a_word_about_it(opened):
    whole = png(1)
    broken = iw.ResultImage(whole[: len(whole) // 2], prompt=SECRET)
    test = opened([broken, result(2)])
    page = Page(test)
    for side in (0, 1):
        page.say(kind="picture", serial=0, side=side, offset=0, request=str(side))
    said = [page.answer(str(side))[0] for side in (0, 1)]
    [failed] = [one for one in said if one["kind"] == "failed"]
    assert failed["message"] == "This image cannot be shown: skip the pair."


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif", "tiff"])
def test_metadata_of_every_format_stays_behind(kind):
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (30, 40, 3), np.uint8))
    exif = Image.Exif()
    exif[0x010E] = SECRET
    options = {"comment": SECRET.encode()} if kind in ("gif", "jpeg") else {}
    if kind != "gif":
        options["exif"] = exif
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    assert SECRET.encode() in buffer.getvalue()
    data, media_type = without_traces(iw.ResultImage(buffer.getvalue()))
    assert SECRET.encode() not in data
    assert media_type == "image/png"
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), iw.ResultImage(buffer.getvalue()).array
    )


def test_a_moving_picture_still_moves_and_says_nothing():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "lime")]
    buffer = io.BytesIO()
    frames[0].save(
        buffer, "gif", save_all=True, append_images=frames[1:], duration=100, loop=0, comment=SECRET.encode()
    )
    data, media_type = without_traces(iw.ResultImage(buffer.getvalue()))
    again = iw.ResultImage(data)
    assert (again.frames, media_type) == (3, "image/gif")
    assert SECRET.encode() not in data


def test_a_drawing_keeps_its_shapes_and_loses_its_words():
    svg = (
        f'<?xml version="1.0"?><!-- {SECRET} --><svg xmlns="http://www.w3.org/2000/svg" width="8" height="8" '
        f'aria-label="{SECRET}"><title>{SECRET}</title><desc id="d">{SECRET}</desc><metadata/>'
        f'<rect class="{SECRET}" width="8" height="8" fill="red"/></svg>'
    )
    data, media_type = without_traces(iw.ResultImage(svg.encode()))
    assert SECRET.encode() not in data
    assert b'<rect width="8" height="8" fill="red"/>' in data
    assert media_type == "image/svg+xml"


# -- in a notebook --------------------------------------------------------------------------------------


@pytest.fixture
def published(monkeypatch):
    outputs = []
    monkeypatch.setattr(blind, "in_notebook", lambda: True)
    monkeypatch.setattr(
        blind_booth, "publish_display_data", lambda data, **more: outputs.append((data["text/html"], more))
    )
    return outputs


def test_the_notebook_keeps_the_result_once_there_is_one(opened, published):
    hostile = "<script>alert(1)</script> $x$"
    test = opened([result(1), result(2)], labels=[hostile, "other"])
    bundle = test._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == "<BlindTest: 0 of 1 votes>"
    [(html, first)] = published
    assert "run the cell to vote" in html
    assert "other" not in html
    test.vote("left")
    html, then = published[-1]
    assert then["update"]
    assert then["transient"] == first["transient"]
    assert set(re.findall(r"</?([a-z]+)", html)) <= {
        "div",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "img",
        "span",
    }
    assert "&lt;script&gt;" in html
    assert html.count("data:image/webp") == 2
    assert len(html) < 30_000


def test_a_terminal_gets_one_line(four):
    assert four._repr_mimebundle_() == {"text/plain": "<BlindTest: 0 of 6 votes>"}


def test_nothing_is_kept_with_the_widgets_state(four):
    own = {
        name
        for name in four.get_state()
        if not name.startswith("_") and name not in ("layout", "tabbable", "tooltip")
    }
    assert own == set()


def test_many_pages_may_vote_at_once_and_each_pair_has_one_vote(opened):
    test = opened([result(i) for i in range(6)])
    page = Page(test)

    def hurry():
        for serial in range(15):
            page.say(kind="vote", serial=serial, choice="left")

    threads = [threading.Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(test.votes) == 15
    pairs = [frozenset((vote.left, vote.right)) for vote in test.votes]
    assert len(set(pairs)) == 15
    assert set(pairs) == {
        frozenset(pair)
        for pair in itertools.combinations({v.left for v in test.votes} | {v.right for v in test.votes}, 2)
    }


def test_a_closed_test_says_nothing_more(opened):
    test = opened([result(1), result(2)])
    page = Page(test)
    test.close()
    page.say(kind="hello")
    assert page.heard == []


def test_ballots_are_values():
    assert msgspec.json.decode(msgspec.json.encode(Ballot()), type=Ballot).votes == ()
    with pytest.raises(AttributeError):
        Ballot().votes = ()


# -- the JavaScript ---------------------------------------------------------------------------------------


def test_the_views_words_hold_under_node():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    done = subprocess.run(
        [node, "--test", str(JAVASCRIPT)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_javascript_is_one_module_without_imports():
    text = iw.BlindTest._esm
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert text.count("export ") == 1
    names = re.findall(r"^(?:class|function|const) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names))
