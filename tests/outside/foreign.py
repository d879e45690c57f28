"""Schedules that another program made, as our tables, and the judges they go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.result import BoundKind, ClearingResult, Reason, Termination
from clearing.case.schedule import Schedule
from clearing.checks.audit import audit
from clearing.client import Client
from clearing.rules.load import load

OVERRIDES = {"reserves.ramp_sharing": "pglib"}
SOLVER = 1e-5
"""MW that their solver may leave on a unit that is off, or below nothing."""

Rows = Mapping[str, Sequence[float]]


def _table(ids: tuple[str, ...], rows: Rows, periods: int) -> np.ndarray:
    assert set(ids) == set(rows)
    return np.array([rows[name] for name in ids], dtype=float).reshape(len(ids), periods)


def schedule(case: Case, on: Rows, mw: Rows, reserve_mw: Rows, renewable_mw: Rows | None = None) -> Schedule:
    """Their commitment, output and reserve by unit over our tables; rounding of their solver is taken off, no more."""
    units, periods = case.units, case.horizon.periods
    state = np.rint(_table(units.id, on, periods)).astype(np.int8)
    before = np.concatenate([units.initial_on[:, None].astype(np.int8), state[:, :-1]], axis=1)
    output, reserve = _table(units.id, mw, periods), _table(units.id, reserve_mw, periods)
    for table in (output, reserve):
        assert np.abs(table[state == 0]).max(initial=0.0) < SOLVER
        assert table.min(initial=0.0) > -SOLVER
    wide = len(case.network.bus_id), periods
    nothing = np.zeros((0, periods))
    awards = np.zeros((len(case.reserves.product_id), *state.shape))
    awards[:] = np.maximum(reserve, 0.0) * state
    return Schedule(
        on=state,
        start=(state > before).astype(np.int8),
        stop=(state < before).astype(np.int8),
        dispatch_mw=np.maximum(output, 0.0) * state,
        renewable_mw=_table(case.renewables.id, renewable_mw or {}, periods),
        charge_mw=nothing,
        discharge_mw=nothing,
        energy_mwh=nothing,
        reserve_mw=awards,
        shed_mw=np.zeros(wide),
        surplus_mw=np.zeros((1, periods)),
    )


def result(plan: Schedule, cost: float) -> ClearingResult:
    """A result that claims nothing but the schedule and what it costs."""
    end = Termination(
        reason=Reason.COMMITMENT_GIVEN, objective=cost, bound=None, bound_kind=BoundKind.NONE, gap=None,
        absolute_gap=None, gap_asked=1e-3, priced=False,
    )  # fmt: skip
    return ClearingResult(end, schedule=plan)


def judged(case: Case, claim: ClearingResult, client: Client) -> tuple[tuple[Finding, ...], float | None]:
    """Errors and recomputed objective, the same from the library and from a server's AuditSchedule."""
    here = audit(case, load("generic", overrides=OVERRIDES), claim)
    there = client.audit_schedule(case, claim, overrides=OVERRIDES)
    assert here.passed == there.passed
    assert [f.code for f in here.findings] == [f.code for f in there.findings]
    assert here.objective == there.objective
    assert all(f.code != "VIOLATION" for f in here.findings)  # their models are hard
    return tuple(f for f in here.findings if f.severity is Severity.ERROR), here.objective
