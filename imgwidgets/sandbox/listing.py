"""What can be looked up: models, uploads, and results behind URLs."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from imgwidgets.sandbox.inputs import REDIRECT_NAME, RESULTS_PATH
from imgwidgets.sandbox.pieces import json_pieces
from imgwidgets.sandbox.reading import let_in, read, write_down
from imgwidgets.sandbox.refusal import Refusal
from imgwidgets.sandbox.sending import BodyResponse

if TYPE_CHECKING:
    from starlette.requests import Request

    from imgwidgets.catalog import Model
    from imgwidgets.sandbox.settings import Settings

__all__ = ["listing_routes"]

# Where a redirected result leads: an address that no client may fetch.
_PRIVATE_URL = "http://169.254.169.254/picture.png"


def listing_routes(settings: Settings, prefix: str) -> list[Route]:
    """Give the routes for models, files and results below a prefix such as ``/v1``."""
    return _Listings(settings).routes(prefix)


def _json(content: Any) -> BodyResponse:
    return BodyResponse(json_pieces(content))


class _Listings:
    """The handlers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def routes(self, prefix: str) -> list[Route]:
        provider = self._settings.provider
        routes = []
        if provider.models_path:
            at = f"{prefix}{provider.models_path}"
            routes += [
                Route(at, self._models, methods=["GET"]),
                Route(f"{at}/{{name:path}}", self._one_model, methods=["GET"]),
            ]
        if provider.files_path:
            at = f"{prefix}{provider.files_path}"
            routes += [
                Route(at, self._files, methods=["GET", "POST"]),
                Route(f"{at}/{{file_id}}", self._one_file, methods=["GET", "DELETE"]),
            ]
        return [
            *routes,
            Route(f"{RESULTS_PATH}{REDIRECT_NAME}", self._redirect, methods=["GET"]),
            Route(f"{RESULTS_PATH}{{name}}", self._result, methods=["GET"]),
        ]

    # -- models ---------------------------------------------------------------------------------------

    async def _models(self, request: Request) -> Response:
        let_in(request, self._settings)
        models = self._settings.catalog.models(self._settings.provider.name)
        return _json({"object": "list", "data": [_model_row(model) for model in models if model.name != "*"]})

    async def _one_model(self, request: Request) -> Response:
        let_in(request, self._settings)
        name = request.path_params["name"]
        model = self._settings.catalog.model(name, self._settings.provider.name)
        if model is None:
            raise Refusal(
                f"The model '{name[:80]}' does not exist or you do not have access to it.",
                status=404,
                param="model",
                code="model_not_found",
            )
        return _json(_model_row(model))

    # -- files and results ----------------------------------------------------------------------------

    async def _files(self, request: Request) -> Response:
        if request.method == "GET":
            let_in(request, self._settings)
            rows = [_file_row(file_id, stored) for file_id, stored in self._settings.files.items()]
            return _json({"object": "list", "data": rows, "has_more": False})
        _, incoming = await read(request, self._settings)
        parts = [part for part in incoming.files if part.field == "file"]
        for name, there in (("file", len(parts) == 1), ("purpose", bool(incoming.fields.get("purpose")))):
            if not there:
                raise Refusal(
                    f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
                )
        [part] = parts
        # The same file gets the same name, so that a repeated run asks for the same.
        file_id = f"file-{hashlib.sha256(part.data).hexdigest()[:24]}"
        stored = self._settings.files.put(
            file_id,
            part.data,
            name=part.filename,
            media_type=part.content_type,
            purpose=str(incoming.fields["purpose"]),
        )
        return _json(_file_row(file_id, stored))

    async def _one_file(self, request: Request) -> Response:
        let_in(request, self._settings)
        file_id, files = request.path_params["file_id"], self._settings.files
        stored = files.get(file_id)
        if stored is None:
            raise Refusal(f"No such File object: {file_id[:80]}", status=404, param="id")
        if request.method == "DELETE":
            files.delete(file_id)
            return _json({"id": file_id, "object": "file", "deleted": True})
        return _json(_file_row(file_id, stored))

    async def _result(self, request: Request) -> Response:
        write_down(request, self._settings)
        stored = self._settings.results.get(request.path_params["name"])
        if stored is None:
            raise Refusal(
                "This URL has expired, or there never was such a result: ask for the picture again.",
                status=404,
                code="url_expired",
            )
        # An SVG that is opened in a browser must not act in the name of this address.
        guards = {
            "content-security-policy": "sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        }
        return BodyResponse([stored.data], media_type=stored.media_type, headers=guards)

    async def _redirect(self, request: Request) -> Response:
        write_down(request, self._settings)
        return RedirectResponse(_PRIVATE_URL, status_code=302)


def _seconds(day: dt.date | None) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) if day else 0


def _model_row(model: Model) -> dict[str, Any]:
    return {
        "id": model.name,
        "object": "model",
        "created": _seconds(model.released),
        "owned_by": model.maker or model.provider,
        "shutdown_date": model.retires.isoformat() if model.retires else None,
    }


def _file_row(file_id: str, stored: Any) -> dict[str, Any]:
    return {
        "id": file_id,
        "object": "file",
        "bytes": len(stored.data),
        "created_at": int(stored.created),
        "filename": stored.name,
        "purpose": stored.purpose,
        "status": "processed",
    }
