"""Direct-current lines: rows, prices and rents by hand, every commitment, and the specification."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.rules.rules import Rules, ViolationPricing
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.scuc import scuc as specification
from models.solve import solve
from tests.factory import Row, market
from tests.factory_hvdc import hvdc_lines
from tests.formulation.drawn import CLEARING, GENERIC, drawn, exact
from tests.formulation.enumeration import brute_force
from tests.formulation.reading import column, row

RULES = exact(replace(GENERIC, clearing_penalties=CLEARING))


def plant(name: str, bus: str, price: float, **more: object) -> Row:
    return {"id": name, "bus": bus, "p_max": 100.0, "price": price, "on": True, "mw": 50.0, **more}


def cleared(case: Case, rules: Rules = RULES) -> ClearingResult:
    assert [f for f in validate(case, rules) if f.severity.name == "ERROR"] == []
    found = clear(case, rules, SolveOptions(), RunControl())
    assert found.audit_passed, [f for f in found.audit if f.severity.name == "ERROR"]
    return found


def test_rows_and_columns() -> None:
    lines = [
        {"id": "free", "ends": ("a", "b"), "min": -20.0, "max": 30.0, "ramp": 0.5},
        {"id": "given", "ends": ("b", "a"), "mw": [-8.0, 5.0], "loss": 0.1},
    ]
    case = market({"a": [50.0, 50.0], "b": [20.0, 20.0]}, [plant("u", "a", 10.0)], hvdc=lines)
    p = scuc(case, RULES, islands(case)).problem
    assert [column(p, "hvdc", 0, t)[:3] for t in (0, 1)] == [(-20.0, 30.0, 0.0)] * 2
    assert [column(p, "hvdc", 1, t)[:2] for t in (0, 1)] == [(-8.0, 0.0), (0.0, 5.0)]
    assert row(p, "hvdc_ramp", 0, 1) == ({"hvdc[0,1]": 1.0, "hvdc[0,0]": -1.0}, -30.0, 30.0)
    assert row(p, "hvdc_ramp", 0, 0)[1:] == row(p, "hvdc_ramp", 1, 1)[1:] == (-inf, inf)
    assert row(p, "hvdc_schedule", 0, 0)[1:] == (-inf, inf)
    assert row(p, "hvdc_schedule", 1, 0)[1:] == (-inf, -8.0)
    assert row(p, "hvdc_schedule", 1, 1)[1:] == (5.0, inf)
    a, b = row(p, "balance", 0, 0)[0], row(p, "balance", 1, 1)[0]
    assert (a["hvdc[0,0]"], a["hvdc[1,0]"]) == (-1.0, pytest.approx(1 / 0.9))
    assert (b["hvdc[0,1]"], b["hvdc[1,1]"]) == (1.0, -1.0)


def test_a_dispatched_line_joins_two_islands_up_to_its_limit() -> None:
    """10 a MWh at a, 30 at b; 40 MW of load each; 25 MW cross: prices stay apart, the line earns 25 · 20 an hour."""
    case = market({"a": [40.0], "b": [40.0]}, [plant("cheap", "a", 10.0), plant("dear", "b", 30.0)],
                  hvdc=[{"id": "link", "ends": ("a", "b"), "max": 25.0}], period_minutes=30)  # fmt: skip
    found = cleared(case)
    assert found.schedule is not None
    assert found.prices is not None
    assert found.payments is not None
    assert found.schedule.hvdc_mw == pytest.approx(np.array([[25.0]]))
    assert found.schedule.dispatch_mw[:, 0] == pytest.approx([65.0, 15.0])
    assert found.prices.bus_price[:, 0] == pytest.approx([10.0, 30.0])
    assert found.payments.hvdc_rent == pytest.approx([25.0 * 20.0 / 2])
    assert found.termination.objective == pytest.approx((65 * 10 + 15 * 30) / 2)


def test_losses_part_the_prices() -> None:
    """A tenth is lost: 40 MW at b take 400/9 MW at a; the price at b is 10/0.9; the line earns nothing."""
    case = market({"a": [40.0], "b": [40.0]}, [plant("cheap", "a", 10.0), plant("dear", "b", 30.0)],
                  hvdc=[{"id": "link", "ends": ("a", "b"), "min": 0.0, "max": 80.0, "loss": 0.1}])  # fmt: skip
    found = cleared(case)
    assert found.schedule is not None
    assert found.prices is not None
    assert found.payments is not None
    assert found.schedule.hvdc_mw == pytest.approx(np.array([[40 / 0.9]]))
    assert found.prices.bus_price[:, 0] == pytest.approx([10.0, 10 / 0.9])
    assert found.payments.hvdc_rent == pytest.approx([0.0], abs=1e-9)


def test_a_flow_against_its_direction_takes_the_losses_at_the_far_end() -> None:
    case = market({"a": [40.0], "b": [0.0]}, [plant("u", "b", 10.0)],
                  hvdc=[{"id": "link", "ends": ("a", "b"), "mw": -40.0, "loss": 0.2}])  # fmt: skip
    found = cleared(case)
    assert found.schedule is not None
    assert found.schedule.dispatch_mw[0] == pytest.approx([50.0])


@pytest.mark.parametrize("pricing", list(ViolationPricing))
def test_a_schedule_that_cannot_be_fed_gives_way_and_says_so(pricing: ViolationPricing) -> None:
    """20 MW asked of an island with 12: the line carries 12, 8 are a violation; with the re-run no penalty stays."""
    rules = replace(RULES, prices=replace(RULES.prices, violation_pricing=pricing))
    case = market({"a": [0.0], "b": [50.0]}, [plant("small", "a", 10.0, p_max=12.0, mw=5.0), plant("big", "b", 30.0)],
                  hvdc=[{"id": "link", "ends": ("a", "b"), "mw": 20.0}])  # fmt: skip
    found = cleared(case, rules)
    assert found.schedule is not None
    assert found.prices is not None
    assert found.schedule.hvdc_mw == pytest.approx(np.array([[12.0]]))
    assert [(v.family, v.subject, v.amount_mw) for v in found.violations] == [
        ("hvdc_schedule", "link", pytest.approx(8.0))
    ]
    if pricing is ViolationPricing.RELAX_AND_RERUN:
        assert found.prices.bus_price[:, 0] == pytest.approx([30.0, 30.0], abs=20.0 + 1e-6)


def test_a_ramp_of_a_line_is_felt_before_it_binds() -> None:
    case = market({"a": [0.0, 0.0], "b": [10.0, 60.0]},
                  [plant("cheap", "a", 10.0, mw=0.0, on=False), plant("dear", "b", 30.0, mw=0.0, on=False)],
                  hvdc=[{"id": "link", "ends": ("a", "b"), "max": 90.0, "ramp": 0.5}])  # fmt: skip
    found = cleared(case)
    assert found.schedule is not None
    assert found.prices is not None
    assert found.schedule.hvdc_mw == pytest.approx(np.array([[10.0, 40.0]]))
    assert found.prices.bus_price[1] == pytest.approx([-10.0, 30.0])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"ends": ("a", "a"), "max": 5.0}, "HVDC_LOOP"),
        ({"ends": ("a", "b"), "min": 6.0, "max": 5.0}, "HVDC_MIN_ABOVE_MAX"),
        ({"ends": ("a", "b"), "max": 5.0, "loss": 0.1}, "HVDC_TWO_WAY_LOSS"),
    ],
)
def test_lines_that_cannot_be_are_refused(line: Row, code: str) -> None:
    case = market({"a": [1.0], "b": [1.0]}, [plant("u", "a", 1.0)], hvdc=[{"id": "h", **line}])
    found = {f.code: f.path for f in validate(case, RULES)}
    assert found[code].startswith("case.hvdc_lines.")


def with_lines(seed: int) -> tuple[Case, Rules]:
    """A drawn case with one or two lines between its buses, or from a bus into an island of its own."""
    case, rules = next(found for found in (drawn(100 * seed + k) for k in range(100)) if found[0].network.branch_id)
    rng = np.random.default_rng([seed, 19])
    buses, periods = len(case.network.bus_id), case.horizon.periods
    rows: list[Row] = []
    for h in range(int(rng.integers(1, 3))):
        a, b = rng.choice(buses, 2, replace=False)
        ends = (case.network.bus_id[a], case.network.bus_id[b])
        kind = int(rng.integers(3))
        if kind == 0:
            rows.append({"id": f"h{h}", "ends": ends, "mw": np.round(rng.uniform(-15, 15, periods)), "loss": 0.05})
        elif kind == 1:
            most = np.round(rng.uniform(0, 20, periods))
            rows.append({"id": f"h{h}", "ends": ends, "max": most, "ramp": float(rng.choice([0.1, 0.5, inf]))})
        else:
            rows.append({"id": f"h{h}", "ends": ends, "min": 2.0, "max": 20.0, "loss": float(rng.choice([0.0, 0.1]))})
    # SCED has no greatest reserve, and lines move the output it depends on (as in drawn._system).
    case = replace(case, reserves=replace(case.reserves, positive_max_mw=None))
    return replace(case, hvdc_lines=hvdc_lines(rows, case.network.bus_id, periods)), rules


@pytest.mark.parametrize("seed", range(24))
def test_the_clearing_finds_the_optimum_of_both_witnesses(seed: int) -> None:
    case, rules = with_lines(seed)
    found = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert found.audit_passed, [f for f in found.audit if f.severity.name == "ERROR"]
    right = brute_force(case, rules)
    assert right is not None
    best = right.objective
    assert found.termination.objective == pytest.approx(best, rel=1e-6, abs=1e-5)
    assert solve(specification(case, rules)).objective == pytest.approx(best, rel=1e-6, abs=1e-5)
