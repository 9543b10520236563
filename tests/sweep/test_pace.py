"""When the next request may go, against simulated providers: hours of them take a moment."""

import heapq
import math

import pytest

import imgwidgets as iw
from imgwidgets import catalog
from imgwidgets.client.paced import PacedClient
from imgwidgets.client.traffic import Load, Traffic, load_of
from imgwidgets.sandbox.pace import Pace as SandboxPace
from imgwidgets.sweep.headers import Said, read_headers
from imgwidgets.sweep.limit import Limit
from imgwidgets.sweep.pace import Pace, pace_of
from imgwidgets.sweep.tasks import Desk

ONE = Load(model="gpt-image-2")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class SlidingServer:
    """At most so many in any minute; it names no limit, only 429."""

    def __init__(self, limit, clock, retry_after=None):
        self.limit, self.clock, self.retry_after, self.passed = limit, clock, retry_after, []

    def ask(self):
        self.passed = [at for at in self.passed if at > self.clock() - 60]
        if len(self.passed) >= self.limit:
            return False, {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        self.passed.append(self.clock())
        return True, {}


class EvenServer:
    """The sandbox's own bucket, with its headers."""

    def __init__(self, limit, clock):
        self.pace = SandboxPace(limit, clock=clock)

    def ask(self):
        verdict = self.pace.ask()
        return verdict.allowed, verdict.headers


class Simulation:
    """A sweep at a server, without waiting."""

    def __init__(self, make_server, *, rates=None, near=True, latency=8.0, others=()):
        self.clock = Clock()
        self.traffic = Traffic(clock=self.clock)
        self.pace = Pace(self.traffic, near=near)
        self.server = make_server(self.clock)
        self.rates, self.latency = rates or {}, latency
        self.others = list(others)  # times at which somebody else asks with the same key
        self.passed, self.refused, self.most = [], [], 0

    def run(self, count, seconds):
        end, todo, events, number = self.clock.now + seconds, count, [], 0
        start = self.clock.now
        while self.clock.now < end and (todo or events):
            wait = self.pace.ask(ONE, self.rates) if todo else math.inf
            if wait == 0:
                number, todo = number + 1, todo - 1
                heapq.heappush(events, (self.clock.now + 0.02 + (number % 7) * 0.03, number, "arrives", None))
                self.most = max(self.most, self.pace.in_flight)
                continue
            soonest = min([self.clock.now + wait, *(event[0] for event in events[:1])])
            while self.others and self.others[0] + start <= soonest:
                self.clock.now = start + self.others.pop(0)
                self.server.ask()
            self.clock.now = max(self.clock.now, soonest)
            while events and events[0][0] <= self.clock.now:
                at, name, what, answer = heapq.heappop(events)
                if what == "arrives":
                    answer = self.server.ask()
                    delay = self.latency if answer[0] else 0.05
                    heapq.heappush(events, (at + delay, name, "answered", answer))
                    continue
                allowed, headers = answer
                self.traffic.heard(ONE.model, 200 if allowed else 429, headers)
                self.pace.ended(well=allowed)
                if allowed:
                    self.passed.append(self.clock.now - start)
                else:
                    self.refused.append(self.clock.now - start)
                    said = headers.get("retry-after")
                    self.pace.refused(float(said) if said else None)
                    todo += 1
        return self


@pytest.mark.parametrize("latency", [0.3, 8.0, 40.0])
def test_at_a_permitted_120_a_minute_95_percent_go_and_one_is_refused_at_most(latency):
    done = Simulation(lambda clock: EvenServer(120, clock), latency=latency).run(1200, 3600)
    assert len(done.passed) == 1200
    assert len(done.refused) <= 1
    # In flight at once are 64, so a slow provider has a limit of its own.
    possible = min(120, 64 * 60 / latency)
    assert 1200 / (done.passed[-1] - latency) * 60 >= 0.95 * possible


@pytest.mark.parametrize("limit", [60, 90, 240, 1000])
def test_other_limits_that_the_headers_name_are_kept_too(limit):
    done = Simulation(lambda clock: EvenServer(limit, clock), latency=0.5).run(limit * 5, 3600)
    assert len(done.passed) == limit * 5
    assert len(done.refused) <= 1
    assert limit * 5 / done.passed[-1] * 60 >= 0.95 * limit


def test_far_away_a_small_limit_is_found_with_few_refusals():
    done = Simulation(lambda clock: EvenServer(5, clock), near=False).run(50, 3600)
    assert len(done.passed) == 50
    assert len(done.refused) <= 3
    assert done.passed[-1] <= 60 * 50 / 5


def test_the_catalogs_limits_hold_before_any_answer():
    done = Simulation(lambda clock: SlidingServer(5, clock), rates={"requests": 5}).run(50, 3600)
    assert (len(done.passed), done.refused) == (50, [])
    assert 5 * 60 * 0.95 <= 50 / done.passed[-1] * 3600 <= 1.2 * 5 * 60


@pytest.mark.parametrize("retry_after", [None, 3])
def test_a_limit_that_nobody_names_is_found_out(retry_after):
    done = Simulation(lambda clock: SlidingServer(100, clock, retry_after), near=False).run(1500, 3600)
    assert len(done.passed) == 1500
    assert len(done.refused) <= 400  # they cost nothing
    assert 1500 / done.passed[-1] * 60 >= 70


def test_with_others_on_the_same_key_it_goes_on_with_what_they_leave():
    others = [1.0 * second for second in range(600)]  # half of what is permitted
    done = Simulation(lambda clock: EvenServer(120, clock), latency=0.5, others=others).run(400, 3600)
    assert len(done.passed) == 400
    assert len(done.refused) <= 200
    assert 400 / done.passed[-1] * 60 >= 50


def test_64_are_in_flight_where_no_limit_is_known():
    done = Simulation(lambda clock: SlidingServer(10**9, clock), latency=2.0).run(640, 600)
    assert (done.most, done.refused) == (64, [])
    assert done.passed[-1] <= 1.15 * 10 * 2.2
    shy = Simulation(lambda clock: SlidingServer(10**9, clock), latency=2.0, near=False).run(640, 600)
    assert shy.most == 64
    assert shy.passed[-1] <= 2 * 10 * 2.2


def test_limits_by_images_input_images_and_tokens_hold_side_by_side():
    clock = Clock()
    pace = Pace(Traffic(clock=clock), near=True)
    rates = {"requests": 100, "images": 10, "input_images": 6, "tokens": 50_000}
    edit = Load(model="m", images=2, input_images=1, tokens=400)
    sent = 0
    while pace.ask(edit, rates) == 0:
        sent += 1
    assert sent == 5  # ten images
    assert pace.reason(edit, rates) == "10 images a minute, from the catalog"
    assert pace.ask(Load(model="m", images=0, input_images=2), rates) > 0
    assert pace.ask(Load(model="m", images=0, input_images=1, tokens=50_000), rates) > 0
    assert pace.ask(Load(model="another"), {}) == 0, "one model's limit is not another's"
    clock.now += 61
    assert pace.ask(edit, rates) == 0
    assert pace.ask(Load(model="m", images=0, tokens=10**9), rates) > 0
    clock.now += 61
    assert pace.ask(Load(model="m", images=0, tokens=10**9), rates) == 0, "more than a minute's goes alone"


def test_a_429_holds_all_back_for_as_long_as_it_says():
    clock = Clock()
    pace = Pace(Traffic(clock=clock), near=True)
    assert pace.ask(ONE) == 0
    pace.refused(20)
    pace.ended(well=False)
    assert pace.reason(ONE) == "the provider asked to wait 20 s"
    clock.now += 19
    assert pace.ask(ONE) > 0
    clock.now += 1
    assert pace.ask(ONE) == 0
    pace.refused(86_400)
    pace.ended(well=False)
    assert pace.ask(ONE) == 0, "nobody waits for a day: that cell fails, with the reason"


def test_headers_of_many_kinds_are_read():
    assert list(read_headers({})) == []
    assert list(
        read_headers(
            {
                "x-ratelimit-limit-requests": "1,500",
                "x-ratelimit-remaining-requests": "1499",
                "x-ratelimit-reset-requests": "40ms",
                "x-ratelimit-limit-input-images": "5",
                "x-ratelimit-limit-tokens": "lots",
                "x-ratelimit-limit-images": "0",
            }
        )
    ) == [Said("requests", 1500, 1499), Said("input_images", 5, None)]
    daily = {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-reset-requests": "8.64s",
    }
    assert list(read_headers(daily)) == [], "a limit by the day is none by the minute"


def test_a_limit_below_one_a_minute_and_one_of_millions():
    slow = Limit(0.5)
    slow.count(1, at=0)
    assert slow.wait(1, at=1) == pytest.approx(119.4, abs=0.01)
    fast = Limit(2_000_000)
    fast.count(1_999_000, at=0)
    assert fast.wait(500, at=1) == 0
    assert fast.wait(2_000, at=1) > 59
    assert fast.used(at=1) == pytest.approx(1_999_000, rel=0.001)


def test_one_pace_for_a_provider_and_key_whatever_client_asks():
    with iw.Sandbox(requests_per_minute=600) as sandbox:
        options = {"base_url": sandbox.base_url, "history": False}
        with (
            iw.Client("openai-compatible", api_key="key-number-one", **options) as one,
            iw.Client("openai-compatible", api_key="key-number-one", **options) as same,
            iw.Client("openai-compatible", api_key="key-number-two", **options) as other,
        ):
            desk = Desk(PacedClient.of(one))
            assert desk.pace is pace_of(same.traffic) is not pace_of(other.traffic)
            same.generate("a fox", model="dall-e-2", size="256x256")
            assert [load.model for _, load in desk.client.traffic.recent()] == ["dall-e-2"]
            assert desk.pace._said == {("dall-e-2", "requests"): 600.0}
            assert "key-number-one" not in repr(vars(same.traffic))


def test_the_catalogs_limits_hold_only_at_the_providers_own_address():
    model = "gpt-image-2.5-flare"
    assert catalog.current().model(model, "openai").rates == {"images": 5}
    with iw.Client("openai", api_key="sk-1234567890", history=False) as real:
        assert Desk(PacedClient.of(real)).rates(model) == {"images": 5}
    with iw.Client("openai", api_key="sk-1", base_url="http://127.0.0.1:9/v1", history=False) as local:
        assert Desk(PacedClient.of(local)).rates(model) == {}
    with iw.Client(history=False) as free:
        assert Desk(PacedClient.of(free)).rates(model) == {}


def test_what_a_request_counts_for():
    asked = {"size": "1024x1024", "quality": "high", "n": 3}
    request = iw.ImageRequest(prompt="a" * 400, model="gpt-image-2", provider="openai", parameters=asked)
    picture = catalog.ImageInput(url="https://example.org/a.png")
    load = load_of(request.replace(images=(picture, picture)))
    assert (load.requests, load.images, load.input_images) == (1, 3, 2)
    assert load.tokens == 100 + 3 * 7024 + 2 * 1300
