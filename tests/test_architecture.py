"""The arrows of the house: what may import what, and what no room may know."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import imgwidgets
from imgwidgets import catalog

PACKAGE = Path(imgwidgets.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Which rooms a room may import beside itself. errors.py and the package's own __init__ (for the version)
# are open to all. Rooms that do not exist yet have their place.
MAY_IMPORT = {
    "catalog": set(),
    "images": {"catalog"},
    "history": {"images", "catalog"},
    "sandbox": {"images", "catalog"},
    "client": {"history", "sandbox", "images", "catalog"},
    "sweep": {"client", "history", "images", "catalog"},
    "widgets": {"sweep", "client", "history", "sandbox", "images", "catalog"},
    "cli": {"widgets", "sweep", "client", "history", "sandbox", "images", "catalog"},
    "errors": set(),
    "": {"widgets", "sweep", "client", "history", "sandbox", "images", "catalog"},  # __init__, lazily
}
FRONT_END_LIBRARIES = {"ipywidgets", "ipycanvas", "anywidget"}


def module_name(file):
    parts = [PACKAGE.name, *file.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    """Give the room of a dotted name: "client" for imgwidgets.client.transport and for imgwidgets.Client."""
    parts = module.split(".")
    if len(parts) == 2 and parts[1] in imgwidgets._HOME:
        parts = imgwidgets._HOME[parts[1]].split(".")
    return parts[1] if len(parts) > 1 else ""


def is_type_checking(node):
    test = node.test if isinstance(node, ast.If) else None
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def running_nodes(node):
    """Walk over all that can run: functions too, but nothing below ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child):
            for other in child.orelse:
                yield other
                yield from running_nodes(other)
            continue
        yield child
        yield from running_nodes(child)


def imports_in(source, module, *, is_package=False):
    """Give (line, dotted name) of all that a module's source may import when it runs."""
    found = []
    for node in running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = module.split(".")
                up = node.level - 1 if is_package else node.level
                base = ".".join([*home[: len(home) - up], *([node.module] if node.module else [])])
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Call):
            found += [(node.lineno, name) for name in imported_by_call(node)]
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "imgwidgets":
            found.append((node.lineno, f"imgwidgets.{node.attr}"))  # after `import imgwidgets`, lazily
    return found


def imported_by_call(node):
    """Give what ``importlib.import_module("name")`` and ``__import__("name")`` name."""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called not in {"import_module", "__import__"} or not node.args:
        return []
    name = node.args[0]
    return [name.value] if isinstance(name, ast.Constant) and isinstance(name.value, str) else []


def imports_of(file):
    return imports_in(file.read_text("utf-8"), module_name(file), is_package=file.name == "__init__.py")


def forbidden_arrows(module, imports):
    room = room_of(module)
    wrong = []
    for line, name in imports:
        # `from imgwidgets import catalog` reads as imgwidgets.catalog; `__version__` is in no room.
        target = room_of(name)
        if name.split(".")[0] != "imgwidgets" or target in {room, "errors", ""} or target not in MAY_IMPORT:
            continue
        if target not in MAY_IMPORT[room]:
            wrong.append(f"{module}:{line} imports {name}")
    return wrong


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_imports_point_downwards_only(file):
    module = module_name(file)
    assert room_of(module) in MAY_IMPORT, f"{module} is in a room that MAY_IMPORT does not know"
    # A result, a plan and a run find their widget by name, and only when somebody asks to see them: the one
    # way up there is.
    imports = [
        (line, name)
        for line, name in imports_of(file)
        if not (
            room_of(module) in {"images", "sweep"} and name == "imgwidgets.widgets" and is_late(file, line)
        )
    ]
    assert forbidden_arrows(module, imports) == []


