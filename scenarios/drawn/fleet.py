"""The committed units: what each thermal and nuclear unit is, the same on every day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.units import Fuel

from .draws import stream
from .size import Size


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of units: ranges are drawn from, hours and 10,000 元 (万元) as the rules state them.

    capacity_mw, least_share (p_min over capacity), ramp_share (of capacity a minute)
    min_up_h, min_down_h                     Shandong parameters no. 18 (most) and 19
    starts                                   hot, warm, cold cap, 万元 a start (Chongqing's caps)
    no_load                                  万元 an hour at most
    cost                                     offered energy cost at full output, 元/MWh
    warm_after, cold_after                   minutes off line; Shandong parameters no. 17
    """

    name: str
    fuel: Fuel
    capacity_mw: tuple[int, int]
    least_share: tuple[float, float]
    ramp_share: tuple[float, float]
    min_up_h: tuple[int, int]
    min_down_h: tuple[int, int]
    starts: tuple[float, float, float]
    no_load: float
    cost: tuple[float, float]
    warm_after: int = 600
    cold_after: int = 4320


# fmt: off
KINDS = (
    Kind(
        "coal-1000", Fuel.COAL, (1000, 1050), (0.35, 0.42), (0.015, 0.02),
        (72, 240), (24, 48), (50, 75, 110), 3.0, (292, 325),
    ),
    Kind(
        "coal-600", Fuel.COAL, (600, 680), (0.38, 0.46), (0.012, 0.02),
        (48, 168), (8, 24), (40, 60, 90), 2.0, (312, 360),
    ),
    Kind(
        "coal-300", Fuel.COAL, (300, 350), (0.42, 0.52), (0.01, 0.018),
        (24, 72), (2, 2), (30, 45, 60), 1.0, (335, 430),
    ),
    Kind(
        "heat", Fuel.COAL, (125, 200), (0.5, 0.6), (0.01, 0.015),
        (24, 72), (2, 2), (16, 24, 32), 0.6, (365, 450),
    ),
    Kind(
        "gas", Fuel.GAS, (390, 440), (0.45, 0.55), (0.02, 0.02),
        (4, 8), (2, 2), (18, 24, 30), 1.0, (560, 680), 1440, 4320,
    ),
)
# fmt: on

COAL_1000, COAL_600, COAL_300, HEAT, GAS, NUCLEAR = range(6)
"""Places in KINDS; nuclear units are not drawn and come behind."""

