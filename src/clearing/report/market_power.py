"""The page of market power: structure, limits, groups, replaced offers, rounds, prices; tables in one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clearing.case.case import Case
from clearing.report.figures.market_power import power_plots
from clearing.report.pages import environment
from clearing.report.scripts import dressing
from clearing.report.tables import Table, table
from clearing.report.values import amount

INDICES = ("residual_supply", "two_pivotal", "three_pivotal")


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title, the name links know it by, and a note."""

    anchor: str
    title: str
    table: Table
    note: str = ""


def render(case: Case, tree: dict[str, Any], pages: tuple[tuple[str, str], ...] = ()) -> str:
    """HTML of a reply of CheckMarketPower as plain lists and dictionaries (`wire.case_file.message_to_tree`).

    pages: (name, file) of pages beside it, which it leads to.
    """
    applied = tree.get("impact", {}).get("applied", True)
    sections = [
        Section("structure", "Structure of the system", _structure(case, tree)),
        Section("limits", "Congested limits", _limits(case, tree)),
        Section("groups", "Groups", _groups(tree)),
        Section("offers", "Offers that fail", _offers(case, tree), _mean(tree)),
        Section("rounds", "Rounds of replacement", _rounds(tree)),
        Section("prices", "Fall of prices by bus", _prices(case, tree), "" if applied else NO_EFFECT),
        Section("alike", "Offers that are alike", _alike(tree)),
    ]
    rules = tree.get("rules", {})
    return environment().get_template("market_power.html.j2").render(
        case=case, sections=sections, pages=pages, figures_=power_plots(case, tree),
        rules=f"{rules.get('name', '')} {rules.get('version', '')}", **dressing(),
    )  # fmt: skip


NO_EFFECT = "No effect by the thresholds of the rules: the offers stand."


def _mean(tree: dict[str, Any]) -> str:
    """What the test of the mean price says, where the rules have one."""
    found = tree.get("mean_price")
    if not found:
        return ""
    mean, most = amount(found.get("mean_per_mwh"), 2), amount(found["allowed_mean_per_mwh"], 2)
    word = "too high" if found.get("above") else "not too high, so no offer is replaced"
    return f"Mean price {mean} against {most}: {word}. Reference {amount(found['reference_per_mwh'], 2)}."


def _structure(case: Case, tree: dict[str, Any]) -> Table:
    of, labels = tree.get("structure", {}), case.horizon.labels()
    rows = [
        (
            labels[t],
            amount(of["supply_mw"][t], 1),
            amount(of["demand_mw"][t], 1),
            amount(of["hhi"][t], 0),
            amount(100 * of["top_share"][t], 1),
            str(of["failing_groups"][t]),
        )
        for t in range(len(labels))
    ]
    heads = ("Period", "Supply MW", "Demand MW", "HHI", "Top-m %", "Groups that fail")
    return table(heads, rows, {1, 2, 3, 4, 5}, "There is no supply.")


def _limits(case: Case, tree: dict[str, Any]) -> Table:
    of, labels = tree.get("limits", {}), case.horizon.labels()
    rows = [
        (family, of["subject"][n], labels[of["period"][n]], amount(of["relief_mw"][n], 2), str(of["failing_groups"][n]))
        for n, family in enumerate(of.get("family", []))
    ]
    heads = ("Family", "Limit", "Period", "Relief MW", "Groups that fail")
    return table(heads, rows, {3, 4}, "No limit binds, or there is no priced result.")


def _groups(tree: dict[str, Any]) -> Table:
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
    return table(heads, rows, set(range(3, 13)), "There is no supply.")


def _least(values: Sequence[float | str]) -> str:
    least = min((float(v) for v in values), default=float("inf"))
    return "∞" if least == float("inf") else amount(least, 3)


def _offers(case: Case, tree: dict[str, Any]) -> Table:
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
    return table(heads, rows, {2, 4, 5, 6}, "No offer fails.")


def _rounds(tree: dict[str, Any]) -> Table:
    rows = [
        (str(n + 1), ", ".join(r["group_id"]), amount(r.get("mean_per_mwh"), 2), amount(r.get("objective"), 2))
        for n, r in enumerate(tree.get("supervision", {}).get("rounds", []))
    ]
    heads = ("Round", "Groups replaced", "Mean price after it", "Objective")
    return table(heads, rows, {0, 2, 3}, "Nothing was replaced.")


def _prices(case: Case, tree: dict[str, Any]) -> Table:
    of = tree.get("impact", {})
    names, fall, periods = of.get("bus_id", []), of.get("price_fall_per_mwh", []), case.horizon.periods
    per_bus = 1 if len(fall) == len(names) else periods
    by_bus = [(name, fall[k * per_bus : (k + 1) * per_bus]) for k, name in enumerate(names)]
    by_bus.sort(key=lambda row: -max(row[1]))
    rows = [(name, amount(max(own), 2), amount(sum(own) / len(own), 2)) for name, own in by_bus]
    return table(("Bus", "Greatest", "Mean"), rows, {1, 2}, "Nothing was replaced.")


def _alike(tree: dict[str, Any]) -> Table:
    of = tree.get("supervision", {})
    pairs = zip(of.get("alike_a", []), of.get("alike_b", []), of.get("likeness", []), strict=True)
    rows = [(a, b, amount(100 * like, 2)) for a, b, like in pairs]
    return table(("Unit", "Unit", "Likeness %"), rows, {2}, "No two groups offer alike.")
