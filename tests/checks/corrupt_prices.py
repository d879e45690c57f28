"""Corruptions of prices and multipliers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clearing.case.prices import Multipliers
from clearing.case.result import ClearingResult
from clearing.checks.certificate import frozen
from clearing.checks.curve import slopes
from tests.checks.corrupt import Draw, changed, corruption, with_prices

Made = "tuple[str, ClearingResult] | None"


def _shift(draw: Draw, *fields: str) -> Made:
    """Add the same amount to the same cell of several price tables."""
    if draw.result.prices is None:
        return None
    tables = [getattr(draw.result.prices, f) for f in fields]
    at = draw.cell(np.ones(tables[0].shape))
    if at is None:
        return None
    table = draw.result.prices
    parts = (table.bus_price, table.bus_energy, table.bus_congestion) if fields[0].startswith("bus") else tables
    size = draw.sign() * draw.size(max(abs(float(t[at])) for t in parts))
    return f"{fields[0]}{list(at)}{size:+.4g}", with_prices(
        draw, **{f: changed(t, at, t[at] + size) for f, t in zip(fields, tables, strict=True)}
    )


@corruption("price", "PRICE_PARTS")
def bus_price(draw: Draw) -> Made:
    return _shift(draw, "bus_price")


@corruption("price", "PRICE_PARTS")
def bus_congestion(draw: Draw) -> Made:
    return _shift(draw, "bus_congestion")


@corruption("price", "PRICE_ENERGY")
def bus_energy(draw: Draw) -> Made:
    return _shift(draw, "bus_energy")


@corruption("price", "PRICE_ENERGY")
def energy_in_step(draw: Draw) -> Made:
    return _shift(draw, "bus_energy", "bus_price")


@corruption("price", "PRICE_CONGESTION")
def congestion_in_step(draw: Draw) -> Made:
    return None if draw.proof is None else _shift(draw, "bus_congestion", "bus_price")


@corruption("price", "PRICE_LOSS")
def loss_in_step(draw: Draw) -> Made:
    return _shift(draw, "bus_loss", "bus_price")


@corruption("price", "PRICE_CAP")
def cap_in_step(draw: Draw) -> Made:
    return _shift(draw, "bus_cap_adjustment", "bus_price")


@corruption("price", "PRICE_ENERGY")
def system_price(draw: Draw) -> Made:
    """Of an island that stands in the period; where it is part of another one, no bus has its price."""
    table = draw.result.prices
    island = draw.known.grid.island
    stands = np.stack([(island == i).any(axis=0) for i in range(len(draw.known.grid.island_id))])
    at = None if table is None else draw.cell(stands)
    if table is None or at is None:
        return None
    size = draw.sign() * draw.size(abs(float(table.system_price[at])))
    made = with_prices(draw, system_price=changed(table.system_price, at, table.system_price[at] + size))
    return f"system_price{list(at)}{size:+.4g}", made


@corruption("price", "ZONE_PRICE")
def zone_price(draw: Draw) -> Made:
    return _shift(draw, "zone_price")


@corruption("price", "ZONE_PRICE")
def zone_flag(draw: Draw) -> Made:
    prices = draw.result.prices
    at = None if prices is None else draw.cell(prices.zone_plain_mean > -1)
    if prices is None or at is None:
        return None
    return str(at), with_prices(
        draw, zone_plain_mean=changed(prices.zone_plain_mean, at, 1 - prices.zone_plain_mean[at])
    )


@corruption("price", "RESERVE_PRICE")
def reserve_price(draw: Draw) -> Made:
    return None if draw.proof is None else _shift(draw, "reserve_price")


@corruption("price", "NOT_FINITE")
def price_not_finite(draw: Draw) -> Made:
    if draw.result.prices is None:
        return None
    at = draw.cell(np.ones(draw.result.prices.bus_price.shape))
    return str(at), with_prices(draw, bus_price=changed(draw.result.prices.bus_price, at, np.nan))


@corruption("price", "SHAPE")
def price_shape(draw: Draw) -> Made:
    prices = draw.result.prices
    return None if prices is None else ("bus_price", with_prices(draw, bus_price=prices.bus_price[:, :-1].copy()))


@corruption("price", "UPLIFT")
def uplift(draw: Draw) -> Made:
    payments = draw.result.uplift
    if payments is None or draw.result.prices is None:
        return None
    field = str(draw.rng.choice(["make_whole", "revenue", "cost"]))
    at = draw.cell(np.ones(payments.cost.shape))
    if at is None:
        return None
    scale = max(abs(float(payments.revenue[at])), abs(float(payments.cost[at])))
    table = getattr(payments, field)
    corrupted = replace(payments, **{field: changed(table, at, table[at] + draw.sign() * draw.size(scale))})
    return f"{field}{list(at)}", replace(draw.result, uplift=corrupted)


def _with_values(draw: Draw, value: Any) -> ClearingResult:
    assert draw.result.multipliers is not None
    return replace(draw.result, multipliers=replace(draw.result.multipliers, value=value))


def _change(draw: Draw, family: str) -> Made:
    table = draw.result.multipliers
    at = None if table is None else draw.cell(np.array([f == family for f in table.family], dtype=bool))
    if table is None or at is None:
        return None
    new = table.value[at] + draw.sign() * draw.size(table.value[at])
    return f"{family}/{table.subject[at[0]]}", _with_values(draw, changed(table.value, at, new))


@corruption("multiplier", "SYSTEM_PRICE")
def multiplier_balance(draw: Draw) -> Made:
    return _change(draw, "balance")


@corruption("multiplier", "BINDING_PRICE|MULTIPLIER_SIGN")
def multiplier_branch(draw: Draw) -> Made:
    return _change(draw, "branch")


@corruption("multiplier", "BINDING_PRICE|MULTIPLIER_SIGN")
def multiplier_interface(draw: Draw) -> Made:
    return _change(draw, "interface")


@corruption("multiplier", "RESERVE_PRICE")
def multiplier_product(draw: Draw) -> Made:
    return _change(draw, "product")


def _added(draw: Draw, family: str, subject: str, period: int, value: float) -> ClearingResult:
    table = draw.result.multipliers
    assert table is not None
    longer = Multipliers(
        (*table.family, family),
        (*table.subject, subject),
        np.append(table.period, period),
        np.append(table.value, value),
    )
    return replace(draw.result, multipliers=longer)


@corruption("multiplier", "MULTIPLIER_UNKNOWN")
def multiplier_stranger(draw: Draw) -> Made:
    if draw.result.multipliers is None:
        return None
    kind = str(draw.rng.choice(["family", "subject", "period"]))
    island = draw.known.grid.island_id[0]
    return kind, _added(
        draw,
        "no such family" if kind == "family" else "balance",
        "nobody" if kind == "subject" else island,
        draw.case.horizon.periods + 3 if kind == "period" else 0,
        1.0,
    )


@corruption("multiplier", "MULTIPLIER_SIGN")
def multiplier_sign(draw: Draw) -> Made:
    if draw.proof is None:
        return None
    family = str(draw.rng.choice(["headroom", "ramp_up", "ramp_down", "award_cap", "footroom", "product"]))
    rows, value = draw.proof.rows[family], draw.proof.values[family]
    at = draw.cell(value == 0)
    if at is None:
        return None
    wrong = draw.size(10.0) * (1 if np.isneginf(rows.lower[at]) else -1)
    return f"{family}/{rows.ids[at[0]]}", _added(draw, family, rows.ids[at[0]], at[1], wrong)


@corruption("multiplier", "COMPLEMENTARITY")
def multiplier_slack(draw: Draw) -> Made:
    """A multiplier of the right sign on a row that does not bind."""
    if draw.proof is None or not draw.proved:
        return None
    family = str(draw.rng.choice(["branch", "interface", "headroom", "ramp_up", "ramp_down", "award_cap", "footroom"]))
    rows, value = draw.proof.rows[family], draw.proof.values[family]
    top = np.isfinite(rows.upper)
    slack = np.where(top, rows.upper, rows.activity) - np.where(top, rows.activity, rows.lower)
    at = draw.cell((value == 0) & (slack > 10 * rows.near) & (np.isfinite(rows.upper) | np.isfinite(rows.lower)))
    if at is None:
        return None
    added = draw.size(10.0) * (-1 if top[at] else 1)
    return f"{family}/{rows.ids[at[0]]}", _added(draw, family, rows.ids[at[0]], at[1], added)


def _marginal(draw: Draw) -> Any:
    """Units (N, T) strictly inside a block: their marginal value can only be that block's price."""
    units, output = draw.case.units, draw.schedule.dispatch_mw
    near = 1e-3 * np.maximum(units.p_max_mw, 1.0)
    below, above = slopes(units.offers, output, near)
    inside = (output > units.p_min_mw + near) & (output < units.p_max_mw - near)
    inside &= (output < draw.known.start_mw - near) | ~draw.known.started
    inside &= (output < draw.known.stop_mw - near) | ~draw.known.last
    return draw.known.on & inside & (below == above) & ~frozen(draw.case, draw.known.rules.prices, output, near)


