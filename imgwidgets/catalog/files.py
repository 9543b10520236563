"""Which TOML files make the catalog: the package's own, then the user's."""

from __future__ import annotations

import functools
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from imgwidgets.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["packaged_files", "user_files"]


def user_files() -> list[Path]:
    """Give the user's own TOML files, in the order in which they are read.

    The environment variable ``IMGWIDGETS_CATALOG`` names a file or a folder; without it, the files
    ``*.toml`` in the user's configuration folder for imgwidgets are taken.

    Raises
    ------
    CatalogError
        Where ``IMGWIDGETS_CATALOG`` names something that does not exist.
    """
    named = os.environ.get("IMGWIDGETS_CATALOG")
    if named:
        path = Path(named).expanduser()
        if not path.exists():
            raise CatalogError(
                f"IMGWIDGETS_CATALOG names {named!r}, which does not exist: give a TOML file or a folder"
            )
        return sorted(path.glob("*.toml")) if path.is_dir() else [path]
    folder = _configuration_folder()
    try:
        names = os.listdir(folder)  # noqa: PTH208 (asked several times a request)
    except OSError:  # most users have no such folder
        return []
    return sorted(folder / name for name in names if name.endswith(".toml"))


def _configuration_folder() -> Path:
    import platformdirs  # noqa: PLC0415 (14 ms that only the catalog's first use should cost)

    environment = (os.environ.get(name) for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "USERPROFILE"))
    return _folder(platformdirs.user_config_path, *environment)


@functools.lru_cache(maxsize=8)
def _folder(find: Callable[[str], Path], *_environment: str | None) -> Path:
    """Ask once for each state of the environment that the answer may depend on."""
    return find("imgwidgets")


@functools.cache
def packaged_files() -> tuple[tuple[str, str], ...]:
    """Give name and text of the TOML files that ship with the package, in the order of reading."""
    data = resources.files("imgwidgets.catalog") / "data"
    providers = sorted((data / "providers").iterdir(), key=lambda file: file.name)
    # The sandbox first: it is where everyone starts.
    providers.sort(key=lambda file: file.name != "sandbox.toml")
    return tuple((file.name, file.read_text(encoding="utf-8")) for file in (data / "models.toml", *providers))
