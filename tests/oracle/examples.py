"""Named small cases that together switch on every family of docs/formulation.md; what each of them is there to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind
from clearing.case.reserves import Direction
from clearing.rules.rules import RampSharing, Rules, StateJudged, ViolationPricing
from tests.factory import Row, market
from tests.formulation.drawn import CLEARING, GENERIC, PRICING, exact
from tests.oracle.test_pumped import drawn as drawn_pumped

INF = np.inf
PENALTIES = replace(CLEARING, joint_limit=((4.0, 250.0), (INF, 400.0)), group_on=((1.0, 300.0), (INF, 700.0)))


@dataclass(frozen=True)
class Example:
    """shows: rows of the specification without which the optimum of the SCUC would be another."""

    case: Callable[[], Case]
    shows: tuple[str, ...]
    sharing: RampSharing = RampSharing.PGLIB
    pricing: ViolationPricing = ViolationPricing.PENALTY
    starts: tuple[tuple[str, Any], ...] = ()

    def rules(self) -> Rules:
        rules = exact(GENERIC)
        return replace(
            rules,
            clearing_penalties=PENALTIES,
            pricing_penalties=replace(PRICING, joint_limit=((INF, 150.0),)),
            reserves=replace(rules.reserves, ramp_sharing=self.sharing),
            prices=replace(rules.prices, violation_pricing=self.pricing),
            starts=replace(rules.starts, penalty=((1.0, 200.0), (INF, 350.0)), **dict(self.starts)),
        )


def base(**more: Any) -> Row:
    """A large unit that is on at 40 MW and stays on."""
    return {"id": "base", "p_min": 20.0, "p_max": 100.0, "blocks": [(60.0, 10.0), (40.0, 18.0)], "no_load": 50.0,
            "on": True, "mw": 40.0, "must_run": True} | more  # fmt: skip


def peak(name: str = "peak", **more: Any) -> Row:
    """A small unit that is off."""
    return {"id": name, "p_min": 10.0, "p_max": 40.0, "price": 30.0, "no_load": 20.0, "start_cost": 100.0,
            "stop_cost": 10.0, "minutes": 600} | more  # fmt: skip


def spells() -> Case:
    """Two short peaks: a unit must run on between them, another stay off, one is fixed, one must not run."""
    units = [
        base(p_max=50.0, blocks=[(50.0, 10.0)]),
        peak("slow", min_up=180, min_down=180, start_cost=20.0, no_load=200.0),
        peak("quick", price=35.0, p_min=5.0, start_cost=10.0, no_load=150.0, min_down=180),
        peak("tested", fixed={2: 12.0}, price=90.0),
        peak("out", must_off=True, price=1.0),
    ]
    return market([45.0, 95.0, 55.0, 40.0, 98.0, 30.0], units)


def start_states() -> Case:
    """Off for one hour only, so the second start is hot: rising costs for one unit, falling costs for another."""
    rising = peak("rising", start=[(0, 50.0), (120, 400.0)], on=True, mw=15.0, no_load=120.0)
    falling = {"id": "falling", "p_min": 20.0, "p_max": 20.0, "price": 10.0, "start": [(0, 500.0), (120, 100.0)],
               "minutes": 300}  # fmt: skip
    return market([35.0, 0.0, 35.0, 5.0, 40.0, 35.0], [rising, falling])


def ramps() -> Case:
    """Slow units, start-up and shut-down limits, reserve in both directions that shares ramp and room."""
    units = [
        base(ramp=0.4, startup_limit=30.0, p_max=90.0, must_run=False),
        peak("steep", ramp=0.35, startup_limit=12.0, shutdown_limit=14.0, on=True, mw=30.0, min_up=60),
        peak("last", p_min=8.0, startup_limit=15.0, shutdown_limit=10.0, price=45.0),
    ]
    products = [
        {"id": "up", "requirement": 14.0, "minutes": 15.0},
        {"id": "down", "direction": Direction.DOWN, "requirement": 9.0, "minutes": 20.0, "max": [6.0, 20.0, 20.0]},
    ]
    return market([75.0, 95.0, 60.0, 30.0, 70.0], units, products=products)


def reserve_terms() -> Case:
    """A better product serves a lesser one, which has a demand curve; capacity is offered; one product is zonal."""
    units = [base(p_max=70.0), peak("left", bus="a"), peak("right", bus="b", price=25.0, on=True, mw=20.0)]
    products = [
        {
            "id": "fast",
            "requirement": 12.0,
            "serves": ["slow"],
            "offers": {"base": [(5.0, 1.0), (9.0, 6.0)], "left": [(40.0, 9.0)], "right": [(2.0, 0.5), (38.0, 8.0)]},
        },
        {"id": "slow", "requirement": 40.0, "curve": [(4.0, 15.0), (INF, 60.0)], "offers": {"right": [(20.0, 3.0)]}},
        {"id": "zone", "requirement": [0.0, 15.0, 8.0, 0.0], "buses": ["b"], "max": [INF, INF, 12.0]},
    ]
    return market(
        {"a": [50.0, 60.0, 62.0, 45.0], "b": [20.0, 30.0, 22.0, 15.0]}, units, products=products,
        branches=[{"id": "ab", "ends": ("a", "b")}],
    )  # fmt: skip


def groups() -> Case:
    """Joint output both ways, least and greatest number on line."""
    units = [base(), peak("one", on=True, mw=20.0), peak("two", price=32.0), peak("three", price=5.0, start_cost=0.0)]
    rows = [
        {"id": "heat", "units": ["one", "two"], "min": [0.0, 25.0, 25.0, -INF], "min_on": [1, 2, 1, 0]},
        {"id": "coal", "units": ["base", "three"], "max": [60.0, 60.0, INF, 75.0], "max_on": [2, 2, 1, 1]},
    ]
    return market([70.0, 95.0, 85.0, 60.0], units, groups=rows)


def energy() -> Case:
    """Little gas, much water, one cycle of a battery that a valley and a peak would use twice."""
    units = [
        base(p_max=60.0, blocks=[(60.0, 20.0)], must_run=False, on=True),
        peak("gas", p_min=0.0, price=8.0, on=True, mw=10.0),
        peak("water", p_min=0.0, price=70.0, on=True, mw=10.0),
        peak("dear", price=150.0, p_max=60.0, p_min=0.0),
    ]
    windows = [
        {"unit": "gas", "first": 1, "last": 4, "max": 60.0},
        {"unit": "water", "first": 0, "last": 2, "min": 45.0},
    ]
    battery = {"id": "battery", "power": 20.0, "eta": 0.9, "energy": 40.0, "initial": 10.0, "cycles": 0.5}
    return market([60.0, 90.0, 40.0, 35.0, 95.0, 90.0], units, windows=windows, storage=[battery],
                  ties=[{"id": "tie", "mw": [5.0, -5.0, 0.0, 0.0, 4.0, 4.0]}])  # fmt: skip


def storage_modes() -> Case:
    """Energy too much: charging and discharging at once would burn it; pumps have a least MW."""
    units = [base(p_min=30.0, blocks=[(30.0, -20.0), (70.0, 15.0)])]
    stores = [
        {"id": "battery", "power": 15.0, "eta": 0.8, "energy": 30.0, "initial": 10.0, "final": 0.0},
        {"id": "pump", "charge": 25.0, "discharge": 25.0, "eta": 0.85, "energy": 80.0, "initial": 20.0, "final": 20.0,
         "charge_min": 18.0, "discharge_min": 15.0},
    ]  # fmt: skip
    sites = [{"id": "wind", "forecast": [30.0, 10.0, 5.0, 0.0], "price": -5.0, "min": [3.0, 3.0, 3.0, 0.0]}]
    return market([20.0, 24.0, 70.0, 150.0], units, storage=stores, renewables=sites)


def pump() -> Case:
    """A store too small for its pump's least MW, and an hour in which it would turn and pump at once."""
    units = [base(blocks=[(100.0, 15.0)]), peak("dear", price=200.0, p_min=0.0, p_max=30.0)]
    pumped = {"id": "pump", "power": 40.0, "eta": 0.85, "energy": 12.0, "initial": 5.0, "final": 0.0,
              "charge_min": 18.0, "discharge_min": 15.0}  # fmt: skip
    return market([5.0, 104.0, 60.0], units, storage=[pumped])


