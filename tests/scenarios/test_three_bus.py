"""The hand-worked folder against enumeration of every commitment with an LP of its own (no production code)."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from clearing import formats
from clearing.case.case import Case

FOLDER = Path(__file__).parents[2] / "scenarios" / "three-bus"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
PERIODS, HOURS = 4, 0.5
# rows AB, AC, BC; columns A, B, C; C is the reference: flows of equal lines, as in the README
SHIFT = np.array([[1, -1, 0], [2, 1, 0], [1, 2, 0]]) / 3


@pytest.fixture(scope="module")
def case() -> Case:
    return formats.read(FOLDER)


def cheapest(case: Case, on: tuple[int, ...], load: float) -> tuple[float, np.ndarray] | None:
    """Cost per hour and output of one period with the given units on; None if they cannot serve the load."""
    u = case.units
    switch = np.array(on)
    flows = np.vstack([SHIFT, -SHIFT])  # one unit a bus, in the order of the buses
    limits = np.tile(case.network.branch_limit_mw, 2)
    answer = linprog(
        u.offers.price_per_mwh[:, 0],
        A_ub=flows,
        b_ub=limits,
        A_eq=np.ones((1, 3)),
        b_eq=[load],
        bounds=list(zip(u.p_min_mw[:, 0] * switch, u.p_max_mw[:, 0] * switch, strict=True)),
    )
    return (answer.fun + u.no_load_cost_per_hour @ switch, answer.x) if answer.success else None


def start_money(case: Case, i: int, path: tuple[int, ...]) -> float | None:
    """Start costs of one unit over the day; None where a min up or down time is broken."""
    u = case.units
    state, minutes, money = bool(u.initial_on[i]), int(u.initial_minutes[i]), 0.0
    for now in map(bool, path):
        if now == state:
            minutes += 30
            continue
        if minutes < (u.min_up_minutes[i] if state else u.min_down_minutes[i]):
            return None
        if now:
            own = (u.start_costs.unit == i) & (u.start_costs.after_minutes <= minutes)
            money += float(u.start_costs.cost[own][-1])
        state, minutes = now, 30
    return money


def test_the_hand_worked_schedule_is_the_unique_optimum_of_all_commitments(case: Case) -> None:
    paths = list(itertools.product((0, 1), repeat=PERIODS))
    starts = [[start_money(case, i, p) for p in paths] for i in range(3)]
    hours = {
        (t, on): cheapest(case, on, case.loads.mw[0, t])
        for t in range(PERIODS)
        for on in itertools.product((0, 1), repeat=3)
    }
    found = []
    for chosen in itertools.product(range(len(paths)), repeat=3):
        begun = [starts[i][k] for i, k in enumerate(chosen)]
        run = [hours[t, tuple(paths[k][t] for k in chosen)] for t in range(PERIODS)]
        if None not in begun and None not in run:
            found.append((sum(begun) + HOURS * sum(r[0] for r in run), chosen, np.array([r[1] for r in run]).T))
    found.sort(key=lambda f: f[0])
    best, chosen, output = found[0]
    assert best == pytest.approx(EXPECTED["objective"])
    assert found[1][0] > best + 10
    assert [list(paths[k]) for k in chosen] == list(EXPECTED["commitment"].values())
    assert output == pytest.approx(np.array(list(EXPECTED["dispatch_mw"].values())), abs=1e-6)
    # the enumeration left ramps out: the optimum keeps them
    before = np.column_stack([case.units.initial_mw, output])
    both_on = np.column_stack([case.units.initial_on, output > 0])
    steps = np.abs(np.diff(before))[both_on[:, 1:] & both_on[:, :-1]]
    assert steps.max() <= 30 * case.units.ramp_up_mw_per_minute[:2].min()


def test_expected_flows_prices_and_payments_agree_with_each_other(case: Case) -> None:
    output = np.array(list(EXPECTED["dispatch_mw"].values()), dtype=float)
    on = np.array(list(EXPECTED["commitment"].values()))
    price = np.array(list(EXPECTED["bus_price"].values()), dtype=float)
    energy, congestion = (np.array(list(EXPECTED[k].values()), dtype=float) for k in ("bus_energy", "bus_congestion"))
    flows = SHIFT @ output
    assert flows == pytest.approx(np.array(list(EXPECTED["branch_flow_mw"].values()), dtype=float))
    assert np.array_equal(energy + congestion, price)
    assert np.array_equal(energy[0], EXPECTED["system_price"])
    # congestion = multiplier of AC (0 or −60) times the shift factors; surplus of the loads = Σ τ · flow
    multiplier = np.array([0.0, -60.0, -60.0, 0.0])
    assert congestion == pytest.approx(np.outer(SHIFT[1], multiplier))
    surplus = case.loads.mw[0] * price[2] - (price * output).sum(axis=0)
    assert surplus == pytest.approx(-multiplier * flows[1])
    offers = case.units.offers.price_per_mwh[:, 0]
    cost = HOURS * (offers @ output).sum()
    no_load = HOURS * (case.units.no_load_cost_per_hour @ on).sum()
    assert {"energy": cost, "no_load": no_load, "start": 400.0} == pytest.approx(EXPECTED["costs"])
    unpaid = HOURS * ((offers[:, None] - price) * output + case.units.no_load_cost_per_hour[:, None] * on).sum(axis=1)
    unpaid[1] += 400.0
    assert dict(zip(case.units.id, unpaid, strict=True)) == pytest.approx(EXPECTED["make_whole"])
    assert sum(EXPECTED["make_whole"].values()) == EXPECTED["uplift_total"]
