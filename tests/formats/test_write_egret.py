"""Cases as Egret's JSON: what is written comes back, what cannot be said is a finding."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.day_ahead import clear
from clearing.formats import FormatError
from clearing.formats.registry import write
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.case.cases import put, valid
from tests.factory import market
from tests.formats.egret_instance import CONSTRAINT, LINK, STORE, instance, of, read, series, with_products

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "egret"


def differences(a: Any, b: Any, path: str = "") -> list[str]:
    """Columns in which two tables differ by more than rounding."""
    found = []
    for field in fields(a):
        x, y, name = getattr(a, field.name), getattr(b, field.name), f"{path}{field.name}"
        if hasattr(x, "__dataclass_fields__"):
            found += differences(x, y, f"{name}.")
        elif isinstance(x, np.ndarray):
            same = x.size == y.size == 0 or (x.shape == y.shape and np.allclose(x.astype(float), y.astype(float)))
            found += [] if same else [name]
        elif x != y and field.name != "notes":
            found.append(name)
    return found


def again(case: Case, folder: Path, lossy: bool = False) -> Case:
    write(case, folder / "again.json", "egret", lossy)
    return replace(formats.read(folder / "again.json", "egret"), name=case.name)


def full() -> dict[str, Any]:
    data = with_products()
    line = data["elements"]["branch"]["line"]
    data["elements"]["branch"] |= {
        "soft": line | {"violation_penalty": 2.0},
        "hard": line | {"violation_penalty": None},
    }
    line["planned_outage"] = series(False, True, True)
    data["elements"]["contingency"] = {"c": {"branch_contingency": "soft"}}
    data["elements"]["storage"] = {"s": STORE}
    data["elements"]["dc_branch"] = {"h": LINK}
    data["elements"]["security_constraint"] = {"x": CONSTRAINT, "y": CONSTRAINT | {"violation_penalty": 7.0}}
    data["elements"]["load"]["asks"] = {"bus": "north", "p_load": series(10.0, 20.0, 30.0), "p_price": 45.0}
    del data["elements"]["load"]["out"]
    of("generator", "b", startup_curve=[15.0], shutdown_curve=[12.0], startup_capacity=20.0, shutdown_capacity=20.0)(
        data
    )
    return data


def test_everything_that_egret_can_say_comes_back(tmp_path: Path) -> None:
    case = read(tmp_path, full())
    assert differences(case, again(case, tmp_path)) == []


@pytest.mark.parametrize("name", ["tiny_uc_1", "tiny_uc_7", "tiny_uc_tc_2", "tiny_uc_tc_5", "test_case_1"])
def test_instances_of_egret_come_back(tmp_path: Path, name: str) -> None:
    if not (DATA / f"{name}.json").is_file():
        pytest.skip("Egret's instances are not beside the checkout (../shared/data/egret)")
    case = formats.read(DATA / f"{name}.json")
    assert differences(case, again(case, tmp_path)) == []


def test_another_case_has_the_same_optimum(tmp_path: Path) -> None:
    """Names and limits without an end change on the way, the problem does not."""
    case = market(
        {"a": [40.0, 90.0, 60.0], "b": [20.0, 20.0, 25.0]},
        [
            {"id": "g", "bus": "a", "p_min": 20.0, "p_max": 90.0, "blocks": [(50.0, 12.0), (40.0, 20.0)],
             "no_load": 7.0, "on": True, "mw": 30.0, "minutes": 600, "ramp": 1.0, "min_up": 120},
            {"id": "h", "bus": "b", "p_min": 10.0, "p_max": 60.0, "price": 30.0, "start": [(0, 50.0), (180, 90.0)],
             "min_down": 60, "minutes": 240},
        ],
        renewables=[{"id": "w", "bus": "b", "forecast": [3.0, 9.0, 4.0]}],
        products=[{"id": "room", "requirement": 8.0}],
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 15.0}],
    )  # fmt: skip
    found = write(case, tmp_path / "case.json", "egret")
    assert [(f.code, f.path, f.severity.name) for f in found] == [
        ("NOT_EXPRESSED", "case.reserves.product_id", "WARNING")
    ]
    back = formats.read(tmp_path / "case.json")
    costs = [clear(c, load("generic"), SolveOptions(gap=0.0), RunControl()).termination.objective for c in (case, back)]
    assert costs[1] == pytest.approx(costs[0])


def test_what_it_cannot_say_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as error:
        write(valid(), tmp_path / "case.json", "egret")
    assert not (tmp_path / "case.json").exists()
    paths = {f.path for f in error.value.findings if f.code == "NOT_EXPRESSED"}
    assert {"case.pumped_hydro", "case.virtual_plants", "case.ties", "case.units.fixed_unit", "case.linear_limits.bus",
            "case.hvdc_lines.loss_rate", "case.reserves.product_id", "case.unit_groups"} <= paths  # fmt: skip
    assert write(valid(), tmp_path / "case.json", "egret", lossy=True)
    assert formats.read(tmp_path / "case.json").units.id == valid().units.id


def test_contingencies_it_cannot_say_are_named(tmp_path: Path) -> None:
    case = market(
        {"a": [40.0], "b": [20.0]},
        [{"id": "g", "bus": "a", "p_max": 90.0, "price": 12.0, "on": True, "mw": 30.0}],
        branches=[
            {"id": "ab", "ends": ("a", "b"), "limit": 15.0, "emergency": 20.0, "penalty": 30.0},
            {"id": "ba", "ends": ("a", "b"), "limit": 15.0, "emergency": 20.0},
        ],
        interfaces=[{"id": "cut", "terms": {"ab": 1.0}, "min": -60, "max": 60}],
        contingencies=[
            {"id": "N", "branches": ["ab"], "exempt": ["ba"]},
            {"id": "U", "units": ["g"]},
            {"id": "D", "branches": ["ab", "ba"]},
        ],
        watch={"branches": ["ab"], "interfaces": ["cut"], "kv": 100.0},
    )
    with pytest.raises(FormatError) as error:
        write(case, tmp_path / "case.json", "egret")
    found = {(f.path, f.subject) for f in error.value.findings if f.severity.name == "ERROR"}
    table = "case.contingencies"
    assert found == {
        (f"{table}.monitored_branch", ""), (f"{table}.exempt_branch", ""), (f"{table}.monitored_interface", ""),
        (f"{table}.monitored_min_voltage_kv", ""), (f"{table}.outage_element", "U, D"),
        ("case.flow_penalties.branch", ""),
    }  # fmt: skip
    write(case, tmp_path / "case.json", "egret", lossy=True)


def test_products_that_do_not_come_back_are_a_finding(tmp_path: Path) -> None:
    case = put(read(tmp_path, with_products()), "award_terms.ramp_now", 9.0, 1)
    with pytest.raises(FormatError) as error:
        write(case, tmp_path / "case.json", "egret")
    assert [f.path for f in error.value.findings] == ["case.award_terms"]


def test_the_plain_instance_comes_back(tmp_path: Path) -> None:
    data = instance()
    del data["elements"]["load"]["out"]
    case = read(tmp_path, data)
    assert differences(case, again(case, tmp_path)) == []
