"""Whether the pricing run may settle on another dispatch than the schedule."""

from __future__ import annotations

from clearing.checks.facts import Facts
from clearing.checks.joint import POSITIVE, PRICED, joint
from clearing.checks.soft import COMMITMENT_FAMILIES, Soft
from clearing.rules.rules import ViolationPricing


def another_dispatch(known: Facts, soft: tuple[Soft, ...]) -> bool:
    """Whether a broken limit lets the pricing run, at its own penalties, settle on another dispatch.

    Not so under RELAX_AND_RERUN: with broken limits moved to what was attained, the schedule is an optimum of the
    pricing run too. What steers commitment only (system reserves, limits on starts) does not count; demand curves are
    the same in both.
    """
    if same_penalties(known) or known.rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN:
        return False
    limits = _priced(known)
    seen = [f for f in soft if f.family in limits or f.family not in COMMITMENT_FAMILIES]
    return any((f.amount_mw[f.penalised()] > 0).any() for f in seen)


def same_penalties(known: Facts) -> bool:
    """Whether the pricing run has the penalties of the clearing: then the schedule is its optimum whatever breaks."""
    clearing, pricing = known.rules.clearing_penalties, known.rules.pricing_penalties
    families: tuple[str, ...] = ("shortage", "surplus", "branch", "interface", "product")
    limits = _priced(known)
    if limits & {*POSITIVE}:
        families = (*families, "system_reserve")
    if limits - {*POSITIVE}:
        families = (*families, "joint_limit")
    return all(getattr(clearing, f) == getattr(pricing, f) for f in families)


def _priced(known: Facts) -> set[str]:
    """Families of the pricing run that join units or periods."""
    return {family.family for family in joint(known)} & set(PRICED)