def bids() -> Case:
    """Load that bids, aggregated generation and load over two buses, both with ramps."""
    units = [base(bus="a", p_max=70.0), peak("dear", bus="b", price=55.0, on=True, mw=10.0)]
    return market(
        {"a": [40.0, 50.0, 30.0, 55.0], "b": [15.0, 20.0, 25.0, 15.0]}, units,
        bids=[{"id": "works", "bus": "b", "min": 4.0, "max": 20.0, "blocks": [(8.0, 58.0), (8.0, 16.0)]}],
        virtual=[
            {"id": "roofs", "min": 2.0, "max": [20.0, 6.0, 20.0, 20.0], "ramp": 0.15, "factors": {"a": 0.3, "b": 0.7},
             "blocks": [(10.0, 12.0), (10.0, 40.0)]},
            {"id": "cars", "load": True, "min": 3.0, "max": [20.0, 20.0, 8.0, 20.0], "ramp": 0.12,
             "factors": {"a": 0.5, "b": 0.5}, "blocks": [(10.0, 50.0), (10.0, 17.0)]},
        ],
        branches=[{"id": "ab", "ends": ("a", "b"), "limit": 28.0}],
    )  # fmt: skip


def limits_a_day() -> Case:
    """Peaks before and after midnight: how often units and a plant may start and stop."""
    cheap = {"no_load": 300.0, "start_cost": 10.0, "stop_cost": 0.0, "p_min": 5.0}
    units = [
        base(p_max=50.0, blocks=[(50.0, 10.0)]),
        peak("one", max_starts=1, max_stops=1, **cheap),
        peak("two", plant="site", price=31.0, on=True, mw=10.0, **cheap),
        peak("three", plant="site", price=33.0, **cheap | {"no_load": 100.0}),
    ]
    return market(
        [110.0, 40.0, 115.0, 40.0, 120.0, 45.0, 118.0, 40.0], units, start_minute=1440 - 6 * 60,
        plant_limits=[{"plant": "site", "max_starts": 1, "max_stops": 2}],
    )  # fmt: skip


