"""Start-up and shut-down curves: terms by hand, every commitment, the specification, validation."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.output_curves import OutputCurves, curve_output
from clearing.case.reserve_kinds import ProductKind
from clearing.case.result import ClearingResult, Reason
from clearing.case.validate import has_errors, validate
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.price.pricing_run import frozen_outputs, pricing_run
from clearing.rules.rules import MinUpFrom, Rules, StateJudged
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.extract import injection_of
from clearing.solve.options import SolveOptions
from models.data import read
from models.outcome import schedule as specified_schedule
from models.outcome import storage_mode
from models.pricing import pricing
from models.sced import sced
from models.scuc import scuc as specification
from models.solve import solve
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, exact
from tests.formulation.enumeration import brute_force
from tests.formulation.reading import row
from tests.formulation.reference_curves import curve_mw

RULES = exact(replace(GENERIC, clearing_penalties=CLEARING))
BASE: Row = {"id": "base", "p_max": 60.0, "price": 10.0, "on": True, "mw": 40.0}


def unit(**more: object) -> Row:
    return {"id": "u", "p_min": 30.0, "p_max": 60.0, "price": 20.0, "min_down": 300, **more}


def cleared(case: Case, rules: Rules = RULES) -> ClearingResult:
    assert [f for f in validate(case, rules) if f.severity.name == "ERROR"] == []
    found = clear(case, rules, SolveOptions(gap=0.0), RunControl())
    assert found.audit_passed, [f for f in found.audit if f.severity.name == "ERROR"]
    return found


# terms ----------------------------------------------------------------------------------------------------------------
def test_terms_of_the_balance() -> None:
    """Hot in 1 step, cold in 2: start carries the cold curve, start_saving what the hot one has more at each lag."""
    states = [(0, 50.0), (120, 90.0)]
    case = market([50.0] * 5, [unit(start=states, up={1: [18.0], 2: [5.0, 12.0]}, down=[9.0], on=True, mw=30.0)])
    p = scuc(case, RULES, islands(case)).problem
    terms = row(p, "balance", 0, 2)[0]
    assert (terms["start[0,3]"], terms["start[0,4]"], terms["stop[0,2]"]) == (12.0, 5.0, 9.0)
    assert (terms["start_saving[0,3]"], terms["start_saving[0,4]"]) == (6.0, -5.0)
    assert "start[0,2]" not in terms
    assert "stop[0,1]" not in terms
    last = row(p, "balance", 0, 4)[0]
    assert [name for name in last if name.startswith("start")] == []


def test_a_stop_before_the_horizon_brings_the_rest_of_its_curve() -> None:
    """Off for 40 minutes in periods of 30: the first of three steps is over."""
    case = market([40.0] * 4, [BASE, unit(minutes=40, down=[20.0, 12.0, 4.0])], period_minutes=30)
    found = cleared(case)
    assert found.schedule is not None
    assert found.schedule.curve_mw[1].tolist() == [12.0, 4.0, 0.0, 0.0]
    assert found.schedule.dispatch_mw[0] == pytest.approx([28.0, 36.0, 40.0, 40.0])


# every commitment, and the specification ------------------------------------------------------------------------------
def drawn(seed: int) -> tuple[Case, Rules]:
    rng = np.random.default_rng([seed, 12])
    minutes, periods = int(rng.choice([30, 60])), 6
    rows: list[Row] = []
    for i in range(2):
        p_min = float(rng.integers(20, 35))
        states = [(0, float(rng.integers(0, 80))), (int(rng.choice([3, 4, 5])) * minutes, float(rng.integers(0, 120)))]

        def curve(most: int, top: float = p_min) -> list[float]:
            return np.sort(np.round(rng.uniform(1, top, int(rng.integers(1, most + 1))), 1)).tolist()

        up: object = {1: curve(1), 2: curve(2)} if rng.random() < 0.7 else curve(2)
        on = bool(rng.random() < 0.5)
        down = curve(1)[::-1] if rng.random() < 0.7 else []
        longest = max(len(c) for c in up.values()) if isinstance(up, dict) else len(up)  # type: ignore[arg-type]
        rows.append(
            {
                "id": f"u{i}", "p_min": p_min, "p_max": p_min + 30.0, "bus": "ab"[i],
                "price": float(rng.integers(15, 60)), "no_load": float(rng.integers(0, 200)),
                "start": states, "up": up, "down": down, "on": on, "mw": p_min if on else 0.0,
                "min_down": (longest + len(down)) * minutes, "min_up": int(rng.choice([0, 2])) * minutes,
                "minutes": int(rng.integers(1, 6)) * minutes,
            }
        )  # fmt: skip
    rows.append({"id": "peak", "bus": "b", "p_max": 70.0, "price": 70.0, "on": True, "mw": 20.0, "must_run": 1})
    total = rng.uniform(0.2, 1.2, periods) * 70.0
    case = market(
        {"a": np.round(total * 0.4, 1), "b": np.round(total * 0.6, 1)},
        rows,
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": float(rng.integers(15, 60))}],
        period_minutes=minutes,
        lead_reference=0,
    )
    judged = StateJudged.SYNC if seed % 2 else StateJudged.CLOCK
    return case, replace(RULES, starts=replace(RULES.starts, judged=judged))


SEEDS = [seed for seed in range(24) if not has_errors(validate(*drawn(seed)))]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimum_is_that_of_every_commitment_and_of_the_specification(seed: int) -> None:
    case, rules = drawn(seed)
    found, right = cleared(case, rules), brute_force(case, rules)
    assert right is not None
    assert found.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert found.termination.objective == pytest.approx(right.objective, rel=1e-6)
    assert found.termination.bound == pytest.approx(right.objective, rel=1e-6)
    assert solve(specification(case, rules), "appsi_highs").objective == pytest.approx(right.objective, rel=1e-6)
    assert found.schedule is not None
    assert found.schedule.curve_mw == pytest.approx(curve_mw(case, found.schedule.on))


def test_the_seeds_reach_what_they_should() -> None:
    drawn_cases = [drawn(seed) for seed in SEEDS]
    output = [cleared(*one).schedule for one in drawn_cases]
    assert len(SEEDS) >= 20
    climbing = [bool(s is not None and s.curve_mw.any()) for s in output]
    assert sum(climbing) > len(SEEDS) // 2
    started = [bool(s is not None and s.start[:2].any()) for s in output]
    assert sum(started) > len(SEEDS) // 3


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_dispatch_and_prices_are_those_of_the_specification(seed: int) -> None:
    case, rules = drawn(seed)
    found = cleared(case, rules)
    assert found.schedule is not None
    assert found.costs is not None
    d, mode = read(case, rules), storage_mode(found.schedule)
    m = sced(case, rules, found.schedule.on, mode)
    commitment = found.costs.start + found.costs.stop + found.costs.no_load
    assert solve(m, "appsi_highs").objective + commitment == pytest.approx(found.costs.total, rel=1e-6)
    told = specified_schedule(m, d)
    assert told.curve_mw == pytest.approx(found.schedule.curve_mw)
    network, control = grid(case), RunControl()
    own = dispatch(case, rules, network, found.schedule.on, None, control)
    assert own is not None
    priced = pricing_run(case, rules, network, own, control)
    assert priced is not None
    specified = solve(pricing(case, rules, own.schedule, mode), "appsi_highs").objective
    at_least = (priced.model.unit_curve.floor_cost_per_hour * own.schedule.on).sum() * case.horizon.hours
    assert priced.lp_objective + at_least == pytest.approx(specified, rel=1e-6)


# settings and limits --------------------------------------------------------------------------------------------------
def test_min_up_counts_from_where_the_rule_set_says() -> None:
    """Min up 3 h, curve of 2 h, a peak of one hour: 3 h at p_min, or 1 h when the two on the curve count."""
    row_ = unit(up=[10.0, 20.0], min_up=180, min_down=120, no_load=900.0)
    case = market([50.0, 50.0, 90.0, 50.0, 50.0, 50.0], [{**BASE, "p_max": 60.0}, row_])
    on = {}
    for where in MinUpFrom:
        rules = replace(RULES, starts=replace(RULES.starts, min_up_from=where))
        schedule = cleared(case, rules).schedule
        assert schedule is not None
        on[where] = schedule.on[1].tolist()
    assert on == {MinUpFrom.P_MIN: [0, 0, 1, 1, 1, 0], MinUpFrom.SYNC: [0, 0, 1, 0, 0, 0]}


def test_the_lead_time_ends_at_synchronisation() -> None:
    """Lead 60 from 00:00, curve of 2 h: p_min from 03:00."""
    row_ = unit(up=[10.0, 20.0], min_down=120, start=[(0, 0.0)], lead=[60], no_load=-5000.0)
    found = cleared(market([90.0] * 6, [BASE, row_], lead_reference=0))
    assert found.schedule is not None
    assert found.schedule.on[1].tolist() == [0, 0, 0, 1, 1, 1]
    assert found.schedule.curve_mw[1].tolist() == [0, 10.0, 20.0, 0, 0, 0]


def test_a_unit_with_a_curve_holds_no_reserve_off_line() -> None:
    row_ = unit(start=[(0, 0.0)], lead=[0])
    product = {"id": "q", "kind": ProductKind.NON_SPINNING, "requirement": 10.0, "minutes": 10.0, "max": 20.0}
    for more, held in (({}, 20.0), ({"up": [10.0], "down": [5.0]}, 0.0)):
        case = market([20.0] * 2, [{**BASE, "p_max": 20.0}, {**row_, **more}], products=[product])
        found = clear(case, RULES, SolveOptions(gap=0.0), RunControl())
        assert found.audit_passed
        assert found.schedule is not None
        assert found.schedule.reserve_mw[0, 1, 0] == pytest.approx(held)


def test_output_on_a_curve_earns_the_price_and_sets_none() -> None:
    case = market([50.0, 50.0, 90.0], [BASE, unit(up=[10.0, 20.0], min_down=120)])
    found = cleared(case)
    assert found.schedule is not None
    assert found.prices is not None
    assert found.uplift is not None
    assert found.prices.bus_price[0].tolist() == pytest.approx([10.0, 10.0, 10.0])
    assert found.uplift.revenue[1] == pytest.approx((10.0 + 20.0 + 30.0) * 10.0)
    assert found.uplift.cost[1] == pytest.approx(30.0 * 20.0)
    assert not frozen_outputs(case, RULES.prices, found.schedule)[1, :2].any()  # off line: a constant, nothing to hold


def test_a_fixed_commitment_keeps_its_curves() -> None:
    row_ = unit(up=[10.0, 20.0], min_down=120)
    given = CommitmentInput(CommitmentUse.FIXED, np.array([[1, 1, 1], [0, 0, 1]], dtype=np.int8))
    found = cleared(market([50.0, 50.0, 60.0], [BASE, row_], commitment=given))
    assert found.schedule is not None
    assert found.schedule.curve_mw[1].tolist() == [10.0, 20.0, 0.0]
    early = CommitmentInput(CommitmentUse.FIXED, np.array([[1, 1, 1], [0, 1, 1]], dtype=np.int8))
    codes = {f.code for f in validate(market([50.0] * 3, [BASE, row_], commitment=early), RULES)}
    assert "COMMITMENT_AGAINST_START_LEAD" in codes


def test_must_run_gives_way_to_a_curve_and_a_min_down_time_does_not() -> None:
    early = market([90.0] * 4, [BASE, unit(up=[10.0, 20.0], min_down=120, must_run=1)])
    assert {"MUST_RUN_GIVES_WAY", "START_LEAD_AGAINST_MUST_RUN"} <= {f.code for f in validate(early, RULES)}
    found = cleared(early).schedule
    assert found is not None
    assert found.on[1].tolist() == [0, 0, 1, 1]
    gap = market(
        [90.0] * 5,
        [
            BASE,
            unit(up=[10.0, 20.0], min_down=120, on=True, mw=30.0, must_run=[1, 1, 0, 1, 1], must_off=[0, 0, 1, 0, 0]),
        ],
    )
    schedule = cleared(gap).schedule
    assert schedule is not None
    assert schedule.on[1].tolist() == [1, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"up": [10.0, 31.0]}, "CURVE_ABOVE_P_MIN"),
        ({"down": [31.0]}, "CURVE_ABOVE_P_MIN"),
        ({"up": {1: [10.0]}, "start": [(0, 1.0), (60, 2.0)]}, "CURVE_STATES"),
        ({"up": {1: [10.0], 3: [5.0]}, "start": [(0, 1.0), (60, 2.0)]}, "CURVE_STATES"),
        ({"up": [10.0], "startup_limit": 31.0}, "CURVE_LIMIT_ABOVE_P_MIN"),
        ({"down": [10.0], "shutdown_limit": 40.0}, "CURVE_LIMIT_ABOVE_P_MIN"),
        ({"up": [10.0, 20.0], "down": [5.0], "min_down": 179}, "CURVE_MIN_DOWN"),
    ],
)
def test_what_validation_refuses(change: Row, code: str) -> None:
    case = market([50.0] * 3, [BASE, unit(**change)])
    assert {f.code for f in validate(case, RULES) if f.severity.name == "ERROR"} == {code}


def test_steps_have_no_gap() -> None:
    case = market([50.0] * 3, [BASE, unit(up=[10.0, 20.0])])
    points = case.startup_curves
    broken = replace(case, startup_curves=OutputCurves(points.unit, points.state, np.array([1, 3]), points.mw))
    (found,) = [f for f in validate(broken, RULES) if f.code == "CURVE_STEPS"][:1]
    assert (found.path, found.value) == ("case.startup_curves.step[0]", "1")
    assert "CURVE_MIN_DOWN" not in {f.code for f in validate(case, RULES)}


def test_injections_have_the_curve() -> None:
    case = market([50.0, 50.0, 90.0], [BASE, unit(up=[10.0, 20.0], min_down=120)])
    on = np.array([[1, 1, 1], [0, 0, 1]], dtype=np.int8)
    assert curve_output(case, on)[1].tolist() == [10.0, 20.0, 0.0]
    found = cleared(case)
    assert found.schedule is not None
    model = scuc(case, RULES, islands(case))
    assert injection_of(model, found.schedule)[0] == pytest.approx(np.zeros(3), abs=1e-6)
