"""A settled year → the reply of SettleSubstitutionDeviation: a public part, and one message a party."""

from __future__ import annotations

from collections.abc import Sequence

from clearing.case.arrays import Ints
from clearing.case.finding import Finding
from clearing.rules.rules import Rules
from clearing.substitution.deviation_settlement import Settlement
from clearing.v1 import substitution_metering_pb2 as pb2
from clearing.wire import encode
from clearing.wire.substitution_years import YearRequest
from clearing.wire.write_substitution_months import rows_by_owner

OF_YEAR = ("deviation_kwh", "own_kwh", "exempt_kwh", "limit_kwh", "default_kwh", "standing")
OF_ADVANCES = ("advanced_kwh", "returned_kwh", "outstanding_kwh", "overdue_kwh", "next_quarter_kwh")


def write(request: YearRequest, rules: Rules, year: Settlement, notes: Sequence[Finding]) -> bytes:
    """A serialised SettleSubstitutionDeviationResponse."""
    pb = pb2.SettleSubstitutionDeviationResponse(
        totals=_totals(request, year),
        captives=[_captive(request, year, row) for row in range(len(request.enterprise))],
        sites=[_sites(request, year, owner, own) for owner, own in rows_by_owner(request.owner).items()],
        findings=[encode.finding(found) for found in notes],
        rules=encode.rule_echo(rules),
    )
    return pb.SerializeToString(deterministic=True)


def _totals(request: YearRequest, year: Settlement) -> pb2.SubstitutionYearTotals:
    return pb2.SubstitutionYearTotals(
        award_kwh=int(request.captives.award_kwh.sum()),
        contract_kwh=int(year.captive_contract_kwh.sum()),
        executed_kwh=int(request.captives.executed_kwh.sum()),
        site_contract_kwh=int(year.site_contract_kwh.sum()),
        settled_kwh=int(request.sites.executed_kwh.sum()),
        advanced_kwh=int(year.advances.advanced_kwh.sum()),
        outstanding_kwh=int(year.advances.outstanding_kwh.sum()),
        default_kwh=int(year.captive.default_kwh.sum()) + int(year.site.default_kwh.sum()),
        highest_price_milli=year.highest_milli,
        account_milli=int(year.captive_payment.sum()) + int(year.site_payment.sum()),
    )


def _captive(request: YearRequest, year: Settlement, row: int) -> pb2.CaptiveYearStatement:
    judged, rolled, contract = year.captive, year.captive_rolled, int(year.captive_contract_kwh[row])
    return pb2.CaptiveYearStatement(
        enterprise=request.enterprise[row],
        contract_kwh=contract,
        executed_kwh=int(request.captives.executed_kwh[row].sum()),
        deviation_kwh=int(judged.deviation_kwh[row]),
        exempt_kwh=int(judged.exempt_kwh[row]),
        limit_kwh=int(judged.limit_kwh[row]),
        default_kwh=int(judged.default_kwh[row]),
        standing=int(judged.standing[row]),  # type: ignore[arg-type]
        payment_milli=int(year.captive_payment[row]),
        plan_kwh=rolled.plan_kwh[row].tolist(),
        month_deviation_kwh=rolled.deviation_kwh[row].tolist(),
        rolled_kwh=rolled.rolled_kwh[row].tolist(),
        not_rolled_kwh=rolled.not_rolled_kwh[row].tolist(),
        unplanned_kwh=contract - int(year.captive_plan_kwh[row].sum()),
    )


def _sites(request: YearRequest, year: Settlement, owner: str, own: Ints) -> pb2.SiteYearStatement:
    rolled = year.site_rolled
    columns = {
        "contract_kwh": year.site_contract_kwh,
        "settled_kwh": request.sites.executed_kwh.sum(axis=1),
        **{name: getattr(year.site, name) for name in OF_YEAR},
        "payment_milli": year.site_payment,
        **{name: getattr(year.advances, name) for name in OF_ADVANCES},
        "plan_kwh": rolled.plan_kwh,
        "month_deviation_kwh": rolled.deviation_kwh,
        "rolled_kwh": rolled.rolled_kwh,
        "not_rolled_kwh": rolled.not_rolled_kwh,
    }
    pb = pb2.SiteYearStatement(owner_id=owner, site=[request.site[row] for row in own.tolist()])
    for name, values in columns.items():
        getattr(pb, name).extend(values[own].reshape(-1).tolist())
    return pb
