"""Smaller tables of a cycle: entries, obligations, rights, costs, starts, energy by order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Ints
from clearing.settlement.accounts import Account
from clearing.settlement.tables import (
    CapacityTrades,
    Costs,
    Cycle,
    Entries,
    Obligations,
    Ordered,
    Packages,
    Rights,
    Starts,
)
from clearing.substitution.quantities import MILLION
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire.fields import Index
from clearing.wire.problems import Problems
from clearing.wire.settlement_columns import MOST_ENERGY, MOST_KW, MOST_PRICE, MOST_RATE
from clearing.wire.substitution_columns import Columns

MOST_MONEY = 10**14
MOST_RETAIL = 10**13
MOST_RIGHT = 3 * 10**7
MOST_MINUTES = 10**7


def account(table: Columns, allowed: Sequence[Account]) -> Ints:
    """(rows) Accounts, of those that may stand there."""
    values = table.whole("account")
    limit = ", ".join(each.name for each in allowed)
    wrong = ~np.isin(values, allowed)
    table.each("account", wrong, values, "UNKNOWN_ENUM", limit, "The value is not allowed.")
    return np.where(wrong, allowed[0], values)


def _who(table: Columns, who: Index, name: str = "participant") -> Ints:
    return np.maximum(table.references(name, who), 0)


def _days(table: Columns, span: Cycle) -> Ints:
    return table.within("day", table.whole("day", span.days - 1), 0, span.days - 1)


def _money(table: Columns, name: str, low: int = 0) -> Ints:
    return table.within(name, table.whole(name, 0), low, MOST_MONEY)


def _once(table: Columns, rows: Ints, name: str = "participant") -> None:
    """DUPLICATE_ID: a key stands in two rows."""
    _, first = np.unique(rows, return_index=True)
    again = np.ones(len(rows), dtype=np.bool_)
    again[first] = False
    table.each(name, again, np.arange(len(rows)), "DUPLICATE_ID", "once", "An earlier row has this.")


def entries(
    pb: pb2.SettlementEntries, who: Index, span: Cycle, allowed: Sequence[Account], problems: Problems
) -> Entries:
    """Money from elsewhere."""
    table = Columns(pb, "entries", "participant", 1, problems)
    energy = table.whole("energy_tenth_kwh", 0)
    return Entries(
        participant=_who(table, who),
        account=account(table, allowed),
        money=_money(table, "money_milli", -MOST_MONEY),
        energy=table.within("energy_tenth_kwh", energy, -MOST_MONEY, MOST_MONEY),
        day=_days(table, span),
    )


def obligations(pb: pb2.CapacityObligations, who: Index, problems: Problems) -> Obligations:
    """Capacity obligations, a participant once."""
    table = Columns(pb, "capacity", "participant", 1, problems)
    rows = _who(table, who)
    _once(table, rows)
    return Obligations(
        participant=rows,
        historic_kw=table.within("historic_peak_kw", table.whole("historic_peak_kw"), 0, MOST_KW),
        acquired_kw=table.within("acquired_kw", table.whole("acquired_kw"), 0, MOST_KW),
        price=table.within("price_milli_per_kw", table.whole("price_milli_per_kw"), 0, MOST_RATE),
        payee=table.references("payee", who, optional=True),
    )


def rights(pb: pb2.TransmissionRights, who: Index, nodes: Index, problems: Problems) -> Rights:
    """Transmission rights."""
    table = Columns(pb, "rights", "holder", 1, problems)
    energy = table.whole("energy_tenth_kwh")
    return Rights(
        holder=_who(table, who, "holder"),
        start=_who(table, nodes, "from_node"),
        end=_who(table, nodes, "to_node"),
        energy=table.within("energy_tenth_kwh", energy, 0, MOST_RIGHT),
    )


def costs(pb: pb2.UnitCosts, who: Index, span: Cycle, problems: Problems) -> Costs:
    """Costs of units, a participant and day once."""
    table = Columns(pb, "costs", "participant", 1, problems)
    rows, day = _who(table, who), _days(table, span)
    _once(table, rows * span.days + day)
    return Costs(
        participant=rows,
        day=day,
        ahead_start=_money(table, "ahead_start_milli"),
        ahead_no_load=_money(table, "ahead_no_load_milli"),
        ahead_energy=_money(table, "ahead_energy_milli", -MOST_MONEY),
        real_cost=_money(table, "real_cost_milli", -MOST_MONEY),
    )


def starts(pb: pb2.StartsMade, who: Index, span: Cycle, problems: Problems) -> Starts:
    """Starts."""
    table = Columns(pb, "starts", "participant", 1, problems)
    return Starts(
        participant=_who(table, who),
        day=_days(table, span),
        cost=_money(table, "cost_milli"),
        run_minutes=table.within("run_minutes", table.whole("run_minutes"), 0, MOST_MINUTES),
        stop_minutes=table.within("stop_minutes", table.whole("stop_minutes"), 0, MOST_MINUTES),
    )


def ordered(pb: pb2.OrderedEnergy, who: Index, span: Cycle, problems: Problems) -> Ordered:
    """Energy by order, and held back for reserve and regulation."""
    table = Columns(pb, "ordered", "participant", 1, problems)
    least = table.whole("least_milli", -MOST_PRICE)
    return Ordered(
        participant=_who(table, who),
        period=table.within("period", table.whole("period"), 0, span.days * span.periods - 1),
        account=account(table, (Account.MUST_RUN, Account.OPPORTUNITY_COST)),
        energy=table.within("energy_tenth_kwh", table.whole("energy_tenth_kwh"), 0, MOST_ENERGY),
        price=table.within("price_milli", table.whole("price_milli"), -MOST_PRICE, MOST_PRICE),
        least=table.within("least_milli", least, -MOST_PRICE, MOST_PRICE),
        response=_share(table, "response_millionths", MILLION),
    )


def capacity_trades(pb: pb2.CapacityTrades, who: Index, problems: Problems) -> CapacityTrades:
    """Capacity bought at prices of its own; nobody buys from itself."""
    table = Columns(pb, "capacity_trades", "buyer", 1, problems)
    buyer, seller = _who(table, who, "buyer"), table.references("seller", who, optional=True)
    table.each("seller", seller == buyer, seller, "CONTRADICTION", "not the buyer", "Nobody buys from itself.")
    return CapacityTrades(
        buyer=buyer,
        seller=seller,
        kw=table.within("capacity_kw", table.whole("capacity_kw"), 0, MOST_KW),
        price=table.within("price_milli_per_kw", table.whole("price_milli_per_kw"), 0, MOST_RATE),
    )


def packages(pb: pb2.RetailPackages, who: Index, problems: Problems) -> Packages:
    """Retail packages, each between two."""
    table = Columns(pb, "retail", "package", 1, problems)
    ids = table.ids("package")
    retailer, user = _who(table, who, "retailer"), _who(table, who, "user")
    table.each("user", user == retailer, user, "CONTRADICTION", "not the retailer", "Nobody sells to itself.")
    ended_by = table.references("ended_by", who, optional=True)
    stranger = (ended_by >= 0) & (ended_by != retailer) & (ended_by != user)
    table.each("ended_by", stranger, ended_by, "CONTRADICTION", "retailer or user", "It is no side of the package.")
    energy = (table.within(name, table.whole(name), 0, MOST_RETAIL) for name in ("agreed_tenth_kwh", "used_tenth_kwh"))
    agreed, used = energy
    return Packages(
        id=ids,
        retailer=retailer,
        user=user,
        kind=table.texts("kind") if table.has("kind") else ("",) * table.rows,
        price=table.within("price_milli", table.whole("price_milli"), -MOST_PRICE, MOST_PRICE),
        agreed=agreed,
        used=used,
        tolerance=_share(table, "tolerance_millionths", 0),
        assessment=_share(table, "assessment_millionths", 0),
        ended_by=ended_by,
        remaining=_money(table, "remaining_milli"),
        termination=_share(table, "termination_millionths", 0),
    )


def _share(table: Columns, name: str, default: int) -> Ints:
    """(rows) Millionths."""
    return table.within(name, table.whole(name, default), 0, MILLION)
