"""Substitution trading, a request in and a reply out: rounds judged and cleared, months metered, years settled."""

from __future__ import annotations

from clearing.case.finding import Finding, Severity
from clearing.rules.load import RulesError, load
from clearing.rules.rules import Rules
from clearing.rules_alone import rules_alone
from clearing.substitution import (
    allocation,
    deviation_findings,
    deviation_settlement,
    metering,
    metering_findings,
    metering_month,
    quantities,
    round_clear,
    round_findings,
    round_lp,
    round_offers,
    round_prices,
)
from clearing.wire import (
    substitution_months,
    substitution_rounds,
    substitution_years,
    write_substitution_months,
    write_substitution_rounds,
    write_substitution_years,
)
from clearing.wire.errors import InvalidRequest


def validate_substitution_round(request: bytes) -> bytes:
    """ValidateSubstitutionRoundRequest → ValidateSubstitutionRoundResponse: findings are the answer."""
    read = substitution_rounds.read_validate(request)
    rules, findings = _round_rules(read)
    if rules is not None and not findings:
        readings = rules.market.substitution_round
        left = round_offers.captive_left(read.round_, readings), round_offers.site_left(read.round_, readings)
        findings = tuple(round_findings.left_out(read.round_, *left, read.names.captive_offer, read.names.site_offer))
    valid = not any(found.severity is Severity.ERROR for found in findings)
    return write_substitution_rounds.write_findings(valid, findings)


def _round_rules(read: substitution_rounds.RoundRequest) -> tuple[Rules | None, tuple[Finding, ...]]:
    """Rules of a round, None where there are none, and all faults of reading, rules and what they need."""
    try:
        rules = load(*read.rule_selection)
    except RulesError as fault:
        return None, (*read.findings, *fault.findings)
    return rules, (*read.findings, *round_findings.faults(read.has, rules.market.substitution_round))


def clear_substitution(request: bytes) -> bytes:
    """ClearSubstitutionRequest → ClearSubstitutionResponse. Raises InvalidRequest with every finding."""
    read = substitution_rounds.read_clear(request)
    rules, faults = _round_rules(read)
    if read.compare and read.round_.captive_offers.month_kwh.size > round_lp.MOST_CELLS:
        faults = (*faults, round_findings.too_large(read.round_.captive_offers.month_kwh.size, round_lp.MOST_CELLS))
    if rules is None or faults:
        raise InvalidRequest(faults)
    readings = rules.market.substitution_round
    cleared = round_clear.clear(read.round_, readings, rules.market.substitution_allocation)
    prices = round_prices.price(read.round_, cleared, readings)
    optimum = round_lp.optimise(read.round_, cleared) if read.compare else None
    names = read.names
    notes = round_findings.notes(
        read.round_, cleared, names.captive_offer, names.site_offer, names.enterprise, read.takes
    )
    return write_substitution_rounds.write(read, rules, cleared, prices, optimum, notes)


def meter_substitution(request: bytes) -> bytes:
    """MeterSubstitutionRequest → MeterSubstitutionResponse. Raises InvalidRequest with every finding."""
    read = substitution_months.read(request)
    rules = rules_alone(read)
    market, areas = rules.market, read.areas.factors(read.sites)
    found = metering.shaved(read.windows, read.captives.units, market.substitution_metering)
    shares = allocation.coefficients(areas, market.substitution_allocation)
    faults = metering_findings.faults(
        read.windows,
        found,
        read.captives,
        read.enterprise,
        read.beyond_plan,
        shares.weight,
        market.substitution_metering,
    )
    if faults:
        raise InvalidRequest(faults)
    total = int(found.energy_kwh.sum()) if read.site else 0
    rank = quantities.rank(read.areas.area)
    month = metering_month.meter(
        read.captives, read.windows, found, read.sites, read.terms,
        allocation.allocate(total, areas, shares, rank, market.substitution_allocation),
        market.substitution_metering, market.substitution_deviation,
    )  # fmt: skip
    notes = metering_findings.notes(read.windows, month, read.enterprise, read.site, read.plant_differs)
    return write_substitution_months.write(read, rules, month, notes)


def settle_substitution_deviation(request: bytes) -> bytes:
    """SettleSubstitutionDeviationRequest → SettleSubstitutionDeviationResponse. Raises InvalidRequest."""
    read = substitution_years.read(request)
    rules = rules_alone(read)
    faults = deviation_findings.faults(read.captives, read.scaled_total_kwh)
    if faults:
        raise InvalidRequest(faults)
    year = deviation_settlement.settle_year(
        read.captives, read.sites, read.transfers, read.changes, read.calendar_month, read.base_milli,
        rules.market.substitution_deviation, read.scaled_total_kwh,
    )  # fmt: skip
    notes = deviation_findings.notes(
        read.captives, read.sites, year, read.enterprise, read.transfers.giver, read.request_names()
    )
    return write_substitution_years.write(read, rules, year, notes)
