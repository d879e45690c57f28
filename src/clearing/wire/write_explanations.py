"""Explanations → proto."""

from __future__ import annotations

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.explanations import (
    BrokenLimits,
    Explanations,
    LimitRents,
    OnSpells,
    Parts,
    Reliefs,
    Remedies,
    Shortages,
)
from clearing.v1 import explanation_pb2, prices_pb2
from clearing.wire.columns import column, names

SIDES = {"min": prices_pb2.LIMIT_SIDE_MIN, "max": prices_pb2.LIMIT_SIDE_MAX}


def explanations(case: Case, table: Explanations) -> explanation_pb2.Explanations:
    """All tables."""
    return explanation_pb2.Explanations(
        spells=_spells(table.spells, case.units.id),
        on=_parts(table.on, case.units.id),
        off=_parts(table.off, case.units.id),
        limits=_limits(table.limits),
        broken=_broken(table.broken),
        reliefs=_reliefs(table.reliefs),
        shortages=_shortages(table.shortages),
        remedies=_remedies(table.remedies),
    )


def _spells(table: OnSpells, units: Ids) -> explanation_pb2.OnSpells:
    return explanation_pb2.OnSpells(
        unit_id=names(table.unit, units),
        first_period=column(table.first_period),
        last_period=column(table.last_period),
        reason=column(table.reason),
        energy_revenue=column(table.energy_revenue),
        reserve_revenue=column(table.reserve_revenue),
        energy_cost=column(table.energy_cost),
        no_load_cost=column(table.no_load_cost),
        start_cost=column(table.start_cost),
        stop_cost=column(table.stop_cost),
    )


def _parts(table: Parts, units: Ids) -> explanation_pb2.ReasonParts:
    return explanation_pb2.ReasonParts(
        unit_id=names(table.unit, units),
        first_period=column(table.first_period),
        last_period=column(table.last_period),
        reason=column(table.reason),
        margin=column(table.margin),
        subject=table.subject,
    )


def _limits(table: LimitRents) -> explanation_pb2.LimitRents:
    return explanation_pb2.LimitRents(
        family=table.family,
        subject=table.subject,
        side=[SIDES[side] for side in table.side],
        periods=column(table.periods),
        worst_period=column(table.worst_period),
        limit=column(table.limit),
        greatest_price=column(table.greatest_price),
        cost_per_mw=column(table.cost_per_mw),
        rent=column(table.rent),
    )


def _broken(table: BrokenLimits) -> explanation_pb2.BrokenLimits:
    return explanation_pb2.BrokenLimits(
        family=table.family,
        subject=table.subject,
        period=column(table.period),
        measure=table.measure,
        limit=column(table.limit),
        attained=column(table.attained),
        amount=column(table.amount),
        penalty=column(table.penalty),
    )


def _reliefs(table: Reliefs) -> explanation_pb2.Reliefs:
    return explanation_pb2.Reliefs(
        broken=column(table.broken),
        resource=table.resource,
        action=column(table.action),
        mw=column(table.mw),
        effect=column(table.effect),
    )


def _shortages(table: Shortages) -> explanation_pb2.Shortages:
    return explanation_pb2.Shortages(
        bus=table.bus,
        period=column(table.period),
        missing_mw=column(table.missing_mw),
        outage_mw=column(table.outage_mw),
        off_mw=column(table.off_mw),
        ramp_mw=column(table.ramp_mw),
        reserve_mw=column(table.reserve_mw),
        blocked_mw=column(table.blocked_mw),
        family=table.family,
        subject=table.subject,
    )


def _remedies(table: Remedies) -> explanation_pb2.Remedies:
    return explanation_pb2.Remedies(
        family=table.family,
        subject=table.subject,
        side=[SIDES[side] for side in table.side],
        period=column(table.period),
        measure=table.measure,
        before=column(table.before),
        after=column(table.after),
    )
