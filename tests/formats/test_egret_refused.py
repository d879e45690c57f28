"""Egret's JSON: what cannot be taken is refused at its place, never dropped."""

from pathlib import Path

import pytest

from clearing.formats import FormatError
from tests.formats.egret_instance import (
    CONSTRAINT,
    LINK,
    QUADRATIC,
    STORE,
    Edit,
    coefs,
    instance,
    of,
    points,
    read,
    series,
)

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
