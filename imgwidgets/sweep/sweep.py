"""A sweep: a prompt template, what varies, what is fixed."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from imgwidgets.history import shared
from imgwidgets.sweep.axes import fault
from imgwidgets.sweep.building import Builder, points
from imgwidgets.sweep.code import write_code
from imgwidgets.sweep.inputs import MaskShop
from imgwidgets.sweep.manifest import files_of, read_manifest, write_manifest
from imgwidgets.sweep.plan import Plan
from imgwidgets.sweep.reading import Said, read
from imgwidgets.sweep.stored import history_of, provider_of, with_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor

    from imgwidgets.history import History
    from imgwidgets.sweep.axes import Axis
    from imgwidgets.sweep.cell import Cell
    from imgwidgets.sweep.run import Run

__all__ = ["MAX_CELLS", "Sweep"]

MAX_CELLS = 100_000
"""More are no plan that anyone can look at, or pay for."""


class Sweep:
    """A prompt with fields, over lists of values for them and for the parameters.

    A list is an axis, a plain value is fixed. The cells are the product of the axes in the order given, the
    last one changing fastest. Nothing is sent before :meth:`run`.

    Parameters
    ----------
    prompt_template : str, or a list of them
        ``"a {animal}, {style}"``; ``{{`` is a brace. A list is the axis ``prompt``.
    *groups : zip_axes(...), sample(...)
        Axes that change together; a random subset of the product.
    repeat : int, default 1
        How often each point is asked for: these models have no seed.
    other_parameters : mapping, optional
        Values and axes of parameters that the catalog does not know; they are passed on unchecked.
    **axes
        Fields of the template; parameters by the API's names; ``model`` (``"openai:gpt-image-2"`` names the
        provider too); ``image``, ``mask`` and ``markup`` (giving an image makes it an edit); ``endpoint``.
        Lists, ranges and one-dimensional arrays are axes; a dict is one whose values have names,
        ``image={"cat": "a.png", "dog": "b.png"}``. A tuple is a plain value: a size, ``(1024, 1536)``, or
        several images of one cell. None leaves a parameter out. A name that is a field of the template is
        not sent as a parameter. A mask belongs to the first image of a cell and is rescaled to its size.

    Raises
    ------
    ParameterError
        For a field without values, or a name that is neither a field nor a parameter.
    ImageInputError
        For an image or a mask that cannot be read.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> sweep = iw.Sweep("a {animal}, {style}", animal=["fox", "owl"], style=["ink", "clay"],
    ...                  quality=["low", "high"], model="gpt-image-2", size="1024x1024", repeat=2)
    >>> len(sweep)
    16
    >>> plan = sweep.plan(history=False)
    >>> plan
    <Plan: 16 cells, 16 to send, 16 images, $1.73>
    >>> plan[1].values, plan[1].repeat
    ({'animal': 'fox', 'style': 'ink', 'quality': 'low'}, 1)
    """

    def __init__(
        self,
        prompt_template: Any,
        *groups: Any,
        repeat: int = 1,
        other_parameters: Mapping[str, Any] | None = None,
        **axes: Any,
    ) -> None:
        if isinstance(repeat, bool) or not isinstance(repeat, int) or repeat < 1:
            raise fault("repeat", repeat, f"repeat is {repeat!r}; it needs a whole number above 0", 1)
        others = dict(other_parameters or {})
        twice = [name for name in others if name in axes]
        if twice:
            raise fault(twice[0], axes[twice[0]], f"{twice[0]} was given twice; leave one out")
        said = prompt_template if isinstance(prompt_template, Said) else None  # from a manifest
        self._said = said or read(prompt_template, groups, axes, others)
        self._shop = MaskShop()
        self.repeat = repeat
        """How often each point is asked for."""

    # -- what it is made of -----------------------------------------------------------------------------

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What varies, in the product's order; those of one :func:`zip_axes` stand side by side."""
        return tuple(axis for dimension in self._said.dimensions for axis in dimension)

    @property
    def dimensions(self) -> tuple[tuple[Axis, ...], ...]:
        """The axes as the product has them; those of one :func:`zip_axes` are one dimension."""
        return self._said.dimensions

    def points(self) -> list[tuple[int, ...]]:
        """Give the chosen points in order: for each dimension, which value; each is asked `repeat` times."""
        self._check_count()
        return list(points(self._said))

    @property
    def fixed(self) -> tuple[Axis, ...]:
        """Plain values, and the prompt where it is one."""
        return self._said.fixed

    @property
    def prompt(self) -> str | tuple[str, ...]:
        """The template; several where the prompt is an axis."""
        texts = tuple(template.text for template in self._said.templates)
        return texts if any(axis.role == "prompt" for axis in self.axes) else texts[0]

    @property
    def count(self) -> int:
        """How many cells; unlike ``len`` for any number."""
        total = math.prod(len(axes[0]) for axes in self._said.dimensions)
        chosen = min(self._said.sampling.n, total) if self._said.sampling is not None else total
        return chosen * self.repeat

    def __len__(self) -> int:
        return self.count

    def cells(self, *, provider: str | None = None) -> Iterator[Cell]:
        """Give the cells one by one, without a look at the history or at each other.

        Parameters
        ----------
        provider : str, optional
            Who is asked where a model does not say.
        """
        return Builder(self._said, self.repeat, self._shop, provider).cells()

    # -- planning and running -----------------------------------------------------------------------------

    def plan(self, client: Any = None, *, history: History | bool | None = None, fresh: bool = False) -> Plan:
        """Give every cell: valid or why not, its price, what the history has; nothing is sent.

        Parameters
        ----------
        client : Client, provider's name, or several of these, optional
            Whose provider is asked where a model does not say; default: as :class:`imgwidgets.Client`
            chooses. No key is needed.
        history : History or bool, optional
            Where to look for answers. Default: the client's, else the one in its usual place, if there is
            one; planning makes none. False looks nowhere.
        fresh : bool, default False
            Whether all is asked anew, whatever the history has.

        Raises
        ------
        ParameterError
            For more than 100,000 cells.
        """
        self._check_count()
        cells = list(self.cells(provider=provider_of(client)))
        first: dict[str, int] = {}
        for position, cell in enumerate(cells):
            if cell.key and (earlier := first.setdefault(cell.key, cell.index)) != cell.index:
                cells[position] = msgspec.structs.replace(cell, same_as=earlier)
        with history_of(history, client, fresh=fresh) as found:
            if found is not None:
                cells = with_stored(cells, found, client)
        return Plan(cells, sweep=self)

    def run(  # noqa: PLR0913 (the public options)
        self,
        client: Any = None,
        *,
        budget: float | None = None,
        order: str = "as given",
        executor: Executor | None = None,
        confirm: bool | float = True,
        history: History | bool | None = None,
        fresh: bool = False,
        at_once: int = 64,
        progress: bool | None = None,
        name: str = "",
    ) -> Run:
        """Send what the plan says; returns at once. See :class:`imgwidgets.sweep.Run`.

        After three cells in a row whose key or credit was refused (401, an exhausted quota) nothing more is
        sent to that provider; what is in flight then is answered. One alone may be the provider's mistake.

        Parameters
        ----------
        client : Client, or several, optional
            Who is asked; default: the sandbox.
        budget : float, optional
            US dollars; a cell that would exceed it is not sent.
        order : str, default "as given"
            ``"cheapest"``, ``"as given"`` or ``"diagonal first"``.
        executor : concurrent.futures.Executor, optional
            Where cells are sent from; default: threads of this process.
        confirm : bool or float, default True
            Whether a run that may cost more than $1 at real providers, or has cells without a known price,
            asks first; a number is another limit in US dollars.
        history, fresh
            As for :meth:`plan`.
        at_once : int, default 64
            Requests in flight at each provider, at most.
        progress : bool, optional
            Whether lines go to stderr; default: outside a notebook.
        name : str
            For people, in the history.

        Raises
        ------
        BudgetExceeded
            Outside a notebook, where the run needs a confirmation.
        AuthenticationError
            Where a provider needs a key and none is found.
        CatalogError
            Where a model's provider is not known and looks mistyped (``"opnai:gpt-image-2"``).
        HistoryError
            Where what comes could not be written down: a full disk, a read-only folder.
        ValueError, TypeError
            For an option that makes no sense.
        """
        run: Run = importlib.import_module("imgwidgets.sweep.run").start(
            self,
            client,
            budget=budget,
            order=order,
            executor=executor,
            confirm=confirm,
            history=history,
            fresh=fresh,
            at_once=at_once,
            progress=progress,
            name=name,
        )
        return run

    @classmethod
    def resume(  # noqa: PLR0913 (the public options)
        cls,
        run_id: str,
        *,
        client: Any = None,
        resend: Iterable[int] | bool = (),
        budget: float | None = None,
        executor: Executor | None = None,
        confirm: bool | float = True,
        history: History | bool | None = None,
        at_once: int | None = None,
        progress: bool | None = None,
    ) -> Run:
        """Go on with a run whose program ended: only what is missing is sent.

        Parameters
        ----------
        run_id : str
            ``run.id``.
        client, executor, confirm, history, at_once, progress
            As for :meth:`run`; what is left out is as it was, keys come from the environment.
        resend : iterable of int, or True for all, default none
            Cells that may have been billed and are to be asked again all the same; else they are listed as
            ``maybe_billed``, and ``run.retry(resend=...)`` can ask later.
        budget : float, optional
            A new limit in US dollars for the whole run, with what it has spent already.

        Raises
        ------
        HistoryError
            For an unknown run; where another process works on it.
        BudgetExceeded
            Outside a notebook, where what is left needs a confirmation.
        """
        run: Run = importlib.import_module("imgwidgets.sweep.run").resume(
            run_id,
            client=client,
            resend=resend,
            budget=budget,
            executor=executor,
            confirm=confirm,
            history=history,
            at_once=at_once,
            progress=progress,
        )
        return run

    def _check_count(self) -> None:
        if self.count > MAX_CELLS:
            raise fault(
                "sweep",
                self.count,
                f"this sweep has {self.count:,} cells, more than the {MAX_CELLS:,} that are planned at once: "
                "choose some at random, iw.Sweep(..., iw.sample(1000, seed=1), ...), or shorten its axes",
            )

    # -- written down -------------------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """Give the sweep as JSON-like values; :meth:`from_manifest` rebuilds it.

        Images are named by their sha-256; :meth:`files` has their bytes. Secrets in addresses are left out.
        """
        return write_manifest(self._said, self.repeat)

    def files(self) -> dict[str, bytes]:
        """Give the files that the manifest names: sha-256 -> bytes."""
        return files_of(self._said)

    @classmethod
    def from_manifest(
        cls, manifest: Mapping[str, Any] | str | bytes | Path, *, history: History | None = None
    ) -> Self:
        """Rebuild a sweep.

        Parameters
        ----------
        manifest : dict, JSON text or path
            From :meth:`manifest` or ``run.manifest()``.
        history : History, optional
            Where the files of its inputs are; default: the one in its usual place.

        Raises
        ------
        ValueError
            For something that is no manifest of a sweep.
        ImageInputError
            Where the file of an input is missing.

        Examples
        --------
        >>> import imgwidgets as iw
        >>> sweep = iw.Sweep("a {animal}", animal=["fox", "owl"])
        >>> iw.Sweep.from_manifest(sweep.manifest()).manifest() == sweep.manifest()
        True
        """
        if isinstance(manifest, Path):
            manifest = manifest.read_bytes()
        if isinstance(manifest, str | bytes):
            try:
                manifest = msgspec.json.decode(manifest)
            except msgspec.DecodeError as error:
                raise ValueError(f"this manifest is no JSON: {error}") from None
        if not isinstance(manifest, Mapping):
            raise ValueError(f"a manifest is a dict or its JSON, not {type(manifest).__name__}")  # noqa: TRY004 (as for other contents)

        def read_file(digest: str) -> bytes:
            return (history if history is not None else shared()).read_file(digest)

        said, repeat = read_manifest(manifest, read_file)
        return cls(said, repeat=repeat)

    def code(self, *, run: Mapping[str, Any] | None = None) -> str:
        """Give the Python that builds the same sweep; with `run`, also the call of :meth:`run`.

        Parameters
        ----------
        run : mapping, optional
            The options of that call.

        Examples
        --------
        >>> import imgwidgets as iw
        >>> print(iw.Sweep("a {animal}", animal=["fox", "owl"], quality="low", repeat=2).code())
        import imgwidgets as iw
        <BLANKLINE>
        sweep = iw.Sweep('a {animal}', animal=['fox', 'owl'], quality='low', repeat=2)
        <BLANKLINE>
        """
        return write_code(self._said, self.repeat, run)

    def __repr__(self) -> str:
        axes = " x ".join(f"{axis.name} ({len(axis)})" for axis in self.axes) or "no axes"
        again = f", each {self.repeat} times" if self.repeat > 1 else ""
        chosen = f", {self._said.sampling.n:,} at random" if self._said.sampling is not None else ""
        return f"<Sweep {axes}{chosen}{again}: {self.count:,} cell{'' if self.count == 1 else 's'}>"
