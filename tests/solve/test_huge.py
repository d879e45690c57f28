"""What only huge problems go through, on problems small enough to enumerate: rows that wait, dives, search by unit."""

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.formulation.scuc import scuc
from clearing.grid.islands import islands
from clearing.grid.monitored import grid
from clearing.milp.deferred import Deferred
from clearing.milp.highs import Highs, Limits
from clearing.milp.problem import dual_bound
from clearing.solve import commit, kept_solver, relax, warm_start
from clearing.solve.control import RunControl
from clearing.solve.dispatch import dispatch
from clearing.solve.local_search import local_search, supply_of
from clearing.solve.quick_start import merit_order
from tests.factory import Row, market
from tests.formulation.drawn import GENERIC, drawn
from tests.formulation.test_against_enumeration import check


@pytest.fixture
def all_huge(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((relax, "HUGE"), (kept_solver, "LARGE"), (warm_start, "LARGE"), (commit, "HUGE_SECONDS")):
        monkeypatch.setattr(module, name, 0)


@pytest.mark.usefixtures("all_huge")
@pytest.mark.parametrize("seed", range(24))
def test_the_cheapest_commitment_is_found_and_proved(seed: int) -> None:
    check(*drawn(seed))


@pytest.mark.parametrize("seed", range(12))
def test_rows_that_wait_leave_the_optimum_of_the_relaxation_alone(seed: int) -> None:
    case, rules = drawn(seed)
    problem = scuc(case, rules, islands(case)).problem
    whole = Highs(problem, threads=1, relaxed=True).run(Limits())
    waiting = Deferred(problem, relax.WAITING)
    assert waiting.waiting.any()
    highs = Highs(waiting.core(), threads=1, relaxed=True)
    outcome = highs.run(Limits())
    while outcome.x is not None and waiting.add_broken(outcome.x, highs):
        outcome = highs.run(Limits())
    assert outcome.objective == pytest.approx(whole.objective, rel=1e-7, abs=1e-6)
    assert outcome.row_dual is not None
    assert dual_bound(highs.whole(), outcome.row_dual) == pytest.approx(outcome.objective, rel=1e-6, abs=1e-5)


def plants(count: int = 8) -> Case:
    """Units of two at a plant and a valley of load between two peaks; all are off and may start from the beginning."""
    load = np.array([300.0, 500.0, 650.0, 500.0, 300.0, 200.0, 300.0, 500.0, 700.0, 600.0, 400.0, 300.0])
    units: list[Row] = [
        {
            "id": f"u{i}", "p_min": 40.0, "p_max": 100.0, "blocks": [(60.0, 20.0 + 3 * i), (40.0, 26.0 + 3 * i)],
            "no_load": 100.0, "start": [(0, 500.0)], "min_up": 120, "min_down": 120, "minutes": 600,
        }
        for i in range(count)
    ]  # fmt: skip
    case = market(load, units, period_minutes=60)
    return replace(case, reserves=replace(case.reserves, positive_max_mw=np.full(12, 150.0)))


def test_a_proposal_stays_as_far_within_the_greatest_reserve_as_dispatches_ask() -> None:
    case, rules = plants(), GENERIC
    model = scuc(case, rules, islands(case))
    need, on = np.asarray(case.loads.mw.sum(axis=0)), merit_order(case, rules, model.data)
    none = supply_of(model, need, np.zeros(12), np.zeros((0, 12)), rules)
    room = []
    for kept in (0.0, 100.0):
        supply = replace(none, kept=np.stack([np.zeros(12), np.full(12, kept)]))
        found = local_search(case, rules, model, on, supply)
        room.append((found * case.units.p_max_mw).sum(axis=0) - need)
    assert (room[0] <= 150.0 + 1e-9).all()
    beyond = [np.maximum(r - 50.0, 0.0).sum() for r in room]
    assert beyond[1] < beyond[0]  # a start may cost more than the rest of a breach


def test_no_single_unit_can_better_a_proposal_and_min_times_are_kept() -> None:
    case, rules = plants(), GENERIC
    model, network = scuc(case, rules, islands(case)), grid(case)
    first = dispatch(case, rules, network, merit_order(case, rules, model.data), None, RunControl())
    assert first is not None
    schedule = first.schedule
    supply = supply_of(
        model, schedule.dispatch_mw.sum(axis=0), schedule.renewable_mw.sum(axis=0), schedule.energy_mwh, rules
    )
    on = local_search(case, rules, model, schedule.on, supply)
    found = dispatch(case, rules, network, on, None, RunControl())
    assert found is not None
    assert found.costs.total < first.costs.total
    for i in range(len(on)):
        runs = np.flatnonzero(np.diff(np.concatenate([[0], on[i], [0]])))
        assert all(end - start >= 2 or end == 12 for start, end in runs.reshape(-1, 2).tolist())
        for value in (0, 1):  # always off, always on
            other = on.copy()
            other[i] = value
            other_way = dispatch(case, rules, network, other, None, RunControl())
            assert other_way is not None
            assert other_way.costs.total >= found.costs.total - 1e-6
