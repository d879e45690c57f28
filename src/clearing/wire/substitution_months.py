"""The request of MeterSubstitution → tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Bools, Ids, Ints, freeze
from clearing.case.finding import Finding
from clearing.substitution.allocation import AreaFactors, peak_change
from clearing.substitution.metering import CAUSES, Cause, Windows, metered
from clearing.substitution.metering_month import Captives, SiteTerms
from clearing.substitution.metering_sites import Sites
from clearing.substitution.quantities import rank
from clearing.v1 import substitution_metering_pb2 as pb2
from clearing.wire import decode, requests
from clearing.wire.fields import index_of
from clearing.wire.problems import Problems
from clearing.wire.substitution_columns import MOST_KW, MOST_KWH, Columns, minutes_of, month

RULES = "xinjiang"


class Boundary(IntEnum):
    """Boundary conditions, numbered as in the proto."""

    ACTIVE_POWER = 1
    SPINNING_RESERVE = 2
    SHUTDOWN = 3


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of a month (A): fleet 1 = wind, 2 = PV; capacity; energy curtailed, kWh."""

    area: Ids
    fleet: Ints
    capacity_kw: Ints
    network_kwh: Ints
    peak_kwh: Ints
    previous_peak_kwh: Ints

    def factors(self, sites: Sites) -> AreaFactors:
        """What the month's coefficients are made of: W of an area is the energy of its sites."""
        energy = np.zeros(len(self.area), dtype=np.int64)
        np.add.at(energy, sites.area, sites.on_grid_kwh)
        capability = energy + self.network_kwh + self.peak_kwh
        change = peak_change(self.peak_kwh, self.previous_peak_kwh)
        return AreaFactors(self.fleet, energy, self.capacity_kw, self.network_kwh, capability, change)

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class MonthRequest:
    """A month to be metered. beyond_plan (n): windows with energy entered as beyond the plan; plant_differs (n):
    times of the plant's record are not those of the order; priced: of captives, of sites; findings: all faults of
    the reading."""

    rule_selection: tuple[str, str, dict[str, str]]
    enterprise: Ids
    captives: Captives
    windows: Windows
    beyond_plan: Bools
    plant_differs: Bools
    site: Ids
    owner: Ids
    sites: Sites
    terms: SiteTerms
    areas: Areas
    priced: tuple[bool, bool]
    findings: tuple[Finding, ...]


def selection(rules: object) -> tuple[str, str, dict[str, str]]:
    """Rule set of a request; that of the market where none is named."""
    name, version, overrides = decode.rule_selection(rules)  # type: ignore[arg-type]
    return (name if rules.name else RULES), version, overrides  # type: ignore[attr-defined]


