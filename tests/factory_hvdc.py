"""Short rows → direct-current lines, for tests.factory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.hvdc_lines import NO_HVDC, HvdcLines

Row = dict[str, Any]


def hvdc_lines(rows: Sequence[Row], bus_id: tuple[str, ...], periods: int) -> HvdcLines:
    """Rows: id, ends=(from, to), mw (then scheduled) or min (default −max) and max (then dispatchable), ramp, loss."""
    if not rows:
        return NO_HVDC

    def series(values: list[Any]) -> Any:
        return np.array([np.broadcast_to(np.asarray(v, float), (periods,)) for v in values])

    most = series([r.get("max", 0.0) for r in rows])
    return HvdcLines(
        id=tuple(r["id"] for r in rows),
        from_bus=np.array([bus_id.index(r["ends"][0]) for r in rows], dtype=np.int64),
        to_bus=np.array([bus_id.index(r["ends"][1]) for r in rows], dtype=np.int64),
        dispatchable=np.array(["mw" not in r for r in rows], dtype=np.bool_),
        scheduled_mw=series([r.get("mw", 0.0) for r in rows]),
        min_mw=series([r.get("min", -most[h]) for h, r in enumerate(rows)]),
        max_mw=most,
        ramp_mw_per_minute=np.array([float(r.get("ramp", np.inf)) for r in rows]),
        loss_rate=np.array([float(r.get("loss", 0.0)) for r in rows]),
    )
