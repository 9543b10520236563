"""The command ``imgwidgets``.

=====================  ==================================================================
``imgwidgets lab``     JupyterLab on the example notebooks, with the sandbox
``imgwidgets studio``  the Studio as a web page of its own, without a notebook around it
``imgwidgets serve``   the sandbox on a port, for any program that speaks OpenAI's images API
``imgwidgets models``  the models that the catalog knows, as a table
``imgwidgets history`` what was asked and what came: a table, a page of pictures, sums, copies
=====================  ==================================================================
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import os
import secrets
import shutil
import socket
import sys
import threading
import time
import webbrowser
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from imgwidgets import __version__
from imgwidgets.errors import ImgWidgetsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imgwidgets.catalog import Model

__all__ = ["main"]

_FIRST_NOTEBOOK = "01-quickstart.ipynb"
_STUDIO = "studio.ipynb"
_LOOPBACK = "127.0.0.1"
_SHIPPED = "share/imgwidgets/notebooks/"  # below the prefix where pip installs; see pyproject.toml


class CommandError(ImgWidgetsError):
    """A command that cannot do what was asked; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``imgwidgets`` on the command line; default: the process' own.

    Returns
    -------
    int
        0, or 1 where the command could not do its work (what to do is on stderr).
        Wrong usage ends with ``SystemExit(2)``, as argparse has it.

    Examples
    --------
    >>> main(["models", "--provider", "sandbx"])
    1
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ImgWidgetsError as error:
        print(f"imgwidgets: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted; Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="imgwidgets", description="Jupyter widgets for image-generation APIs.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"imgwidgets {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    lab = commands.add_parser(
        "lab",
        help="JupyterLab on the example notebooks, with the sandbox",
        description="Start JupyterLab on the example notebooks. They use the sandbox: no API key is needed.",
    )
    lab.add_argument("--port", type=_port, help="default: 8888, or the next free port")
    lab.add_argument("--no-browser", action="store_true", help="open no browser; the URL is printed anyway")
    lab.add_argument(
        "jupyter",
        nargs="*",
        metavar="OPTION",
        help="after --: options for JupyterLab itself, such as --ServerApp.ip=0.0.0.0",
    )
    lab.set_defaults(run=_lab)

    studio = commands.add_parser(
        "studio",
        help="the Studio as a web page of its own",
        description="Open the Studio in a browser, without a notebook around it, until Ctrl+C. It needs no "
        "API key: the sandbox answers until another provider is chosen.",
    )
    studio.add_argument("--port", type=_port, help="default: 8866, or the next free port")
    studio.add_argument(
        "--no-browser", action="store_true", help="open no browser; the URL is printed anyway"
    )
    studio.set_defaults(run=_studio)

    serve = commands.add_parser(
        "serve",
        help="the sandbox on a port, for any program that speaks OpenAI's images API",
        description="Run the sandbox until Ctrl+C.",
    )
    serve.add_argument("--port", type=_port, default=8000, help="default: %(default)s; 0: any free one")
    serve.add_argument(
        "--provider",
        default="sandbox",
        help="whose models, bodies and limits to take on (openai, ...); default: %(default)s, all models",
    )
    serve.set_defaults(run=_serve)

    models = commands.add_parser("models", help="the models that the catalog knows, as a table")
    models.add_argument("--provider", help="only this provider's")
    models.add_argument("--endpoint", help="only models that have it: generations or edits")
    models.set_defaults(run=_models)
    _add_history(commands)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


# imgwidgets lab


