"""Corruptions of limits after contingencies: flows beyond them, multipliers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.prices import Multipliers
from clearing.checks.facts import facts
from clearing.checks.outages import KINDS
from tests.checks.corrupt import Draw, corruption, with_schedule
from tests.checks.corrupt_prices import _added

Made = "tuple[str, ClearingResult] | None"


@corruption("value", "VIOLATION_NOT_LISTED|VIOLATION_AMOUNT")
def contingency_overload(draw: Draw) -> Made:
    """Two units of one island swap MW until a limit after a contingency is broken: balanced, but not secure."""
    units = draw.case.units
    if draw.known.contingent is None or len(units.id) < 2:
        return None
    t = int(draw.rng.integers(draw.case.horizon.periods))
    one, two = (int(i) for i in draw.rng.choice(len(units.id), 2, replace=False))
    island = draw.known.grid.island
    if island[units.bus[one], t] != island[units.bus[two], t] or units.bus[one] == units.bus[two]:
        return None
    before = {id_ for after in draw.known.contingent.after.values() for id_ in after.id}
    for size in (20.0, 100.0, 500.0):
        output = draw.schedule.dispatch_mw.copy()
        output[one, t] += size
        output[two, t] -= size
        moved = replace(draw.schedule, dispatch_mw=output)
        found = facts(draw.case, draw.rules, moved).contingent
        assert found is not None
        broken = [
            id_ for after in found.after.values()
            for id_, beyond, near in zip(after.id, after.beyond()[:, t], after.near()[:, t], strict=True)
            if beyond > max(1e-3, near)
        ]  # fmt: skip
        if set(broken) - before:
            return f"{broken[0]}@{t}", with_schedule(draw, dispatch_mw=output)
    return None


@corruption("multiplier", "PRICE_CONGESTION|SURPLUS_IDENTITY")
def multiplier_contingency(draw: Draw) -> Made:
    """A multiplier of a limit after a contingency that no price knows of."""
    table, network = draw.case.contingencies, draw.case.network
    if draw.proof is None or not table.id:
        return None
    c, b = int(draw.rng.integers(len(table.id))), int(draw.rng.integers(len(network.branch_id)))
    t = int(draw.rng.integers(draw.case.horizon.periods))
    subject = f"{network.branch_id[b]}|{table.id[c]}"
    gone = {(f, s) for f, s in zip(draw.result.multipliers.family, draw.result.multipliers.subject, strict=True)}
    if ("contingency", subject) in gone:
        return None
    known = facts(draw.case, draw.rules, draw.schedule, frozenset({("contingency", subject)})).contingent
    assert known is not None
    after = known.after["contingency"]
    if not np.isfinite(after.high[after.id.index(subject), t]):
        return None
    return subject, _added(draw, "contingency", subject, t, -draw.size(50.0) - 1.0)


@corruption("multiplier", "PRICE_CONGESTION|SURPLUS_IDENTITY")
def multiplier_contingency_left_out(draw: Draw) -> Made:
    """What a limit after a contingency contributes to prices is no longer told."""
    told = draw.result.multipliers
    if told is None:
        return None
    families = {kind.family for kind in KINDS}
    mine = [j for j, family in enumerate(told.family) if family in families and abs(told.value[j]) > 1e-2]
    if not mine:
        return None
    gone = int(draw.rng.choice(mine))
    kept = [j for j in range(len(told.family)) if j != gone]
    fewer = Multipliers(
        tuple(told.family[j] for j in kept), tuple(told.subject[j] for j in kept), told.period[kept], told.value[kept]
    )
    return told.subject[gone], replace(draw.result, multipliers=fewer)
