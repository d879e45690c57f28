"""Technical data that participants declare, against the rules of a market: times, start costs, ramps, heat, speed."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints
from clearing.case.case import Case
from clearing.case.declarations import Declarations, unit_rating
from clearing.case.finding import Finding, Severity
from clearing.case.offer_rules import named, off_grid
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.size_class import bound, has_class, size_class
from clearing.case.units import Fuel, StartState
from clearing.rules.market_rules import CLASSES_MW, StateRules, class_key
from clearing.rules.rules import Rules


def classes(case: Case, rules: Rules, declared: Declarations) -> list[Finding]:
    """Declared times, no-load costs and ramps within the bounds of the size class. Findings MIN_UP_ABOVE_CLASS,
    MIN_DOWN_OUTSIDE_CLASS, NO_LOAD_OUTSIDE_CLASS, RAMP_BELOW_CLASS."""
    units, known = case.units, has_class(case, rules.market.classes)
    rated = unit_rating(case, declared)
    of_class = size_class(rated, rules.market.classes)
    found = []
    for column, code, low, high in (
        ("min_up_minutes", "MIN_UP_ABOVE_CLASS", "", "min_up_most_minutes"),
        ("min_down_minutes", "MIN_DOWN_OUTSIDE_CLASS", "min_down_least_minutes", "min_down_most_minutes"),
        ("no_load_cost_per_hour", "NO_LOAD_OUTSIDE_CLASS", "no_load_least_per_hour", "no_load_most_per_hour"),
    ):
        field = Field(f"case.units.{column}", units.id)
        found += _bounded(rules, code, field, getattr(units, column), of_class, known, (low, high))
    return found + _ramps(case, rules, rated, known)


def _bounded(
    rules: Rules, code: str, field: Field, values: Floats, of_class: Ints, known: Bools, bounds: tuple[str, str]
) -> list[Finding]:
    """Values (n) against the low and high bound of their class ('' = none), each with the clause of its class."""
    findings = []
    for side, name in zip(("≥", "≤"), bounds, strict=True):
        if not name:
            continue
        limit = bound(rules.market.classes, name, of_class, -np.inf if side == "≥" else np.inf)
        bad = known & (values < limit - TOLERANCE if side == "≥" else values > limit + TOLERANCE)
        for c, megawatts in enumerate(CLASSES_MW):
            key = f"classes.{class_key(megawatts)}.{name}"
            message = f"outside what a unit of its class may declare ({key})"
            findings += named(rules, key, flag(code, field, bad & (of_class == c), message, values, limit))
    return findings


def _ramps(case: Case, rules: Rules, rated: Floats, known: Bools) -> list[Finding]:
    share, units = rules.market.unit_offers.least_ramp_share, case.units
    findings = []
    for column in ("ramp_up_mw_per_minute", "ramp_down_mw_per_minute"):
        values = getattr(units, column)
        slow = known & (values < share * rated - TOLERANCE)
        message = "below the least share of the rating a minute (offers.least_ramp_share)"
        field = Field(f"case.units.{column}", units.id)
        slow_ramps = flag("RAMP_BELOW_CLASS", field, slow, message, values, share * rated)
        findings += named(rules, "offers.least_ramp_share", slow_ramps)
    return findings


def start_costs(case: Case, rules: Rules, declared: Declarations) -> list[Finding]:
    """Cold ≥ warm ≥ hot, and within the bounds of the class. START_COSTS_OUT_OF_ORDER, START_COST_OUTSIDE_CLASS."""
    table, units = case.units.start_costs, case.units
    if not len(table.unit):
        return []
    field = Field("case.units.start_costs.cost", [units.id[i] for i in table.unit.tolist()])
    findings: list[Finding] = []
    if rules.market.unit_offers.start_cost_order == "required":
        before = np.concatenate(([0.0], table.cost[:-1]))
        falls = (np.diff(table.unit, prepend=-1) == 0) & (table.cost < before - TOLERANCE)
        message = "a colder start costs less (offers.start_cost_order)"
        wrong = flag("START_COSTS_OUT_OF_ORDER", field, falls, message, table.cost, before)
        findings += named(rules, "offers.start_cost_order", wrong)
    of_class = size_class(unit_rating(case, declared), rules.market.classes)[table.unit]
    known = has_class(case, rules.market.classes)[table.unit]
    for state in (StartState.HOT, StartState.WARM, StartState.COLD):
        here, name = known & (table.state == state), state.name.lower()
        bounds = (f"start_cost_{name}_least", f"start_cost_{name}_most")
        findings += _bounded(rules, "START_COST_OUTSIDE_CLASS", field, table.cost, of_class, here, bounds)
    return findings


def start_states(case: Case, rules: Rules) -> list[Finding]:
    """START_STATE_OFF_RULE: a warm or cold state that begins elsewhere than the rules say."""
    table, units, market = case.units.start_costs, case.units, rules.market
    fuel, findings = units.fuel[table.unit], []
    field = Field("case.units.start_costs.after_minutes", [units.id[i] for i in table.unit.tolist()])
    for name, of_fuel, given in (("coal", Fuel.COAL, market.coal_states), ("gas", Fuel.GAS, market.gas_states)):
        for state, limit, inclusive in _state_rules(given):
            if limit is None:
                continue
            here = (fuel == of_fuel) & (table.state == state) & (table.after_minutes > 0)
            off = here & ((table.after_minutes != limit) | (table.inclusive != inclusive))
            key = f"startup.state.{name}.{state.name.lower()}_after_minutes"
            message = f"the state begins elsewhere than the rules say ({key})"
            side = "from" if inclusive else "beyond"
            found = flag(
                "START_STATE_OFF_RULE", field, off, message, table.after_minutes, f"{side} {limit:g}", Severity.WARNING
            )
            findings += named(rules, key, found)
    return findings


def _state_rules(given: StateRules) -> tuple[tuple[StartState, float | None, bool], ...]:
    """(state, minutes off it begins at, whether the minute itself belongs to it)."""
    return (
        (StartState.WARM, given.warm_after_minutes, given.warm_boundary == "warm"),
        (StartState.COLD, given.cold_after_minutes, given.cold_boundary == "cold"),
    )


def heat(case: Case, rules: Rules, declared: Declarations) -> list[Finding]:
    """Declared heat is a multiple of its unit and near the metered. HEAT_OFF_STEP, HEAT_DEVIATION."""
    given, metered, limits = declared.unit_heat_gj_per_hour, declared.unit_metered_heat_gj_per_hour, rules.market.heat
    field = Field("declarations.heat_gj_per_hour", case.units.id)
    step = limits.declaration_unit_gj_per_hour
    off = np.isfinite(given) & off_grid(np.nan_to_num(given), step)
    message = "declared heat is no multiple of its unit (heat.declaration_unit_gj_per_hour)"
    found = flag("HEAT_OFF_STEP", field, off, message, given, f"a multiple of {step:g} GJ/h")
    findings = named(rules, "heat.declaration_unit_gj_per_hour", found)
    most = limits.declared_deviation_limit
    if most is None:
        return findings
    far = np.isfinite(given) & np.isfinite(metered) & (np.abs(given - metered) > most * metered + TOLERANCE)
    message = "declared heat deviates from the metered by more than the rules allow (heat.declared_deviation_limit)"
    nearest = np.clip(given, metered * (1.0 - most), metered * (1.0 + most))
    apart = flag("HEAT_DEVIATION", field, far, message, given, nearest)
    return findings + named(rules, "heat.declared_deviation_limit", apart)


def regulation_speed(case: Case, rules: Rules) -> list[Finding]:
    """REGULATION_SPEED_OUTSIDE: a requirement of regulation speed outside the rules' range."""
    table, limits = case.reserve_kinds, rules.market.regulation
    required = table.speed_requirement_mw_per_minute
    if not len(table.product) or not required.any():
        return []
    field = Field(
        "case.reserves.speed_requirement_mw_per_minute", [case.reserves.product_id[q] for q in table.product.tolist()]
    )
    findings = []
    for key, limit, bad in (
        ("regulation.speed_min_mw_per_minute", limits.speed_min_mw_per_minute, np.less),
        ("regulation.speed_max_mw_per_minute", limits.speed_max_mw_per_minute, np.greater),
    ):
        if limit is None:
            continue
        outside, message = (required > 0) & bad(required, limit), f"outside the range of the rules ({key})"
        side = "≥" if bad is np.less else "≤"
        found = flag(
            "REGULATION_SPEED_OUTSIDE", field, outside, message, required, f"{side} {limit:g}", Severity.WARNING
        )
        findings += named(rules, key, found)
    return findings
