"""Requests of the soak: small real ones in reproducible mode, a day that takes its time, and faults."""

from __future__ import annotations

import random

import numpy as np

from clearing.formats.registry import read_with
from clearing.v1 import clearing_service_pb2 as pb
from clearing.wire import write_case
from tests.factory import market
from tests.server.workload import order

from .served import ROOT


def small(seed: int = 0, units: int = 6, periods: int = 24) -> pb.ClearDayAheadRequest:
    """A small market, cleared in a few hundredths of a second; the same bytes for the same seed."""
    draw = np.random.default_rng(seed)
    rows = [
        {"id": f"u{i}", "p_min": 20.0, "p_max": float(80 + 10 * i), "price": float(10 + 7 * i + seed % 5),
         "start_cost": 100.0 * (i + 1), "owner": f"owner{i % 3}"}
        for i in range(units)
    ]  # fmt: skip
    load = 220.0 + 120.0 * np.sin(np.arange(periods) / periods * 6.28) + draw.uniform(0, 30, periods)
    request = pb.ClearDayAheadRequest(case=write_case.case(market(load.round(2).tolist(), units=rows)))
    request.options.reproducible = True
    return request


def long_day(seed: int = 0) -> pb.ClearDayAheadRequest:
    """RTS-GMLC over 96 quarters with a gap that no budget of seconds reaches."""
    case = read_with(ROOT / "scenarios" / "rts-gmlc", "auto", {})
    request = pb.ClearDayAheadRequest(case=write_case.case(case))
    request.options.gap = 0.0
    request.options.seed = seed
    return request


def fault(do: str, **more: object) -> pb.ClearDayAheadRequest:
    """A fault of tests/server/workload.py."""
    return order(do, **more)


def malformed(draw: random.Random) -> bytes:
    """Bytes that are no request, or one with nonsense in it."""
    good = small(draw.randrange(9)).SerializeToString()
    kind = draw.randrange(4)
    if kind == 0:
        return draw.randbytes(draw.randrange(1, 5000))
    if kind == 1:
        return good[: draw.randrange(1, len(good))]
    if kind == 2:
        place = draw.randrange(len(good))
        return good[:place] + draw.randbytes(8) + good[place + 8 :]
    request = small(draw.randrange(9))
    request.case.units.p_max_mw[draw.randrange(6)] = draw.choice([float("nan"), float("inf"), -1e300, 1e300])
    return request.SerializeToString()
