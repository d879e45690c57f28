"""A round of substitution trading → tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.finding import Finding
from clearing.substitution import round_tables as tables
from clearing.substitution.quantities import rank
from clearing.v1 import substitution_pb2 as pb2
from clearing.wire import requests
from clearing.wire.fields import Index, index_of
from clearing.wire.problems import Problems
from clearing.wire.substitution_columns import MOST_KW, MOST_KWH, Columns, minutes_of, month
from clearing.wire.substitution_months import Boundary, selection

K = TypeVar("K", tables.Period, tables.Method, tables.PriceMode)

BASE_MILLI = 200_000
MOST_VARIATION = 10**6
MOST_MS = 10**15
MOST_MONTHS = 12
MOST_TOTAL_KWH = 10**12
_MOST_HOURS_MILLI = 8_784_000
_MOST_CLASS = 100
_MONTHS = {tables.Period.MONTH: 1, tables.Period.SEASON: 3}


@dataclass(frozen=True, slots=True)
class Names:
    """Ids of a round."""

    enterprise: Ids
    captive_offer: Ids
    area: Ids
    site: Ids
    owner: Ids
    site_offer: Ids


@dataclass(frozen=True, slots=True)
class RoundRequest:
    """A round to be cleared. takes: W is given; findings: all faults of the reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    round_: tables.Round
    names: Names
    takes: bool
    has: frozenset[str]
    compare: bool
    findings: tuple[Finding, ...]


def read_validate(raw: bytes) -> RoundRequest:
    """Read a ValidateSubstitutionRoundRequest; raises InvalidRequest where it is no message."""
    return _read(requests.parse(pb2.ValidateSubstitutionRoundRequest(), raw), False)


def read_clear(raw: bytes) -> RoundRequest:
    """Read a ClearSubstitutionRequest; raises InvalidRequest where it is no message."""
    pb = requests.parse(pb2.ClearSubstitutionRequest(), raw)
    return _read(pb, pb.compare)


def _read(pb: pb2.ValidateSubstitutionRoundRequest | pb2.ClearSubstitutionRequest, compare: bool) -> RoundRequest:
    problems = Problems()
    problems.only(pb, "request")
    asked = pb.round
    problems.only(asked, "round")
    terms = _terms(asked, problems)
    captive = Columns(asked.captives, "round.captives", "enterprise", 1, problems)
    offers = Columns(asked.captive_offers, "round.captive_offers", "offer", terms.months, problems)
    limits = Columns(asked.captive_limits, "round.captive_limits", "most_kwh", 1, problems)
    areas = Columns(asked.areas, "round.areas", "area", terms.months, problems)
    sites = Columns(asked.sites, "round.sites", "site", 1, problems)
    bids = Columns(asked.site_offers, "round.site_offers", "offer", 1, problems)
    names = Names(
        captive.ids("enterprise"), offers.ids("offer"), areas.ids("area"), sites.ids("site"), sites.owners(),
        bids.ids("offer"),
    )  # fmt: skip
    for table, ids in ((captive, names.enterprise), (areas, names.area), (sites, names.site)):
        if not ids:
            problems.error("REQUIRED", table.path, "Required.", value=0, limit="≥ 1 row")
    place, fleet = index_of(tuple(dict.fromkeys(captive.texts("area")))), _fleets(captive)
    round_ = tables.Round(
        terms, _captives(captive, place, fleet, terms), _captive_offers(offers, names),
        _limits(limits, place, fleet, terms.months), _areas(areas), _sites(sites, names, terms),
        _site_offers(bids, names),
    )  # fmt: skip
    _total(round_, problems)
    has = {"hours_milli", "forecast_hours_milli"} & {f.name for f, _ in asked.areas.ListFields()}
    has |= {"capability_kwh"} & {f.name for f, _ in asked.sites.ListFields()}
    return RoundRequest(
        selection(pb.rules), round_, names, captive.has("take_kwh"), frozenset(has), compare, tuple(problems.findings)
    )


