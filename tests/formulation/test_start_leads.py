"""Family 13: windows and rows by hand, validation, and the optimum against every commitment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.lead_times import first_start
from clearing.case.units import Fuel
from clearing.case.validate import validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.rules.load import load
from clearing.rules.rules import Rules, StateJudged
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import nearest
from tests.case.cases import one
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, exact
from tests.formulation.enumeration import commitment_cost, commitments
from tests.formulation.reading import column, row
from tests.formulation.reference import Reference

SHANDONG = load("shandong-trial")
HOURS = range(24)


def rules(**starts: Any) -> Rules:
    given = replace(exact(GENERIC), clearing_penalties=CLEARING)
    return replace(given, starts=replace(given.starts, **starts))


SYNC = rules(judged=StateJudged.SYNC, lead_clock_minute=0)


def unit(minutes: int, **more: Any) -> Row:
    """Hot to below 10 h, warm to 72 h with both ends, cold beyond; 10 to 40 MW."""
    states = {"start": [(0, 10.0), (600, 20.0), (4321, 30.0)]}
    return {"id": "u", "p_min": 10.0, "p_max": 40.0, "price": 20.0, "minutes": minutes, **states, **more}


def earliest(case: Case, given: Rules) -> int:
    """First hour a unit may start in; 24 where there is none."""
    allowed = first_start(case, given)[0]
    return int(np.argmax(allowed)) if allowed.any() else 24


@pytest.mark.parametrize(
    ("minutes", "hour"),
    # off since so many minutes at midnight; six hours less at 18:00
    [(300, 0), (600, 0), (959, 0), (960, 6), (4320 + 360, 6), (4320 + 361, 14), (100_000, 14)],
)
def test_shandong_judges_the_state_at_six_in_the_evening(minutes: int, hour: int) -> None:
    case = market([30.0] * 24, [unit(minutes)])
    assert earliest(case, SHANDONG) == hour
    p = scuc(case, SHANDONG, islands(case)).problem
    assert [column(p, "on", 0, t)[1] for t in HOURS] == [0.0] * hour + [1.0] * (24 - hour)
    assert p.rows["start_lead"].size == 0


def test_nuclear_and_hydro_by_their_own_data_and_the_case_over_the_rule_set() -> None:
    for fuel in (Fuel.NUCLEAR, Fuel.HYDRO):
        assert earliest(market([30.0] * 24, [unit(9999, fuel=fuel)]), SHANDONG) == 0
        assert earliest(market([30.0] * 24, [unit(9999, fuel=fuel, lead=[0, 0, 600])]), SHANDONG) == 4
    own = [unit(9999, lead=[60, 120, 600])]
    assert earliest(market([30.0] * 24, own), SHANDONG) == 4
    assert earliest(market([30.0] * 24, own, lead_reference=0), SHANDONG) == 10
    assert earliest(market([30.0] * 24, [unit(9999, lead=[60, 120, -1])], lead_reference=-1200), SHANDONG) == 0
    assert earliest(market([30.0] * 24, [unit(9999)]), GENERIC) == 0
    assert earliest(market([30.0] * 24, [unit(9999, on=True, mw=20.0)]), SHANDONG) == 0


def test_a_unit_that_grows_cold_while_it_waits_has_two_windows() -> None:
    """Off for 8 h at 0:00: hot (no lead) at 0:00 and 1:00, warm from 2:00 on, ready at 4:00; min down is 1 h."""
    case = market([30.0] * 6, [unit(480, lead=[0, 240, 600])])
    assert first_start(case, SYNC).tolist() == [[True, True, False, False, True, True]]
    p = scuc(case, SYNC, islands(case)).problem
    assert [column(p, "on", 0, t)[1] for t in range(6)] == [1.0] * 6
    assert p.rows["start_lead"].size == 2
    terms = {"start[0,3]": 1.0, "stop[0,0]": -1.0, "stop[0,1]": -1.0, "stop[0,2]": -1.0}
    assert row(p, "start_lead", 1) == (terms, -np.inf, 0.0)


def test_must_run_before_the_lead_time_gives_way_and_behind_it_does_not() -> None:
    def window(begin: int) -> list[int]:
        return [0] * begin + [1] * (24 - begin)

    found = one(market([30.0] * 24, [unit(9999, must_run=window(13))]), "START_LEAD_AGAINST_MUST_RUN", **COLD)
    assert (found.severity, found.period, found.subject) == (Severity.WARNING, 13, "u")
    assert one(market([30.0] * 24, [unit(9999, must_run=window(13))]), "MUST_RUN_GIVES_WAY", **COLD).period == 13
    assert one(market([30.0] * 24, [unit(9999, fixed={9: 20.0})]), "START_LEAD_AGAINST_MUST_RUN", **COLD).period == 9
    behind = validate(market([30.0] * 24, [unit(9999, must_run=window(14))]), SHANDONG)
    assert not [f for f in behind if f.code.endswith("_GIVES_WAY")]


COLD = {"startup__lead__cold_minutes": "1200"}


def test_a_unit_that_must_run_after_a_gap_may_have_started_before_it() -> None:
    hot = unit(480, lead=[0, 240, 600], must_run=[0, 0, 1, 0, 0, 0])
    assert "MUST_RUN_GIVES_WAY" not in {f.code for f in validate(market([30.0] * 6, [hot]), SYNC)}
    late = {**hot, "must_off": [1, 1, 0, 0, 0, 0]}
    codes = {f.code for f in validate(market([30.0] * 6, [late]), SYNC)}
    assert {"START_LEAD_AGAINST_MUST_RUN", "MUST_RUN_GIVES_WAY"} <= codes


@pytest.mark.parametrize("use", [CommitmentUse.FIXED, CommitmentUse.HINT])
def test_a_given_commitment_keeps_the_lead_time(use: CommitmentUse) -> None:
    on = np.ones((1, 24), dtype=np.int8)
    case = market([30.0] * 24, [unit(9999)], commitment=CommitmentInput(use, on))
    found = one(case, "COMMITMENT_AGAINST_START_LEAD", **COLD)
    assert found.severity is (Severity.ERROR if use is CommitmentUse.FIXED else Severity.WARNING)
    if use is CommitmentUse.HINT:  # the search starts from what is nearest to it
        given = rules(lead_cold_minutes=1200.0, lead_clock_minute=-360)
        result = clear(case, given, SolveOptions(), RunControl())
        assert result.schedule is not None
        assert result.schedule.on.tolist() == [[0] * 14 + [1] * 10]
        assert audit(case, given, result).passed


def test_a_colder_start_in_less_time_is_worth_a_look() -> None:
    assert one(market([30.0], [unit(60, lead=[60, 30, 90])]), "START_LEAD_FALLS").value == "30"


# the optimum ----------------------------------------------------------------------------------------------------------
def keeps_leads(case: Case, given: Rules, on: np.ndarray) -> bool:
    """By the words of the rule; every lead time is stated by the case."""
    units, minutes = case.units, case.horizon.period_minutes
    clock = case.start_leads.reference_minute
    assert clock is not None
    for i, states in enumerate(on.tolist()):
        if units.initial_on[i] or 1 not in states:
            continue
        sync = states.index(1) * minutes
        off = units.initial_minutes[i] + (sync if given.starts.judged is StateJudged.SYNC else clock)
        own = np.flatnonzero(units.start_costs.unit == i)
        state = own[np.flatnonzero(units.start_costs.after_minutes[own] <= max(off, 0))[-1]]
        if sync < clock + case.start_leads.minutes[state]:
            return False
    return True


def drawn(seed: int) -> tuple[Case, Rules]:
    rng = np.random.default_rng(seed)
    units = []
    for i in range(2):
        after = np.sort(rng.choice(np.arange(1, 9) * 60, 2, replace=False))
        costs = np.sort(rng.integers(0, 500, 3)).astype(float)
        lead = np.sort(rng.choice([0, 60, 120, 180, 240, 360], 3)).tolist()
        states = list(zip([0, *after.tolist()], costs.tolist(), strict=True))
        price, minutes = float(rng.integers(10, 40)), int(rng.choice([60, 120, 180, 300]))
        units.append(
            unit(minutes, id=f"u{i}", start=states, lead=lead, price=price, min_down=int(rng.choice([0, 120])))
        )
    units[0]["on"] = bool(rng.random() < 0.3)
    units[0]["mw"] = 20.0 if units[0]["on"] else 0.0
    judged = StateJudged.SYNC if seed % 2 else StateJudged.CLOCK
    load_mw = rng.choice([5.0, 25.0, 45.0, 75.0], 5)
    return market(load_mw, units, lead_reference=int(rng.choice([-120, -60, 0]))), rules(judged=judged)


@pytest.mark.parametrize("seed", range(16))
def test_production_finds_the_optimum_of_all_commitments(seed: int) -> None:
    case, given = drawn(seed)
    reference = Reference(case, given, given.clearing_penalties)
    costs = [
        cost + commitment_cost(case, on)
        for on, mode in commitments(case)
        if keeps_leads(case, given, on) and (cost := reference.solve(on, mode)) is not None
    ]
    result = clear(case, given, SolveOptions(), RunControl())
    assert result.costs is not None
    assert result.costs.total == pytest.approx(min(costs), rel=1e-6, abs=1e-4)
    assert audit(case, given, result).passed


def test_quick_starts_keep_the_gap() -> None:
    """Every wish projected is a commitment that keeps its lead times, min times and windows."""
    rng, gaps = np.random.default_rng(5), 0
    for seed in range(40):
        case, given = drawn(2 * seed + 1)
        data = scuc(case, given, islands(case)).data
        gaps += len(np.flatnonzero(~data.first_start & (data.on_max == 1)))
        on = nearest(data, rng.normal(size=data.on_max.shape))
        assert keeps_leads(case, given, on)
        assert any((on == each).all() for each, _ in commitments(case))
    assert gaps > 10
