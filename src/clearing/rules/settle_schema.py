"""What the settings of statements may be."""

from __future__ import annotations

from enum import Enum

from clearing.rules import settle_rules as choice
from clearing.rules.setting import Kind, Setting

_SHARE = Setting(Kind.NUMBER, 0.0, 1.0)
_PAID = Setting(Kind.CHOICE, choices=("paid", "none"))


def _choice(kind: type[Enum]) -> Setting:
    return Setting(Kind.CHOICE, choices=tuple(member.value for member in kind))


SETTLE: dict[str, Setting] = {
    "settlement.form": _choice(choice.Form),
    "settlement.congestion_share": _choice(choice.CongestionShare),
    "settlement.rights_rest": _choice(choice.ShareBy),
    "settlement.loss_share": _choice(choice.ShareBy),
    "settlement.imbalance_share": _choice(choice.ShareBy),
    "settlement.ancillary_share": _choice(choice.ShareBy),
    "settlement.ancillary_generation_share": _SHARE,
    "settlement.demand_response_share": _choice(choice.ShareBy),
    "settlement.demand_response_generation_share": _SHARE,
    "settlement.compensation_share": _choice(choice.ShareBy),
    "settlement.penalty_to": _choice(choice.PenaltyTo),
    "settlement.fee_balance_share": _choice(choice.ShareBy),
    "settlement.ahead_compensation": _PAID,
    "settlement.real_compensation": _PAID,
    "settlement.ahead_compensation_counts": Setting(Kind.CHOICE, choices=("yes", "no")),
    "settlement.opportunity_cost": _PAID,
    "settlement.opportunity_scope": _choice(choice.OpportunityScope),
    "settlement.opportunity_least_response": _SHARE,
    "settlement.start_paid": _choice(choice.StartPaid),
    "settlement.start_limit_hours": Setting(Kind.NUMBER, 0.0, 10_000.0),
    "settlement.must_run": _PAID,
    "settlement.deviation_recovery": Setting(Kind.CHOICE, choices=("charged", "none")),
    "settlement.contract_energy_factor": Setting(Kind.NUMBER, 0.0, 10.0),
    "settlement.contract_recovery": Setting(Kind.OPTIONAL_NUMBER, 0.0, 100.0),
    "settlement.contract_recovery_local": Setting(Kind.OPTIONAL_NUMBER, 0.0, 100.0),
    "settlement.generation_contract_share_most": Setting(Kind.NUMBER, 0.0, 100.0),
    "settlement.generation_contract_share_least": Setting(Kind.NUMBER, 0.0, 100.0),
    "settlement.user_contract_share_most": Setting(Kind.NUMBER, 0.0, 100.0),
    "settlement.user_contract_share_least": Setting(Kind.NUMBER, 0.0, 100.0),
    "settlement.obligation_share": Setting(Kind.NUMBER, 0.0, 10.0),
    "settlement.obligation_base": _choice(choice.ObligationBase),
    "settlement.retail.risk_share": Setting(Kind.OPTIONAL_NUMBER, 0.0, 10.0),
    "settlement.retail.assessment_share_least": _SHARE,
    "settlement.retail.assessment_share_most": _SHARE,
    "settlement.retail.termination_share_least": _SHARE,
    "settlement.retail.termination_share_most": _SHARE,
    "settlement.retail.termination_least": Setting(Kind.NUMBER, 0.0, 1e9),
    "settlement.retail.termination_most": Setting(Kind.OPTIONAL_NUMBER, 0.0, 1e9),
}
"""Key → what its value may be."""