GROUPS = 12
GROUP_SHARE = (0.17, 0.14, 0.12, 0.1, 0.09, 0.08, 0.07, 0.06, 0.06, 0.05, 0.04, 0.02)
"""Twelve generating groups, the four largest with more than half of the thermal capacity."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """N units in plants; the thermal ones in the order of KINDS, nuclear last. Costs in 元, ramps in MW a minute.

    kind (N) index into KINDS, or NUCLEAR; plant (N), owner (N)
    cost (N)               offered energy cost at full output, 元/MWh
    start_cost (N, 3)      hot, warm, cold
    after_minutes (N, 2)   warm from (inclusive), cold beyond (exclusive)
    heat_rank (N)          order in which 300 MW units serve heat; small heat units first; −1 = never
    """

    id: tuple[str, ...]
    kind: np.ndarray
    plant: np.ndarray
    owner: np.ndarray
    fuel: np.ndarray
    capacity_mw: np.ndarray
    least_mw: np.ndarray
    ramp_mw: np.ndarray
    min_up: np.ndarray
    min_down: np.ndarray
    no_load: np.ndarray
    cost: np.ndarray
    start_cost: np.ndarray
    after_minutes: np.ndarray
    heat_rank: np.ndarray

    @property
    def nuclear(self) -> np.ndarray:
        """Which units are nuclear (N)."""
        return np.asarray(self.kind == NUCLEAR)


def fleet(seed: int, size: Size) -> Fleet:
    """Draw the fleet."""
    rng = stream(seed, "fleet")
    parts = [_thermal(rng, index, kind, size.units[index]) for index, kind in enumerate(KINDS)]
    parts.append(_nuclear(size.nuclear_mw))
    column = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    kind = column["kind"]
    plant = _plants(rng, kind)
    owner = _owners(rng, np.bincount(plant, weights=column["capacity_mw"]))
    names = [*(k.name for k in KINDS), "nuclear"]
    number = np.concatenate([np.arange(1, n + 1) for n in np.bincount(kind)])
    ids = tuple(f"{names[k]}-{i:03d}" for k, i in zip(kind.tolist(), number.tolist(), strict=True))
    rank = np.full(len(kind), -1)
    small, middle = np.flatnonzero(kind == HEAT), np.flatnonzero(kind == COAL_300)
    rank[small] = 0
    rank[middle] = 1 + rng.permutation(len(middle))
    return Fleet(id=ids, plant=plant, owner=owner[plant], heat_rank=rank, **column)


def _thermal(rng: np.random.Generator, index: int, kind: Kind, n: int) -> dict[str, np.ndarray]:
    step = 50 if kind.name == "coal-1000" else 10
    low, high = kind.capacity_mw
    capacity = rng.integers(0, (high - low) // step + 1, n) * step + float(low)
    quality = rng.random(n)  # 0 = a cheap, efficient unit of its class: cheap in everything

    def between(limits: tuple[float, float], where: np.ndarray) -> np.ndarray:
        return limits[0] + (limits[1] - limits[0]) * where

    def hours(limits: tuple[int, int]) -> np.ndarray:
        return rng.integers(limits[0] // 2, limits[1] // 2 + 1, n) * 120

    share = 0.6 + 0.4 * rng.random(n)
    return {
        "kind": np.full(n, index),
        "fuel": np.full(n, int(kind.fuel)),
        "capacity_mw": capacity,
        "least_mw": np.round(capacity * between(kind.least_share, rng.random(n))),
        "ramp_mw": np.round(capacity * between(kind.ramp_share, rng.random(n)), 1),
        "min_up": hours(kind.min_up_h),
        "min_down": hours(kind.min_down_h),
        "no_load": np.round(1e4 * kind.no_load * (0.3 + 0.4 * rng.random(n)), -2),
        "cost": np.round(between(kind.cost, 0.75 * quality + 0.25 * rng.random(n)), 1),
        "start_cost": np.round(1e4 * share[:, None] * np.array(kind.starts), -3),
        "after_minutes": np.tile([kind.warm_after, kind.cold_after], (n, 1)),
    }


def _nuclear(capacity_mw: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Units that run flat out: 5 % of room, offers at the floor, days to start."""
    capacity = np.array(capacity_mw, dtype=np.float64)
    n = len(capacity)
    return {
        "kind": np.full(n, NUCLEAR),
        "fuel": np.full(n, int(Fuel.NUCLEAR)),
        "capacity_mw": capacity,
        "least_mw": np.round(0.95 * capacity),
        "ramp_mw": np.round(0.01 * capacity, 1),
        "min_up": np.full(n, 14400),
        "min_down": np.full(n, 2880),
        "no_load": np.zeros(n),
        "cost": np.full(n, -80.0),
        "start_cost": np.tile([1.5e6, 2e6, 3e6], (n, 1)),
        "after_minutes": np.tile([600, 4320], (n, 1)),
    }


def _plants(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """Plants of two to four units of one class, numbered through (N)."""
    plant = np.zeros(len(kind), dtype=np.int64)
    count = 0
    for k in range(NUCLEAR + 1):
        members = np.flatnonzero(kind == k)
        sizes: list[int] = []
        while sum(sizes) < len(members):
            left = len(members) - sum(sizes)
            size = min(left, 2 if k == NUCLEAR else int(rng.integers(2, 5)))
            if left - size == 1:  # nobody is left alone
                size += 1 if size < 4 else -1
            sizes.append(size)
        plant[members] = count + np.repeat(np.arange(len(sizes)), sizes)
        count += len(sizes)
    return plant


def _owners(rng: np.random.Generator, plant_mw: np.ndarray) -> np.ndarray:
    """Group of every plant: in random order, each to the group furthest below its share of the capacity."""
    wanted = np.array(GROUP_SHARE) / sum(GROUP_SHARE) * plant_mw.sum()
    owner = np.zeros(len(plant_mw), dtype=np.int64)
    for plant in rng.permutation(len(plant_mw)).tolist():
        owner[plant] = int(np.argmax(wanted))
        wanted[owner[plant]] -= plant_mw[plant]
    return owner
