"""Workers elsewhere: threads, processes, real dask and ipyparallel clusters, one worker of which is killed."""

import concurrent.futures
import multiprocessing
import os
import pickle
import signal
import time

import pytest
from sweep.places import asked

import imgwidgets as iw
from imgwidgets import errors
from imgwidgets.history import History
from imgwidgets.sweep.executor_claims import HOST_VARIABLE, Claim, Claims
from imgwidgets.sweep.executor_worker import Parcel, carry

CELLS = 24


def statuses(run):
    return [outcome.status for outcome in run.outcomes]


def sweep_of(count=CELLS):
    return iw.Sweep("a fox {n}", n=list(range(count)), model="dall-e-2", size="256x256")


def check(run, sandbox, *, count=CELLS):
    """No cell is lost and none was doubled, whatever happened."""
    arrived = asked(sandbox)
    assert max(arrived.values()) == 1, "a cell was sent twice"
    lost = [cell for cell, status in enumerate(statuses(run)) if status == "maybe_billed"]
    assert set(statuses(run)) <= {"done", "maybe_billed"}
    assert count - len(lost) <= len(arrived) <= count
    with History() as history:
        entries = {entry.cell: entry.status for entry in history.run(run.id).entries}
    assert entries == dict(enumerate(statuses(run)))
    for cell in set(range(count)) - set(lost):
        assert run.outcomes[cell].result[0].size == (256, 256)
        assert run.outcomes[cell].result.request.prompt == f"a fox {cell}"
    return lost


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture
def slow():
    with (
        iw.Sandbox(latency=0.3) as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url) as client,
    ):
        yield client, sandbox


def test_any_executor_sends_and_the_history_has_all(slow):
    client, sandbox = slow
    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        run = sweep_of().run(client, executor=executor, progress=False).wait(100)
    assert check(run, sandbox) == []
    assert run.spent == pytest.approx(CELLS * 0.016)


def test_a_failure_in_a_worker_is_its_cells_own():
    faults = {"a owl": "moderation_input", "a cat": "server_error"}
    once = ["rate_limit_text"]

    def fault(_number, arrival):
        prompt = arrival.fields.get("prompt")
        return once.pop() if prompt == "a hen" and once else faults.get(prompt)

    with (
        iw.Sandbox(faults=fault, requests_per_minute=300) as sandbox,
        iw.Client("sandbox", base_url=sandbox.base_url) as client,
        concurrent.futures.ThreadPoolExecutor(4) as executor,
    ):
        sweep = iw.Sweep("a {n}", n=["fox", "owl", "cat", "hen"], model="dall-e-2", size="256x256")
        run = sweep.run(client, executor=executor, progress=False).wait(60)
        assert statuses(run) == ["done", "failed", "maybe_billed", "done"]
        assert run.outcomes[1].error_type == "ModerationBlocked"
        # The pace heard what the workers did: it is the run that keeps it.
        assert client.traffic.pace._said == {("dall-e-2", "requests"): 300.0}


def test_cancel_leaves_what_no_worker_has_begun(slow):
    client, sandbox = slow
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        run = sweep_of().run(client, executor=executor, progress=False)
        until(lambda: run.progress["done"] >= 2)
        run.cancel().wait(60)
    assert statuses(run).count("done") == asked(sandbox).total() < CELLS
    assert set(statuses(run)) == {"done", "not_sent"}


def test_a_pool_that_breaks_ends_the_run_and_another_one_goes_on(slow):
    client, sandbox = slow
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn) as executor:
        run = sweep_of(8).run(client, executor=executor, progress=False)
        until(lambda: run.progress["done"] >= 1)
        os.kill(next(iter(executor._processes)), signal.SIGKILL)
        with pytest.raises(errors.ImgWidgetsError, match=r"executor is broken.*resume"):
            run.wait(60)
    assert "not_sent" in statuses(run)
    again = iw.Sweep.resume(run.id, client=client, progress=False).wait(60)
    assert len(check(again, sandbox, count=8)) == statuses(run).count("maybe_billed") <= 2


