"""Named cases that together switch on every family of docs/formulation.md: both witnesses find the same optimum.

A family on the page without a case that shows it fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.case.validate import has_errors, validate
from clearing.day_ahead import clear
from clearing.formulation.modes import modes_of
from clearing.grid.monitored import Grid, grid
from clearing.price.pricing_run import pricing_run
from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.dispatch import Dispatch, dispatch
from clearing.solve.options import SolveOptions
from models.outcome import storage_mode
from models.pricing import pricing, unanswered
from models.sced import sced
from models.scuc import scuc
from models.solve import solve
from tests.oracle.compiled import Compiled, Solver, compiled
from tests.oracle.examples import EXAMPLES, Example
from tests.oracle.production import production
from tests.oracle.steering import steering_penalty
from tests.oracle.test_kinds import FAMILIES as KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formulation.md").read_text(encoding="utf-8")

SPECIFIED_AS = {
    "output": "output_blocks", "output_limit": "ramp_up", "output_limit_stop": "ramp_down",
    "pumping_side": "one_direction", "generating_side": "one_direction", "changeover": "pump_then_generate",
    "pumping_turns_on": "mode_turns", "pumping_turns_off": "mode_turns", "generating_turns_on": "mode_turns",
    "generating_turns_off": "mode_turns", "start_saving": "start_window", "start_matching": "start_state_sum",
    "virtual_output": "virtual_blocks",
}  # fmt: skip
"""Blocks of production whose rows the specification writes otherwise, and under which name."""

TIGHTENING = {"segment_limit", "segment_limit_start", "segment_limit_stop", "pump_order", "generate_order"}
"""Blocks that follow from others where the commitment is 0/1, or choose among equal plans: some case has them, none
would cost less without."""

ROW_BY_ROW = {
    "regulation_speed", "flexible_next", "flexible_up", "flexible_down", "flexible_ramp_up", "flexible_ramp_down",
    "offline", "storage_up", "storage_down", "storage_up_energy", "storage_down_energy",
}  # fmt: skip
"""Kinds of reserve products: tests/oracle/test_kinds.py compares their rows one by one, and their optima."""


OF_AN_OPERATING_POINT = {"loss"}
"""Rows that stand about an operating point: tests/oracle/test_losses.py gives both witnesses the same one."""

AFTER_CONTINGENCIES = {"contingency", "contingency_interface"}
"""Rows that are added when needed; tests/oracle/test_contingencies.py holds them and the optima with them."""


def families_on_the_page() -> set[str]:
    """Names of blocks: what stands in backticks behind an arrow, up to the softness and the end of the paragraph."""
    found: set[str] = set()
    for paragraph in re.split(r"\n\s*\n", PAGE):
        if re.match(r"`[a-z_]+\.[a-z_]+` → block", paragraph):
            for part in paragraph.split("→ block")[1:]:
                names = re.findall(r"`([a-z_]+)(?:\.n)?`", re.split(r"\*soft\*|multiplier", part, maxsplit=1)[0])
                found |= set(names)
    return found


def numbers_on_the_page() -> set[int]:
    """Families of the numbered list that are not left for later."""
    table = PAGE.split("## The list of families")[1]
    rows = re.findall(r"^\| ([0-9, ]+) \| [^|]+ \| ([^|]+) \|", table, re.MULTILINE)
    return {int(n) for numbers, state in rows if not state.startswith("later") for n in numbers.split(",")}


SWITCHED_ON: dict[int, Callable[[Case, Rules], bool]] = {
    1: lambda c, r: bool(c.loads.mw.any()),
    2: lambda c, r: c.reserves.positive_min_mw is not None and c.reserves.positive_max_mw is not None,
    3: lambda c, r: c.reserves.negative_min_mw is not None,
    4: lambda c, r: len(set(c.reserves.direction.tolist())) == 2,
    5: lambda c, r: bool(len(c.reserve_sharing.shared_to) and len(c.reserve_demand.step_mw)),
    6: lambda c, r: bool(c.units.on_min.any() and len(c.units.fixed_mw) and not c.units.on_max.all()),
    7: lambda c, r: bool(c.units.p_min_mw.any()),
    8: lambda c, r: bool(c.unit_groups.id),
    9: lambda c, r: bool(np.isfinite(c.units.ramp_up_mw_per_minute).any()),
    10: lambda c, r: bool(c.units.min_up_minutes.any() and c.units.min_down_minutes.any()),
    11: lambda c, r: bool((c.plant_limits.switching_minutes > 0).any()),
    12: lambda c, r: bool((c.startup_curves.state > 0).any() and len(c.shutdown_curves.unit)),
    13: lambda c, r: bool(len(c.start_leads.minutes)),
    14: lambda c, r: bool(np.isfinite(c.network.branch_limit_mw).any() and c.network.interface_id),
    15: lambda c, r: bool(c.renewables.id),
    16: lambda c, r: bool(len(c.storage_cycles.storage) or c.pumped_hydro.id),
    17: lambda c, r: bool(len(c.energy_windows.unit)),
    18: lambda c, r: len(set(c.virtual_plants.kind.tolist())) == 2 and bool(c.demand_bids.id),
    19: lambda c, r: bool(c.ties.id) or bool(c.hvdc_lines.id),
}
"""By number, the data that switch a family on. A family that is new on the list gets a line here and an example."""


@dataclass(frozen=True)
class Both:
    """An example, cleared by production to no gap, and its SCUC as the specification writes it."""

    example: Example
    case: Case
    rules: Rules
    found: ClearingResult
    plain: Compiled
    optimum: float


@cache
def both(name: str) -> Both:
    example = EXAMPLES[name]
    case, rules = example.case(), example.rules()
    assert not has_errors(validate(case, rules)), validate(case, rules)
    m = scuc(case, rules)
    optimum = solve(m).objective
    found = clear(case, rules, SolveOptions(time_limit_seconds=60.0, gap=0.0), RunControl())
    return Both(example, case, rules, found, compiled(m), optimum)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_clearing_finds_the_optimum_of_the_specification(name: str) -> None:
    one = both(name)
    assert one.found.termination.objective == pytest.approx(one.optimum, rel=1e-6)
    assert one.found.termination.bound == pytest.approx(one.optimum, rel=1e-6)
    assert one.found.audit_passed


@cache
def dispatched(name: str) -> tuple[Grid, Dispatch, Dispatch]:
    """The grid, SCED and pricing run of production at the commitment that it found."""
    one = both(name)
    schedule, grid_ = one.found.schedule, grid(one.case)
    assert schedule is not None
    cleared = dispatch(one.case, one.rules, grid_, schedule.on, modes_of(one.case, schedule), RunControl())
    assert cleared is not None
    priced = pricing_run(one.case, one.rules, grid_, cleared, RunControl())
    assert priced is not None
    return grid_, cleared, priced


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_dispatch_costs_what_the_specification_says(name: str) -> None:
    one, (_, cleared, _) = both(name), dispatched(name)
    mode, given = storage_mode(one.found.schedule), cleared.schedule
    right = solve(sced(one.case, one.rules, given.on, mode, given.pumped_mode, given.regulating)).objective
    costs = cleared.costs
    steering = steering_penalty(cleared.violations, one.rules)
    own = costs.energy + costs.demand + costs.storage + costs.reserve + costs.penalty - steering
    assert own == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_pricing_run_costs_what_the_specification_says(name: str) -> None:
    """Production's LP leaves out what p_min costs, which nothing in it can change."""
    one, (_, cleared, priced) = both(name), dispatched(name)
    mode = storage_mode(one.found.schedule)
    m = pricing(one.case, one.rules, cleared.schedule, mode)
    right = solve(m).objective
    missing = unanswered(m, one.case, one.rules, cleared.schedule)
    if missing is not None:
        right = solve(pricing(one.case, one.rules, cleared.schedule, mode, missing)).objective
    at_least = float((priced.model.unit_curve.floor_cost_per_hour * cleared.schedule.on).sum()) * one.case.horizon.hours
    assert priced.lp_objective + at_least == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize(("name", "family"), [(name, one) for name, ex in EXAMPLES.items() for one in ex.shows])
