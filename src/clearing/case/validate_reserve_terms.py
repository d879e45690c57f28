"""Terms of reserve products: what serves what."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.predicates import Field, flag
from clearing.rules.rules import Rules


def sharing(case: Case, rules: Rules) -> list[Finding]:
    """A better product serves a lesser one of the same direction, each pair once, and no product serves itself."""
    table, reserves = case.reserve_sharing, case.reserves
    names = tuple(reserves.product_id[q] for q in table.shared_from.tolist())
    source, target = Field("case.reserve_sharing.shared_from", names), Field("case.reserve_sharing.shared_to", names)
    itself: Bools = table.shared_from == table.shared_to
    pair = table.shared_from * len(reserves.product_id) + table.shared_to
    again = np.ones(len(pair), dtype=np.bool_)
    again[np.unique(pair, return_index=True)[1]] = False
    other = reserves.direction[table.shared_from] != reserves.direction[table.shared_to]
    return [
        *flag("SHARING_DUPLICATE", source, again, "an earlier row has this pair"),
        *flag("SHARING_ACROSS_DIRECTIONS", target, other, "the product holds room in the other direction"),
        *flag("SHARING_CYCLE", target, itself | _back(case), "the product serves, in turn, the one that serves it"),
    ]


def _back(case: Case) -> Bools:
    """Pairs (P) whose lesser product leads back to the better one."""
    table, count = case.reserve_sharing, len(case.reserves.product_id)
    reach = np.zeros((count, count), dtype=np.bool_)
    reach[table.shared_from, table.shared_to] = True
    for _ in range(count):
        reach = reach | (reach @ reach)
    back: Bools = reach[table.shared_to, table.shared_from]
    return back
