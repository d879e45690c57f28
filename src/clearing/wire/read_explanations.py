"""Proto → explanations."""

from __future__ import annotations

from typing import Any

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.explanations import (
    BrokenLimits,
    Explanations,
    LimitRents,
    OnSpells,
    Parts,
    ReliefAction,
    Reliefs,
    Remedies,
    Shortages,
    UnitReason,
)
from clearing.v1 import prices_pb2, schedule_pb2
from clearing.wire.fields import Index, Table, index_of
from clearing.wire.problems import Problems

SIDES = {prices_pb2.LIMIT_SIDE_MIN: "min", prices_pb2.LIMIT_SIDE_MAX: "max"}
PATH = "result.explanations"


def explanations(pb: schedule_pb2.Result, case: Case, problems: Problems) -> Explanations | None:
    """All tables, or None where there are none."""
    if not pb.HasField("explanations"):
        return None
    message = pb.explanations
    problems.only(message, PATH)
    units = index_of(case.units.id)

    def table(name: str, key: str) -> Table:
        part = getattr(message, name)
        problems.only(part, f"{PATH}.{name}")
        return Table(part, f"{PATH}.{name}", key, case.horizon.periods, problems)

    broken = _broken(table("broken", "family"))
    return Explanations(
        spells=_spells(table("spells", "unit_id"), units),
        on=_parts(table("on", "unit_id"), units),
        off=_parts(table("off", "unit_id"), units),
        limits=_limits(table("limits", "family")),
        broken=broken,
        reliefs=_reliefs(table("reliefs", "broken"), len(broken.family)),
        shortages=_shortages(table("shortages", "bus")),
        remedies=_remedies(table("remedies", "family"), case.horizon.periods),
    )


def _stretch(table: Table, units: Index) -> dict[str, Any]:
    """Unit, first and last period, reason."""
    first, last = table.periods_of("first_period"), table.periods_of("last_period")
    for row in (last < first).nonzero()[0].tolist():
        path = f"{table.path}.last_period[{row}]"
        table.problems.error("OUT_OF_RANGE", path, "Before the first period.", value=int(last[row]))
    return {
        "unit": table.references("unit_id", units),
        "first_period": first,
        "last_period": last,
        "reason": table.enum("reason", UnitReason),
    }


def _spells(table: Table, units: Index) -> OnSpells:
    return OnSpells(
        **_stretch(table, units),
        energy_revenue=table.floats("energy_revenue"),
        reserve_revenue=table.floats("reserve_revenue"),
        energy_cost=table.floats("energy_cost"),
        no_load_cost=table.floats("no_load_cost"),
        start_cost=table.floats("start_cost"),
        stop_cost=table.floats("stop_cost"),
    )


def _parts(table: Table, units: Index) -> Parts:
    return Parts(**_stretch(table, units), margin=table.floats("margin"), subject=table.texts("subject"))


def _sides(table: Table) -> Ids:
    found = table.whole("side").tolist()
    for row, side in enumerate(found):
        if side not in SIDES and table.problems.formed:
            message = "The value is not allowed."
            table.problems.error("UNKNOWN_ENUM", f"{table.path}.side[{row}]", message, value=side)
    return tuple(SIDES.get(side, "") for side in found)


def _limits(table: Table) -> LimitRents:
    return LimitRents(
        family=table.texts("family"),
        subject=table.texts("subject"),
        side=_sides(table),
        periods=table.whole("periods"),
        worst_period=table.periods_of("worst_period"),
        limit=table.floats("limit"),
        greatest_price=table.floats("greatest_price"),
        cost_per_mw=table.floats("cost_per_mw"),
        rent=table.floats("rent"),
    )


def _broken(table: Table) -> BrokenLimits:
    return BrokenLimits(
        family=table.texts("family"),
        subject=table.texts("subject"),
        period=table.whole("period"),
        measure=table.texts("measure"),
        limit=table.floats("limit"),
        attained=table.floats("attained"),
        amount=table.floats("amount"),
        penalty=table.floats("penalty"),
    )


def _reliefs(table: Table, broken: int) -> Reliefs:
    return Reliefs(
        broken=table.below("broken", broken),
        resource=table.texts("resource"),
        action=table.enum("action", ReliefAction),
        mw=table.floats("mw"),
        effect=table.floats("effect"),
    )


def _shortages(table: Table) -> Shortages:
    return Shortages(
        bus=table.texts("bus"),
        period=table.periods_of("period"),
        missing_mw=table.floats("missing_mw"),
        outage_mw=table.floats("outage_mw"),
        off_mw=table.floats("off_mw"),
        ramp_mw=table.floats("ramp_mw"),
        reserve_mw=table.floats("reserve_mw"),
        blocked_mw=table.floats("blocked_mw"),
        family=table.texts("family"),
        subject=table.texts("subject"),
    )


def _remedies(table: Table, periods: int) -> Remedies:
    period = table.whole("period")
    for row in ((period < -1) | (period >= max(periods, 1))).nonzero()[0].tolist():
        path = f"{table.path}.period[{row}]"
        table.problems.error(
            "OUT_OF_RANGE", path, "Out of range.", value=int(period[row]), limit=f"-1 to {periods - 1}"
        )
    return Remedies(
        family=table.texts("family"),
        subject=table.texts("subject"),
        side=_sides(table),
        period=period,
        measure=table.texts("measure"),
        before=table.floats("before"),
        after=table.floats("after"),
    )
