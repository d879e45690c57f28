"""Results over drawn cases, of any content that a message can hold."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from clearing.case.bound_proof import BoundProof
from clearing.case.case import Case
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
from tests.wire.drawn import MW, WORD, cases
from tests.wire.drawn_explanations import drawn_explanations


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
