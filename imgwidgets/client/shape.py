"""From a request and what its provider wants to the HTTP call, without sending anything.

What differs between providers (paths, bodies, field names, spelling, polarity) is in the catalog's
:class:`~imgwidgets.catalog.ProviderEndpoint`; nothing here knows a provider's or a model's name.

=====================  =====================================  ==============================================
the inputs are         the provider takes                     they are sent as
=====================  =====================================  ==============================================
none (generations)     JSON, or multipart                     its first body
pixels only            its first body for local pixels        files, or data URLs in JSON
URLs, file ids         JSON                                   references, unread
a mix                  JSON                                   references and data URLs
URLs, a mix            multipart only, or a file too large    files; URLs are fetched first (``to_fetch``)
                       for a data URL
=====================  =====================================  ==============================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from imgwidgets.catalog import ProviderEndpoint
from imgwidgets.client.body import Body, DataUrl, Upload, json_body, multipart_body
from imgwidgets.errors import ImageInputError
from imgwidgets.images.header import MEDIA_TYPES
from imgwidgets.images.mask import Mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgwidgets.catalog import ImageInput, ImageRequest, Model, Provider

__all__ = ["Call", "call_for", "form_of", "other_spelling", "shape", "shape_upload", "to_fetch", "url_for"]

MAX_IMAGE_URL = 20_971_520
"""Characters of one image_url in OpenAI's specification: a larger file goes as multipart where it can."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, ready to be sent; the API key is added by the transport.

    Attributes
    ----------
    method, url : str
        As HTTP has them.
    headers : dict
        Without the key.
    body : Body or None
        Can be written again for a retry.
    image_field : str
        The multipart name under which images go; empty where there are none.
    """

    method: str
    url: str
    headers: dict[str, str] = {}
    body: Body | None = None
    image_field: str = ""


def call_for(provider: Provider, model: Model | None, endpoint: str) -> ProviderEndpoint:
    """Give how this provider wants this endpoint of this model called.

    A model that the catalog does not know is called as the provider's others are.
    """
    if model is not None and (known := model.endpoints.get(endpoint)) is not None:
        return known.call
    return provider.endpoints.get(endpoint) or ProviderEndpoint(path=f"/images/{endpoint}")


def form_of(request: ImageRequest, call: ProviderEndpoint) -> str:
    """Say whether a request goes as ``json`` or as ``multipart``; see the module's table."""
    inputs = _inputs(request)
    if not any(image.data is None for image in inputs):
        return call.bodies[0]
    if "json" not in call.bodies:
        return "multipart"
    large = any(
        DataUrl("image/png", image.data).length > MAX_IMAGE_URL for image in inputs if image.data is not None
    )
    return "multipart" if large and "multipart" in call.bodies else "json"


def to_fetch(request: ImageRequest, call: ProviderEndpoint) -> tuple[str, ...]:
    """Give the URLs whose pixels must be fetched before the request can be sent.

    Raises
    ------
    ImageInputError
        Where a file id would have to go where only files can.
    """
    if form_of(request, call) == "json":
        return ()
    inputs = _inputs(request)
    stuck = next((image.file_id for image in inputs if image.file_id is not None), None)
    if stuck is not None:
        why = (
            "together with a file too large for JSON; upload that file too: client.upload(...)"
            if "json" in call.bodies
            else "since it takes files only; give the image itself"
        )
        raise ImageInputError(f"file_id {stuck!r} cannot be sent to {request.provider} {why}")
    return tuple(dict.fromkeys(image.url for image in inputs if image.url is not None))


def _inputs(request: ImageRequest) -> list[ImageInput]:
    return [*request.images, *(image for image in (request.mask, request.markup) if image is not None)]


def shape(  # noqa: PLR0913 (one keyword for each fact)
    request: ImageRequest,
    provider: Provider,
    model: Model | None,
    *,
    base_url: str,
    headers: Mapping[str, str] | None = None,
    image_field: str = "",
) -> Call:
    """Make the HTTP call of a request.

    Parameters
    ----------
    request : ImageRequest
        Checked already; URLs that :func:`to_fetch` names were replaced by their pixels.
    provider : Provider
        Who is asked.
    model : Model or None
        The catalog's view of the model; None where it does not know it.
    base_url : str
        Up to and including ``/v1``.
    headers : mapping, optional
        The user's own; they win over the provider's.
    image_field : str, optional
        The multipart name for images, where the usual one was refused before.

    Returns
    -------
    Call
    """
    call = call_for(provider, model, request.endpoint)
    said: dict[str, Any] = {"model": request.model} if call.send_model else {}
    said["prompt"] = request.prompt
    said |= {name: value for name, value in request.parameters.items() if name not in call.omit}
    form = form_of(request, call)
    field = ""
    if form == "json":
        body = json_body(said | dict(_references(request, call)))
    else:
        field = image_field or (call.images_field if len(request.images) > 1 else call.image_field)
        body = multipart_body([*_fields(said), *_files(request, call, field)])
    accept = "text/event-stream, application/json" if request.parameters.get("stream") else "application/json"
    return Call(
        method="POST",
        url=url_for(base_url, call.path, provider, model=request.model),
        headers=_headers(provider, headers, accept, body),
        body=body,
        image_field=field if request.images else "",
    )