def spacing() -> Case:
    """Two units of a plant would start, and stop, in one hour; a third one of another plant replaces a fourth."""
    cheap = {"start_cost": 5.0, "stop_cost": 0.0, "p_min": 5.0, "no_load": 150.0}
    units = [
        base(p_max=50.0, blocks=[(50.0, 10.0)]),
        peak("one", plant="site", **cheap), peak("two", plant="site", price=31.0, **cheap),
        peak("old", plant="yard", price=40.0, on=True, mw=10.0, **cheap),
        peak("new", plant="yard", price=20.0, **cheap | {"p_max": 15.0}),
    ]  # fmt: skip
    return market(
        [60.0, 40.0, 130.0, 128.0, 40.0, 40.0], units,
        plant_limits=[
            {"plant": "site", "start_spacing": 120, "stop_spacing": 120},
            {"plant": "yard", "switching": 240, "start_spacing": 0, "stop_spacing": 0},
        ],
    )  # fmt: skip


def lead_times() -> Case:
    """A unit that may still start warm in the second hour, and has grown cold, and far from ready, by the third."""
    units = [
        base(p_max=50.0, blocks=[(50.0, 10.0)]),
        peak("coal", start=[(0, 50.0), (240, 60.0)], lead=[60, 600], minutes=120, no_load=0.0),
        peak("cold", price=35.0, start=[(0, 50.0), (60, 60.0)], lead=[0, 180], minutes=600),
        peak("dear", price=90.0, p_min=0.0),
    ]
    return market([85.0, 45.0, 45.0, 85.0, 110.0], units, lead_reference=0)


def shut_down() -> Case:
    """A unit needed for reserve in its last hour on: what it holds counts against its shut-down limit."""
    units = [base(), peak("last", shutdown_limit=12.0, on=True, mw=12.0, no_load=600.0)]
    products = [{"id": "up", "requirement": [10.0, 0.0, 0.0], "max": [2.0, 30.0]}]
    return market([70.0, 60.0, 60.0], units, products=products)


def system_reserves() -> Case:
    """Capacity on line at least and at most, and a least output that leaves room below."""
    units = [base(p_max=80.0), peak("one", price=20.0, p_min=5.0, no_load=0.0, start_cost=400.0),
             peak("two", price=31.0, p_min=5.0, on=True, mw=20.0, no_load=0.0,
                                                         start_cost=400.0)]  # fmt: skip
    return market(
        [60.0, 30.0, 78.0, 40.0, 75.0], units, positive_min_mw=[10.0, 5.0, 60.0, 5.0, 40.0],
        positive_max_mw=[70.0, 95.0, 95.0, 50.0, 60.0], negative_min_mw=[0.0, 9.0, 5.0, 0.0, 0.0],
    )  # fmt: skip


