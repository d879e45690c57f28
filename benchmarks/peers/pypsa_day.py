"""The real-time intervals of an RTS-GMLC day, rolled here and by PyPSA on the same data, compared.

    python -m benchmarks.peers.pypsa_day roll FOLDER/day_ahead.binpb day.npz   # FOLDER: of `clearing day`
    peer/bin/python benchmarks/peers/pypsa_rolling.py day.npz peer.npz         # see there
    python -m benchmarks.peers.pypsa_day compare day.npz peer.npz

What both do: dispatch eight quarters together at the day-ahead commitment, on the real-time series of the day, the
first quarter binding, each interval from what the one before left, the store to end where the day-ahead has it. PyPSA
knows no reserve products, so they are taken out of the case here too; all else of it stays: offers in blocks, limits,
ramps with start and stop limits, the network. The day-ahead commitment was made with reserves.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_time import rts_folder
from clearing.case.case import Case
from clearing.case.offers import Offers, block_ends
from clearing.case.schedule import Schedule
from clearing.formats import rts_gmlc
from clearing.market_day.parts import Plan, interval, period_of, plan
from clearing.real_time import clear_interval
from clearing.rules.load import load
from clearing.solve.carried import Carried
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.wire import case_file

LOOK_AHEAD = 8
Array = NDArray[Any]


def without_reserves(case: Case) -> Case:
    """The case without reserve products and system reserves."""
    kept = replace(
        case.reserves,
        product_id=(),
        positive_min_mw=None, positive_max_mw=None, negative_min_mw=None,
        **{
            f.name: getattr(case.reserves, f.name)[:0]
            for f in fields(case.reserves)
            if f.name in ("direction", "response_minutes", "covers_bus", "unit_max_mw", "requirement_mw")
        },
    )  # fmt: skip
    return replace(case, reserves=kept)


def read_day(result: Path, day: str) -> Plan:
    """The plan of the real-time intervals after a day-ahead result."""
    folder = rts_folder()
    ahead = rts_gmlc.read(folder, day=day, series="DAY_AHEAD", period_minutes="60")
    real = rts_gmlc.read(folder, day=day, series="REAL_TIME", period_minutes="15")
    first, findings = case_file.result_from_bytes(result.read_bytes(), ahead)
    if first is None or first.schedule is None or findings:
        raise SystemExit(f"{result.name} is no day-ahead result of {day}: {findings[:1]}")
    on = first.schedule.on[:, period_of(ahead.horizon, real.horizon)]
    return plan(ahead, first.schedule, without_reserves(real), on, LOOK_AHEAD)


def roll(result: Path, out: Path, day: str, intervals: int) -> None:
    """Roll the intervals and keep what PyPSA needs of the day, and what came out."""
    of = read_day(result, day)
    rules, carried = load("generic"), Carried()
    found: dict[str, list[Array]] = {name: [] for name in ("mw", "site_mw", "price", "objective", "state_mw", "begun")}
    before: tuple[Case, Schedule] | None = None
    seconds = time.process_time()
    for t in range(intervals):
        part = interval(of, t, before)
        answer = clear_interval(part, rules, SolveOptions(explained=False), RunControl(), carried=carried)
        if answer.schedule is None or answer.prices is None or not answer.audit_passed or answer.violations:
            raise SystemExit(f"interval {t}: {answer.termination.reason.name}, {answer.violations[:1]}")
        followed = part.commitment
        assert followed is not None
        if (answer.schedule.on != followed.on).any():
            raise SystemExit(f"interval {t} does not follow the commitment")
        schedule = answer.schedule
        found["mw"].append(schedule.dispatch_mw[:, 0])
        found["site_mw"].append(schedule.renewable_mw[:, 0])
        found["price"].append(answer.prices.bus_price[:, 0])
        assert answer.costs is not None
        found["objective"].append(np.array(answer.costs.energy + answer.costs.storage))
        found["state_mw"].append(part.units.initial_mw)
        found["begun"].append(part.storage.initial_energy_mwh)
        before = (part, schedule)
    spent = time.process_time() - seconds
    np.savez(out, intervals=intervals, cpu_seconds=spent, **_data(of), **{k: np.array(v) for k, v in found.items()})
    print(f"{intervals} intervals, {spent:.1f} s of CPU, every audit passed, nothing violated")


def _data(of: Plan) -> dict[str, Any]:
    """The day as plain arrays, with block widths and prices by unit and site."""
    case, units, sites, net, storage = of.day, of.day.units, of.day.renewables, of.day.network, of.day.storage
    assert case.commitment is not None
    live = net.branch_in_service
    return {
        "hours": case.horizon.hours, "look_ahead": of.look_ahead, "labels": np.array(case.horizon.labels()),
        "unit": np.array(units.id), "unit_bus": units.bus, "on": case.commitment.on, "began_on": units.initial_on,
        "p_min": units.p_min_mw, "p_max": units.p_max_mw, "up": units.ramp_up_mw_per_minute * 60.0,
        "down": units.ramp_down_mw_per_minute * 60.0, "start_limit": units.startup_limit_mw,
        "stop_limit": units.shutdown_limit_mw,
        "block_unit": units.offers.resource, "block_mw": units.offers.width_mw,
        "block_price": units.offers.price_per_mwh,
        "site_bus": sites.bus, "site_min": sites.min_mw, "site_max": sites.forecast_mw,
        "site_block": sites.offers.resource, "site_block_mw": sites.offers.width_mw,
        "site_price": sites.offers.price_per_mwh,
        "load_bus": case.loads.bus, "load": case.loads.mw, "tie_bus": case.ties.bus, "tie": case.ties.import_mw,
        "bus": np.array(net.bus_id), "branch_from": net.branch_from[live], "branch_to": net.branch_to[live],
        "branch_x": (net.branch_reactance_pu * net.branch_tap_ratio)[live], "branch_limit": net.branch_limit_mw[live],
        "store_bus": storage.bus, "charge_max": storage.charge_max_mw, "discharge_max": storage.discharge_max_mw,
        "charge_efficiency": storage.charge_efficiency, "discharge_efficiency": storage.discharge_efficiency,
        "energy_max": storage.energy_max_mwh, "energy_target": of.energy_mwh,
    }  # fmt: skip


def compare(ours: Path, theirs: Path) -> None:
    """Cost of the binding quarters and prices of both, interval by interval, and over the day."""
    a, b = np.load(ours), np.load(theirs)
    count = int(b["intervals"])
    cost = [_cost(a, x["mw"][:count], x["site_mw"][:count]) for x in (a, b)]
    apart = np.abs(a["price"][:count] - b["price"])
    same = apart.max(axis=1) <= 0.01
    moved = np.abs(a["mw"][:count] - b["mw"]).max(axis=1)
    for t in np.flatnonzero(~same).tolist():
        print(
            f"{a['labels'][t]}  cost {cost[0][t]:.2f} / {cost[1][t]:.2f}  price apart {apart[t].max():.3f} "
            f"at {int((apart[t] > 0.01).sum())} buses  units apart {moved[t]:.2f} MW"
        )
    load = np.zeros((len(a["bus"]), count))
    np.add.at(load, a["load_bus"], a["load"][:, :count])
    mean = [float((x["price"][:count].T * load).sum() / load.sum()) for x in (a, b)]
    total = [float(c.sum()) for c in cost]
    print(
        f"cost of {count} binding quarters: {total[0]:.2f} here, {total[1]:.2f} PyPSA ({total[1] / total[0] - 1:+.2e})"
    )
    print(f"greatest difference of one quarter: {np.abs(cost[0] - cost[1]).max():.4f} of {cost[0].mean():.0f}")
    print(f"mean price by load: {mean[0]:.4f} here, {mean[1]:.4f} PyPSA")
    print(f"prices of all buses within 0.01 in {int(same.sum())} of {count} quarters; dispatch within 0.01 MW in "
          f"{int((moved <= 0.01).sum())}")  # fmt: skip
    window = np.abs(b["objective"] / a["objective"][:count] - 1.0).max()
    print(f"objectives of the look-ahead apart by at most {float(window):.1e} of themselves")
    spent = [float(x["cpu_seconds"]) for x in (a, b)]
    print(f"CPU seconds: {spent[0]:.1f} here, pricing run and audit too; {spent[1]:.1f} PyPSA")


def _cost(day: Any, mw: Array, site_mw: Array) -> Array:
    """Money of offers by quarter: area under the blocks; no-load and start cost are those of one commitment."""
    total = np.zeros(len(mw))
    for resource, width, price, output in (
        (day["block_unit"], day["block_mw"], day["block_price"], mw),
        (day["site_block"], day["site_block_mw"], day["site_price"], site_mw),
    ):
        blocks = Offers(resource, width[:, : len(mw)].copy(), price[:, : len(mw)].copy())
        begins = block_ends(blocks) - blocks.width_mw
        used = np.clip(output.T[resource] - begins, 0.0, blocks.width_mw)
        total += (used * blocks.price_per_mwh).sum(axis=0) * float(day["hours"])
    return total


def main() -> None:
    """Roll, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("roll", "compare"))
    parser.add_argument("first", type=Path, help="day-ahead result; compare: what `roll` wrote")
    parser.add_argument("second", type=Path, help="file to write; compare: what PyPSA wrote")
    parser.add_argument("--day", default="2020-08-12")
    parser.add_argument("--intervals", type=int, default=96)
    asked = parser.parse_args()
    if asked.what == "roll":
        roll(asked.first, asked.second, asked.day, asked.intervals)
    else:
        compare(asked.first, asked.second)


if __name__ == "__main__":
    main()
