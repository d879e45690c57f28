"""Hypothesis strategies: markets of every shape, and results over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from clearing.case.bound_proof import BoundProof
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.finding import Finding, Severity
from clearing.case.islands import island_ids
from clearing.case.losses import Losses
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.case.prices import Multipliers, Prices, PriceSetter, SettlementPrices
from clearing.case.result import (
    Binding,
    BoundKind,
    ClearingResult,
    Costs,
    Payments,
    Reason,
    Termination,
    Uplift,
    Violation,
)
from clearing.case.schedule import Flows, Schedule
from tests.factory import Row, market
from tests.wire.drawn_explanations import drawn_explanations

BUSES = ("north", "south", "机组母线", "x|y")
MW = st.floats(-1e6, 1e6, width=64)
PLAIN = MW.map(lambda x: x + 0.0)
"""Without −0.0: a column that may be left out where all is 0 comes back as 0."""
LIMIT = st.one_of(MW, st.just(np.inf))
WORD = st.text(max_size=20)


def series(periods: int, values: st.SearchStrategy[float] = MW) -> st.SearchStrategy[list[float]]:
    """A series that is constant about half of the time."""
    constant = values.map(lambda v: [v] * periods)
    return st.one_of(constant, st.lists(values, min_size=periods, max_size=periods))


def rows(prefix: str, columns: dict[str, st.SearchStrategy[Any]], most: int = 3) -> st.SearchStrategy[list[Row]]:
    """Rows with the ids prefix-0, prefix-1 …"""
    made = st.lists(st.fixed_dictionaries(columns), max_size=most)
    return made.map(lambda found: [{**row, "id": f"{prefix}-{k}"} for k, row in enumerate(found)])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any case that the factory can build, sensible or not."""
    periods = draw(st.integers(1, 4))
    buses = BUSES[: draw(st.integers(1, len(BUSES)))]
    bus, owner = st.sampled_from(buses), st.sampled_from(["", "甲公司", "b"])
    mw, bit = series(periods), st.lists(st.integers(0, 1), min_size=periods, max_size=periods)
    at = {"bus": bus, "owner": owner, "plant": st.sampled_from(["", "p1", "p2"])}
    blocks = st.lists(st.tuples(mw, mw), max_size=3)
    units = draw(rows("unit", {**at, **_unit(mw, bit, periods), "blocks": blocks}))
    _limited_starts(draw, units)
    ends = st.tuples(st.integers(0, periods - 1), st.integers(0, periods - 1))
    branches = draw(
        rows(
            "line",
            {
                "ends": st.tuples(bus, bus),
                "x": MW,
                "limit": LIMIT,
                "tap": MW,
                "shift": MW,
                "on": st.booleans(),
                "emergency": LIMIT,
                "out": st.lists(ends, max_size=2),
                "limits": st.lists(st.tuples(ends, LIMIT, LIMIT).map(lambda row: (*row[0], *row[1:])), max_size=2),
            },
        )
    )
    own = st.one_of(st.just({}), st.fixed_dictionaries({"penalty": MW}))
    branches = [{**branch, **draw(own)} for branch in branches]
    terms = st.dictionaries(st.sampled_from([b["id"] for b in branches] or ["none"]), MW, max_size=2)
    products = rows(
        "product",
        {
            "requirement": mw,
            "direction": st.sampled_from([1, 2]),
            "minutes": LIMIT,
            "buses": st.lists(bus, max_size=2),
            "max": st.one_of(LIMIT, st.lists(LIMIT, min_size=len(units), max_size=len(units))),
        },
    )
    terms_of = drawn_terms(draw, draw(products), units, mw)
    store = {
        "cycles": MW,
        **at,
        "charge": mw,
        "discharge": mw,
        "eta": MW,
        "energy": MW,
        "initial": MW,
        "charge_price": mw,
        "charge_min": series(periods, PLAIN),
        "discharge_min": series(periods, PLAIN),
        "loss": PLAIN,
        "mode": st.lists(st.integers(0, 3), min_size=periods, max_size=periods),
    }
    number = st.lists(st.integers(-1, 9), min_size=periods, max_size=periods)
    member = st.lists(st.sampled_from([u["id"] for u in units] or [""]), max_size=2 if units else 0, unique=True)
    groups = rows("group", {"units": member, "min": mw, "max": mw, "min_on": number, "max_on": number}, most=2)
    window = {"unit": st.sampled_from([u["id"] for u in units] or [""]), "first": st.integers(0, periods - 1)}
    windows = st.lists(st.fixed_dictionaries({**window, "min": MW, "max": LIMIT}), max_size=2 if units else 0)
    linear = rows(
        "limit", {"min": mw, "max": mw, "penalty": MW, "branches": terms if branches else st.just({})}, most=2
    )
    some = st.lists(st.sampled_from([b["id"] for b in branches]), max_size=2) if branches else st.just([])
    losable = st.lists(st.sampled_from([u["id"] for u in units]), max_size=2) if units else st.just([])
    lost = rows("contingency", {"branches": some, "units": losable, "exempt": some}, most=2)
    watch = st.one_of(st.none(), st.fixed_dictionaries({"branches": some, "kv": MW}))
    curve = {"min": mw, "max": mw, "blocks": blocks, "owner": owner}
    share = st.dictionaries(bus, MW, max_size=2)
    plant = {**curve, "load": st.booleans(), "baseline": mw, "ramp": LIMIT, "factors": share}
    virtual = draw(rows("plant", plant, most=2))
    spans = _spans(draw, [v["id"] for v in virtual], bus)
    plants = sorted({u["plant"] for u in units if u["plant"]})
    count = st.integers(-1, 9)
    for unit in units:
        if draw(st.booleans()):
            unit |= {"up": draw(st.lists(MW, max_size=3)), "down": draw(st.lists(MW, max_size=2))}
            unit |= {"startup_limit": 5.0, "shutdown_limit": 7.0}
    numbers = ("max_starts", "max_stops", "start_spacing", "stop_spacing", "switching")
    limited = [{"plant": p, **{name: draw(count) for name in numbers}} for p in plants if draw(st.booleans())]
    flags = st.lists(bit, min_size=len(units), max_size=len(units))
    use = draw(st.sampled_from([None, *(u for u in CommitmentUse if u is not CommitmentUse.UNSPECIFIED)]))
    given = np.array(draw(flags), dtype=np.int8).reshape(len(units), periods)
    binding = use in {CommitmentUse.FIXED, CommitmentUse.FOLLOW}
    free = [i for i in range(len(units)) if binding and draw(st.booleans())]
    return market(
        {name: draw(mw) for name in buses},
        units=units,
        renewables=draw(rows("wind", {**at, "forecast": mw, "min": mw, "blocks": blocks})),
        storage=draw(rows("store", store)),
        ties=draw(rows("tie", {"bus": bus, "mw": mw})),
        products=terms_of,
        zones=draw(st.dictionaries(bus, st.sampled_from(["z1", "z2"]))),
        branches=branches,
        interfaces=draw(
            rows("cut", {"min": mw, "max": mw, "terms": terms if branches else st.just({}), "penalty": MW})
        ),
        period_minutes=draw(st.sampled_from([5, 15, 30, 60])),
        positive_min_mw=draw(st.one_of(st.none(), mw)),
        positive_max_mw=draw(st.one_of(st.none(), MW)),
        commitment=None if use is None else CommitmentInput(use, given, np.array(free, dtype=np.int64)),
        groups=draw(groups),
        linear=draw(linear),
        contingencies=draw(lost),
        watch=draw(watch),
        windows=draw(windows),
        bids=draw(rows("bid", {**curve, "bus": bus}, most=2)),
        virtual=virtual,
        entry=spans,
        hvdc=draw(rows("line", {"ends": st.tuples(bus, bus), "min": mw, "max": mw, "ramp": LIMIT, "loss": MW}, most=2))
        + draw(rows("link", {"ends": st.tuples(bus, bus), "mw": mw}, most=1)),
        weight=draw(st.one_of(st.none(), st.dictionaries(bus, MW, max_size=2))),
        loss_factor=draw(st.one_of(st.none(), st.dictionaries(bus, MW, max_size=2))),
        plant_limits=limited,
        lead_reference=draw(st.sampled_from([None, -360, 0])),
    )


