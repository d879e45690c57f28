"""Papers of an application: licences and promises of one, proofs of green certificates, attachments."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Set
from datetime import date

from clearing.admission.entry_faults import Fault, blank, kind_name
from clearing.admission.entry_tables import NEW_ENERGY, Answer, Application, Asked, EntryState, Units
from clearing.case.entry import EntryChannel, day_text
from clearing.case.finding import Severity
from clearing.rules.entry_rules import EntryRules


def excused(units: Units, row: int) -> bool:
    """Exempt, or its licence is there."""
    return bool(units.exempt[row] == Answer.YES or units.licensed[row] == Answer.YES)


def lapsed(units: Units, row: int, on: int) -> bool:
    """Neither exempt nor licensed, and the promise, where there was one, is over on a day."""
    if excused(units, row):
        return False
    end = int(units.promise_end[row])
    denied = units.exempt[row] == Answer.NO and units.licensed[row] == Answer.NO
    return bool(end < on) if end else bool(denied and units.promised[row] != Answer.YES)


def promise_until(units: Units, row: int) -> int:
    """Day until which an entry rests on a promise; 0 = on none."""
    return 0 if excused(units, row) else int(units.promise_end[row])


def licence(given: Application, units: Units, row: int, rules: EntryRules) -> Iterator[Fault]:
    """Of a selected unit: exempt, licensed, or promised and not too late."""
    if rules.licence != "required" or excused(units, row):
        return
    end = int(units.promise_end[row])
    message = "Neither exempt, nor licensed, nor within the promised period on the day of effect."
    if units.promised[row] == Answer.YES:
        if not end:
            yield blank("promise_end", row, "entry.licence", rules)
        elif end >= given.effective_day:
            yield from _promise(given, units, row, rules)
        else:
            yield Fault("LICENCE_MISSING", "units.promise_end", row, "entry.licence", message, day_text(end),
                        f"≥ {day_text(given.effective_day)}")  # fmt: skip
        return
    blanks = [name for name in ("exempt", "licensed", "promised") if getattr(units, name)[row] == Answer.UNSPECIFIED]
    if blanks:
        yield blank(blanks[0], row, "entry.licence", rules)
    else:
        yield Fault("LICENCE_MISSING", "units.licensed", row, "entry.licence", message)


def _promise(given: Application, units: Units, row: int, rules: EntryRules) -> Iterator[Fault]:
    """A promise is not longer than may be promised."""
    if rules.promise_length == "free" or (
        rules.promise_length == "aggregated" and given.channel is not EntryChannel.AGGREGATED
    ):
        return
    new_energy = not units.kind[row] or units.kind[row] in NEW_ENERGY
    name = "promise_months_new_energy" if new_energy else "promise_months"
    months, start, end = getattr(rules, name), int(units.start_day[row]), int(units.promise_end[row])
    if not months:
        return
    if not start:
        yield blank("start_day", row, f"entry.{name}", rules)
    elif end > months_after(start, months):
        yield Fault("PROMISE_TOO_LONG", "units.promise_end", row, f"entry.{name}",
                    f"More than {months} months are promised.", day_text(end),
                    f"≤ {day_text(months_after(start, months))}")  # fmt: skip


def months_after(ordinal: int, months: int) -> int:
    """The same day of a later month, or the last one it has."""
    start = date.fromordinal(ordinal)
    years, month = divmod(start.month - 1 + months, 12)
    last = calendar.monthrange(start.year + years, month + 1)[1]
    return date(start.year + years, month + 1, min(start.day, last)).toordinal()


def certificate(asked: Asked, row: int, attached: Set[int], rules: EntryRules) -> Iterator[Fault]:
    """Green certificates of a unit that is not entered yet. attached: rows of units with a proof."""
    units, name = asked.units, kind_name(asked.units, row)
    asked_of = not name or name in rules.certificate_kinds
    if units.state[row] != EntryState.REGISTERED or not rules.certificate_kinds or not asked_of:
        return
    if row not in attached:
        yield Fault("CERTIFICATE_MISSING", "units.selected", row, "entry.certificate_kinds",
                    "No proof of issued green certificates is attached.")  # fmt: skip
    code, prefix = units.project_code[row], rules.project_code_prefix
    if not code:
        yield Fault("PROJECT_CODE_MISSING", "units.project_code", row, "entry.certificate_kinds",
                    "The project code of the platform of renewables is missing.")  # fmt: skip
    elif prefix != "any" and not code.startswith(prefix):
        yield Fault("PROJECT_CODE_PREFIX", "units.project_code", row, "entry.project_code_prefix",
                    "Project codes generally begin otherwise.", code, f"{prefix}…", Severity.WARNING)  # fmt: skip


def attachments(asked: Asked, rules: EntryRules) -> Iterator[Fault]:
    """Format and size of every attachment; one of a unit that is not selected is a fault too."""
    for place, unit in enumerate(asked.attachments.unit.tolist()):
        file, size = asked.attachments.file[place], int(asked.attachments.size[place])
        if rules.attachment_format != "any" and not file.lower().endswith(f".{rules.attachment_format}"):
            yield Fault("ATTACHMENT_FORMAT", "attachments.file", place, "entry.attachment_format",
                        "The attachment has another format.", file, rules.attachment_format.upper())  # fmt: skip
        if not 1 <= size <= rules.attachment_most_bytes:
            yield Fault("ATTACHMENT_SIZE", "attachments.bytes", place, "entry.attachment_most_bytes",
                        "The attachment is empty or too large.", str(size),
                        f"1 to {rules.attachment_most_bytes}")  # fmt: skip
        if unit >= 0 and asked.units.judged[unit] and not asked.units.selected[unit]:
            yield Fault("ATTACHMENT_OF_OTHER", "attachments.unit", place, "entry.certificate_kinds",
                        "The unit is not selected.", asked.units.id[unit])  # fmt: skip
