"""The request and reply of LimitPrices ↔ tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.finding import Finding
from clearing.price_limits.secondary import LAST_STEP, Limited, LimitPrices, LimitState
from clearing.rules.market_schema import SOURCES
from clearing.rules.rules import Rules
from clearing.v1 import clearing_service_pb2, price_limits_pb2
from clearing.wire import decode, encode, requests
from clearing.wire.columns import column, series
from clearing.wire.fields import Table, within
from clearing.wire.problems import Problems

MOST_PRICE = 1e7
MOST_MWH = 1e9
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True, slots=True)
class LimitRequest:
    """A day to be limited: S sources, T periods. kind (S): SourceKind; hour (T): number of the hour of every period.

    findings: all faults of the reading; with one of them the other fields may hold anything.
    """

    rule_selection: tuple[str, str, dict[str, str]]
    source: Ids
    owner: Ids
    kind: Ints
    energy_mwh: Floats
    price: Floats
    system_price: Floats
    month: str
    hour: Floats
    prices: LimitPrices
    state: LimitState
    findings: tuple[Finding, ...]

    def in_scope(self, rules: Rules) -> Bools:
        """Sources (S) whose energy counts: of the kinds that the rule set lists, all where it lists none."""
        listed = rules.market.secondary.in_scope
        if not listed:
            return np.ones(len(self.source), dtype=np.bool_)
        return np.isin(self.kind, [SOURCES.index(name) + 1 for name in listed])


def read(raw: bytes) -> LimitRequest:
    """Read a LimitPricesRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(clearing_service_pb2.LimitPricesRequest(), raw)
    problems = Problems()
    for message, path in ((pb, "request"), (pb.day, "day"), (pb.prices, "prices"), (pb.state, "state")):
        problems.only(message, path)
    day = pb.day
    periods, minutes = _horizon(day, problems)
    table = Table(day, "day", "source", periods, problems)
    source = table.ids("source")
    if not source:
        problems.error("REQUIRED", "day.source", "Required.", value=0, limit="≥ 1")
    kind = table.whole("kind")
    within(problems, "day.kind", kind, 1, len(SOURCES) + 1, "COAL to OTHER", "UNKNOWN_ENUM")
    energy, price = table.series("energy_mwh"), table.series("price_per_mwh")
    within(problems, "day.energy_mwh", energy, 0.0, MOST_MWH)
    within(problems, "day.price_per_mwh", price, -MOST_PRICE, MOST_PRICE)
    system = np.array(day.system_price_per_mwh, dtype=np.float64)
    if len(system) not in {0, periods}:
        problems.error("WRONG_LENGTH", "day.system_price_per_mwh", "Wrong length.", value=len(system), limit=periods)
    within(problems, "day.system_price_per_mwh", system, -MOST_PRICE, MOST_PRICE)
    return LimitRequest(
        rule_selection=decode.rule_selection(pb.rules),
        source=source,
        owner=table.texts("owner") if len(day.owner) else ("",) * table.rows,
        kind=kind,
        energy_mwh=energy,
        price=price,
        system_price=system,
        month=day.month,
        hour=np.floor(np.arange(max(periods, 1)) * minutes / 60.0),
        prices=_prices(pb.prices, problems),
        state=_state(pb.state, problems),
        findings=tuple(problems.findings),
    )


def _horizon(day: price_limits_pb2.DayResults, problems: Problems) -> tuple[int, int]:
    if not 1 <= day.periods <= 2000:
        problems.error("OUT_OF_RANGE", "day.periods", "Out of range.", value=day.periods, limit="1 to 2000")
    minutes = day.period_minutes
    if minutes < 1 or 60 % minutes:
        problems.error("OUT_OF_RANGE", "day.period_minutes", "Out of range.", value=minutes, limit="a divisor of 60")
    if not _MONTH.match(day.month):
        problems.error("BAD_DATE", "day.month", "Not a month.", value=day.month, limit="YYYY-MM")
    return (day.periods if 1 <= day.periods <= 2000 else 0), max(minutes, 1)


def _prices(pb: price_limits_pb2.LimitPrices, problems: Problems) -> LimitPrices:
    values = {}
    for field in pb.DESCRIPTOR.fields:
        value = values[field.name] = getattr(pb, field.name)
        if not 0.0 < value <= MOST_PRICE:
            problems.error("OUT_OF_RANGE", f"prices.{field.name}", "Out of range.", value=value, limit="> 0")
    return LimitPrices(**values)


def _state(pb: price_limits_pb2.SecondaryLimitState, problems: Problems) -> LimitState:
    if pb.month and not _MONTH.match(pb.month):
        problems.error("BAD_DATE", "state.month", "Not a month.", value=pb.month, limit="YYYY-MM or empty")
    parts = (("step", pb.step, LAST_STEP), ("days_above", pb.days_above, 10_000), ("pending_days", pb.pending_days, 31))
    for name, value, most in parts:
        if not 0 <= value <= most:
            problems.error("OUT_OF_RANGE", f"state.{name}", "Out of range.", value=value, limit=f"0 to {most}")
    if pb.pending_days > 0 and pb.step == LAST_STEP:
        problems.error("CONTRADICTION", "state.pending_days", "There is no step after the last.", value=pb.pending_days)
    return LimitState(pb.month, pb.step, pb.days_above, pb.pending_days)


def write(request: LimitRequest, rules: Rules, found: Limited, system: tuple[Floats, Floats]) -> bytes:
    """A serialised LimitPricesResponse. system: system marginal price, rounded, and scaled."""
    periods = found.scaled.shape[1]
    owners: dict[str, list[int]] = {}
    for row, owner in enumerate(request.owner):
        owners.setdefault(owner, []).append(row)
    pb = clearing_service_pb2.LimitPricesResponse(
        limit_per_mwh=found.limit_per_mwh,
        mean_per_mwh=found.mean_per_mwh if np.isfinite(found.mean_per_mwh) else None,
        scaled_mean_per_mwh=found.scaled_mean_per_mwh if np.isfinite(found.scaled_mean_per_mwh) else None,
        factor=found.factor,
        triggered=found.triggered,
        system_price_per_mwh=column(system[0]),
        scaled_system_price_per_mwh=column(system[1]),
        owners=[
            price_limits_pb2.OwnerLimitedPrices(
                owner_id=owner,
                source=[request.source[row] for row in rows],
                unscaled_per_mwh=series(found.unscaled[rows], periods),
                scaled_per_mwh=series(found.scaled[rows], periods),
            )
            for owner, rows in owners.items()
        ],
        state=price_limits_pb2.SecondaryLimitState(
            month=found.state.month,
            step=found.state.step,
            days_above=found.state.days_above,
            pending_days=found.state.pending_days,
        ),
        rules=encode.rule_echo(rules),
    )
    return pb.SerializeToString(deterministic=True)
