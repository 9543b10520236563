"""What the requests of one sandbox share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgwidgets.catalog import current

if TYPE_CHECKING:
    from imgwidgets.catalog import Catalog, Provider
    from imgwidgets.sandbox.faults import Faults
    from imgwidgets.sandbox.log import Log
    from imgwidgets.sandbox.pace import Pace
    from imgwidgets.sandbox.store import Store
    from imgwidgets.sandbox.threads import Threads

__all__ = ["Settings"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How one sandbox behaves, and where it keeps things.

    Attributes
    ----------
    name : str
        Of the provider whose view it takes on.
    first_catalog : Catalog
        The rules when it was made.
    latency : float
        Seconds that every picture takes longer.
    reply : str
        A name of ``REPLIES``; empty: the provider's own.
    max_body_bytes : int
        Larger requests are answered with 413.
    pace, faults, log : Pace, Faults, Log
        Rate limits, what goes wrong, what arrived.
    files, results : Store
        Uploads; results behind URLs.
    drawing, reading : Threads
        Where pictures are drawn; where bodies are parsed and checked.
    """

    name: str
    first_catalog: Catalog
    latency: float
    reply: str
    max_body_bytes: int
    pace: Pace
    faults: Faults
    log: Log
    files: Store
    results: Store
    drawing: Threads
    reading: Threads

    @property
    def catalog(self) -> Catalog:
        """The rules of this moment, so that a model added to the user's files is served at once.

        Where they no longer know the provider: the rules when the sandbox was made.

        Raises
        ------
        CatalogError
            Where a user's file cannot be read.
        """
        now = current()
        return now if self.name in now.providers else self.first_catalog

    @property
    def provider(self) -> Provider:
        """Whose view it takes on, by the rules of this moment."""
        return self.catalog.provider(self.name)
