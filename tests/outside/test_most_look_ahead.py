"""MOST's t_most_tlmp: look-ahead dispatch and LMP of a ramp-limited unit, hours on one bus (examples 3 and 4: two).

Examples 1 and 2: two units without a least output, 500 MW each, at 25 and 30 (t_case_tlmp); the second may change by
50 MW an hour (the load-following reserve of xgd_table). The load is that of the file, 0.001 MW below round figures;
nothing is known before the first hour, so both units begin where the first hour leaves them. The expected figures are
those that the file tests (ePg, eLMP). Its TLMP adds multipliers of a unit's own ramps to the LMP and is no price of
this market.
"""

from __future__ import annotations

import numpy as np
import pytest

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.resources import StorageMode
from clearing.case.result import ClearingResult
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market
from tests.outside.most import GEN_PMAX, LINEAR, matrix

RAMP_MW = (500.0, 50.0)
"""xgd_table of t_most_tlmp."""
PRICES_TO = 1e-5
"""Digits that the file compares prices to: its reserve prices of 1e-6 move them."""


def window(loads: np.ndarray, before: tuple[float, float]) -> Case:
    gen, cost = (matrix("t_case_tlmp", f"mpc.{name}", "lib/t") for name in ("gen", "gencost"))
    units = [
        {
            **{"id": f"G{i + 1}", "p_max": gen[i, GEN_PMAX], "price": cost[i, LINEAR], "on": True, "mw": before[i]},
            **{"ramp": RAMP_MW[i] / 60.0},
        }
        for i in range(2)
    ]
    on = np.ones((2, len(loads)), dtype=np.int8)
    return market(loads.tolist(), units, commitment=CommitmentInput(CommitmentUse.FIXED, on))


def cleared(case: Case) -> ClearingResult:
    result = clear_interval(case, load("generic"), SolveOptions(), RunControl())
    assert result.audit_passed, result.audit
    assert result.violations == ()
    return result


def loads_of(which: int) -> np.ndarray:
    return matrix("t_most_tlmp", "load_profile.values(:, 1, 1)", "lib/t", which)[:, 0]


def held(result: ClearingResult, mw: list[list[float]], prices: list[float]) -> None:
    assert result.schedule is not None
    assert result.prices is not None
    np.testing.assert_allclose(result.schedule.dispatch_mw, mw, atol=1e-6)
    np.testing.assert_allclose(result.prices.bus_price, [prices], atol=PRICES_TO)


def test_example_1_one_window_of_three_hours() -> None:
    loads = loads_of(0)
    assert loads == pytest.approx([419.999, 589.999, 589.999])
    held(cleared(window(loads, (380.0, 39.999))), [[380, 500, 500], [39.999, 89.999, 89.999]], [25, 35, 30])


def test_example_2_rolls_its_window_by_an_hour() -> None:
    loads = loads_of(1)
    assert loads == pytest.approx([419.999, 599.999])
    first = cleared(window(loads, (370.0, 49.999)))
    held(first, [[370, 500], [49.999, 99.999]], [25, 35])
    assert first.schedule is not None
    binding = first.schedule.dispatch_mw[:, 0]
    held(cleared(window(np.array([590.0, 590.0]), (binding[0], binding[1]))), [[500, 500], [90, 90]], [30, 30])


def stored(which: int, loads: np.ndarray, unit_mw: float, energy_mwh: float, least: float) -> Case:
    """A window of examples 3 and 4 (t_case_tlmp_storage): a unit, a load that bids, a store without losses.

    Up to 200 MW at 16.3, ± 40 MW an hour; the load pays 17.7 and changes by 60 MW an hour in example 3, 1000 and any
    change in example 4; the store of 25 MW takes energy at 13.6 and gives it at 15.7, between 1 and 50 MWh. least: MW
    that the store must give in the first hour (the file holds it there in the first window of example 4).
    """
    gen, cost = (matrix("t_case_tlmp_storage", f"mpc.{name}", "lib/t") for name in ("gen", "gencost"))
    value, ramp = (cost[1, LINEAR], 60.0) if which == 3 else (1000.0, 1e6)
    unit = {"id": "G1", "bus": "1", "p_max": gen[0, GEN_PMAX], "price": cost[0, LINEAR], "on": True, "mw": unit_mw}
    power, mode = gen[2, GEN_PMAX], [int(StorageMode.DISCHARGE if least else StorageMode.UNSPECIFIED), 0]
    store = {
        **{"id": "S", "bus": "1", "power": power, "initial": energy_mwh, "floor": 1.0, "energy": 50.0, "final": 1.0},
        **{"charge_price": 13.6, "discharge_price": 15.7, "discharge_min": [least, 0.0], "mode": mode},
    }
    sink = {
        "id": "D",
        "load": True,
        "factors": {"2": 1.0},
        "max": loads,
        "price": value,
        "ramp": ramp / 60,
    }
    return market(
        {"1": [0.0, 0.0], "2": [0.0, 0.0]}, [{**unit, "ramp": 40.0 / 60.0}], storage=[store], virtual=[sink],
        branches=[{"id": "1-2", "ends": ("1", "2"), "x": 0.01}],
        commitment=CommitmentInput(CommitmentUse.FIXED, np.ones((1, 2), dtype=np.int8)),
    )  # fmt: skip


def windows(which: int) -> list[np.ndarray]:
    """Loads of the two windows."""
    second = {3: [219.1, 118.8999], 4: [218.8999, 158.7]}[which]  # lp{2}.values
    return [loads_of(which - 1), np.array(second)]


@pytest.mark.parametrize(
    ("which", "digits", "expected"),
    [
        (3, 1e-4, [([199.9, 200.0], [199.9, 219.0], [0.0, 19.0], [16.3, 17.7]),
                   ([159.9, 119.9], [178.8999, 118.8999], [18.9999, -1.0001], [15.7, 13.6])]),
        (4, 5e-4, [([199.8, 200.0], [199.9, 218.9], [0.1, 18.9], [16.3, 16.3]),
                   ([200.0, 160.0], [218.9, 158.7], [18.9, -1.3], [19.0, 13.6])]),
    ],
)  # fmt: skip
def test_examples_3_and_4_a_store_and_a_load_that_bids(
    which: int, digits: float, expected: list[tuple[list[float], ...]]
) -> None:
    """The figures are ePg and eLMP of the file, to its digits; a window begins where the one before ended an hour."""
    unit_mw, energy = (199.9, 20.0) if which == 3 else (199.8, 20.0)
    least = (0.0, 0.0) if which == 3 else (0.1, 0.0)
    for loads, held_to, (unit, demand, store, price) in zip(windows(which), least, expected, strict=True):
        result = cleared(stored(which, loads, unit_mw, energy, held_to))
        assert result.schedule is not None
        assert result.prices is not None
        now = result.schedule
        np.testing.assert_allclose(now.dispatch_mw, [unit], atol=digits)
        np.testing.assert_allclose(now.virtual_mw, [demand], atol=digits)
        np.testing.assert_allclose((now.discharge_mw - now.charge_mw)[0], store, atol=digits)
        np.testing.assert_allclose(result.prices.bus_price, [price, price], atol=PRICES_TO)
        unit_mw = float(now.dispatch_mw[0, 0])
        if which == 4:  # in example 3 the file leaves the store at 20 MWh
            energy = float(now.energy_mwh[0, 0])