def _spans(draw: st.DrawFn, plants: list[str], bus: st.SearchStrategy[str]) -> list[Row]:
    """Rows of entry; those in an aggregate do not hold on the operating day, so that no factor follows from them."""
    day = st.sampled_from(["", "2026-02-01", "2030-12-31"])
    row = {"id": st.sampled_from(["unit-0", "屋顶", "x"]), "last": day, "bus": st.one_of(st.just(""), bus), "mw": PLAIN}
    found = draw(st.lists(st.fixed_dictionaries(row), max_size=3))
    for span in found:
        if plants and draw(st.booleans()):
            span |= {"in": draw(st.sampled_from(plants)), "first": "2026-01-16"}
    return found


def _limited_starts(draw: st.DrawFn, units: list[Row]) -> None:
    """Give some units a limit on starts and stops, and lead times to all or none."""
    for unit in units:
        if draw(st.booleans()):
            unit |= {"max_starts": draw(st.integers(0, 5)), "max_stops": draw(st.integers(-1, 5))}
    if draw(st.booleans()):
        for unit in units:
            unit["lead"] = [draw(st.integers(-1, 2000)) for _ in unit["start"]]


def drawn_terms(draw: st.DrawFn, products: list[Row], units: list[Row], mw: st.SearchStrategy[Any]) -> list[Row]:
    """The products with terms of tests/reserve_rows.py."""
    some = st.lists(st.sampled_from([row["id"] for row in products] or ["none"]), max_size=2)
    curve = st.lists(st.tuples(LIMIT, MW), max_size=3)
    names = st.sampled_from([row["id"] for row in units] or ["none"])
    offers = st.dictionaries(names, st.lists(st.tuples(mw, mw), max_size=2), max_size=2)
    return [{**row, "serves": draw(some), "curve": draw(curve), "offers": draw(offers)} for row in products]


