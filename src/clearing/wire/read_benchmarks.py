"""Proto → what references of market power are made of."""

from __future__ import annotations

import re

import numpy as np

from clearing.case.finding import Finding
from clearing.market_power.benchmarks import Benchmarks, MonthState
from clearing.rules.market_choices import ConductMethod
from clearing.rules.rules import Rules
from clearing.v1 import market_power_pb2
from clearing.wire.fields import Table, within
from clearing.wire.problems import Problems

_PATH = "benchmarks"
MOST_PRICE = 1e7
MOST_DAYS = 400
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")


def read(pb: market_power_pb2.Benchmarks, rules: Rules) -> tuple[Benchmarks, list[Finding]]:
    """Past prices, coal and the state of the month, and all findings of their reading."""
    problems = Problems()
    for message, path in ((pb, _PATH), (pb.recovery, f"{_PATH}.recovery")):
        problems.only(message, path)
    past = np.array(pb.past_highest_per_mwh, dtype=np.float64)
    if len(past) > MOST_DAYS:
        problems.error("TOO_LARGE", f"{_PATH}.past_highest_per_mwh", "Too many.", value=len(past), limit=MOST_DAYS)
    within(problems, f"{_PATH}.past_highest_per_mwh", past, -MOST_PRICE, MOST_PRICE)
    needed = rules.market.conduct.method is ConductMethod.COAL_BENCHMARK
    coal = _price(pb, "coal_per_tonne", 0.0, needed, problems)
    power = _price(pb, "coal_power_per_mwh", 1e-6, needed, problems)
    state, shares = _state(pb.recovery, problems), _shares(pb, rules, problems)
    return Benchmarks(tuple(past.tolist()), coal, power, state, shares), problems.findings


def _shares(pb: market_power_pb2.Benchmarks, rules: Rules, problems: Problems) -> tuple[tuple[str, float], ...]:
    table, after = Table(pb, _PATH, "share_group", 1, problems), rules.market.after
    ids, shares = table.ids("share_group"), table.floats("excess_share")
    within(problems, f"{_PATH}.excess_share", shares, after.excess_share_least, after.excess_share_most)
    return tuple(zip(ids, shares.tolist(), strict=True))


def _price(pb: market_power_pb2.Benchmarks, name: str, low: float, needed: bool, problems: Problems) -> float | None:
    if not pb.HasField(name):  # type: ignore[arg-type]
        if needed:
            problems.error("REQUIRED", f"{_PATH}.{name}", "The rules hold offers against it.")
        return None
    value = float(getattr(pb, name))
    if not low <= value <= MOST_PRICE:
        problems.error("OUT_OF_RANGE", f"{_PATH}.{name}", "Out of range.", value=value, limit=f"≥ {low:g}")
    return value


def _state(pb: market_power_pb2.RecoveryState, problems: Problems) -> MonthState:
    path = f"{_PATH}.recovery"
    table = Table(pb, path, "group_id", 1, problems)
    ids, days, accrued = table.ids("group_id"), table.whole("days"), table.floats("accrued")
    within(problems, f"{path}.days", days, 0, 31)
    within(problems, f"{path}.accrued", accrued, 0.0, 1e15)
    if ids and not _MONTH.match(pb.month):
        problems.error("BAD_DATE", f"{path}.month", "Not a month.", value=pb.month, limit="YYYY-MM")
    return MonthState(pb.month, ids, tuple(days.tolist()), tuple(accrued.tolist()))
