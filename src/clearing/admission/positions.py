"""Orders of the medium and long term held against steps, limits of positions, quota and reference prices (Shandong
market parameters, nos. 23 to 27).

Whole numbers throughout. An order is judged as though any part of what was accepted before it might trade and the rest
not: its limits then hold whichever orders find a partner. An order that reduces a position is never refused for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from clearing.admission.position_tables import Book, Channel, Direction, Side
from clearing.rules.market_rules import MarketRules
from clearing.rules.position_rules import CHANNELS, NetDirection, OrderSteps, PositionRules, QuotaOrders
from clearing.substitution.quantities import KWH_OF_MWH, MILLION, millionths


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is refused: row, code, column, figure, limit, setting it comes from, message."""

    row: int
    code: str
    column: str
    value: int
    limit: str
    setting: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A participant with what was accepted: kWh, thousandths of money. Limits None = none.

    net_most, net_least: net position if accepted sales, or purchases, alone trade.
    """

    base_kwh: int
    net_limit_kwh: int | None
    traded_limit_kwh: int | None
    net_most_kwh: int
    net_least_kwh: int
    traded_kwh: int
    quota_milli: int | None
    used_milli: int


@dataclass(frozen=True, slots=True)
class Judged:
    """accepted (o) and standings (n), in the order of the tables; refusals in that of the orders."""

    accepted: tuple[bool, ...]
    standings: tuple[Standing, ...]
    refusals: tuple[Refusal, ...]


def judge(book: Book, rules: MarketRules) -> Judged:
    """Every order in turn; what is accepted counts for the later ones."""
    standings = [_standing(book, row, rules.positions) for row in range(len(book.participants.id))]
    accepted, refusals = [], []
    for row in range(len(book.orders.id)):
        who = int(book.orders.participant[row])
        if not book.orders.judged[row]:
            accepted.append(False)
            continue
        after = _with(standings[who], book, row, rules.positions)
        found = [*_of_order(book, row, rules), *_of_position(book, row, standings[who], after, rules.positions)]
        accepted.append(not found)
        refusals += found
        if not found:
            standings[who] = after
    return Judged(tuple(accepted), tuple(standings), tuple(refusals))


def of_base(base: int, factor: float | None) -> int | None:
    """A factor on whole units, rounded down; None = no limit."""
    return None if factor is None else base * millionths(factor) // MILLION


def _standing(book: Book, row: int, rules: PositionRules) -> Standing:
    """Before the orders."""
    people = book.participants
    if people.side[row] == Side.GENERATION:
        base = int(people.capacity_kw[row]) * rules.available_hours
        net, traded = rules.generation_net_factor, rules.generation_traded_factor
    else:
        base = int(people.base_kwh[row])
        net, traded = rules.user_net_factor, rules.user_traded_factor
    guarantee = int(people.guarantee_milli[row])
    position = int(people.net_kwh[row])
    return Standing(
        base_kwh=base,
        net_limit_kwh=of_base(base, net),
        traded_limit_kwh=of_base(base, traded),
        net_most_kwh=position,
        net_least_kwh=position,
        traded_kwh=int(people.traded_kwh[row]),
        quota_milli=of_base(guarantee, rules.guarantee_factor) if guarantee >= 0 else None,
        used_milli=int(people.owed_milli[row]) + _money(int(people.unsettled_kwh[row]), rules.unsettled_price_milli),
    )


def _with(before: Standing, book: Book, row: int, rules: PositionRules) -> Standing:
    """With an order more."""
    orders = book.orders
    energy, sells = int(orders.energy_kwh[row]), orders.direction[row] == Direction.SELL
    counts = rules.quota_orders is QuotaOrders.ALL or not sells
    return replace(
        before,
        net_most_kwh=before.net_most_kwh + (energy if sells else 0),
        net_least_kwh=before.net_least_kwh - (0 if sells else energy),
        traded_kwh=before.traded_kwh + energy,
        used_milli=before.used_milli + (_money(energy, abs(int(orders.price_milli[row]))) if counts else 0),
    )


def _of_order(book: Book, row: int, rules: MarketRules) -> Iterator[Refusal]:
    """Steps of energy and price, and the reference price."""
    orders, channel = book.orders, Channel(int(book.orders.channel[row]))
    steps, section = rules.order_steps[channel - 1], f"positions.{CHANNELS[channel - 1]}"
    energy, price = int(orders.energy_kwh[row]), int(orders.price_milli[row])
    yield from _of_energy(row, energy, steps, section)
    if price % steps.price_step_milli:
        yield Refusal(row, "PRICE_STEP", "price_milli", price, f"a multiple of {steps.price_step_milli}",
                      f"{section}.price_step_milli", "The price is not in steps.")  # fmt: skip
    instrument = int(orders.instrument[row])
    share = rules.positions.price_move_share
    if share is None or not book.instruments.referenced[instrument]:
        return
    reference = int(book.instruments.reference_milli[instrument])
    room = abs(reference) * millionths(share)
    if abs(price - reference) * MILLION > room:
        limit = f"{-((room - reference * MILLION) // MILLION)} to {(reference * MILLION + room) // MILLION}"
        yield Refusal(row, "PRICE_MOVE", "price_milli", price, limit, "positions.price_move_share",
                      "The price is too far from the reference price of its instrument.")  # fmt: skip


def _of_energy(row: int, energy: int, steps: OrderSteps, section: str) -> Iterator[Refusal]:
    if energy < steps.least_kwh:
        yield Refusal(row, "ENERGY_BELOW_LEAST", "energy_kwh", energy, f"≥ {steps.least_kwh}",
                      f"{section}.least_kwh", "The energy is below the least of an order.")  # fmt: skip
    elif (energy - steps.least_kwh) % steps.step_kwh:
        limit = f"{steps.least_kwh} and multiples of {steps.step_kwh} more"
        yield Refusal(row, "ENERGY_STEP", "energy_kwh", energy, limit, f"{section}.step_kwh",
                      "The energy is not in steps.")  # fmt: skip
    if energy % steps.grain_kwh:
        yield Refusal(row, "ENERGY_GRAIN", "energy_kwh", energy, f"a multiple of {steps.grain_kwh}",
                      f"{section}.grain_kwh", "The energy cannot be split into grains.")  # fmt: skip


def _of_position(book: Book, row: int, before: Standing, after: Standing, rules: PositionRules) -> Iterator[Refusal]:
    """Limits of the month, of the day and of the guarantee."""
    who = int(book.orders.participant[row])
    generation = book.participants.side[who] == Side.GENERATION
    sells = book.orders.direction[row] == Direction.SELL
    side = "generation" if generation else "user"
    net = after.net_most_kwh if sells else after.net_least_kwh
    reaches = net if sells else -net
    limit = before.net_limit_kwh
    limited = rules.net_direction is NetDirection.BOTH or sells == generation
    if limit is not None and limited and reaches > limit:
        yield Refusal(row, "NET_POSITION", "energy_kwh", net, f"|·| ≤ {limit}", f"positions.{side}_net_factor",
                      "The net position of the month would be above its limit.")  # fmt: skip
    if before.traded_limit_kwh is not None and after.traded_kwh > before.traded_limit_kwh:
        message = "The energy traded for the month would be above its limit."
        yield Refusal(row, "TRADED_ENERGY", "energy_kwh", after.traded_kwh, f"≤ {before.traded_limit_kwh}",
                      f"positions.{side}_traded_factor", message)  # fmt: skip
    start = int(book.participants.day_start_net_kwh[who])
    most = of_base(abs(start), rules.daily_net_change)
    if most is not None and (net - start if sells else start - net) > most:
        yield Refusal(row, "DAILY_CHANGE", "energy_kwh", net, f"within {most} of {start}", "positions.daily_net_change",
                      "The net position of the month would change too much in a day.")  # fmt: skip
    if before.quota_milli is not None and after.used_milli > max(before.quota_milli, before.used_milli):
        yield Refusal(row, "QUOTA", "energy_kwh", after.used_milli, f"≤ {before.quota_milli}",
                      "positions.guarantee_factor", "The quota of the guarantee would not suffice.")  # fmt: skip


def _money(energy_kwh: int, price_milli: int) -> int:
    """Thousandths of money, half up."""
    return (2 * energy_kwh * price_milli + KWH_OF_MWH) // (2 * KWH_OF_MWH)
