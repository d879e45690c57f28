"""Output families of units: limits, fixed output, ramps, start-up and shut-down limits, awards."""

from __future__ import annotations

import numpy as np

from clearing.case.finding import Finding
from clearing.checks.award_terms import joint_awards
from clearing.checks.curve import reserve_blocks, widths
from clearing.checks.facts import Facts, award_cap
from clearing.checks.finding import over, tolerance
from clearing.checks.kind_limits import fades, off_cap


def limits(known: Facts) -> list[Finding]:
    """on·p_min ≤ P ≤ on·p_max, and P = fixed_mw where output is fixed."""
    units, output = known.case.units, known.schedule.dispatch_mw
    low, high = units.p_min_mw * known.on, units.p_max_mw * known.on
    fixed = np.zeros(output.shape)
    held = np.zeros(output.shape)
    at = (units.fixed_unit, units.fixed_period)
    held[at] = units.fixed_mw
    fixed[at] = np.abs(output[at] - units.fixed_mw)
    slack = tolerance(units.p_max_mw)
    return [
        *over("OUTPUT_MIN", "output", units.id, low - output, slack, "output is below its minimum", output, low),
        *over("OUTPUT_MAX", "output", units.id, output - high, slack, "output is above its maximum", output, high),
        *over("FIXED_OUTPUT", "output", units.id, fixed, slack, "output is not the fixed one", output, held),
    ]


def ramps(known: Facts) -> list[Finding]:
    """Both on: P_t − P_{t−1} ≤ RU and P_{t−1} − P_t ≤ RD; start: P_t ≤ SU; stop: P_{t−1} ≤ SD.

    In the form PGLIB awards count too: up awards towards RU, SU and SD, down awards towards RD; of products with terms
    of their own as those say.
    Where the case as cleared leaves room for a forced stop, that room is in its limits (case.give_way).
    """
    units, output, take = known.case.units, known.schedule.dispatch_mw, known.taken
    up, down = take.up_ramp_mw, take.down_ramp_mw
    both = known.on & known.was_on
    rise, fall = output + up - known.was_mw, known.was_mw - output + down
    rise_over = np.where(both, rise - known.ramp_up_mw[:, None], 0.0)
    fall_over = np.where(both, fall - known.ramp_down_mw[:, None], 0.0)
    start_mw = np.minimum(known.start_mw, units.p_max_mw) if take.dear else known.start_mw
    ramped = up if take.dear else take.limit_mw
    start_over = np.where(known.started, output + np.maximum(ramped, take.limit_mw) - start_mw, 0.0)
    last_over = np.where(known.last, output + take.limit_mw - known.stop_mw, 0.0)
    # an award may take ramp of the period behind it: then the unit has to be so far above p_min before it stops,
    # and a downward one so far above p_min in the period of a start
    least = np.concatenate([units.p_min_mw[:, :1], units.p_min_mw[:, :-1]], axis=1)
    behind = take.dear & known.stopped & np.isfinite(known.ramp_up_mw)[:, None]
    behind[:, :1] = False
    rise_over = np.where(behind, rise + least, rise_over)
    fall_over = np.where(known.started & take.dear, down - (output - units.p_min_mw), fall_over)
    slack = tolerance(units.p_max_mw)
    initial = np.where(units.initial_on & ~known.on[:, :1].all(axis=1), units.initial_mw, 0.0)
    sudden = (initial - np.maximum(units.shutdown_limit_mw, units.p_min_mw[:, :1].max(axis=1)))[:, None]
    text = "output before its stop in the first period exceeds its shut-down limit"
    return [
        *over("RAMP_UP", "ramps", units.id, rise_over, slack, "rises too fast", rise),
        *over("RAMP_DOWN", "ramps", units.id, fall_over, slack, "falls too fast", fall),
        *over(
            "STARTUP_LIMIT", "ramps", units.id, start_over, slack, "exceeds its start-up limit", output, known.start_mw
        ),
        *over(
            "SHUTDOWN_LIMIT", "ramps", units.id, last_over, slack, "exceeds its shut-down limit", output, known.stop_mw
        ),
        *over("SHUTDOWN_LIMIT", "ramps", units.id, sudden, slack[:, :1], text),
    ]


def awards(known: Facts) -> list[Finding]:
    """0 ≤ r ≤ cap while on (non-spinning: or free to start), ≤ what the unit offers;
    P + Σ up ≤ p_max·on; P − Σ down ≥ p_min·on."""
    units, reserve, output = known.case.units, known.schedule.reserve_mw, known.schedule.dispatch_mw
    online = np.where(fades(known), 0.0, award_cap(known))
    cap = online + off_cap(known)
    slack = tolerance(units.p_max_mw)
    high, low = known.taken.top_mw, known.taken.bottom_mw
    found: list[Finding] = []
    blocks, joint = reserve_blocks(known.case), joint_awards(known.case, known.taken.joint, reserve * known.on)
    for q, product in enumerate(known.case.reserves.product_id):
        family, text, mine = f"award/{product}", f"award of {product}", reserve[q]
        found += over("AWARD_NEGATIVE", family, units.id, -mine, slack, f"{text} is negative", mine)
        if q in blocks:
            top = np.where(known.on | (cap[q] > 0), widths(blocks[q], len(mine)), np.inf)
            found += over(
                "AWARD_NOT_OFFERED", family, units.id, mine - top, slack, f"{text} exceeds its offer", mine, top
            )
        found += over("AWARD_MAX", family, units.id, mine - cap[q], slack, f"{text} is too big", mine, cap[q])
        if known.taken.joint[q]:
            beyond = np.where(known.taken.eligible[q][:, None], joint[q] - online[q], 0.0)
            most = f"{text} with those of better products is too big"
            found += over("AWARD_MAX", family, units.id, beyond, slack, most, joint[q], online[q])
    # a unit that breaks p_max or p_min by itself is found under output
    regulates = known.schedule.regulating > 0
    top = np.where((known.up_mw != 0) | regulates, output + known.up_mw - high, 0.0)
    bottom = np.where((known.down_mw != 0) | regulates, low - output + known.down_mw, 0.0)
    return [
        *found,
        *over("HEADROOM", "headroom", units.id, top, slack, "output and up awards exceed p_max", limit=high),
        *over("FOOTROOM", "footroom", units.id, bottom, slack, "output less down awards is below p_min", limit=low),
    ]
