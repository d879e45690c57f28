"""Buses, branches, limits of angles, direct-current lines and loads of a MATPOWER case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.hvdc_lines import NO_HVDC, HvdcLines
from clearing.case.network import Network
from clearing.case.resources import Loads
from clearing.formats.matpower.options import Options
from clearing.formats.matpower.source import Source

ISOLATED = 4
BASE_MVA = 100.0
FULL_TURN = 360.0


@dataclass(frozen=True, slots=True)
class Alive:
    """Buses that take part: bus_id (K), row (K) in the file's table, and the place of every bus number."""

    bus_id: Ids
    row: Ints
    place: dict[float, int]
    left_out: frozenset[float]

    def of(self, source: Source, key: str, numbers: Floats, chosen: Bools) -> Ints:
        """Place (n) of bus numbers; −1 where not chosen or isolated. Finding UNKNOWN_ID."""
        found = np.full(len(numbers), -1, dtype=np.int64)
        for k in np.flatnonzero(chosen).tolist():
            number = float(numbers[k])
            if number in self.place:
                found[k] = self.place[number]
            elif number not in self.left_out:
                source.fault("UNKNOWN_ID", key, k, "There is no such bus.", value=f"{number:g}")
        return found


def alive(source: Source) -> Alive:
    """Buses but the isolated ones. Findings DUPLICATE_ID, OUT_OF_RANGE."""
    bus = source.table("bus")
    place: dict[float, int] = {}
    left_out: set[float] = set()
    rows: list[int] = []
    for k, (number, kind) in enumerate(bus[:, :2].tolist()):
        if number != np.floor(number) or not 0 < number < 1e12:
            source.fault("OUT_OF_RANGE", "bus", k, "Bus numbers are whole and positive.", value=number)
        elif number in place or number in left_out:
            source.fault("DUPLICATE_ID", "bus", k, "Two buses have this number.", value=f"{number:g}")
        elif kind == ISOLATED:
            left_out.add(number)
        else:
            place[number] = len(rows)
            rows.append(k)
    if left_out:
        source.notes.append(f"{len(left_out)} isolated buses (type 4) and what stands there are left out.")
    ids = tuple(f"{number:.0f}" for number in bus[rows, 0]) if rows else ()
    return Alive(ids, np.array(rows, dtype=np.int64), place, frozenset(left_out))


def network(source: Source, options: Options) -> tuple[Network, Alive]:
    """The network table; limits of angle differences that are tighter than the rating become interfaces."""
    known = alive(source)
    bus, branch = source.table("bus"), source.table("branch")
    every = np.ones(len(branch), dtype=np.bool_)
    start, end = (known.of(source, "branch", branch[:, c], every) for c in (0, 1))
    kept = (start >= 0) & (end >= 0)
    branch, start, end = branch[kept], start[kept], end[kept]
    resistance, reactance = branch[:, 2], branch[:, 3]
    tap, shift = np.where(branch[:, 8] == 0.0, 1.0, branch[:, 8]), branch[:, 9]
    if options.powermodels:
        square = resistance**2 + reactance**2
        reactance = np.divide(square, reactance, out=np.zeros(len(square)), where=reactance != 0.0)
        tap, shift = np.ones(len(tap)), np.zeros(len(shift))
    limit = np.where(branch[:, 5] > 0.0, branch[:, 5], np.inf)
    emergency = np.where(branch[:, 7] > 0.0, branch[:, 7], limit)
    live = branch[:, 10] > 0.0
    branch_id = _branch_ids(branch)
    zones = np.unique(bus[known.row, 10])
    reactance = reactance * (BASE_MVA / source.base_mva)
    size = source.base_mva / _divisor(branch, options)
    angles = _angle_limits(branch, size, shift, limit)
    return (
        Network(
            bus_id=known.bus_id,
            bus_zone=np.searchsorted(zones, bus[known.row, 10]).astype(np.int64),
            bus_voltage_kv=np.maximum(bus[known.row, 9], 0.0),
            zone_id=tuple(f"zone {z:g}" for z in zones),
            branch_id=branch_id,
            branch_from=start,
            branch_to=end,
            branch_reactance_pu=reactance,
            branch_resistance_pu=resistance * (BASE_MVA / source.base_mva),
            branch_tap_ratio=tap,
            branch_shift_degrees=shift,
            branch_limit_mw=limit,
            branch_emergency_limit_mw=np.maximum(emergency, 0.0),
            branch_in_service=live,
            interface_id=tuple(f"angle:{branch_id[b]}" for b, _, _ in angles),
            interface_min_mw=np.array([[low] for _, low, _ in angles]).reshape(-1, 1),
            interface_max_mw=np.array([[high] for _, _, high in angles]).reshape(-1, 1),
            term_interface=np.arange(len(angles), dtype=np.int64),
            term_branch=np.array([b for b, _, _ in angles], dtype=np.int64),
            term_coefficient=np.ones(len(angles)),
        ),
        known,
    )


