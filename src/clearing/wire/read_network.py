"""Proto → network, ties, loads."""

from __future__ import annotations

import numpy as np

from clearing.case.branch_windows import NO_LIMITS, NO_OUTAGES, BranchLimits, BranchOutages
from clearing.case.flow_penalties import NO_FLOW_PENALTIES, FlowPenalties
from clearing.case.network import Network
from clearing.case.resources import Loads, Ties
from clearing.v1 import bids_pb2, network_pb2
from clearing.wire.fields import Index, Table, index_of
from clearing.wire.problems import Problems

_UNDERSTOOD = frozenset(
    {
        "bus_id", "bus_zone", "bus_voltage_kv", "zone_id",
        "branch_id", "branch_from", "branch_to", "branch_reactance_pu", "branch_resistance_pu", "branch_tap_ratio",
        "branch_shift_degrees", "branch_limit_mw", "branch_emergency_limit_mw", "branch_in_service",
        "interface_id", "interface_min_mw", "interface_max_mw", "term_interface", "term_branch", "term_coefficient",
        "penalty_branch", "penalty_branch_price_per_mwh", "penalty_interface", "penalty_interface_price_per_mwh",
        "branch_outages", "branch_limit_windows", "bus_reference_weight", "bus_loss_factor",
    }
)  # fmt: skip


def network(pb: network_pb2.Network, periods: int, problems: Problems) -> Network:
    """Buses, branches and interfaces; at least one bus is required."""
    path = "case.network"
    problems.only(pb, path, _UNDERSTOOD)
    zones = Table(pb, path, "zone_id", periods, problems)
    buses = Table(pb, path, "bus_id", periods, problems)
    branches = Table(pb, path, "branch_id", periods, problems)
    interfaces = Table(pb, path, "interface_id", periods, problems)
    terms = Table(pb, path, "term_interface", periods, problems)
    if buses.rows == 0:
        problems.fatal("REQUIRED", f"{path}.bus_id", "A case needs at least one bus.", value=0, limit="≥ 1")
    zone_id, bus_id, branch_id = zones.ids("zone_id"), buses.ids("bus_id"), branches.ids("branch_id")
    interface_id = interfaces.ids("interface_id")
    at_bus = index_of(bus_id)
    limit = branches.floats("branch_limit_mw", np.inf)
    return Network(
        bus_id=bus_id,
        bus_zone=buses.references("bus_zone", index_of(zone_id), optional=True),
        bus_voltage_kv=buses.floats("bus_voltage_kv", 0.0),
        zone_id=zone_id,
        branch_id=branch_id,
        branch_from=branches.references("branch_from", at_bus),
        branch_to=branches.references("branch_to", at_bus),
        branch_reactance_pu=branches.floats("branch_reactance_pu"),
        branch_resistance_pu=branches.floats("branch_resistance_pu", 0.0),
        branch_tap_ratio=branches.floats("branch_tap_ratio", 1.0),
        branch_shift_degrees=branches.floats("branch_shift_degrees", 0.0),
        branch_limit_mw=limit,
        branch_emergency_limit_mw=branches.floats("branch_emergency_limit_mw", limit),
        branch_in_service=branches.bools("branch_in_service", True),
        interface_id=interface_id,
        interface_min_mw=interfaces.series("interface_min_mw", -np.inf),
        interface_max_mw=interfaces.series("interface_max_mw", np.inf),
        term_interface=terms.references("term_interface", index_of(interface_id)),
        term_branch=terms.references("term_branch", index_of(branch_id)),
        term_coefficient=terms.floats("term_coefficient"),
        branch_outages=_outages(pb.branch_outages, index_of(branch_id), periods, problems),
        branch_limit_windows=_limit_windows(pb.branch_limit_windows, index_of(branch_id), periods, problems),
        bus_reference_weight=buses.floats("bus_reference_weight", 0.0) if pb.bus_reference_weight else None,
        bus_loss_factor=buses.floats("bus_loss_factor", 1.0) if pb.bus_loss_factor else None,
    )


def _outages(pb: network_pb2.BranchWindows, branch: Index, periods: int, problems: Problems) -> BranchOutages:
    """Windows in which branches are out. Finding OUTAGE_WITH_LIMIT."""
    path = "case.network.branch_outages"
    problems.only(pb, path)
    table = Table(pb, path, "branch", periods, problems)
    for name in ("limit_mw", "emergency_limit_mw"):
        if len(getattr(pb, name)):
            message, count = "A branch that is out has no limit.", len(getattr(pb, name))
            problems.error("OUTAGE_WITH_LIMIT", f"{path}.{name}", message, value=count, limit="absent")
    found = BranchOutages(
        branch=table.references("branch", branch),
        first_period=table.periods_of("first_period"),
        last_period=table.periods_of("last_period"),
    )
    return found if table.rows else NO_OUTAGES


def _limit_windows(pb: network_pb2.BranchWindows, branch: Index, periods: int, problems: Problems) -> BranchLimits:
    """Windows with other limits."""
    path = "case.network.branch_limit_windows"
    problems.only(pb, path)
    table = Table(pb, path, "branch", periods, problems)
    limit = table.floats("limit_mw")
    found = BranchLimits(
        branch=table.references("branch", branch),
        first_period=table.periods_of("first_period"),
        last_period=table.periods_of("last_period"),
        limit_mw=limit,
        emergency_limit_mw=table.floats("emergency_limit_mw", limit),
    )
    return found if table.rows else NO_LIMITS


def flow_penalties(pb: network_pb2.Network, network_: Network, periods: int, problems: Problems) -> FlowPenalties:
    """Penalties of single branches and interfaces."""
    lines = Table(pb, "case.network", "penalty_branch", periods, problems)
    gates = Table(pb, "case.network", "penalty_interface", periods, problems)
    found = FlowPenalties(
        branch=lines.references("penalty_branch", index_of(network_.branch_id)),
        branch_price_per_mwh=lines.floats("penalty_branch_price_per_mwh"),
        interface=gates.references("penalty_interface", index_of(network_.interface_id)),
        interface_price_per_mwh=gates.floats("penalty_interface_price_per_mwh"),
    )
    return found if lines.rows or gates.rows else NO_FLOW_PENALTIES


def ties(pb: network_pb2.Ties, at_bus: Index, periods: int, problems: Problems) -> Ties:
    """Tie lines with fixed schedules."""
    problems.only(pb, "case.ties")
    table = Table(pb, "case.ties", "id", periods, problems)
    return Ties(id=table.ids("id"), bus=table.references("bus", at_bus), import_mw=table.series("import_mw"))


def loads(pb: bids_pb2.Loads, at_bus: Index, periods: int, problems: Problems) -> Loads:
    """Loads that must be served."""
    problems.only(pb, "case.loads")
    table = Table(pb, "case.loads", "id", periods, problems)
    return Loads(id=table.ids("id"), bus=table.references("bus", at_bus), mw=table.series("mw"))
