"""Data of losses that the rule set asks for."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.rules.rules import LossModel, Rules


def losses(case: Case, rules: Rules) -> list[Finding]:
    """LOSSES_WITHOUT_DATA: losses are asked for, and the case has nothing that they follow from."""
    network, model = case.network, rules.losses.model
    if model is LossModel.GIVEN and network.bus_loss_factor is None:
        return [_missing("case.network.bus_loss_factor", "no bus has a loss factor: nothing is lost anywhere")]
    if model is LossModel.MARGINAL and network.branch_id and not network.branch_resistance_pu.any():
        return [_missing("case.network.branch_resistance_pu", "no branch has a resistance: nothing is lost anywhere")]
    return []


def _missing(path: str, text: str) -> Finding:
    return Finding(Severity.WARNING, "LOSSES_WITHOUT_DATA", path, text)