def _lab(options: argparse.Namespace) -> None:
    if importlib.util.find_spec("jupyterlab") is None:
        raise CommandError("JupyterLab is not installed: pip install 'imgwidgets[lab]'")
    from jupyterlab.labapp import LabApp  # noqa: PLC0415 (an extra, and slow to import)

    folder = _notebooks()
    port = _usable_port(options.port, usual=8888)
    token = secrets.token_hex(24)
    # Kernels of this very Python, even where the user's own folder has another "python3".
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    # No question about news over the first picture; the user's own settings still win.
    own = str(Path(__file__).with_name("jupyter"))
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, [os.environ.get("JUPYTER_CONFIG_PATH"), own])
    )
    # A provider that costs money is never used by accident.
    os.environ["IMGWIDGETS_PROVIDER"] = "sandbox"
    start = "/lab"
    if (folder / _FIRST_NOTEBOOK).is_file():
        start = f"/lab/tree/{folder.name}/{_FIRST_NOTEBOOK}"
    print(f"The notebooks are in {folder}\n\n    http://{_LOOPBACK}:{port}{start}?token={token}\n")
    print("Ctrl+C, twice, stops JupyterLab.", flush=True)
    arguments = [
        f"--IdentityProvider.token={token}",  # not through the environment, which kernels inherit
        f"--ServerApp.ip={_LOOPBACK}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",  # the printed URL must stay true
        f"--ServerApp.root_dir={folder.parent}",
        f"--LabApp.default_url={start}",
        "--LabApp.news_url=None",
        "--Application.log_level=WARN",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # usual in containers; the server listens on loopback only
    if options.no_browser or not _has_screen():
        arguments.append("--no-browser")
    LabApp.launch_instance(argv=[*arguments, *options.jupyter])


def _notebooks() -> Path:
    """Give the folder of the example notebooks: a checkout's own, else copies below the working directory."""
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "pyproject.toml").is_file() and (checkout / "notebooks").is_dir():
        return checkout / "notebooks"
    shipped = [file for file in metadata.files("imgwidgets") or () if _SHIPPED in file.as_posix()]
    if not shipped:
        raise CommandError("the example notebooks are not installed: install imgwidgets again")
    copies = Path.cwd() / "imgwidgets-notebooks"
    for file in shipped:
        copy = copies / file.as_posix().partition(_SHIPPED)[2]
        if copy.suffix != ".cfg" and not copy.exists():  # what a person has changed is theirs
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), copy)
    return copies


def _usable_port(asked: int | None, *, usual: int) -> int:
    for port in [asked] if asked is not None else [*range(usual, usual + 20), 0]:
        with socket.socket() as tried:
            # As the server itself does: a port whose last owner has just gone is free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                tried.bind((_LOOPBACK, port))
                return int(tried.getsockname()[1])
    raise CommandError(f"port {asked} is in use, or may not be used: choose another one with --port")


def _has_screen() -> bool:
    # Without one, `webbrowser` may start a text browser in the terminal where Jupyter wants to talk.
    return sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))


# imgwidgets studio


def _studio(options: argparse.Namespace) -> None:
    if importlib.util.find_spec("voila") is None:
        raise CommandError(
            "Voila is not installed, which shows a notebook as a web page: pip install 'imgwidgets[studio]'"
        )
    notebook = _notebooks() / _STUDIO
    if not notebook.is_file():
        raise CommandError(f"{notebook} is missing: install imgwidgets again")
    port = _usable_port(options.port, usual=8866)
    token = secrets.token_hex(24)
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # kernels of this very Python
    url = f"http://{_LOOPBACK}:{port}/?token={token}"
    print(f"The Studio is here, until Ctrl+C:\n\n    {url}\n", flush=True)
    if not options.no_browser and _has_screen():
        # Voila's own way to open a browser leaves the token out.
        threading.Thread(target=_open_when_there, args=(url, port), daemon=True).start()
    importlib.import_module("voila.app").Voila.launch_instance(  # slow to import
        argv=[
            str(notebook),
            "--no-browser",
            f"--token={token}",
            f"--Voila.ip={_LOOPBACK}",
            f"--port={port}",
            "--Voila.port_retries=0",  # the printed URL must stay true
            "--Application.log_level=WARN",
        ]
    )


