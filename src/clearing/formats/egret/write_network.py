"""Writer of branches, interfaces and contingencies."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.case import Case
from clearing.case.contingencies import OutageKind, lost
from clearing.case.flow_penalties import own_price
from clearing.formats.egret.contingencies import COST, LOST
from clearing.formats.egret.write_thermal import series
from clearing.formats.shared import watched_everywhere
from clearing.formats.unexpressed import Losses


def branches(case: Case) -> dict[str, Any]:
    """Lines and transformers, with the periods in which they are out."""
    network, own = case.network, case.flow_penalties
    price = dict(zip(own.branch.tolist(), own.branch_price_per_mwh.tolist(), strict=True))
    out = _out(case)
    rows = {}
    for k, name in enumerate(network.branch_id):
        tap, shift = float(network.branch_tap_ratio[k]), float(network.branch_shift_degrees[k])
        row: dict[str, Any] = {
            "branch_type": "line" if tap == 1.0 and shift == 0.0 else "transformer",
            "from_bus": network.bus_id[network.branch_from[k]],
            "to_bus": network.bus_id[network.branch_to[k]],
            "reactance": float(network.branch_reactance_pu[k]),
            "resistance": float(network.branch_resistance_pu[k]),
            "in_service": bool(network.branch_in_service[k]),
            "violation_penalty": price.get(k),
        }
        if row["branch_type"] == "transformer":
            row |= {"transformer_tap_ratio": tap, "transformer_phase_shift": shift}
        for key, limit in (
            ("rating_long_term", network.branch_limit_mw),
            ("rating_emergency", network.branch_emergency_limit_mw),
        ):
            if np.isfinite(limit[k]):
                row[key] = float(limit[k])
        if out[k].any():
            row["planned_outage"] = series(out[k])
        rows[name] = row
    return rows


def interfaces(case: Case, losses: Losses) -> dict[str, Any]:
    """Interfaces."""
    network, own = case.network, case.flow_penalties
    price = dict(zip(own.interface.tolist(), own.interface_price_per_mwh.tolist(), strict=True))
    ids = network.interface_id
    varies = np.array([bool(np.any(v != v[:1])) for v in network.interface_min_mw], dtype=np.bool_)
    varies |= np.array([bool(np.any(v != v[:1])) for v in network.interface_max_mw], dtype=np.bool_)
    losses.rows(
        "case.network.interface_max_mw", ids, varies, "Limits of an interface are the same in all periods there."
    )
    odd = ~np.isin(network.term_coefficient, (-1.0, 0.0, 1.0))
    named = [ids[s] for s in network.term_interface.tolist()]
    losses.rows("case.network.term_coefficient", named, odd, "A line counts with -1, 0 or 1 there.")
    rows = {}
    for s, name in enumerate(ids):
        mine = np.flatnonzero(network.term_interface == s)
        row: dict[str, Any] = {
            "lines": [network.branch_id[b] for b in network.term_branch[mine].tolist()],
            "line_orientation": [int(c) for c in np.rint(network.term_coefficient[mine])],
            "violation_penalty": price.get(s),
        }
        for key, limit in (
            ("minimum_limit", network.interface_min_mw[s, 0]),
            ("maximum_limit", network.interface_max_mw[s, 0]),
        ):
            if np.isfinite(limit):
                row[key] = float(limit)
        rows[name] = row
    return rows


def contingencies(case: Case, losses: Losses) -> dict[str, Any]:
    """Losses of one branch each; every branch is watched there, and no interface."""
    table, path = case.contingencies, "case.contingencies"
    if not table.id:
        return {}
    watched_everywhere(
        case,
        losses,
        "Every branch with an emergency rating is watched there.",
        "The voltage from which is watched is an option there.",
        "Interfaces are not watched after contingencies there.",
    )
    gone = lost(table, OutageKind.BRANCH)
    single = np.bincount(table.outage_contingency, minlength=len(table.id)) == 1
    bad = ~single | (np.array([len(own) for own in gone]) != 1)
    losses.rows(f"{path}.outage_element", table.id, bad, "A contingency loses one branch there.")
    if len(_prices_after(case)) > 1:
        losses.problem("case.flow_penalties.branch", "All limits after contingencies have one price there.")
        return {}
    return {name: {LOST: case.network.branch_id[gone[c][0]]} for c, name in enumerate(table.id) if not bad[c]}


def penalty_after(case: Case) -> dict[str, float]:
    """What a limit after a contingency costs, where all lines that are watched have one price of their own."""
    price = _prices_after(case)
    return {COST: float(price[0])} if len(price) == 1 and not np.isnan(price[0]) else {}


def _prices_after(case: Case) -> Floats:
    """Prices of the lines with a limit after contingencies, each once; NaN stands for that of the rule set."""
    network, own = case.network, case.flow_penalties
    if not case.contingencies.id:
        return np.zeros(0)
    price = own_price(own.branch, own.branch_price_per_mwh, len(network.branch_id))
    return np.unique(price[np.isfinite(network.branch_emergency_limit_mw)])


def _out(case: Case) -> Bools:
    """Branches out in windows of the horizon (L, T)."""
    windows = case.network.branch_outages
    found = np.zeros((len(case.network.branch_id), case.horizon.periods), dtype=np.bool_)
    rows = zip(windows.branch.tolist(), windows.first_period.tolist(), windows.last_period.tolist(), strict=True)
    for branch, first, last in rows:
        found[branch, first : last + 1] = True
    return found
