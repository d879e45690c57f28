"""Corruptions of a bound that comes with its multipliers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.bound_proof import BoundProof
from tests.checks.corrupt import Draw, changed, corruption, with_end

FLAT = ("shed_total", "charge_mode", "discharge_mode")
Made = "tuple[str, ClearingResult] | None"


def _with(draw: Draw, proof: BoundProof, **table: Any) -> Any:
    return replace(draw.result, bound_proof=replace(proof, multipliers=replace(proof.multipliers, **table)))


@corruption("bound", "BOUND")
def bound_multiplier(draw: Draw) -> Made:
    """One multiplier moved; of balances, products and levels. What load may be shed in all has sides of 0, and as long
    as nothing is shed its multiplier may move and prove the same bound; so may that of a mode that is taken up."""
    proof = draw.result.bound_proof
    if proof is None:
        return None
    priced = [k for k, family in enumerate(proof.multipliers.family) if family not in FLAT]
    if not priced:
        return None
    at = (int(draw.rng.choice(priced)),)
    value = proof.multipliers.value
    moved = value[at] + draw.sign() * draw.size(value[at])
    name = f"{proof.multipliers.family[at[0]]}[{proof.multipliers.period[at]}]={moved:.6g}"
    return name, _with(draw, proof, value=changed(value, at, moved))


@corruption("bound", "BOUND")
def bound_proved(draw: Draw) -> Made:
    """The bound moved, with that of the termination."""
    proof = draw.result.bound_proof
    if proof is None:
        return None
    raised = proof.bound + draw.sign() * 1e-8 * max(1.0, abs(proof.bound))
    end = with_end(draw, bound=raised) if draw.result.termination.bound == proof.bound else draw.result
    return f"{raised:.12g}", replace(end, bound_proof=replace(proof, bound=raised))


@corruption("bound", "MULTIPLIER_UNKNOWN")
def bound_subject(draw: Draw) -> Made:
    """A multiplier twice, of nobody, or of no period."""
    proof = draw.result.bound_proof
    if proof is None or not len(proof.multipliers.value):
        return None
    table, kind = proof.multipliers, int(draw.rng.integers(3))
    period = np.append(table.period, -1 if kind == 2 else table.period[0])
    subject = (*table.subject, "nobody" if kind == 1 else table.subject[0])
    return str(kind), _with(
        draw, proof, family=(*table.family, table.family[0]), subject=subject, period=period,
        value=np.append(table.value, 1.0),
    )  # fmt: skip
