"""Egret's JSON: what every field becomes, and that nothing it cannot take is dropped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.units import Fuel, StartState
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.formats import FormatError
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions

QUADRATIC = {"data_type": "cost_curve", "cost_curve_type": "polynomial", "values": {"0": 100, "1": 10.0, "2": 0.02}}


def series(*values: Any) -> dict[str, Any]:
    return {"data_type": "time_series", "values": list(values)}


def points(*pairs: tuple[float, float]) -> dict[str, Any]:
    return {"data_type": "cost_curve", "cost_curve_type": "piecewise", "values": [list(p) for p in pairs]}


def thermal(**more: Any) -> dict[str, Any]:
    row = {
        "generator_type": "thermal", "bus": "north", "fuel": "C", "in_service": True, "zone": "None",
        "p_min": 20.0, "p_max": 100.0, "p_cost": QUADRATIC, "ramp_up_60min": 60.0, "ramp_down_60min": 30.0,
        "startup_capacity": 40.0, "shutdown_capacity": 35.0, "startup_cost": [[2, 50.0], [5, 80.0], [9, 120.0]],
        "shutdown_cost": 7.0, "min_up_time": 3, "min_down_time": 2, "initial_status": 4, "initial_p_output": 50.0,
        "must_run": 0, "agc_capable": True, "ramp_agc": 1.0,
    }  # fmt: skip
    return row | more


def instance() -> dict[str, Any]:
    branch = {"branch_type": "line", "from_bus": "north", "to_bus": "south", "reactance": 0.2, "rating_long_term": 80.0}
    return {
        "system": {
            "time_keys": ["1", "2", "3"], "time_period_length_minutes": 60, "baseMVA": 50.0, "reference_bus": "north",
            "reserve_requirement": series(5.0, 6.0, 7.0), "reserve_shortfall_cost": 300.0, "load_mismatch_cost": 999.0,
        },
        "elements": {
            "bus": {"north": {"base_kv": 230.0}, "south": {"base_kv": 110.0, "v_max": 1.1}},
            "branch": {"line": branch | {"angle_diff_min": -180.0, "angle_diff_max": 180.0}},
            "interface": {
                "cut": {"lines": ["line"], "line_orientation": [-1], "minimum_limit": -70, "maximum_limit": 60}
            },
            "load": {
                "l": {"bus": "south", "in_service": True, "p_load": series(50.0, 60.0, 55.0)},
                "out": {"bus": "south", "in_service": False, "p_load": 999.0},
            },
            "generator": {
                "a": thermal(),
                "b": thermal(
                    initial_status=-3, initial_p_output=0, startup_cost=40, fixed_commitment=series(None, 0, 1)
                ),
                "w": {
                    "generator_type": "renewable", "bus": "south", "fuel": "W", "p_min": 0.0,
                    "p_max": series(5.0, 9.0, 2.0), "p_cost": 1.5,
                },
            },
            "storage": {},
            "zone": {},
        },
    }  # fmt: skip


def read(folder: Path, data: dict[str, Any], format: str = "auto") -> Case:
    (folder / "case.json").write_text(json.dumps(data))
    return formats.read(folder / "case.json", format)


def test_every_field_becomes_what_egret_means_by_it(tmp_path: Path) -> None:
    case = read(tmp_path, instance())
    units, network = case.units, case.network
    assert [f for f in validate(case, load("generic")) if f.severity.name == "ERROR"] == []
    assert (case.horizon.periods, case.horizon.period_minutes) == (3, 60)
    assert (units.id, case.renewables.id, case.loads.id) == (("a", "b"), ("w",), ("l",))
    assert units.fuel.tolist() == [Fuel.COAL] * 2
    assert case.renewables.fuel.tolist() == [Fuel.WIND]
    assert (units.ramp_up_mw_per_minute[0], units.ramp_down_mw_per_minute[0]) == (1.0, 0.5)
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0], units.stop_cost[0]) == (40.0, 35.0, 7.0)
    assert (units.min_up_minutes[0], units.min_down_minutes[0]) == (180, 120)
    assert units.initial_on.tolist() == [True, False]
    assert units.initial_minutes.tolist() == [240, 180]
    assert units.initial_mw.tolist() == [50.0, 0.0]
    assert units.on_min[1].tolist() == [0, 0, 1]
    assert units.on_max[1].tolist() == [1, 0, 1]
    # 100 + 10 P + 0.02 P² at 20, 60, 100 MW: 308, 772, 1300
    assert units.no_load_cost_per_hour[0] == pytest.approx(308.0 - 11.6 * 20.0)
    assert units.offers.price_per_mwh[:2, 0].tolist() == pytest.approx([11.6, 13.2])
    assert units.offers.width_mw[:2, 0].tolist() == [60.0, 40.0]
    starts = units.start_costs
    assert starts.after_minutes.tolist() == [0, 300, 540, 0]
    assert starts.cost.tolist() == [50.0, 80.0, 120.0, 40.0]
    assert starts.state.tolist() == [StartState.HOT, StartState.WARM, StartState.COLD, StartState.COLD]
    assert starts.inclusive.all()
    assert case.renewables.offers.price_per_mwh[0].tolist() == [1.5] * 3
    assert network.branch_reactance_pu.tolist() == [0.4]  # 0.2 on 50 MVA is 0.4 on 100
    assert network.branch_limit_mw.tolist() == [80.0]
    assert (network.interface_min_mw[0, 0], network.interface_max_mw[0, 2]) == (-70.0, 60.0)
    assert network.term_coefficient.tolist() == [-1.0]
    assert case.reserves.requirement_mw.tolist() == [[5.0, 6.0, 7.0]]
    assert case.reserve_demand.step_price.tolist() == [300.0]
    assert any("999" in note for note in case.notes)
    assert any("left out: out" in note for note in case.notes)


def test_what_is_not_stated_has_egrets_default(tmp_path: Path) -> None:
    data = instance()
    row = data["elements"]["generator"]["a"]
    for key in ("startup_capacity", "shutdown_capacity", "startup_cost", "shutdown_cost", "must_run", "fuel"):
        del row[key]
    units = read(tmp_path, data).units
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0]) == (50.0, 35.0)  # half an hour's ramp over p_min
    assert (units.start_costs.cost[0], units.stop_cost[0], units.fuel[0]) == (0.0, 0.0, Fuel.OTHER)


def test_the_room_of_a_start_scales_with_the_period(tmp_path: Path) -> None:
    data = instance()
    data["system"]["time_period_length_minutes"] = 15
    units = read(tmp_path, data).units
    assert (units.startup_limit_mw[0], units.shutdown_limit_mw[0]) == (25.0, 23.75)


def test_points_are_cut_at_the_limits(tmp_path: Path) -> None:
    data = instance()
    data["elements"]["generator"]["a"]["p_cost"] = points((0, 100), (40, 500), (120, 2100))
    units = read(tmp_path, data).units
    assert units.offers.width_mw[:2, 0].tolist() == pytest.approx([40.0, 60.0])
    assert units.offers.price_per_mwh[:2, 0].tolist() == pytest.approx([10.0, 20.0])
    assert units.no_load_cost_per_hour[0] == pytest.approx(100.0)


def cost_at(case: Case, unit: int, period: int, mw: float) -> float:
    """Cost an hour of an output, from no-load cost and blocks."""
    offers = case.units.offers
    chosen = offers.resource == unit
    left, cost = mw, float(case.units.no_load_cost_per_hour[unit])
    for width, price in zip(offers.width_mw[chosen, period], offers.price_per_mwh[chosen, period], strict=True):
        part = min(left, float(width))
        left, cost = left - part, cost + part * float(price)
    assert left == pytest.approx(0.0)
    return cost


def test_costs_and_limits_by_period_give_back_every_periods_curve(tmp_path: Path) -> None:
    data = instance()
    row = data["elements"]["generator"]["a"]
    row["p_min"], row["p_max"] = series(20.0, 30.0, 20.0), series(100.0, 90.0, 80.0)
    row["p_cost"] = series(QUADRATIC, points((30, 700), (90, 1900)), points((20, 400), (50, 700), (80, 1600)))
    case = read(tmp_path, data)
    expected = [
        {20.0: 308.0, 60.0: 772.0, 100.0: 1300.0}, {30.0: 700.0, 60.0: 1300.0, 90.0: 1900.0},
        {20.0: 400.0, 50.0: 700.0, 65.0: 1150.0, 80.0: 1600.0},
    ]  # fmt: skip
    for t, curve in enumerate(expected):
        for mw, cost in curve.items():
            assert cost_at(case, 0, t, mw) == pytest.approx(cost), (t, mw)
    rising = case.units.offers.price_per_mwh[case.units.offers.resource == 0]
    assert (np.diff(rising, axis=0) >= -1e-9).all()
    answer = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed


def test_a_curve_that_is_not_convex_is_lowered_and_said(tmp_path: Path) -> None:
    data = instance()
    data["elements"]["generator"]["a"]["p_cost"] = points((20, 300), (60, 900), (100, 1100))
    assert any("Unit a: cost points not convex" in note for note in read(tmp_path, data).notes)


Edit = Callable[[dict[str, Any]], object]


def of(kind: str, name: str, **fields: Any) -> Edit:
    return lambda d: d["elements"].setdefault(kind, {}).setdefault(name, {}).update(fields)


STORE = {
    "bus": "north", "max_charge_rate": 20.0, "min_charge_rate": 2.0, "max_discharge_rate": 25.0,
    "energy_capacity": 80.0,
    "minimum_state_of_charge": 0.1, "charge_efficiency": 0.9, "discharge_efficienty": 0.8, "retention_rate_60min": 0.99,
    "charge_cost": 1.0, "discharge_cost": 2.0, "initial_state_of_charge": 0.25, "end_state_of_charge": 0.5,
    "ramp_up_input_60min": 18.0, "initial_charge_rate": 0.0, "in_service": True,
}  # fmt: skip
LINK = {"from_bus": "north", "to_bus": "south", "rating_long_term": 40.0, "in_service": True}


def coefs(**values: Any) -> dict[str, Any]:
    return {"data_type": "coefs", "values": values}


CONSTRAINT = {
    "security_constraint_type": "pg", "lower_bound": -10.0, "upper_bound": series(90.0, 80.0, 70.0),
    "coefs": coefs(generator={"a": 0.5, "w": 1.0}, storage={}),
}  # fmt: skip

REFUSED: dict[str, tuple[Edit, str, str]] = {
    "a field nobody knows": (of("generator", "a", p_magic=3), "FIELD_NOT_READ", ".a.p_magic"),
    "a fuel curve": (of("generator", "a", p_fuel=points((20, 1))), "FIELD_NOT_READ", ".a.p_fuel"),
    "a start-up curve": (of("generator", "a", startup_curve=5.0), "WRONG_TYPE", ".a.startup_curve"),
    "what comes behind the horizon": (of("generator", "a", future_status=3), "FIELD_NOT_READ", ".a.future_status"),
    "a fuel supply": (
        lambda d: d["elements"].update(fuel_supply={"f": {"fuel_available": 3}}),
        "FIELD_NOT_READ",
        ".elements.fuel_supply",
    ),
    "a contingency of two": (
        lambda d: d["elements"].update(contingency={"c": {"branch_contingency": ["line", "line"]}}),
        "FIELD_NOT_READ",
        ".elements.contingency.c.branch_contingency",
    ),
    "a contingency of nothing": (
        lambda d: d["elements"].update(contingency={"c": {}}),
        "WRONG_TYPE",
        ".elements.contingency.c.branch_contingency",
    ),
    "a contingency of nobody": (
        lambda d: d["elements"].update(contingency={"c": {"branch_contingency": "x"}}),
        "UNKNOWN_ID",
        ".elements.contingency.c.branch_contingency",
    ),
    "a contingency of a unit": (
        lambda d: d["elements"].update(contingency={"c": {"branch_contingency": "line", "generator_contingency": "a"}}),
        "FIELD_NOT_READ",
        ".elements.contingency.c.generator_contingency",
    ),
    "another price after a contingency": (
        lambda d: (
            d["system"].update(contingency_flow_violation_cost=7.0),
            of("branch", "line", rating_emergency=90.0)(d),
            d["elements"].update(contingency={"c": {"branch_contingency": "line"}}),
        ),
        "FIELD_NOT_READ",
        ".system.contingency_flow_violation_cost",
    ),
    "an outage that is no yes or no": (
        of("branch", "line", planned_outage=series(0, 0.5, 1)),
        "WRONG_TYPE",
        ".line.planned_outage",
    ),
    "a share of a bus that is not there": (
        of("load", "l", bus={"data_type": "load_distribution_factor", "values": {"west": 1.0}}),
        "UNKNOWN_ID",
        ".l.bus.values.west",
    ),
    "factors that are none": (of("load", "l", bus={"data_type": "sum", "values": {}}), "WRONG_TYPE", ".l.bus"),
    "a limit of an angle": (of("branch", "line", angle_diff_max=30.0), "FIELD_NOT_READ", ".line.angle_diff_max"),
    "a kind of branch": (of("branch", "line", branch_type="dc"), "UNKNOWN_WORD", ".line.branch_type"),
    "an end of a branch": (of("branch", "line", to_bus="west"), "UNKNOWN_ID", ".line.to_bus"),
    "a branch of an interface": (of("interface", "cut", lines=["x"]), "UNKNOWN_ID", ".cut.lines[0]"),
    "storage": (lambda d: d["elements"].update(storage={"s": {"bus": "west"}}), "UNKNOWN_ID", ".storage.s.bus"),
    "a ramp of storage": (
        lambda d: d["elements"].update(storage={"s": STORE | {"ramp_up_input_60min": 3.0}}),
        "FIELD_NOT_READ",
        ".s.ramp_up_input_60min",
    ),
    "a field of storage": (
        lambda d: d["elements"].update(storage={"s": STORE | {"colour": 3.0}}),
        "FIELD_NOT_READ",
        ".s.colour",
    ),
    "an outage of a direct-current line": (
        lambda d: d["elements"].update(dc_branch={"h": LINK | {"planned_outage": "Sunday"}}),
        "WRONG_TYPE",
        ".h.planned_outage",
    ),
    "a kind of security constraint": (of("security_constraint", "x"), "WRONG_TYPE", ".x.security_constraint_type"),
    "a unit of a constraint": (
        of("security_constraint", "x", **CONSTRAINT | {"coefs": coefs(generator={"z": 1.0})}),
        "UNKNOWN_ID",
        ".x.coefs.values.generator.z",
    ),
    "a constraint on a unit with a curve": (
        lambda d: (
            of("generator", "a", startup_curve=[5.0])(d),
            of("security_constraint", "x", **CONSTRAINT)(d),
        ),
        "FIELD_NOT_READ",
        ".x.coefs.values.generator.a",
    ),
    "coefficients that are none": (
        of("security_constraint", "x", **CONSTRAINT | {"coefs": [1]}),
        "WRONG_TYPE",
        ".x.coefs",
    ),
    "regulation without limits": (
        lambda d: d["system"].update(regulation_up_requirement=series(0, 1, 0)),
        "MISSING_FIELD",
        ".a.p_min_agc",
    ),
    "a capacity by period": (
        lambda d: (
            d["system"].update(spinning_reserve_requirement=2.0),
            of("generator", "a", spinning_capacity=series(1, 2, 3))(d),
        ),
        "FIELD_NOT_READ",
        ".a.spinning_capacity",
    ),
    "a lesser product that is dearer": (
        lambda d: d["system"].update(
            spinning_reserve_requirement=2.0,
            supplemental_reserve_requirement=2.0,
            supplemental_reserve_penalty_price=900.0,
            spinning_reserve_penalty_price=800.0,
        ),
        "FIELD_NOT_READ",
        ".supplemental_reserve_penalty_price",
    ),
    "half regulation": (
        lambda d: (
            d["system"].update(regulation_up_requirement=2.0),
            of("generator", "a", p_min_agc=25.0, p_max_agc=90.0, ramp_agc=1.0, fixed_regulation=0.5)(d),
        ),
        "OUT_OF_RANGE",
        ".a.fixed_regulation",
    ),
    "a field of an area": (of("area", "x", inertia=3.0), "FIELD_NOT_READ", ".x.inertia"),
    "a switch of the system": (lambda d: d["system"].update(relax=True), "FIELD_NOT_READ", ".system.relax"),
    "a third root object": (lambda d: d.update(extra={"a": 1}), "FIELD_NOT_READ", ".extra"),
    "no time": (lambda d: d["system"].update(time_keys=[]), "WRONG_TYPE", ".time_keys"),
    "no cost": (of("generator", "a", p_cost=None), "MISSING_FIELD", ".a.p_cost"),
    "a cost that is no curve": (of("generator", "a", p_cost=5.0), "WRONG_TYPE", ".a.p_cost"),
    "a kind of curve": (
        of("generator", "a", p_cost={"data_type": "cost_curve", "cost_curve_type": "spline", "values": {}}),
        "UNKNOWN_WORD",
        ".cost_curve_type",
    ),
    "a cubic": (
        of("generator", "a", p_cost=QUADRATIC | {"values": {"0": 1, "3": 1}}),
        "WRONG_TYPE",
        ".p_cost.values",
    ),
    "points that end early": (of("generator", "a", p_cost=points((20, 1), (90, 2))), "CURVE_ENDS", ".p_cost.values"),
    "points that fall back": (
        of("generator", "a", p_cost=points((20, 1), (10, 2), (100, 3))),
        "CURVE_NOT_RISING",
        ".p_cost.values",
    ),
    "a short series": (of("generator", "a", p_max=series(1, 2)), "WRONG_LENGTH", ".a.p_max.values"),
    "a word for a number": (of("generator", "a", p_min="ten"), "WRONG_TYPE", ".a.p_min"),
    "hours off that fall": (
        of("generator", "a", startup_cost=[[5, 1], [3, 2]]),
        "START_LAGS_NOT_RISING",
        ".a.startup_cost",
    ),
    "neither on nor off": (of("generator", "a", initial_status=0), "OUT_OF_RANGE", ".a.initial_status"),
    "seconds": (of("generator", "a", min_up_time=1.001), "NOT_WHOLE", ".a.min_up_time"),
    "half committed": (of("generator", "a", fixed_commitment=0.5), "OUT_OF_RANGE", ".a.fixed_commitment"),
    "a start limit by period": (
        of("generator", "a", startup_capacity=series(40, 40, 50)),
        "FIELD_NOT_READ",
        ".a.startup_capacity",
    ),
    "a kind of generator": (of("generator", "a", generator_type="odd"), "UNKNOWN_WORD", ".a.generator_type"),
    "a site below its least": (of("generator", "w", p_min=6.0), "MINIMUM_ABOVE_FORECAST", ".w.p_min"),
    "a bus out of service": (of("bus", "north", in_service=False), "FIELD_NOT_READ", ".north.in_service"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_cannot_take_is_refused_at_its_place(tmp_path: Path, name: str) -> None:
    edit, code, path = REFUSED[name]
    data = instance()
    edit(data)
    with pytest.raises(FormatError) as error:
        read(tmp_path, data, "egret")
    assert any(f.code == code and f.path.endswith(path) for f in error.value.findings), error.value.findings


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    data = instance()
    for edit, _, _ in (REFUSED[n] for n in ("a field nobody knows", "no cost", "a contingency of two", "seconds")):
        edit(data)
    with pytest.raises(FormatError) as error:
        read(tmp_path, data)
    assert len({f.code for f in error.value.findings}) >= 3


def test_storage_lines_bids_and_curves(tmp_path: Path) -> None:
    data = instance()
    data["elements"]["storage"] = {"s": STORE, "out": STORE | {"in_service": False}}
    data["elements"]["dc_branch"] = {"h": LINK}
    data["elements"]["load"]["asks"] = {"bus": "north", "p_load": series(10.0, 20.0, 30.0), "p_price": 45.0}
    data["elements"]["load"]["spread"] = {
        "bus": {"data_type": "load_distribution_factor", "values": {"north": 0.25, "south": 0.75}}, "p_load": 8.0,
    }  # fmt: skip
    of("generator", "a", startup_curve=[15.0, 10.0, 5.0], shutdown_curve=[12.0], non_fuel_no_load_cost=3.0)(data)
    case = read(tmp_path, data)
    store, link, bids = case.storage, case.hvdc_lines, case.demand_bids
    assert (store.id, link.id, bids.id) == (("s",), ("h",), ("asks",))
    assert (store.energy_min_mwh[0, 0], store.energy_max_mwh[0, 1], store.initial_energy_mwh[0]) == (8.0, 80.0, 20.0)
    assert store.final_energy_min_mwh[0] == 40.0
    assert (store.charge_efficiency[0, 2], store.discharge_efficiency[0, 0]) == (0.9, 0.8)
    assert (store.charge_price_per_mwh[0, 0], store.discharge_price_per_mwh[0, 0]) == (-1.0, 2.0)
    assert store.self_discharge_per_hour[0].tolist() == pytest.approx([0.01] * 3)
    assert (link.min_mw[0, 0], link.max_mw[0, 2], bool(link.dispatchable[0])) == (-40.0, 40.0, True)
    assert bids.max_mw.tolist() == [[10.0, 20.0, 30.0]]
    assert bids.bids.price_per_mwh.tolist() == [[45.0] * 3]
    assert case.loads.id == ("l", "spread@north", "spread@south")
    assert case.loads.mw[1:, 0].tolist() == [2.0, 6.0]
    # listed from the start backwards, cut at the min down time of two hours
    assert case.startup_curves.mw.tolist() == [10.0, 15.0]
    assert case.shutdown_curves.mw.tolist() == [12.0]
    assert case.units.no_load_cost_per_hour[0] == pytest.approx(308.0 - 11.6 * 20.0 + 3.0)
    assert any("loses energy" in note for note in case.notes)


def test_outages_and_contingencies(tmp_path: Path) -> None:
    data = instance()
    line = data["elements"]["branch"]["line"]
    data["elements"]["branch"] |= {
        "second": line | {"rating_emergency": 95.0, "planned_outage": series(True, False, 1)},
        "third": line | {"rating_emergency": 8.0},
    }
    data["elements"]["dc_branch"] = {"h": LINK | {"planned_outage": series(False, True, None)}}
    data["elements"]["contingency"] = {
        "N-line": {"branch_contingency": "line"},
        "N-second": {"branch_contingency": ["second"]},
    }
    case = read(tmp_path, data)
    network, table = case.network, case.contingencies
    windows = network.branch_outages
    spans = zip(windows.branch.tolist(), windows.first_period.tolist(), windows.last_period.tolist(), strict=True)
    assert list(spans) == [(1, 0, 0), (1, 2, 2)]
    assert network.branch_emergency_limit_mw.tolist() == [np.inf, 95.0, 8.0]  # not stated: no limit afterwards
    assert case.hvdc_lines.max_mw.tolist() == [[40.0, 0.0, 40.0]]
    assert table.id == ("N-line", "N-second")
    assert table.outage_element.tolist() == [0, 1]
    answer = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    after = [(b.subject, b.period) for b in answer.bindings if "|N-" in b.subject]
    assert {subject for subject, _ in after} == {"third|N-line", "third|N-second"}
    assert {period for subject, period in after if subject == "third|N-second"} == {1}  # out in the others
    data["system"]["contingency_flow_violation_cost"] = 499.5
    assert read(tmp_path, data).contingencies.id == table.id
    del data["elements"]["contingency"]
    data["system"]["contingency_flow_violation_cost"] = 7.0  # without contingencies it says nothing
    assert read(tmp_path, data).contingencies.id == ()


def test_penalties_and_constraints(tmp_path: Path) -> None:
    data = instance()
    line = data["elements"]["branch"]["line"]
    data["elements"]["branch"] |= {
        "soft": line | {"violation_penalty": 2.0}, "hard": line | {"violation_penalty": None},
    }  # fmt: skip
    data["elements"]["security_constraint"] = {"x": CONSTRAINT, "y": CONSTRAINT | {"violation_penalty": 7.0}}
    case = read(tmp_path, data)
    own, limits = case.flow_penalties, case.linear_limits
    # 999 an MWh of load: half of it a line, three tenths an interface
    assert own.branch.tolist() == [0, 1]
    assert own.branch_price_per_mwh.tolist() == [499.5, 2.0]
    assert own.interface_price_per_mwh.tolist() == pytest.approx([299.7])
    assert limits.id == ("x", "y")
    assert limits.price_per_mwh.tolist() == [-1.0, 7.0]
    assert limits.max_mw[0].tolist() == [90.0, 80.0, 70.0]
    assert limits.unit_coefficient.tolist() == [0.5, 0.5]
    assert limits.renewable_coefficient.tolist() == [1.0, 1.0]
    del data["system"]["load_mismatch_cost"]
    assert read(tmp_path, data).flow_penalties.branch.tolist() == [1]


def with_products() -> dict[str, Any]:
    """Every product, of the system, an area and a zone."""
    data = instance()
    data["system"] |= {
        "reserve_ramping_constraints": True, "regulation_up_requirement": series(2.0, 3.0, 2.0),
        "regulation_down_requirement": 2.0, "spinning_reserve_requirement": 4.0,
        "non_spinning_reserve_requirement": 5.0,
        "supplemental_reserve_requirement": 6.0, "flexible_ramp_up_requirement": 7.0,
        "flexible_ramp_down_requirement": 8.0, "spinning_reserve_penalty_price": 210.0,
    }  # fmt: skip
    data["elements"]["area"] = {"A": {"regulation_up_requirement": 1.0, "spinning_reserve_requirement": 2.0}}
    data["elements"]["zone"] = {"Z": {"spinning_reserve_requirement": 1.5}}
    agc = {"agc_capable": True, "p_min_agc": 25.0, "p_max_agc": 90.0, "ramp_agc": 2.0, "agc_fixed_cost": 6.0}
    of("generator", "a", **agc, agc_marginal_cost=0.5, spinning_capacity=9.0, area="A", zone="Z", fast_start=True,
       non_spinning_capacity=12.0, supplemental_start=True, supplemental_non_spinning_capacity=8.0,
       supplemental_cost=0.25)(data)  # fmt: skip
    of("generator", "b", agc_capable=False, supplemental_start=False, fixed_regulation=None, area="A")(data)
    return data


def test_reserve_products_nest(tmp_path: Path) -> None:
    case = read(tmp_path, with_products())
    assert [f.code for f in validate(case, load("generic")) if f.severity.name == "ERROR"] == []
    reserves, place = case.reserves, {name: q for q, name in enumerate(case.reserves.product_id)}
    required = {name: reserves.requirement_mw[q].tolist() for name, q in place.items()}
    assert required["reserve"] == [5.0, 6.0, 7.0]
    assert required["regulation_up"] == [2.0, 3.0, 2.0]
    assert required["spinning"] == [6.0, 7.0, 6.0]
    assert required["non_spinning"] == [11.0, 12.0, 11.0]
    assert required["supplemental"] == [17.0, 18.0, 17.0]
    assert (required["spinning@area:A"], required["spinning@zone:Z"]) == ([3.0] * 3, [1.5] * 3)
    assert required["spinning@area:A+zone:Z"] == [0.0] * 3  # gathers what counts at both
    assert required["flexible_ramp_down"] == [8.0] * 3
    name, sharing = reserves.product_id, case.reserve_sharing
    shared = {(name[p], name[q]) for p, q in zip(sharing.shared_from, sharing.shared_to, strict=True)}
    assert {("regulation_up@area:A", "regulation_up"), ("regulation_up@area:A", "spinning@area:A"),
            ("regulation_up@area:A", "supplemental"), ("spinning@area:A+zone:Z", "spinning@zone:Z"),
            ("spinning@area:A+zone:Z", "non_spinning")} <= shared  # fmt: skip
    assert ("flexible_ramp_up", "spinning") not in shared
    price = dict(
        zip(
            (reserves.product_id[q] for q in case.reserve_demand.step_product),
            case.reserve_demand.step_price,
            strict=True,
        )
    )
    assert (price["reserve"], price["regulation_up"], price["spinning"]) == (300.0, 999.0 / 4.0, 210.0)
    assert price["flexible_ramp_up"] == pytest.approx(109.89)
    unit = reserves.unit_max_mw[:, 0]
    assert unit[place["regulation_up@area:A"]] == 9.0  # spinning_capacity holds regulation too; 5·2 MW a minute is more
    assert unit[place["spinning@area:A+zone:Z"]] == 9.0
    assert unit[place["spinning"]] == 0.0
    assert (unit[place["non_spinning"]], unit[place["supplemental"]]) == (0.0, np.inf)
    terms, bands = case.award_terms, case.regulation_bands
    held = zip(terms.offline_product, terms.offline_unit, terms.offline_max_mw, strict=True)
    off = {(reserves.product_id[q], i): mw for q, i, mw in held}
    assert off == {("non_spinning", 0): 8.0, ("supplemental", 0): 8.0}
    ramp = {reserves.product_id[q]: (now, before)
            for q, now, before in zip(terms.product, terms.ramp_now, terms.ramp_before, strict=True)}  # fmt: skip
    assert ramp["reserve"] == (1.0, 0.0)
    assert (ramp["regulation_up"], ramp["spinning"], ramp["supplemental"]) == ((6.0, 6.0), (3.0, 3.0), (1.0, 1.0))
    assert (ramp["flexible_ramp_up"], ramp["non_spinning"]) == ((3.0, 0.0), (0.0, 0.0))
    assert (bands.unit.tolist(), bands.min_mw[0, 0], bands.max_mw[0, 0], bands.cost_per_hour[0, 0]) == (
        [0],
        25.0,
        90.0,
        6.0,
    )
    assert case.reserve_offers.price_per_mw_hour[:, 0].tolist() == [0.5, 0.5, 0.25]
    answer = clear(case, load("generic"), SolveOptions(gap=1e-6), RunControl())
    assert answer.audit_passed, answer.audit


def test_regulation_that_is_fixed_keeps_the_unit_on(tmp_path: Path) -> None:
    data = with_products()
    of("generator", "a", fixed_regulation=series(1, 0, None))(data)
    case = read(tmp_path, data)
    assert case.regulation_bands.given.tolist() == [[2, 1, 0]]
    assert case.units.on_min[0].tolist() == [1, 0, 0]
