"""The names that the package promises are there, and are the ones that it exports."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import imgwidgets

ROOMS = [
    module.name
    for module in pkgutil.walk_packages(imgwidgets.__path__, "imgwidgets.")
    if module.ispkg and ".data" not in module.name
]


def test_every_public_name_can_be_had():
    for name in imgwidgets.__all__:
        assert getattr(imgwidgets, name) is not None, name


def test_the_lazy_table_and_all_name_the_same():
    lazy = {*imgwidgets._HOME, *imgwidgets._MODULES, "__version__"}
    assert sorted(lazy) == sorted(imgwidgets.__all__)
    assert dir(imgwidgets) == sorted(imgwidgets.__all__)


def test_type_checkers_see_the_names_that_are_loaded_lazily():
    tree = ast.parse(Path(imgwidgets.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {(node.module, alias.name) for node in block.body for alias in node.names}
    lazy = {(home, name) for name, home in imgwidgets._HOME.items()}
    lazy |= {("imgwidgets", name) for name in imgwidgets._MODULES}
    assert seen == lazy


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        imgwidgets.no_such_name  # noqa: B018 (asking for it is the test)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_exports_what_it_lists(room):
    module = importlib.import_module(room)
    listed = getattr(module, "__all__", [])
    assert len(listed) == len(set(listed)), "each name once"
    for name in listed:
        assert hasattr(module, name), name


def test_every_error_has_the_same_base():
    for name in imgwidgets.errors.__all__:
        error = getattr(imgwidgets.errors, name)
        assert issubclass(error, Warning if name.endswith("Warning") else imgwidgets.errors.ImgWidgetsError)


@pytest.mark.parametrize("name", sorted({*imgwidgets._HOME, *imgwidgets._MODULES}))
def test_every_public_name_says_what_it_is(name):
    assert (getattr(imgwidgets, name).__doc__ or "").strip()
