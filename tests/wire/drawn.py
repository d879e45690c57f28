"""Hypothesis strategies: markets of every shape, and results over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from clearing.case.case import Case, CommitmentInput, CommitmentUse
from tests.factory import Row, market

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
