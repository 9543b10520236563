"""The command `imgwidgets`, run as a person runs it."""

import contextlib
import json
import os
import queue
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import imgwidgets
from imgwidgets import catalog, cli


@contextlib.contextmanager
def running(*arguments, **options):
    """Run the command in a process group of its own, and give the process and a queue of its lines."""
    process = subprocess.Popen(
        [sys.executable, "-m", "imgwidgets.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield process, lines
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        reader.join(timeout=30)
        process.stdout.close()


def line_with(lines, pattern, *, seconds=60):
    deadline = time.monotonic() + seconds
    seen = []
    while (line := lines.get(timeout=max(0.1, deadline - time.monotonic()))) is not None:
        seen.append(line)
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"it ended and never printed {pattern!r}, but:\n{''.join(seen)}")


def ask(url, headers, *, seconds=60):
    """Give the decoded JSON of a URL, as soon as somebody answers there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            request = urllib.request.Request(url, headers=headers)
            with urllib.request.urlopen(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_models_lists_what_the_catalog_knows(capsys):
    assert cli.main(["models"]) == 0
    table = capsys.readouterr().out
    for model in catalog.models():
        name = re.escape("(any other name)" if model.name == "*" else model.name)
        assert re.search(rf"^{model.provider} +{name} +{' '.join(model.endpoints)} ", table, re.MULTILINE)


def test_models_can_be_narrowed_to_a_provider_and_an_endpoint(capsys):
    assert cli.main(["models", "--provider", "openai", "--endpoint", "edits"]) == 0
    rows = capsys.readouterr().out.split("\n\n")[0].splitlines()[1:]
    assert [row.split()[:2] for row in rows] == [
        ["openai", model.name] for model in catalog.models(provider="openai", endpoint="edits")
    ]


def test_models_shows_prices_and_retirement(capsys):
    cli.main(["models", "--provider", "openai"])
    table = capsys.readouterr().out
    assert re.search(
        r"gpt-image-1 .* 0\.011-0\.1\d\d  retires 2026-10-23; instead: gpt-image-2$", table, re.MULTILINE
    )


def test_an_unknown_provider_is_named_with_the_way_out(capsys):
    assert cli.main(["models", "--provider", "opnai"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "'opnai'" in captured.err
    assert "'openai'" in captured.err


@pytest.mark.parametrize(
    "arguments", [[], ["no-such-command"], ["lab", "--port", "ninety"], ["serve", "--port=-1"]]
)
def test_wrong_usage_ends_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: imgwidgets" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"imgwidgets {imgwidgets.__version__}\n"


def test_the_installed_command_is_this_one():
    command = Path(sys.executable).with_name("imgwidgets")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["imgwidgets", imgwidgets.__version__]


def test_a_reader_that_stops_early_gets_no_traceback():
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} -m imgwidgets.cli models | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("PROVIDER")
    assert done.stderr == ""


def test_serve_answers_as_the_chosen_provider_until_it_is_interrupted():
    port = free_port()
    with running("serve", "--port", str(port), "--provider", "ttapi") as (process, lines):
        line_with(lines, rf"http://127\.0\.0\.1:{port}/v1")
        listed = ask(f"http://127.0.0.1:{port}/v1/models", {"Authorization": "Bearer any"})
        names = {model["id"] for model in listed["data"]}
        assert names == {model.name for model in catalog.models(provider="ttapi")}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_serve_on_a_port_in_use_names_the_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running("serve", "--port", str(port)) as (process, lines):
            line_with(lines, str(port))
            assert process.wait(timeout=30) == 1


def test_lab_prints_a_url_that_opens_the_first_notebook():
    port = free_port()
    with running("lab", "--port", str(port), "--no-browser") as (process, lines):
        url = line_with(lines, r"http://\S+").group()
        assert url.startswith(f"http://127.0.0.1:{port}/lab/tree/notebooks/01-quickstart.ipynb?token=")
        token = {"Authorization": f"token {url.partition('token=')[2]}"}
        root = f"http://127.0.0.1:{port}/api"
        assert ask(f"{root}/contents/notebooks/01-quickstart.ipynb?content=0", token)["type"] == "notebook"
        assert "python3" in ask(f"{root}/kernelspecs", token)["kernelspecs"]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            ask(f"{root}/contents", {})
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_lab_on_a_port_in_use_names_the_port(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["lab", "--port", str(port), "--no-browser"]) == 1
    assert f"port {port} is in use" in capsys.readouterr().err


def test_studio_prints_a_url_whose_page_runs_the_notebook_and_nobody_else_gets_in():
    port = free_port()
    with running("studio", "--port", str(port), "--no-browser") as (process, lines):
        url = line_with(lines, r"http://\S+").group()
        assert url.startswith(f"http://127.0.0.1:{port}/?token=")
        address, page = page_at(url)
        assert "/login" not in address
        assert "The Studio" in page
        assert "widget-view+json" in page, "the notebook has run"
        for other in (f"http://127.0.0.1:{port}/", f"{url}x"):
            assert "/login" in page_at(other)[0]
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def page_at(url, *, seconds=90):
    """Give where a page is after all redirects, and its text, as soon as somebody answers there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as reply:
                return reply.url, reply.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_studio_without_voila_says_how_to_install_it(capsys, monkeypatch):
    find = cli.importlib.util.find_spec
    monkeypatch.setattr(
        cli.importlib.util, "find_spec", lambda name, *rest: None if name == "voila" else find(name, *rest)
    )
    assert cli.main(["studio", "--no-browser"]) == 1
    assert "pip install 'imgwidgets[studio]'" in capsys.readouterr().err


def test_studio_on_a_port_in_use_names_the_port(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["studio", "--port", str(port), "--no-browser"]) == 1
    assert f"port {port} is in use" in capsys.readouterr().err
