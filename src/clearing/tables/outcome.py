"""How a clearing ended, what it costs, what binds, what is broken, what is paid, what was found: as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import Binding, Costs, Payments, Termination, Uplift, Violation
from clearing.case.violation_units import unit_of
from clearing.tables.frame import events, real, when, whole


def termination(case: Case, ending: Termination, audit_passed: bool | None) -> pd.DataFrame:
    """One row, named after the case: reason, objective, bound, gaps; NaN = there is none."""
    columns = {
        "case": [case.name],
        "reason": [ending.reason.name],
        "objective": _number(ending.objective),
        "bound": _number(ending.bound),
        "bound_kind": [ending.bound_kind.name],
        "gap": _number(ending.gap),
        "absolute_gap": _number(ending.absolute_gap),
        "gap_asked": real([ending.gap_asked]),
        "priced": np.array([ending.priced]),
        "audit_passed": pd.array([audit_passed], dtype="boolean"),
        "detail": [ending.detail],
    }
    return events(columns, ["case"])


def _number(value: float | None) -> np.ndarray:
    return real([np.nan if value is None else value])


COST_PARTS = ("energy", "no_load", "start", "stop", "storage", "penalty", "demand", "reserve", "total")


def costs(parts: Costs) -> pd.DataFrame:
    """Parts of the objective of the schedule, money; the last row is their sum."""
    return events({"part": COST_PARTS, "money": real([getattr(parts, name) for name in COST_PARTS])}, ["part"])


def make_whole(case: Case, uplift: Uplift) -> pd.DataFrame:
    """Cost, revenue and make-whole payment of every unit over the day, money."""
    columns = {"unit": case.units.id, "cost": uplift.cost, "revenue": uplift.revenue, "make_whole": uplift.make_whole}
    return events(columns, ["unit"])


def payments(case: Case, paid: Payments) -> pd.DataFrame:
    """What is paid and earned over the day beside units: rows (kind, id), money.

    Kinds: demand_payment and demand_value of demand bids, virtual_revenue (negative for load), hvdc_rent,
    storage_reserve_revenue.
    """
    blocks = [
        ("demand_payment", case.demand_bids.id, paid.demand_payment),
        ("demand_value", case.demand_bids.id, paid.demand_value),
        ("virtual_revenue", case.virtual_plants.id, paid.virtual_revenue),
        ("hvdc_rent", case.hvdc_lines.id, paid.hvdc_rent),
        ("storage_reserve_revenue", case.storage.id, paid.storage_reserve_revenue),
    ]
    stated = [(kind, ids, money) for kind, ids, money in blocks if len(money)]  # the last two may be left out
    columns = {
        "kind": [kind for kind, ids, _ in stated for _ in ids],
        "id": [name for _, ids, _ in stated for name in ids],
        "money": np.concatenate([np.zeros(0), *(money for _, _, money in stated)]),
    }
    return events(columns, ["kind", "id"])


LIMIT = ["family", "subject", "label", "period_end"]


def bindings(case: Case, limits: tuple[Binding, ...]) -> pd.DataFrame:
    """Limits that bind: side, limit (MW; MWh for energy_window and storage_cycle), shadow price ≥ 0 per MWh."""
    period = whole([b.period for b in limits])
    columns = {
        "family": [b.family for b in limits],
        "subject": [b.subject for b in limits],
        "period": period,
        **when(case.horizon, period),
        "side": [b.side for b in limits],
        "limit_mw": real([b.limit_mw for b in limits]),
        "shadow_price": real([b.shadow_price for b in limits]),
    }
    return events(columns, LIMIT)


def violations(case: Case, broken: tuple[Violation, ...]) -> pd.DataFrame:
    """Soft limits that are broken and hard data that gave way: amount in its unit, penalty in money."""
    period = whole([v.period for v in broken])
    columns = {
        "family": [v.family for v in broken],
        "subject": [v.subject for v in broken],
        "period": period,
        **when(case.horizon, period),
        "amount_mw": real([v.amount_mw for v in broken]),
        "unit": [unit_of(v.family) for v in broken],
        "penalty": real([v.penalty for v in broken]),
    }
    return events(columns, LIMIT)


FINDING = ("severity", "code", "subject", "message", "value", "limit", "path", "clause")


def findings(case: Case, audit: tuple[Finding, ...], notes: tuple[Finding, ...]) -> pd.DataFrame:
    """What the audit found and what was noted: rows (source, severity, code), source `audit` or `note`."""
    every = (*audit, *notes)
    columns = {
        "source": ["audit"] * len(audit) + ["note"] * len(notes),
        "severity": [f.severity.name for f in every],
        "code": [f.code for f in every],
        "subject": [f.subject for f in every],
        **when(case.horizon, whole([f.period for f in every])),
        **{name: [getattr(f, name) for f in every] for name in ("message", "value", "limit", "path", "clause")},
    }
    return events(columns, ["source", "severity", "code"])
