"""From the arguments of a sweep to its axes."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets import catalog as _catalog
from imgwidgets.catalog import ENDPOINTS, Model
from imgwidgets.sweep.axes import Axis, Role, Sample, ZippedAxes, ZippedValues, as_values, fault, label_of
from imgwidgets.sweep.inputs import INPUTS, is_reference, labels_for, take
from imgwidgets.sweep.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Said", "known_parameters", "read"]

_RESERVED = ("repeat", "other_parameters", "prompt_template")
_OWN: tuple[Role, ...] = ("model", "endpoint", "image", "mask", "markup")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the arguments of a sweep say.

    Attributes
    ----------
    templates : tuple of Template
        One, or one for each value of the axis ``prompt``.
    dimensions : tuple of tuples of Axis
        In the order of the product, the last changing fastest; the axes of one change together.
    fixed : tuple of Axis
        Plain values.
    sampling : Sample or None
        Which points of the product; None for all.
    """

    templates: tuple[Template, ...]
    dimensions: tuple[tuple[Axis, ...], ...]
    fixed: tuple[Axis, ...]
    sampling: Sample | None = None


def known_parameters() -> dict[str, str]:
    """Give every parameter that some model of the catalog has, with its type."""
    return {
        name: parameter.type
        for model in _catalog.current().models()
        for endpoint in model.endpoints.values()
        for name, parameter in endpoint.parameters.items()
    }


def read(
    prompt_template: Any, groups: Sequence[Any], axes: Mapping[str, Any], other_parameters: Mapping[str, Any]
) -> Said:
    """Sort out what varies, what is fixed, and what each is for.

    Raises
    ------
    ParameterError
        For what cannot be understood; the message says what was likely meant.
    ImageInputError
        For an input that cannot be read.
    TypeError
        For a positional argument that is neither ``zip_axes`` nor ``sample``.
    """
    prompt = _prompt(prompt_template)
    templates = tuple(prompt.values)
    reader = _Reader(templates, other_parameters, has_prompt_axis=not prompt.is_fixed)
    dimensions: list[tuple[Axis, ...]] = [] if prompt.is_fixed else [(prompt,)]
    fixed = [prompt] if prompt.is_fixed else []
    sampling: Sample | None = None
    for group in groups:
        if isinstance(group, Sample):
            if sampling is not None:
                raise TypeError("a sweep takes one sample(...), and two were given")
            sampling = group
        elif isinstance(group, ZippedAxes):
            dimensions.append(tuple(reader.zipped(group)))
        else:
            raise TypeError(
                f"a sweep takes axes by name, and zip_axes(...) and sample(...) beside the prompt, not "
                f"{type(group).__name__}"
            )
    done: list[ZippedAxes] = []
    for name, given in [*axes.items(), *other_parameters.items()]:
        if isinstance(given, ZippedValues):
            if any(given.group is group for group in done):
                continue
            if any(axes.get(other) is not given.group[other] for other in given.group):
                raise fault(name, list(given), f"{name} belongs to a zip_axes that was given in part only")
            done.append(given.group)
            dimensions.append(tuple(reader.zipped(given.group)))
            continue
        axis = reader.axis(name, given)
        if axis.is_fixed:
            fixed.append(axis)
        else:
            dimensions.append((axis,))
    reader.check()
    return Said(templates=templates, dimensions=tuple(dimensions), fixed=tuple(fixed), sampling=sampling)


def _prompt(given: Any) -> Axis:
    named = isinstance(given, Mapping)
    values = list(given.values()) if isinstance(given, Mapping) else as_values("prompt", given)
    templates = tuple(Template.read(text) for text in ([given] if values is None else values))
    if not templates:
        raise fault("prompt", given, "no prompt was given; give a text, or a list of them")
    shown = tuple(map(str, given)) if isinstance(given, Mapping) else tuple(t.text for t in templates)
    return Axis(
        name="prompt",
        role="prompt",
        values=templates,
        shown=shown,
        labels=tuple(map(label_of, shown)),
        is_fixed=values is None,
        is_named=named,
    )