@pytest.fixture
def _workers(tmp_path_factory):
    """The workers' own environment: they share no history with the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGWIDGETS_HOME", str(tmp_path_factory.mktemp("workers")))
        patch.setenv("PYTHONWARNINGS", "ignore")
        yield


@pytest.mark.usefixtures("_workers")
def test_dask_with_a_worker_killed(slow):
    client, sandbox = slow
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=2, processes=True, dashboard_address=None, silence_logs=50
        ) as local,
        distributed.Client(local) as dask,
    ):
        pids = list(dask.run(os.getpid).values())
        run = sweep_of().run(client, executor=dask.get_executor(), progress=False)
        until(lambda: run.progress["done"] >= 3)
        os.kill(pids[0], signal.SIGKILL)
        run.wait(100)
    assert len(check(run, sandbox)) <= 3


@pytest.mark.usefixtures("_workers")
def test_ipyparallel_with_an_engine_killed(slow):
    client, sandbox = slow
    ipyparallel = pytest.importorskip("ipyparallel")
    with ipyparallel.Cluster(n=3, log_level=50) as engines:
        view = engines.load_balanced_view()
        pids = engines[:].apply_sync(os.getpid)
        run = sweep_of().run(client, executor=view.executor, progress=False)
        until(lambda: run.progress["done"] >= 3)
        os.kill(pids[0], signal.SIGKILL)
        run.wait(100)
    assert len(check(run, sandbox)) <= 2


@pytest.mark.skipif(os.name != "posix", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # that is what is tried here
def test_forked_workers_do_not_wait_for_the_parents_run(slow):
    client, sandbox = slow
    fork = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=fork) as executor:
        run = sweep_of(4).run(client, executor=executor, progress=False).wait(60)
    assert check(run, sandbox, count=4) == []


def test_what_is_no_executor_is_refused_with_the_way_to_one(slow):
    client, sandbox = slow
    with pytest.raises(TypeError, match=r"executor is builtins\.str; .*get_executor\(\)"):
        sweep_of().run(client, executor="dask")
    assert sandbox.requests.total == 0


class Everywhere(concurrent.futures.Executor):
    """Runs a task on all of its workers, as a direct view does."""

    def submit(self, function, /, *arguments):
        future = concurrent.futures.Future()
        future.set_result([function(*arguments) for _ in range(2)])
        return future


def test_an_executor_that_runs_tasks_several_times_is_found_out_and_doubles_nothing(slow):
    client, sandbox = slow
    run = sweep_of(4).run(client, executor=Everywhere(), at_once=1, progress=False)
    with pytest.raises(TypeError, match="load_balanced_view"):
        run.wait(60)
    assert max(asked(sandbox).values()) == 1


# -- keys and claims --------------------------------------------------------------------------------------


class Recorder(concurrent.futures.Executor):
    """Runs tasks in this process, after a way through pickle, and keeps what went over it."""

    def __init__(self):
        self.seen = b""
        self._pool = concurrent.futures.ThreadPoolExecutor(2)

    def submit(self, function, /, *arguments, **keywords):
        data = pickle.dumps((function, arguments, keywords))
        self.seen += data
        function, arguments, keywords = pickle.loads(data)
        return self._pool.submit(function, *arguments, **keywords)

    def shutdown(self, **options):
        self._pool.shutdown(**options)


def test_the_key_is_never_pickled_and_a_worker_without_one_says_so_before_anything_is_sent(monkeypatch):
    with (
        iw.Sandbox(provider="openai") as sandbox,
        iw.Client("openai", base_url=sandbox.base_url, api_key="sk-argument-1234") as client,
        Recorder() as executor,
    ):
        sweep = iw.Sweep("a fox {n}", n=list(range(9)), model="gpt-image-2", size="1024x1024", quality="low")
        run = sweep.run(client, executor=executor, progress=False)
        with pytest.raises(errors.AuthenticationError, match="OPENAI_API_KEY"):
            run.wait(60)
        assert set(statuses(run)) == {"not_sent"}
        assert sandbox.requests.total == 0
        monkeypatch.setenv("OPENAI_API_KEY", "sk-environment-1234")
        run = sweep.run(client, executor=executor, budget=0.02, progress=False)
        with pytest.raises(errors.BudgetExceeded):
            run.wait(60)
        assert statuses(run).count("done") == 3
        assert b"sk-" not in executor.seen


def test_an_attempt_is_granted_once_and_only_to_who_knows_the_secret():
    lost, came = [], []
    claims = Claims({1: "order"}.pop, lambda *said: came.append(said), lost.append)
    try:
        claims._decide = lambda number, left={1: "order", 2: "another"}: left.pop(number, None)
        with Claim(claims.addresses, claims.secret, 1) as claim:
            assert claim.order == "order"
            with Claim(claims.addresses, claims.secret, 1) as second:
                assert second.order is None
            assert claim.deliver({"image": b"png"})
        assert came == [(1, {"image": b"png"})]
        with pytest.raises(ConnectionRefusedError):
            Claim(claims.addresses, b"another secret", 2)
        with Claim(claims.addresses, claims.secret, 2) as claim:
            assert claim.order == "another"
        until(lambda: lost == [2])
    finally:
        claims.close()
    with pytest.raises(ConnectionRefusedError):
        Claim(claims.addresses, claims.secret, 3)


def test_a_worker_that_cannot_reach_the_run_sends_nothing(slow):
    _, sandbox = slow
    settings = {"provider": "sandbox", "base_url": sandbox.base_url}
    delivery = carry(Parcel(1, settings, (("127.0.0.1", 9),), b"secret"))
    assert delivery.kind == "unreachable"
    assert sandbox.requests.total == 0


def test_the_run_listens_for_other_machines_only_when_a_worker_is_on_one(monkeypatch):
    monkeypatch.setenv(HOST_VARIABLE, "127.0.0.2")
    claims = Claims(lambda _: "order", lambda *_: None, lambda _: None)
    try:
        assert [host for host, _ in claims.addresses] == ["127.0.0.1"]
        assert not claims.is_wide
        claims.widen()
        assert [host for host, _ in claims.addresses] == ["127.0.0.1", "127.0.0.2"]
        with Claim(claims.addresses[1:], claims.secret, 1) as claim:
            assert claim.order == "order"
    finally:
        claims.close()
