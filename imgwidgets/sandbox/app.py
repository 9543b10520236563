"""The routes: what is asked at which address, and the way of a request for images from door to reply.

::

    POST /v1/images/generations, /v1/images/edits     key -> pace -> fault? -> validate -> draw -> reply
    GET  /v1/models, /v1/models/NAME                  the provider's models, with shutdown_date
    POST /v1/files, GET and DELETE /v1/files/ID       uploads, for file_id references
    GET  /v1/results/NAME                             finished pictures behind URLs that expire

Paths below ``/v1`` are the provider's own, from the catalog.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from imgwidgets.catalog import ENDPOINTS, ProviderEndpoint
from imgwidgets.errors import CatalogError
from imgwidgets.sandbox.door import Door
from imgwidgets.sandbox.draw import Painter
from imgwidgets.sandbox.encode import MEDIA_TYPES
from imgwidgets.sandbox.faults import Fault, named
from imgwidgets.sandbox.inputs import RESULTS_PATH, Shelf
from imgwidgets.sandbox.listing import listing_routes
from imgwidgets.sandbox.pieces import join, json_pieces
from imgwidgets.sandbox.plan import Plan, planned
from imgwidgets.sandbox.reading import read
from imgwidgets.sandbox.refusal import Refusal, error_body
from imgwidgets.sandbox.replies import REPLIES, answer_of
from imgwidgets.sandbox.sending import BodyResponse, EventResponse, while_there
from imgwidgets.sandbox.stream import events
from imgwidgets.sandbox.validate import Job, validated

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from imgwidgets.catalog.values import EndpointName
    from imgwidgets.sandbox.incoming import Incoming
    from imgwidgets.sandbox.log import Arrival
    from imgwidgets.sandbox.settings import Settings

__all__ = ["make_app"]

_PREFIX = "/v1"
_TAKE_DIGITS = 4  # of the header that numbers a picture


def make_app(settings: Settings) -> ASGIApp:
    """Give the ASGI application of one sandbox.

    Parameters
    ----------
    settings : Settings
        Whose view it takes on, and all that its requests share.
    """
    return Door(_Application(settings).starlette)


def _json(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> BodyResponse:
    return BodyResponse(json_pieces(content), status_code=status, headers=headers)


class _Application:
    """The handlers of one sandbox."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        routes = [
            Route(f"{_PREFIX}{path}", functools.partial(self._images, names), methods=["POST"])
            for path, names in self._paths().items()
        ]
        self.starlette = Starlette(
            routes=[*routes, *listing_routes(settings, _PREFIX)],
            exception_handlers={
                Refusal: _refused,
                HTTPException: _not_routed,
                CatalogError: _misruled,
                Exception: _broken,
            },
        )
        self.starlette.router.redirect_slashes = False

    def _paths(self) -> dict[str, list[EndpointName]]:
        """Give the endpoints behind each path; some providers have one path for both."""
        paths: dict[str, list[EndpointName]] = {}
        for name in ENDPOINTS:
            call = self._settings.provider.endpoints.get(name, ProviderEndpoint(path=f"/images/{name}"))
            if not call.refused or call.path:
                paths.setdefault(call.path or f"/images/{name}", []).append(name)
        return paths

    # -- images ---------------------------------------------------------------------------------------

    async def _images(self, names: list[EndpointName], request: Request) -> Response:
        settings = self._settings
        arrival, incoming = await read(request, settings)
        self._check_query(request)
        verdict = settings.pace.ask()
        request.state.headers.update(verdict.headers)
        fault = self._fault(request, arrival)
        if not verdict.allowed:
            raise Refusal(
                f"Rate limit reached for requests per min. Please try again in {verdict.wait:.3g}s.",
                status=429,
                type="requests",
                code="rate_limit_exceeded",
            )
        if fault is not None and fault.status:
            return _at_once(fault)
        name = names[0] if len(names) == 1 else _which(names, incoming, settings)
        check = functools.partial(
            self._check,
            incoming,
            name,
            hosts=_hosts(request),
            model=next(iter(request.path_params.values()), ""),
            first_take=_take(request),
        )
        job, plan, painter = await while_there(request.receive, settings.reading.run(check))
        if job.effective.get("stream") is True and not (
            fault and (fault.plain or fault.connection or fault.reply)
        ):
            return EventResponse(
                events(
                    job,
                    plan,
                    self._draw,
                    painter,
                    latency=settings.latency,
                    fault=fault.stream if fault else None,
                )
            )
        files = await while_there(request.receive, self._drawn(plan, painter))
        return self._reply(request, job, plan, files, fault or Fault())

    def _check_query(self, request: Request) -> None:
        for name in self._settings.provider.query:
            if name not in request.query_params:
                raise Refusal(
                    f"Missing required query parameter: '{name}'.",
                    param=name,
                    code="missing_required_parameter",
                )

    def _fault(self, request: Request, arrival: Arrival) -> Fault | None:
        asked = request.headers.get("x-sandbox-fault")
        if asked is None:
            return self._settings.faults.next(arrival)
        try:
            return named(asked)
        except ValueError as error:
            raise Refusal(str(error), param="x-sandbox-fault", code="invalid_value") from error

    def _check(
        self, incoming: Incoming, name: EndpointName, *, hosts: tuple[str, ...], model: str, first_take: int
    ) -> tuple[Job, Plan, Painter]:
        """Find out what to draw; this decodes pictures, so it runs on a thread."""
        settings = self._settings
        shelf = Shelf(files=settings.files, results=settings.results, hosts=hosts)
        catalog = settings.catalog  # once: it may change while the request is on its way
        provider = catalog.provider(settings.name)
        job = validated(incoming, name, provider, catalog, shelf, model=model)
        plan = planned(job, first_take=first_take)
        return job, plan, Painter(job, plan)

    async def _draw(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function on one of the few drawing threads."""
        return await self._settings.drawing.run(functools.partial(function, *arguments))

    async def _drawn(self, plan: Plan, painter: Painter) -> list[bytes]:
        await asyncio.sleep(self._settings.latency)
        tasks = [asyncio.ensure_future(self._draw(painter.file, take)) for take in range(plan.count)]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    def _reply(self, request: Request, job: Job, plan: Plan, files: list[bytes], fault: Fault) -> Response:
        settings = self._settings
        origin = f"http://{request.headers['host']}"
        answer = answer_of(job, plan, files, functools.partial(self._link, origin))
        reply = REPLIES[fault.reply or settings.reply or settings.provider.reply](answer)
        if fault.spoil is not None:
            reply = fault.spoil(reply)
        pieces = reply.pieces()
        if fault.raw is not None:
            pieces = [fault.raw(join(pieces))]
        return BodyResponse(pieces, media_type=reply.media_type, connection=fault.connection)

    def _link(self, origin: str, data: bytes, file_format: str) -> Callable[..., str]:
        def link(*, relative: bool = False) -> str:
            name = f"{secrets.token_urlsafe(16)}.{file_format}"
            self._settings.results.put(name, data, media_type=MEDIA_TYPES[file_format])
            return f"{'' if relative else origin}{RESULTS_PATH}{name}"

        return link


# -- parts of handlers --------------------------------------------------------------------------------


def _take(request: Request) -> int:
    """Give which of several pictures of one prompt is asked for: they come one by one when streamed."""
    said = request.headers.get("x-sandbox-take", "0")
    return int(said) if said.isdecimal() and len(said) < _TAKE_DIGITS else 0


def _hosts(request: Request) -> tuple[str, ...]:
    """Give the addresses under which the client knows this sandbox."""
    host, port = request.scope["server"]
    return (request.headers["host"], f"{host}:{port}", f"localhost:{port}")


def _which(names: list[EndpointName], incoming: Incoming, settings: Settings) -> EndpointName:
    """Tell an edit from a generation where one path serves both: an edit brings pictures."""
    call = settings.provider.endpoints["edits"]
    edit = bool(incoming.files) or call.references_field in incoming.fields
    return names[-1] if edit else names[0]


def _at_once(fault: Fault) -> Response:
    headers = {name: value() if callable(value) else value for name, value in fault.headers.items()}
    pieces = [fault.content] if isinstance(fault.content, bytes) else json_pieces(fault.content)
    return BodyResponse(
        pieces,
        status_code=fault.status,
        headers=headers,
        media_type=fault.media_type,
        connection=fault.connection,
    )


# -- errors -------------------------------------------------------------------------------------------


def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return _json(error.body, status=error.status, headers=error.headers)


def _not_routed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    where = f"{request.method} {request.url.path[:200]}"
    if status == 405:
        body = error_body(f"Not allowed to {where.replace(' ', ' on ', 1)}.", code="method_not_supported")
    else:
        body = error_body(f"Invalid URL ({where})", code="unknown_url")
    return _json(body, status=status)


def _misruled(_request: Request, error: Exception) -> Response:
    # A user's file that was changed into something unreadable: the message names file and key.
    return _json(error_body(str(error), type="server_error", code="catalog_error"), status=500)


def _broken(_request: Request, _error: Exception) -> Response:
    # The door logs the traceback; the client learns that it is not to blame.
    return _json(error_body("The sandbox had an error of its own.", type="server_error"), status=500)