def is_late(file, line):
    """Tell whether a line is inside a function and imports by name (importlib)."""
    tree = ast.parse(file.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    calls = [
        call
        for function in functions
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and call.lineno == line
    ]
    return any(imported_by_call(call) for call in calls)


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from imgwidgets.client import Client", "imgwidgets.sandbox.app"),
        ("import imgwidgets.client.transport", "imgwidgets.sandbox.app"),
        ("def late():\n    from imgwidgets.widgets import ResultGrid", "imgwidgets.images.result"),
        ("from imgwidgets import sandbox", "imgwidgets.catalog.load"),
        ("from ..widgets import x", "imgwidgets.client.api"),
        ("from imgwidgets import Client", "imgwidgets.sandbox.app"),
        ("import imgwidgets\nimgwidgets.ResultGrid", "imgwidgets.images.result"),
        ("import importlib\nimportlib.import_module('imgwidgets.widgets')", "imgwidgets.sandbox.app"),
    ],
)
def test_the_check_of_arrows_finds_an_import_that_points_upwards(source, module):
    assert len(forbidden_arrows(module, imports_in(source, module))) == 1


def test_the_check_of_arrows_lets_imports_for_types_pass():
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from imgwidgets.client import Client"
    assert forbidden_arrows("imgwidgets.sandbox.app", imports_in(source, "imgwidgets.sandbox.app")) == []


def importers_of(libraries):
    return {
        module_name(file) for file in FILES for _, name in imports_of(file) if name.split(".")[0] in libraries
    }


def test_httpx_is_imported_in_one_module_only():
    assert importers_of({"httpx"}) == {"imgwidgets.client.transport"}


def test_widget_libraries_are_imported_below_widgets_only():
    importers = importers_of(FRONT_END_LIBRARIES)
    assert importers, "no module imports a widget library: the check looks at nothing"
    assert {room_of(module) for module in importers} == {"widgets"}


def loaded_after(code):
    """Give the names of all modules that a fresh interpreter has loaded after running code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_rooms_below_the_widgets_load_no_widget_library():
    rooms = ("catalog", "images", "history", "sandbox", "client", "sweep")
    existing = [room for room in rooms if (PACKAGE / room / "__init__.py").exists()]
    loaded = loaded_after("\n".join(f"import imgwidgets.{room}" for room in existing))
    assert "numpy" in loaded
    assert loaded & {*FRONT_END_LIBRARIES, "IPython", "ipykernel", "jupyterlab"} == set()


def test_the_sandbox_alone_does_not_load_the_client_or_httpx():
    assert "httpx" not in loaded_after("import imgwidgets.sandbox")


def test_importing_the_package_loads_nothing_heavy():
    heavy = {"numpy", "PIL", "httpx", "msgspec", "starlette", "uvicorn", "asyncio", *FRONT_END_LIBRARIES}
    assert loaded_after("import imgwidgets") & heavy == set()


def names_in_the_catalog():
    providers = catalog.current().providers
    models = catalog.models()
    names = {model.name for model in models if model.name != "*"}
    names |= {alias for model in models for alias in model.aliases}
    # "sandbox" is also the name of a room, so that only its use beside == or in a match says anything.
    return names, set(providers) | names


def strings_in_code(tree):
    """Give every string that is no docstring, with its line; parts of f-strings too."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def strings_compared(tree):
    """Give every string that is compared with something: ==, in, match, startswith."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"startswith", "endswith"}:
            parts = node.args
        else:
            continue
        for part in parts:
            for inner in ast.walk(part):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield inner.lineno, inner.value


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_no_model_is_named_in_the_code(file):
    models, _ = names_in_the_catalog()
    named = [
        (line, text) for line, text in strings_in_code(ast.parse(file.read_text("utf-8"))) if text in models
    ]
    assert named == [], "what differs between models belongs into the catalog's TOML"


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_no_branch_depends_on_the_name_of_a_model_or_provider(file):
    _, names = names_in_the_catalog()
    prefixes = ("gpt-image", "chatgpt-image", "dall-e", "flux")
    compared = [
        (line, text)
        for line, text in strings_compared(ast.parse(file.read_text("utf-8")))
        if text in names or text.startswith(prefixes)
    ]
    assert compared == [], "what differs between models and providers belongs into the catalog's TOML"


def test_the_check_of_branches_finds_each_way_to_ask_for_a_name():
    source = (
        "if model == 'gpt-image-2': pass\n"
        "if provider in ('openai', 'ttapi'): pass\n"
        "match model:\n    case 'dall-e-3': pass\n"
        "model.startswith('gpt-image')\n"
    )
    found = {text for _, text in strings_compared(ast.parse(source))}
    assert found == {"gpt-image-2", "openai", "ttapi", "dall-e-3", "gpt-image"}
