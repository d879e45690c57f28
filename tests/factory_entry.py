"""Short rows → the entry table, for tests.factory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.entry import NO_ENTRY, EntryChannel, MarketEntry, ordinal

Row = dict[str, Any]


def market_entry(rows: Sequence[Row], plants: Sequence[str], buses: Sequence[str]) -> MarketEntry:
    """Rows: id, first (2026-01-01), last ('' = open), in (virtual plant: aggregated then), bus, mw."""
    if not rows:
        return NO_ENTRY
    aggregated = [int(EntryChannel.AGGREGATED if r.get("in") else EntryChannel.DIRECT) for r in rows]
    return MarketEntry(
        resource=tuple(r["id"] for r in rows),
        channel=np.array(aggregated, dtype=np.int64),
        first_day=np.array([ordinal(r.get("first", "2026-01-01")) for r in rows], dtype=np.int64),
        last_day=np.array([ordinal(r.get("last", "")) for r in rows], dtype=np.int64),
        plant=np.array([list(plants).index(r["in"]) if r.get("in") else -1 for r in rows], dtype=np.int64),
        bus=np.array([list(buses).index(r["bus"]) if r.get("bus") else -1 for r in rows], dtype=np.int64),
        capacity_mw=np.array([float(r.get("mw", 0.0)) for r in rows]),
    )
