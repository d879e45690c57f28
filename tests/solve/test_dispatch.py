"""The dispatch: lazily added rows, and costs that are those of the LP."""

import itertools

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.formulation.scuc import scuc
from clearing.grid.monitored import grid
from clearing.milp.highs import Highs, Limits
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.evaluate import stepped
from clearing.solve.network_rows import NetworkRows
from tests.formulation.drawn import CLEARING, drawn
from tests.formulation.enumeration import brute_force, commitments
from tests.formulation.reference import Reference
from tests.oracle.steering import steering_penalty

NETWORKS = [s for s in range(60) if len(drawn(s)[0].network.branch_id) >= 2][:14]
STORES = [s for s in range(120) if drawn(s)[0].storage.id][:6]


def first_dispatch(case: Case, rules: Rules, seed: int, **more: object) -> tuple[Dispatch, np.ndarray]:
    """The dispatch of the first drawn commitment that has one."""
    everything = list(commitments(case))
    for k in np.random.default_rng(seed).permutation(len(everything)):
        on, mode = everything[k]
        found = dispatch(case, rules, grid(case), on, mode, RunControl(), **more)  # type: ignore[arg-type]
        if found is not None:
            return found, mode
    raise AssertionError("no commitment of the case has a dispatch")


@pytest.mark.parametrize("seed", NETWORKS)
def test_rows_added_as_they_are_broken_give_the_optimum_of_all_rows_at_once(seed: int) -> None:
    case, rules = drawn(seed)
    network = grid(case)
    lazy, mode = first_dispatch(case, rules, seed)
    limited = np.isfinite(network.monitored.upper) | np.isfinite(network.monitored.lower)
    whole = dispatch(case, rules, network, lazy.schedule.on, mode, RunControl(), active=limited)
    assert whole is not None
    assert whole.active.sum() == limited.sum()
    assert lazy.lp_objective == pytest.approx(whole.lp_objective, rel=1e-7, abs=1e-6)
    assert not (lazy.network_dual[~lazy.active]).any()


def test_many_rows_that_join_a_large_problem_begin_it_anew_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    anew: list[Highs] = []
    monkeypatch.setattr(Highs, "forget", lambda own, plain=Highs.forget: (anew.append(own), plain(own)))
    optima: list[list[float]] = []
    for few in (False, True):
        if few:
            monkeypatch.setattr("clearing.solve.dispatch.MANY_ROWS", 0)
            monkeypatch.setattr("clearing.solve.dispatch.LARGE", 0)
        optima.append([first_dispatch(*drawn(seed), seed)[0].lp_objective for seed in NETWORKS])
        assert bool(anew) == few
    assert optima[1] == pytest.approx(optima[0], rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("seed", NETWORKS[:8])
def test_the_search_with_lazy_rows_meets_the_problem_with_all_rows(seed: int) -> None:
    case, rules = drawn(seed)
    network = grid(case)
    model = scuc(case, rules, network.islands)
    highs = Highs(model.problem, threads=1)
    NetworkRows(model, network, highs, rules.solve).add(np.isfinite(network.monitored.upper))
    outcome = highs.run(Limits(relative_gap=0.0, absolute_gap=1e-7))
    right = brute_force(case, rules)
    assert right is not None
    assert outcome.objective == pytest.approx(right.objective, rel=1e-6)


@pytest.mark.parametrize("seed", range(30))
def test_costs_and_violations_add_up_to_the_objective_of_the_lp(seed: int) -> None:
    """The LP leaves out commitment terms, the curve up to p_min and system reserves; the costs hold them."""
    case, rules = drawn(seed)
    found, _ = first_dispatch(case, rules, seed)
    costs, units = found.costs, case.units
    system = steering_penalty(found.violations, rules)
    floor = 0.0
    for i, t in itertools.product(range(len(units.id)), range(case.horizon.periods)):
        left = units.p_min_mw[i, t] if found.schedule.on[i, t] else 0.0
        for m in np.flatnonzero(units.offers.resource == i):
            part = min(left, units.offers.width_mw[m, t])
            floor += part * units.offers.price_per_mwh[m, t] * case.horizon.hours
            left -= part
    assert costs.energy + costs.storage + costs.penalty + costs.reserve - system - floor == pytest.approx(
        found.lp_objective, rel=1e-6, abs=1e-5
    )
    assert costs.total == pytest.approx(
        costs.energy + costs.no_load + costs.start + costs.stop + costs.storage + costs.penalty
    )
    assert costs.penalty == pytest.approx(sum(v.penalty for v in found.violations))


@pytest.mark.parametrize("seed", STORES)
def test_storage_modes_at_a_given_commitment_are_the_best(seed: int) -> None:
    case, rules = drawn(seed)
    reference = Reference(case, rules, rules.clearing_penalties, system=False)
    by_on: dict[bytes, list[float]] = {}
    for on, mode in commitments(case):
        cost = reference.solve(on, mode)
        if cost is not None:
            by_on.setdefault(on.tobytes(), []).append(cost)
    network = grid(case)
    for data, every_cost in list(by_on.items())[:3]:
        on = np.frombuffer(data, dtype=np.int8).reshape(case.units.p_min_mw.shape)
        found = dispatch(case, rules, network, on, None, RunControl())
        assert found is not None
        assert reference.solve(on, found.mode) == pytest.approx(min(every_cost), rel=1e-6, abs=1e-6)


def test_stepped_penalties() -> None:
    amount = np.array([0.0, 10.0, 15.0, 40.0])
    assert stepped(amount, CLEARING.shortage).tolist() == [0.0, 9000.0, 13500.0, 13500.0 + 25 * 1200.0]
    assert stepped(amount, ((5.0, 1.0), (5.0, 2.0), (np.inf, 3.0))).tolist() == [0.0, 15.0, 30.0, 105.0]


def test_a_dispatch_that_is_stopped_or_impossible_is_none() -> None:
    case, rules = drawn(NETWORKS[0])
    network = grid(case)
    on, mode = next(commitments(case))
    assert dispatch(case, rules, network, on, mode, RunControl(), seconds=0.0) is None
