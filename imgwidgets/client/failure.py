"""From a provider's error to one of ours: the class, what to do, and whether it may have been billed.

The rules read what was said (status, code, words), never who said it.

=============================================  ===================  ====================================
status and words                               exception            may have been billed
=============================================  ===================  ====================================
401                                            AuthenticationError  no
402, 429 or 400 about credit or quota          QuotaExhausted       no
403                                            PermissionDenied     no
429                                            RateLimited          no
400, 403, 422 about safety                     ModerationBlocked    only at the output stage
404 or 400 about the model                     ModelNotFound        no
408                                            ConnectionFailed     yes
other 4xx, a redirect                          BadRequest           no
503, or JSON of its own that says overloaded   ServerError          no
any other 5xx                                  ServerError          yes
an error under a status of success             as its words say     as above; else yes
=============================================  ===================  ====================================
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from imgwidgets import errors
from imgwidgets.client.complaint import Complaint, read_complaint, tidy
from imgwidgets.client.retry import wait_asked_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imgwidgets.catalog import Catalog, ImageRequest, Provider

__all__ = ["Failure", "request_id_of", "wants_other_spelling"]

_REQUEST_ID = ("x-request-id", "request-id", "apim-request-id", "x-ms-request-id", "x-oneapi-request-id")
_MODERATION_CODES = frozenset(
    {
        "moderation_blocked",
        "content_policy_violation",
        "content_filter",
        "contentfilter",
        "responsibleaipolicyviolation",
        "safety_violation",
    }
)
_QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "insufficient_balance",
        "insufficient_credits",
        "insufficient_user_quota",
        "quota_exceeded",
    }
)
_MODERATION = re.compile(
    r"safety system|content[ _]policy|content management policy|content filter", re.IGNORECASE
)
_QUOTA = re.compile(
    r"exceeded your current quota|insufficient[ _](?:quota|balance|credit|funds)|billing hard limit|"
    r"out of credits?|no credits? left",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model\b.{0,120}?(?:does not exist|not found|not exist|not available|is not supported|no longer|"
    r"deprecated|retired|unknown)|(?:unknown|no such|invalid|unsupported) model|no available channel",
    re.IGNORECASE,
)
_OVERLOADED = re.compile(
    r"overload|over(?:loaded| capacity)|at capacity|server (?:is )?busy|too busy|temporarily unavailable|"
    r"service[ _]unavailable|engine_overloaded|capacity exceeded",
    re.IGNORECASE,
)


class Failure:
    """Makes exceptions of replies for one request.

    Parameters
    ----------
    provider : Provider
        Who answered.
    request : ImageRequest or None
        What was asked; None for an upload.
    catalog : Catalog
        For the nearest model names.
    hide : callable
        Takes the API key out of a text, should the server have echoed it.
    """

    def __init__(
        self,
        provider: Provider,
        request: ImageRequest | None,
        catalog: Catalog,
        hide: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._provider = provider
        self._request = request
        self._catalog = catalog
        self._hide = hide

    def from_reply(self, status: int, headers: Mapping[str, str], body: bytes) -> errors.RequestError:
        """Make the exception for an HTTP status that is no success.

        Parameters
        ----------
        status : int
            As HTTP has it.
        headers : mapping
            With lower-case names.
        body : bytes
            At least the start of the reply.
        """
        return self._make(read_complaint(body), status, headers)

    def from_payload(
        self, payload: Any, status: int, headers: Mapping[str, str], **details: Any
    ) -> errors.RequestError:
        """Make the exception for an error inside a reply that began as a success."""
        error = self._make(read_complaint(payload), status, headers)
        for name, value in details.items():
            setattr(error, name, value)
        return error

    def hide_in(self, error: errors.RequestError) -> errors.RequestError:
        """Take the API key out of an exception whose words came from the server."""
        error.args = tuple(self._hide(one) if isinstance(one, str) else one for one in error.args)
        error.body = self._hide(error.body)
        return error

    def _make(self, said: Complaint, status: int, headers: Mapping[str, str]) -> errors.RequestError:
        kind = _kind(said, status)
        details: dict[str, Any] = {
            "status": status,
            "request_id": request_id_of(headers) or said.request_id,
            "type": said.type,
            "code": said.code,
            "param": said.param,
            "body": self._hide(said.body),
            "maybe_billed": _maybe_billed(kind, said, status),
        }
        text = said.message or _spoken(status)
        if kind is errors.ModelNotFound and self._request is not None:
            details |= {"model": self._request.model, "suggestions": self._near(self._request)}
        if kind is errors.ModerationBlocked:
            details |= {"stage": said.stage, "categories": said.categories}
        if issubclass(kind, errors.RateLimited | errors.ServerError):
            details["retry_after"] = wait_asked_for(headers, text)
        message = self._message(kind, text, details, location=headers.get("location", "nowhere"))
        return kind(self._hide(message), **details)

    def _message(
        self,
        kind: type[errors.RequestError],
        text: str,
        details: dict[str, Any],
        *,
        location: str,
    ) -> str:
        status = details["status"]
        words = [str(status)] if status >= 300 else []
        words += [
            word for word in (details["code"], details["param"] and f"parameter {details['param']}") if word
        ]
        said = f" ({', '.join(words)})" if words else ""
        parts = [f"{self._provider.name} answered{said}: {text.rstrip('.')}."]
        if 300 <= status < 400:
            parts.append(f"It points to {tidy(location, 200)!r}; use that as base_url.")
        parts.append(self._advice(kind, details, status))
        if details["maybe_billed"]:
            parts.append("It may have been billed, so it was not sent again.")
        if details["request_id"]:
            parts.append(f"[request id {details['request_id']}]")
        return " ".join(filter(None, parts))

    def _advice(self, kind: type[errors.RequestError], details: dict[str, Any], status: int) -> str:
        """Say what to do; the first line that fits."""
        variable = self._provider.key_variable
        near = ", ".join(details.get("suggestions") or ())
        categories = f" ({', '.join(details['categories'])})" if details.get("categories") else ""
        wait = details.get("retry_after")
        advice = {
            errors.AuthenticationError: (
                f"Check {f'the key in {variable} or ' if variable else ''}api_key=...; "
                "iw.Client() is the free sandbox."
            ),
            errors.ModelNotFound: (
                f"Nearest known: {near}." if near else "iw.models() lists what the catalog knows."
            ),
            errors.ModerationBlocked: (
                f"Its safety system refused{categories}: change the prompt or the picture."
            ),
            errors.QuotaExhausted: "Waiting does not help: add credit, or use another key.",
            errors.RateLimited: f"It asks to wait {wait:g} s." if wait is not None else "",
            errors.BadRequest: "Is base_url right, up to and including /v1?" if status == 404 else "",
        }
        return advice.get(kind, "")

    def _near(self, request: ImageRequest) -> tuple[str, ...]:
        names = self._catalog.nearest(request.model, request.provider, request.endpoint)
        return tuple(name for name in names if name != request.model)


def _kind(said: Complaint, status: int) -> type[errors.RequestError]:
    words = f"{said.type or ''} {said.code or ''} {said.message}"
    code = (said.code or "").lower()
    by_status = {
        401: errors.AuthenticationError,
        402: errors.QuotaExhausted,
        408: errors.ConnectionFailed,
    }.get(status)
    if by_status is not None:
        return by_status
    if code in _MODERATION_CODES or said.stage or (status in (400, 403, 422) and _MODERATION.search(words)):
        return errors.ModerationBlocked
    if code in _QUOTA_CODES or (status in (400, 403, 429) and _QUOTA.search(words)):
        return errors.QuotaExhausted
    if code == "model_not_found" or (status in (400, 404, 422, 503) and _NO_MODEL.search(words)):
        return errors.ModelNotFound
    return _by_class(status, code, words)


def _by_class(status: int, code: str, words: str) -> type[errors.RequestError]:
    if status == 403:
        return errors.PermissionDenied
    if status == 429 or code == "rate_limit_exceeded":
        return errors.RateLimited
    if status >= 500:
        return errors.ServerError
    if status < 300:  # an error in a reply that began as a success: its words are all there is
        return (
            errors.ServerError
            if _OVERLOADED.search(words) or "server" in words.lower()
            else errors.BadRequest
        )
    return errors.BadRequest


def _maybe_billed(kind: type[errors.RequestError], said: Complaint, status: int) -> bool:
    overloaded = said.structured and bool(_OVERLOADED.search(f"{said.type} {said.code} {said.message}"))
    if kind is errors.ServerError:
        return status != 503 and not overloaded
    if kind is errors.ModerationBlocked:
        return said.stage == "output"
    # A refusal under a status of success came after the work began, for all that is known.
    return kind is errors.ConnectionFailed or (kind is errors.BadRequest and status < 300)


def _spoken(status: int) -> str:
    known = {
        401: "the API key is not accepted",
        403: "this is not allowed",
        404: "there is nothing at this address",
        408: "it gave up waiting",
        413: "the request is too large",
        429: "too many requests",
        500: "it failed inside",
        502: "its gateway got no answer",
        503: "it is overloaded",
        504: "its gateway waited too long",
    }
    return known.get(status, "the request was redirected" if 300 <= status < 400 else "no reason was given")


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Give the provider's name for a request, from its reply's headers (lower-case names)."""
    found = next((headers[name] for name in _REQUEST_ID if headers.get(name)), None)
    return tidy(found, 200) if found else None


def wants_other_spelling(error: errors.RequestError) -> bool:
    """Say whether a server refused only the name under which the images came.

    ``duplicate_parameter`` about an image, or a validation error about a missing one.
    """
    if not isinstance(error, errors.BadRequest) or error.status not in (400, 422):
        return False
    about_image = "image" in (error.param or "") or "image" in error.args[0].lower()
    missing = re.search(r"missing|required", f"{error.code} {error.args[0]}", re.IGNORECASE)
    return about_image and (
        error.code == "duplicate_parameter" or (error.status == 422 and missing is not None)
    )
