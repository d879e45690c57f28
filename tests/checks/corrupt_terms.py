"""Corruptions of awards with terms of their own: bands, joint caps, stated MW off line, ramps that awards take."""

from __future__ import annotations

import numpy as np

from clearing.case.reserve_kinds import ProductKind
from clearing.checks.award_terms import joint_awards, offline_stated
from clearing.checks.facts import award_cap
from clearing.checks.kinds import of_kind
from tests.checks.corrupt import Draw, changed, corruption, with_schedule
from tests.checks.corrupt_commitment import Made


@corruption("value", "REGULATION_BAND|COST|OBJECTIVE")
def regulates_unseen(draw: Draw) -> Made:
    """A unit that holds regulation is said not to regulate; one that does not, to."""
    bands = draw.case.regulation_bands
    if not len(bands.unit):
        return None
    held = draw.schedule.reserve_mw[of_kind(draw.case, ProductKind.REGULATION)].sum(axis=0)[bands.unit]
    now = draw.schedule.regulating[bands.unit] > 0
    at = draw.cell((now & (held > 1e-2)) | (~draw.known.on[bands.unit] & ~now))
    if at is None:
        return None
    i = int(bands.unit[at[0]])
    told = changed(draw.schedule.regulating, (i, at[1]), 1 - int(draw.schedule.regulating[i, at[1]]))
    return f"{draw.case.units.id[i]}@{at[1]}", with_schedule(draw, regulating=told)


@corruption("value", "AWARD_MAX")
def joint_cap(draw: Draw) -> Made:
    """An award of a product with a joint cap, raised until it and the better ones are beyond the cap."""
    take = draw.known.taken
    award = draw.schedule.reserve_mw * draw.known.on
    cap, total = award_cap(draw.known), joint_awards(draw.case, take.joint, award)
    own = take.joint[:, None, None] & (cap > 0) & np.isfinite(cap) & draw.known.on
    at = draw.cell(own)
    if at is None:
        return None
    more = float(cap[at] - total[at]) + draw.size(float(cap[at]))
    raised = changed(draw.schedule.reserve_mw, at, draw.schedule.reserve_mw[at] + more)
    return f"{at}", with_schedule(draw, reserve_mw=raised)


@corruption("value", "OFFLINE_AWARD|AWARD_MAX")
def offline_beyond_what_is_stated(draw: Draw) -> Made:
    """A unit off line holds more than is stated of it."""
    said = np.nan_to_num(offline_stated(draw.case))
    at = draw.cell((said > 0)[:, :, None] & ~draw.known.on)
    if at is None:
        return None
    most = float(said[at[:2]])
    raised = changed(draw.schedule.reserve_mw, at, most + draw.size(most))
    return f"{at}", with_schedule(draw, reserve_mw=raised)


@corruption("value", "RAMP_UP|STARTUP_LIMIT")
def ramp_of_awards(draw: Draw) -> Made:
    """An award that takes more ramp than there is; it may be within every other limit."""
    take, known = draw.known.taken, draw.known
    dear = (take.now > 0) & (draw.case.reserves.direction == 1)
    kinds = draw.case.reserve_kinds
    dear[kinds.product[kinds.kind == ProductKind.FLEXIBLE_RAMPING]] = (
        False  # ramps of the next period, in rows of their own
    )
    cap = award_cap(known)
    own = dear[:, None, None] & known.on & known.was_on & np.isfinite(known.ramp_up_mw)[:, None] & (cap > 0)
    at = draw.cell(own)
    if at is None:
        return None
    q, i, t = at
    rise = draw.schedule.dispatch_mw[i, t] + take.up_ramp_mw[i, t] - known.was_mw[i, t]
    weight = float(take.now[q] + (take.before[q] if t == 0 else 0.0))
    more = (max(0.0, float(known.ramp_up_mw[i] - rise)) + draw.size(float(known.ramp_up_mw[i]))) / weight
    raised = changed(draw.schedule.reserve_mw, at, draw.schedule.reserve_mw[at] + more)
    return f"{at}", with_schedule(draw, reserve_mw=raised)