def _unit(mw: st.SearchStrategy[Any], bit: st.SearchStrategy[Any], periods: int) -> dict[str, st.SearchStrategy[Any]]:
    minutes = st.integers(0, 100_000)
    return {
        "p_min": mw,
        "p_max": mw,
        "ramp_up": LIMIT,
        "ramp_down": LIMIT,
        "startup_limit": LIMIT,
        "shutdown_limit": LIMIT,
        "min_up": minutes,
        "min_down": minutes,
        "no_load": MW,
        "stop_cost": MW,
        "on": st.booleans(),
        "minutes": minutes,
        "mw": MW,
        "must_run": bit,
        "must_off": bit,
        "fixed": st.dictionaries(st.integers(0, periods - 1), MW),
        "price_eligible": st.booleans(),
        "ineligible": st.lists(st.integers(0, periods - 1), unique=True, max_size=2),
        "start": st.lists(st.tuples(minutes, MW), max_size=3),
        "fuel": st.integers(0, 11),
    }


@st.composite
def results(draw: st.DrawFn) -> tuple[Case, ClearingResult]:
    """A case and any result over it."""
    case = draw(cases())
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    solved, priced = draw(st.booleans()), draw(st.booleans())
    table = ClearingResult(
        termination=draw(_terminations()),
        schedule=_schedule(case, seed) if solved else None,
        flows=_flows(case, seed) if solved and draw(st.booleans()) else None,
        costs=Costs(*seed.normal(size=7).tolist()) if solved else None,
        prices=_prices(case, seed) if solved and priced else None,
        multipliers=_multipliers(case, seed) if solved and priced else None,
        bound_proof=BoundProof(float(seed.normal()), _multipliers(case, seed)) if draw(st.booleans()) else None,
        price_sets=_price_sets(case, seed) if solved and priced and draw(st.booleans()) else (),
        losses=_losses(case, seed, priced) if solved and draw(st.booleans()) else None,
        settlement=_settlement(case, seed) if solved and priced else None,
        price_setters=_price_setters(case, seed) if solved and priced else (),
        uplift=_uplift(case, seed) if solved and priced and case.units.id else None,
        payments=_payments(case, seed) if solved and priced and case.demand_bids.id else None,
        bindings=_bindings(case, seed) if solved else (),
        violations=_violations(case, seed) if solved else (),
        audit=draw(st.lists(_findings(), max_size=2).map(tuple)),
        audit_passed=draw(st.booleans()),
        notes=draw(st.lists(_findings(), max_size=2).map(tuple)),
        explanations=drawn_explanations(case, seed) if solved and priced else None,
    )
    return case, table