def read(raw: bytes) -> MonthRequest:
    """Read a MeterSubstitutionRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(pb2.MeterSubstitutionRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    minutes = minutes_of(*month(pb.month, "month", problems))
    table = Columns(pb.captives, "captives", "enterprise", 1, problems)
    enterprise = table.ids("enterprise")
    if not enterprise:
        problems.error("REQUIRED", "captives.enterprise", "Required.", value=0, limit="≥ 1")
    captives = _captives(table)
    windows, beyond, differs = _windows(pb, enterprise, minutes, problems)
    areas = _areas(Columns(pb.areas, "areas", "area", 1, problems))
    sold = Columns(pb.sites, "sites", "site", 1, problems)
    site = sold.ids("site")
    sites, terms = _sites(sold, areas.area)
    priced = (table.has("catalogue_price_milli"), sold.has("approved_price_milli"))
    return MonthRequest(
        selection(pb.rules), enterprise, captives, windows, beyond, differs, site, sold.owners(), sites, terms, areas,
        priced, tuple(problems.findings),
    )  # fmt: skip


def _captives(table: Columns) -> Captives:
    start, end, ratio, turns = table.readings("take_start_reading", "take_end_reading", "take_ratio", "take_turns_at")
    taken = table.within("take_end_reading", metered(start, end, ratio, turns), 0, MOST_KWH)
    plans = ("plan_active_power_kwh", "plan_spinning_reserve_kwh", "plan_shutdown_kwh")
    catalogue = table.milli("catalogue_price_milli", 0)
    trade = table.milli("trade_price_milli", 0) if table.has("trade_price_milli") else catalogue
    return Captives(
        units=table.within("units", table.whole("units"), 1, 1000),
        take_kwh=taken,
        feed_in_kwh=table.kwh("feed_in_kwh", 0),
        plan_kwh=np.stack([table.kwh(name, 0) for name in plans], axis=1),
        catalogue_milli=catalogue,
        trade_milli=trade,
    )


def _windows(
    pb: pb2.MeterSubstitutionRequest, enterprise: Ids, minutes: int, problems: Problems
) -> tuple[Windows, Bools, Bools]:
    table = Columns(pb.windows, "windows", "enterprise", 1, problems)
    rows, _ = table.refer("enterprise", index_of(enterprise))
    boundary = table.enum("boundary", Boundary)
    start = table.within("start_minute", table.whole("start_minute"), 0, minutes - 1)
    end = table.within("end_minute", table.whole("end_minute"), 1, minutes)
    table.each("end_minute", end <= start, end, "OUT_OF_RANGE", "> start_minute", "A window ends after it starts.")
    plan_start, plan_end = _plan(table, boundary, minutes)
    first, last, ratio, turns = table.readings("start_reading", "end_reading", "ratio", "turns_at")
    taken = table.within("end_reading", metered(first, last, ratio, turns), 0, MOST_KWH)
    before, more = _kw(table, "load_before_kw"), _kw(table, "increase_kw")
    active = boundary == Boundary.ACTIVE_POWER
    if not table.has("load_before_kw"):
        table.each("load_before_kw", active, boundary, "REQUIRED", "the load before", "Active-power shaving needs it.")
    shaving = _kw(table, "shaving_load_kw") if table.has("shaving_load_kw") else before + more
    excluded, beyond = _excluded(pb.no_shaving, boundary, taken, table, problems)
    differs = (start != table.whole("plant_start_minute", -1)) & table.has("plant_start_minute")
    differs |= (end != table.whole("plant_end_minute", -1)) & table.has("plant_end_minute")
    windows = Windows(
        np.maximum(rows, 0), np.maximum(boundary, 1), start, np.maximum(end, start), plan_start, plan_end, taken,
        before, more, shaving, _kw(table, "capacity_kw"),
        table.within("auxiliary_rate", table.whole("auxiliary_rate", 0), 0, 9_999), excluded,
    )  # fmt: skip
    return windows, beyond, differs


def _plan(table: Columns, boundary: Ints, minutes: int) -> tuple[Ints, Ints]:
    """Published stop plan of every window; a finding where a shutdown has none."""
    start = table.within("plan_start_minute", table.whole("plan_start_minute", 0), 0, minutes)
    end = table.within("plan_end_minute", table.whole("plan_end_minute", 0), 0, minutes)
    missing = (boundary == Boundary.SHUTDOWN) & (end <= start)
    table.each(
        "plan_end_minute", missing, end, "NO_STOP_PLAN", "a stop plan", "A shutdown stands in no published plan."
    )
    return start, end


def _kw(table: Columns, name: str) -> Ints:
    return table.within(name, table.whole(name, 0), 0, MOST_KW)


def _excluded(
    pb: pb2.NoShaving, boundary: Ints, taken: Ints, windows: Columns, problems: Problems
) -> tuple[Ints, Bools]:
    """Energy (n) that is no shaving, and the windows (n) with energy beyond their plan."""
    table = Columns(pb, "no_shaving", "window", 1, problems)
    row = table.below("window", windows.rows)
    cause, energy = table.enum("cause", Cause), table.kwh("energy_kwh")
    known = (row >= 0) & (row < windows.rows)
    total, beyond = np.zeros(windows.rows, dtype=np.int64), np.zeros(windows.rows, dtype=np.bool_)
    np.add.at(total, row[known], energy[known])
    beyond[row[known & (cause == Cause.BEYOND_PLAN)]] = True
    for k in np.flatnonzero(known & (cause > 0)).tolist():
        allowed = CAUSES.get(int(boundary[row[k]]), tuple(Cause))
        if cause[k] not in allowed:
            problems.error(
                "CAUSE_OF_OTHER_BOUNDARY", f"no_shaving.cause[{k}]", "The window's boundary does not know the cause.",
                subject=windows.names[int(row[k])], value=Cause(int(cause[k])).name,
                limit=", ".join(c.name for c in allowed),
            )  # fmt: skip
    windows.each("end_reading", total > taken, total, "EXCLUDED_ABOVE_TAKEN", "≤ the energy taken in the window",
                 "More is no shaving than the window took.")  # fmt: skip
    return np.minimum(total, taken), beyond


def _areas(table: Columns) -> Areas:
    peak = table.kwh("peak_curtailed_kwh", 0)
    before = table.kwh("previous_peak_curtailed_kwh", 0) if table.has("previous_peak_curtailed_kwh") else peak
    return Areas(
        area=table.ids("area"),
        fleet=table.within("fleet", table.whole("fleet"), 1, 2),
        capacity_kw=table.within("capacity_kw", table.whole("capacity_kw"), 1, 10 * MOST_KW),
        network_kwh=table.kwh("network_curtailed_kwh", 0),
        peak_kwh=peak,
        previous_peak_kwh=before,
    )


def _sites(table: Columns, areas: Ids) -> tuple[Sites, SiteTerms]:
    rows, _ = table.refer("area", index_of(areas))
    energy = table.within(
        "end_reading", metered(*table.readings("start_reading", "end_reading", "ratio", "turns_at")), 0, MOST_KWH
    )
    approved = table.milli("approved_price_milli", 0)
    trade = table.milli("trade_price_milli", 0) if table.has("trade_price_milli") else approved
    sites = Sites(
        np.maximum(rows, 0),
        energy,
        table.kwh("direct_kwh", 0),
        table.kwh("export_kwh", 0),
        table.kwh("return_kwh", 0),
        rank(table.names),
    )
    return sites, SiteTerms(table.kwh("award_kwh", 0), approved, trade)