def _divisor(branch: Floats, options: Options) -> Floats:
    """What the flow is divided by: x · ratio, or (r² + x²)/x; 1 where there is no reactance (validation refuses it)."""
    r, x = branch[:, 2], branch[:, 3]
    ratio = np.where(branch[:, 8] == 0.0, 1.0, branch[:, 8])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (r**2 + x**2) / x if options.powermodels else x * ratio
    return np.where(x == 0.0, 1.0, found)


def _branch_ids(branch: Floats) -> Ids:
    """`from-to`, with `#2`, `#3` … for further circuits between the same buses."""
    seen: dict[str, int] = {}
    names = []
    for a, b in branch[:, :2].tolist():
        name = f"{a:.0f}-{b:.0f}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(names)


def _angle_limits(branch: Floats, size: Floats, shift: Floats, limit: Floats) -> list[tuple[int, float, float]]:
    """Branch, least and greatest flow that its limits of the angle difference allow, where tighter than the rating.

    The phase shift is part of the angle difference; 0 and 0, or ±360 and beyond, mean no limit.
    """
    if branch.shape[1] < 13:
        return []
    found = []
    for k in np.flatnonzero(branch[:, 10] > 0.0).tolist():
        low, high = branch[k, 11], branch[k, 12]
        if low == 0.0 and high == 0.0:
            continue
        least = size[k] * np.deg2rad(low - shift[k]) if low > -FULL_TURN else -np.inf
        most = size[k] * np.deg2rad(high - shift[k]) if high < FULL_TURN else np.inf
        least, most = min(least, most), max(least, most)
        if least > -limit[k] or most < limit[k]:
            found.append((k, float(least), float(most)))
    return found


def loads(source: Source, known: Alive) -> Loads:
    """A load a bus with demand, and one with shunt conductance, which takes its MW at nominal voltage."""
    bus = source.table("bus")[known.row]
    demand, shunt = np.flatnonzero(bus[:, 2] != 0.0), np.flatnonzero(bus[:, 4] != 0.0)
    return Loads(
        id=(*(f"load {known.bus_id[k]}" for k in demand), *(f"shunt {known.bus_id[k]}" for k in shunt)),
        bus=np.concatenate([demand, shunt]).astype(np.int64),
        mw=np.concatenate([bus[demand, 2], bus[shunt, 4]])[:, None],
    )


def hvdc(source: Source, known: Alive) -> HvdcLines:
    """Direct-current lines in service, dispatched between Pmin and Pmax."""
    table = source.table("dcline")
    table = table[table[:, 2] > 0.0]
    every = np.ones(len(table), dtype=np.bool_)
    start, end = (known.of(source, "dcline", table[:, c], every) for c in (0, 1))
    kept = (start >= 0) & (end >= 0)
    table, start, end = table[kept], start[kept], end[kept]
    if not len(table):
        return NO_HVDC
    wide = table.shape[1]
    loss = table[:, 16] if wide > 16 else np.zeros(len(table))
    for k in np.flatnonzero(table[:, 15] != 0.0).tolist() if wide > 15 else ():
        source.fault("FIELD_NOT_READ", "dcline", k, "A constant loss (loss0) is not read.", value=table[k, 15])
    return HvdcLines(
        id=tuple(f"dc {k + 1}" for k in range(len(table))),
        from_bus=start,
        to_bus=end,
        dispatchable=np.ones(len(table), dtype=np.bool_),
        scheduled_mw=table[:, 3:4].copy(),
        min_mw=table[:, 9:10].copy(),
        max_mw=table[:, 10:11].copy(),
        ramp_mw_per_minute=np.full(len(table), np.inf),
        loss_rate=loss.copy(),
    )
