"""The two programs that browser tests need: a JupyterLab server, and Chromium."""

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
from typing import Any

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


class LabServer:
    """JupyterLab as a subprocess on a free loopback port, with nothing of the user's own settings.

    Parameters
    ----------
    home : Path
        An empty folder for all that the server writes. Its notebooks are in ``home / "root"``.
    notebooks : Path or None
        A folder that is copied to ``home / "root" / "notebooks"``.
    """

    def __init__(self, home: Path, *, notebooks: Path | None = None) -> None:
        self.home = home
        self.root = home / "root"
        self.token = secrets.token_hex(16)
        self.port = 0
        self.log = home / "jupyterlab.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.root.mkdir(parents=True)
        if notebooks is not None and notebooks.is_dir():
            ignored = shutil.ignore_patterns(".ipynb_checkpoints", ".*")
            shutil.copytree(notebooks, self.root / "notebooks", ignore=ignored)
        for name, content in SETTINGS.items():
            file = home / "settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 90) -> None:
        for _ in range(3):  # another process may take the free port before the server does
            self.port = _free_port()
            if self._start_on_port(seconds):
                return
        raise RuntimeError(f"JupyterLab did not start. Its log ends:\n{self.log_end()}")

    def _start_on_port(self, seconds: float) -> bool:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True"]
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
                self.ask("GET", "/api/status")
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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
