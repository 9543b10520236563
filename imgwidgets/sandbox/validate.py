"""From a body to a request that the model takes, or to the answer that says why not.

The rules are the catalog's: the same :func:`imgwidgets.catalog.examine` that the client asks before it
sends. This module only puts its findings into OpenAI's words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from imgwidgets.catalog import Endpoint, ImageRequest, Model, Parameter, Problem, defaults, examine
from imgwidgets.sandbox.inputs import Given, from_form, from_references
from imgwidgets.sandbox.refusal import Refusal

if TYPE_CHECKING:
    from imgwidgets.catalog import Catalog, Provider
    from imgwidgets.catalog.values import EndpointName
    from imgwidgets.sandbox.incoming import Incoming
    from imgwidgets.sandbox.inputs import Shelf

__all__ = ["Job", "check_key", "validated"]

_INTEGER = re.compile(r"\s*[+-]?\d{1,18}\s*")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_SHOWN = 80


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A valid request with all that is needed to answer it.

    Attributes
    ----------
    request : ImageRequest
        As it was asked.
    model : Model
        The provider's view.
    counted : Model
        Whose tokens are counted: the maker's view, where the provider publishes no prices of its own.
    endpoint : Endpoint
        Of the model.
    effective : dict
        The parameters that were given, and defaults for the rest.
    """

    request: ImageRequest
    model: Model
    counted: Model
    endpoint: Endpoint
    effective: dict[str, Any]


def check_key(provider: Provider, headers: dict[str, str]) -> None:
    """Refuse a request that brings no key.

    Raises
    ------
    Refusal
        401. Any key that is not empty is a good one.
    """
    said = headers.get(provider.key_header.lower(), "").strip()
    scheme, _, key = said.partition(" ") if provider.key_scheme else ("", "", said)
    if scheme.lower() == provider.key_scheme.lower() and key.strip():
        return
    # The sandbox stands for providers that want a key, so its own view wants one as well.
    if not provider.key_required and not provider.embedded:
        return
    how = f"{provider.key_header}: {provider.key_scheme} YOUR_KEY".replace(":  ", ": ")
    raise Refusal(
        f"You didn't provide an API key. You need to provide your API key in an {provider.key_header} header "
        f"(i.e. {how}). Any key that is not empty is accepted here.",
        status=401,
    )


def validated(  # noqa: PLR0913 (the body and all that it is judged by)
    incoming: Incoming,
    name: EndpointName,
    provider: Provider,
    catalog: Catalog,
    shelf: Shelf,
    *,
    model: str = "",
) -> Job:
    """Turn a body into a :class:`Job`.

    Parameters
    ----------
    incoming : Incoming
        The body as it was read.
    name : str
        ``generations`` or ``edits``.
    provider : Provider
        Whose view of the models counts.
    catalog : Catalog
        The rules.
    shelf : Shelf
        What references may point to.
    model : str, optional
        Where the URL names it.

    Raises
    ------
    Refusal
        Whatever is wrong first.
    """
    fields = {key: value for key, value in incoming.fields.items() if value is not None}
    view = _model(fields, name, provider, catalog, model)
    endpoint = view.endpoints[name]
    if incoming.kind not in endpoint.call.bodies:
        wanted = " or ".join(_MEDIA_TYPES[body] for body in endpoint.call.bodies)
        raise Refusal(
            f"Unsupported content type: '{_MEDIA_TYPES[incoming.kind]}'. This API method only accepts "
            f"{wanted} requests for {view.name}.",
            code="unsupported_content_type",
        )
    if incoming.kind == "multipart":
        given = from_form(incoming, endpoint) if name == "edits" else Given()
        fields = {key: _typed(value, endpoint.parameters.get(key)) for key, value in fields.items()}
        _no_files(incoming, name)
    else:
        given = from_references(fields, endpoint, shelf) if name == "edits" else Given()
    prompt = fields.pop("prompt", "")
    if not isinstance(prompt, str):
        # Checked here as well as by the catalog, whose rules a provider may have none of.
        raise Refusal("Invalid type for 'prompt': expected a string.", param="prompt", code="invalid_type")
    request = ImageRequest(
        prompt=prompt,
        model=view.name,
        provider=provider.name,
        endpoint=name,
        parameters=fields,
        images=given.images,
        mask=given.mask,
        markup=given.markup,
    )
    report = examine(request, catalog=catalog)
    if report.problems:
        raise refusal_of(report.problems[0], endpoint, incoming.kind)
    if report.unknown_parameters and not endpoint.borrowed:
        stranger = report.unknown_parameters[0]
        raise Refusal(f"Unknown parameter: '{stranger[:_SHOWN]}'.", param=stranger, code="unknown_parameter")
    return Job(
        request=request,
        model=view,
        counted=_counted(view, catalog),
        endpoint=endpoint,
        effective={**defaults(endpoint), **fields},
    )


