"""An application to enter the market, held against the rules (Jiangsu market entry manual): every fault at once.

What a rule needs and the application leaves blank is a fault of its own, NOT_STATED; nothing is guessed. Faults of
a row of units are those of a selected unit, or of one that stands in the way of the selected ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import chain

from clearing.admission import entry_papers
from clearing.admission.entry_faults import Fault, blank, kind_name
from clearing.admission.entry_tables import NEW_ENERGY, STATE_OF, Answer, Application, Asked, EntryState, Subsidy, Units
from clearing.case.entry import EntryChannel, day_text
from clearing.case.finding import Severity
from clearing.rules.entry_rules import KINDS, EntryRules


def faults(asked: Asked, rules: EntryRules) -> list[Fault]:
    """All of them: of the application, then of units in their order, then of attachments."""
    units = asked.units
    chosen = [row for row in range(len(units.id)) if units.selected[row] and units.judged[row]]
    attached = set(asked.attachments.unit.tolist())
    of_units = (_of_unit(asked, row, attached, rules) for row in chosen)
    return [
        *_of_application(asked, rules),
        *chain.from_iterable(of_units),
        *_one_type(asked, chosen, rules),
        *_lapsed(asked, rules),
        *entry_papers.attachments(asked, rules),
    ]


def _of_application(asked: Asked, rules: EntryRules) -> Iterator[Fault]:
    given = asked.application
    if not asked.units.selected.any():
        yield Fault("NOTHING_SELECTED", "units.selected", -1, "entry.promise", "No unit is selected.")
    if rules.promise == "required" and not given.promise_accepted:
        yield Fault("PROMISE_NOT_ACCEPTED", "application.promise_accepted", -1, "entry.promise",
                    "The promise was not accepted as a whole.")  # fmt: skip
    if rules.effective_from == "application" and given.effective_day < given.day:
        yield Fault("EFFECTIVE_TOO_EARLY", "application.effective_day", -1, "entry.effective_from",
                    "It would hold before the day of the application.", day_text(given.effective_day),
                    f"≥ {day_text(given.day)}")  # fmt: skip


def _of_unit(asked: Asked, row: int, attached: Set[int], rules: EntryRules) -> Iterator[Fault]:
    """A selected unit."""
    given, units = asked.application, asked.units
    state = EntryState(int(units.state[row]))
    if state is EntryState.NOT_REGISTERED:
        yield Fault(
            "NOT_REGISTERED", "units.state", row, "entry.not_stated", "The unit is not registered on the platform."
        )
    if state is STATE_OF[given.channel]:
        yield Fault("ALREADY_ENTERED", "units.selected", row, "entry.same_type",
                    "The unit has entered by this channel already and cannot be changed.")  # fmt: skip
    yield from _kind(given, units, row, rules)
    if given.channel is EntryChannel.DIRECT:
        yield from _direct(given, units, row, rules)
    elif rules.aggregated_distributed == "required" and units.distributed[row] != Answer.YES:
        if units.distributed[row] == Answer.NO:
            yield Fault("NOT_DISTRIBUTED", "units.distributed", row, "entry.aggregated_distributed",
                        "Only distributed units enter aggregated.")  # fmt: skip
        else:
            yield blank("distributed", row, "entry.aggregated_distributed", rules)
    yield from entry_papers.licence(given, units, row, rules)
    yield from entry_papers.certificate(asked, row, attached, rules)


def _kind(given: Application, units: Units, row: int, rules: EntryRules) -> Iterator[Fault]:
    direct = given.channel is EntryChannel.DIRECT
    allowed = rules.direct_kinds if direct else rules.aggregated_kinds
    setting = "entry.direct_kinds" if direct else "entry.aggregated_kinds"
    name = kind_name(units, row)
    if not name and units.state[row] != EntryState.AGGREGATED and set(allowed) != set(KINDS):
        yield blank("kind", row, setting, rules)
    elif name and name not in allowed:
        yield Fault("KIND_NOT_ADMITTED", "units.kind", row, setting, "Units of this kind do not enter by this channel.",
                    name, ", ".join(allowed))  # fmt: skip


def _direct(given: Application, units: Units, row: int, rules: EntryRules) -> Iterator[Fault]:
    """Public, without a subsidy, out of its aggregation contract."""
    if rules.direct_plants == "public" and units.distributed[row] != Answer.YES:
        if units.public[row] == Answer.NO:
            yield Fault("NOT_PUBLIC", "units.public", row, "entry.direct_plants", "Only public units enter directly.")
        elif units.public[row] == Answer.UNSPECIFIED:
            yield blank("public", row, "entry.direct_plants", rules)
    if kind_name(units, row) in rules.waiver_kinds or (not units.kind[row] and rules.waiver_kinds):
        if units.subsidy[row] == Subsidy.KEPT:
            yield Fault("SUBSIDY_KEPT", "units.subsidy", row, "entry.waiver_kinds",
                        "Neither a parity project, nor was the subsidy given up for green trade.")  # fmt: skip
        elif units.subsidy[row] == Subsidy.UNSPECIFIED:
            yield blank("subsidy", row, "entry.waiver_kinds", rules)
    by = {"application": given.day, "effective": given.effective_day}.get(rules.contract_ended)
    if by is None or units.state[row] != EntryState.AGGREGATED or not units.contract[row]:
        return
    end = int(units.contract_end[row])
    if not end or end >= by:
        yield Fault("CONTRACT_IN_FORCE", "units.contract_end", row, "entry.contract_ended",
                    f"Aggregation contract {units.contract[row]} must end first.", day_text(end) if end else "open",
                    f"< {day_text(by)}")  # fmt: skip


def _one_type(asked: Asked, chosen: list[int], rules: EntryRules) -> Iterator[Fault]:
    """Distributed new energy of the enterprise that would stay in the other channel."""
    units = asked.units
    if rules.same_type != "enterprise" or not any(_distributed_new_energy(units, row) for row in chosen):
        return
    other = {EntryChannel.DIRECT: EntryState.AGGREGATED, EntryChannel.AGGREGATED: EntryState.DIRECT}
    for row in range(len(units.id)):
        stays = units.state[row] == other[asked.application.channel] and not units.selected[row]
        if stays and units.judged[row] and _distributed_new_energy(units, row):
            yield Fault("TYPES_DIFFER", "units.selected", row, "entry.same_type",
                        "Distributed new energy of an enterprise enters by one channel: this unit stays in the other.",
                        EntryState(int(units.state[row])).name, asked.application.channel.name)  # fmt: skip


def _distributed_new_energy(units: Units, row: int) -> bool:
    return bool(units.distributed[row] == Answer.YES and (not units.kind[row] or units.kind[row] in NEW_ENERGY))


def _lapsed(asked: Asked, rules: EntryRules) -> Iterator[Fault]:
    """Units in the market whose promise of a licence ran out: trading of the enterprise is suspended."""
    units = asked.units
    if rules.lapsed_stops == "nothing":
        return
    for row in range(len(units.id)):
        entered = units.state[row] in (EntryState.DIRECT, EntryState.AGGREGATED)
        if entered and units.judged[row] and entry_papers.lapsed(units, row, asked.application.day):
            end = int(units.promise_end[row])
            yield Fault("LICENCE_LAPSED", "units.promise_end", row, "entry.lapsed_stops",
                        "The promised licence is not there: trading and settlement are suspended.",
                        day_text(end) if end else "", f"≥ {day_text(asked.application.day)}",
                        Severity.ERROR if rules.lapsed_stops == "enterprise" else Severity.WARNING)  # fmt: skip
