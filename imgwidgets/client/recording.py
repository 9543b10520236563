"""The seam to whoever writes down what was asked and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

    from imgwidgets.catalog import ImageRequest
    from imgwidgets.images import ImageResult

__all__ = ["Recording"]


class Recording:
    """Tells a recorder what becomes of a request: started, then finished or failed."""

    def __init__(self, recorder: Any, request: ImageRequest) -> None:
        self._recorder = recorder
        self._request = request
        self._token: Any = None

    def finished(self, result: ImageResult) -> None:
        """Write down what came, before anything shows it."""
        if self._recorder is not None:
            self._recorder.finished(self._token, result)

    def __enter__(self) -> Self:
        if self._recorder is not None:
            self._token = self._recorder.started(self._request)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._recorder is not None and error is not None:
            self._recorder.failed(self._token, error)
