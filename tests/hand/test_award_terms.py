"""Terms of reserve products worked by hand, by production and specification.

One unit on line, 10 an MWh, 100 MW; an hour a period.

- ramp: 60 MW an hour from 50 MW. A MW of the product takes 6 of the ramp, half of it an hour later. Load 50, 98: the
  output rises by 48, which leaves 12 of the ramp, enough for 3·(2 + 2), and half a MW too little for 3·(2 + 2.5).
- joint cap: regulation 4 of a spinning cap of 10 leaves 6.
- off line: a second unit holds 7 MW while it is off, 8 are required: 1 is missing.
- carried: 3 MW of regulation are missing at 50; what spinning asks beyond it is held, so nothing more is paid.
- band: while it regulates the unit gives 90 at most and 20 at least; regulating costs 5 an hour.
"""

from typing import Any

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.result import ClearingResult
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from models.scuc import scuc
from models.solve import solve
from tests.case.cases import put
from tests.factory import market

RULES = load("generic")
UNIT = {"id": "u", "p_max": 100.0, "price": 10.0, "on": True, "mw": 50.0, "must_run": 1}
FREE = (False, 0.0, 0.0, False)
REGULATION, COLD = ProductKind.REGULATION, ProductKind.NON_SPINNING


def cleared(demand: list[float], products: list[dict[str, Any]], *units: dict[str, Any]) -> tuple[Case, ClearingResult]:
    case = market(demand, list(units) or [UNIT], products=products)
    assert [f for f in validate(case, RULES) if f.severity.name == "ERROR"] == []
    found = clear(case, RULES, SolveOptions(gap=0.0), RunControl())
    assert found.audit_passed, found.audit
    assert found.termination.objective is not None
    twin = solve(scuc(case, RULES), gap=0.0)
    assert twin.objective == pytest.approx(found.termination.objective, rel=1e-9)
    return case, found


def test_awards_take_ramp_in_their_period_and_the_next() -> None:
    product = {"id": "spin", "requirement": 2.0, "terms": (False, 3.0, 3.0, False), "curve": [(np.inf, 30.0)]}
    _, found = cleared([50.0, 100.0 - 2.0], [product], {**UNIT, "ramp": 1.0})
    # the rise of 48 leaves 12: enough for 3·(2 + 2)
    assert found.termination.objective == pytest.approx(1480.0)
    _, found = cleared([50.0, 98.0 + 1.0], [{**product, "requirement": [2.0, 1.0]}], {**UNIT, "ramp": 1.0})
    # 49 leaves 11: 3·(2 + 1) = 9
    assert found.termination.objective == pytest.approx(1490.0)
    _, found = cleared([50.0, 98.0], [{**product, "requirement": [2.0, 2.5]}], {**UNIT, "ramp": 1.0})
    # 12 for 3·(2 + 2.5) = 13.5: half a MW is missing, at 30; p_max leaves 2 MW as well
    assert found.termination.objective == pytest.approx(1480.0 + 15.0)


def test_a_start_leaves_no_ramp_to_awards_and_a_stop_wants_it_back() -> None:
    """In the period of a start w + 1.5·r ≤ SU − p_min = 0, so the reserve of 2 MW is missing for an hour."""
    late = {
        "id": "v",
        "p_min": 30.0,
        "p_max": 100.0,
        "price": 10.0,
        "startup_limit": 30.0,
        "ramp": 1.0,
        "must_run": [0, 1, 1],
    }
    late["must_off"] = [1, 0, 0]
    product = {"id": "spin", "requirement": [0.0, 2.0, 2.0], "terms": (False, 1.5, 1.5, False), "max": [0.0, 50.0],
               "curve": [(np.inf, 30.0)]}  # fmt: skip
    _, found = cleared([60.0, 60.0, 60.0], [product], UNIT, late)
    assert found.schedule is not None
    held = found.schedule.reserve_mw[0, 1]
    assert held[:2].tolist() == pytest.approx([0.0, 0.0])
    assert held[2] >= 2.0 - 1e-6
    assert [(v.period, v.amount_mw, v.penalty) for v in found.violations] == [
        (1, pytest.approx(2.0), pytest.approx(60.0))
    ]


@pytest.mark.parametrize("ramp", [1.0, 10.0])
@pytest.mark.parametrize("first", [0, 1])
def test_an_award_that_takes_ramp_counts_in_a_start_though_not_against_its_limit(first: int, ramp: float) -> None:
    """In the period of a start w + r ≤ SU − p_min = 5 of 8 MW, in the first one too and however fast the ramp is."""
    late = {"id": "v", "p_min": 30.0, "p_max": 100.0, "price": 10.0, "startup_limit": 35.0, "ramp": ramp,
            "must_run": np.arange(2) >= first, "must_off": np.arange(2) < first}  # fmt: skip
    product = {"id": "spin", "requirement": 8.0 * (np.arange(2) == first), "terms": (False, 1.0, 0.0, False),
               "max": [0.0, 50.0], "curve": [(np.inf, 30.0)]}  # fmt: skip
    _, found = cleared([60.0, 60.0], [product], UNIT, late)
    assert found.termination.objective == pytest.approx(2 * 600.0 + 3.0 * 30.0)
    assert [(v.period, v.amount_mw) for v in found.violations] == [(first, pytest.approx(3.0))]


def test_a_joint_cap_holds_what_the_unit_has_of_better_products_too() -> None:
    better = {"id": "agc", "requirement": 4.0, "terms": FREE, "serves": ["spin"], "curve": [(np.inf, 90.0)]}
    lesser = {
        "id": "spin",
        "requirement": 15.0,
        "max": 10.0,
        "terms": (False, 0.0, 0.0, True),
        "curve": [(np.inf, 20.0)],
    }
    _, found = cleared([50.0], [better, lesser])
    assert found.schedule is not None
    assert found.schedule.reserve_mw[:, 0, 0].sum() == pytest.approx(10.0)
    assert found.termination.objective == pytest.approx(500.0 + 5.0 * 20.0)


