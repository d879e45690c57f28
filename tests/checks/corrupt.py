"""Draws corruptions of a result at random: one of every kind, large enough to matter, with the code it must raise.

Works on any solved (case, rules, result). A name reads KIND/CODE/detail; CODE may name alternatives, as A|B.
Kinds: value, commitment, price, bound, objective, multiplier, report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.give_way import give_way
from clearing.case.result import ClearingResult
from clearing.case.schedule import Schedule
from clearing.checks.audit import spoken_of
from clearing.checks.certificate import Certificate, at_penalty, certificate
from clearing.checks.facts import Facts, facts
from clearing.checks.pricing_differs import another_dispatch
from clearing.checks.soft import soft_limits
from clearing.rules.rules import Rules


@dataclass(frozen=True)
class Draw:
    """What a corruption is drawn from. proof is None without prices; proved: complementarity is judged."""

    case: Case
    rules: Rules
    result: ClearingResult
    schedule: Schedule
    known: Facts
    proof: Certificate | None
    proved: bool
    rng: np.random.Generator

    def size(self, scale: float = 1.0) -> float:
        """A change of 1e-3 to 1 times max(1, scale)."""
        return float(self.rng.choice([1e-3, 1e-2, 0.1, 1.0])) * max(1.0, abs(float(scale)))

    def sign(self) -> float:
        return float(self.rng.choice([-1.0, 1.0]))

    def cell(self, mask: Any) -> tuple[int, ...] | None:
        """One true cell at random; None where there is none."""
        cells = np.argwhere(np.asarray(mask))
        return None if not len(cells) else tuple(int(j) for j in cells[self.rng.integers(len(cells))])


Corruption = Callable[[Draw], "tuple[str, ClearingResult] | None"]
REGISTRY: list[tuple[str, str, Corruption]] = []


def corruption(kind: str, code: str) -> Callable[[Corruption], Corruption]:
    """Register a corruption: it returns a detail and the corrupted result, or None where the case offers none."""

    def add(function: Corruption) -> Corruption:
        REGISTRY.append((kind, code, function))
        return function

    return add


def corruptions(
    case: Case, rules: Rules, result: ClearingResult, rng: np.random.Generator
) -> Iterator[tuple[str, ClearingResult]]:
    """One corruption of every registered kind that this result offers, in registry order."""
    draw = _draw(case, rules, result, rng)
    for kind, code, function in REGISTRY:
        made = function(draw)
        if made is not None:
            yield f"{kind}/{code}/{function.__name__}/{made[0]}", made[1]


def expected(name: str) -> frozenset[str]:
    """Codes of which the audit must raise one."""
    return frozenset(name.split("/")[1].split("|"))


def _draw(case: Case, rules: Rules, result: ClearingResult, rng: np.random.Generator) -> Draw:
    assert result.schedule is not None
    case, _ = give_way(case, rules)  # what may be corrupted of the schedule are limits of the case as cleared
    known = facts(case, rules, result.schedule, spoken_of(result))
    proof, proved = None, False
    if result.prices is not None and result.multipliers is not None:
        proof = certificate(known, result.multipliers)
        proved = not (another_dispatch(known, soft_limits(known)) or at_penalty(known, result.prices, proof))
    return Draw(case, rules, result, result.schedule, known, proof, proved, rng)


def changed(array: Any, index: Any, value: Any) -> Floats:
    """A copy with one place set."""
    copy = np.array(array)
    copy[index] = value
    return copy


def with_schedule(draw: Draw, **arrays: Any) -> ClearingResult:
    return replace(draw.result, schedule=replace(draw.schedule, **arrays))


def set_cell(draw: Draw, field: str, mask: Any, value: Any) -> tuple[str, ClearingResult] | None:
    """Set a random cell of the mask to value(cell)."""
    at = draw.cell(mask)
    if at is None:
        return None
    new = value(at)
    return f"{field}{list(at)}={new:.9g}", with_schedule(
        draw, **{field: changed(getattr(draw.schedule, field), at, new)}
    )


def with_prices(draw: Draw, **arrays: Any) -> ClearingResult:
    assert draw.result.prices is not None
    return replace(draw.result, prices=replace(draw.result.prices, **arrays))


def with_end(draw: Draw, **values: Any) -> ClearingResult:
    """Termination changed, gap and absolute gap kept consistent where they were given and are not set here."""
    end = replace(draw.result.termination, **values)
    if end.objective is not None and end.bound is not None:
        absolute = end.objective - end.bound
        gap = absolute / max(abs(end.objective), abs(end.bound), 1.0)
        end = replace(end, **{"gap": gap, "absolute_gap": absolute, **values})
    return replace(draw.result, termination=end)


from tests.checks import (  # noqa: E402  fills the registry
    corrupt_bids,  # noqa: F401
    corrupt_bound,  # noqa: F401
    corrupt_commitment,  # noqa: F401
    corrupt_contingencies,  # noqa: F401
    corrupt_curves,  # noqa: F401
    corrupt_given_way,  # noqa: F401
    corrupt_hvdc,  # noqa: F401
    corrupt_joint,  # noqa: F401
    corrupt_kinds,  # noqa: F401
    corrupt_limits,  # noqa: F401
    corrupt_losses,  # noqa: F401
    corrupt_money,  # noqa: F401
    corrupt_prices,  # noqa: F401
    corrupt_pumped,  # noqa: F401
    corrupt_report,  # noqa: F401
    corrupt_schedule,  # noqa: F401
    corrupt_starts,  # noqa: F401
    corrupt_storage,  # noqa: F401
    corrupt_terms,  # noqa: F401
)
