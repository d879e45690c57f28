"""A worked month of orders, drawn ones, and what the pipeline says of them."""

from __future__ import annotations

from random import Random

from clearing import pipeline
from clearing.v1 import positions_pb2 as pb2

MWH = 1000
YUAN = 1000
SELL, BUY = pb2.ORDER_DIRECTION_SELL, pb2.ORDER_DIRECTION_BUY
AUCTION, BILATERAL, LISTING = pb2.ORDER_CHANNEL_AUCTION, pb2.ORDER_CHANNEL_BILATERAL, pb2.ORDER_CHANNEL_LISTING


def worked() -> pb2.CheckPositionsRequest:
    """May 2026: G of 300 MW, base 150,000 MWh; U with base 10,000 MWh; a day of four quarters, flat and twice as much
    at noon; no order yet."""
    return pb2.CheckPositionsRequest(
        month=pb2.PositionMonth(
            month="2026-05", periods=4, holiday=["2026-05-01", "2026-05-02"], worked=["2026-05-09"]
        ),
        participants=pb2.PositionParticipants(
            participant=["G", "U"],
            side=[pb2.POSITION_SIDE_GENERATION, pb2.POSITION_SIDE_USER],
            capacity_kw=[300_000, 0],
            base_kwh=[0, 10_000 * MWH],
        ),
        instruments=pb2.PositionInstruments(instrument=["flat", "noon"], weight=[1, 1, 1, 1, 1, 2, 1, 1]),
        rules={"name": "shandong-trial"},
    )


def order(
    request: pb2.CheckPositionsRequest, who: str, direction: int, mwh: float, yuan: float = 350.0,
    channel: int = BILATERAL, instrument: str = "flat",
) -> str:  # fmt: skip
    """One order more; its id."""
    orders = request.orders
    name = f"{who}{len(orders.order) + 1}"
    orders.order.append(name)
    orders.participant.append(who)
    orders.instrument.append(instrument)
    orders.channel.append(channel)  # type: ignore[arg-type]
    orders.direction.append(direction)  # type: ignore[arg-type]
    orders.energy_kwh.append(round(mwh * MWH))
    orders.price_milli.append(round(yuan * YUAN))
    return name


def setting(request: pb2.CheckPositionsRequest, **settings: object) -> pb2.CheckPositionsRequest:
    """The request under other settings; two underscores stand for a dot."""
    for key, value in settings.items():
        request.rules.overrides.add(key=f"positions.{key.replace('__', '.')}", value=str(value))
    return request


def judged(request: pb2.CheckPositionsRequest) -> pb2.CheckPositionsResponse:
    """The request answered."""
    return pb2.CheckPositionsResponse.FromString(pipeline.check_positions(request.SerializeToString()))


def faults(reply: pb2.CheckPositionsResponse) -> dict[str, set[str]]:
    """Subject (or path) → codes of its findings."""
    found: dict[str, set[str]] = {}
    for each in reply.findings:
        found.setdefault(each.subject or each.path, set()).add(each.code)
    return found


def accepted(reply: pb2.CheckPositionsResponse) -> dict[str, int]:
    """Order → 1 or 0."""
    return {name: yes for own in reply.positions for name, yes in zip(own.order, own.accepted, strict=True)}


def drawn(seed: int) -> pb2.CheckPositionsRequest:
    """A month with positions, guarantees, and orders of which some fit."""
    draw = Random(seed)
    request = worked()
    people = request.participants
    people.net_kwh.extend([draw.randrange(-200_000, 200_000) * MWH, draw.randrange(-13_000, 13_000) * MWH])
    people.day_start_net_kwh.extend([draw.randrange(-9, 9) * MWH, draw.randrange(-9, 9) * MWH])
    people.traded_kwh.extend([draw.randrange(310_000) * MWH, draw.randrange(21_000) * MWH])
    people.guarantee_milli.extend([draw.choice([-1, draw.randrange(10**9)]), draw.randrange(10**9)])
    people.owed_milli.extend([draw.randrange(10**9), draw.randrange(10**8)])
    people.unsettled_kwh.extend([0, draw.randrange(10**6)])
    request.instruments.reference_milli.extend([350_000, draw.choice([350_000, 360_000, -9])])
    request.instruments.unreferenced.extend([0, draw.randrange(2)])
    request.split = True
    for _ in range(draw.randrange(1, 12)):
        order(
            request, draw.choice("GU"), draw.choice([SELL, BUY]),
            draw.choice([5, 10, 11, 15.5, 20, 1000, 5000, 100_000]) + draw.choice([0, 0, 0, 0, 0, 0.0007]),
            draw.choice([310, 350, 350, 350, 350, 350.05, 390, -20]), draw.choice([AUCTION, BILATERAL, LISTING]),
            draw.choice(["flat", "noon"]),
        )  # fmt: skip
    return request
