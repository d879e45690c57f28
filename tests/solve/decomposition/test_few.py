"""Few units: windows of hours and what prices speak against in turn."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import BoundKind
from clearing.formulation.model import Model
from clearing.milp.highs import Highs
from clearing.solve.commit import BLIND, branch
from clearing.solve.decomposition import few, stage
from clearing.solve.decomposition.dual import rounds_of
from clearing.solve.decomposition.primal import confirm
from clearing.solve.decomposition.restricted import Found, cost_of
from clearing.solve.decomposition.result import Dual
from clearing.solve.decomposition.windows import one_pass
from clearing.solve.quick_start import nearest
from clearing.solve.search import Search
from tests.factory import Row, market
from tests.formulation.drawn import GENERIC, exact
from tests.solve.decomposition.test_answers import formed
from tests.solve.decomposition.test_exchange import SEEDS, SLACK, costs_what_it_says, settled
from tests.solve.decomposition.test_primal import optimum

DEAR, CHEAP, START, LOAD_MW, HOURS = 40.0, 20.0, 12_000.0, 50.0, 24
"""Money per MWh of two units and money a start of the cheap one: worth it for 24 hours, not for the 8 of a window."""


def day_for_a_day() -> Case:
    """The dear unit is on, the cheap one off."""
    row: Row = {"p_min": 0.0, "p_max": 60.0, "min_up": 60, "min_down": 60, "minutes": 6000}
    dear = row | {"id": "dear", "blocks": [(60.0, DEAR)], "start": [(0, 0.0)], "on": True, "mw": LOAD_MW}
    cheap = row | {"id": "cheap", "blocks": [(60.0, CHEAP)], "start": [(0, START)], "on": False, "mw": 0.0}
    return market(np.full(HOURS, LOAD_MW), [dear, cheap])


def begun(search: Search, model: Model, on: np.ndarray) -> Found:
    found = cost_of(search, model, nearest(model.data, on))
    assert found is not None
    return found


def settled_day() -> tuple[Search, Model, Dual, Found]:
    search, model = formed(day_for_a_day(), exact(GENERIC))
    rounds = rounds_of(search, model)
    assert rounds is not None
    dual = rounds.run()
    assert dual is not None
    return search, model, dual, begun(search, model, np.array([np.ones(HOURS), -np.ones(HOURS)]))


def test_a_unit_takes_the_place_of_another_one_for_the_day_where_no_window_gains() -> None:
    search, model, dual, best = settled_day()
    assert best.objective == pytest.approx(HOURS * LOAD_MW * DEAR)
    alone = one_pass(search, model, best, np.ones_like(best.on, dtype=np.bool_), -np.inf, None, 1.0, 0.0)
    assert alone is best
    found = few.in_turn(search, model, dual, best, None)
    assert found.objective == pytest.approx(HOURS * LOAD_MW * CHEAP + START)
    costs_what_it_says(search, model, found)


def test_it_ends_at_the_target_and_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    search, model, dual, best = settled_day()
    monkeypatch.setattr(few, "target_of", lambda _: best.objective)
    assert few.in_turn(search, model, dual, best, None) is best
    monkeypatch.undo()
    assert few.in_turn(search, model, dual, best, -1.0) is best


@pytest.mark.parametrize("seed", SEEDS)
def test_it_never_costs_more_and_costs_what_it_says(seed: int) -> None:
    search, model, _, dual = settled(seed)
    best = begun(search, model, np.ones(model.data.on_min.shape))
    found = few.in_turn(search, model, dual, best, None)
    assert found.objective <= best.objective
    costs_what_it_says(search, model, found)
    right, bound = optimum(seed, 8, 12)
    assert found.objective >= bound - SLACK * max(1.0, abs(right))


def test_disputed_is_what_the_rounds_leave_open_or_see_otherwise() -> None:
    _, _, dual, best = settled_day()
    share = np.array([np.zeros(HOURS), np.ones(HOURS)])
    share[0, 3] = 0.4
    told = replace(dual, share=share)
    assert few.disputed(told, best).all()
    other = replace(best, on=share.astype(np.int8))
    assert np.argwhere(few.disputed(told, other)).tolist() == [[0, 3]]


@pytest.mark.parametrize("known", ["nothing", "dear", "cheap"])
def test_searches_that_use_no_solution_are_left_out_only_where_a_good_one_is_known(
    monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    monkeypatch.setattr(stage, "LARGE", 0)
    chosen: dict[str, object] = {}
    monkeypatch.setattr(Highs, "option", _noting(chosen))
    search, model, dual, best = settled_day()
    assert stage.applies(search, model)
    search.raise_bound(0.999 * (HOURS * LOAD_MW * CHEAP + START), BoundKind.LAGRANGIAN)
    if known != "nothing":
        confirm(search, model, best)
    if known == "cheap":
        confirm(search, model, few.in_turn(search, model, dual, best, None))
    branch(search, model)
    assert search.best is not None
    assert search.best.costs.total == pytest.approx(HOURS * LOAD_MW * CHEAP + START)
    assert {name for name in BLIND if chosen.get(name) is False} == (set(BLIND) if known == "cheap" else set())


def _noting(chosen: dict[str, object]) -> Callable[[Highs, str, float | bool | str], None]:
    option = Highs.option

    def noted(self: Highs, name: str, value: float | bool | str) -> None:
        chosen[name] = value
        option(self, name, value)

    return noted