def _terms(pb: pb2.SubstitutionRound, problems: Problems) -> tables.Terms:
    year, first = month(pb.first_month, "round.first_month", problems)
    period = _word(pb.period, tables.Period, "round.period", problems)
    method = _word(pb.method, tables.Method, "round.method", problems)
    mode = _word(pb.price_mode, tables.PriceMode, "round.price_mode", problems)
    months = _one(pb.months, "round.months", 1, MOST_MONTHS, problems)
    if months != _MONTHS.get(period, months):
        problems.error("OUT_OF_RANGE", "round.months", "Not the months of the period.", value=months,
                       limit=_MONTHS[period])  # fmt: skip
    calendar = [divmod(first - 1 + k, MOST_MONTHS) for k in range(months)]
    minutes = np.array([minutes_of(year + over, number + 1) for over, number in calendar], dtype=np.int64)
    return tables.Terms(
        period, method, mode, months,
        _one(pb.target_kwh, "round.target_kwh", 0, MOST_TOTAL_KWH, problems),
        _one(pb.base_price_milli if pb.HasField("base_price_milli") else BASE_MILLI, "round.base_price_milli", 0,
             MOST_VARIATION, problems),
        _range(pb, "captive", problems), _range(pb, "site", problems),
        _one(pb.opens_ms, "round.opens_ms", 0, MOST_MS, problems),
        _one(pb.gate_ms, "round.gate_ms", 1, MOST_MS, problems),
        _one(pb.cycle_ms, "round.cycle_ms", 0, MOST_MS, problems),
        _one(pb.listed_variation_milli, "round.listed_variation_milli", -MOST_VARIATION, MOST_VARIATION, problems),
        minutes,
    )  # fmt: skip


def _word(value: int, kind: type[K], path: str, problems: Problems) -> K:
    if value in set(kind):
        return kind(value)
    problems.error(
        "UNKNOWN_ENUM", path, "The value is not allowed.", value=value, limit=", ".join(k.name for k in kind)
    )
    return kind(1)


def _one(value: int, path: str, low: int, high: int, problems: Problems) -> int:
    if low <= value <= high:
        return value
    problems.error("OUT_OF_RANGE", path, "Out of range.", value=value, limit=f"{low} to {high}")
    return max(low, 0)


def _range(pb: pb2.SubstitutionRound, side: str, problems: Problems) -> tuple[int | None, int | None]:
    ends = []
    for end in ("min", "max"):
        name = f"{side}_variation_{end}_milli"
        given = pb.HasField(name)  # type: ignore[arg-type]
        value = _one(getattr(pb, name), f"round.{name}", -MOST_VARIATION, MOST_VARIATION, problems)
        ends.append(value if given else None)
    low, high = ends
    if low is not None and high is not None and low > high:
        problems.error("OUT_OF_RANGE", f"round.{side}_variation_max_milli", "Below the least.", value=high,
                       limit=f"≥ {low}")  # fmt: skip
    return low, high


def _fleets(table: Columns) -> dict[str, int]:
    names = table.texts("fleet") if table.has("fleet") else ("",) * table.rows
    return dict(index_of(tuple(dict.fromkeys(names))))


def _captives(table: Columns, place: Index, fleet: Index, terms: tables.Terms) -> tables.CaptiveParties:
    forward = terms.price_mode is tables.PriceMode.FORWARD
    capacity = table.within("capacity_kw", table.whole("capacity_kw", 1), 1, MOST_KW)
    return tables.CaptiveParties(
        np.array([place.get(text, 0) for text in table.texts("area")], dtype=np.int64),
        np.array([fleet.get(text, 0) for text in _optional(table, "fleet")], dtype=np.int64),
        table.enum("admission", tables.Admission, optional=True),
        capacity if table.has("capacity_kw") else np.full(table.rows, tables.ALL, dtype=np.int64),
        table.kwh("take_kwh", 0),
        table.within("environmental_class", table.whole("environmental_class", 0), 0, _MOST_CLASS),
        table.milli("catalogue_price_milli", None if forward else 0),
        table.milli("transmission_price_milli", 0 if forward else None),
        table.milli("funds_milli", 0), table.milli("losses_milli", 0),
    )  # fmt: skip


def _optional(table: Columns, name: str) -> Ids:
    return table.texts(name) if table.has(name) else ("",) * table.rows


