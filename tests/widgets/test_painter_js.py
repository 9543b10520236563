"""The painter's JavaScript: its arithmetic under node, and the joining of its modules."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from imgwidgets.widgets.painter_companion import MODULES, STATIC, Companion, joined

TESTS = Path(__file__).parent / "js"


@pytest.fixture(scope="module")
def node():
    path = shutil.which("node")
    if path is None:
        pytest.skip("node is not installed")
    return path


def test_the_painters_arithmetic_holds_under_node(node):
    done = subprocess.run(
        [node, "--test", str(TESTS / "strokes.test.mjs")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_joined_modules_are_one_valid_module_with_one_export(node, tmp_path):
    text = joined()
    assert re.findall(r"^\s*(?:import|export)\b.*", text, re.MULTILINE) == ["export default function () {"]
    file = tmp_path / "painter.mjs"
    file.write_text(text)
    done = subprocess.run(
        [node, "--check", str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_each_module_imports_only_what_is_joined_before_it():
    seen = set()
    for name in MODULES:
        text = (STATIC / name).read_text()
        imported = set(re.findall(r'^import .* from "\./([\w.]+)";', text, re.MULTILINE))
        assert imported <= seen, name
        seen.add(name)


def test_code_and_styles_leave_room_in_a_notebook_with_saved_state():
    assert len(Companion._esm) + len(Companion._css) < 70_000


def test_the_painter_loads_nothing_from_elsewhere():
    for text in (Companion._esm, Companion._css):
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text)
