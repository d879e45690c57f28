"""Recovery of what is gained by deviating from what was declared: renewables and users (Shandong nos. 5 and 6).

    gain_j     = (Q − D) · (P_real − P_ahead)             of a renewable: more sold where real time pays more
               = (D − Q) · (P_real − P_ahead)             of a user: more bought ahead where real time is dearer
    renewable  recovery_j = F_B · max{gain_j, 0}                                                      Shandong no. 5
    user       recovery_j = max{gain_j, 0} · max{|D − Q| − λ · Q, 0} / |D − Q|                         Shandong no. 6

D declared (for a renewable: cleared day-ahead), Q actual MWh of period j; λ: λ1 of users, its own figure for load units
of virtual power plants that buy all their energy. Kinds in `settlement.deviation_exempt` are left out. The source gives
the figures alone: the forms are readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Floats, Ints, freeze
from clearing.rules.market_rules import SettlementRules


class DeclaredKind(IntEnum):
    """What a participant that declares is; the names are those of `settlement.deviation_exempt`."""

    RENEWABLE = 1
    USER = 2
    VPP_LOAD = 3
    STORAGE = 4
    PUMPED_HYDRO = 5
    RENEWABLE_WITH_STORAGE = 6


@dataclass(frozen=True, slots=True)
class Declared:
    """U participants, J periods: kind (U); declared_mwh, actual_mwh, ahead_per_mwh, real_per_mwh (U, J)."""

    kind: Ints
    declared_mwh: Floats
    actual_mwh: Floats
    ahead_per_mwh: Floats
    real_per_mwh: Floats

    def __post_init__(self) -> None:
        freeze(self)


def recovery(table: Declared, rules: SettlementRules) -> Floats:
    """What every participant pays back (U, J), money, ≥ 0; 0 where the rules have no figure for its kind."""
    apart = table.declared_mwh - table.actual_mwh
    gain = apart * (table.real_per_mwh - table.ahead_per_mwh)
    kind = table.kind[:, None]
    renewable = kind == DeclaredKind.RENEWABLE
    limit = np.full(len(table.kind), np.inf)
    for of, most in (
        (table.kind != DeclaredKind.RENEWABLE, rules.user_declared_deviation_limit),
        (table.kind == DeclaredKind.VPP_LOAD, rules.vpp_load_declared_deviation_limit),
    ):
        limit[of] = np.inf if most is None else most
    with np.errstate(invalid="ignore", divide="ignore"):
        free = np.where(np.isfinite(limit)[:, None], limit[:, None] * table.actual_mwh, np.inf)
        beyond = np.where(apart != 0.0, np.maximum(1.0 - free / np.abs(apart), 0.0), 0.0)
    found = np.where(
        renewable, rules.renewable_deviation_recovery * np.maximum(-gain, 0.0), np.maximum(gain, 0.0) * beyond
    )
    exempt = [DeclaredKind[name.upper()] for name in rules.deviation_exempt]
    return np.where(np.isin(kind, exempt), 0.0, found)
