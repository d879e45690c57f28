"""Buses, branches and interfaces of the DC network."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ids, Ints
from clearing.case.flow_penalties import NO_FLOW_PENALTIES, FlowPenalties
from clearing.case.network import Network
from clearing.formats.egret.contingencies import outages
from clearing.formats.egret.fields import Source, flag, one_of, only, stated, text
from clearing.formats.egret.products import mismatch
from clearing.formats.json_fields import JsonObject

BASE_MVA = 100.0
"""Base of the reactances in a case."""
BUS = ("base_kv",)
BUS_WITHOUT_EFFECT = (
    *("vm", "va", "v_min", "v_max", "id", "name", "area", "zone", "owner", "matpower_bustype", "latitude", "longitude"),
    *("bus_type", "lat", "lon", "in_service", "pl", "ql", "p_balance", "lmp", "region", "dist_to_coast"),
)
BRANCH = (
    *("branch_type", "from_bus", "to_bus", "reactance", "resistance", "rating_long_term", "rating_short_term"),
    *("rating_emergency", "in_service", "planned_outage", "transformer_tap_ratio", "transformer_phase_shift"),
    *("angle_diff_min", "angle_diff_max", "violation_penalty"),
)
BRANCH_WITHOUT_EFFECT = ("charging_susceptance", "id", "name", "circuit", "pf", "pt", "qf", "qt")
INTERFACE = ("lines", "line_orientation", "minimum_limit", "maximum_limit", "violation_penalty")
FULL_TURN = 180.0


def network(source: Source) -> Network:
    """The network table. Branches out of service stay, marked so; penalties of a limit's own are refused."""
    buses, branches = source.kind("bus"), source.kind("branch")
    for _, row in buses:
        only(row, BUS, BUS_WITHOUT_EFFECT)
        if not flag(row, "in_service", True):
            row.problems.add("FIELD_NOT_READ", f"{row.path}.in_service", "A bus out of service is not read.")
    bus_id = tuple(name for name, _ in buses)
    branch_id = tuple(name for name, _ in branches)
    for _, row in branches:
        _check(row)
    ends = [(_bus(row, "from_bus", bus_id), _bus(row, "to_bus", bus_id)) for _, row in branches]
    base = source.system.number("baseMVA", 1e-6)
    interfaces = source.kind("interface")
    terms = [(s, *term) for s, (_, row) in enumerate(interfaces) for term in _terms(row, branch_id)]
    return Network(
        bus_id=bus_id,
        bus_zone=np.full(len(buses), -1, dtype=np.int64),
        bus_voltage_kv=_column(buses, "base_kv", 0.0),
        zone_id=(),
        branch_id=branch_id,
        branch_from=np.array([e[0] for e in ends], dtype=np.int64),
        branch_to=np.array([e[1] for e in ends], dtype=np.int64),
        branch_reactance_pu=_column(branches, "reactance", None) * (BASE_MVA / base),
        branch_resistance_pu=_column(branches, "resistance", 0.0) * (BASE_MVA / base),
        branch_tap_ratio=_column(branches, "transformer_tap_ratio", 1.0),
        branch_shift_degrees=_column(branches, "transformer_phase_shift", 0.0),
        branch_limit_mw=_column(branches, "rating_long_term", np.inf),
        branch_emergency_limit_mw=_column(branches, "rating_emergency", np.inf),
        branch_outages=outages(source),
        branch_in_service=np.array([flag(row, "in_service", True) for _, row in branches], dtype=np.bool_),
        interface_id=tuple(name for name, _ in interfaces),
        interface_min_mw=_over(_column(interfaces, "minimum_limit", -np.inf), source.periods),
        interface_max_mw=_over(_column(interfaces, "maximum_limit", np.inf), source.periods),
        term_interface=np.array([t[0] for t in terms], dtype=np.int64),
        term_branch=np.array([t[1] for t in terms], dtype=np.int64),
        term_coefficient=np.array([t[2] for t in terms], dtype=np.float64),
    )