def _terminations() -> st.SearchStrategy[Termination]:
    maybe = st.one_of(st.none(), MW)
    return st.builds(
        Termination,
        st.sampled_from(Reason),
        maybe,
        maybe,
        st.sampled_from(BoundKind),
        maybe,
        maybe,
        MW,
        st.booleans(),
        st.just(()),
        WORD,
    )


def _findings() -> st.SearchStrategy[Finding]:
    return st.builds(Finding, st.sampled_from(Severity), WORD, WORD, WORD, WORD, st.integers(-1, 99), WORD, WORD, WORD)


def _some(seed: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of which about half of the rows are zero and some are constant."""
    values = seed.normal(size=shape) * 100
    values[seed.random(shape[:-1]) < 0.5] = 0.0
    return values


def _schedule(case: Case, seed: np.random.Generator) -> Schedule:
    periods, units, stores = case.horizon.periods, len(case.units.id), len(case.storage.id)

    def bits() -> np.ndarray:
        return seed.integers(0, 2, size=(units, periods)).astype(np.int8)

    return Schedule(
        on=bits(),
        start=bits(),
        stop=bits(),
        dispatch_mw=_some(seed, units, periods),
        renewable_mw=_some(seed, len(case.renewables.id), periods),
        charge_mw=_some(seed, stores, periods),
        discharge_mw=_some(seed, stores, periods),
        energy_mwh=_some(seed, stores, periods),
        reserve_mw=_some(seed, len(case.reserves.product_id), units, periods),
        shed_mw=_some(seed, len(case.network.bus_id), periods),
        surplus_mw=_some(seed, len(island_ids(case.network, case.horizon.periods)), periods),
        demand_mw=_some(seed, len(case.demand_bids.id), periods),
        virtual_mw=_some(seed, len(case.virtual_plants.id), periods),
        hvdc_mw=_some(seed, len(case.hvdc_lines.id), periods),
        storage_reserve_mw=_some(seed, len(case.reserves.product_id), stores, periods),
        curve_mw=_some(seed, units, periods),
        regulating=bits(),
    )


def _flows(case: Case, seed: np.random.Generator) -> Flows:
    periods = case.horizon.periods
    return Flows(
        _some(seed, len(case.network.branch_id), periods), _some(seed, len(case.network.interface_id), periods)
    )


def _prices(case: Case, seed: np.random.Generator) -> Prices:
    periods, buses, zones = case.horizon.periods, len(case.network.bus_id), len(case.network.zone_id)
    return Prices(
        *(_some(seed, buses, periods) for _ in range(5)),
        system_price=_some(seed, len(island_ids(case.network, case.horizon.periods)), periods),
        zone_price=_some(seed, zones, periods),
        zone_plain_mean=(seed.random((zones, periods)) < 0.5).astype(np.float64),
        reserve_price=_some(seed, len(case.reserves.product_id), periods),
        reserve_speed_price=_some(seed, len(case.reserves.product_id), periods),
        reserve_cap_adjustment=_some(seed, len(case.reserves.product_id), periods),
    )


def _price_sets(case: Case, seed: np.random.Generator) -> tuple[PriceSet, ...]:
    shape = (len(case.network.bus_id), case.horizon.periods)
    return tuple(
        PriceSet(
            scheme,
            seed.normal(size=shape),
            seed.normal(size=case.reserves.requirement_mw.shape),
            *seed.normal(size=(5, len(case.units.id))),
            *seed.normal(size=2).tolist(),
            gap=float(seed.random()) if scheme is PriceScheme.CONVEX_HULL else None,
            approximate=bool(seed.random() < 0.5),
            relaxed=("ramp_up", "network")[: int(seed.integers(0, 3))],
        )
        for scheme in (PriceScheme.LMP, PriceScheme.ELMP, PriceScheme.CONVEX_HULL)
    )


def _losses(case: Case, seed: np.random.Generator, priced: bool) -> Losses:
    periods, islands = case.horizon.periods, len(island_ids(case.network, case.horizon.periods))
    return Losses(
        bus_factor=_some(seed, len(case.network.bus_id), periods),
        island_mw=_some(seed, islands, periods),
        island_surplus=_some(seed, islands, periods) if priced else None,
    )


def _payments(case: Case, seed: np.random.Generator) -> Payments:
    bids, plants, periods = len(case.demand_bids.id), len(case.virtual_plants.id), case.horizon.periods
    return Payments(
        demand_payment=seed.normal(size=bids),
        demand_value=seed.normal(size=bids),
        virtual_price=_some(seed, plants, periods),
        virtual_revenue=seed.normal(size=plants),
        hvdc_rent=seed.normal(size=len(case.hvdc_lines.id)),
        storage_reserve_revenue=seed.normal(size=len(case.storage.id)),
    )


def _settlement(case: Case, seed: np.random.Generator) -> SettlementPrices:
    hours, buses = int(seed.integers(1, 4)), len(case.network.bus_id)
    return SettlementPrices(
        int(seed.integers(0, 6)),
        tuple(f"{h + 1:02d}:00" for h in range(hours)),
        *(_some(seed, buses, hours) for _ in range(5)),
        zone_price=_some(seed, len(case.network.zone_id), hours),
        system_price=_some(seed, len(island_ids(case.network, case.horizon.periods)), hours),
        user_price=seed.normal(size=case.horizon.periods),
        user_hour_price=seed.normal(size=hours),
    )


def _price_setters(case: Case, seed: np.random.Generator) -> tuple[PriceSetter, ...]:
    bus = case.network.bus_id[0]
    return tuple(PriceSetter("unit", name, int(seed.integers(case.horizon.periods)), bus) for name in case.units.id)


def _uplift(case: Case, seed: np.random.Generator) -> Uplift:
    return Uplift(*(seed.normal(size=len(case.units.id)) for _ in range(3)))


def _multipliers(case: Case, seed: np.random.Generator) -> Multipliers:
    count = int(seed.integers(0, 6))
    families, subjects = ["balance", "ramp_up", "award_cap"], ["north", "unit-0", "unit-0|product-0"]
    return Multipliers(
        family=tuple(families[k] for k in seed.integers(0, 3, count)),
        subject=tuple(subjects[k] for k in seed.integers(0, 3, count)),
        period=seed.integers(0, case.horizon.periods, count),
        value=seed.normal(size=count),
    )


def _subjects(case: Case) -> list[tuple[str, str]]:
    """Families and subjects: public ones first, then those of owners in the order of owners."""
    public = [("branch", name) for name in case.network.branch_id]
    public += [("product", name) for name in case.reserves.product_id]
    names = [*case.participants.owner_id, ""]
    owned = [(owner, name) for name, owner in zip(case.units.id, case.units.owner.tolist(), strict=True)]
    owned.sort(key=lambda pair: pair[0] % len(names))
    return public + [("ramp_up", name) for _, name in owned]


def _bindings(case: Case, seed: np.random.Generator) -> tuple[Binding, ...]:
    sides = ["min", "max"]
    return tuple(
        Binding(family, subject, 0, sides[int(seed.integers(2))], *seed.normal(size=2).tolist())
        for family, subject in _subjects(case)
    )


def _violations(case: Case, seed: np.random.Generator) -> tuple[Violation, ...]:
    return tuple(Violation(family, subject, 0, *seed.normal(size=2).tolist()) for family, subject in _subjects(case))
