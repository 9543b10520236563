"""A sweep made by hand: axes, plan, budget, start, and the run as it goes."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets as t

from imgwidgets import catalog as _catalog
from imgwidgets.errors import ImgWidgetsError
from imgwidgets.sweep import Sweep
from imgwidgets.sweep.template import Template
from imgwidgets.widgets.sweep.form import code_page, error_line, start_words, style
from imgwidgets.widgets.sweep.page import plan_page
from imgwidgets.widgets.sweep.panel import SweepPanel
from imgwidgets.widgets.sweep.rows import Choices, Lines, Numbers, Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgwidgets.sweep.plan import Plan
    from imgwidgets.sweep.run import Run

__all__ = ["SweepBuilder"]

_ADD = "add an axis …"
_ORDERS = ("as given", "cheapest", "diagonal first")
_FIRST = {"animal": ("fox", "owl"), "style": ("ink drawing", "clay")}
_EXPECTED = (ImgWidgetsError, OSError, ValueError, TypeError)


class SweepBuilder(widgets.VBox):
    """Choose axes, see the plan with its price, press Start, watch the tiles come.

    A field of the prompt, ``{animal}``, gets a row for its values by itself; parameters of the picker's
    model are added by the menu. What is not an axis has the picker's value. Each change makes the plan
    anew; nothing is sent before Start.

    Parameters
    ----------
    picker : ParameterPicker, optional
        Whose model, parameters and choices; default: one of its own, shown on top.
    client : Client, optional
        Who is asked; default: as :meth:`imgwidgets.Sweep.run` chooses.

    Attributes
    ----------
    template : str
        The prompt with its fields; can be set and observed.
    axes : dict
        Axis -> its values; can be set and observed.
    inputs : dict
        Further arguments of the sweep, ``image`` and ``mask`` above all; can be set.
    repeat : int
        How often each point is asked for.
    budget : float
        US dollars; 0 for no limit.
    run : Run or None
        The run that was started last; can be observed.

    Examples
    --------
    >>> import imgwidgets as iw
    >>> from imgwidgets.widgets import SweepBuilder
    >>> builder = SweepBuilder(iw.ParameterPicker("gpt-image-2", provider="sandbox"))
    >>> builder.template = "a {animal} in snow"
    >>> builder.axes = {"animal": ["fox", "owl"], "quality": ["low", "high"]}
    >>> builder.plan.to_send
    4
    >>> print(builder.code())
    import imgwidgets as iw
    <BLANKLINE>
    sweep = iw.Sweep(
        'a {animal} in snow',
        animal=['fox', 'owl'],
        quality=['low', 'high'],
        model='sandbox:gpt-image-2',
    )
    <BLANKLINE>
    """

    template = t.Unicode("a {animal}, {style}", help="The prompt with its fields.")
    axes = t.Dict({}, help="Axis -> its values.")
    inputs = t.Dict({}, help="Further arguments of the sweep, such as image and mask.")
    repeat = t.Int(1, min=1, max=100, help="How often each point is asked for.")
    budget = t.Float(0.0, min=0.0, help="US dollars; 0 for no limit.")
    run = t.Any(None, allow_none=True, help="The run that was started last.")

    def __init__(self, picker: Any = None, client: Any = None) -> None:
        own = picker is None
        if own:
            from imgwidgets.widgets.picker.picker import ParameterPicker  # noqa: PLC0415 (most bring their own)

            picker = ParameterPicker(show_prompt=False)
        self.picker = picker
        """Whose choices are offered."""
        self.client = client
        """Who is asked."""
        self._lock = threading.RLock()
        self._closed = False
        self._quiet = 0  # while many things change at once, one plan is made at the end
        self._rows: dict[str, Row] = {}
        self._sweep: Sweep | None = None
        self._plan: Plan | None = None
        self._panel: SweepPanel | None = None
        self._make_parts()
        super().__init__([*([picker] if own else []), *self._parts()])
        self.add_class("imgwidgets-sweep-builder").add_class("iw-sb")
        given = str(getattr(picker, "prompt", "") or "")
        self.template = given if "{" in given else self.template
        picker.observe(lambda _: self._picked(), ["value", "endpoint", "provider"])
        self._picked()

    # -- parts --------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self._prompt = widgets.Textarea(self.template, description="prompt", continuous_update=False, rows=2)
        self._prompt.observe(lambda change: self.set_trait("template", change["new"]), "value")
        self._fields = widgets.VBox([])
        self._add = widgets.Dropdown(options=[_ADD], description="axis")
        self._add.observe(self._on_add, "value")
        self._repeat = widgets.BoundedIntText(1, min=1, max=100, description="repeat")
        self._repeat.observe(lambda change: self.set_trait("repeat", change["new"]), "value")
        self._budget = widgets.BoundedFloatText(
            0, min=0, max=1e6, step=0.5, description="budget, $ (0: none)", tooltip="0: no limit"
        )
        self._budget.observe(lambda change: self.set_trait("budget", change["new"]), "value")
        self._order = widgets.Dropdown(options=_ORDERS, description="order")
        self._start = widgets.Button(button_style="primary")
        self._start.on_click(lambda _: self.start())
        self._said, self._page, self._code = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._place = widgets.VBox([])

    def _parts(self) -> list[Any]:
        asked = (self._add, self._repeat, self._budget, self._order)
        options = widgets.Box(asked)
        for part in (self._prompt, *asked):
            part.add_class("iw-sb-field")
        for part, name in (
            (self._fields, "rows"),
            (options, "options"),
            (self._start, "start"),
            (self._place, "place"),
        ):
            part.add_class(f"iw-sb-{name}")
        shown = [self._prompt, self._fields, options, self._page, self._code, self._start, self._said]
        return [*shown, self._place, style()]

    # -- axes ---------------------------------------------------------------------------------------------

    def _picked(self) -> None:
        """Offer what the picker's model takes; rows of what it does not take go."""
        with self._lock:
            offered = self._offered()
            fields = self._template_fields()
            for name in [name for name in self._rows if name not in offered and name not in fields]:
                del self._rows[name]
            for name in [name for name in self._rows if name in offered and name not in fields]:
                values = self._rows[name].values
                self._rows[name] = self._row(name, values)
            self._show_rows()
        self._changed()

    def _template_fields(self) -> tuple[str, ...]:
        try:
            return Template.read(self.template).fields
        except ImgWidgetsError:
            return tuple(self._rows)  # half written: what is there stays

    def _offered(self) -> dict[str, Any]:
        """Give what can be an axis: the picker's choices, and the models."""
        names = [
            model.name for model in _catalog.current().models(self.picker.provider, self.picker.endpoint)
        ]
        offered: dict[str, Any] = {"model": tuple(name for name in names if name != "*")}
        offered |= {name: values for name, values in self.picker.choices.items() if name != "model"}
        return {name: values for name, values in offered.items() if values}

    def _row(self, name: str, values: list[Any]) -> Row:
        if name in self._template_fields():
            return Row(name, _filled(Lines(), values), changed=self._edited)
        offered = self._offered()[name]
        known = _catalog.current().model(self.picker.model, self.picker.provider)
        endpoint = known.endpoints.get(self.picker.endpoint) if known is not None else None
        parameter = endpoint.parameters.get(name) if endpoint is not None else None
        editor: Any
        if parameter is not None and parameter.type in ("integer", "number"):
            editor = Numbers(parameter.minimum, parameter.maximum, whole=parameter.type == "integer")
        else:
            free = parameter is not None and parameter.size is not None and parameter.size.free
            editor = Choices(offered, other="others, such as 1280x720" if free else "")
            every = set(offered)
            values = [value for value in values if value in every or free]
        return Row(name, _filled(editor, values), changed=self._edited, remove=self._remove)

    def _show_rows(self) -> None:
        fields = self._template_fields()
        for name in fields:
            if name not in self._rows:
                self._rows[name] = self._row(name, list(_FIRST.get(name, ())))
        order = [*fields, *(name for name in self._rows if name not in fields)]
        self._rows = {name: self._rows[name] for name in order}
        self._fields.children = list(self._rows.values())
        left = [name for name in self._offered() if name not in self._rows]
        self._add.options = [_ADD, *left]

    def _on_add(self, change: Any) -> None:
        name = change["new"]
        if name in (None, _ADD) or name in self._rows:
            return
        with self._lock:
            now = self.picker.value.get(name)
            self._rows[name] = self._row(name, [] if now is None else [now])
            self._show_rows()
        self._edited()

    def _remove(self, name: str) -> None:
        with self._lock:
            self._rows.pop(name, None)
            self._show_rows()
        self._edited()

    def _edited(self) -> None:
        """Take the rows' values over into the trait, which makes the plan."""
        if self._quiet:
            return
        found = {name: row.values for name, row in self._rows.items()}
        if found == self.axes:
            self._changed()
        else:
            self.axes = found

    @t.observe("axes")
    def _on_axes(self, change: Any) -> None:
        with self._lock:
            self._quiet += 1
            try:
                fields = self._template_fields()
                offered = self._offered()
                for name, values in change["new"].items():
                    if name in self._rows:
                        if self._rows[name].values != list(values):
                            self._rows[name].editor.values = list(values)
                    elif name in offered or name in fields:
                        self._rows[name] = self._row(name, list(values))
                for name in [name for name in self._rows if name not in change["new"] and name not in fields]:
                    del self._rows[name]
                self._show_rows()
            finally:
                self._quiet -= 1
        self._changed()

    @t.observe("template")
    def _on_template(self, change: Any) -> None:
        self._prompt.value = change["new"]
        with self._lock:
            fields = self._template_fields()
            offered = self._offered()
            for name in [name for name in self._rows if name not in fields and name not in offered]:
                del self._rows[name]
            self._show_rows()
        self._edited()

    @t.observe("repeat", "budget", "inputs")
    def _on_options(self, _change: Any) -> None:
        self._repeat.value, self._budget.value = self.repeat, self.budget
        self._changed()

    # -- the plan -----------------------------------------------------------------------------------------

    def arguments(self) -> dict[str, Any]:
        """Give what :class:`imgwidgets.Sweep` gets beside the template."""
        axes = {name: row.values for name, row in self._rows.items() if row.values}
        picked = {name: value for name, value in self.picker.value.items() if name not in axes}
        provider = self.picker.provider
        models = axes.get("model") or picked.get("model") or self.picker.model
        named = (
            [f"{provider}:{one}" for one in models] if isinstance(models, list) else f"{provider}:{models}"
        )
        fixed = {name: value for name, value in self.inputs.items() if value is not None}
        if "image" not in fixed and self.picker.endpoint == "edits":
            fixed["endpoint"] = "edits"
        return {**axes, **picked, **fixed, "model": named}

    @property
    def sweep(self) -> Sweep | None:
        """The sweep as it is now; None where something is wrong with it, which the widget then says."""
        return self._sweep

    @property
    def plan(self) -> Plan | None:
        """Its plan; None likewise."""
        return self._plan

    def code(self) -> str:
        """Give the Python that builds the same sweep; empty where there is none yet."""
        return self._sweep.code() if self._sweep is not None else ""

    def _changed(self) -> None:
        if self._quiet:
            return
        with self._lock:
            self._sweep = self._plan = None
            try:
                sweep = Sweep(self.template, repeat=self.repeat, **self.arguments())
                plan = sweep.plan(self.client)
            except _EXPECTED as error:
                self._page.value = ""
                self._code.value = ""
                self._tell(str(error))
            else:
                self._sweep, self._plan = sweep, plan
                self._page.value = plan_page(plan, opened=False)
                self._code.value = code_page(sweep.code())
                self._tell("")
            self._show_start()

    def _show_start(self) -> None:
        plan = self._plan
        self._start.disabled = plan is None or not (plan.to_send or plan.counts["in history"])
        self._start.description = start_words(plan)

    def _tell(self, said: str) -> None:
        self._said.value = error_line(said)

    # -- the run ------------------------------------------------------------------------------------------

    def start(self) -> Run | None:
        """Send what the plan says, as the button does: its price was seen, so nothing more is asked.

        Returns
        -------
        Run or None
            None where it could not begin; the widget says why.
        """
        with self._lock:  # a plan that is just being made anew is waited for
            sweep = self._sweep
        if sweep is None:
            return None
        try:
            run = sweep.run(self.client, budget=self.budget or None, order=self._order.value, confirm=False)
        except Exception as error:  # noqa: BLE001 (whatever it is, the person sees it where they pressed Start)
            self._tell(str(error) or type(error).__name__)
            self._forget()
            return None
        self._tell("")
        old, self._panel = self._panel, SweepPanel(run)
        self._place.children = [self._panel]
        if old is not None:
            old.close()
        self.run = run
        threading.Thread(
            target=self._afterwards, args=(run,), name="imgwidgets-sweep-end", daemon=True
        ).start()
        return run

    def _forget(self) -> None:
        """Take a run that has ended off the page: it is not what was asked for now."""
        panel = self._panel
        if panel is not None and panel.run.state not in ("running", "paused"):
            self._place.children, self._panel = (), None
            panel.close()

    def _afterwards(self, run: Run) -> None:
        """When a run has ended, the plan is another one: the history has its images."""
        with contextlib.suppress(Exception):  # what went wrong is said by the run's own panel
            run.wait()
        if not self._closed:
            self._changed()

    def close(self) -> None:
        """Remove it from the page; a run goes on."""
        self._closed = True
        if getattr(self, "_panel", None) is not None:
            self._panel.close()  # type: ignore[union-attr]  # just looked at
        super().close()

    def __repr__(self) -> str:
        return f"<SweepBuilder {self.template!r:.60}: {self._plan!r}>"


def _filled(editor: Any, values: Mapping[str, Any] | list[Any]) -> Any:
    editor.values = list(values)
    return editor
