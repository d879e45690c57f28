"""A month of RTS-GMLC: day-ahead and rolling real time of every day, settled over gRPC under three pricing schemes.

    python -m benchmarks.month [--first 2020-07-01] [--days 31] [--gap 5e-3] [--folder /tmp/rts-month] [--settle-only]

Day-ahead in hours on the day-ahead series, real time in quarters on its own series with a look-ahead of two hours, one
day after the other: a day begins with the state that real time of the day before left. A day is what `clearing day
--price-schemes` makes of its cases; its folder keeps every clearing, so the same command goes on where it stopped.
Then the days that follow one another are settled as one cycle by Settle and by SettleChunks, under LMP, ELMP and convex
hull prices of the day-ahead (real time has its own prices, the same for all), and in statements of days that
RollUpStatements adds up; all three must agree, and the money add up, or the program ends with an assertion.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.real_time import rts_folder
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.interval import after
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.case.result import ClearingResult
from clearing.case.schedule import Schedule
from clearing.cli.day_folder import DayFolder
from clearing.cli.day_roll import Asked, Roll
from clearing.cli.day_settlement import OF_SCHEME, REQUEST, write_settle_requests
from clearing.cli.output import errors
from clearing.client import Client
from clearing.formats import rts_gmlc
from clearing.market_day.day import MarketDay
from clearing.server.embedded import EmbeddedServer
from clearing.solve.options import SolveOptions
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire import case_file
from clearing.wire.join_settle_requests import joined

SCHEMES = ("LMP", "ELMP", "CONVEX_HULL")
MONEY = 1000
FACTS = "facts.json"
LOOK_AHEAD = 8
EXACT = 1e-6
RULES = {"congestion_share": "used_energy", "imbalance_share": "metered_energy"}
Before = tuple[Case, Schedule] | None


def roll(client: Client, day: date, folder: Path, before: Before, gap: float) -> Before:
    """Roll a day into its folder; returns real time as it was scheduled."""
    ahead, real = (
        rts_gmlc.read(rts_folder(), day=str(day), series=series, period_minutes=minutes)
        for series, minutes in (("DAY_AHEAD", "60"), ("REAL_TIME", "15"))
    )
    if before is not None:
        ahead = after(*before, before[0].horizon.periods - 1, ahead)
    folder.mkdir(parents=True, exist_ok=True)
    options = SolveOptions(time_limit_seconds=60.0, gap=gap, price_schemes=True)
    began, kept = time.monotonic(), DayFolder(folder)
    rolling = Roll(client, Asked("generic", "", {}, options), kept, errors())
    found = rolling.run(ahead, real, None, LOOK_AHEAD)
    assert rolling.first is not None
    first = replace(rolling.first, price_sets=_schemes(client, kept, ahead, rolling.first))
    write_settle_requests(folder, found, first, rolling.results)
    path = folder / FACTS
    seconds = time.monotonic() - began
    if not kept.asked and path.is_file():
        seconds = json.loads(path.read_text(encoding="utf-8"))["seconds"]
    path.write_text(json.dumps(_facts(first, found, seconds), indent=1), encoding="utf-8")
    return found.day, found.schedule


def _schemes(client: Client, kept: DayFolder, ahead: Case, first: ClearingResult) -> tuple[PriceSet, ...]:
    """Price sets of the day-ahead; where its search left no time for the hull, those of its commitment asked again."""
    hull = next((each for each in first.price_sets if each.scheme is PriceScheme.CONVEX_HULL), None)
    if hull is not None and hull.gap is not None and hull.gap <= EXACT:
        return first.price_sets
    assert first.schedule is not None
    fixed = replace(ahead, commitment=CommitmentInput(CommitmentUse.FIXED, first.schedule.on))
    options = SolveOptions(time_limit_seconds=600.0, price_schemes=True)
    return kept.result("schemes", fixed, lambda: client.clear_day_ahead(fixed, options=options)).price_sets


def _facts(first: ClearingResult, found: MarketDay, seconds: float) -> dict[str, Any]:
    """What the page tells about a day."""
    load = found.ahead.loads
    broken = Counter(v.family for v in (*first.violations, *(v for _, v in found.violations)))
    return {
        "seconds": round(seconds, 1),
        "gap": first.termination.gap,
        "audited": found.audited,
        "violations": dict(broken),
        "cost": None if first.costs is None else first.costs.total,
        "schemes": {
            each.scheme.name: {
                "make_whole": float(each.make_whole.sum()),
                "lost_opportunity": float(each.lost_opportunity.sum()),
                "total_uplift": each.total_uplift,
                "gap": each.gap,
                "approximate": each.approximate,
                "mean_price": float((each.bus_price[load.bus] * load.mw).sum() / load.mw.sum()),
            }
            for each in first.price_sets
        },
    }


def requests(folders: Sequence[Path], scheme: str) -> list[pb2.SettleRequest]:
    """The requests of the days under a scheme."""
    name = REQUEST if scheme == "LMP" else OF_SCHEME.format(scheme=scheme.lower())
    found = []
    for folder in folders:
        request, findings = case_file.settle_request_from_json((folder / name).read_text(encoding="utf-8"))
        assert request is not None, findings
        found.append(request)
    for key, value in RULES.items():
        found[0].rules.overrides.add(key=f"settlement.{key}", value=value)
    return found


def rolled(first: date, days: int, root: Path, gap: float, until: str) -> None:
    """Roll the days, one after the other, and stop before a day that would begin after `until` (HH:MM; '' = never)."""
    before: Before = None
    with EmbeddedServer(threads=1) as server, Client(server.address) as client:
        for number in range(days):
            day = first + timedelta(days=number)
            if until and time.strftime("%H:%M") >= until:
                print(f"stopped before {day}: it is past {until}", flush=True)
                return
            before = roll(client, day, root / str(day), before, gap)
            print(day, (root / str(day) / FACTS).read_text(encoding="utf-8").replace("\n", ""), flush=True)


def settled(client: Client, folders: Sequence[Path], scheme: str) -> dict[str, Any]:
    """The days as one cycle, in one message, in parts and day by day: money by account, thousandths, and seconds."""
    whole = joined(requests(folders, scheme))
    began = time.monotonic()
    reply = client.settlement.settle(whole)
    seconds = time.monotonic() - began
    rest = pb2.SettleRequest()
    rest.CopyFrom(whole)
    rest.ClearField("energy")
    parts = [rest, *(pb2.SettleRequest(energy=[each]) for each in whole.energy)]
    in_parts = client.settlement.settle_chunks(lambda: iter(parts))
    assert in_parts.SerializeToString(deterministic=True) == reply.SerializeToString(deterministic=True)
    whole.statements_by = pb2.STATEMENTS_BY_DAY
    by_day = client.settlement.settle(whole).statements
    added = client.settlement.roll_up(
        pb2.RollUpStatementsRequest(statements=by_day, issued_at=whole.cycle.issued_at, number_prefix="S")
    )
    assert _items(added.statements) == _items(reply.statements)
    totals = reply.totals
    assert totals.collected_milli - totals.paid_milli == sum(totals.balance_milli)
    names = (pb2.SettlementAccount.Name(account).removeprefix("SETTLEMENT_ACCOUNT_") for account in totals.account)
    return {
        "scheme": scheme,
        "days": len(folders),
        "statements": len(reply.statements),
        "statements of days": len(by_day),
        "seconds": seconds,
        "collected": totals.collected_milli,
        "paid": totals.paid_milli,
        "congestion surplus day-ahead": totals.congestion_ahead_milli,
        "congestion surplus real time": totals.congestion_real_milli,
        **dict(zip(names, totals.account_money_milli, strict=True)),
        **{f"kept: {name}": money for name, money in zip(totals.balance, totals.balance_milli, strict=True)},
    }


def _items(statements: Sequence[pb2.Statement]) -> dict[tuple[str, int], tuple[int, int]]:
    """(addressee, account) → energy and money."""
    return {
        (each.addressee, account): (energy, money)
        for each in statements
        for account, energy, money in zip(each.account, each.energy_tenth_kwh, each.money_milli, strict=True)
    }


def page(found: Sequence[dict[str, Any]], facts: Sequence[dict[str, Any]]) -> str:
    """Schemes side by side, money in whole units: what Settle paid, then what the clearings say about every scheme."""
    lines = ["| | " + " | ".join(SCHEMES) + " |", "|---" * (1 + len(SCHEMES)) + "|"]

    def line(name: str, values: Sequence[str]) -> None:
        lines.append(f"| {name} | " + " | ".join(values) + " |")

    for key in dict.fromkeys(key for each in found for key in each):
        if key in ("days", "statements", "statements of days"):
            line(key, [str(each[key]) for each in found])
        elif key == "seconds":
            line("seconds of Settle", [f"{each[key]:.1f}" for each in found])
        elif key != "scheme":
            line(key.replace("_", " ").lower(), [f"{each.get(key, 0) / MONEY:,.3f}" for each in found])
    for key in ("make_whole", "lost_opportunity", "total_uplift"):
        sums = [sum(day["schemes"][scheme][key] for day in facts) for scheme in SCHEMES]
        line(f"clearings: {key.replace('_', ' ')}", [f"{money:,.2f}" for money in sums])
    means = [sum(day["schemes"][scheme]["mean_price"] for day in facts) / len(facts) for scheme in SCHEMES]
    line("mean of the days' mean prices day-ahead", [f"{price:.3f}" for price in means])
    hulls = [day["schemes"]["CONVEX_HULL"] for day in facts]
    uplift = [{scheme: of["total_uplift"] for scheme, of in day["schemes"].items()} for day in facts]
    ordered = sum(of["CONVEX_HULL"] <= min(of.values()) * (1 + 1e-6) for of in uplift)
    broken = sum((Counter(day["violations"]) for day in facts), Counter())
    lines += [
        "",
        f"Days {len(facts)}; all audits passed on {sum(day['audited'] for day in facts)}; without a violation "
        f"{sum(not day['violations'] for day in facts)} ({dict(broken)} in all). Gap of day-ahead: median "
        f"{sorted(day['gap'] for day in facts)[len(facts) // 2]:.2e}, worst {max(day['gap'] for day in facts):.2e}. "
        f"Hull prices to 1e-6 of their dual {sum(hull['gap'] <= EXACT for hull in hulls)}, called approximate "
        f"{sum(hull['approximate'] for hull in hulls)}; least total uplift under the hull {ordered}. "
        f"Cost of the day-ahead {sum(day['cost'] for day in facts):,.0f}; "
        f"{sum(day['seconds'] for day in facts) / len(facts):.0f} s a day.",
    ]
    return "\n".join(lines)


def table(folders: Sequence[Path], path: Path) -> None:
    """A CSV with a row a day and scheme."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "scheme", "make_whole", "lost_opportunity", "total_uplift", "gap", "mean_price"])
        for folder in folders:
            for scheme, of in json.loads((folder / FACTS).read_text(encoding="utf-8"))["schemes"].items():
                writer.writerow([folder.name, scheme, *(of[key] for key in ("make_whole", "lost_opportunity")),
                                 of["total_uplift"], of["gap"], of["mean_price"]])  # fmt: skip


