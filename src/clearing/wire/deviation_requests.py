"""The request and reply of ChargeDeviations ↔ tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.finding import Finding
from clearing.price_limits.declared import Declared, DeclaredKind
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
class Mileage:
    """V units that regulate: mileage_mw (V, J), periods as in Plans."""

    unit: Ids
    owner: Ids
    mileage_mw: Floats


@dataclass(frozen=True, slots=True)
class Charges:
    """Money by the tables it belongs to: class_c (U, J), article_61 (U, J), reward (V, J), recovery (U, J)."""

    class_c: Floats
    article_61: Floats
    reward: Floats
    recovery: Floats


@dataclass(frozen=True, slots=True)
class DeviationRequest:
    """Units of class C with ids and owners, auction prices (J; NaN = none), their mean; plans, mileage; participants
    that declare with ids and owners; findings of reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    unit: Ids
    owner: Ids
    class_c: ClassCUnits
    auction: Floats
    auction_mean: float
    plans: Plans
    mileage: Mileage
    participant: Ids
    participant_owner: Ids
    declared: Declared
    findings: tuple[Finding, ...]


def read(raw: bytes) -> DeviationRequest:
    """Read a ChargeDeviationsRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(clearing_service_pb2.ChargeDeviationsRequest(), raw)
    problems = Problems()
    parts = (pb.class_c, "class_c"), (pb.plans, "plans"), (pb.mileage, "mileage"), (pb.declared, "declared")
    for message, path in ((pb, "request"), *parts):
        problems.only(message, path)
    units, owner, class_c = _class_c(pb.class_c, problems)
    auction, plans = _auction(pb.class_c, problems), _plans(pb.plans, problems)
    mileage = _mileage(pb, problems)
    participants, owners, declared = _declared(pb.declared, problems)
    return DeviationRequest(
        decode.rule_selection(pb.rules), units, owner, class_c, auction, pb.class_c.auction_mean_per_mwh, plans,
        mileage, participants, owners, declared, tuple(problems.findings),
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


def _mileage(pb: clearing_service_pb2.ChargeDeviationsRequest, problems: Problems) -> Mileage:
    """Who regulates; its periods are those of the plans."""
    path, given = "mileage", pb.plans.periods
    if pb.mileage.unit and not pb.plans.unit:
        problems.error("REQUIRED", "plans.unit", "Mileage shares out what plans are charged.", value=0, limit="≥ 1")
    table = Table(pb.mileage, path, "unit", given if 1 <= given <= MOST_PERIODS else 0, problems)
    mileage = _within(problems, f"{path}.mileage_mw", table.series("mileage_mw"), 0.0)
    return Mileage(table.ids("unit"), _owners(table), mileage)


def _declared(pb: price_limits_pb2.DeclaredDeviations, problems: Problems) -> tuple[Ids, Ids, Declared]:
    path = "declared"
    table = Table(pb, path, "participant", _periods(pb.periods, len(pb.participant), path, problems), problems)
    ids, kind = table.ids("participant"), table.enum("kind", DeclaredKind)
    low = {"declared_mwh": 0.0, "actual_mwh": 0.0, "ahead_per_mwh": -MOST, "real_per_mwh": -MOST}
    series = {name: _within(problems, f"{path}.{name}", table.series(name), least) for name, least in low.items()}
    return ids, _owners(table), Declared(kind, **series)


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


def write(request: DeviationRequest, rules: Rules, found: Charges) -> bytes:
    """A serialised ChargeDeviationsResponse, by owner."""
    undistributed = found.article_61.sum() - found.reward.sum()
    pb = clearing_service_pb2.ChargeDeviationsResponse(
        rules=encode.rule_echo(rules), undistributed=max(float(undistributed), 0.0)
    )
    plans, mileage = request.plans, request.mileage
    owners = (*request.owner, *plans.owner, *mileage.owner, *request.participant_owner)
    for owner in dict.fromkeys(owners):
        own, under = _rows(request.owner, owner), _rows(plans.owner, owner)
        regulating, declaring = _rows(mileage.owner, owner), _rows(request.participant_owner, owner)
        pb.owners.add(
            owner_id=owner,
            class_c_unit=[request.unit[row] for row in own],
            class_c_charge=found.class_c[own].ravel().tolist(),
            article_61_unit=[plans.unit[row] for row in under],
            article_61_charge=found.article_61[under].sum(axis=1).tolist(),
            regulation_unit=[mileage.unit[row] for row in regulating],
            regulation_reward=found.reward[regulating].sum(axis=1).tolist(),
            declared_participant=[request.participant[row] for row in declaring],
            declared_recovery=found.recovery[declaring].ravel().tolist(),
        )
    return pb.SerializeToString(deterministic=True)


def _rows(owners: Ids, owner: str) -> list[int]:
    return [row for row, name in enumerate(owners) if name == owner]
