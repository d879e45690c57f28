"""The page of market power: structure, limits, groups, replaced offers, rounds, prices; tables in one HTML file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2

from clearing.case.case import Case
from clearing.report.values import amount

MOST_ROWS = 400
INDICES = ("residual_supply", "two_pivotal", "three_pivotal")


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table; empty: what is said without rows; cut: rows that were left out."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    empty: str
    cut: int = 0


def render(case: Case, tree: dict[str, Any]) -> str:
    """HTML of a reply of CheckMarketPower as plain lists and dictionaries (`wire.case_file.message_to_tree`)."""
    sections = [
        _structure(case, tree),
        _limits(case, tree),
        _groups(tree),
        _offers(case, tree),
        _rounds(tree),
        _prices(case, tree),
        _alike(tree),
    ]
    style = resources.files("clearing.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("clearing.report"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    rules = tree.get("rules", {})
    return environment.get_template("market_power.html.j2").render(
        case=case, sections=sections, style=style, rules=f"{rules.get('name', '')} {rules.get('version', '')}"
    )


def _section(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], empty: str) -> Section:
    every = list(rows)
    return Section(title, heads, every[:MOST_ROWS], empty, max(len(every) - MOST_ROWS, 0))


def _structure(case: Case, tree: dict[str, Any]) -> Section:
    of, labels = tree.get("structure", {}), case.horizon.labels()
    rows = (
        (
            labels[t],
            amount(of["supply_mw"][t], 1),
            amount(of["demand_mw"][t], 1),
            amount(of["hhi"][t], 0),
            amount(100 * of["top_share"][t], 1),
            str(of["failing_groups"][t]),
        )
        for t in range(len(labels))
    )
    heads = ("Period", "Supply MW", "Demand MW", "HHI", "Top-m %", "Groups that fail")
    return _section("Structure of the system", heads, rows, "")


def _limits(case: Case, tree: dict[str, Any]) -> Section:
    of, labels = tree.get("limits", {}), case.horizon.labels()
    rows = (
        (family, of["subject"][n], labels[of["period"][n]], amount(of["relief_mw"][n], 2), str(of["failing_groups"][n]))
        for n, family in enumerate(of.get("family", []))
    )
    heads = ("Family", "Limit", "Period", "Relief MW", "Groups that fail")
    return _section("Congested limits", heads, rows, "No limit binds, or there is no priced result.")


def _groups(tree: dict[str, Any]) -> Section:
    watched = tree.get("supervision", {})
    rows = []
    for group in tree.get("groups", []):
        profit = group.get("profit", {})
        rows.append(
            (
                group["group_id"],
                *(
                    "fails" if group["group_id"] in watched.get(f"failing_{test}", []) else "–"
                    for test in ("structure", "conduct")
                ),
                *(_least(group.get(f"{name}_index", [])) for name in INDICES),
                amount(100 * max(group.get("must_run_ratio", [0.0])), 1),
                *(amount(profit.get(name, 0.0), 2) for name in ("revenue", "cost", "excess", "recovery")),
                amount(profit.get("lerner_index"), 3),
                amount(profit.get("withheld_mwh", 0.0), 1),
            )
        )
    heads = (
        "Group", "Structure", "Conduct", "Least RSI", "Two-pivotal", "Three-pivotal", "Must-run %", "Revenue",
        "Approved cost", "Excess", "Recovery", "Lerner", "Withheld MWh",
    )  # fmt: skip
    return _section("Groups", heads, rows, "There is no supply.")


def _least(values: Sequence[float | str]) -> str:
    least = min((float(v) for v in values), default=float("inf"))
    return "∞" if least == float("inf") else amount(least, 3)


def _offers(case: Case, tree: dict[str, Any]) -> Section:
    labels, rows = case.horizon.labels(), []
    for group in tree.get("groups", []):
        of = group.get("offers", {})
        for n, resource in enumerate(of.get("resource", [])):
            reason = of["reason"][n].removeprefix("OFFER_TEST_REASON_").replace("_", " ").lower()
            when = f"{labels[of['first_period'][n]]} – {labels[of['last_period'][n]]}"
            prices = (of[name][n] for name in ("offer_per_mwh", "allowed_per_mwh", "replaced_by_per_mwh"))
            rows.append(
                (group["group_id"], resource, str(of["block"][n] + 1), when, *(amount(p, 2) for p in prices), reason)
            )
    heads = ("Group", "Resource", "Block", "Periods", "Offer", "Allowed", "Cleared at", "Why")
    return _section("Offers that fail", heads, rows, "No offer fails.")


def _rounds(tree: dict[str, Any]) -> Section:
    rows = (
        (str(n + 1), ", ".join(r["group_id"]), amount(r.get("mean_per_mwh"), 2), amount(r.get("objective"), 2))
        for n, r in enumerate(tree.get("supervision", {}).get("rounds", []))
    )
    heads = ("Round", "Groups replaced", "Mean price after it", "Objective")
    return _section("Rounds of replacement", heads, rows, "Nothing was replaced.")


def _prices(case: Case, tree: dict[str, Any]) -> Section:
    of = tree.get("impact", {})
    names, fall, periods = of.get("bus_id", []), of.get("price_fall_per_mwh", []), case.horizon.periods
    per_bus = 1 if len(fall) == len(names) else periods
    by_bus = [(name, fall[k * per_bus : (k + 1) * per_bus]) for k, name in enumerate(names)]
    by_bus.sort(key=lambda row: -max(row[1]))
    rows = ((name, amount(max(own), 2), amount(sum(own) / len(own), 2)) for name, own in by_bus)
    word = "" if of.get("applied", True) else " (no effect by the rules: the offers stand)"
    return _section(f"Fall of prices by bus{word}", ("Bus", "Greatest", "Mean"), rows, "Nothing was replaced.")


def _alike(tree: dict[str, Any]) -> Section:
    of = tree.get("supervision", {})
    pairs = zip(of.get("alike_a", []), of.get("alike_b", []), of.get("likeness", []), strict=True)
    rows = ((a, b, amount(100 * like, 2)) for a, b, like in pairs)
    return _section("Offers that are alike", ("Unit", "Unit", "Likeness %"), rows, "No two groups offer alike.")
