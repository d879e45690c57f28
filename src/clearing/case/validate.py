"""Everything that is wrong with a case, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import numpy as np

from clearing.case import (
    declared_data,
    offer_rules,
    offer_rules_sites,
    validate_award_terms,
    validate_balance,
    validate_bids,
    validate_columns,
    validate_commitment,
    validate_contingencies,
    validate_curves,
    validate_entry,
    validate_give_way,
    validate_hvdc,
    validate_initial,
    validate_limits,
    validate_losses,
    validate_network,
    validate_offers,
    validate_pumped,
    validate_reserve_kinds,
    validate_reserve_terms,
    validate_reserves,
    validate_resources,
    validate_starts,
    validate_units,
)
from clearing.case.case import Case
from clearing.case.declarations import Declarations, nothing_declared
from clearing.case.finding import Finding, Severity
from clearing.case.horizon import Horizon
from clearing.case.kept import Judged
from clearing.case.network import Network
from clearing.rules.rules import Rules

MOST_PERIODS = 2000

Check = Callable[[Case, Rules], list[Finding]]
MarketCheck = Callable[[Case, Rules, Declarations], list[Finding]]

_OUTAGES, _LIMITS = "case.network.branch_outages", "case.network.branch_limit_windows"
_UNITS, _NETWORK, _RENEWABLES = "case.units", "case.network", "case.renewables"
_STORAGE, _TIES, _LOADS, _RESERVES = "case.storage", "case.ties", "case.loads", "case.reserves"
_UNIT_OFFERS, _SITE_OFFERS = "case.units.offers", "case.renewables.offers"
_BIDS, _PLANTS = "case.demand_bids", "case.virtual_plants"
_RESERVE_OFFERS = "case.reserve_offers"
_SHARING = "case.reserve_sharing"
_KINDS = "case.reserve_kinds"
_TERMS = "case.award_terms"
_PUMPED = "case.pumped_hydro"
_SYSTEM = (_UNITS, _NETWORK, _RENEWABLES, _STORAGE, _PUMPED, _TIES, _LOADS, _BIDS, _PLANTS)
_CURVES = (_UNITS, "case.units.start_costs", "case.startup_curves", "case.shutdown_curves")
_HARD = (*_CURVES, "case.start_leads", _STORAGE, _PLANTS, _RESERVES, _KINDS)

CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (validate_network.branches, (_NETWORK,)),
    (validate_network.interfaces, (_NETWORK, _OUTAGES)),
    (validate_network.windows, (_NETWORK, _OUTAGES, _LIMITS)),
    (validate_network.reference, (*_SYSTEM, _OUTAGES)),
    (validate_losses.losses, (_NETWORK,)),
    (validate_network.penalties, (_NETWORK, "case.flow_penalties")),
    (
        validate_contingencies.contingencies,
        (_NETWORK, _OUTAGES, _UNITS, "case.hvdc_lines", "case.contingencies"),
    ),
    (validate_hvdc.lines, ("case.hvdc_lines",)),
    (validate_units.limits, (_UNITS,)),
    (validate_units.costs, (_UNITS,)),
    (validate_initial.states, (_UNITS,)),
    (validate_initial.outputs, (_UNITS,)),
    (validate_initial.windows, (_UNITS,)),
    (validate_units.fixed_outputs, (_UNITS,)),
    (validate_initial.ways, (_UNITS,)),
    (validate_offers.of_units, (_UNITS, _UNIT_OFFERS)),
    (validate_units.start_states, (_UNITS, "case.units.start_costs")),
    (validate_curves.curves, _CURVES),
    (validate_starts.leads, (*_CURVES, "case.start_leads")),
    (validate_starts.limits, (_UNITS, "case.start_limits", "case.plant_limits")),
    (validate_resources.renewables, (_RENEWABLES,)),
    (validate_offers.of_renewables, (_RENEWABLES, _SITE_OFFERS)),
    (validate_resources.storage, (_STORAGE,)),
    (validate_offers.of_storage, (_STORAGE,)),
    (validate_pumped.units, (_PUMPED,)),
    (validate_pumped.reservoirs, (_PUMPED,)),
    (validate_offers.of_pumped_hydro, (_PUMPED,)),
    (validate_offers.against_penalties, (_UNIT_OFFERS, _SITE_OFFERS)),
    (validate_reserves.products, (_RESERVES, _UNITS, _STORAGE, _SHARING, _RESERVE_OFFERS, _KINDS, _TERMS)),
    (validate_reserve_kinds.kinds, (_RESERVES, _UNITS, _STORAGE, _KINDS)),
    (validate_reserve_terms.sharing, (_RESERVES, _SHARING)),
    (validate_reserve_terms.offers, (_RESERVES, _UNITS, _RESERVE_OFFERS)),
    (validate_reserve_terms.demand, (_RESERVES, "case.reserve_demand")),
    (validate_award_terms.terms, (_RESERVES, _UNITS, _SHARING, "case.reserve_demand", _KINDS, _TERMS)),
    (validate_award_terms.bands, (_UNITS, "case.regulation_bands")),
    (validate_reserves.system, (_RESERVES, *_SYSTEM)),
    (validate_limits.unit_groups, (_UNITS, "case.unit_groups")),
    (validate_limits.energy_windows, (_UNITS, "case.energy_windows")),
    (validate_limits.linear_limits, ("case.linear_limits", _NETWORK)),
    (validate_limits.storage_cycles, (_STORAGE, "case.storage_cycles")),
    (validate_bids.demand_bids, (_BIDS, f"{_BIDS}.bids")),
    (validate_bids.virtual_plants, (_PLANTS, f"{_PLANTS}.offers")),
    (validate_entry.entry, (_UNITS, _NETWORK, _RENEWABLES, _PUMPED, _PLANTS, "case.entry")),
    (validate_give_way.given_way, _HARD),
    (validate_commitment.commitment, (*_HARD, "case.commitment")),
    (validate_balance.balance, (*_SYSTEM, _OUTAGES)),
)
"""Every check across columns, with the tables whose shapes and indices must be right before it can be made."""


_LIMITS_ONLY = (
    "interface_min_mw",
    "interface_max_mw",
    "branch_limit_windows",
    "bus_reference_weight",
    "bus_loss_factor",
)
_OF_CONTINGENCIES = tuple(field.name for field in fields(Network) if field.name not in _LIMITS_ONLY)
"""Columns of the network that the check of contingencies reads: all but limits and shares."""

MARKET_CHECKS: tuple[tuple[MarketCheck, tuple[str, ...]], ...] = (
    (offer_rules.of_units, (_UNITS, _UNIT_OFFERS)),
    (declared_data.classes, (_UNITS,)),
    (declared_data.start_costs, (_UNITS, "case.units.start_costs")),
    (lambda case, rules, _: declared_data.start_states(case, rules), (_UNITS, "case.units.start_costs")),
    (lambda case, rules, _: declared_data.regulation_speed(case, rules), (_RESERVES, _KINDS)),
    (declared_data.heat, (_UNITS,)),
    (offer_rules_sites.of_renewables, (_RENEWABLES, _SITE_OFFERS)),
    (offer_rules_sites.of_virtual_plants, (_NETWORK, _PLANTS, f"{_PLANTS}.offers")),
)
"""Checks of what participants declare against the rules of a market."""


def validate(
    case: Case, rules: Rules, declared: Declarations | None = None, judged: Judged | None = None
) -> list[Finding]:
    """All findings about a case under a rule set: errors first, else in the order of the case's fields.

    declared: what participants declare beside the case; None = nothing. judged: of an earlier case, whose tables may in
    part be the same objects (kept.py).
    A check that needs a table with a wrong shape, index or code is left out; what is wrong is reported.
    """
    findings = horizon(case.horizon) + validate_network.buses(case, rules)
    usable, judged = not findings, Judged() if judged is None else judged
    if case.horizon.periods >= 1:
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            report = validate_columns.check(case)
            findings += report.findings
            for check, needs in CHECKS if usable else ():
                if report.sound.issuperset(needs):
                    findings += _found(check, case, rules, judged)
            declared = nothing_declared(case) if declared is None else declared
            for judge, needs in MARKET_CHECKS if usable else ():
                if report.sound.issuperset(needs):
                    findings += judge(case, rules, declared)
    return sorted(findings, key=lambda finding: finding.severity)


def _found(check: Check, case: Case, rules: Rules, judged: Judged) -> list[Finding]:
    """Findings of a check: those of the case before where it reads of tables that have not changed alone."""
    if check is not validate_contingencies.contingencies:
        return check(case, rules)
    lines = tuple(getattr(case.network, name) for name in _OF_CONTINGENCIES)
    parts = (*lines, case.contingencies, case.hvdc_lines.id, case.units.id, case.horizon.periods)
    return judged.of("contingencies", parts, lambda: check(case, rules))


def has_errors(findings: list[Finding]) -> bool:
    """True where a finding refuses the case."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def horizon(given: Horizon) -> list[Finding]:
    """Periods divide an hour and are not absurdly many."""
    findings = []

    def add(code: str, field: str, message: str, value: int, limit: str) -> None:
        path = f"case.horizon.{field}"
        findings.append(Finding(Severity.ERROR, code, path, message, value=str(value), limit=limit))

    minutes = given.period_minutes
    if minutes < 1 or 60 % minutes:
        add("BAD_PERIOD_LENGTH", "period_minutes", "a period divides an hour", minutes, "divisor of 60")
    if not 1 <= given.periods <= MOST_PERIODS:
        add("BAD_PERIOD_COUNT", "periods", "too few or too many periods", given.periods, f"1 to {MOST_PERIODS}")
    if not 0 <= given.start_minute < 1440:
        add(
            "BAD_START_MINUTE",
            "start_minute",
            "the first period starts on the operating day",
            given.start_minute,
            "0 to 1439",
        )
    return findings