def reserve_in_store() -> Case:
    """A full battery, too dear to run, gives what it could for the reserve duration; a unit starts for the rest."""
    units = [base(p_max=80.0), peak("one")]
    battery = {"id": "battery", "power": 20.0, "eta": 0.9, "energy": 12.0, "initial": 12.0, "final": 12.0,
               "discharge_price": 200.0}  # fmt: skip
    return market([60.0, 68.0, 60.0], units, storage=[battery], positive_min_mw=[10.0, 28.0, 10.0])


def network() -> Case:
    """A loop with a phase shifter, an interface and an island of its own that goes short."""
    units = [base(bus="a"), peak("b1", bus="b", on=True, mw=15.0), peak("d1", bus="d", p_max=12.0, p_min=2.0)]
    branches = [
        {"id": "ab", "ends": ("a", "b"), "limit": 20.0}, {"id": "bc", "ends": ("b", "c"), "x": 0.2},
        {"id": "ca", "ends": ("c", "a"), "x": 0.15, "shift": 2.0, "tap": 0.95},
    ]  # fmt: skip
    cut = {"id": "cut", "terms": {"bc": -1.0, "ca": 1.0}, "min": [-30.0, -38.0, -30.0], "max": [60.0, 70.0, 50.0]}
    return market(
        {"a": [10.0, 15.0, 12.0], "b": [20.0, 25.0, 22.0], "c": [35.0, 40.0, 30.0], "d": [8.0, 20.0, 0.0]}, units,
        buses=list("abcd"), branches=branches, interfaces=[cut],
    )  # fmt: skip


def direct_current() -> Case:
    """A dispatchable line with a ramp and losses between two islands, and one whose schedule asks too much."""
    units = [base(bus="a"), peak("b1", bus="b", price=60.0, p_min=0.0, on=True, mw=20.0)]
    lines = [
        {"id": "free", "ends": ("a", "b"), "min": 0.0, "max": 30.0, "ramp": 0.2, "loss": 0.03},
        {"id": "told", "ends": ("b", "a"), "mw": [0.0, 5.0, 5.0, 0.0]},
    ]
    return market({"a": [40.0, 50.0, 30.0, 45.0], "b": [10.0, 35.0, 38.0, 15.0]}, units, hvdc=lines)


def output_curves() -> Case:
    """A unit that climbs three steps, cold, and may not be there in time; one that comes down two, and climbs hot."""
    cold = {
        "id": "cold", "p_min": 30.0, "p_max": 60.0, "price": 20.0, "min_down": 300,
        "up": {1: [15.0], 2: [5.0, 10.0, 20.0]}, "start": [(0, 40.0), (300, 100.0)],
    }  # fmt: skip
    down = {
        "id": "down", "p_min": 10.0, "p_max": 30.0, "price": 45.0, "on": True, "mw": 10.0, "min_down": 180,
        "up": [6.0], "down": [8.0, 3.0], "start_cost": 10.0, "no_load": 50.0,
    }  # fmt: skip
    return market([50.0, 50.0, 98.0, 90.0, 40.0, 40.0], [base(p_max=70.0), cold, down])


def linear_sums() -> Case:
    """The difference of two outputs, and an injection with part of a flow."""
    units = [base(bus="a"), peak("b1", bus="b", on=True, mw=15.0)]
    sums = [
        {"id": "apart", "units": {"base": 1.0, "b1": -1.0}, "max": [30.0, 45.0, 30.0]},
        {"id": "export", "buses": {"a": 1.0}, "branches": {"ab": 0.5}, "max": 60.0, "penalty": 70.0},
    ]
    return market(
        {"a": [10.0, 15.0, 12.0], "b": [40.0, 50.0, 36.0]}, units, branches=[{"id": "ab", "ends": ("a", "b")}],
        linear=sums,
    )  # fmt: skip


