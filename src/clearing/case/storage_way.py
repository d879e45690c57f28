"""Whether least MW, losses and given modes of a storage unit leave a way for its energy through the horizon."""

from __future__ import annotations

import itertools

import numpy as np

from clearing.case.arrays import Bools
from clearing.case.predicates import TOLERANCE
from clearing.case.resources import Storage, StorageMode

MOST_SPANS = 64
"""Spans of energy kept apart; beyond, the nearest are joined, so that a way is rather assumed than denied."""

Span = tuple[float, float]


def restricted_rows(table: Storage) -> Bools:
    """Units (G) that cannot simply stand still: least MW, self-discharge, a given mode, or bounds that move."""
    by_period = (table.charge_min_mw > 0) | (table.discharge_min_mw > 0) | (table.given_mode > 0)
    moves = [np.any(bound != bound[:, :1], axis=1) for bound in (table.energy_min_mwh, table.energy_max_mwh)]
    loses = table.self_discharge_per_hour > 0
    rows: Bools = (by_period | loses).any(axis=1) | moves[0] | moves[1]
    return rows


def first_dead_end(table: Storage, g: int, hours: float) -> int | None:
    """First period at whose end no energy within the bounds can be reached, None where there is a way."""
    return reached_energy(table, g, hours)[0]


def reached_energy(table: Storage, g: int, hours: float) -> tuple[int | None, list[Span]]:
    """The first dead end, None where there is none, and the spans of energy that can be reached at the end, MWh."""
    spans = [(float(table.initial_energy_mwh[g]),) * 2]
    last = table.given_mode.shape[1] - 1
    for t in range(last + 1):
        low, high = float(table.energy_min_mwh[g, t]), float(table.energy_max_mwh[g, t])
        kept = max(0.0, 1.0 - float(table.self_discharge_per_hour[g, t])) ** hours  # above 1 is refused elsewhere
        if t == last:
            low = max(low, float(table.final_energy_min_mwh[g]))
            high = min(high, float(table.final_energy_max_mwh[g]))
        moves = _moves(table, g, t, hours)
        reached = [(kept * a + least, kept * b + most) for a, b in spans for least, most in moves]
        inside = [(max(a, low), min(b, high)) for a, b in reached if a <= high + TOLERANCE and b >= low - TOLERANCE]
        if not inside:
            return t, []
        spans = _joined([(min(a, high), max(b, low)) for a, b in inside])
    return None, spans


def _moves(table: Storage, g: int, t: int, hours: float) -> list[Span]:
    """What a period may add to the energy: nothing, charging, discharging, as far as the mode is free."""
    given = int(table.given_mode[g, t])
    into = hours * float(table.charge_efficiency[g, t])
    out = hours / float(table.discharge_efficiency[g, t])
    every = {
        StorageMode.IDLE: (0.0, 0.0),
        StorageMode.CHARGE: (into * float(table.charge_min_mw[g, t]), into * float(table.charge_max_mw[g, t])),
        StorageMode.DISCHARGE: (
            -out * float(table.discharge_max_mw[g, t]),
            -out * float(table.discharge_min_mw[g, t]),
        ),
    }
    return [every[StorageMode(given)]] if given else list(every.values())


def _joined(spans: list[Span]) -> list[Span]:
    """Spans in order, those that touch joined, the nearest too where there are too many."""
    merged: list[Span] = []
    for a, b in sorted(spans):
        if merged and a <= merged[-1][1] + TOLERANCE:
            merged[-1] = (merged[-1][0], max(merged[-1][1], b))
        else:
            merged.append((a, b))
    while len(merged) > MOST_SPANS:
        gap = [right[0] - left[1] for left, right in itertools.pairwise(merged)]
        k = gap.index(min(gap))
        merged[k : k + 2] = [(merged[k][0], merged[k + 1][1])]
    return merged
