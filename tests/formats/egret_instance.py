"""A small instance of Egret's JSON that has a field of every kind, and edits of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clearing import formats
from clearing.case.case import Case

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
