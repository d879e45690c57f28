"""A metered month → the reply of MeterSubstitution: a public part, and one message a party."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.finding import Finding
from clearing.rules.rules import Rules
from clearing.substitution.metering_month import Month
from clearing.v1 import substitution_metering_pb2 as pb2
from clearing.wire import encode
from clearing.wire.substitution_months import MonthRequest


def write(request: MonthRequest, rules: Rules, month: Month, notes: Sequence[Finding]) -> bytes:
    """A serialised MeterSubstitutionResponse."""
    priced = all(request.priced)
    pb = pb2.MeterSubstitutionResponse(
        totals=_totals(request, month),
        captives=[_captive(request, month, row) for row in range(len(request.enterprise))],
        sites=[_sites(request, month, owner, own) for owner, own in rows_by_owner(request.owner).items()],
        residual_milli=month.money.residual if priced else None,
        findings=[encode.finding(found) for found in notes],
        rules=encode.rule_echo(rules),
    )
    return pb.SerializeToString(deterministic=True)


def _totals(request: MonthRequest, month: Month) -> pb2.SubstitutionMonthTotals:
    site, total = month.site, int(month.captive.substitution_kwh.sum())
    return pb2.SubstitutionMonthTotals(
        boundary_kwh=month.captive.shaved_kwh.sum(axis=0).tolist(),
        captive_kwh=total,
        settled_kwh=int(site.settled_kwh.sum()),
        advanced_kwh=int(site.advanced_kwh.sum()),
        area=request.areas.area,
        coefficient=_share(site.area_kwh, np.full_like(site.area_kwh, total)),
        area_kwh=site.area_kwh.tolist(),
        area_base_kwh=site.base_kwh.tolist(),
        ratio=_share(site.area_kwh, site.base_kwh),
    )


def _share(part: Ints, whole: Ints) -> list[float]:
    return [p / w if w else 0.0 for p, w in zip(part.tolist(), whole.tolist(), strict=True)]


def _captive(request: MonthRequest, month: Month, row: int) -> pb2.CaptiveStatement:
    own = np.flatnonzero(request.windows.enterprise == row)
    captive, plan, money = month.captive, month.captive_plan, month.money
    priced = request.priced[0]
    return pb2.CaptiveStatement(
        enterprise=request.enterprise[row],
        window=own.tolist(),
        window_kwh=month.shaved.energy_kwh[own].tolist(),
        window_taken_kwh=request.windows.taken_kwh[own].tolist(),
        boundary_kwh=captive.shaved_kwh[row].tolist(),
        take_kwh=int(captive.take_kwh[row]),
        purchase_kwh=int(captive.purchase_kwh[row]),
        substitution_kwh=int(captive.substitution_kwh[row]),
        feed_in_kwh=int(captive.feed_in_kwh[row]),
        plan_kwh=int(plan.plan_kwh[row]),
        deviation_kwh=int(plan.deviation_kwh[row]),
        within=bool(plan.within[row]),
        purchase_milli=int(money.purchase[row]) if priced else None,
        trade_milli=int(money.trade[row]) if priced else None,
        saved_milli=int(money.saved[row]) if priced else None,
    )


def _sites(request: MonthRequest, month: Month, owner: str, own: Ints) -> pb2.SiteStatement:
    site, plan, money = month.site, month.site_plan, month.money
    columns = {
        "on_grid_kwh": request.sites.on_grid_kwh,
        **{f"{name}_kwh": getattr(site, f"{name}_kwh") for name in (
            "due", "settled", "advanced", "direct", "export", "returned", "priority", "direct_short", "export_short"
        )},
        "plan_kwh": plan.plan_kwh,
        "deviation_kwh": plan.deviation_kwh,
        "within": plan.within.astype(np.int64),
    }  # fmt: skip
    if request.priced[1]:
        columns |= {"full_milli": money.full, "compensation_milli": money.compensation,
                    "advanced_compensation_milli": money.advanced}  # fmt: skip
    pb = pb2.SiteStatement(owner_id=owner, site=[request.site[row] for row in own.tolist()])
    for name, values in columns.items():
        getattr(pb, name).extend(values[own].tolist())
    return pb


def rows_by_owner(owners: Ids) -> dict[str, Ints]:
    """Rows of every owner, owners in the order in which they first stand."""
    rows: dict[str, list[int]] = {}
    for row, owner in enumerate(owners):
        rows.setdefault(owner, []).append(row)
    return {owner: np.array(own, dtype=np.int64) for owner, own in rows.items()}
