"""Egret's JSON: storage, lines, bids, outages, constraints and reserve products."""

from pathlib import Path

import numpy as np
import pytest

from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.formats.egret_instance import CONSTRAINT, LINK, STORE, instance, of, read, series, with_products


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
