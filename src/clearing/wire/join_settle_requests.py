"""Requests that settle a day each → one that settles them all: participants of every day, prices one after another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from clearing.case.arrays import Ints
from clearing.v1 import settlement_pb2 as pb2

OF_DAYS = ("cycle", "participants", "prices", "energy", "costs")
"""Fields that every day has; others stand in the first one's request, for the whole cycle."""

PARTICIPANT = tuple(field.name for field in pb2.SettlementParticipants.DESCRIPTOR.fields)


def joined(days: Sequence[pb2.SettleRequest]) -> pb2.SettleRequest:
    """One request over days that follow one another. Raises ValueError where they do not fit together.

    A participant that a day lacks has no energy in it; where days differ about one, the first that has it holds.
    """
    first = days[0]
    _fit(days)
    request = pb2.SettleRequest()
    request.CopyFrom(first)
    for name in ("participants", "prices", "energy", "costs"):
        request.ClearField(name)
    request.cycle.days = len(days)
    request.cycle.issued_at = days[-1].cycle.issued_at
    _participants(request, days)
    request.prices.node.extend(first.prices.node)
    for field in pb2.NodePrices.DESCRIPTOR.fields[1:]:
        rows = 1 if field.name.endswith("_energy_milli") else len(first.prices.node)
        columns = [np.array(getattr(day.prices, field.name), dtype=np.int64) for day in days]
        if any(len(column) for column in columns):
            whole = np.concatenate([column.reshape(rows, -1) for column in columns], axis=1)
            getattr(request.prices, field.name).extend(whole.ravel().tolist())
    for number, day in enumerate(days):
        _energy(request, day, number)
        costs = pb2.UnitCosts()
        costs.CopyFrom(day.costs)
        costs.day[:] = [number] * len(costs.participant)
        request.costs.MergeFrom(costs)
    return request


def _fit(days: Sequence[pb2.SettleRequest]) -> None:
    first = days[0]
    start = date.fromisoformat(first.cycle.first_day)
    for number, day in enumerate(days):
        expected = str(start + timedelta(days=number))
        if (day.cycle.days, day.cycle.first_day) != (1, expected):
            raise ValueError(f"request {number + 1} is not that of {expected}")
        if day.cycle.periods != first.cycle.periods or list(day.prices.node) != list(first.prices.node):
            raise ValueError(f"{expected} has other periods or nodes than the first day")
        more = [field.name for field, _ in day.ListFields() if field.name not in OF_DAYS]
        if number and more:
            raise ValueError(f"{expected} has {', '.join(more)}, which belong into the first day's request")
        if len(day.energy) != 1 or len(day.energy[0].participant):
            raise ValueError(f"{expected} does not have one table of energy, of all its participants")


def _participants(request: pb2.SettleRequest, days: Sequence[pb2.SettleRequest]) -> None:
    known: set[str] = set()
    into = request.participants
    has = [name for name in PARTICIPANT if len(getattr(days[0].participants, name))]
    for day in days:
        for row, name in enumerate(day.participants.participant):
            if name not in known:
                known.add(name)
                for column in has:
                    getattr(into, column).append(getattr(day.participants, column)[row])


def _energy(request: pb2.SettleRequest, day: pb2.SettleRequest, number: int) -> None:
    row = {name: place for place, name in enumerate(day.participants.participant)}
    places = [row.get(name, -1) for name in request.participants.participant]
    given = day.energy[0]
    request.energy.add(
        first_day=number,
        days=1,
        ahead_tenth_kwh=_rows(given.ahead_tenth_kwh, places, day.cycle.periods),
        real_tenth_kwh=_rows(given.real_tenth_kwh, places, day.cycle.periods),
    )


def _rows(values: Sequence[int], places: Sequence[int], periods: int) -> list[int]:
    grid: Ints = np.vstack([np.array(values, dtype=np.int64).reshape(-1, periods), np.zeros(periods, dtype=np.int64)])
    return [int(value) for value in grid[list(places)].ravel().tolist()]