def _captive_offers(table: Columns, names: Names) -> tables.CaptiveOffers:
    rows, _ = table.refer("enterprise", index_of(names.enterprise))
    return tables.CaptiveOffers(
        np.maximum(rows, 0), np.maximum(table.enum("boundary", Boundary), 1), _variation(table),
        table.kwh("energy_kwh"), np.array(table.kwh_series("month_kwh")),
        table.within("submitted_ms", table.whole("submitted_ms"), 0, MOST_MS),
        rank(names.captive_offer),
    )  # fmt: skip


def _variation(table: Columns) -> Ints:
    return table.within("variation_milli", table.whole("variation_milli"), -MOST_VARIATION, MOST_VARIATION)


def _limits(table: Columns, place: Index, fleet: Index, months: int) -> tables.CaptiveLimits:
    table = _nameless(table)
    area, _ = table.refer("area", {name: row for name, row in place.items() if name}, optional=True)
    own, _ = table.refer("fleet", {name: row for name, row in fleet.items() if name}, optional=True)
    at = table.within("month", table.whole("month"), tables.ALL, months - 1)
    return tables.CaptiveLimits(area, own, at, table.within("most_kwh", table.whole("most_kwh"), 0, MOST_TOTAL_KWH))


def _nameless(table: Columns) -> Columns:
    table.names = ()
    return table


def _areas(table: Columns) -> tables.Areas:
    energy, network = table.kwh("energy_kwh"), table.kwh("network_curtailed_kwh", 0)
    peak = table.kwh("peak_curtailed_kwh", 0)
    given = table.kwh("capability_kwh", 0)
    before = table.kwh("previous_peak_curtailed_kwh", 0)
    limit = table.whole_series("most_kwh", tables.ALL)
    return tables.Areas(
        table.within("fleet", table.whole("fleet"), 1, 2),
        table.within("capacity_kw", table.whole("capacity_kw"), 1, 10 * MOST_KW),
        energy, given if table.has("capability_kwh") else energy + network + peak, network, peak,
        before if table.has("previous_peak_curtailed_kwh") else peak,
        _hours(table, "hours_milli"), _hours(table, "forecast_hours_milli"),
        np.where(limit == tables.ALL, tables.ALL, np.maximum(table.within("most_kwh", limit, tables.ALL, MOST_KWH), 0)),
        rank(table.names),
    )  # fmt: skip


def _hours(table: Columns, name: str) -> Ints:
    return table.within(name, table.whole(name, 0), 0, _MOST_HOURS_MILLI)


def _expected(table: Columns, name: str) -> Ints:
    return table.within(name, table.whole(name, tables.ALL), tables.ALL, MOST_KWH)


def _sites(table: Columns, names: Names, terms: tables.Terms) -> tables.SiteParties:
    rows, _ = table.refer("area", index_of(names.area))
    forward = terms.price_mode is tables.PriceMode.FORWARD
    return tables.SiteParties(
        np.maximum(rows, 0), table.enum("admission", tables.Admission, optional=True),
        table.within("capacity_kw", table.whole("capacity_kw"), 1, MOST_KW), _expected(table, "capability_kwh"),
        _expected(table, "year_kwh"), _expected(table, "period_kwh"),
        table.milli("approved_price_milli"), table.milli("on_grid_price_milli", 0 if forward else None),
        rank(names.site),
    )  # fmt: skip


def _site_offers(table: Columns, names: Names) -> tables.SiteOffers:
    rows, _ = table.refer("site", index_of(names.site))
    return tables.SiteOffers(
        np.maximum(rows, 0), _variation(table), table.kwh("energy_kwh"),
        table.within("submitted_ms", table.whole("submitted_ms"), 0, MOST_MS), rank(names.site_offer),
    )  # fmt: skip


def _total(round_: tables.Round, problems: Problems) -> None:
    for path, energy in (
        ("round.captive_offers.energy_kwh", round_.captive_offers.energy_kwh),
        ("round.site_offers.energy_kwh", round_.site_offers.energy_kwh),
        ("round.areas.energy_kwh", round_.areas.energy_kwh),
    ):
        total = sum(energy.tolist())
        if total > MOST_TOTAL_KWH:
            problems.error("TOO_LARGE", path, "All rows together.", value=total, limit=f"≤ {MOST_TOTAL_KWH}")
