"""What an application shows and leaves: the lists of its screen, the work order, the entries of the enterprise.

Words that the platform shows are those of the Jiangsu market entry manual (2024-09), part 2, 1.3, 1.4, 2.3, 2.4; that
a work order is accepted and in force are states of this project, the manual shows pending alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from clearing.admission.entry_faults import kind_name
from clearing.admission.entry_papers import promise_until
from clearing.admission.entry_tables import STATE_OF, Answer, Application, Asked, EntryState, Units
from clearing.case.entry import EntryChannel, day_text
from clearing.rules.entry_rules import EntryRules


class Section(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    NOT_ENTERED = 1
    TO_CHANGE = 2
    ENTERED = 3


class OrderState(IntEnum):
    """Numbered as on the wire."""

    UNSPECIFIED = 0
    PENDING = 1
    ACCEPTED = 2
    IN_FORCE = 3


PROMPTS = {
    (EntryChannel.DIRECT, Section.NOT_ENTERED): "机组将以直接交易方式参与市场。",
    (EntryChannel.DIRECT, Section.TO_CHANGE): "选中机组的入市类型将变更为直接交易入市，是否确定？",
    (EntryChannel.AGGREGATED, Section.NOT_ENTERED): "机组将以聚合方式参与市场。",
    (EntryChannel.AGGREGATED, Section.TO_CHANGE): "选中机组的入市类型将变更为聚合入市, 是否确定?",
}
"""What is asked when a unit is selected."""

TITLES = {EntryChannel.DIRECT: "直接交易入市", EntryChannel.AGGREGATED: "分布式新能源聚合入市"}
PROMISES = {
    EntryChannel.DIRECT: "发电企业直接参与市场信用承诺书",
    EntryChannel.AGGREGATED: "发电企业聚合参与市场信用承诺书",
}


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """number, name, state; promise: title of what was accepted; rows of units that enter, and that change."""

    number: str
    name: str
    state: OrderState
    promise: str
    new: tuple[int, ...]
    changed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Entry of a unit (row) from a day to a day (0 = open)."""

    row: int
    channel: EntryChannel
    first_day: int
    last_day: int
    aggregate: str


def section(given: Application, units: Units, row: int, rules: EntryRules) -> Section:
    """List of the screen; that of aggregated entry holds distributed units of its kinds alone."""
    state = units.state[row]
    if given.channel is EntryChannel.AGGREGATED:
        name = kind_name(units, row)
        distributed = rules.aggregated_distributed == "any" or units.distributed[row] == Answer.YES
        if not distributed or (name and name not in rules.aggregated_kinds):
            return Section.UNSPECIFIED
    if state == STATE_OF[given.channel]:
        return Section.ENTERED
    if state == EntryState.REGISTERED:
        return Section.NOT_ENTERED
    return Section.TO_CHANGE if state in (EntryState.DIRECT, EntryState.AGGREGATED) else Section.UNSPECIFIED


def work_order(asked: Asked) -> WorkOrder:
    """Of an application without a fault."""
    given, units = asked.application, asked.units
    number = f"{day_text(given.day).replace('-', '')}{given.sequence:03d}"
    chosen = [row for row in range(len(units.id)) if units.selected[row]]
    enters = [bool(units.state[row] == EntryState.REGISTERED) for row in chosen]
    return WorkOrder(
        number=number,
        name=f"入市申请—{TITLES[given.channel]}—发电企业—{given.enterprise}—{number}",
        state=_state(given),
        promise=PROMISES[given.channel],
        new=tuple(row for row, new in zip(chosen, enters, strict=True) if new),
        changed=tuple(row for row, new in zip(chosen, enters, strict=True) if not new),
    )


def _state(given: Application) -> OrderState:
    if not given.accepted_day or given.as_of < given.accepted_day:
        return OrderState.PENDING
    return OrderState.IN_FORCE if given.as_of >= given.effective_day else OrderState.ACCEPTED


def entries(asked: Asked) -> list[Span]:
    """Spans of every unit that has entered: as it was until the day of effect, as it is asked from then on."""
    given, units = asked.application, asked.units
    accepted = bool(given.accepted_day) and given.as_of >= given.accepted_day
    found = []
    for row in range(len(units.id)):
        until = promise_until(units, row)
        changes = accepted and bool(units.selected[row])
        if units.state[row] in (EntryState.DIRECT, EntryState.AGGREGATED):
            channel = next(each for each, state in STATE_OF.items() if state == units.state[row])
            last = min(until or given.effective_day, given.effective_day - 1) if changes else until
            if not changes or units.effective_day[row] <= last:
                found.append(Span(row, channel, int(units.effective_day[row]), last, units.aggregate[row]))
        if changes:
            found.append(Span(row, given.channel, given.effective_day, until, given.aggregate))
    return found