class _Reader:
    """Turns named arguments into axes, and knows what is still missing."""

    def __init__(
        self, templates: Sequence[Template], others: Mapping[str, Any], *, has_prompt_axis: bool
    ) -> None:
        self._fields = tuple(dict.fromkeys(field for one in templates for field in one.fields))
        self._types = known_parameters()
        self._others = others
        self._seen: list[str] = ["prompt"] if has_prompt_axis else []

    def zipped(self, group: ZippedAxes) -> Iterator[Axis]:
        for name, values in group.items():
            names = group.named.get(name)
            yield self.axis(name, dict(zip(names, values, strict=True)) if names else list(values))

    def axis(self, name: str, given: Any) -> Axis:
        role = self._role(name, given)
        if name in self._seen:
            raise fault(name, given, f"{name} was given twice; leave one out")
        self._seen.append(name)
        values, names = self._values(name, role, given)
        if values is None:
            return self._made(name, role, [given], None, is_fixed=True)
        return self._made(name, role, values, names, is_fixed=False)

    def check(self) -> None:
        """Say which fields have no values.

        Raises
        ------
        ParameterError
            Where there are some.
        """
        for field in self._fields:
            if field in _RESERVED and field not in self._seen:
                raise fault(
                    field,
                    None,
                    f"{field} is an option of Sweep itself: give the field {{{field}}} another name",
                )
            if field not in self._seen:
                raise fault(
                    field,
                    None,
                    f"the prompt template's field {{{field}}} has no values: add {field}=[...], or write "
                    f"{{{{{field}}}}} where braces are meant",
                )

    def _role(self, name: str, given: Any) -> Role:
        if name in self._fields:
            return "field"
        if name in _OWN:
            return name
        if name == "prompt":
            raise fault(
                name, given, "the prompt is the first argument of Sweep: Sweep([...]) makes it an axis too"
            )
        if name in self._others:
            return "parameter"
        if name in self._types:
            if name == "provider" and isinstance(given, str | list):
                raise fault(
                    name, given, "name the provider with the model: model=['openai:...', 'kkiai:...']"
                )
            return "parameter"
        missing = [field for field in self._fields if field not in self._seen]
        near = difflib.get_close_matches(name, [*missing, *self._fields], n=1, cutoff=0.6)
        near = near or difflib.get_close_matches(name, [*self._types, *_OWN], n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}? " if near else ""
        fields = ", ".join(f"{{{field}}}" for field in self._fields) or "none"
        raise fault(
            name,
            given,
            f"{name} is neither a field of the prompt template ({fields}) nor a parameter of a known model: "
            f"{hint}A parameter that the catalog does not know goes into other_parameters={{{name!r}: ...}}",
            near[0] if near else None,
        )

    def _values(self, name: str, role: Role, given: Any) -> tuple[list[Any] | None, tuple[str, ...] | None]:
        """Give an axis' values and their names; (None, None) for a plain value."""
        is_input = role in INPUTS
        if isinstance(given, Mapping):
            plain = is_reference(given) if is_input else role == "parameter" and self._is_object(name)
            if plain:
                return None, None
            if not given:
                raise fault(name, given, f"the axis {name} has no values; leave it out")
            return list(given.values()), tuple(map(str, given))
        return as_values(name, given, is_input=is_input), None

    def _is_object(self, name: str) -> bool:
        return self._types.get(name, "object") == "object"

    def _made(
        self, name: str, role: Role, given: list[Any], names: tuple[str, ...] | None, *, is_fixed: bool
    ) -> Axis:
        if role in INPUTS:
            names = names or tuple(labels_for(role, given))
            labels = ("",) if is_fixed else names
            values = [take(role, one, label) for one, label in zip(given, labels, strict=True)]
            shown: tuple[Any, ...] = names
        else:
            values = [self._plain(name, role, one) for one in given]
            # Values of a prompt's fields are shown as they were given, numpy's numbers as plain ones.
            shown = names or tuple(values)
        return Axis(
            name=name,
            role=role,
            values=tuple(values),
            shown=shown,
            labels=names or tuple(map(label_of, shown)),
            is_fixed=is_fixed,
            is_named=names is not None and role not in INPUTS,
        )

    def _plain(self, name: str, role: Role, value: Any) -> Any:
        if role == "model" and isinstance(value, Model):
            value = f"{value.provider}:{value.name}"
        value = _catalog.plain_value(value)
        if role == "model" and not isinstance(value, str | None):
            raise fault(name, value, f"model={value!r:.80} is no name; iw.models() lists what there is")
        if role == "endpoint" and value not in (*ENDPOINTS, None):
            near = difflib.get_close_matches(str(value), ENDPOINTS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise fault(name, value, f"endpoint={value!r:.80} is neither generations nor edits{hint}")
        if inspect.isroutine(value):
            raise fault(name, value, f"{name} is a function; call it, or give its values as a list")
        try:
            msgspec.json.encode(value)
        except (TypeError, UnicodeEncodeError) as error:
            if role == "parameter":
                raise fault(name, value, f"{name}={value!r:.80} cannot be sent: {error}") from None
        return value
