"""Substitution trading after the round, a request in and a reply out: months metered, years settled."""

from __future__ import annotations

from clearing.rules_alone import rules_alone
from clearing.substitution import (
    allocation,
    deviation_findings,
    deviation_settlement,
    metering,
    metering_findings,
    metering_month,
    quantities,
)
from clearing.wire import (
    substitution_months,
    substitution_years,
    write_substitution_months,
    write_substitution_years,
)
from clearing.wire.errors import InvalidRequest


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
