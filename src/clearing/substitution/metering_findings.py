"""What is wrong with the readings of a month, and what is worth knowing about it; clauses of Xinjiang."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Ids, Ints
from clearing.case.finding import Finding, Severity
from clearing.rules.substitution_metering import P1, MeteringRules, SeveralUnits
from clearing.substitution.metering import Shaved, Windows, captive_month, overlapping
from clearing.substitution.metering_month import Captives, Month

SOURCE = "Xinjiang"


def faults(
    windows: Windows,
    found: Shaved,
    captives: Captives,
    enterprise: Ids,
    beyond_plan: Bools,
    area_weight: Ints,
    rules: MeteringRules,
) -> list[Finding]:
    """All errors that only rules show. beyond_plan (n): windows with energy entered as beyond the plan; area_weight
    (A): as in `metering_month.meter`, (0) where no site is given."""
    month = captive_month(windows, found, captives.take_kwh, captives.feed_in_kwh)
    names = [enterprise[row] for row in windows.enterprise.tolist()]
    findings = _missing(windows, found, names, rules)
    findings += [
        _error("OVERLAPPING_WINDOWS", f"windows.start_minute[{later}]", f"The meter counts in window {row} too.",
               names[later], int(windows.start_minute[later]), f"≥ {int(windows.end_minute[row])}", "9.5.1.5")
        for row, later in overlapping(windows, found.by_capacity)
    ]  # fmt: skip
    beyond = (found.beyond_minutes > 0) & ~found.by_capacity & ~beyond_plan
    findings += [
        _error("BEYOND_PLAN_WITHOUT_ENERGY", f"windows.end_minute[{row}]", "Energy beyond the plan is not entered.",
               names[row], f"{int(found.beyond_minutes[row])} min beyond", "an entry BEYOND_PLAN", "9.5.1.5 (3)")
        for row in np.flatnonzero(beyond).tolist()
    ]  # fmt: skip
    findings += [
        _error("SHAVING_ABOVE_TAKE", f"captives.take_end_reading[{row}]", "Windows hold more than the month's meter.",
               enterprise[row], int(month.substitution_kwh[row]), f"≤ {int(captives.take_kwh[row])} kWh", "9.5.1.5 (4)")
        for row in np.flatnonzero(month.purchase_kwh < 0).tolist()
    ]  # fmt: skip
    if area_weight.size and not area_weight.any() and month.substitution_kwh.any():
        findings.append(_error("NO_AREA_ENERGY", "sites", "No site has energy to give.", "", 0, "> 0 kWh", "9.5.1.5"))
    return findings


def _missing(windows: Windows, found: Shaved, names: list[str], rules: MeteringRules) -> list[Finding]:
    """Columns that the rules' reading multiplies by, where they are 0."""
    by_load = rules.several_units is SeveralUnits.LOAD
    by_adjustment = rules.p1 is P1.ADJUSTMENT
    needed = (
        ("capacity_kw", windows.capacity_kw, found.by_capacity),
        ("increase_kw", windows.increase_kw, (windows.boundary == 1) & by_adjustment),
        ("shaving_load_kw", windows.shaving_load_kw, (windows.boundary > 1) & ~found.by_capacity & by_load),
    )
    return [
        _error("REQUIRED", f"windows.{name}[{row}]", "The window counts by it.", names[row], 0, "> 0", "9.5.1.5")
        for name, values, used in needed
        for row in np.flatnonzero(used & (values == 0)).tolist()
    ]


def notes(windows: Windows, month: Month, enterprise: Ids, site: Ids, plant_differs: Bools) -> list[Finding]:
    """Warnings: times that differ, windows counted at 0 or at the meter, months that cannot roll on, energy
    advanced."""
    names = [enterprise[row] for row in windows.enterprise.tolist()]
    findings = _each(plant_differs, "TIMES_DIFFER", "windows.start_minute", "The plant's differ; the order's hold.",
                     names, windows.start_minute, "9.5.1.5 (6)")  # fmt: skip
    findings += _each(month.shaved.below, "SHAVING_BELOW_ZERO", "windows.end_reading", "Less than 0 counts 0.", names,
                      month.shaved.energy_kwh, "9.5.1.5")  # fmt: skip
    findings += _each(month.shaved.above, "SHAVING_AT_METER", "windows.capacity_kw", "The meter caps what is computed.",
                      names, month.shaved.energy_kwh, "9.5.1.5")  # fmt: skip
    text = "The month deviates by more than may roll on."
    findings += _each(~month.captive_plan.within, "MONTH_BEYOND_SHARE", "captives", text, list(enterprise),
                      month.captive_plan.deviation_kwh, "7.2.1.2")  # fmt: skip
    findings += _each(~month.site_plan.within, "MONTH_BEYOND_SHARE", "sites", text, list(site),
                      month.site_plan.deviation_kwh, "7.2.2.3")  # fmt: skip
    return findings + _each(month.site.advanced_kwh > 0, "ADVANCED", "sites", "The grid advances substitution energy.",
                            list(site), month.site.advanced_kwh, "9.5.1.2")  # fmt: skip


def _each(
    rows: Bools, code: str, path: str, message: str, names: list[str], values: Ints, clause: str
) -> list[Finding]:
    return [
        Finding(Severity.WARNING, code, f"{path}[{row}]", message, names[row], value=str(int(values[row])),
                clause=f"{SOURCE} {clause}")
        for row in np.flatnonzero(rows).tolist()
    ]  # fmt: skip


def _error(code: str, path: str, message: str, subject: str, value: object, limit: str, clause: str) -> Finding:
    return Finding(
        Severity.ERROR, code, path, message, subject, value=str(value), limit=limit, clause=f"{SOURCE} {clause}"
    )
