"""Where the files are: shown, and opened where the kernel runs on somebody's own desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from imgwidgets.widgets import text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_folder"]


def open_folder(folder: Path) -> str:
    """Open a folder in the file manager, where there is one; gives what to say about it."""
    said = f"The history is in {text.one_line(folder, 300)}; its images are the files below {os.sep}files."
    program = {"darwin": "open", "win32": "explorer"}.get(sys.platform, "xdg-open")
    has_screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    found = shutil.which(program)
    if has_screen and found:
        subprocess.Popen(  # noqa: S603 (the system's own program, with our own folder)
            [found, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return said
