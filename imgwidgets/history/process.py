"""Which process wrote a row, and whether it still lives.

A process id alone is not enough: ids are given out again. With the time of its start, and the machine's, it
is unique.
"""

from __future__ import annotations

import importlib
import os
import socket
from pathlib import Path

import msgspec

__all__ = ["Process", "is_alive", "this_process"]


class Process(msgspec.Struct, frozen=True):
    """A process, as it can be found again.

    Attributes
    ----------
    host : str
        The machine's name.
    boot : str
        Which start of the machine; empty where the system does not say.
    pid : int
        Its number.
    born : str
        When it was started, in the system's own words; empty where it does not say.
    """

    host: str
    boot: str
    pid: int
    born: str


def this_process() -> Process:
    """Describe the process that asks."""
    pid = os.getpid()
    return Process(host=socket.gethostname(), boot=_boot(), pid=pid, born=_born(pid) or "")


def is_alive(process: Process) -> bool | None:
    """Tell whether a process lives; None where that cannot be known from here (another machine).

    Examples
    --------
    >>> is_alive(this_process())
    True
    """
    if process.host != socket.gethostname():
        return None
    if process.boot and process.boot != _boot():
        return False
    born = _born(process.pid)
    if born is None:
        return False
    if born and process.born:
        return born == process.born
    return True if born or os.name == "posix" else None


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _born(pid: int) -> str | None:
    """Give when a process was started: None where it is dead, empty where the system does not say."""
    if Path("/proc/self/stat").exists():
        return _from_proc(pid)
    try:
        psutil = importlib.import_module("psutil")  # ipykernel brings it; a script may lack it
    except ImportError:
        return _asked(pid)
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return ""


def _from_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError:
        return ""
    # The name stands in brackets and may hold anything; after it, the state, and the start as 20th word.
    words = stat[stat.rindex(")") + 1 :].split()
    return None if words[0] in "ZX" else words[19]


def _asked(pid: int) -> str | None:
    if os.name != "posix":
        return ""  # there, os.kill with signal 0 is no question
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""
