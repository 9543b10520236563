"""What the sandbox says no with: a status and a body in OpenAI's error shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Refusal", "error_body"]


def error_body(
    message: str,
    *,
    type: str = "invalid_request_error",  # noqa: A002 (the API's own word)
    param: str | None = None,
    code: str | None = None,
    **details: Any,
) -> dict[str, Any]:
    """Give the JSON object that OpenAI answers a failed request with; all four keys are always there."""
    return {"error": {"message": message, "type": type, "param": param, "code": code, **details}}


class Refusal(Exception):
    """A request that is answered with an error.

    Parameters
    ----------
    message : str
        For people.
    status : int
        The HTTP status.
    type, param, code : str, optional
        OpenAI's words for the kind of error and the parameter at fault.
    headers : mapping, optional
        Added to the answer.
    body : dict, optional
        The whole answer, where a provider's shape differs.
    """

    def __init__(  # noqa: PLR0913 (one keyword for each word of the answer)
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002 (the API's own word)
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = body or error_body(message, type=type, param=param, code=code)
