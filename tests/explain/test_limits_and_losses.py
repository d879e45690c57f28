"""Reasons that are losses, linear limits and limits after contingencies, each the true one by construction."""

from __future__ import annotations

import numpy as np
import pytest

from clearing.report.values import limit_name
from clearing.rules.load import load
from tests.explain.asked import cleared, explained, told
from tests.factory import market

LOSSES = load("generic", "", {"losses.model": "marginal", "losses.tolerance_mw": "1e-6"})


def test_losses_bring_a_near_unit_on_and_keep_a_far_one_off() -> None:
    """300 MW at a and 100 at b; base at a at 10 sets the price there. r = 0.05: a MW more at 100 MW of flow loses 10 %.

    Near at b asks 10.4 and is paid about 10.6; without losses 10.2, the mean of the reference. Far at c, behind 60 MW
    of wind, asks 9.8: the price there is below it, without losses above it.
    """
    case = market(
        {"a": [300.0] * 2, "b": [100.0] * 2, "c": [0.0] * 2},
        [
            {"id": "base", "bus": "a", "p_max": 500.0, "price": 10.0, "on": True, "mw": 300.0},
            {"id": "near", "bus": "b", "p_min": 10.0, "p_max": 40.0, "price": 10.4, "no_load": 1.0, "minutes": 600},
            {"id": "far", "bus": "c", "p_max": 20.0, "price": 9.8, "no_load": 1.0, "minutes": 600},
        ],
        renewables=[{"id": "wind", "bus": "c", "forecast": 60.0}],
        branches=[
            {"id": "ab", "ends": ("a", "b"), "r": 0.05},
            {"id": "ca", "ends": ("c", "a"), "r": 0.05},
        ],
    )
    found = explained(case, LOSSES)
    assert told(case, found.on, "near") == [(0, 1, "LOSSES", "")]
    assert told(case, found.off, "far") == [(0, 1, "LOSSES", "")]
    assert told(case, found.on, "base")[0][2] != "LOSSES"


def test_a_linear_limit_brings_a_unit_on() -> None:
    """0.5·cheap − 0.5·near ≤ 10 at 100 MW of load: 60 and 40 MW at 17.5, and near at 25 earns the rest by the limit."""
    case = market(
        {"a": [0.0], "b": [100.0]},
        [
            {"id": "cheap", "bus": "a", "p_max": 200.0, "price": 10.0, "on": True, "mw": 60.0},
            {"id": "near", "bus": "b", "p_max": 200.0, "price": 25.0, "on": True, "mw": 40.0},
        ],
        branches=[{"id": "ab", "ends": ("a", "b")}],
        linear=[
            {"id": "idle", "units": {"near": 1.0}, "max": 90.0},
            {"id": "limit", "units": {"cheap": 0.5, "near": -0.5}, "max": 10.0},
        ],
    )
    found = explained(case)
    assert told(case, found.on, "near") == [(0, 0, "LINEAR_LIMIT", "limit")]
    assert told(case, found.on, "cheap") == [(0, 0, "ECONOMICS", "")]
    assert (found.limits.family[0], found.limits.subject[0]) == ("linear_limit", "limit")
    assert found.limits.cost_per_mw[0] == pytest.approx(15.0)


def test_a_linear_limit_keeps_a_unit_off() -> None:
    """small + blocked ≤ 50: small fills it at 5 under a price of 20, a MW of it worth 15; blocked at 10 needs 60."""
    case = market(
        [100.0] * 2,
        [
            {"id": "base", "p_max": 200.0, "price": 20.0, "on": True, "mw": 50.0},
            {"id": "small", "p_max": 100.0, "price": 5.0, "on": True, "mw": 50.0},
            {"id": "blocked", "p_min": 60.0, "p_max": 80.0, "price": 10.0, "minutes": 600},
        ],
        linear=[{"id": "limit", "units": {"small": 1.0, "blocked": 1.0}, "max": 50.0}],
    )
    found = explained(case)
    assert told(case, found.off, "blocked") == [(0, 1, "LINEAR_LIMIT", "limit")]


@pytest.mark.parametrize("by", ["contingency", "linear_limit"])
def test_what_holds_a_flow_is_named(by: str) -> None:
    """60 MW reach b, with 300 MW of load at a: near at 25 earns there what last at 30 leaves, not at the price of a."""
    lines = [{"id": f"ab|{k}", "ends": ("a", "b"), "emergency": 60.0} for k in (1, 2)]
    case = market(
        {"a": [300.0], "b": [100.0]},
        [
            {"id": "base", "bus": "a", "p_max": 500.0, "price": 10.0, "on": True, "mw": 300.0},
            {"id": "near", "bus": "b", "p_min": 10.0, "p_max": 30.0, "price": 25.0, "on": True, "mw": 30.0},
            {"id": "last", "bus": "b", "p_max": 90.0, "price": 30.0, "on": True, "mw": 10.0},
        ],
        branches=lines,
        contingencies=[{"id": "N|1", "branches": ["ab|1"]}] if by == "contingency" else [],
        linear=[{"id": "both", "branches": {"ab|1": 1.0, "ab|2": 1.0}, "max": 60.0}] if by == "linear_limit" else [],
    )
    answer = cleared(case)
    found = answer.explanations
    assert found is not None
    subject = "ab|2|N|1" if by == "contingency" else "both"
    assert told(case, found.on, "near") == [(0, 0, "NETWORK", subject)]
    assert (found.limits.family[0], found.limits.subject[0]) == (by, subject)
    assert found.limits.cost_per_mw[0] == pytest.approx(20.0)
    assert limit_name(case, by, subject) == ("ab|2 after N|1" if by == "contingency" else "both")
    assert answer.prices is not None
    assert np.diff(answer.prices.bus_price[:, 0]) == pytest.approx([20.0])
