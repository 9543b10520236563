"""Every exception that imgwidgets raises on purpose.

::

    ImgWidgetsError
    ├── ParameterError          a request that the model or the provider refuses, found before sending
    ├── ImageInputError         an input image, mask or markup that cannot be used
    ├── CatalogError            a TOML file of the catalog that cannot be read
    ├── MissingExtra            something needs a package that is not installed
    ├── BudgetExceeded          a cell or a run that would cost more than was allowed
    ├── SandboxError            the embedded provider could not be started (a port in use)
    ├── HistoryError            the history on disk cannot be read or written (a full disk)
    └── RequestError            a request that was tried and did not end in images
        ├── AuthenticationError     no key, or one the provider does not accept        (401)
        ├── PermissionDenied        the key may not do this                             (403)
        ├── ModelNotFound           no such model here                                  (404)
        ├── BadRequest              the provider refused a parameter                    (400, 413, 422, ...)
        │   └── ModerationBlocked   the provider's safety system refused                (400)
        ├── RateLimited             too many requests for now                           (429)
        │   └── QuotaExhausted      no credit left; waiting does not help               (429)
        ├── ServerError             the provider failed                                 (5xx)
        ├── ConnectionFailed        no connection, a timeout, or a connection cut
        └── ReplyError              a reply that cannot be understood

A message says what happened, to which value, and what to do. No exception holds an API key:
request headers never reach them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgwidgets.catalog import Problem
    from imgwidgets.images import PartialImage, ResultImage

__all__ = [
    "AuthenticationError",
    "BadRequest",
    "BudgetExceeded",
    "CatalogError",
    "ConnectionFailed",
    "HistoryError",
    "ImageInputError",
    "ImgWidgetsError",
    "MissingExtra",
    "ModelNotFound",
    "ModerationBlocked",
    "ParameterError",
    "PermissionDenied",
    "QuotaExhausted",
    "RateLimited",
    "ReplyError",
    "RequestError",
    "SandboxError",
    "ServerError",
    "UnknownParameterWarning",
]


class ImgWidgetsError(Exception):
    """The base of all errors of this package."""


class ParameterError(ImgWidgetsError, ValueError):
    """A request that its model or provider refuses; nothing was sent.

    Parameters
    ----------
    problems : sequence of Problem
        Each with ``parameter``, ``value``, ``message``, ``allowed`` and ``suggestion``.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class ImageInputError(ImgWidgetsError, ValueError):
    """An input image, mask or markup that cannot be read or does not fit; nothing was sent."""


class CatalogError(ImgWidgetsError, ValueError):
    """A catalog file that cannot be used; the message names the file, the key and the reason."""


class MissingExtra(ImgWidgetsError, ImportError):
    """Something needs an optional package; the message names the extra that brings it."""


class BudgetExceeded(ImgWidgetsError):
    """A request or sweep that would cost more than was allowed; nothing more was sent."""


class SandboxError(ImgWidgetsError, OSError):
    """The sandbox could not be started; the message names the address and the way out."""


class HistoryError(ImgWidgetsError, OSError):
    """The history cannot be read or written; the message names the folder and the way out.

    Raised before a request is sent, so that nothing is paid for that could not be kept.
    """


class RequestError(ImgWidgetsError):
    """A request that was tried and did not end in images.

    Attributes
    ----------
    status : int or None
        The HTTP status, or None where there was no reply.
    request_id : str or None
        The provider's name for the request: quote it when you ask their support.
    type, code, param : str or None
        The provider's own words for the kind of error and the parameter at fault.
    body : str
        The start of the reply as it came (at most 2,000 characters).
    maybe_billed : bool
        True where the provider may have charged for a picture that never arrived.
        Such a request is never repeated automatically.
    """

    def __init__(  # noqa: PLR0913 (one keyword for each word of the provider's answer)
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        type: str | None = None,  # noqa: A002 (the API's own word)
        code: str | None = None,
        param: str | None = None,
        body: str = "",
        maybe_billed: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id
        self.type = type
        self.code = code
        self.param = param
        self.body = body
        self.maybe_billed = maybe_billed

    def __reduce__(self) -> tuple[Any, ...]:
        # BaseException pickles by calling the class with args; keywords travel as state.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[RequestError], args: tuple[Any, ...], state: dict[str, Any]) -> RequestError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class AuthenticationError(RequestError):
    """No API key was found, or the provider does not accept it."""


class PermissionDenied(RequestError):
    """The key is known but may not do this (an unverified organization, a blocked resource)."""


class ModelNotFound(RequestError):
    """The provider has no such model; the message offers the nearest names.

    Attributes
    ----------
    model : str
        The name that was asked for.
    suggestions : tuple of str
        Known models with similar names, nearest first.
    """

    def __init__(
        self, message: str, *, model: str = "", suggestions: Sequence[str] = (), **details: Any
    ) -> None:
        super().__init__(message, **details)
        self.model = model
        self.suggestions = tuple(suggestions)


class BadRequest(RequestError):
    """The provider refused the request; ``param`` and ``code`` hold its own words."""


class ModerationBlocked(BadRequest):
    """The provider's safety system refused; the same request is never sent again by itself.

    Attributes
    ----------
    stage : str or None
        ``input``, ``output`` or ``unknown``, where the provider tells.
    categories : tuple of str
        The categories that the provider names.
    """

    def __init__(
        self,
        message: str,
        *,
        stage: str | None = None,
        categories: Sequence[str] = (),
        **details: Any,
    ) -> None:
        super().__init__(message, **details)
        self.stage = stage
        self.categories = tuple(categories)


class RateLimited(RequestError):
    """Too many requests for now.

    Attributes
    ----------
    retry_after : float or None
        Seconds to wait, where the provider tells.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class QuotaExhausted(RateLimited):
    """The account has no credit left; waiting does not help, so this is never retried."""


class ServerError(RequestError):
    """The provider failed on its side.

    Attributes
    ----------
    retry_after : float or None
        Seconds to wait, where the provider tells.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class ConnectionFailed(RequestError):
    """No connection, a timeout, or a connection that was cut.

    Attributes
    ----------
    partial_images : tuple of PartialImage
        What a stream had delivered before it was cut.
    images : tuple of ResultImage
        Whole pictures that had come before it was cut.
    """

    def __init__(self, message: str, *, partial_images: Sequence[PartialImage] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.partial_images = tuple(partial_images)
        self.images: tuple[ResultImage, ...] = ()


class ReplyError(RequestError):
    """A reply that cannot be understood, or holds no image; ``body`` keeps its start.

    Attributes
    ----------
    partial_images : tuple of PartialImage
        What a stream had delivered before it went wrong.
    images : tuple of ResultImage
        Whole pictures that had come before it went wrong.
    """

    def __init__(self, message: str, *, partial_images: Sequence[PartialImage] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.partial_images = tuple(partial_images)
        self.images: tuple[ResultImage, ...] = ()


class UnknownParameterWarning(UserWarning):
    """A parameter, value or model that the catalog does not know was passed on unchecked."""
