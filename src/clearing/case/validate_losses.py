"""Data of losses that the rule set asks for."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.rules.rules import LossModel, Rules


def losses(case: Case, rules: Rules) -> list[Finding]:
    """LOSSES_WITHOUT_DATA: losses are asked for, and the case has nothing that they follow from.

    LOSS_FACTORS_NOT_USED: the case has loss factors, and the rule set another model of losses, or none.
    """
    network, model = case.network, rules.losses.model
    if model is not LossModel.GIVEN and network.bus_loss_factor is not None and (network.bus_loss_factor != 1.0).any():
        path, text = "case.network.bus_loss_factor", "loss factors count with losses.model = given only"
        return [
            Finding(Severity.WARNING, "LOSS_FACTORS_NOT_USED", path, text, value=model.value),
            *_lacking(case, model),
        ]
    return _lacking(case, model)


def _lacking(case: Case, model: LossModel) -> list[Finding]:
    network = case.network
    if model is LossModel.GIVEN and network.bus_loss_factor is None:
        return [_missing("case.network.bus_loss_factor", "no bus has a loss factor: nothing is lost anywhere")]
    if model is LossModel.MARGINAL and network.branch_id and not network.branch_resistance_pu.any():
        return [_missing("case.network.branch_resistance_pu", "no branch has a resistance: nothing is lost anywhere")]
    return []


def _missing(path: str, text: str) -> Finding:
    return Finding(Severity.WARNING, "LOSSES_WITHOUT_DATA", path, text)
