"""What is wrong with a year that is to be settled, and what is worth knowing about it; clauses of Xinjiang."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.finding import Finding, Severity
from clearing.substitution.deviation_contracts import Refused
from clearing.substitution.deviation_settlement import CaptiveYearInput, Settlement, SiteYearInput

SOURCE = "Xinjiang"

CLAUSES = {
    Refused.TOO_LATE: ("6.3.2, 6.3.3", "Asked too late."),
    Refused.NOT_CHECKED: ("6.3.2, 6.3.4", "Not confirmed, or the security check did not pass it."),
    Refused.BELOW_EXECUTED: ("6.3.1", "It would change what is executed."),
    Refused.NOT_A_LATER_MONTH: ("6.3.3", "A change is for later months than the one it is asked in."),
    Refused.CHANGES_TOTAL: ("2.4.1, 7.2.1.2", "The changes of one request keep the year's energy."),
    Refused.NEGATIVE_PLAN: ("2.4.1", "A month would hold less than nothing."),
}


def faults(captives: CaptiveYearInput, scaled_total_kwh: int | None) -> list[Finding]:
    """Errors that columns do not show by themselves."""
    if scaled_total_kwh and not captives.award_kwh.any():
        message = "There is no contract to scale."
        return [Finding(Severity.ERROR, "NOTHING_TO_SCALE", "scaled_total_kwh", message, value=str(scaled_total_kwh),
                        limit="0, or absent", clause=f"{SOURCE} 7.2.1.3")]  # fmt: skip
    return []


def notes(
    captives: CaptiveYearInput, sites: SiteYearInput, year: Settlement, enterprise: Ids, giver: Ints, request: Ids
) -> list[Finding]:
    """Requests left out, contracts that plans do not hold, awards that differ. giver (k): rows of those who asked for a
    transfer; request (k): names of the plan changes' rows."""
    findings = _refused(
        "TRANSFER_REFUSED", "transfers.giver", year.transfer_refused, [enterprise[r] for r in giver.tolist()]
    )
    findings += _refused("PLAN_CHANGE_REFUSED", "plan_changes.request", year.change_refused, list(request))
    unplanned = year.captive_contract_kwh - year.captive_plan_kwh.sum(axis=1)
    findings += [
        Finding(Severity.WARNING, "CONTRACT_NOT_PLANNED", f"captives.plan_kwh[{row}]",
                "Month plans do not add up to the contract.", enterprise[row], value=str(int(unplanned[row])),
                limit="0 kWh",
                clause=f"{SOURCE} 2.4.1")
        for row in np.flatnonzero(unplanned).tolist()
    ]  # fmt: skip
    sold, bought = int(captives.award_kwh.sum()), int(sites.award_kwh.sum())
    if len(sites.award_kwh) and sold != bought:
        findings.append(
            Finding(Severity.WARNING, "AWARDS_DIFFER", "sites.award_kwh", "Awards of both sides are not equal.",
                    value=str(bought), limit=str(sold), clause=f"{SOURCE} 3.1.4.8")
        )  # fmt: skip
    return findings


def _refused(code: str, path: str, reasons: Ints, names: list[str]) -> list[Finding]:
    found = []
    for row in np.flatnonzero(reasons).tolist():
        reason = Refused(int(reasons[row]))
        clause, text = CLAUSES[reason]
        found.append(
            Finding(Severity.WARNING, code, f"{path}[{row}]", f"Left out: {text}", names[row], value=reason.name,
                    clause=f"{SOURCE} {clause}")
        )  # fmt: skip
    return found
