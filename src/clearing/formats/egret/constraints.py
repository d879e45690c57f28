"""Security constraints: lower ≤ Σ coefficient · output ≤ upper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from clearing.case.arrays import Ids
from clearing.case.linear_limits import NO_LINEAR_LIMITS, LinearLimits
from clearing.formats.egret.fields import Source, only, stated, text
from clearing.formats.json_fields import JsonObject

READ = ("security_constraint_type", "lower_bound", "upper_bound", "coefs", "violation_penalty", "in_service")
KINDS = ("generator", "storage")


@dataclass(frozen=True, slots=True)
class Named:
    """Ids of what a constraint may name."""

    units: Ids
    renewables: Ids
    storage: Ids
    curved: Ids
    """Units with output below p_min on curves."""


def linear_limits(source: Source, named: Named) -> LinearLimits:
    """Constraints in service of type `pg`; without a penalty the limit has that of the rule set, as good as hard."""
    rows = source.in_service("security_constraint")
    terms: dict[str, list[tuple[int, int, float]]] = {"unit": [], "renewable": [], "storage": []}
    for c, (_, row) in enumerate(rows):
        only(row, READ, ("name", "id"))
        kind = text(row, "security_constraint_type")
        if kind != "pg":
            row.problems.add(
                "UNKNOWN_WORD", f"{row.path}.security_constraint_type", "No such kind.", value=kind, limit="pg"
            )
            continue
        for term, element, factor in _terms(row, named):
            terms[term].append((c, element, factor))
    if not rows:
        return NO_LINEAR_LIMITS
    none = np.full(source.periods, np.inf)

    def column(term: str) -> dict[str, Any]:
        table = terms.get(term, [])
        return {
            f"{term}_limit": np.array([t[0] for t in table], dtype=np.int64),
            term: np.array([t[1] for t in table], dtype=np.int64),
            f"{term}_coefficient": np.array([t[2] for t in table], dtype=np.float64),
        }

    def bound(key: str, open_: np.ndarray) -> np.ndarray:
        return np.array([source.series(r, key) if stated(r, key) else open_ for _, r in rows])

    return LinearLimits(
        id=tuple(name for name, _ in rows),
        min_mw=bound("lower_bound", -none),
        max_mw=bound("upper_bound", none),
        price_per_mwh=np.array(
            [r.number("violation_penalty", 0.0) if stated(r, "violation_penalty") else -1.0 for _, r in rows]
        ),
        **column("unit"),
        **column("renewable"),
        **column("storage"),
        **column("bus"),
        **column("branch"),
    )


def _terms(row: JsonObject, named: Named) -> list[tuple[str, int, float]]:
    """Kind of term, row of its table, coefficient."""
    coefs = row.fields.get("coefs")
    table = coefs.get("values") if isinstance(coefs, dict) and coefs.get("data_type") == "coefs" else None
    if not isinstance(table, dict) or not all(isinstance(v, dict) for v in table.values()):
        row.problems.add("WRONG_TYPE", f"{row.path}.coefs", "Coefficients by element are needed.", limit="coefs")
        return []
    only(JsonObject(table, f"{row.path}.coefs.values", row.problems), KINDS)
    found: list[tuple[str, int, float]] = []
    tables = {
        "generator": (("unit", named.units), ("renewable", named.renewables)),
        "storage": (("storage", named.storage),),
    }
    for kind, places in tables.items():
        own = JsonObject(
            cast("dict[str, object]", table.get(kind) or {}), f"{row.path}.coefs.values.{kind}", row.problems
        )
        for name in own.fields:
            at = [(term, ids.index(name)) for term, ids in places if name in ids]
            if not at:
                row.problems.add("UNKNOWN_ID", f"{own.path}.{name}", f"There is no such {kind} in service.", value=name)
            else:
                found.append((*at[0], own.number(name)))
            if name in named.curved:
                text = "What a unit gives on start-up and shut-down curves does not count in a constraint here."
                row.problems.add("FIELD_NOT_READ", f"{own.path}.{name}", text, value=name)
    return found