@corruption("multiplier", "STATIONARITY")
def everything_in_step(draw: Draw) -> Made:
    """λ of an island and all that is computed from it move together: only the marginal unit contradicts."""
    prices, table = draw.result.prices, draw.result.multipliers
    at = draw.cell(_marginal(draw)) if draw.proved else None
    if prices is None or table is None or at is None:
        return None
    t = at[1]
    island = int(draw.known.grid.island[draw.case.units.bus[at[0]], at[1]])
    buses = draw.known.grid.island[:, at[1]] == island
    name = draw.known.grid.island_id[island]
    mine = [j for j in range(len(table.family)) if (table.family[j], table.subject[j]) == ("balance", name)]
    mine = [j for j in mine if table.period[j] == t]
    if not mine:
        return None
    size = -draw.size(prices.system_price[island, t])
    cells = (buses, t)
    result = with_prices(
        draw,
        system_price=changed(prices.system_price, (island, t), prices.system_price[island, t] + size),
        bus_energy=changed(prices.bus_energy, cells, prices.bus_energy[cells] + size),
        bus_price=changed(prices.bus_price, cells, prices.bus_price[cells] + size),
    )
    moved = _with_values(draw, changed(table.value, mine, table.value[mine] + size))
    return f"{name}@{t}{size:+.4g}", replace(result, multipliers=moved.multipliers)


@corruption("multiplier", "STATIONARITY")
def ramp_or_room_of_marginal(draw: Draw) -> Made:
    """The multiplier of a row that a marginal unit stands in changes."""
    table = draw.result.multipliers
    if table is None or not draw.proved:
        return None
    marginal = _marginal(draw)
    place = {unit: i for i, unit in enumerate(draw.case.units.id)}
    rows = ("headroom", "footroom", "ramp_up", "ramp_down")
    fits = [
        f in rows and bool(marginal[place[s], t])
        for f, s, t in zip(table.family, table.subject, table.period, strict=True)
    ]
    at = draw.cell(np.array(fits, dtype=bool))
    if at is None:
        return None
    more = table.value[at] + np.sign(table.value[at]) * draw.size(table.value[at])
    return f"{table.family[at[0]]}/{table.subject[at[0]]}", _with_values(draw, changed(table.value, at, more))