def shape_upload(
    file: ImageInput,
    provider: Provider,
    *,
    purpose: str,
    base_url: str,
    headers: Mapping[str, str] | None = None,
) -> Call:
    """Make the HTTP call that uploads one file."""
    body = multipart_body([("purpose", purpose), ("file", _upload(file, file.name or "image"))])
    return Call(
        method="POST",
        url=url_for(base_url, provider.files_path, provider),
        headers=_headers(provider, headers, "application/json", body),
        body=body,
    )


def other_spelling(field: str) -> str:
    """Give the other name under which servers take images: ``image`` for ``image[]`` and back."""
    return field[:-2] if field.endswith("[]") else f"{field}[]"


def url_for(base_url: str, path: str, provider: Provider, *, model: str = "") -> str:
    """Join a base URL, a path and the provider's query; ``{model}`` in a path becomes the model."""
    parts = urlsplit(base_url)
    query = "&".join(filter(None, [parts.query, urlencode(provider.query)]))
    path = parts.path.rstrip("/") + path.replace("{model}", quote(model, safe=""))
    return parts._replace(path=path, query=query, fragment="").geturl()


def _headers(
    provider: Provider, own: Mapping[str, str] | None, accept: str, body: Body | None
) -> dict[str, str]:
    headers = {
        "Accept": accept,
        # Base64 hardly shrinks, and an answer that is not packed is decoded as it arrives.
        "Accept-Encoding": "identity",
    }
    chosen = {name.lower() for name in (*provider.headers, *(own or {}))}
    headers = {name: value for name, value in headers.items() if name.lower() not in chosen}
    taken = {name.lower() for name in own or {}}
    headers |= {name: value for name, value in provider.headers.items() if name.lower() not in taken}
    headers |= dict(own or {})
    if body is not None:
        headers |= {"Content-Type": body.content_type, "Content-Length": str(body.length)}
    return headers


# -- JSON ----------------------------------------------------------------------------------------------


def _references(request: ImageRequest, call: ProviderEndpoint) -> Iterator[tuple[str, Any]]:
    if request.images:
        yield call.references_field, [_reference(image, call) for image in request.images]
    if request.mask is not None:
        yield call.mask_field, _reference(_painted(request.mask, call), call)
    if request.markup is not None:
        yield call.markup_field, _reference(request.markup, call)


def _reference(image: ImageInput, call: ProviderEndpoint) -> Any:
    if image.file_id is not None:
        if call.reference_style != "object":
            raise ImageInputError(
                f"file_id {image.file_id!r}: this provider takes URLs and pixels, no file ids"
            )
        return {"file_id": image.file_id}
    url = image.url if image.data is None else DataUrl(_media_type(image), image.data)
    if call.reference_style == "part":
        return {"type": "image_url", "image_url": {"url": url}}
    return {"image_url": url} if call.reference_style == "object" else url


# -- multipart -----------------------------------------------------------------------------------------


def _fields(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        yield from _field(name, value)


def _field(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Spell one parameter as form fields: ``svg[model]`` for a key of an object, ``name[]`` for a list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _field(f"{name}[{key}]", item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _field(f"{name}[]", item)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)


def _files(request: ImageRequest, call: ProviderEndpoint, field: str) -> Iterator[tuple[str, Upload]]:
    for number, image in enumerate(request.images, 1):
        yield field, _upload(image, f"image-{number}")
    if request.mask is not None:
        yield call.mask_field, _upload(_painted(request.mask, call), "mask")
    if request.markup is not None:
        yield call.markup_field, _upload(request.markup, "markup")


def _upload(image: ImageInput, name: str) -> Upload:
    if image.data is None:
        raise ImageInputError(f"{name}: {image!r} holds no pixels, and only pixels can be sent as a file")
    suffix = {"jpeg": "jpg"}.get(image.format, image.format) or "bin"
    return Upload(image.name or f"{name}.{suffix}", _media_type(image), image.data)


def _media_type(image: ImageInput) -> str:
    return MEDIA_TYPES.get(image.format, "application/octet-stream")


def _painted(mask: ImageInput, call: ProviderEndpoint) -> ImageInput:
    """Turn a mask into the provider's polarity; requests hold alpha 0 = edit, the API's own."""
    if mask.data is None or call.mask_polarity == "transparent":
        return mask
    data = Mask.from_image(mask.data).to_png(polarity=call.mask_polarity)
    return msgspec.structs.replace(mask, data=data, has_alpha=False)
