"""Proto → approved costs."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.market_power.approved_cost import ApprovedCosts
from clearing.market_power.costs import CostTable, GasPrice, index_price
from clearing.rules.power_rules import ApprovedCostRules
from clearing.v1 import market_power_pb2
from clearing.wire.fields import Table, index_of, within
from clearing.wire.problems import Problems

_PATH = "approved_costs"
MOST_PRICE = 1e7


def read(
    pb: market_power_pb2.ApprovedCosts, case: Case, rules: ApprovedCostRules
) -> tuple[CostTable | None, list[Finding]]:
    """Approved cost of every resource, and all findings; None where there is one."""
    problems = Problems()
    for message, path in ((pb, _PATH), (pb.coal, f"{_PATH}.coal"), (pb.gas, f"{_PATH}.gas")):
        problems.only(message, path)
    plants = case.virtual_plants
    generation = plants.kind == VirtualPlantKind.GENERATION
    # A virtual load bids and has no cost: its id is unknown here.
    offering = tuple(name if own else "" for name, own in zip(plants.id, generation, strict=True))
    ids = (*case.units.id, *case.renewables.id, *offering)
    table = Table(pb, _PATH, "resource", 1, problems)
    names = table.ids("resource")
    rows, given = table.references("resource", index_of(ids)), table.floats("cost_per_mwh")
    within(problems, f"{_PATH}.cost_per_mwh", given, -MOST_PRICE, MOST_PRICE)
    cost = np.full(len(ids), np.nan)
    cost[rows[rows >= 0]] = given[rows >= 0]
    coal_unit, coal = _coal(pb.coal, case, rules, problems)
    gas_unit, gas = _gas(pb.gas, case, rules, problems)
    cost[gas_unit[gas_unit >= 0]] = gas[gas_unit >= 0]
    _once(problems, names, tuple(pb.coal.unit), tuple(pb.gas.unit))
    if problems.findings:
        return None, problems.findings
    units, sites = len(case.units.id), len(case.renewables.id)
    found = CostTable(cost[:units], cost[units : units + sites], cost[units + sites :], coal_unit, coal)
    return found, []


def _once(problems: Problems, direct: Ids, coal: Ids, gas: Ids) -> None:
    """CONTRADICTION: a resource in two tables."""
    seen = set(direct)
    for name, ids in (("coal", coal), ("gas", gas)):
        for row, unit in enumerate(ids):
            if unit in seen:
                path = f"{_PATH}.{name}.unit[{row}]"
                problems.error("CONTRADICTION", path, "The resource has a cost already.", value=unit, limit="one table")
        seen.update(ids)


def _coal(
    pb: market_power_pb2.CoalCosts, case: Case, rules: ApprovedCostRules, problems: Problems
) -> tuple[Ints, ApprovedCosts | None]:
    path = f"{_PATH}.coal"
    table = Table(pb, path, "unit", 1, problems)
    table.ids("unit")
    unit = table.references("unit", index_of(case.units.id))
    if not table.rows:
        return unit, None
    days = np.array(pb.index_per_tonne, dtype=np.float64)
    if bool(len(days)) == bool(len(pb.coal_price_per_tonne)):
        message = "Exactly one of index_per_tonne and coal_price_per_tonne."
        problems.error("CONTRADICTION", f"{path}.coal_price_per_tonne", message)
    within(problems, f"{path}.index_per_tonne", days, 0.0, MOST_PRICE)
    of_index = index_price(days, rules.coal_index_factor) if len(days) else 0.0
    columns = {
        "fuel_quadratic": (table.floats("fuel_quadratic"), 0.0, 1e3),
        "fuel_linear": (table.floats("fuel_linear"), 0.0, 1e5),
        "coal_price_per_tonne": (table.floats("coal_price_per_tonne", of_index), 0.0, MOST_PRICE),
        "coal_kcal_per_kg": (table.floats("coal_kcal_per_kg"), 1.0, 1e5),
        "auxiliary_share": (table.floats("auxiliary_share"), 0.0, 0.99),
        "other_per_mwh": (table.floats("other_per_mwh", 0.0), -MOST_PRICE, MOST_PRICE),
    }
    for name, (values, low, high) in columns.items():
        within(problems, f"{path}.{name}", values, low, high)
    if problems.findings:
        return unit, None
    figures: dict[str, Floats] = {name: values for name, (values, _, _) in columns.items()}
    return unit, ApprovedCosts(fuel_constant=np.zeros(table.rows), **figures)


def _gas(
    pb: market_power_pb2.GasCosts, case: Case, rules: ApprovedCostRules, problems: Problems
) -> tuple[Ints, Floats]:
    path = f"{_PATH}.gas"
    table = Table(pb, path, "unit", 1, problems)
    table.ids("unit")
    unit = table.references("unit", index_of(case.units.id))
    kwh, auxiliary = table.floats("kwh_per_nm3", rules.gas_9f_kwh_per_nm3), table.floats("auxiliary_share", 0.0)
    within(problems, f"{path}.kwh_per_nm3", kwh, 0.1, 20.0)
    within(problems, f"{path}.auxiliary_share", auxiliary, 0.0, 0.99)
    if not table.rows:
        return unit, np.zeros(0)
    price = GasPrice(pb.lng_price_per_tonne, pb.nm3_per_tonne, pb.regasification_per_nm3, pb.pipe_per_nm3)
    for name, value, low in (
        ("lng_price_per_tonne", price.lng_per_tonne, 0.0),
        ("nm3_per_tonne", price.nm3_per_tonne, 1.0),
        ("regasification_per_nm3", price.regasification_per_nm3, 0.0),
        ("pipe_per_nm3", price.pipe_per_nm3, 0.0),
    ):
        if not low <= value <= MOST_PRICE:
            problems.error("OUT_OF_RANGE", f"{path}.{name}", "Out of range.", value=value, limit=f"≥ {low:g}")
    if problems.findings:
        return unit, np.full(table.rows, np.nan)
    return unit, np.asarray(price.per_mwh(kwh, auxiliary))
