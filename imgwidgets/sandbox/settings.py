"""What the requests of one sandbox share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from imgwidgets.catalog import Catalog, Provider
    from imgwidgets.sandbox.faults import Faults
    from imgwidgets.sandbox.log import Log
    from imgwidgets.sandbox.pace import Pace
    from imgwidgets.sandbox.store import Store

__all__ = ["Settings"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How one sandbox behaves, and where it keeps things.

    Attributes
    ----------
    provider, catalog : Provider, Catalog
        Whose view of which rules.
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
    threads : Executor
        Where pictures are drawn.
    """

    provider: Provider
    catalog: Catalog
    latency: float
    reply: str
    max_body_bytes: int
    pace: Pace
    faults: Faults
    log: Log
    files: Store
    results: Store
    threads: Executor
