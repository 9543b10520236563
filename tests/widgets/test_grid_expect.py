import threading

import pytest
from widgets.grids import Page, png, result

import imgwidgets as iw
from imgwidgets.errors import ModerationBlocked
from imgwidgets.widgets import ResultGrid


@pytest.fixture
def opened():
    shown = ResultGrid()
    page = Page(shown)
    page.say(kind="hello")
    yield shown, page
    shown.close()


def states(shown):
    return [item.state for item in shown.items]


def test_tiles_wait_then_grow_then_are_the_images(opened):
    shown, page = opened
    expected = shown.expect(2, prompt="a red fox", model="gpt-image-2", usual_seconds=18)
    assert repr(shown) == "<ResultGrid: 0 images, 2 waiting>"
    tile = page.all("tiles")[-1][0]["tiles"][0]
    assert (tile["state"], tile["prompt"], tile["usual"]) == ("waiting", "a red fox", 18)
    assert tile["waited"] >= 0
    expected.partial(iw.PartialImage(png(colour="gray"), image_index=1))
    assert states(shown) == ["waiting", "pending"]
    assert page.all("tile")[-1][0]["tile"]["prompt"] == "a red fox", (
        "a partial image need not know its prompt"
    )
    made = result(2)
    expected.result(made)
    assert states(shown) == ["image", "image"]
    assert [item.key for item in shown.items] == [0, 1], "each in the place where it was awaited"
    assert shown.images == list(made)
    assert shown.items[0].seconds == 3.21


@pytest.mark.parametrize("count", [1, 2, 4])
def test_more_or_fewer_images_than_expected_find_their_places(opened, count):
    shown, _ = opened
    shown.add(result(1))
    expected = shown.expect(2)
    shown.add(result(1))
    made = result(count)
    expected.result(made)
    assert shown.images[1:-1] == list(made)
    assert states(shown) == ["image"] * (count + 2)


def test_no_image_at_all_is_an_error(opened):
    shown, _ = opened
    shown.expect(2).result([])
    assert states(shown) == ["error"]
    assert "no image" in shown.items[0].error


def test_an_error_takes_all_tiles_and_can_be_tried_again(opened):
    shown, page = opened
    asked = threading.Event()
    expected = shown.expect(2, prompt="something", retry=asked.set)
    expected.partial(iw.PartialImage(png(), image_index=0))
    expected.failed(ModerationBlocked("refused by the provider"))
    [item] = shown.items
    assert (item.state, item.error, item.title) == ("error", "refused by the provider", "something")
    assert page.all("tile")[-1][0]["tile"]["retry"] is True
    page.say(kind="retry", keys=[item.key], request="r")
    assert asked.wait(10)
    assert states(shown) == ["waiting", "waiting"]
    expected.result(result(2))
    assert states(shown) == ["image", "image"]


def test_a_retry_that_raises_is_an_error_tile_again(opened):
    shown, page = opened
    expected = shown.expect(1, retry=lambda: 1 / 0)
    expected.failed("no")
    page.say(kind="retry", keys=[0])
    with page.arrived:
        assert page.arrived.wait_for(lambda: "division" in shown.items[0].error, 10)


def test_an_error_without_a_way_back_offers_none_until_somebody_listens(opened):
    shown, page = opened
    shown.expect(1, prompt="x").failed("no")
    assert page.all("tile")[-1][0]["tile"]["retry"] is False
    got = []
    done = threading.Event()
    take_back = shown.on_action("retry", lambda items: (got.extend(items), done.set()))
    assert page.all("tiles")[-1][0]["tiles"][0]["retry"] is True
    page.say(kind="retry", keys=[0])
    assert done.wait(10)
    assert [item.title for item in got] == ["x"]
    take_back()
    assert page.all("tiles")[-1][0]["tiles"][0]["retry"] is False


def test_a_deleted_tile_stays_deleted_and_a_cancelled_request_takes_its_tiles_along(opened):
    shown, page = opened
    expected = shown.expect(2)
    page.say(kind="remove", keys=[0], request="r")
    expected.partial(iw.PartialImage(png(), image_index=0))
    expected.result(result(2))
    assert len(shown.images) == 1
    waiting = shown.expect(3)
    assert len(waiting.tiles) == 3
    waiting.remove()
    assert len(shown) == 1


def test_nothing_less_than_one_tile_can_be_expected(opened):
    for count in (0, -1, 1.5):
        with pytest.raises(ValueError, match="how many images"):
            opened[0].expect(count)


def test_results_come_from_many_threads(opened):
    shown, _ = opened
    waiting = [shown.expect(2) for _ in range(12)]
    threads = [threading.Thread(target=one.result, args=(result(2),)) for one in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(shown) == ["image"] * 24
    assert sorted(item.key for item in shown.items) == list(range(24))
