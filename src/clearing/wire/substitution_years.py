"""The request of SettleSubstitutionDeviation → tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.finding import Finding
from clearing.substitution.deviation_contracts import PlanChanges, Transfers
from clearing.substitution.deviation_settlement import CaptiveYearInput, SiteYearInput
from clearing.substitution.deviation_year import Exemption
from clearing.substitution.quantities import rank
from clearing.v1 import substitution_metering_pb2 as pb2
from clearing.wire import requests
from clearing.wire.fields import index_of
from clearing.wire.problems import Problems
from clearing.wire.substitution_columns import MOST_KWH, MOST_PRICE_MILLI, Columns, days, month
from clearing.wire.substitution_months import selection

MONTHS = 12


@dataclass(frozen=True, slots=True)
class YearRequest:
    """A year to be settled: C enterprises, S sites, T months. calendar_month (T): 1 to 12; findings of the reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    enterprise: Ids
    site: Ids
    owner: Ids
    calendar_month: Ints
    captives: CaptiveYearInput
    sites: SiteYearInput
    transfers: Transfers
    changes: PlanChanges
    request: Ids
    base_milli: int
    scaled_total_kwh: int | None
    findings: tuple[Finding, ...]

    def request_names(self) -> Ids:
        """Names of the plan changes' rows."""
        return tuple(self.request[row] for row in self.changes.request.tolist())


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The months of the request: year, number of the first, how many."""

    year: int
    first: int
    months: int

    def row(self, number: Ints) -> Ints:
        """Rows of months 1 to 12; outside 0 … T − 1 where the request has no such month."""
        return number - self.first


def read(raw: bytes) -> YearRequest:
    """Read a SettleSubstitutionDeviationRequest; raises InvalidRequest where it is no message."""
    pb = requests.parse(pb2.SettleSubstitutionDeviationRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    when = _calendar(pb, problems)
    captive = Columns(pb.captives, "captives", "enterprise", when.months, problems)
    enterprise = captive.ids("enterprise")
    if not enterprise:
        problems.error("REQUIRED", "captives.enterprise", "Required.", value=0, limit="≥ 1")
    sold = Columns(pb.sites, "sites", "site", when.months, problems)
    site = sold.ids("site")
    taken = set(enterprise)
    both = np.array([name in taken for name in site], dtype=np.bool_)
    sold.each(
        "site", both, np.arange(len(site)), "DUPLICATE_ID", "no id of captives", "A captive enterprise has the id."
    )
    exempt = _exempt(pb.exempt, (*enterprise, *site), problems)
    _scalars(pb, problems)
    asked, requests_of = _changes(pb.plan_changes, enterprise, when, problems)
    return YearRequest(
        selection(pb.rules), enterprise, site, sold.owners(), when.first + np.arange(when.months),
        _captives(captive, exempt[: len(enterprise)]), _sites(sold, exempt[len(enterprise) :]),
        _transfers(pb.transfers, enterprise, when, problems), asked, requests_of, pb.base_price_milli,
        pb.scaled_total_kwh if pb.HasField("scaled_total_kwh") else None, tuple(problems.findings),
    )  # fmt: skip


def _calendar(pb: pb2.SettleSubstitutionDeviationRequest, problems: Problems) -> _Calendar:
    year, first = month(pb.first_month, "first_month", problems)
    last = MONTHS + 1 - first
    if not 1 <= pb.months <= last:
        problems.error("OUT_OF_RANGE", "months", "Out of range.", value=pb.months, limit=f"1 to {last}")
    return _Calendar(year, first, min(max(pb.months, 1), last))


def _scalars(pb: pb2.SettleSubstitutionDeviationRequest, problems: Problems) -> None:
    for name, high in (("base_price_milli", MOST_PRICE_MILLI), ("scaled_total_kwh", MOST_KWH)):
        if not 0 <= getattr(pb, name) <= high:
            problems.error("OUT_OF_RANGE", name, "Out of range.", value=getattr(pb, name), limit=f"0 to {high}")


def _captives(table: Columns, exempt: Ints) -> CaptiveYearInput:
    return CaptiveYearInput(
        table.kwh("award_kwh"), table.kwh_series("plan_kwh", 0), table.kwh_series("executed_kwh"), exempt,
        table.milli("variation_milli", 0), rank(table.names),
    )  # fmt: skip


def _sites(table: Columns, exempt: Ints) -> SiteYearInput:
    due, settled = table.kwh_series("due_kwh"), table.kwh_series("settled_kwh")
    back, opening = table.kwh_series("returned_kwh", 0), table.kwh("opening_kwh", 0)
    table.each("settled_kwh", settled > due, settled, "SETTLED_ABOVE_DUE", "≤ due_kwh", "More is settled than was due.")
    given = opening + (due - settled).sum(axis=1)
    table.each(
        "returned_kwh", back.sum(axis=1) > given, back.sum(axis=1), "RETURNED_ABOVE_ADVANCED", "≤ opening and advances",
        "More is given back than was advanced.",
    )  # fmt: skip
    return SiteYearInput(
        table.kwh("award_kwh"), table.kwh_series("plan_kwh", 0), due, np.minimum(settled, due), back, opening, exempt,
        table.milli("variation_milli", 0), rank(table.names),
    )  # fmt: skip


def _exempt(pb: pb2.ExemptEnergy, parties: Ids, problems: Problems) -> Ints:
    """Exempt energy (C + S) of captive enterprises, then sites."""
    table = Columns(pb, "exempt", "party", 1, problems)
    rows, known = table.refer("party", index_of(parties))
    table.enum("cause", Exemption)
    energy = table.kwh("energy_kwh")
    total = np.zeros(len(parties), dtype=np.int64)
    np.add.at(total, rows[known], energy[known])
    return total


def _transfers(pb: pb2.ContractTransfers, enterprise: Ids, when: _Calendar, problems: Problems) -> Transfers:
    table = Columns(pb, "transfers", "giver", 1, problems)
    giver, _ = table.refer("giver", index_of(enterprise))
    taker, moves = table.refer("taker", index_of(enterprise), optional=True)
    energy = table.kwh("energy_kwh", low=-MOST_KWH)
    table.each("energy_kwh", moves & (energy <= 0), energy, "OUT_OF_RANGE", "> 0", "A transfer moves energy.")
    table.each(
        "taker", moves & (giver == taker), giver, "CONTRADICTION", "another enterprise", "Giver and taker are one."
    )
    number, day = days(table, "asked", when.year)
    return Transfers(
        np.maximum(giver, 0), taker, energy, _row(table, "asked", number, when), day, table.truths("checked")
    )


def _changes(pb: pb2.MonthPlanChanges, enterprise: Ids, when: _Calendar, problems: Problems) -> tuple[PlanChanges, Ids]:
    table = Columns(pb, "plan_changes", "request", 1, problems)
    names: Ids = tuple(dict.fromkeys(pb.request))
    rows, _ = table.refer("enterprise", index_of(enterprise))
    number, day = days(table, "asked", when.year)
    changed = np.array(
        [_month_of(text, f"plan_changes.month[{k}]", when, problems) for k, text in enumerate(table.texts("month"))],
        dtype=np.int64,
    )
    return PlanChanges(
        table.references("request", index_of(names)), np.maximum(rows, 0), _row(table, "asked", number, when), day,
        _row(table, "month", changed, when), table.kwh("change_kwh", low=-MOST_KWH), table.truths("confirmed"),
    ), names  # fmt: skip


def _month_of(text: str, path: str, when: _Calendar, problems: Problems) -> int:
    year, number = month(text, path, problems)
    if (year, number) != (2000, 1) and year != when.year:
        problems.error("BAD_DATE", path, "Not a month of the year.", value=text, limit=f"YYYY-MM of {when.year}")
        return when.first
    return number


def _row(table: Columns, name: str, number: Ints, when: _Calendar) -> Ints:
    """Rows of months; a finding where the request does not hold the month."""
    row = when.row(number)
    outside = (row < 0) | (row >= when.months)
    table.each(name, outside, number, "OUT_OF_RANGE", f"month {when.first} to {when.first + when.months - 1}")
    return np.where(outside, 0, row)
