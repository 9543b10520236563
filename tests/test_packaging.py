"""What people get who install the package: built as pip builds it, and looked into."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import imgwidgets

ROOT = Path(__file__).parents[1]
PACKAGE = Path(imgwidgets.__file__).parent


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # The build back end is in the environment already: nothing is fetched.
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            ROOT,
        ],
        capture_output=True,
        timeout=110,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(wheel_file):
    with zipfile.ZipFile(wheel_file) as opened:
        yield opened


def test_the_wheel_holds_every_source_data_and_static_file(wheel):
    wanted = {
        file.relative_to(PACKAGE.parent).as_posix()
        for file in PACKAGE.rglob("*")
        if file.suffix in {".py", ".toml", ".js", ".css", ".svg"} or file.name == "py.typed"
    }
    assert {Path(name).suffix for name in wanted} >= {".py", ".toml", ".js", ".css"}
    assert "imgwidgets/py.typed" in wanted
    assert wanted - set(wheel.namelist()) == set()


def test_an_installed_package_hands_out_its_notebooks_and_keeps_what_was_changed(wheel_file, tmp_path):
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-warn-script-location",
    ]
    installed = subprocess.run(
        [*pip, "--ignore-installed", "--prefix", tmp_path / "prefix", wheel_file],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    (site_packages,) = (tmp_path / "prefix").glob("lib*/python*/site-packages")
    work = tmp_path / "work"
    work.mkdir()

    def hand_out():
        code = "from imgwidgets import cli\nprint(cli.__file__)\nprint(cli._notebooks())"
        environment = {**os.environ, "PYTHONPATH": str(site_packages)}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return [Path(line) for line in done.stdout.splitlines()]

    file, copies = hand_out()
    assert site_packages in file.parents, "this must not be the checkout"
    assert copies == work / "imgwidgets-notebooks"
    originals = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert "01-quickstart.ipynb" in originals
    assert {path.name: path.read_bytes() for path in copies.glob("*.ipynb")} == originals
    (copies / "01-quickstart.ipynb").write_text("mine")
    hand_out()
    assert (copies / "01-quickstart.ipynb").read_text() == "mine"


def test_the_wheel_holds_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"imgwidgets"}
    strange = [
        name for name in wheel.namelist() if re.search(r"test|__pycache__|\.pyc|checkpoint|\.hmr", name)
    ]
    assert strange == []


def test_the_wheel_says_what_it_is(wheel):
    (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    text = wheel.read(path).decode()
    assert f"\nVersion: {imgwidgets.__version__}\n" in text
    assert "\nLicense-Expression: BSD-3-Clause\n" in text
    assert "\nRequires-Python: >=3.11\n" in text
    for extra in ("select", "sweep", "lab", "keyring"):
        assert f"\nProvides-Extra: {extra}\n" in text
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    (scripts,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "imgwidgets = imgwidgets.cli:main" in wheel.read(scripts).decode()


def test_the_installed_version_is_the_packages():
    assert metadata.version("imgwidgets") == imgwidgets.__version__


def test_what_is_installed_is_at_least_what_is_asked_for(project):
    from packaging.requirements import Requirement

    for text in [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]:
        requirement = Requirement(text)
        assert metadata.version(requirement.name) in requirement.specifier, text


def test_every_library_that_the_package_imports_is_a_dependency(project):
    from packaging.requirements import Requirement

    asked = {
        Requirement(text).name.lower()
        for group in (
            project["project"]["dependencies"],
            *project["project"]["optional-dependencies"].values(),
        )
        for text in group
    }
    homes = metadata.packages_distributions()
    imported = {
        match
        for file in PACKAGE.rglob("*.py")
        for match in re.findall(r"^\s*(?:import|from) ([a-zA-Z_]\w*)", file.read_text("utf-8"), re.MULTILINE)
    }
    outside = imported & set(homes) - set(sys.stdlib_module_names) - {"imgwidgets"}
    # IPython and traitlets come with ipywidgets, which is made of them.
    unasked = {
        name
        for name in outside - {"IPython", "traitlets"}
        if not {home.lower() for home in homes[name]} & asked
    }
    assert unasked == set()


def test_the_changelog_speaks_of_this_version():
    assert f"\n## {imgwidgets.__version__} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_make_help_lists_every_target_that_is_for_people():
    done = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    for target in (
        "demo",
        "test",
        "test-all",
        "lint",
        "format",
        "types",
        "unit",
        "browser",
        "bench",
        "clean",
    ):
        assert re.search(rf"^  {target} +\S", done.stdout, re.MULTILINE), target


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup", ".ci/javascript", "binder/postBuild"])
def test_a_script_can_be_run_and_is_well_formed(script):
    path = ROOT / script
    assert path.stat().st_mode & 0o111, "not executable"
    shell = path.read_text("utf-8").splitlines()[0].removeprefix("#!")
    subprocess.run([shell, "-n", path], timeout=30, check=True)


def test_binder_installs_the_package_with_jupyterlab():
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    assert "-e .[lab]" in lines
