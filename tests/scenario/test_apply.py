"""Changes of a case: what each does, where, and that everything that does not fit is said at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.units import Fuel
from clearing.case.validate import validate
from clearing.formats.findings import FormatError
from clearing.rules.load import load
from clearing.scenario.apply import apply
from clearing.scenario.changes import as_patch, read_patch
from clearing.scenario.merge import merged, patch_between
from clearing.scenario.rows import differences
from clearing.wire import case_file
from tests import factory


def base() -> Case:
    """Four hours from 08:00: a coal and a gas unit, a wind site, a store, a tie, two buses in two zones, a product."""
    case = factory.market(
        load={"A": [80.0, 90.0, 100.0, 90.0], "B": [10.0, 20.0, 30.0, 20.0]},
        buses=["A", "B"], zones={"A": "west", "B": "east"}, start_minute=480,
        units=[
            {"id": "coal", "bus": "A", "p_min": 20, "p_max": 150, "price": 20, "no_load": 5, "start": [(0, 100)],
             "on": True, "mw": 60, "must_run": 1},
            {"id": "gas", "bus": "B", "p_max": 80, "price": 60},
        ],
        renewables=[{"id": "wind", "bus": "B", "forecast": [10, 20, 20, 10], "price": 0}],
        storage=[{"id": "store", "bus": "A", "charge": 10, "discharge": 10}], ties=[{"id": "tie", "bus": "A", "mw": 5}],
        branches=[{"id": "AB", "ends": ("A", "B"), "x": 0.1, "limit": 50}, {"id": "AB2", "ends": ("A", "B"), "x": 0.1}],
        products=[{"id": "spin", "up": True, "requirement": 10}],
    )  # fmt: skip
    return case


def changed(*changes: dict[str, Any], of: Case | None = None) -> Case:
    return apply(of or base(), [as_patch({"changes": list(changes)}, "p")])


def found(*changes: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(FormatError) as wrong:
        changed(*changes)
    return [(finding.code, finding.path) for finding in wrong.value.findings]


def errors(case: Case) -> list[str]:
    return [f.code for f in validate(case, load("generic", "", {})) if f.severity.name == "ERROR"]


def test_outages_of_everything_in_a_window() -> None:
    window = {"from": "09:00", "to": "11:00"}
    case = changed(
        {"change": "outage", "unit": "coal", **window}, {"change": "outage", "renewable": "wind", **window},
        {"change": "outage", "storage": "store", "to": "09:00"}, {"change": "outage", "tie": "tie", "from": "11:00"},
        {"change": "outage", "branch": "AB2", **window},
    )  # fmt: skip
    assert case.units.on_max.tolist() == [[1, 0, 0, 1], [1, 1, 1, 1]]
    assert case.units.on_min.tolist() == [[1, 0, 0, 1], [0, 0, 0, 0]]  # what is out need not run
    assert case.renewables.forecast_mw.tolist() == [[10.0, 0.0, 0.0, 10.0]]
    assert case.storage.charge_max_mw[0, 0] == case.storage.discharge_max_mw[0, 0] == 0.0
    assert (case.storage.charge_max_mw[0, 1:] > 0.0).all()
    assert case.ties.import_mw.tolist() == [[5.0, 5.0, 5.0, 0.0]]
    windows = case.network.branch_outages
    assert (windows.branch.tolist(), windows.first_period.tolist(), windows.last_period.tolist()) == ([1], [1], [2])
    assert errors(case) == []


def test_a_window_takes_every_period_that_it_touches() -> None:
    case = changed({"change": "outage", "tie": "tie", "from": "09:59", "to": "10:01"})
    assert case.ties.import_mw.tolist() == [[5.0, 0.0, 0.0, 5.0]]


def test_loads_by_zone_and_window() -> None:
    case = changed({"change": "scale", "what": "load", "by": 1.5, "zone": "east", "from": "11:00"})
    old = base()
    east = [old.network.bus_id[k] == "B" for k in old.loads.bus]
    expected = np.where(np.array(east)[:, None] & (np.arange(4) == 3), 1.5, 1.0) * old.loads.mw
    assert np.array_equal(case.loads.mw, expected)
    assert case.loads.mw.sum() == pytest.approx(old.loads.mw.sum() + 10.0)


def test_fuel_price_moves_all_costs_of_its_units_alone() -> None:
    old = base()
    units = old.units
    fuels = np.array([Fuel.COAL, Fuel.GAS])
    case = changed({"change": "scale", "what": "fuel_price", "fuel": "COAL", "by": 1.5},
                   of=replace(old, units=replace(units, fuel=fuels)))  # fmt: skip
    assert np.unique(case.units.offers.price_per_mwh).tolist() == [30.0, 60.0]
    assert case.units.no_load_cost_per_hour.tolist() == [7.5, 0.0]
    assert case.units.start_costs.cost[0] == 150.0


def test_renewables_grow_with_their_offers() -> None:
    case = changed({"change": "scale", "what": "renewables", "by": 2.0})
    assert case.renewables.forecast_mw.tolist() == [[20.0, 40.0, 40.0, 20.0]]
    assert errors(case) == []
    smaller = changed({"change": "scale", "what": "renewables", "by": 0.5})
    assert smaller.renewables.forecast_mw.tolist() == [[5.0, 10.0, 10.0, 5.0]]
    assert errors(smaller) == []


def test_reserve_and_branch_limits() -> None:
    case = changed({"change": "scale", "what": "reserve", "by": 1.2, "ids": ["spin"], "to": "09:00"},
                   {"change": "scale", "what": "branch_limit", "by": 0.0})  # fmt: skip
    assert case.reserves.requirement_mw.tolist() == [[12.0, 10.0, 10.0, 10.0]]
    assert case.network.branch_limit_mw.tolist() == [0.0, np.inf]  # no limit stays none


def test_noise_is_that_of_its_seed() -> None:
    one, same, other = (
        changed({"change": "noise", "what": "load", "sigma": 0.1, "seed": seed}).loads.mw for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    drawn = np.random.default_rng(1).standard_normal((2, 4))
    assert np.allclose(one, base().loads.mw * (1.0 + 0.1 * drawn), rtol=1e-15)


def test_set_by_id() -> None:
    case = changed(
        {
            "change": "set",
            "table": "units",
            "id": "gas",
            "values": {"p_max_mw": 70, "initial_minutes": 90},
        },
        {"change": "set", "table": "loads", "id": base().loads.id[0], "values": {"mw": [1, 2, 3, 4]}},
        {"change": "set", "table": "branches", "id": "AB", "values": {"limit_mw": 33}},
    )
    assert case.units.p_max_mw.tolist() == [[150.0] * 4, [70.0] * 4]
    assert case.units.initial_minutes[1] == 90
    assert case.loads.mw[0].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert case.network.branch_limit_mw[0] == 33.0
    series = changed({"change": "set", "table": "units", "id": "gas", "values": {"p_max_mw": [70, 71, 72, 73]}})
    assert series.units.p_max_mw.tolist() == [[150.0] * 4, [70.0, 71.0, 72.0, 73.0]]


def test_a_plain_object_is_a_merge_patch() -> None:
    case = apply(base(), [as_patch({"name": "other", "reserves": None}, "p")])
    assert (case.name, case.reserves.product_id) == ("other", ())


def test_everything_that_does_not_fit_is_said_at_once() -> None:
    assert found(
        {"change": "outage", "unit": "nobody"}, {"change": "outage", "tie": "tie", "from": "23:00"},
        {"change": "scale", "what": "load", "by": 2, "zone": "south"},
        {"change": "scale", "what": "load", "by": 2, "ids": ["x"]},
        {"change": "set", "table": "plants", "id": "a", "values": {"b": 1}},
        {"change": "set", "table": "units", "id": "gas", "values": {"nonsense": 1, "p_max_mw": [1, 2]}},
        {"change": "merge", "patch": {"units": {"p_max_mw": "many"}}},
    ) == [
        ("UNKNOWN_ID", "patch:changes.0.unit"), ("OUT_OF_RANGE", "patch:changes.1.from"),
        ("NOTHING_TO_CHANGE", "patch:changes.2.what"), ("UNKNOWN_ID", "patch:changes.3.ids"),
        ("UNKNOWN_FIELD", "patch:changes.4.table"), ("UNKNOWN_FIELD", "patch:changes.5.values.nonsense"),
        ("WRONG_LENGTH", "patch:changes.5.values.p_max_mw"), ("BAD_JSON", "patch:changes.6.patch"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"change": "outage"}, "p:changes.0.outage"),
        ({"change": "outage", "unit": "a", "tie": "b"}, "p:changes.0.outage"),
        ({"change": "outage", "unit": "a", "from": "9"}, "p:changes.0.outage.from"),
        ({"change": "scale", "what": "load", "by": -1}, "p:changes.0.scale.by"),
        ({"change": "scale", "what": "load", "by": 1, "fuel": "COAL"}, "p:changes.0.scale"),
        ({"change": "scale", "what": "fuel_price", "by": 1, "from": "09:00"}, "p:changes.0.scale"),
        ({"change": "noise", "what": "load", "sigma": 0.1}, "p:changes.0.noise.seed"),
        ({"change": "else"}, "p:changes.0"),
    ],
)
def test_patches_that_say_nothing_clear(change: dict[str, Any], path: str) -> None:
    with pytest.raises(FormatError) as wrong:
        as_patch({"changes": [change]}, "p")
    assert [(f.code, f.path) for f in wrong.value.findings] == [("BAD_PATCH", path)]


def test_patch_files(tmp_path: Path) -> None:
    tmp_path.joinpath("more.json").write_text('{"changes": [{"change": "scale", "what": "load", "by": 2}]}', "utf-8")
    patch = read_patch("more.json", tmp_path)
    assert patch.name == "more"
    assert apply(base(), [patch]).loads.mw.sum() == 2.0 * base().loads.mw.sum()
    tmp_path.joinpath("bad.json").write_text("{", "utf-8")
    for name, code in (("bad.json", "BAD_PATCH"), ("none.json", "FILE_NOT_FOUND")):
        with pytest.raises(FormatError) as wrong:
            read_patch(name, tmp_path)
        assert wrong.value.findings[0].code == code


def test_differences_are_told_by_id_and_lead_back() -> None:
    one = base()
    other = changed({"change": "outage", "unit": "gas", "from": "10:00"},
                    {"change": "scale", "what": "load", "by": 1.1},
                    {"change": "set", "table": "branches", "id": "AB", "values": {"limit_mw": 20}})  # fmt: skip
    before, after = case_file.case_to_tree(one), case_file.case_to_tree(other)
    told = {(d.table, d.id, d.column): d for d in differences(before, after, 4)}
    loads = {("loads", name, "mw") for name in one.loads.id}
    assert set(told) == {("units", "gas", "on_max"), ("network", "AB", "branch_limit_mw"), *loads}
    on = told["units", "gas", "on_max"]
    assert (on.before, on.after, on.period, on.periods) == (1, 0, 2, 2)
    limit = told["network", "AB", "branch_limit_mw"]
    assert (limit.before, limit.after, limit.period) == (50.0, 20.0, -1)
    back, findings = case_file.case_from_tree(merged(before, patch_between(before, after)))
    assert not [f for f in findings if f.severity.name == "ERROR"]
    assert back is not None
    assert case_file.case_to_bytes(back) == case_file.case_to_bytes(other)
