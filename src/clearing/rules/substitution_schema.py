"""What the settings of substitution trading may be."""

from __future__ import annotations

from enum import Enum

from clearing.rules import substitution_allocation as allocation
from clearing.rules import substitution_metering as choice
from clearing.rules import substitution_round as rounds
from clearing.rules.setting import Kind, Setting

_CUT = Setting(Kind.NUMBER, 0.0, 10.0)
_SHARE = Setting(Kind.NUMBER, 0.0, 1.0)


def _choice(kind: type[Enum]) -> Setting:
    return Setting(Kind.CHOICE, choices=tuple(member.value for member in kind))


SUBSTITUTION: dict[str, Setting] = {
    "substitution.round.offers_per": _choice(rounds.OffersPer),
    "substitution.round.captive_multiple_mwh": Setting(Kind.WHOLE, 1, 1_000_000),
    "substitution.round.site_multiple_mwh": Setting(Kind.WHOLE, 1, 1_000_000),
    "substitution.round.price_step_per_mwh": Setting(Kind.NUMBER, 0.001, 1000.0),
    "substitution.round.hours": _choice(rounds.Hours),
    "substitution.round.hours_share": _SHARE,
    "substitution.round.spinning_share": _SHARE,
    "substitution.round.fill_key": _choice(rounds.SortKey),
    "substitution.round.cut_key": _choice(rounds.SortKey),
    "substitution.round.cut_ties": _choice(rounds.CutTies),
    "substitution.round.short": _choice(rounds.Short),
    "substitution.round.short_of_boundaries": _choice(rounds.Short),
    "substitution.round.share_caps": _choice(rounds.ShareCaps),
    "substitution.round.year_share": _SHARE,
    "substitution.round.period_share": _SHARE,
    "substitution.round.site_offers": _choice(rounds.SiteOffers),
    "substitution.round.uncrossed": _choice(rounds.Uncrossed),
    "substitution.round.lowest_price": _choice(rounds.LowestPrice),
    "substitution.round.transmission_fee": _choice(rounds.Charged),
    "substitution.round.losses": _choice(rounds.Charged),
    "substitution.metering.p1": _choice(choice.P1),
    "substitution.metering.several_units": _choice(choice.SeveralUnits),
    "substitution.metering.few_units": Setting(Kind.WHOLE, 0, 1000),
    "substitution.metering.deduction_order": _choice(choice.DeductionOrder),
    "substitution.metering.insufficient": _choice(choice.Insufficient),
    "substitution.deviation.month_share": _SHARE,
    "substitution.deviation.roll_to": _choice(choice.RollTo),
    "substitution.deviation.captive_target": _SHARE,
    "substitution.deviation.captive_limit": _SHARE,
    "substitution.deviation.captive_base": _choice(choice.DeviationBase),
    "substitution.deviation.after_adjustment": _choice(choice.AfterAdjustment),
    "substitution.deviation.captive_caused": _choice(choice.CaptiveCaused),
    "substitution.deviation.new_energy_limit": _SHARE,
    "substitution.deviation.return_in": _choice(choice.ReturnIn),
    "substitution.deviation.payment_share": _SHARE,
    "substitution.deviation.highest_price": _choice(choice.HighestPrice),
    "substitution.deviation.transfer_last_month": Setting(Kind.WHOLE, 1, 12),
    "substitution.deviation.plan_change_last_day": Setting(Kind.WHOLE, 1, 31),
    "substitution.allocation.form": _choice(allocation.Form),
    "substitution.allocation.inner_cut": _CUT,
    "substitution.allocation.outer_cut": _CUT,
    "substitution.allocation.peak_direction": _choice(allocation.PeakDirection),
    "substitution.allocation.pools": _choice(allocation.Pools),
}
"""Key → what its value may be."""
