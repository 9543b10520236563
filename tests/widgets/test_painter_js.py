"""The painter's JavaScript: its arithmetic under node, and the joining of its modules."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from imgwidgets.widgets.painter.companion import MODES, MODULES, STATIC, Companion

TESTS = Path(__file__).parent / "js"


@pytest.fixture(scope="module")
def node():
    path = shutil.which("node")
    if path is None:
        pytest.skip("node is not installed")
    return path


@pytest.mark.parametrize("name", ["strokes.test.mjs", "painter_tools.test.mjs"])
def test_the_painters_pure_modules_hold_under_node(node, name):
    done = subprocess.run(
        [node, "--test", str(TESTS / name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_joined_modules_are_one_valid_module_with_one_export(node, tmp_path):
    text = Companion._esm
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


def test_tools_in_python_and_javascript_are_the_same(node):
    module = STATIC / "painter_tools.js"
    code = f"import {{ TOOLS }} from {json.dumps(str(module))}; console.log(JSON.stringify(TOOLS))"
    done = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True, timeout=60
    )
    tools = json.loads(done.stdout)
    for mode, names in MODES.items():
        assert {tool["name"] for tool in tools if mode in tool["modes"]} == set(names)


def test_code_and_styles_leave_room_in_a_notebook_with_saved_state():
    assert len(Companion._esm) + len(Companion._css) < 70_000


def test_the_painter_loads_nothing_from_elsewhere():
    for text in (Companion._esm, Companion._css):
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text)
