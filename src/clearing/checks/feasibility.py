"""Table of contents of the hard families: everything a schedule must keep, whoever made it."""

from __future__ import annotations

from clearing.case.finding import Finding
from clearing.checks.commitment import commitment, min_times
from clearing.checks.facts import Facts
from clearing.checks.kind_limits import kinds
from clearing.checks.output import awards, limits, ramps
from clearing.checks.output_curves import curves
from clearing.checks.payments import bids
from clearing.checks.pumped_hydro import pumped_hydro
from clearing.checks.resources import balance, hvdc, imbalance, renewables, storage
from clearing.checks.starts import start_leads


def feasibility(known: Facts) -> list[Finding]:
    """Findings of every hard family, in the order of clearing-model.md."""
    return [
        *balance(known),
        *imbalance(known),
        *commitment(known),
        *min_times(known),
        *start_leads(known),
        *curves(known),
        *limits(known),
        *ramps(known),
        *awards(known),
        *kinds(known),
        *renewables(known),
        *storage(known),
        *pumped_hydro(known),
        *bids(known),
        *hvdc(known),
    ]
