"""Short rows → contingencies, for tests.factory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearing.case.contingencies import NO_CONTINGENCIES, Contingencies, OutageKind

Row = dict[str, Any]


def contingencies(rows: Sequence[Row], watch: Row, ids: dict[str, Sequence[str]]) -> Contingencies:
    """Rows: id, branches, units, hvdc (ids lost), exempt (branch ids). watch: branches, interfaces, kv.

    ids: branch, unit, hvdc, interface.
    """
    if not rows and not watch:
        return NO_CONTINGENCIES
    lost = [
        (c, kind, list(ids[term]).index(name))
        for c, row in enumerate(rows)
        for key, term, kind in (
            ("branches", "branch", OutageKind.BRANCH),
            ("units", "unit", OutageKind.UNIT),
            ("hvdc", "hvdc", OutageKind.HVDC_LINE),
        )
        for name in row.get(key, ())
    ]
    of, kind, element = np.array(lost, dtype=np.int64).reshape(-1, 3).T.copy()
    exempt = [(c, list(ids["branch"]).index(b)) for c, row in enumerate(rows) for b in row.get("exempt", ())]
    free = np.array(exempt, dtype=np.int64).reshape(-1, 2).T.copy()

    def places(key: str, term: str) -> Any:
        return np.array([list(ids[term]).index(name) for name in watch.get(key, ())], dtype=np.int64)

    return Contingencies(
        id=tuple(row["id"] for row in rows),
        outage_contingency=of,
        outage_kind=kind,
        outage_element=element,
        monitored_branch=places("branches", "branch"),
        monitored_min_voltage_kv=float(watch.get("kv", 0.0)),
        monitored_interface=places("interfaces", "interface"),
        exempt_contingency=free[0],
        exempt_branch=free[1],
    )