def test_without_the_family_the_optimum_would_be_another(name: str, family: str) -> None:
    one = both(name)
    rows = [row for (own, _), row in one.plain.rows.items() if own == family]
    assert rows, f"{name} has no row {family}"
    low, high = one.plain.row_lower.copy(), one.plain.row_upper.copy()
    low[rows], high[rows] = -np.inf, np.inf
    without = Solver(replace(one.plain, row_lower=low, row_upper=high), offset=one.plain.offset).optimum()
    assert without is not None
    assert without < one.optimum - 1e-5 * max(1.0, abs(one.optimum))


def test_every_family_of_the_page_is_shown_by_a_case() -> None:
    """Every block stands in some case of production; the specification's rows of it decide the optimum of some case."""
    shown = {family for example in EXAMPLES.values() for family in example.shows}
    present = {"branch", "interface"}  # rows that are added when needed, see `network` among the examples
    for example in EXAMPLES.values():
        problem = production(example.case(), example.rules())[0].problem
        present |= {name for name, rows in problem.rows.items() if rows.size}
    wanted = families_on_the_page()
    assert len(wanted) > 45
    assert TIGHTENING | ROW_BY_ROW | OF_AN_OPERATING_POINT | AFTER_CONTINGENCIES | set(SPECIFIED_AS) <= wanted
    wanted -= ROW_BY_ROW | OF_AN_OPERATING_POINT | AFTER_CONTINGENCIES
    assert wanted - present == set()
    assert {SPECIFIED_AS.get(name, name) for name in wanted - TIGHTENING} - shown == set()


def test_what_is_left_to_the_test_of_kinds_is_compared_there() -> None:
    assert set(KINDS) >= ROW_BY_ROW


def test_every_number_of_the_list_is_switched_on() -> None:
    examples = [(example.case(), example.rules()) for example in EXAMPLES.values()]
    numbers = {n for n, on in SWITCHED_ON.items() if any(on(case, rules) for case, rules in examples)}
    assert numbers == numbers_on_the_page()
    assert len(EXAMPLES) >= 12
