"""Multipliers as a proof that the prices support the schedule: signs, complementarity, stationarity.

The pricing problem is the dispatch problem with its own, lower penalties and with some outputs frozen. Its optimum
is the schedule itself unless a soft limit is broken, or is kept only at a price above the pricing penalty. Then
the prices belong to another dispatch, which the result does not hold: the note PRICES_OF_RELAXED_RUN says so, and
complementarity and stationarity are not judged; everything that holds at any dispatch (parts, signs, identities) is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.prices import Multipliers, Prices
from clearing.checks.facts import Facts
from clearing.checks.finding import RELATIVE, first_few, over, tolerance
from clearing.checks.joint import ENERGY, POSITIVE, PRICED
from clearing.checks.prices import unclipped
from clearing.checks.pricing_differs import same_penalties
from clearing.checks.rows import Rows, dense, rows
from clearing.checks.soft import SPEED, demand_curves, linear_prices, own_penalties
from clearing.rules.rules import PriceRules, ViolationPricing


@dataclass(frozen=True, slots=True)
class Certificate:
    """rows and values (n, T) by family; findings about entries that fit no row."""

    rows: dict[str, Rows]
    values: dict[str, Floats]
    findings: list[Finding]


def certificate(known: Facts, multipliers: Multipliers) -> Certificate:
    """Read the sparse multipliers into arrays."""
    families = rows(known)
    values, stray = dense(multipliers, families)
    findings = [
        Finding(
            Severity.ERROR,
            "MULTIPLIER_UNKNOWN",
            f"{multipliers.family[j]}/{multipliers.subject[j]}",
            "Multiplier of an unknown family, subject or period, or one that stands twice.",
            multipliers.subject[j],
            int(multipliers.period[j]),
        )
        for j in stray
    ]
    return Certificate(families, values, first_few(findings))


def price_tolerance(known: Facts, *sizes: Floats) -> Floats:
    """1e-6 of the greatest price in a sum; wider below 15 minutes, where a multiplier divides a smaller LP dual."""
    return tolerance(*sizes) * max(1.0, 0.25 / known.hours)


def signs(known: Facts, proof: Certificate) -> list[Finding]:
    """A multiplier is ≤ 0 where only a greatest limit can bind, ≥ 0 where only a least; none exceeds its penalty."""
    found: list[Finding] = []
    for name, family in proof.rows.items():
        value = proof.values[name]
        near = price_tolerance(known)
        wrong = np.maximum(
            np.where(np.isneginf(family.lower), value, 0.0), np.where(np.isposinf(family.upper), -value, 0.0)
        )
        text = f"multiplier of {name} has the wrong sign"
        found += over("MULTIPLIER_SIGN", name, family.ids, wrong, near, text, value, unit="per MWh")
    if known.rules.prices.violation_pricing is ViolationPricing.PENALTY:
        for name, (_, top) in _penalised(known, proof).items():
            size = _against_penalty(known, name, proof.values[name])
            text = f"multiplier of {name} exceeds the pricing penalty"
            found += over(
                "MULTIPLIER_PENALTY",
                name,
                proof.rows[name].ids,
                size - top,
                RELATIVE * np.maximum(1.0, np.broadcast_to(top, size.shape)),
                text,
                unit="per MWh",
            )
    return found


def _penalised(known: Facts, proof: Certificate) -> dict[str, tuple[Floats, Floats]]:
    """First and last price (n, 1) that bound the multipliers of a family; balance downward, by the surplus penalty.

    The first is +inf for a product with a demand curve and for a line with a penalty of its own: these hold in
    clearing and pricing alike, so what stands on them does not make another dispatch.
    """
    penalties = known.rules.pricing_penalties
    found = {}
    for name, steps in (
        ("branch", penalties.branch),
        ("interface", penalties.interface),
        ("product", penalties.product),
        ("balance", penalties.surplus),
        *(("contingency", penalties.branch) for _ in range("contingency" in proof.rows)),
        *(("contingency_interface", penalties.interface) for _ in range("contingency_interface" in proof.rows)),
        *((SPEED, penalties.product) for _ in range(SPEED in proof.rows)),
        *(
            (name, penalties.system_reserve if name in POSITIVE else penalties.joint_limit)
            for name in PRICED
            if name in proof.rows
        ),
    ):
        rows = (len(proof.rows[name].ids), 1)
        found[name] = np.full(rows, steps[0][1]), np.full(rows, steps[-1][1])
    owned = {"product": demand_curves(known), **own_penalties(known), "linear_limit": linear_prices(known)}
    for name, own in owned.items():
        for row, steps in own:
            found[name][0][row], found[name][1][row] = np.inf, steps[-1][1]
    return found


def _against_penalty(known: Facts, name: str, value: Floats) -> Floats:
    """The size of a multiplier that its penalty bounds, in the penalty's unit."""
    if name == "balance":
        return -value
    return np.abs(value) * (known.hours if name in ENERGY else 1.0)


def at_penalty(known: Facts, prices: Prices, proof: Certificate) -> bool:
    """Whether the pricing run stands at a penalty, so that it may have broken a limit that the schedule keeps."""
    if same_penalties(known):
        return False
    for name, (first, _) in _penalised(known, proof).items():
        size = _against_penalty(known, name, proof.values[name])
        if (size >= first * (1 - RELATIVE)).any():
            return True
    shortage = known.rules.pricing_penalties.shortage[0][1]
    return bool(((known.bus_load_mw > 0) & (unclipped(prices) >= shortage * (1 - RELATIVE))).any())


def complementarity(known: Facts, proof: Certificate) -> list[Finding]:
    """A row with a multiplier stands at the limit that its sign names."""
    found: list[Finding] = []
    for name, family in proof.rows.items():
        value = proof.values[name]
        slack = np.where(value < 0, family.upper - family.activity, family.activity - family.lower)
        priced = np.abs(value) > price_tolerance(known)
        slack = np.where(priced, slack, 0.0)
        text = f"{name} has a multiplier but does not bind"
        found += over("COMPLEMENTARITY", name, family.ids, slack, family.near, text, value)
    return found


def frozen(case: Case, rules: PriceRules, output_mw: Floats, near_mw: Floats) -> Bools:
    """Cells (N, T) the pricing run holds: not price-eligible, fixed, must-run at its minimum (in real time any)."""
    units = case.units
    held = np.broadcast_to(~units.price_eligible[:, None], output_mw.shape).copy()
    held[units.fixed_unit, units.fixed_period] = True
    held[case.price_ineligible.unit, case.price_ineligible.period] = True
    return np.asarray(held | (((units.on_min == 1) | rules.minimum_held) & (output_mw <= units.p_min_mw + near_mw)))