def penalties(source: Source) -> FlowPenalties:
    """What breaking a limit costs: the line's own price, the system's where it states none, null = as good as hard.

    As Egret's own network tests solve such a file: a line that says nothing has slack at the price of the system, a
    share of `load_mismatch_cost` where that is not stated either. `violation_penalty: null` asks for a hard limit; here
    it has the penalty of the rule set, far above any price. A file without `load_mismatch_cost` leaves all to those.
    """
    tables: list[tuple[Ints, Floats]] = []
    for kind, key, share in (
        ("branch", "transmission_flow_violation_cost", 2.0),
        ("interface", "interface_flow_violation_cost", 10.0 / 3.0),
    ):
        system = source.system
        default: float | None = system.number(key, 0.0) if stated(system, key) else None
        if default is None and stated(system, "load_mismatch_cost"):
            default = mismatch(system) / share
        own = [
            row.number("violation_penalty", 0.0) if stated(row, "violation_penalty")
            else None if "violation_penalty" in row.fields else default
            for _, row in source.kind(kind)
        ]  # fmt: skip
        rows = [k for k, price in enumerate(own) if price is not None]
        tables.append((np.array(rows, dtype=np.int64), np.array([own[k] for k in rows], dtype=np.float64)))
    (lines, line_price), (gates, gate_price) = tables
    stated_any = len(lines) or len(gates)
    return FlowPenalties(lines, line_price, gates, gate_price) if stated_any else NO_FLOW_PENALTIES


def _over(column: Floats, periods: int) -> Floats:
    return np.broadcast_to(column[:, None], (column.size, periods))


def _column(rows: list[tuple[str, JsonObject]], key: str, default: float | None) -> Floats:
    return np.array(
        [default if default is not None and not stated(r, key) else r.number(key) for _, r in rows], dtype=np.float64
    )


def _bus(row: JsonObject, key: str, bus_id: Ids) -> int:
    name = one_of(row, key, bus_id, "bus")
    return bus_id.index(name) if name in bus_id else 0


def _check(row: JsonObject) -> None:
    """A branch of a kind that is read, with angle limits that can never bind."""
    only(row, BRANCH, BRANCH_WITHOUT_EFFECT)
    kind = text(row, "branch_type")
    if kind not in ("line", "transformer"):
        row.problems.add(
            "UNKNOWN_WORD", f"{row.path}.branch_type", "No such kind.", value=kind, limit="line, transformer"
        )
    for key in ("angle_diff_min", "angle_diff_max"):
        if stated(row, key) and abs(row.number(key)) < FULL_TURN:
            row.problems.add(
                "FIELD_NOT_READ",
                f"{row.path}.{key}",
                "Limits of angles are not read.",
                value=row.fields[key],
                limit="180",
            )


def _terms(row: JsonObject, branch_id: Ids) -> list[tuple[int, float]]:
    """Branches of an interface and the sign each counts with."""
    only(row, INTERFACE)
    lines, signs = row.fields.get("lines"), row.fields.get("line_orientation")
    if not isinstance(lines, list) or not isinstance(signs, list) or len(lines) != len(signs):
        row.problems.add("WRONG_TYPE", f"{row.path}.lines", "As many lines as orientations are needed.", value=lines)
        return []
    found = []
    for k, (line, sign) in enumerate(zip(lines, signs, strict=True)):
        if line not in branch_id:
            row.problems.add("UNKNOWN_ID", f"{row.path}.lines[{k}]", "There is no such branch.", value=line)
        elif sign not in (-1, 0, 1):
            row.problems.add("OUT_OF_RANGE", f"{row.path}.line_orientation[{k}]", "-1, 0 or 1 is needed.", value=sign)
        else:
            found.append((branch_id.index(line), float(sign)))
    return found
