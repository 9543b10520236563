"""What a run offers to look at it: a table of tiles, sheets, pandas, JSON, Python."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from imgwidgets.sweep.sheet import LONGEST_EDGE, save_sheet
from imgwidgets.sweep.table import run_table, write_parquet

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from imgwidgets.sweep.layout import Names
    from imgwidgets.sweep.outcome import Outcome
    from imgwidgets.sweep.plan import Plan
    from imgwidgets.sweep.sweep import Sweep

__all__ = ["Looking"]


class Looking:
    """The part of a run that shows it; it asks for ``sweep``, ``plan``, ``outcomes`` and ``options`` only."""

    sweep: Sweep
    plan: Plan

    @property
    def id(self) -> str:
        """The name under which the history knows the run."""
        raise NotImplementedError

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of each cell of the plan, as it is now."""
        raise NotImplementedError

    @property
    def options(self) -> dict[str, Any]:
        """What :meth:`Sweep.run` was told beside the client, where that can be written down."""
        return {}

    def grid(self, *, rows: Names = None, columns: Names = None, pages: Names = None) -> Any:
        """Give a labelled table of tiles: any two parameters across, sliders for the rest.

        Its headers stay in sight, finished tiles come at once, repeats stand side by side in one place, and a
        click shows an image large.

        Parameters
        ----------
        rows, columns : str or several, optional
            Axes that go down and across; default: the first one down, the last one across. The widget's own
            menus change that.
        pages : str or several, optional
            Axes with a slider, in this order; what is named nowhere follows.

        Returns
        -------
        SweepTable
            Needs a notebook.

        Raises
        ------
        ParameterError
            For a name that is no axis.
        """
        table = importlib.import_module("imgwidgets.widgets").SweepTable
        return table(self, rows=rows, columns=columns, pages=pages)

    def save_sheet(  # noqa: PLR0913 (the public options)
        self,
        path: str | os.PathLike[str],
        *,
        rows: Names = None,
        columns: Names = None,
        pages: Names = None,
        edge: int = 256,
        longest_edge: int = LONGEST_EDGE,
    ) -> list[Path]:
        """Write the images as a labelled sheet, in several files where one would be too large.

        Parameters
        ----------
        path : str or path
            ``.png``, ``.jpg`` or ``.webp``. Further sheets are numbered: ``sheet.png``, ``sheet-2.png``, ...
        rows, columns : str or several, optional
            Axes that go down and across; default: the last one across, all others down.
        pages : str or several, optional
            Axes that get sheets of their own.
        edge : int, default 256
            Pixels of a tile.
        longest_edge : int, default 6000
            Pixels of a sheet; what would be larger is cut into numbered sheets, each with its headers.

        Returns
        -------
        list of pathlib.Path
            The sheets; the first is `path`.

        Raises
        ------
        FileNotFoundError
            Where the folder does not exist.
        ParameterError
            For a name that is no axis.
        """
        return save_sheet(
            path,
            self.plan,
            self.outcomes,
            rows=rows,
            columns=columns,
            pages=pages,
            edge=edge,
            longest_edge=longest_edge,
        )

    def to_pandas(self) -> Any:
        """Give a table, one row a cell.

        Columns: ``cell``, ``status`` (``done``, ``failed``, ``maybe_billed``, ``not_sent``; while it runs
        also ``running``), ``cost`` (US dollars that this run paid: 0 where the history or an identical cell
        answered), one for each axis, then ``repeat``, ``seconds``, ``error``, ``from_history``, ``sha256``
        (of its images, one a line) and the plan's ``low`` and ``high``.

        Raises
        ------
        MissingExtra
            Without pandas: ``pip install 'imgwidgets[sweep]'``.
        """
        return run_table(self.plan, self.outcomes)

    def to_parquet(self, path: str | os.PathLike[str]) -> Path:
        """Write the table of :meth:`to_pandas` to a parquet file, and give its path.

        Raises
        ------
        FileNotFoundError
            Where the folder does not exist.
        MissingExtra
            Without pandas or pyarrow.
        """
        return write_parquet(self.to_pandas(), path)

    def manifest(self) -> dict[str, Any]:
        """Give JSON-like values that rebuild the sweep (``Sweep.from_manifest``), and how it was run.

        Images are named by their sha-256; their files are in the history. Secrets are left out.
        """
        return self.sweep.manifest() | {"run": {"id": self.id, **self.options}}

    def code(self) -> str:
        """Give the Python that builds the same sweep and runs it."""
        return self.sweep.code(run=self.options)
