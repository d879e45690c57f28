"""Reserve products in Egret's form, where the case has no others; whether it has is tried by reading them back."""

from __future__ import annotations

import json
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from clearing.case.award_terms import GIVEN_OFF, GIVEN_ON, offline_stated
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.formats.egret import products as kinds
from clearing.formats.egret.reserves import COSTS, MINUTES, REGULATION
from clearing.formats.egret.write_thermal import series
from clearing.formats.findings import FormatError
from clearing.formats.unexpressed import Losses

TABLES = (
    *("reserves", "reserve_sharing", "reserve_demand", "reserve_offers", "reserve_kinds", "award_terms"),
    "regulation_bands",
)
CAPACITY = {kinds.SPINNING: "spinning_capacity", kinds.SUPPLEMENTAL: "supplemental_spinning_capacity"}
NEAR = 1e-9


def written_reserves(case: Case, tree: dict[str, Any], losses: Losses) -> None:
    """Requirements and what units can hold, into the tree; a finding for every table that does not come back."""
    from clearing.formats.egret import read  # noqa: PLC0415  reading is above writing in this package

    reserves, system = case.reserves, tree["system"]
    for name in ("positive_min_mw", "positive_max_mw", "negative_min_mw"):
        if getattr(reserves, name) is not None:
            losses.problem(f"case.reserves.{name}", "The format has no system reserve of this kind.")
    if not reserves.product_id:
        return
    parsed = [_parse(name) for name in reserves.product_id]
    if len(parsed) == 1 and parsed[0] is None and _plain(case):
        losses.label("case.reserves.product_id", "The plain requirement has no name there.", reserves.product_id[0])
        parsed = [(kinds.BASIC, ())]
    known = [p for p in parsed if p is not None]
    if len(known) < len(parsed):
        losses.problem("case.reserves.product_id", "Products are those of Egret there.", ", ".join(reserves.product_id))
        return
    _requirements(case, known, tree)
    _units(case, known, tree)
    if any(kind != kinds.BASIC and MINUTES.get(kind) for kind, _ in known):
        terms = case.award_terms
        system["reserve_ramping_constraints"] = bool(np.any(terms.ramp_now[terms.product >= 0] > 1.0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.json"
        path.write_text(json.dumps(tree), encoding="utf-8")
        try:
            back = read(path)
        except FormatError as error:
            first = error.findings[0]
            losses.problem("case.reserves", f"What units hold cannot be said there: {first.message}", first.path)
            return
    for name in TABLES:
        if not _same(getattr(case, name), getattr(back, name), {"product_id"} if _plain(case) else set()):
            losses.problem(f"case.{name}", "The products of the format cannot say this of them.")


def _plain(case: Case) -> bool:
    """One product of unlimited response that everybody may hold: Egret's `reserve_requirement`."""
    table = case.reserves
    return (
        len(table.product_id) == 1
        and bool(table.direction[0] == Direction.UP)
        and bool(np.isposinf(table.response_minutes[0]))
        and bool(np.isposinf(table.unit_max_mw).all())
        and bool(table.covers_bus.all())
    )


def _parse(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Kind and places of a product as the reader names it."""
    kind, _, rest = name.partition("@")
    places = tuple(rest.split("+")) if rest else ()
    good = kind in kinds.KEYS or (kind == kinds.BASIC and not places)
    return (kind, places) if good and all(p.partition(":")[0] in kinds.PLACES for p in places) else None


def _requirements(case: Case, parsed: list[tuple[str, tuple[str, ...]]], tree: dict[str, Any]) -> None:
    """What is required of each kind beyond the better ones, by place, and the prices of shortfalls."""
    required = {key: case.reserves.requirement_mw[q] for q, key in enumerate(parsed)}
    price = {
        parsed[q][0]: float(p)
        for q, p in zip(case.reserve_demand.step_product, case.reserve_demand.step_price, strict=True)
    }
    system, elements = tree["system"], tree["elements"]
    for (kind, places), mw in required.items():
        if len(places) > 1:
            continue
        if kind == kinds.BASIC:
            system["reserve_requirement"] = series(mw)
            if kind in price:
                system["reserve_shortfall_cost"] = price[kind]
            continue
        better = (
            [k for k in kinds.NESTED[: kinds.NESTED.index(kind)] if (k, places) in required]
            if kind in kinds.NESTED
            else []
        )
        own = np.maximum(mw - required[better[-1], places], 0.0) if better else mw
        row = system
        if places:
            table, _, name = places[0].partition(":")
            row = elements.setdefault(table, {}).setdefault(name, {})
        row[kinds.KEYS[kind]] = series(own)
        if kind in price:
            system[kinds.PENALTIES[kind][0]] = price[kind]


def _units(case: Case, parsed: list[tuple[str, tuple[str, ...]]], tree: dict[str, Any]) -> None:
    """Fields of the units: places, capacities, bands, prices."""
    table, rows = case.reserves, tree["elements"]["generator"]
    said = offline_stated(case.award_terms, len(parsed), len(case.units.id))
    for q, (kind, places) in enumerate(parsed):
        for i, name in enumerate(case.units.id):
            cap, off = float(table.unit_max_mw[q, i]), said[q, i]
            if cap <= 0.0 and not off >= 0.0:
                continue
            row = rows[name]
            row |= {place.partition(":")[0]: place.partition(":")[2] for place in places}
            if kind in REGULATION:
                row |= {"ramp_agc": cap / MINUTES[kind]}
            elif np.isfinite(cap) and cap > 0.0:
                key = {kinds.SPINNING: "spinning_capacity", kinds.SUPPLEMENTAL: "supplemental_spinning_capacity"}.get(
                    kind
                )
                row |= {key: cap} if key else {}
            if off >= 0.0 and kind == kinds.NON_SPINNING:
                row |= {"fast_start": True, "non_spinning_capacity": float(off)}
            elif off >= 0.0:
                row |= {"supplemental_start": True, "supplemental_non_spinning_capacity": float(off)}
    bands = case.regulation_bands
    for b, i in enumerate(bands.unit.tolist()):
        given = [0 if g == GIVEN_OFF else 1 if g == GIVEN_ON else None for g in bands.given[b].tolist()]
        row = rows[case.units.id[i]]
        row |= {"agc_capable": True, "p_min_agc": series(bands.min_mw[b]), "p_max_agc": series(bands.max_mw[b])}
        row |= {"agc_fixed_cost": series(bands.cost_per_hour[b])}
        row.setdefault("ramp_agc", 0.0)
        if any(g is not None for g in given):
            row["fixed_regulation"] = {"data_type": "time_series", "values": given}
    offers = case.reserve_offers
    for q, i, price in zip(offers.product.tolist(), offers.unit.tolist(), offers.price_per_mw_hour, strict=True):
        if parsed[q][0] in COSTS:
            rows[case.units.id[i]][COSTS[parsed[q][0]]] = series(price)


def _same(ours: Any, back: Any, left_out: set[str]) -> bool:
    """Whether two tables say the same, numbers but for rounding."""
    for field in fields(ours):
        a, b = getattr(ours, field.name), getattr(back, field.name)
        if field.name in left_out or (a is None and b is None):
            continue
        if isinstance(a, np.ndarray):
            if a.size == 0 and b.size == 0:
                continue
            if a.shape != b.shape or not np.allclose(a.astype(np.float64), b.astype(np.float64), rtol=NEAR, atol=NEAR):
                return False
        elif a != b:
            return False
    return True
