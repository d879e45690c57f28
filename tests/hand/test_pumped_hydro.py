"""A pumped hydro plant of two machines, worked by hand. Hours; unit A 60 MW at 10, unit B 60 MW at 100.

Load 20, 45, 60, 80, 20. Each machine pumps 20 MW or generates 5 to 20 MW, efficiency 0.8 each way, an hour between
pumping and generating; the reservoir holds 40 MWh, is empty before and may be empty after.

Without the plant A makes 20 + 45 + 60 + 60 + 20 = 205 MWh and B 20 MWh: 2050 + 2000 = 4050.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.resources import StorageMode
from clearing.case.result import ClearingResult, Reason
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market
from tests.hand.run import optimum

PUMPS, IDLE, GENERATES = StorageMode.CHARGE, StorageMode.IDLE, StorageMode.DISCHARGE


def case(pool: Row | None = None, load_mw: list[float] | None = None, **machine: object) -> Case:
    row = {"pump": 20.0, "min": 5.0, "max": 20.0, "eta": 0.8, "changeover": 60} | machine
    return market(
        load_mw or [20.0, 45.0, 60.0, 80.0, 20.0],
        units=[{"id": "A", "p_max": 60.0, "price": 10.0}, {"id": "B", "p_max": 60.0, "price": 100.0}],
        pumps=[{"id": "M1", **row}, {"id": "M2", **row}],
        reservoirs=[{"id": "upper", "energy": 40.0} | (pool or {})],
    )


def cost(of: Case) -> float:
    costs = optimum(of).costs
    assert costs is not None
    return costs.total


@pytest.fixture(scope="module")
def answer() -> ClearingResult:
    return optimum(case())


def test_both_pump_in_the_valley_and_spare_the_peaker(answer: ClearingResult) -> None:
    """Hour 1 has 40 MW to spare, hour 2 only 15: 40 MW are pumped, 32 MWh stored, 25.6 MWh given back, 20 of them in
    hour 4 in place of B. A: 205 + 40 − 5.6 MWh at 10 = 2394."""
    assert answer.costs is not None
    assert answer.costs.total == pytest.approx(2394.0)
    schedule = answer.schedule
    assert schedule is not None
    assert schedule.pump_mw.sum(axis=0) == pytest.approx([40.0, 0.0, 0.0, 0.0, 0.0])
    assert schedule.generate_mw.sum() == pytest.approx(25.6)
    assert schedule.generate_mw[:, 3].sum() >= 20.0 - 1e-6
    assert schedule.reservoir_mwh[0, [0, 1, 4]] == pytest.approx([32.0, 32.0, 0.0], abs=1e-6)
    assert (schedule.pumped_mode[:, 0] == PUMPS).all()
    assert (schedule.pumped_mode[:, 1] == IDLE).all()


def test_water_is_worth_what_it_spares_at_the_margin(answer: ClearingResult) -> None:
    """A is marginal in hour 4; the last MWh of water gives 0.8 MWh at 10. In hour 1 pumping takes A to its limit and is
    a constant of the pricing run."""
    assert answer.prices is not None
    assert answer.prices.bus_price[0, 3] == pytest.approx(10.0)
    assert answer.multipliers is not None
    stored = dict(zip(answer.multipliers.family, answer.multipliers.value.tolist(), strict=True))
    assert stored["reservoir_energy"] == pytest.approx(-8.0)


def test_a_long_changeover_leaves_each_machine_one_direction() -> None:
    """Four hours between: one pumps in hours 1 and 2 (5 MW of it from B), the other generates 20 MW in hour 4 and
    5.6 MWh elsewhere. A 205 + 20 + 15 − 5.6 = 234.4 MWh at 10, B 5 MWh at 100: 2844. Pumping in hour 1 alone: 2970."""
    assert cost(case(changeover=240)) == pytest.approx(2844.0)


@pytest.mark.parametrize(("changes", "money"), [(2, 2844.0), (3, 2394.0)])
def test_mode_changes(changes: int, money: float) -> None:
    """Two are one direction and back. With three a machine pumps, rests and generates to the end of the day."""
    assert cost(case(changes=changes)) == pytest.approx(money)


def test_end_energy() -> None:
    """16 MWh more at the end are one more machine for an hour, in hour 5 by the machine that has not generated:
    2394 + 200."""
    found = optimum(case({"final": 16.0}))
    assert found.costs is not None
    assert found.schedule is not None
    assert found.costs.total == pytest.approx(2594.0)
    assert found.schedule.reservoir_mwh[0, 4] == pytest.approx(16.0)


def test_half_of_the_plant_in_the_market() -> None:
    """10 MW each: three machine-hours of 8 MWh in hours 1 and 2, 19.2 MW in hour 4, B makes 0.8 MWh.
    A 205 + 30 MWh at 10, B 80: 2430."""
    assert cost(case(share=0.5)) == pytest.approx(2430.0)


def test_the_state_before_the_day_counts() -> None:
    """Full at first. A machine that pumped until midnight waits out its changeover of two hours before it generates;
    one that has idled for an hour waits for the other hour, in either direction.

    Load 80: 20 MW of B at 100 in every hour in which the plant gives nothing, A 60 MW at 10 unless the plant gives 40.
    """
    days = {
        "pumping": ({"mode": PUMPS, "minutes": 10}, 2 * 20 * 100.0 + 2 * 600.0 + 400.0),
        "idle": ({"mode": IDLE, "minutes": 60}, 20 * 100.0 + 600.0 + 2 * 600.0),
    }
    for machine, money in days.values():
        pool = {"initial": 40.0, "final": 0.0}
        plant = case(pool, [80.0, 80.0, 80.0], eta=1.0, changeover=120, **machine)
        assert cost(plant) == pytest.approx(money)


def test_what_does_not_fit_spills() -> None:
    """30 MW flow in for three hours into a full reservoir of 40 MWh; both machines give 40 MW, so 40 + 90 MWh last
    for 120, and the rest stays. Load 50 an hour, A makes 10: 300."""
    pool = {"initial": 40.0, "final": 0.0, "inflow": 30.0}
    assert cost(case(pool, [50.0, 50.0, 50.0], eta=1.0)) == pytest.approx(300.0)
    still = case(pool, [0.0, 0.0, 0.0], eta=1.0)
    assert cost(still) == pytest.approx(0.0)


def test_a_given_commitment_still_finds_the_modes() -> None:
    given = CommitmentInput(CommitmentUse.FIXED, np.ones((2, 5), dtype=np.int8))
    found = clear(replace(case(), commitment=given), load("generic"), SolveOptions(), RunControl())
    assert found.termination.reason is Reason.COMMITMENT_GIVEN
    assert found.audit_passed, found.audit
    assert found.termination.objective == pytest.approx(2394.0)


def test_what_is_kept_out_of_the_market_counts_as_system_reserve() -> None:
    """Load 20 and 40 MW of reserve in one hour; A has 60 MW. Nothing is missing with A alone; at 80 MW of reserve 40
    are, of which the plant outside the market gives 30 (three quarters of 40 MW), at most 25 by the rule set, and the
    water within, 10 MW."""
    rules = {"pumped_hydro.market_share": "0.25"}
    day = market(
        [20.0],
        units=[{"id": "A", "p_max": 60.0, "price": 10.0}],
        pumps=[{"id": "M1", "max": 40.0, "pump": 40.0}],
        reservoirs=[{"id": "upper", "energy": 40.0, "initial": 40.0, "final": 0.0}],
        positive_min_mw=80.0,
    )
    short = {}
    for most in ("none", "25", "0"):
        told = load("generic", "", {**rules, "pumped_hydro.system_reserve_mw": most})
        found = clear(day, told, SolveOptions(gap=0.0), RunControl())
        assert found.audit_passed, found.audit
        short[most] = sum(v.amount_mw for v in found.violations if v.family == "system_positive_min")
    assert short == pytest.approx({"none": 0.0, "25": 5.0, "0": 30.0})
