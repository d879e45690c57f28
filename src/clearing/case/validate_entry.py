"""Who may offer on the operating day, by the entry table of a case; without one nothing is judged."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ids
from clearing.case.case import Case
from clearing.case.entry import EntryChannel, capacity_by_bus, day_text
from clearing.case.finding import Finding, Severity
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.rules.rules import Rules

NEAR = 1e-6  # as in FACTORS_NOT_ONE


def entry(case: Case, rules: Rules) -> list[Finding]:
    """Spans that make no sense, resources that may not offer, aggregates that are not what their members are."""
    if not case.entry.resource:
        return []
    return [*_spans(case), *_resources(case, rules), *_aggregates(case, rules)]


def _spans(case: Case) -> list[Finding]:
    """ENTRY_DAYS, ENTRY_TWICE, REQUIRED, NOT_POSITIVE, CONTRADICTION, NOT_AN_AGGREGATE, MEMBER_NOT_IN_FORCE."""
    table, plants, day = case.entry, case.virtual_plants, case.horizon.operating_day.toordinal()

    def at(name: str) -> Field:
        return Field(f"case.entry.{name}", table.resource)

    aggregated, held = table.channel == EntryChannel.AGGREGATED, table.in_force(day)
    seen: set[str] = set()
    twice = np.zeros(len(table.resource), dtype=np.bool_)
    for row in np.flatnonzero(held).tolist():
        twice[row] = table.resource[row] in seen
        seen.add(table.resource[row])
    load = np.zeros(len(table.resource), dtype=np.bool_)
    known = table.plant >= 0
    load[known] = plants.kind[table.plant[known]] == VirtualPlantKind.LOAD
    idle = aggregated & ~held & np.array([name not in seen for name in table.resource], dtype=np.bool_)
    ends = (table.last_day > 0) & (table.last_day < table.first_day)
    away = "not in force on the operating day: it is left out of its aggregate"
    return [
        *flag("ENTRY_DAYS", at("last_day"), ends, "the last day lies before the first"),
        *flag("ENTRY_TWICE", at("first_day"), twice, "an earlier span of this resource holds on the operating day"),
        *flag("REQUIRED", at("aggregate"), aggregated & ~known, "an aggregated unit names its virtual plant"),
        *flag("REQUIRED", at("bus"), aggregated & (table.bus < 0), "an aggregated unit names its bus"),
        *flag("NOT_POSITIVE", at("capacity_mw"), aggregated & (table.capacity_mw <= 0), "it has no capacity",
              table.capacity_mw, "> 0"),
        *flag("CONTRADICTION", at("aggregate"), ~aggregated & known, "a unit that enters directly is in no aggregate"),
        *flag("NOT_AN_AGGREGATE", at("aggregate"), aggregated & load, "the virtual plant is load, not generation"),
        *flag("MEMBER_NOT_IN_FORCE", at("first_day"), idle, away, severity=Severity.WARNING),
    ]  # fmt: skip


def _resources(case: Case, rules: Rules) -> list[Finding]:
    """NO_ENTRY, ENTRY_NOT_IN_FORCE, OFFERS_IN_AGGREGATE of everything that offers generation."""
    table, day = case.entry, case.horizon.operating_day.toordinal()
    spans: dict[str, list[int]] = {}
    for row, name in enumerate(table.resource):
        spans.setdefault(name, []).append(row)
    held = table.in_force(day)
    of_members = set(table.plant[table.channel == EntryChannel.AGGREGATED].tolist())
    generation = case.virtual_plants.kind == VirtualPlantKind.GENERATION
    alone = tuple(
        name if generation[row] and row not in of_members else "" for row, name in enumerate(case.virtual_plants.id)
    )
    findings: list[Finding] = []
    for path, ids in (
        ("case.units.id", case.units.id),
        ("case.renewables.id", case.renewables.id),
        ("case.pumped_hydro.id", case.pumped_hydro.id),
        ("case.virtual_plants.id", alone),
    ):
        findings += _of(path, ids, spans, held, case, rules)
    return findings


def _of(path: str, ids: Ids, spans: dict[str, list[int]], held: Bools, case: Case, rules: Rules) -> list[Finding]:
    table, day = case.entry, str(case.horizon.operating_day)
    clause, findings = rules.clause("entry.offers_by"), []

    def refuse(row: int, code: str, message: str, value: str = "") -> None:
        at, value = f"{path}[{row}]", value[:80]
        findings.append(Finding(Severity.ERROR, code, at, message, ids[row], value=value, limit=day, clause=clause))

    for row, name in enumerate(ids):
        own = spans.get(name, [])
        holding = [span for span in own if held[span]]
        if not own:
            if name and rules.market.entry.offers_by == "entry":
                refuse(row, "NO_ENTRY", "it has not entered the market")
        elif not holding:
            days = ((day_text(int(table.first_day[s])), day_text(int(table.last_day[s])) or "open") for s in own)
            text = ", ".join(f"{first} to {last}" for first, last in days)
            refuse(row, "ENTRY_NOT_IN_FORCE", "its entry does not hold on the operating day", text)
        elif table.channel[holding[0]] == EntryChannel.AGGREGATED:
            plant = int(table.plant[holding[0]])
            value = case.virtual_plants.id[plant] if plant >= 0 else ""
            refuse(row, "OFFERS_IN_AGGREGATE", "it has entered aggregated: its aggregate offers, it does not", value)
    return findings


def _aggregates(case: Case, rules: Rules) -> list[Finding]:
    """AGGREGATE_WITHOUT_MEMBERS, AGGREGATE_ABOVE_MEMBERS, AGGREGATE_FACTORS."""
    table, plants, day = case.entry, case.virtual_plants, case.horizon.operating_day.toordinal()
    of_members = np.isin(np.arange(len(plants.id)), table.plant[table.channel == EntryChannel.AGGREGATED])
    of_members &= plants.kind == VirtualPlantKind.GENERATION
    capacity = capacity_by_bus(table, day, len(plants.id), len(case.network.bus_id))
    total = capacity.sum(axis=1)
    empty = of_members & (total <= 0)
    stated = np.zeros_like(capacity)
    np.add.at(stated, (plants.factor_plant, plants.factor_bus), plants.factor)
    share = capacity / np.where(total > 0, total, 1.0)[:, None]
    if rules.market.entry.factors == "capacity":
        differs = np.any(np.abs(stated - share) > NEAR, axis=1)
    else:
        differs = np.any((stated > 0) & (capacity <= 0), axis=1)
    above = (of_members & ~empty)[:, None] & (plants.max_mw > total[:, None] + TOLERANCE)

    def at(name: str) -> Field:
        return Field(f"case.virtual_plants.{name}", plants.id)

    text = "the distribution factors are not those of the units in it"
    return [
        *flag("AGGREGATE_WITHOUT_MEMBERS", at("id"), empty, "no unit is in it on the operating day"),
        *flag("AGGREGATE_ABOVE_MEMBERS", at("max_mw"), above, "more than the units in it have", plants.max_mw, total),
        *flag("AGGREGATE_FACTORS", at("factor"), of_members & ~empty & differs, text),
    ]
