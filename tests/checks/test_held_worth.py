"""Where a dispatch is held to the least positive reserve, what stored energy adds to it is part of its worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.prices import Multipliers
from clearing.case.result import ClearingResult
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import market

RULES = load(
    "generic", "", {"reserves.positive_min_in": "commitment_and_dispatch", "solve.gap": "0", "solve.absolute_gap": "0"}
)
BASE = {"id": "base", "p_max": 100.0, "must_run": 1, "blocks": [(70, 20), (30, 30)]}
FAMILY = "system_positive_min"


def storage(**row: Any) -> Case:
    """Of 10 MWh in a store 6 are kept in the second hour: 100 MW and 6 in store serve 76 MW and hold 30."""
    store = {"id": "s", "discharge": 20.0, "energy": 20.0, "initial": 10.0, "final": 0.0, **row}
    return market([69.0, 76.0], [BASE], storage=[store], positive_min_mw=[30.0, 30.0])


def pumped() -> Case:
    """Two machines at one reservoir, the better one for 4 MW: of 10 MWh 5 + 2/0.5 are kept in the second hour."""
    pumps = [{"id": "good", "max": 4.0, "eta": 0.8}, {"id": "poor", "max": 20.0, "eta": 0.5}]
    pool = {"id": "r", "energy": 20.0, "initial": 10.0, "final": 0.0}
    return market([69.0, 76.0], [BASE], pumps=pumps, reservoirs=[pool], positive_min_mw=[30.0, 30.0])


def cleared(case: Case) -> ClearingResult:
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert found.audit_passed, found.audit
    assert found.violations == ()
    return found


def errors(case: Case, found: ClearingResult) -> set[str]:
    return {f.code for f in audit(case, RULES, found).findings if f.severity is Severity.ERROR}


def with_worth(found: ClearingResult, factor: float) -> ClearingResult:
    """The certificate with the multiplier of the least reserve times a factor; 0 = without it."""
    table = found.multipliers
    assert table is not None
    mine = np.array([name == FAMILY for name in table.family])
    assert mine.sum() == 1
    value = np.where(mine, factor * table.value, table.value)
    kept = np.flatnonzero(~mine | (factor != 0.0)).tolist()
    changed = Multipliers(
        tuple(table.family[k] for k in kept), tuple(table.subject[k] for k in kept), table.period[kept], value[kept]
    )
    bound = tuple(replace(b, shadow_price=factor * b.shadow_price) if b.family == FAMILY else b for b in found.bindings)
    return replace(found, multipliers=changed, bindings=tuple(b for b in bound if b.shadow_price != 0.0))


@pytest.mark.parametrize(("case", "kept_mwh"), [(storage(), 6.0), (storage(eta=0.8), 7.5), (pumped(), 9.0)])
def test_energy_that_the_reserve_needs_is_worth_what_it_saves(case: Case, kept_mwh: float) -> None:
    found = cleared(case)
    assert found.schedule is not None
    level = found.schedule.energy_mwh if case.storage.id else found.schedule.reservoir_mwh
    assert level[0].tolist() == pytest.approx([10.0, kept_mwh])
    assert {b.family for b in found.bindings} == {FAMILY}
    assert errors(case, with_worth(found, 1.0)) == set()


@pytest.mark.parametrize("case", [storage(), storage(eta=0.8), pumped()])
@pytest.mark.parametrize("factor", [0.0, 0.9, 1.1])
def test_another_worth_does_not_support_the_schedule(case: Case, factor: float) -> None:
    assert "STATIONARITY" in errors(case, with_worth(cleared(case), factor))


@pytest.mark.parametrize(("worth", "supports"), [(29.0, False), (30.0, True), (35.0, True)])
def test_at_the_energy_that_sustains_the_discharge_limit_any_greater_worth_will_do(
    worth: float, supports: bool
) -> None:
    """6 MW for an hour: 6 MWh are kept, the reserve needs all of them, and a MWh more would add nothing to it."""
    case = storage(discharge=6.0)
    found = cleared(case)
    assert found.schedule is not None
    assert found.schedule.energy_mwh[0].tolist() == pytest.approx([10.0, 6.0])
    (bound,) = (b for b in found.bindings if b.family == FAMILY)
    assert ("STATIONARITY" in errors(case, with_worth(found, worth / bound.shadow_price))) is not supports


def test_a_reserve_that_is_kept_with_room_has_no_worth() -> None:
    case = storage(initial=20.0)
    found = cleared(case)
    table = found.multipliers
    assert table is not None
    false = Multipliers(
        (*table.family, FAMILY), (*table.subject, "system"), np.append(table.period, 0), np.append(table.value, 5.0)
    )
    assert "COMPLEMENTARITY" in errors(case, replace(found, multipliers=false))
