"""The request and reply of ChargeDeviations ↔ tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.finding import Finding
from clearing.price_limits.deviation import ClassCUnits, KindC
from clearing.rules.rules import Rules
from clearing.v1 import clearing_service_pb2, price_limits_pb2
from clearing.wire import decode, encode, requests
from clearing.wire.fields import Table, within
from clearing.wire.problems import Problems

MOST = 1e7
MOST_PERIODS = 10_000


@dataclass(frozen=True, slots=True)
class Plans:
    """U units or plants under article 61, J periods: plan_mw, actual_mw, exempt (U, J)."""

    unit: Ids
    owner: Ids
    plan_mw: Floats
    actual_mw: Floats
    exempt: Bools
    hours: float
    agent_price: float


@dataclass(frozen=True, slots=True)
class DeviationRequest:
    """Units of class C with ids and owners, auction prices (J; NaN = none), their mean, plans; findings of reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    unit: Ids
    owner: Ids
    class_c: ClassCUnits
    auction: Floats
    auction_mean: float
    plans: Plans
    findings: tuple[Finding, ...]


def read(raw: bytes) -> DeviationRequest:
    """Read a ChargeDeviationsRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(clearing_service_pb2.ChargeDeviationsRequest(), raw)
    problems = Problems()
    for message, path in ((pb, "request"), (pb.class_c, "class_c"), (pb.plans, "plans")):
        problems.only(message, path)
    units, owner, class_c = _class_c(pb.class_c, problems)
    return DeviationRequest(
        decode.rule_selection(pb.rules), units, owner, class_c, _auction(pb.class_c, problems),
        pb.class_c.auction_mean_per_mwh, _plans(pb.plans, problems), tuple(problems.findings),
    )  # fmt: skip


def _class_c(pb: price_limits_pb2.ClassCUnits, problems: Problems) -> tuple[Ids, Ids, ClassCUnits]:
    path = "class_c"
    table = Table(pb, path, "unit", _periods(pb.periods, len(pb.unit), path, problems), problems)
    ids, kind = table.ids("unit"), table.enum("kind", KindC)
    found = ClassCUnits(
        kind=kind,
        actual_mwh=_within(problems, f"{path}.actual_mwh", table.series("actual_mwh"), 0.0),
        contract_mwh=_within(problems, f"{path}.contract_mwh", table.series("contract_mwh"), 0.0),
        approved_per_mwh=_within(problems, f"{path}.approved_per_mwh", table.floats("approved_per_mwh")),
        contract_mean_per_mwh=_within(problems, f"{path}.contract_mean_per_mwh", table.series("contract_mean_per_mwh")),
        document_per_mwh=_within(problems, f"{path}.document_per_mwh", table.floats("document_per_mwh", 0.0)),
    )
    return ids, _owners(table), found


def _auction(pb: price_limits_pb2.ClassCUnits, problems: Problems) -> Floats:
    """Auction prices (J), NaN where a period has none."""
    auction, path = np.array(pb.auction_per_mwh, dtype=np.float64), "class_c.auction_per_mwh"
    if pb.unit and len(auction) != pb.periods:
        problems.error("WRONG_LENGTH", path, "Wrong length.", value=len(auction), limit=pb.periods)
    _within(problems, path, auction)
    _within(problems, "class_c.auction_mean_per_mwh", np.array([pb.auction_mean_per_mwh]))
    for row, period in enumerate(pb.period_without_auction):
        if 0 <= period < len(auction):
            auction[period] = np.nan
        else:
            where = f"class_c.period_without_auction[{row}]"
            problems.error("OUT_OF_RANGE", where, "Out of range.", value=period, limit=f"0 to {len(auction) - 1}")
    return auction


def _plans(pb: price_limits_pb2.PlanDeviations, problems: Problems) -> Plans:
    path = "plans"
    table = Table(pb, path, "unit", _periods(pb.periods, len(pb.unit), path, problems), problems)
    minutes = pb.period_minutes
    if pb.unit and (minutes < 1 or 60 % minutes):
        problems.error(
            "OUT_OF_RANGE", f"{path}.period_minutes", "Out of range.", value=minutes, limit="a divisor of 60"
        )
    _within(problems, f"{path}.agent_price_per_mwh", np.array([pb.agent_price_per_mwh]), 0.0)
    return Plans(
        unit=table.ids("unit"),
        owner=_owners(table),
        plan_mw=_within(problems, f"{path}.plan_mw", table.series("plan_mw"), 0.0),
        actual_mw=_within(problems, f"{path}.actual_mw", table.series("actual_mw"), 0.0),
        exempt=table.flags("exempt", 0) == 1,
        hours=minutes / 60.0,
        agent_price=pb.agent_price_per_mwh,
    )


def _periods(given: int, rows: int, path: str, problems: Problems) -> int:
    if rows and not 1 <= given <= MOST_PERIODS:
        problems.error("OUT_OF_RANGE", f"{path}.periods", "Out of range.", value=given, limit=f"1 to {MOST_PERIODS}")
    return given if 1 <= given <= MOST_PERIODS else 0


def _owners(table: Table) -> Ids:
    return table.texts("owner") if len(table.message.owner) else ("",) * table.rows  # type: ignore[attr-defined]


def _within(problems: Problems, path: str, values: Floats, low: float = -MOST) -> Floats:
    """The values, with a finding for each that lies outside `low` and the greatest."""
    within(problems, path, values, low, MOST)
    return values


def write(request: DeviationRequest, rules: Rules, class_c: Floats, article_61: Floats) -> bytes:
    """A serialised ChargeDeviationsResponse: charges (U, J) of class C and (U) of article 61, by owner."""
    pb = clearing_service_pb2.ChargeDeviationsResponse(rules=encode.rule_echo(rules))
    for owner in dict.fromkeys((*request.owner, *request.plans.owner)):
        own = [row for row, name in enumerate(request.owner) if name == owner]
        under = [row for row, name in enumerate(request.plans.owner) if name == owner]
        pb.owners.add(
            owner_id=owner,
            class_c_unit=[request.unit[row] for row in own],
            class_c_charge=class_c[own].ravel().tolist(),
            article_61_unit=[request.plans.unit[row] for row in under],
            article_61_charge=article_61[under].tolist(),
        )
    return pb.SerializeToString(deterministic=True)
