"""Proto → case: horizon, participants, commitment, and the tables of the other readers."""

from __future__ import annotations

import datetime as dt

from clearing.case.case import Case, CommitmentInput, CommitmentUse, Participants
from clearing.case.contingencies import OutageKind
from clearing.case.entry import with_factors
from clearing.case.horizon import Horizon
from clearing.case.output_curves import at_p_min
from clearing.v1 import case_pb2
from clearing.wire import (
    award_terms,
    contingencies,
    entry,
    hvdc,
    linear_limits,
    output_curves,
    read_bids,
    read_limits,
    read_network,
    read_pumped,
    read_reserve_kinds,
    read_reserve_terms,
    read_reserves,
    read_resources,
    read_starts,
    unit_basis,
)
from clearing.wire.fields import Table, index_of
from clearing.wire.problems import Problems

MOST_PERIODS = 10_000
_USES = frozenset(use for use in CommitmentUse if use is not CommitmentUse.UNSPECIFIED)
_BINDING = frozenset({CommitmentUse.FIXED, CommitmentUse.FOLLOW})
_UNDERSTOOD = frozenset(
    {
        "name", "horizon", "participants", "network", "units", "renewables", "storage", "ties", "loads", "reserves",
        "commitment", "notes", "unit_groups", "energy_windows",
        "demand_bids", "virtual_plants", "plant_limits", "hvdc_lines",
        "pumped_hydro", "linear_limits", "contingencies", "entry",
    }
)  # fmt: skip


def case(pb: case_pb2.Case, problems: Problems) -> Case | None:
    """All tables, or None when they cannot be built; every fault is in `problems`."""
    problems.only(pb, "case", _UNDERSTOOD)
    horizon = _horizon(pb, problems)
    periods = horizon.periods if horizon else 0
    participants = _participants(pb.participants, periods, problems)
    network = read_network.network(pb.network, periods, problems)
    names = read_resources.Names(
        owner=index_of(participants.owner_id),
        plant=index_of(participants.plant_id),
        bus=index_of(network.bus_id),
    )
    stated = read_resources.units(pb.units, names, periods, problems)
    table = Table(pb.units, "case.units", "id", periods, problems)
    share = unit_basis.net_share(pb.units, table, problems)
    net = unit_basis.net_units(stated, share)
    heat = table.series("heat_min_mw", 0.0) * share[:, None]
    units = unit_basis.with_heat(net, heat, problems)
    renewables = read_resources.renewables(pb.renewables, names, periods, problems)
    storage = read_resources.storage(pb.storage, names, periods, problems)
    ties = read_network.ties(pb.ties, names.bus, periods, problems)
    lines = hvdc.read(pb.hvdc_lines, names.bus, periods, problems)
    loads = read_network.loads(pb.loads, names.bus, periods, problems)
    reserves = read_reserves.reserves(pb.reserves, network, len(units.id), periods, problems)
    product = index_of(reserves.product_id)
    reserve_sharing = read_reserve_terms.sharing(pb.reserves, product, problems)
    reserve_demand = read_reserve_terms.demand(pb.reserves, product, problems)
    reserve_offers = read_reserve_terms.offers(pb.reserves, product, index_of(units.id), periods, problems)
    terms = award_terms.read_terms(pb.reserves, product, index_of(units.id), periods, problems)
    bands = award_terms.read_bands(pb.reserves, index_of(units.id), periods, problems)
    reserve_kinds = read_reserve_kinds.kinds(pb, product, index_of(storage.id), periods, problems)
    penalties = read_network.flow_penalties(pb.network, network, periods, problems)
    of_terms = {"unit": index_of(units.id), "renewable": index_of(renewables.id), "storage": index_of(storage.id)}
    of_terms |= {"bus": names.bus, "branch": index_of(network.branch_id)}
    linear = linear_limits.read(pb.linear_limits, of_terms, periods, problems)
    kinds = {OutageKind.BRANCH: of_terms["branch"], OutageKind.UNIT: of_terms["unit"]}
    kinds[OutageKind.HVDC_LINE] = index_of(lines.id)
    lost = contingencies.read(
        pb.contingencies, kinds, of_terms["branch"], index_of(network.interface_id), periods, problems
    )
    commitment = _commitment(pb, periods, problems)
    unit = index_of(units.id)
    up, down = (
        unit_basis.net_curves(output_curves.read(getattr(pb.units, name), name, unit, periods, problems), share)
        for name in ("startup_curves", "shutdown_curves")
    )
    ineligible = read_resources.price_ineligible(pb.units, unit, periods, problems)
    groups = read_limits.unit_groups(pb.unit_groups, unit, periods, problems)
    windows = read_limits.energy_windows(pb.energy_windows, unit, periods, problems)
    cycles = read_limits.storage_cycles(pb.storage, periods, problems)
    bids = read_bids.demand_bids(pb.demand_bids, names, periods, problems)
    plants = read_bids.virtual_plants(pb.virtual_plants, names, periods, problems)
    entered = entry.read(pb.entry, index_of(plants.id), names.bus, problems)
    pumped = read_pumped.pumped_hydro(pb.pumped_hydro, names, periods, problems)
    start_limits = read_starts.start_limits(pb.units, periods, problems)
    plant_limits = read_starts.plant_limits(pb.plant_limits, participants.plant_id, periods, problems)
    start_leads = read_starts.start_leads(pb.units, periods, problems)
    if horizon is None or not problems.formed:
        return None
    plants, spread = with_factors(plants, entered, horizon.operating_day.toordinal(), len(network.bus_id))
    return Case(
        name=pb.name,
        horizon=horizon,
        participants=participants,
        network=network,
        units=at_p_min(units, up, down),
        renewables=renewables,
        storage=storage,
        ties=ties,
        loads=loads,
        reserves=reserves,
        commitment=commitment,
        notes=(*pb.notes, *unit_basis.notes(net, share, units), *spread),
        unit_groups=groups,
        energy_windows=windows,
        storage_cycles=cycles,
        demand_bids=bids,
        virtual_plants=plants,
        hvdc_lines=lines,
        start_limits=start_limits,
        plant_limits=plant_limits,
        start_leads=start_leads,
        reserve_sharing=reserve_sharing,
        reserve_demand=reserve_demand,
        reserve_offers=reserve_offers,
        reserve_kinds=unit_basis.net_kinds(reserve_kinds, share),
        pumped_hydro=pumped,
        startup_curves=up,
        shutdown_curves=down,
        price_ineligible=ineligible,
        flow_penalties=penalties,
        linear_limits=linear,
        award_terms=terms,
        regulation_bands=bands,
        contingencies=lost,
        entry=entered,
    )


