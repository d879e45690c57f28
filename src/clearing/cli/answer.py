"""The JSON object of a cleared case."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.output_curves import has_curves
from clearing.case.result import ClearingResult, Termination
from clearing.case.violation_units import unit_of
from clearing.cli.output import JsonObject, finding_objects, number, series
from clearing.cli.status import outcome
from clearing.report.about import About
from clearing.report.topology import main_island


def answer_object(case: Case, result: ClearingResult, about: About) -> JsonObject:
    """What `clearing run --json` prints. Keys are always all there; what is not known is null or empty.

    system_price is λ of the island with the greatest load energy; prices are per MWh, dispatch in MW, one value a
    period. periods and units are counts; violations is a list.
    """
    status, _ = outcome(result)
    horizon = case.horizon
    ending: JsonObject = {
        "status": status,
        **_termination(result.termination, about),
        "case": case.name,
        "operating_day": horizon.operating_day.isoformat(),
        "period_minutes": horizon.period_minutes,
        "periods": horizon.periods,
        "period_label": list(horizon.labels()),
        "units": len(case.units.id),
        "request_id": about.request_id,
        "rules": {
            "name": about.rules_name,
            "version": about.rules_version,
            "digest": about.rules_digest,
            "overrides": dict(about.rules_overrides),
        },
    }
    return {
        **ending,
        "violations": _violations(case, result),
        "audit": {"passed": result.audit_passed, "findings": finding_objects(result.audit)},
        **_prices(case, result),
        **_schedule(case, result),
        "costs": _costs(result),
        "uplift_total": number(float(result.uplift.make_whole.sum())) if result.uplift else None,
        "findings": finding_objects(result.notes),
        "notes": list(case.notes),
    }


def _termination(ending: Termination, about: About) -> JsonObject:
    stages = about.stage_seconds or ending.seconds
    wall = about.wall_seconds if about.wall_seconds is not None else sum(s for _, s in stages)
    return {
        "termination": ending.reason.name,
        "detail": ending.detail,
        "objective": number(ending.objective),
        "bound": number(ending.bound),
        "bound_kind": ending.bound_kind.name,
        "gap": number(ending.gap),
        "absolute_gap": number(ending.absolute_gap),
        "gap_asked": number(ending.gap_asked),
        "priced": ending.priced,
        "wall_seconds": number(wall),
        "queue_seconds": number(about.queue_seconds),
        "stage_seconds": {stage: number(seconds) for stage, seconds in stages},
    }


def _violations(case: Case, result: ClearingResult) -> list[JsonObject]:
    labels = case.horizon.labels()
    return [
        {
            "family": v.family,
            "subject": v.subject,
            "period": v.period,
            "label": labels[v.period] if 0 <= v.period < len(labels) else None,
            "amount_mw": number(v.amount_mw),
            "unit": unit_of(v.family),
            "penalty": number(v.penalty),
        }
        for v in result.violations
    ]


def _prices(case: Case, result: ClearingResult) -> JsonObject:
    prices = result.prices
    if prices is None:
        return {"system_price": None, "bus_prices": {}, "zone_prices": {}, "reserve_prices": {}}
    return {
        "system_price": series(prices.system_price[main_island(case)]),
        "bus_prices": _rows(case.network.bus_id, prices.bus_price),
        "zone_prices": _rows(case.network.zone_id, prices.zone_price),
        "reserve_prices": _rows(case.reserves.product_id, prices.reserve_price),
    }


def _schedule(case: Case, result: ClearingResult) -> JsonObject:
    schedule = result.schedule
    if schedule is None:
        names = ("dispatch", "commitment", "renewable_dispatch", "storage_net", "pumped_hydro_net", "reservoirs")
        return {name: {} for name in (*names, "demand_bids", "virtual_plants", "hvdc", "curve_output")}
    return {
        "dispatch": _rows(case.units.id, schedule.dispatch_mw),
        "commitment": {name: row.tolist() for name, row in zip(case.units.id, schedule.on, strict=True)},
        "renewable_dispatch": _rows(case.renewables.id, schedule.renewable_mw),
        "storage_net": _rows(case.storage.id, schedule.discharge_mw - schedule.charge_mw),
        "pumped_hydro_net": _rows(case.pumped_hydro.id, schedule.generate_mw - schedule.pump_mw),
        "reservoirs": _rows(case.pumped_hydro.reservoir_id, schedule.reservoir_mwh),
        "demand_bids": _rows(case.demand_bids.id, schedule.demand_mw),
        "virtual_plants": _rows(case.virtual_plants.id, schedule.virtual_mw),
        "hvdc": _rows(case.hvdc_lines.id, schedule.hvdc_mw),
        "curve_output": _rows(case.units.id, schedule.curve_mw) if has_curves(case) else {},
    }


def _costs(result: ClearingResult) -> JsonObject | None:
    costs = result.costs
    if costs is None:
        return None
    return {
        "energy": number(costs.energy),
        "no_load": number(costs.no_load),
        "start": number(costs.start),
        "stop": number(costs.stop),
        "storage": number(costs.storage),
        "penalty": number(costs.penalty),
        "demand": number(costs.demand),
        "reserve": number(costs.reserve),
        "total": number(costs.total),
    }


def _rows(ids: tuple[str, ...], values: np.ndarray) -> JsonObject:
    return {name: series(row) for name, row in zip(ids, values, strict=True)}
