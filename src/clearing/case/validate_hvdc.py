"""Direct-current lines."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.hvdc_lines import wanted
from clearing.case.predicates import Field, flag
from clearing.rules.rules import Rules


def lines(case: Case, rules: Rules) -> list[Finding]:
    """HVDC_LOOP, HVDC_MIN_ABOVE_MAX, HVDC_TWO_WAY_LOSS."""
    table = case.hvdc_lines
    if not table.id:
        return []

    def at(name: str) -> Field:
        return Field(f"case.hvdc_lines.{name}", table.id)

    least, most = wanted(table)
    loop = table.from_bus == table.to_bus
    crossed = np.asarray(least > most)
    both = (table.loss_rate[:, None] > 0.0) & (least < 0.0) & (most > 0.0)
    text = "a line with losses flows one way in a period: which losses it has depends on the way"
    return [
        *flag("HVDC_LOOP", at("to_bus"), loop, "both ends at one bus"),
        *flag("HVDC_MIN_ABOVE_MAX", at("min_mw"), crossed, "least flow is above the greatest", least, most),
        *flag("HVDC_TWO_WAY_LOSS", at("min_mw"), both, text, least, "≥ 0, or max_mw ≤ 0"),
    ]
