import pytest

from imgwidgets.history import History


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "history"


@pytest.fixture
def history(folder):
    with History(folder) as opened:
        yield opened
