"""The check of market power → proto: a part for everybody, one message a group, the rest for operator and regulator."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.market_check import MarketPower, Mitigation
from clearing.market_power.conduct import Tested
from clearing.rules.rules import Rules
from clearing.v1 import clearing_service_pb2, market_power_pb2
from clearing.wire import digest as digests
from clearing.wire import write_case, write_report, write_result
from clearing.wire.columns import column, series
from clearing.wire.write_result import SIDES

ABOVE = market_power_pb2.OFFER_TEST_REASON_ABOVE_ALLOWED
CALL = market_power_pb2.OFFER_TEST_REASON_CALL_TEST


def response(
    case: Case, rules: Rules, found: MarketPower, findings: tuple[Finding, ...], digest: str, cleared: bool
) -> clearing_service_pb2.CheckMarketPowerResponse:
    """The whole reply, run info aside. cleared: the original was made here and comes back."""
    system, limits = found.structure, found.limits
    pb = clearing_service_pb2.CheckMarketPowerResponse(
        structure=market_power_pb2.MarketStructure(
            supply_mw=column(system.supply_mw),
            demand_mw=column(system.demand_mw),
            hhi=column(system.hhi),
            top_share=column(system.top_share),
            failing_groups=column(system.fails.sum(axis=0)),
            concentrated=column(system.concentrated),
        ),
        groups=[
            _group(case, rules, found, w, offers)
            for w, offers in enumerate(_offers_of_groups(case, found, len(found.supply.group_id)))
        ],
        supervision=_supervision(case, rules, found),
        findings=write_report.findings(findings),
        rules=write_report.rule_echo(rules),
        case_digest=digest,
        test_seconds=found.seconds,
    )
    if limits is not None:
        pb.limits.CopyFrom(
            market_power_pb2.LimitStructures(
                family=limits.family,
                subject=limits.subject,
                side=[SIDES[side] for side in limits.side],
                period=column(limits.period),
                relief_mw=column(limits.relief_mw),
                failing_groups=column(limits.fails.sum(axis=1)),
            )
        )
    if found.mean is not None:
        of_mean = found.mean
        pb.mean_price.CopyFrom(
            market_power_pb2.MeanPriceTest(
                supply_ratio=of_mean.supply_ratio,
                reference_per_mwh=of_mean.reference_per_mwh,
                last_block_per_mwh=of_mean.last_block_per_mwh,
                allowed_mean_per_mwh=of_mean.allowed_mean_per_mwh,
                mean_per_mwh=of_mean.mean_per_mwh,
                above=of_mean.above,
            )
        )
    if cleared and found.original is not None:
        pb.original.CopyFrom(write_result.result(case, rules, found.original, case_digest=digest))
    if found.mitigation is not None:
        of = found.mitigation
        digest_now = digests.of(write_case.case(of.case))
        pb.mitigated.CopyFrom(write_result.result(of.case, rules, of.result, case_digest=digest_now))
        if of.price_fall is not None:
            pb.impact.CopyFrom(_impact(case, of))
    return pb


def _impact(case: Case, of: Mitigation) -> market_power_pb2.MarketPowerImpact:
    assert of.price_fall is not None
    return market_power_pb2.MarketPowerImpact(
        mean_before_per_mwh=of.mean_before or 0.0,
        mean_after_per_mwh=of.mean_after or 0.0,
        bus_id=case.network.bus_id,
        price_fall_per_mwh=series(of.price_fall, case.horizon.periods),
        applied=of.applied,
    )


def _supervision(case: Case, rules: Rules, found: MarketPower) -> market_power_pb2.MarketPowerSupervision:
    names = found.supply.group_id
    failing = sorted(np.flatnonzero(found.fails_conduct).tolist(), key=lambda w: (found.lowest_index[w], w))
    rounds = found.mitigation.rounds if found.mitigation is not None else ()
    return market_power_pb2.MarketPowerSupervision(
        failing_structure=[names[w] for w in np.flatnonzero(found.fails_structure)],
        failing_conduct=[names[w] for w in failing],
        rounds=[
            market_power_pb2.MitigationRound(group_id=r.groups, mean_per_mwh=r.mean_per_mwh, objective=r.objective)
            for r in rounds
        ],
        alike_a=[pair[0] for pair in found.alike],
        alike_b=[pair[1] for pair in found.alike],
        likeness=[pair[2] for pair in found.alike],
        recovery=_recovery(case, rules, found),
    )


def _recovery(case: Case, rules: Rules, found: MarketPower) -> market_power_pb2.RecoveryState | None:
    """State for the next day of the month; None where every excess is recovered at once."""
    if found.recovered is None or rules.market.after.recovery_premium is None:
        return None
    return market_power_pb2.RecoveryState(
        month=case.horizon.operating_day.strftime("%Y-%m"),
        group_id=found.supply.group_id,
        days=found.recovered.days,
        accrued=column(found.recovered.accrued),
    )


def _group(
    case: Case, rules: Rules, found: MarketPower, w: int, offers: market_power_pb2.OfferTests
) -> market_power_pb2.GroupMarketPower:
    system, owner = found.structure, int(found.supply.group_owner[w])
    pb = market_power_pb2.GroupMarketPower(
        group_id=found.supply.group_id[w],
        owner_id=case.participants.owner_id[owner] if owner >= 0 else "",
        fails_structure=bool(found.fails_structure[w]),
        fails_conduct=bool(found.fails_conduct[w]),
        supply_mw=column(system.group_mw[w]),
        residual_supply_index=column(system.index[0, w]),
        two_pivotal_index=column(system.index[1, w]),
        three_pivotal_index=column(system.index[2, w]),
        must_run_ratio=column(system.must_run[w]),
    )
    if found.limits is not None:
        rows = np.flatnonzero(found.limits.group_mw[:, w] > 0.0)
        decides = found.limits.index[rules.market.structure.pivotal_owners - 1]
        pb.limit_row.extend(column(rows))
        pb.limit_relief_mw.extend(column(found.limits.group_mw[rows, w]))
        pb.limit_index.extend(column(decides[rows, w]))
        pb.limit_fails.extend(column(found.limits.fails[rows, w]))
    if offers.resource:
        pb.offers.CopyFrom(offers)
    if found.after is not None:
        pb.profit.CopyFrom(_profit(found, w))
    return pb


def _offers_of_groups(case: Case, found: MarketPower, count: int) -> list[market_power_pb2.OfferTests]:
    """Offers that fail, of every group; each test is looked at once, however many groups there are."""
    of_groups = [market_power_pb2.OfferTests() for _ in range(count)]
    after = case if found.mitigation is None else found.mitigation.case
    for test, group in zip(found.tests, found.group_of, strict=True):
        ids, replaced = getattr(case, test.table).id, getattr(after, test.table).offers.price_per_mwh
        resource = test.offers.resource
        for bad, limit, reason in ((test.fails, test.allowed, ABOVE), (test.calls, test.call_limit, CALL)):
            for m in np.flatnonzero(bad.any(axis=1)).tolist():
                w, block = int(group[resource[m]]), int(m - np.searchsorted(resource, resource[m]))
                if w >= 0:
                    _runs(of_groups[w], test, m, bad[m], limit[m], replaced[m], (ids[resource[m]], block, reason))
    return of_groups


def _runs(
    pb: market_power_pb2.OfferTests,
    test: Tested,
    m: int,
    bad: Bools,
    limit: Floats,
    replaced: Floats,
    named: tuple[str, int, market_power_pb2.OfferTestReason.ValueType],
) -> None:
    """One row a run of periods with equal offer, limit and replacement."""
    offer = test.offers.price_per_mwh[m]
    same = np.stack([bad.astype(np.float64), offer, np.nan_to_num(limit), replaced])
    begins = np.flatnonzero(np.append(True, (same[:, 1:] != same[:, :-1]).any(axis=0)))
    ends = np.append(begins[1:], len(bad)) - 1
    for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
        if bad[first]:
            pb.resource.append(named[0])
            pb.block.append(named[1])
            pb.first_period.append(first)
            pb.last_period.append(last)
            pb.offer_per_mwh.append(float(offer[first]))
            pb.allowed_per_mwh.append(float(limit[first]))
            pb.reason.append(named[2])
            pb.replaced_by_per_mwh.append(float(replaced[first]))


def _profit(found: MarketPower, w: int) -> market_power_pb2.GroupProfit:
    after, today = found.after, found.recovered
    assert after is not None
    assert today is not None
    lerner, markup, premium = float(after.lerner[w]), float(after.markup[w]), float(today.premium[w])
    return market_power_pb2.GroupProfit(
        revenue=float(after.revenue[w]),
        cost=float(after.cost[w]),
        excess=float(after.excess[w]),
        recovery=float(today.recovery[w]),
        lerner_index=lerner if np.isfinite(lerner) else None,
        mark_up=markup if np.isfinite(markup) else None,
        offered_mwh=float(after.offered_mwh[w]),
        available_mwh=float(after.available_mwh[w]),
        withheld_mwh=float(after.withheld_mwh[w]),
        premium=premium if np.isfinite(premium) else None,
        days=today.days[w],
        accrued=float(today.accrued[w]),
    )
