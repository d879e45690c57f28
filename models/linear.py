"""Linear limits over outputs, bus injections and branch flows (family 14)."""

from __future__ import annotations

from math import inf

import pyomo.environ as pyo

from clearing.rules.rules import Penalties, Steps
from models.data import Data, bound, rows_of
from models.soft import violation, within


def limits(m: pyo.ConcreteModel, d: Data, penalties: Penalties) -> None:
    """Weighted sums within their sides; soft, at a price of their own or `joint_limit`, money per MWh."""
    table = d.case.linear_limits
    rows = range(len(table.id))
    places = [(c, t) for c in rows for t in d.periods]

    def steps(c: int, _: int) -> Steps:
        own = float(table.price_per_mwh[c])
        return ((inf, own),) if own >= 0 else penalties.joint_limit

    low = {at: float(d.linear_min_mw[at]) for at in places}
    high = {at: float(d.linear_max_mw[at]) for at in places}
    short = violation(m, d, "linear_limit_short", steps, [at for at in places if bound(low[at]) is not None])
    over = violation(m, d, "linear_limit_over", steps, [at for at in places if bound(high[at]) is not None])
    terms = [term for kind in KINDS for term in _terms(d, kind, rows)]

    @m.Constraint(rows, d.periods)
    def linear_limit(m, c, t):
        """min_ct ≤ Σ a·P + Σ a·renewable + Σ a·(d − c) + Σ a·injection + Σ a·flow ≤ max_ct."""
        total = sum(factor * KINDS[kind](m, d, row, t) for kind, limit, row, factor in terms if limit == c)
        return within(low[c, t], total + short(c, t) - over(c, t), high[c, t])


def _injected(m: pyo.ConcreteModel, d: Data, k: int, t: int) -> object:
    """Injection at a bus with what of the surplus is taken off there put back."""
    island = int(d.island[k, t])
    surplus = sum(m.surplus_step[a, s, n] for a, s, n in m.surplus_step if (a, s) == (island, t))
    return m.injection[k, t] + float(d.reference_share[k, t]) * surplus


def _flow(m: pyo.ConcreteModel, d: Data, b: int, t: int) -> object:
    """Flow of a branch in service."""
    return m.flow[b, t] if d.live[b, t] else 0.0


KINDS = {
    "unit": lambda m, d, i, t: m.output[i, t],
    "renewable": lambda m, d, r, t: m.renewable[r, t],
    "storage": lambda m, d, g, t: m.discharge[g, t] - m.charge[g, t],
    "bus": _injected,
    "branch": _flow,
}


def _terms(d: Data, kind: str, rows: range) -> list[tuple[str, int, int, float]]:
    """Kind, limit, row of the kind's table, coefficient."""
    table = d.case.linear_limits
    of = rows_of(getattr(table, f"{kind}_limit"), rows)
    element, factor = getattr(table, kind), getattr(table, f"{kind}_coefficient")
    return [(kind, c, int(element[r]), float(factor[r])) for c in rows for r in of[c]]