def settle_days(first: date, days: int, root: Path) -> None:
    """Settle the days that are there from the first on, under every scheme; print them side by side."""
    folders: list[Path] = []
    for folder in (root / str(first + timedelta(days=number)) for number in range(days)):
        if not (folder / FACTS).is_file():
            break
        folders.append(folder)
    if not folders:
        sys.exit("no day is there")
    with EmbeddedServer(threads=1) as server, Client(server.address) as client:
        found = [settled(client, folders, scheme) for scheme in SCHEMES]
    print(f"{folders[0].name} to {folders[-1].name}\n")
    print(page(found, [json.loads((folder / FACTS).read_text(encoding="utf-8")) for folder in folders]))
    table(folders, root / "schemes.csv")


def main() -> None:
    """Roll, settle, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", default="2020-07-01")
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--gap", type=float, default=5e-3, help="of the day-ahead commitments")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/rts-month"))
    parser.add_argument("--until", default="", help="HH:MM: begin no day after it")
    parser.add_argument("--settle-only", action="store_true", help="settle the days that are there")
    asked = parser.parse_args()
    first = date.fromisoformat(asked.first)
    if not asked.settle_only:
        rolled(first, asked.days, asked.folder, asked.gap, asked.until)
    settle_days(first, asked.days, asked.folder)


if __name__ == "__main__":
    main()
