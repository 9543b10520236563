"""The programs that browser tests need: JupyterLab, Voila, and Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

FLAGS = [
    "--no-sandbox",  # CI runs as root, where Chromium's own sandbox cannot
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

SETTINGS = {
    # Every cell is in the page from the start, so that the n-th cell on the page is cell n.
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


def find_chromium() -> str | None:
    """Give the path of a Chromium that starts, or None.

    ``CHROMIUM`` in the environment wins; then the system's; then the one that
    ``playwright install chromium`` put into its cache.
    """
    candidates = [os.environ.get("CHROMIUM", "")]
    candidates += [shutil.which(name) or "" for name in CHROMIUM_NAMES]
    candidates += sorted(map(str, _playwright_cache().glob("chromium-*/chrome-linux*/chrome")), reverse=True)
    return next((path for path in candidates if path and _starts(path)), None)


def _playwright_cache() -> Path:
    return Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")


def _starts(path: str) -> bool:
    # Ubuntu's /usr/bin/chromium-browser may be a stub that only asks for snap.
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


class Server:
    """A Jupyter server as a subprocess on a free loopback port, with nothing of the user's own settings.

    Parameters
    ----------
    home : Path
        An empty folder for all that the server writes; it runs in ``home / "root"``.
    """

    name = ""
    ready = "/"
    """A path that answers once the server is up."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "root"
        self.token = secrets.token_hex(16)
        self.port = 0
        self.log = home / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.root.mkdir(parents=True)

    def _options(self) -> list[str]:
        """Give what follows ``python -m name`` on the command line."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 90) -> None:
        for _ in range(3):  # another process may take the free port before the server does
            self.port = _free_port()
            if self._start_on_port(seconds):
                return
        raise RuntimeError(f"{self.name} did not start. Its log ends:\n{self.log_end()}")

    def _start_on_port(self, seconds: float) -> bool:
        command = [sys.executable, "-m", self.name, "--no-browser", *self._options()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that stop() reaches the kernels too
            )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            try:
                self._knock()
            except OSError:
                time.sleep(0.1)
            else:
                return True
        self.stop()
        return False

    def _environment(self) -> dict[str, str]:
        # conftest.py has already taken API keys and the user's own folders out of the environment.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
        return environment | {
            "JUPYTER_TOKEN": self.token,
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.home / "workspaces"),
            "IPYTHONDIR": str(self.home / "ipython"),
        }

    def _knock(self) -> None:
        """Raise OSError while the server is not up."""
        with urllib.request.urlopen(self.url + self.ready, timeout=60):
            pass

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
        process.wait()


class LabServer(Server):
    """JupyterLab.

    Parameters
    ----------
    home : Path
        As for ``Server``. The notebooks are in ``home / "root"``.
    notebooks : Path or None
        A folder that is copied to ``home / "root" / "notebooks"``.
    """

    name = "jupyterlab"

    def __init__(self, home: Path, *, notebooks: Path | None = None) -> None:
        super().__init__(home)
        if notebooks is not None and notebooks.is_dir():
            ignored = shutil.ignore_patterns(".ipynb_checkpoints", ".*")
            shutil.copytree(notebooks, self.root / "notebooks", ignore=ignored)
        for name, content in SETTINGS.items():
            file = home / "settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))

    def _options(self) -> list[str]:
        server = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"]
        return [
            "--allow-root",
            *server,
            f"--ServerApp.root_dir={self.root}",
            "--LabApp.expose_app_in_browser=True",
        ]

    def _knock(self) -> None:
        self.ask("GET", "/api/status")

    def ask(self, method: str, path: str) -> Any:
        """Call the server's REST API and give the decoded JSON (None where there is none)."""
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def end_kernels(self, path: str) -> None:
        """End the kernels that a notebook runs."""
        for session in self.ask("GET", "/api/sessions"):
            if session["path"] == path:
                with contextlib.suppress(urllib.error.HTTPError):  # it ended by itself meanwhile
                    self.ask("DELETE", f"/api/sessions/{session['id']}")


class VoilaServer(Server):
    """Voila, which shows one notebook's outputs as a page and runs it anew for each visitor.

    Parameters
    ----------
    home : Path
        As for ``Server``.
    cells : list of str
        The code cells of the notebook.
    """

    name = "voila"
    ready = "/voila/static/favicon.ico"

    def __init__(self, home: Path, cells: Sequence[str]) -> None:
        super().__init__(home)
        self.notebook = self.root / "page.ipynb"
        self.notebook.write_text(json.dumps(notebook_of(cells)))

    def _options(self) -> list[str]:
        return [str(self.notebook), "--Voila.ip=127.0.0.1", f"--port={self.port}", "--Voila.port_retries=0"]


def notebook_of(cells: Sequence[str]) -> dict[str, Any]:
    """Give a notebook of code cells as its file has it."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        # Without a kernelspec, a dialog asks for one.
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(cells)
        ],
    }


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