def _open_when_there(url: str, port: int, *, seconds: float = 60) -> None:
    """Open the browser as soon as somebody answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection((_LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            webbrowser.open(url)
            return


# imgwidgets serve


def _serve(options: argparse.Namespace) -> None:
    from imgwidgets.sandbox import serve  # noqa: PLC0415 (the other commands need no server)

    serve(provider=options.provider, port=options.port)


# imgwidgets history


def _add_history(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    history = commands.add_parser(
        "history",
        help="what was asked and what came: a table, a page of pictures, sums, copies",
        description="Look through the requests that were made, the newest first. Without an action: a table.",
    )
    history.add_argument("words", nargs="*", metavar="WORD", help="words in prompt or model; all must occur")
    history.add_argument("--model", help="only this model's")
    history.add_argument("--provider", help="only this provider's")
    history.add_argument("--status", help="done, failed, maybe_billed, not_sent or running")
    history.add_argument("--since", metavar="DATE", help="from this day on, such as 2026-11-20")
    history.add_argument("--until", metavar="DATE", help="up to this day, that one included")
    history.add_argument("--min-cost", type=float, metavar="DOLLARS", help="only what cost so much or more")
    history.add_argument("--max-cost", type=float, metavar="DOLLARS", help="only what cost so much or less")
    history.add_argument("--starred", action="store_true", help="only what has a star")
    history.add_argument("--limit", type=_positive, metavar="N", help="default: 20 rows, or 200 on a page")
    history.add_argument("--folder", metavar="PATH", help="another history than that in the usual place")
    act = history.add_mutually_exclusive_group()
    act.add_argument("--open", action="store_true", help="show the pictures in a browser")
    act.add_argument("--html", metavar="FILE", help="write that page into a file")
    act.add_argument("--spent", action="store_true", help="what was spent, without the sandbox")
    act.add_argument("--export", metavar="FOLDER", help="copy images and a manifest into a new folder")
    act.add_argument("--verify", action="store_true", help="look for missing and altered files")
    act.add_argument("--prune", type=_days, metavar="DAYS", help="throw away what is older and has no star")
    history.add_argument("--also-starred", action="store_true", help="with --prune: what has a star, too")
    history.add_argument("--yes", action="store_true", help="with --prune: do not ask")
    history.set_defaults(run=_history)


def _positive(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"{given!r}: give a whole number above 0")
    return int(given)


def _days(given: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= float(given) < 1e6:
            return float(given)
    raise argparse.ArgumentTypeError(f"{given!r}: give a number of days")


def _history(options: argparse.Namespace) -> None:
    from imgwidgets.widgets.history.command import run  # noqa: PLC0415 (the other commands need no database)

    run(options, say=print, ask=input, browse=_browse)


def _browse(address: str) -> None:
    if _has_screen():
        webbrowser.open(address)


# imgwidgets models


def _models(options: argparse.Namespace) -> None:
    from imgwidgets import catalog  # noqa: PLC0415 (--help need not read TOML)

    models = catalog.models(provider=options.provider, endpoint=options.endpoint)
    head = ("PROVIDER", "MODEL", "ENDPOINTS", "PRICE", "")
    print(_table([head, *map(_row, models)]))
    print("\nPRICE: US dollars for one 1024x1024 image; a range where the model chooses the quality itself.")


def _row(model: Model) -> tuple[str, ...]:
    remark = ""
    if model.retires:
        remark = f"retires {model.retires}"
        if model.replacement:
            remark += f"; instead: {model.replacement}"
    name = "(any other name)" if model.name == "*" else model.name
    return model.provider, name, " ".join(model.endpoints), _price(model), remark


def _price(model: Model) -> str:
    from imgwidgets import catalog  # noqa: PLC0415 (as above)

    request = catalog.ImageRequest(
        prompt="", model=model.name, provider=model.provider, parameters={"size": "1024x1024"}
    )
    dollars = catalog.estimate(request)
    if dollars is None:
        return "-"
    low, high = (f"{amount:.3f}" for amount in dollars)
    return low if low == high else f"{low}-{high}"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
