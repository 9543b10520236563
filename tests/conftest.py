"""What holds for every test: no API key, nothing of the user's own settings, nothing of it changed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no reason to fail, hence no deadlines. `make test-all` asks for "full".
hypothesis.settings.register_profile("quick", deadline=None)
hypothesis.settings.register_profile("full", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("quick")

BROWSER = Path(__file__).parent / "browser"
HOME = pytest.StashKey()
PATCH = pytest.StashKey()


def _is_the_users(name):
    return name.startswith("IMGWIDGETS_") or name.endswith(("_API_KEY", "_BASE_URL", "_PROXY", "_proxy"))


class ByFile(LoadScopeScheduling):
    """Keeps a file's tests on one worker, which share its fixtures, and all that share a JupyterLab."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    # On one worker, what is quick and close to the code fails first; of several, one begins with the browser
    # tests at once, since they take longest.
    browser = -1 if "PYTEST_XDIST_WORKER" in os.environ else 2
    items.sort(key=lambda item: browser if BROWSER in item.path.parents else item.path.suffix == ".ipynb")


def pytest_configure(config):
    """Take keys and base URLs away, and move the user's folders to an empty place.

    Here and not in a fixture, since notebooks are tests that ask for none. Kernels and servers that tests
    start inherit it.
    """
    home = Path(config.stash.setdefault(HOME, tempfile.TemporaryDirectory(prefix="imgwidgets-tests-")).name)
    patch = config.stash.setdefault(PATCH, pytest.MonkeyPatch())
    for name in [name for name in os.environ if _is_the_users(name)]:
        patch.delenv(name)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        patch.setenv(name, str(home / name))
    # Every client writes down what it asks for: not where the user's own pictures are.
    patch.setenv("IMGWIDGETS_HOME", str(home / "imgwidgets"))
    # A keyring of the desktop must neither be read nor ask for a password.
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


def pytest_unconfigure(config):
    config.stash[PATCH].undo()
    config.stash[HOME].cleanup()
