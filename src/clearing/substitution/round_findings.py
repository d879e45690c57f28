"""What is worth saying about a round: what it lacks, which offers are left out, what limits do."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.finding import Finding, Severity
from clearing.rules.substitution_round import Hours, RoundRules
from clearing.substitution.round_clear import Cleared, Standing
from clearing.substitution.round_offers import Left
from clearing.substitution.round_tables import Admission, Round

MOST_NOTES = 1000
CLAUSES = {
    Left.AFTER_GATE: "5.4.5", Left.SUPERSEDED: "5.4.5", Left.NOT_ADMITTED: "2.2.2", Left.PRICE_STEP: "3.1.2.3",
    Left.PRICE_LIMIT: "3.1.2.2", Left.NOT_LISTED_PRICE: "3.1.3.2", Left.ENERGY_STEP: "3.1.2.3", Left.MONTHS: "3.1.2.1",
    Left.SPINNING_SHARE: "3.1.1", Left.TOO_MANY: "3.1.2.1",
}  # fmt: skip
ADMISSION_CLAUSES = {Admission.FULL_PURCHASE: "2.4.1", Admission.BARRED: "2.2.3.1", Admission.NOT_REGISTERED: "2.3.1"}
_MESSAGES = {
    Left.AFTER_GATE: "Submitted after the gate.",
    Left.SUPERSEDED: "A later submission of the party stands in its place.",
    Left.NOT_ADMITTED: "The party may not trade.",
    Left.PRICE_STEP: "The variation is no multiple of the step.",
    Left.PRICE_LIMIT: "The variation is beyond the price limit.",
    Left.NOT_LISTED_PRICE: "The variation is not the listed one.",
    Left.ENERGY_STEP: "The energy is no multiple of the least energy.",
    Left.MONTHS: "The months do not add up to the energy.",
    Left.SPINNING_SHARE: "A month is more than the share of capacity that spinning reserve may shave.",
    Left.TOO_MANY: "The party has more offers than it may; this one stands behind them.",
}
_NEEDED = {
    Hours.THREE_YEAR_MEAN: ("hours_milli", "round.areas.hours_milli"),
    Hours.FORECAST: ("forecast_hours_milli", "round.areas.forecast_hours_milli"),
    Hours.CAPABILITY: ("capability_kwh", "round.sites.capability_kwh"),
}


def faults(has: Collection[str], rules: RoundRules) -> tuple[Finding, ...]:
    """Columns that the rules read and the round lacks."""
    column, path = _NEEDED[rules.hours]
    if column in has:
        return ()
    message = f"The rules read it (hours = {rules.hours.value})."
    return (Finding(Severity.ERROR, "REQUIRED", path, message, limit="given", clause="3.1.4.3"),)


def too_large(cells: int, most: int) -> Finding:
    """The optimisation form would be too large."""
    return Finding(Severity.ERROR, "TOO_LARGE", "compare", "Captive offers times months, for the optimisation form.",
                   value=str(cells), limit=f"≤ {most}")  # fmt: skip


def left_out(round_: Round, left: Ints, gone: Ints, captive: Ids, site: Ids) -> Iterator[Finding]:
    """One finding an offer that does not stand, `MOST_NOTES` a side; the last one says how many more."""
    sides = (
        ("captive_offers", left, captive, round_.captives, round_.captive_offers),
        ("site_offers", gone, site, round_.sites, round_.site_offers),
    )
    for table, reasons, names, parties, offers in sides:
        rows = np.flatnonzero(reasons != Left.NOT)
        for place, row in enumerate(rows[:MOST_NOTES].tolist()):
            why = Left(int(reasons[row]))
            more = f" ({len(rows) - MOST_NOTES} more like this)" if place == MOST_NOTES - 1 < len(rows) - 1 else ""
            clause, value = CLAUSES[why], why.name
            if why is Left.NOT_ADMITTED:
                barred = Admission(int(parties.admission[offers.party[row]]))
                clause, value = ADMISSION_CLAUSES.get(barred, clause), barred.name
            yield Finding(
                Severity.WARNING, "OFFER_LEFT_OUT", f"round.{table}.offer[{row}]", _MESSAGES[why] + more,
                subject=names[row], value=value, limit=_limit(why, offers.variation_milli[row], offers.energy_kwh[row]),
                clause=clause,
            )  # fmt: skip


def _limit(why: Left, variation_milli: int, energy_kwh: int) -> str:
    if why in (Left.PRICE_STEP, Left.PRICE_LIMIT, Left.NOT_LISTED_PRICE, Left.TOO_MANY):
        return f"variation {variation_milli}"
    return f"energy {energy_kwh}" if why in (Left.ENERGY_STEP, Left.MONTHS, Left.SPINNING_SHARE) else ""


def notes(round_: Round, cleared: Cleared, captive: Ids, site: Ids, enterprise: Ids, takes: bool) -> list[Finding]:
    """What is worth knowing of a cleared round."""
    found = list(left_out(round_, cleared.captive_left, cleared.site_left, captive, site))
    for limit in cleared.above:
        found.append(Finding(
            Severity.WARNING, "LIMIT_ABOVE_BOUNDARIES", f"round.captive_limits.most_kwh[{limit}]",
            "Boundaries 1 and 2 alone are above the limit; they are not cut.",
            value=str(int(round_.limits.most_kwh[limit])), clause="3.1.4.6",
        ))  # fmt: skip
    if cleared.standing is Standing.HOLD_AGAIN:
        found.append(Finding(
            Severity.WARNING, "HOLD_AGAIN", "round.site_offers", "New energy does not cover what must be taken.",
            value=str(cleared.short_kwh), limit="0", clause="3.1.4.3",
        ))  # fmt: skip
    if cleared.untraded_kwh:
        found.append(Finding(
            Severity.WARNING, "PAIRS_UNTRADED", "round.site_offers.variation_milli",
            "Energy of pairs whose buyer offers less than the seller asks is not traded.",
            value=str(cleared.untraded_kwh), clause="13 (13)",
        ))  # fmt: skip
    return [*found, *(_above_take(round_, cleared, enterprise) if takes else ())]


def _above_take(round_: Round, cleared: Cleared, enterprise: Ids) -> Iterator[Finding]:
    taken = np.zeros(len(enterprise), dtype=np.int64)
    np.add.at(taken, round_.captive_offers.party, cleared.captive_month_kwh.sum(axis=1))
    for row in np.flatnonzero(taken > round_.captives.take_kwh)[:MOST_NOTES].tolist():
        yield Finding(
            Severity.WARNING, "SUBSTITUTION_ABOVE_TAKE", f"round.captives.take_kwh[{row}]",
            "The enterprise was cleared more than it expects to take.", subject=enterprise[row], value=str(taken[row]),
            limit=f"≤ {round_.captives.take_kwh[row]}", clause="3.1.4.6",
        )  # fmt: skip