def bands() -> Case:
    """Regulation from within a band or by a dearer unit; what a unit off line holds is stated."""
    free = (False, 0.0, 0.0, False)
    agc, cold = ProductKind.REGULATION, ProductKind.NON_SPINNING
    units = [
        base(p_max=80.0, band=(30.0, 70.0, 5.0, 0), ramp=2.0),
        peak("steady", on=True, mw=15.0, band=(12.0, 35.0, 40.0, 2), ramp=2.0, must_run=True),
        peak("off", p_max=20.0, price=99.0),
    ]
    products = [
        {"id": "agc", "kind": agc, "requirement": [14.0, 13.0, 0.0], "minutes": 5.0, "max": [10.0, 10.0, 0.0],
         "terms": free, "curve": [(INF, 200.0)]},
        {"id": "cold", "kind": cold, "requirement": 9.0, "max": 0.0, "off": {"off": 7.0, "steady": 3.0},
         "curve": [(INF, 25.0)]},
    ]  # fmt: skip
    return market([88.0, 84.0, 45.0], units, products=products)


def relaxed() -> Case:
    """Too little of everything: load is shed and a group, a window, a cycle and a product are broken, then re-run."""
    units = [
        base(p_max=60.0),
        peak("gas", price=25.0, on=True, mw=20.0, ramp=0.5),
        peak("last", price=90.0, p_max=15.0),
    ]
    battery = {"id": "battery", "power": 10.0, "eta": 0.9, "energy": 20.0, "initial": 18.0, "final": 0.0, "cycles": 0.2}
    return market(
        [90.0, 118.0, 128.0, 60.0], units, storage=[battery],
        groups=[{"id": "smog", "units": ["gas", "last"], "max": 35.0}],
        windows=[{"unit": "gas", "first": 0, "last": 3, "max": 90.0}],
        products=[{"id": "up", "requirement": 6.0}],
    )  # fmt: skip


def pumped(seed: int) -> Callable[[], Case]:
    """Machines and reservoirs as drawn for tests/oracle/test_pumped.py: seeds in which the rows named below matter."""
    return lambda: drawn_pumped(seed)[0]


RELAX, HEADROOM = ViolationPricing.RELAX_AND_RERUN, RampSharing.HEADROOM
EXAMPLES: dict[str, Example] = {
    "spells": Example(spells, ("min_up", "min_down", "fixed_output")),
    "start states": Example(start_states, ("start_state_sum", "start_offline")),
    "ramps": Example(ramps, ("ramp_up", "ramp_down", "award_cap", "footroom")),
    "ramps, form HEADROOM": Example(ramps, ("ramp_up", "ramp_down", "headroom"), sharing=HEADROOM),
    "shut-down limit": Example(shut_down, ("headroom_stop",)),
    "reserve terms": Example(reserve_terms, ("product", "award_offer", "award_cap")),
    "groups": Example(groups, ("group_output", "group_on")),
    "energy": Example(energy, ("commitment", "energy_window", "storage_energy")),
    "storage modes": Example(storage_modes, ("charge_mode", "discharge_mode", "renewable_blocks", "output_blocks")),
    "pump": Example(pump, ("charge_least", "discharge_least", "one_mode")),
    "bids and virtual plants": Example(bids, ("demand_output", "virtual_blocks", "virtual_ramp", "branch")),
    "limits a day": Example(limits_a_day, ("unit_starts", "unit_stops", "plant_starts", "plant_stops")),
    "spacing and switching": Example(spacing, ("start_spacing", "stop_spacing", "stopped", "switched", "switching")),
    "lead times": Example(lead_times, ("start_lead", "start_window"), starts=(("judged", StateJudged.SYNC),)),
    "system reserves": Example(system_reserves, ("system_positive_min", "system_positive_max", "system_negative_min")),
    "reserve in store": Example(reserve_in_store, ("deliverable",)),
    "network": Example(network, ("balance", "shed_total", "bus_balance", "angle_flow", "branch", "interface")),
    "output curves": Example(output_curves, ("curve_fits",)),
    "direct current": Example(direct_current, ("hvdc_schedule", "hvdc_ramp")),
    "linear limits": Example(linear_sums, ("linear_limit",)),
    "bands of regulation": Example(bands, ("band_cap", "regulating_on", "offline_stated")),
    "machines with a least output": Example(pumped(3), ("reservoir_energy", "generation_most", "generation_least")),
    "machines that turn": Example(pumped(7), ("pump_then_generate", "mode_turns", "mode_changes")),
    "machines of one reservoir": Example(pumped(9), ("one_direction", "generate_then_pump")),
    "machines that are alike": Example(pumped(0), ("reservoir_energy",)),
    "machines in reserve": Example(pumped(51), ("pumped_deliverable",)),
    "all limits broken": Example(relaxed, ("product", "group_output", "energy_window", "storage_cycle"), pricing=RELAX),
}
