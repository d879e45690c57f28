"""A whole market case: frozen tables, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from clearing.case.arrays import Flags, Ids, Ints, freeze
from clearing.case.award_terms import NO_AWARD_TERMS, NO_BANDS, AwardTerms, RegulationBands
from clearing.case.contingencies import NO_CONTINGENCIES, Contingencies
from clearing.case.demand_bids import NO_BIDS, DemandBids
from clearing.case.energy_limits import NO_CYCLES, NO_WINDOWS, EnergyWindows, StorageCycles
from clearing.case.entry import NO_ENTRY, MarketEntry
from clearing.case.flow_penalties import NO_FLOW_PENALTIES, FlowPenalties
from clearing.case.horizon import Horizon
from clearing.case.hvdc_lines import NO_HVDC, HvdcLines
from clearing.case.linear_limits import NO_LINEAR_LIMITS, LinearLimits
from clearing.case.network import Network
from clearing.case.output_curves import NO_CURVES, OutputCurves
from clearing.case.price_ineligible import NONE_INELIGIBLE, PriceIneligible
from clearing.case.pumped_hydro import NO_PUMPED_HYDRO, PumpedHydro
from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_kinds import NO_KINDS, ReserveKinds
from clearing.case.reserve_offers import NO_RESERVE_OFFERS, ReserveOffers
from clearing.case.reserve_sharing import NO_SHARING, ReserveSharing
from clearing.case.reserves import Reserves
from clearing.case.resources import Loads, Renewables, Storage, Ties
from clearing.case.starts import NO_PLANT_LIMITS, NO_START_LEADS, NO_START_LIMITS, PlantLimits, StartLeads, StartLimits
from clearing.case.unit_groups import NO_GROUPS, UnitGroups
from clearing.case.units import Units
from clearing.case.virtual_plants import NO_VIRTUAL_PLANTS, VirtualPlants


@dataclass(frozen=True, slots=True)
class Participants:
    """owner_id and plant_id: names that the owner and plant columns index into."""

    owner_id: Ids = ()
    plant_id: Ids = ()


class CommitmentUse(IntEnum):
    """What a commitment in the request means; numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    FIXED = 1
    HINT = 2
    FLOOR = 3
    FOLLOW = 4


@dataclass(frozen=True, slots=True)
class CommitmentInput:
    """A commitment given by the caller.

    use
    on (N, T)    0/1
    free (F)     units that it does not bind although it is FIXED or to be followed: fast-start units of real time
    """

    use: CommitmentUse
    on: Flags
    free: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Case:
    """One market case. notes: what a reader convexified, assumed or derived, one sentence each."""

    name: str
    horizon: Horizon
    participants: Participants
    network: Network
    units: Units
    renewables: Renewables
    storage: Storage
    ties: Ties
    loads: Loads
    reserves: Reserves
    commitment: CommitmentInput | None = None
    notes: tuple[str, ...] = ()
    unit_groups: UnitGroups = NO_GROUPS
    energy_windows: EnergyWindows = NO_WINDOWS
    storage_cycles: StorageCycles = NO_CYCLES
    demand_bids: DemandBids = NO_BIDS
    virtual_plants: VirtualPlants = NO_VIRTUAL_PLANTS
    start_limits: StartLimits = NO_START_LIMITS
    plant_limits: PlantLimits = NO_PLANT_LIMITS
    start_leads: StartLeads = NO_START_LEADS
    reserve_sharing: ReserveSharing = NO_SHARING
    reserve_demand: ReserveDemand = NO_DEMAND
    reserve_offers: ReserveOffers = NO_RESERVE_OFFERS
    hvdc_lines: HvdcLines = NO_HVDC
    reserve_kinds: ReserveKinds = NO_KINDS
    pumped_hydro: PumpedHydro = NO_PUMPED_HYDRO
    startup_curves: OutputCurves = NO_CURVES
    shutdown_curves: OutputCurves = NO_CURVES
    price_ineligible: PriceIneligible = NONE_INELIGIBLE
    flow_penalties: FlowPenalties = NO_FLOW_PENALTIES
    linear_limits: LinearLimits = NO_LINEAR_LIMITS
    award_terms: AwardTerms = NO_AWARD_TERMS
    regulation_bands: RegulationBands = NO_BANDS
    contingencies: Contingencies = NO_CONTINGENCIES
    entry: MarketEntry = NO_ENTRY
