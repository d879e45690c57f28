"""Findings about load that bids and virtual plants."""

import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.rules.load import load
from tests.case.cases import of
from tests.factory import Row, market

RULES = load()
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def bid(**more: object) -> Case:
    return market([40.0, 40.0], [{"id": "a", "p_max": 90.0}], bids=[{"id": "B", "max": 10.0, "price": 20.0, **more}])


def plants(*rows: Row) -> Case:
    full = [{"max": 10.0, "price": 20.0, **r} for r in rows]
    loads = {"x": [40.0, 40.0], "y": [0.0, 0.0]}
    branches = [{"id": "l", "ends": ("x", "y")}]
    return market(loads, [{"id": "a", "p_max": 90.0}], virtual=full, branches=branches)


FAULTS = [
    (bid(min=[0, 11]), "BID_MIN_ABOVE_MAX", ERROR, "case.demand_bids.min_mw[0]", 1),
    (bid(blocks=[(5, 20), (5, [10, 30])]), "BID_NOT_MONOTONE", ERROR, "case.demand_bids.bids.price_per_mwh[1]", 1),
    (bid(blocks=[(9, 20)]), "BID_TOO_NARROW", ERROR, "case.demand_bids.bids.width_mw[0]", 0),
    (bid(blocks=[]), "BID_TOO_NARROW", ERROR, "case.demand_bids.bids.width_mw[0]", 0),
    (bid(price=6e4), "BID_ABOVE_PENALTY", WARNING, "case.demand_bids.bids.price_per_mwh[0]", 0),
    (bid(price=2e6), "OFFER_ABOVE_CAP", ERROR, "case.demand_bids.bids.price_per_mwh[0]", 0),
    (bid(id="a"), "DUPLICATE_ID", ERROR, "case.demand_bids.id[0]", -1),
    (plants({"id": "v", "blocks": [(5, 20), (5, 10)]}), "BID_NOT_MONOTONE", ERROR,
     "case.virtual_plants.offers.price_per_mwh[1]", 0),
    (plants({"id": "v", "load": True, "blocks": [(5, 10), (5, 20)]}), "BID_NOT_MONOTONE", ERROR,
     "case.virtual_plants.offers.price_per_mwh[1]", 0),
    (plants({"id": "v"}, {"id": "w", "factors": {"x": 0.5, "y": 0.4}}), "FACTORS_NOT_ONE", ERROR,
     "case.virtual_plants.factor[1]", -1),
    (plants({"id": "v", "min": [0, 9], "max": [1, 10], "blocks": [(10, 5)], "ramp": 0.1}), "VIRTUAL_RAMP_TOO_SLOW",
     WARNING, "case.virtual_plants.ramp_mw_per_minute[0]", 1),
    (plants({"id": "v", "min": 11}), "BID_MIN_ABOVE_MAX", ERROR, "case.virtual_plants.min_mw[0]", 0),
]  # fmt: skip


@pytest.mark.parametrize(("spoiled", "code", "severity", "path", "period"), FAULTS)
def test_each_fault_is_named(spoiled: Case, code: str, severity: Severity, path: str, period: int) -> None:
    found = of(validate(spoiled, RULES), code)
    assert [(f.severity, f.path, f.period) for f in found] == [(severity, path, period)]


def test_a_ramp_that_just_reaches_is_enough() -> None:
    rows: Row = {"id": "v", "min": [0, 7], "max": [1, 10], "blocks": [(10, 5)], "ramp": 0.1}
    assert validate(plants(rows), RULES) == []