def test_a_unit_off_line_holds_what_is_stated_of_it() -> None:
    quick = {"id": "q", "p_min": 5.0, "p_max": 20.0, "price": 99.0, "min_down": 600, "minutes": 10}
    product = {"id": "cold", "requirement": 8.0, "kind": COLD, "max": 0.0, "off": {"q": 7.0}, "curve": [(np.inf, 2.0)]}
    _, found = cleared([50.0], [product], UNIT, quick)
    assert found.schedule is not None
    assert found.schedule.reserve_mw[0, 1, 0] == pytest.approx(7.0)
    assert found.termination.objective == pytest.approx(502.0)


@pytest.mark.parametrize(("carries", "paid"), [(["spin"], 3.0 * 50.0), ([], 3.0 * 50.0 + 3.0 * 40.0)])
def test_what_a_better_product_lacks_is_paid_for_once(carries: list[str], paid: float) -> None:
    """Spinning asks 4 + 6: the unit has 6 of it and 1 of regulation; 3 are missing in both rows."""
    better = {"id": "agc", "requirement": 4.0, "max": 1.0, "terms": FREE, "serves": ["spin"], "carries": carries,
              "curve": [(np.inf, 50.0)]}  # fmt: skip
    lesser = {"id": "spin", "requirement": 10.0, "max": 6.0, "terms": FREE, "curve": [(np.inf, 40.0)]}
    _, found = cleared([50.0], [better, lesser])
    assert found.termination.objective == pytest.approx(500.0 + paid)
    assert found.prices is not None
    # a MW more of regulation saves 50; where it is carried the lesser requirement costs nothing more by itself
    assert found.prices.reserve_price[:, 0].sum() == pytest.approx(50.0 if carries else 90.0)


def test_a_unit_that_regulates_keeps_within_its_band() -> None:
    """Load 95: 9 MW do not fit into the band beside 4 of regulation; another gives them at 30."""
    products = [{"id": "agc", "requirement": 4.0, "kind": REGULATION, "minutes": 5.0, "max": [10.0, 0.0], "terms": FREE,
                 "curve": [(np.inf, 200.0)]}]  # fmt: skip
    banded = {**UNIT, "band": (20.0, 90.0, 5.0, 0), "mw": 80.0, "ramp": 2.0}
    other = {"id": "o", "p_max": 50.0, "price": 30.0, "on": True, "mw": 10.0}
    _, found = cleared([95.0], products, banded, other)
    assert found.schedule is not None
    assert found.schedule.regulating[:, 0].tolist() == [1, 0]
    assert found.schedule.dispatch_mw[:, 0].tolist() == pytest.approx([86.0, 9.0])
    assert found.termination.objective == pytest.approx(860.0 + 270.0 + 5.0)
    _, kept = cleared([95.0], products, {**banded, "band": (20.0, 90.0, 5.0, 1)}, other)
    assert kept.termination.objective == pytest.approx(950.0 + 800.0)
    _, held = cleared(
        [15.0], [{**products[0], "requirement": 0.0, "max": 10.0}], {**banded, "band": (20.0, 90.0, 5.0, 2), "mw": 20.0}
    )
    assert held.schedule is not None  # the band reaches down to 20 only: 5 MW too many
    assert held.schedule.surplus_mw[0, 0] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("path", "at", "value", "code"),
    [
        ("award_terms.ramp_now", 0, -1.0, "NEGATIVE"),
        ("award_terms.product", 1, 0, "TERMS_DUPLICATE"),
        ("award_terms.offline_product", 0, 0, "OFFLINE_NOT_NON_SPINNING"),
        ("award_terms.carry_to", 0, 2, "CARRY_WITHOUT_SHARING"),
        ("award_terms.carry_to", 0, 2, "CARRY_WITHOUT_CURVE"),
        ("reserve_demand.step_price", 1, 9e4, "CARRY_PRICE_RISES"),
        ("regulation_bands.max_mw", (0, 0), 101.0, "BAND_OUTSIDE_LIMITS"),
        ("regulation_bands.min_mw", (0, 0), 99.0, "BAND_MIN_ABOVE_MAX"),
        ("regulation_bands.given", (0, 0), 3, "UNKNOWN_ENUM"),
    ],
)
def test_terms_that_make_no_sense_are_refused(path: str, at: Any, value: float, code: str) -> None:
    better = {"id": "agc", "requirement": 4.0, "terms": FREE, "serves": ["spin"], "carries": ["spin"],
              "curve": [(np.inf, 50.0)], "kind": REGULATION}  # fmt: skip
    lesser = {"id": "spin", "requirement": 10.0, "terms": FREE, "curve": [(np.inf, 40.0)]}
    cold = {"id": "cold", "requirement": 1.0, "kind": COLD, "off": {"u": 3.0}}
    case = market([50.0], [{**UNIT, "band": (20.0, 90.0, 5.0, 0)}], products=[better, lesser, cold])
    assert [f.code for f in validate(case, RULES) if f.severity.name == "ERROR"] == []
    assert code in {f.code for f in validate(put(case, path, value, at), RULES)}


def test_one_band_a_unit() -> None:
    case = market([50.0], [{**UNIT, "band": (20.0, 90.0, 5.0, 0)}, {**UNIT, "id": "w", "band": (20.0, 90.0, 5.0, 0)}])
    assert "BAND_DUPLICATE" in {f.code for f in validate(put(case, "regulation_bands.unit", 0, 1), RULES)}
