"""Starting, stopping and being there: what a process expects of a server inside it."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

import imgwidgets as iw
from imgwidgets.errors import CatalogError, SandboxError
from imgwidgets.sandbox import embedded, serve

KEY = {"authorization": "Bearer sk-secret-42"}


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def run_python(code, **options):
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        **options,
    )


def test_a_sandbox_serves_inside_its_with_block_and_nowhere_else():
    with iw.Sandbox() as sandbox:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", sandbox.base_url)
        url = sandbox.base_url
        assert httpx.get(f"{url}/models", headers=KEY).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models", headers=KEY)
    with pytest.raises(SandboxError, match="not running"):
        _ = sandbox.base_url


def test_a_sandbox_can_be_started_again():
    sandbox = iw.Sandbox()
    for _ in range(3):
        with sandbox:
            assert httpx.get(f"{sandbox.base_url}/models", headers=KEY).status_code == 200


def test_stopping_at_once_or_twice_or_never_started_is_quick_and_quiet():
    started = time.perf_counter()
    for _ in range(5):
        sandbox = iw.Sandbox().start()
        sandbox.stop()
        sandbox.stop()
    iw.Sandbox().stop()
    assert time.perf_counter() - started < 5


def test_a_port_in_use_is_named_with_the_way_out():
    with iw.Sandbox() as first:
        with pytest.raises(SandboxError, match=rf"port {first.port} .*in use.*another.*port 0"):
            iw.Sandbox(port=first.port).start()
        assert httpx.get(f"{first.base_url}/models", headers=KEY).status_code == 200


def test_a_port_is_free_again_as_soon_as_the_sandbox_stops():
    with iw.Sandbox() as first:
        port = first.port
    with iw.Sandbox(port=port) as second:
        assert second.port == port


@pytest.mark.parametrize("port", [-1, 65536, 10**9])
def test_an_impossible_port_is_an_error_of_ours(port):
    with pytest.raises(SandboxError, match=str(port)):
        iw.Sandbox(port=port).start()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", ""])
def test_only_loopback_addresses_are_bound(host):
    with pytest.raises(SandboxError, match="this machine only"):
        iw.Sandbox(host=host)


def test_an_unknown_provider_reply_or_fault_is_refused_with_what_there_is():
    with pytest.raises(CatalogError, match="ttapi"):
        iw.Sandbox("ttapy")
    with pytest.raises(ValueError, match="chat"):
        iw.Sandbox(reply="chatty")
    with pytest.raises(ValueError, match="rate_limit"):
        iw.Sandbox(faults=["rate_limits"])
    with pytest.raises(ValueError, match="latency"):
        iw.Sandbox(latency=-1)
    with pytest.raises(ValueError, match="requests_per_minute"):
        iw.Sandbox(requests_per_minute=0)


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "attacker.example:{port}", "127.0.0.1.attacker.example", "", "169.254.169.254"],
)
def test_a_foreign_host_header_is_turned_away(sandbox, host):
    headers = {**KEY, "host": host.format(port=sandbox.port)}
    reply = httpx.get(f"{sandbox.base_url}/models", headers=headers)
    assert reply.status_code in (400, 421)
    assert "gpt-image" not in reply.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST:{port}", "localhost:9999", "[::1]:{port}"]
)
def test_loopback_names_are_let_in_whatever_port_a_tunnel_gave_them(sandbox, host):
    headers = {**KEY, "host": host.format(port=sandbox.port)}
    assert httpx.get(f"{sandbox.base_url}/models", headers=headers).status_code == 200


def test_every_answer_carries_an_id_of_its_own_and_its_time(sandbox):
    replies = [
        httpx.get(f"{sandbox.base_url}{path}", headers=KEY) for path in ("/models", "/models", "/nope")
    ]
    ids = {reply.headers["x-request-id"] for reply in replies}
    assert len(ids) == 3
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", found) for found in ids)
    assert all(reply.headers["openai-processing-ms"].isdecimal() for reply in replies)


def test_the_shared_sandbox_is_one_and_starts_anew_after_a_stop():
    first = embedded()
    assert embedded() is first
    first.stop()
    second = embedded()
    assert second is not first
    assert httpx.get(f"{second.base_url}/models", headers=KEY).status_code == 200


def test_many_threads_get_the_same_shared_sandbox():
    embedded().stop()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: embedded(), range(64)))
    assert len({id(sandbox) for sandbox in found}) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_gets_a_sandbox_of_its_own_and_leaves_its_parents_alone():
    done = run_python(
        """
import os, sys
import httpx
from imgwidgets.sandbox import embedded
key = {"authorization": "Bearer x"}
parent = embedded()
port = parent.port
child = os.fork()
if child == 0:
    mine = embedded()
    ok = mine is not parent and mine.port != port and not parent.is_running
    ok = ok and httpx.get(f"{mine.base_url}/models", headers=key).status_code == 200
    parent.stop()
    mine.stop()
    os._exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, "the child had no sandbox of its own"
assert embedded() is parent
assert httpx.get(f"{parent.base_url}/models", headers=key).status_code == 200
parent.stop()
import socket
with socket.create_server(("127.0.0.1", port)):
    print("free again")
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "free again"
    assert done.stderr == ""


def test_a_process_ends_by_itself_and_says_nothing_while_the_shared_sandbox_runs():
    done = run_python(
        """
import httpx, logging
logging.basicConfig(level=logging.INFO)
logging.getLogger("httpx").setLevel(logging.WARNING)
from imgwidgets.sandbox import embedded
url = embedded().base_url
print(httpx.get(f"{url}/models", headers={"authorization": "Bearer x"}).status_code)
print(httpx.get(f"{url}/nope").status_code)
"""
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["200", "404"], "")