def _horizon(pb: case_pb2.Case, problems: Problems) -> Horizon | None:
    path = "case.horizon"
    if not pb.HasField("horizon"):
        problems.fatal("REQUIRED", path, "Required.")
        return None
    wire = pb.horizon
    problems.only(wire, path)
    day: dt.date | None = None
    try:
        day = dt.datetime.strptime(wire.operating_day, "%Y-%m-%d").date()
    except ValueError:
        problems.fatal("BAD_DATE", f"{path}.operating_day", "Not a date.", value=wire.operating_day, limit="YYYY-MM-DD")
    if wire.period_minutes < 1 or 60 % wire.period_minutes:
        limit = "a divisor of 60"
        problems.fatal(
            "OUT_OF_RANGE", f"{path}.period_minutes", f"Must be {limit}.", value=wire.period_minutes, limit=limit
        )
    if not 1 <= wire.periods <= MOST_PERIODS:
        limit = f"1 to {MOST_PERIODS}"
        problems.fatal("OUT_OF_RANGE", f"{path}.periods", f"Must be {limit}.", value=wire.periods, limit=limit)
        return None
    if wire.start_minute < 0:
        problems.error("OUT_OF_RANGE", f"{path}.start_minute", "Must be ≥ 0.", value=wire.start_minute, limit="≥ 0")
    return Horizon(day or dt.date.min, wire.period_minutes, wire.periods, wire.start_minute)


def _participants(pb: case_pb2.Participants, periods: int, problems: Problems) -> Participants:
    path = "case.participants"
    problems.only(pb, path)
    owners = Table(pb, path, "owner_id", periods, problems)
    plants = Table(pb, path, "plant_id", periods, problems)
    return Participants(owners.ids("owner_id"), plants.ids("plant_id"))


def _commitment(pb: case_pb2.Case, periods: int, problems: Problems) -> CommitmentInput | None:
    if not pb.HasField("commitment"):
        return None
    path = "case.commitment"
    problems.only(pb.commitment, path)
    use = pb.commitment.use
    known = int(use) in _USES
    if not known:
        problems.error(
            "UNKNOWN_ENUM", f"{path}.use", "The value is not allowed.", value=use, limit="FIXED, HINT, FLOOR, FOLLOW"
        )
    table = Table(pb.commitment, path, "on", periods, problems)
    table.rows = len(pb.units.id)
    on = table.flags("on")
    free = Table(pb.commitment, path, "free_unit", periods, problems)
    again = index_of(free.ids("free_unit"))
    rows = free.references("free_unit", index_of(tuple(pb.units.id)))
    if again and int(use) not in _BINDING:
        problems.error("CONTRADICTION", f"{path}.free_unit", "Only a commitment that binds leaves units free.")
    return CommitmentInput(CommitmentUse(use) if known else CommitmentUse.UNSPECIFIED, on, rows)