def _counted(view: Model, catalog: Catalog) -> Model:
    known = view.price is None and view.maker in catalog.providers
    return (catalog.model(view.name, view.maker) if known else None) or view


_MEDIA_TYPES = {"json": "application/json", "multipart": "multipart/form-data"}


def _no_files(incoming: Incoming, name: str) -> None:
    if name != "edits" and incoming.files:
        field = incoming.files[0].field
        raise Refusal(f"Unknown parameter: '{field}'.", param=field, code="unknown_parameter")


def _model(
    fields: dict[str, Any], name: EndpointName, provider: Provider, catalog: Catalog, from_url: str
) -> Model:
    asked = fields.pop("model", None) or from_url or provider.default_model
    if not asked:
        raise Refusal(
            "Missing required parameter: 'model'.", param="model", code="missing_required_parameter"
        )
    if not isinstance(asked, str):
        raise Refusal("Invalid type for 'model': expected a string.", param="model", code="invalid_type")
    model = catalog.model(asked, provider.name)
    if model is None:
        near = catalog.nearest(asked, provider.name, name)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise Refusal(
            f"The model '{asked[:_SHOWN]}' does not exist or you do not have access to it.{hint}",
            status=404,
            param="model",
            code="model_not_found",
        )
    call = provider.endpoints.get(name)
    if name not in model.endpoints or (call is not None and call.refused):
        able = ", ".join(f"'{other.name}'" for other in catalog.models(provider.name, name))
        why = (call.refused if call else "") or f"Value must be one of {able}"
        raise Refusal(f"Invalid value: '{model.name}'. {why}.", param="model", code="invalid_value")
    return model


def _typed(value: Any, parameter: Parameter | None) -> Any:
    """Read a form's text as the parameter's type; what does not fit stays text, for the check to name."""
    if not isinstance(value, str) or parameter is None:
        return value
    if parameter.type == "boolean":
        return _TRUTH.get(value.strip().lower(), value)
    if parameter.type in ("integer", "number") and _INTEGER.fullmatch(value):
        return int(value)
    if parameter.type == "number":
        try:
            return float(value)
        except ValueError:
            return value
    return value


_SAID = {
    "unknown_parameter": "Unknown parameter: '{0.parameter}'. {0.message}.",
    "missing_required_parameter": "Missing required parameter: '{0.parameter}'. {0.message}.",
    "invalid_value": "Invalid value for '{0.parameter}': {0.message}.",
    "invalid_type": "Invalid type for '{0.parameter}': {0.message}.",
    "invalid_image": "Invalid {0.parameter}: {0.message}.",
}
_CODES = {"invalid_image": "invalid_image_file"}
_STATUSES = {"model_not_found": 404}


def refusal_of(problem: Problem, endpoint: Endpoint, kind: str) -> Refusal:
    """Put a finding of the catalog into OpenAI's words, with the fields of this kind of body."""
    call = endpoint.call
    fields = (
        {"image": call.references_field}
        if kind == "json"
        else {"image": call.image_field, "mask": call.mask_field, "markup": call.markup_field}
    )
    field = fields.get(problem.parameter, problem.parameter)
    return Refusal(
        _SAID.get(problem.code, "{0.message}.").format(msgspec.structs.replace(problem, parameter=field)),
        status=_STATUSES.get(problem.code, 400),
        param=field,
        code=_CODES.get(problem.code, problem.code),
    )