def test_the_server_loads_neither_the_client_nor_a_widget_library():
    done = run_python(
        """
import sys
from imgwidgets.sandbox import Sandbox
Sandbox().start().stop()
unwanted = ("imgwidgets.client", "imgwidgets.widgets", "ipywidgets", "ipycanvas", "anywidget", "httpx", "IPython")
print([name for name in unwanted if name in sys.modules])
"""
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_starting_a_sandbox_takes_less_than_three_tenths_of_a_second(sandbox):
    assert sandbox.is_running  # everything is imported and the catalog is read
    times = []
    for _ in range(3):
        started = time.perf_counter()
        with iw.Sandbox() as other:
            assert httpx.get(f"{other.base_url}/models", headers=KEY).status_code == 200
            times.append(time.perf_counter() - started)
    assert min(times) < 0.3


def test_no_logger_is_configured_and_no_signal_handler_installed(sandbox):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with iw.Sandbox():
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert sandbox.is_running
    assert logging.getLogger("uvicorn").handlers == []
    assert logging.getLogger("uvicorn.access").handlers == []


def test_requests_run_side_by_side_and_latency_is_waited_for(calling, pictures):
    call = calling(latency=0.4)
    started = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: call.generate(**pictures.small), range(8)))
    elapsed = time.perf_counter() - started
    assert [reply.status_code for reply in replies] == [200] * 8
    assert all(reply.elapsed.total_seconds() >= 0.4 for reply in replies)
    assert elapsed < 8 * 0.4


def test_other_requests_are_answered_while_a_large_picture_is_drawn(call):
    done = threading.Event()

    def draw():
        reply = call.generate(model="gpt-image-2", prompt="a town", size="3840x2160", quality="high", n=2)
        done.set()
        return reply

    with ThreadPoolExecutor(1) as pool, httpx.Client(base_url=call.sandbox.base_url, headers=KEY) as other:
        drawing = pool.submit(draw)
        slowest = 0.0
        answered = 0
        while not done.is_set():
            reply = other.get("/models")
            assert reply.status_code == 200
            slowest = max(slowest, reply.elapsed.total_seconds())
            answered += 1
        assert drawing.result().status_code == 200
    assert answered > 3
    assert slowest < 2


def test_a_client_that_leaves_stops_the_work(calling, pictures):
    call = calling(latency=30)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{call.sandbox.base_url}/images/generations", json=pictures.small, headers=KEY, timeout=0.3
        )
    server = call.sandbox._server
    wait_for(lambda: not server.server_state.tasks, 5)


def test_stopping_does_not_wait_for_requests_that_are_on_their_way(calling, pictures):
    call = calling(latency=30)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(call.generate, **pictures.small)
        wait_for(lambda: len(call.sandbox.requests) == 1)
        started = time.perf_counter()
        call.sandbox.stop()
        assert time.perf_counter() - started < 3
        with pytest.raises(httpx.TransportError):
            waiting.result()


def test_too_long_a_body_is_refused_with_413_whether_its_length_is_told_or_not(calling, pictures):
    call = calling(max_body_bytes=50_000)
    body = b'{"prompt": "' + b"a" * 100_000 + b'"}'
    headers = {"content-type": "application/json"}
    told = call.http.post("/images/generations", content=body, headers=headers)
    assert "50000" in pictures.error(told, 413)["message"]
    chunks = (body[start : start + 10_000] for start in range(0, len(body), 10_000))
    pictures.error(call.http.post("/images/generations", content=chunks, headers=headers), 413)
    form = call.edit(files={"image": ("a.png", b"x" * 100_000, "image/png")}, prompt="a")
    pictures.error(form, 413)
    assert call.generate(**pictures.small).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nope", 404),
        ("POST", "/v1/chat/completions", 404),
        ("POST", "/v1/images/variations", 404),
        ("GET", "/", 404),
        ("GET", "/v1/images/edits", 405),
        ("DELETE", "/v1/images/generations", 405),
        ("POST", "/v1/models", 405),
        ("PUT", "/v1/files", 405),
        ("GET", "/v1/images/generations/", 404),
        ("GET", "/v1/results/../../etc/passwd", 404),
        ("GET", "/v1/results/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
    ],
)
def test_unknown_addresses_and_methods_get_an_error_in_the_apis_shape(
    sandbox, pictures, method, path, status
):
    url = sandbox.base_url.removesuffix("/v1") + path
    pictures.error(httpx.request(method, url, headers=KEY), status)


def test_bytes_that_are_no_http_do_not_hurt(sandbox):
    with socket.create_connection(("127.0.0.1", sandbox.port)) as line:
        line.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert b"400" in line.recv(1000)
    assert httpx.get(f"{sandbox.base_url}/models", headers=KEY).status_code == 200


def test_serve_prints_its_address_and_a_working_curl_line_and_ends_on_sigterm():
    code = "from imgwidgets.sandbox import serve; serve(0)"
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        first = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/v1", first)[0]
        lines = [process.stdout.readline() for _ in range(3)]
        [curl] = [line for line in lines if "curl" in line]
        assert f"{url}/images/generations" in curl
        body = re.search(r"-d '(.*)'", curl)[1]
        headers = {**KEY, "content-type": "application/json"}
        assert (
            httpx.post(f"{url}/images/generations", content=body, headers=headers, timeout=30).status_code
            == 200
        )
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert (process.returncode, complaints) == (0, "")


def test_serve_on_a_port_in_use_is_a_short_message_and_no_traceback(sandbox):
    with pytest.raises(SystemExit, match=f"imgwidgets serve: port {sandbox.port} .*in use"):
        serve(sandbox.port)
    with pytest.raises(SystemExit, match="there is no provider 'nobody'"):
        serve(0, provider="nobody")
