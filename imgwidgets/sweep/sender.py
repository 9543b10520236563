"""What an engine needs of whoever carries its requests to the providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imgwidgets.sweep.tasks import Task

__all__ = ["Sender"]


class Sender(Protocol):
    """Who carries requests to the provider."""

    @property
    def room(self) -> bool:
        """Whether one more can be taken now."""

    def send(self, task: Task) -> None:
        """Take one; returns at once."""

    def cut(self) -> None:
        """Stop what is under way, whether or not it was billed."""

    def close(self) -> None:
        """Let go of threads and connections."""
