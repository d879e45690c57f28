"""The report of a round of substitution trading for the operator: one HTML file that needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from clearing.report.figures.substitution import THOUSAND, month_names, round_plots
from clearing.report.kpis import Kpi
from clearing.report.pages import environment
from clearing.report.scripts import dressing
from clearing.report.tables import NOTHING, Table, table
from clearing.report.values import amount, percent

HELD = {
    "HOURS": "Half the hours of its area",
    "YEAR_SHARE": "Share of its energy of the year",
    "PERIOD_SHARE": "Share of its energy of the period",
    "OFFERS": "What its sites may sell",
    "NETWORK": "Network limit",
}
CAUSES = {
    "LIMIT": "Limit of the security check",
    "NEW_ENERGY_SHORT": "Less new energy than captive energy",
    "UNMATCHED": "No partner at its price",
}
METHODS = {
    "MARGINAL": "Marginal price",
    "HIGH_LOW": "High-low matching",
    "LOWEST_PRICE": "Lowest-price matching",
    "LISTING": "Listing",
}
BOUNDARIES = ("ACTIVE_POWER", "SPINNING_RESERVE", "SHUTDOWN")
FLEETS = {1: "Wind", 2: "Solar"}


def render(asked: Mapping[str, Any], reply: Mapping[str, Any], pages: tuple[tuple[str, str], ...] = ()) -> str:
    """HTML of a round as it was asked and its reply, both as `wire.plain.tree` gives them.

    pages: (name, file) of pages beside it, which it leads to. It names enterprises and sites: for the operator alone.
    """
    stands = reply["totals"]["standing"] == "SUBSTITUTION_STANDING_CLEARED"
    rules = reply["rules"]
    return (
        environment()
        .get_template("substitution.html.j2")
        .render(
            months=months_of(asked),
            method=METHODS[_ending(asked["method"], "SUBSTITUTION_METHOD_")],
            rules=f"{rules['name']} {rules['version']}",
            digest=rules["digest"],
            verdict=("good", "cleared") if stands else ("bad", "to be held again"),
            kpis=_tiles(asked, reply),
            plots_=round_plots(asked, reply),
            boundaries=_boundaries(asked, reply),
            areas=_areas(asked, reply),
            captives=_captives(reply),
            sites=_sites(reply),
            cuts=_cuts(asked, reply),
            findings=_findings(reply),
            pages=pages,
            **dressing(),
        )
    )


def months_of(asked: Mapping[str, Any]) -> str:
    """First month, or first and last."""
    names = month_names(asked)
    return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"


def mwh(kwh: int) -> str:
    """Whole kWh as MWh with every digit."""
    return amount(kwh / THOUSAND, 3)


def _price(milli: int) -> str:
    """Thousandths with every digit."""
    return amount(milli / THOUSAND, 3)


def _tiles(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> list[Kpi]:
    totals = reply["totals"]
    energy, target = totals["energy_kwh"], asked["target_kwh"]
    share = percent(energy / target, 1) + " of the trade scale" if target else ""
    base = asked.get("base_price_milli", 200000)
    mean = totals["mean_variation_milli"]
    out = sum(f["code"] == "OFFER_LEFT_OUT" for f in reply["findings"])
    offers = sum(len(asked[side]["offer"]) for side in ("captive_offers", "site_offers"))
    partnerless = f"of it without a partner {mwh(totals['untraded_kwh'])}"
    tiles = [
        Kpi("Cleared energy", mwh(energy), share, "MWh"),
        Kpi("Mean variation", _price(mean), f"highest {_price(totals['highest_variation_milli'])}", "per MWh"),
        Kpi("Base price", _price(base), f"with the mean variation {_price(base + mean)}", "per MWh"),
        Kpi("Cut energy", mwh(sum(reply["cuts"]["lost_kwh"])), partnerless, "MWh"),
        Kpi("Offers left out", str(out), f"of {offers} offers"),
        Kpi("Left by rounding", _price(reply["residual_milli"]), "captive enterprises less sites"),
    ]
    if totals["short_kwh"]:
        tiles.insert(1, Kpi("New energy is short", mwh(totals["short_kwh"]), "nothing is cleared", "MWh", "bad"))
    if "optimum" in reply:
        best = reply["optimum"]
        tiles.append(Kpi("Left on the table", mwh(best["left_kwh"]), f"most energy {mwh(best['energy_kwh'])}", "MWh"))
    return tiles


def _boundaries(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> Table:
    """Captive energy of each boundary from pre-clearing to what was cleared, and why it was cut."""
    totals, offers, cuts = reply["totals"], asked["captive_offers"], reply["cuts"]
    of = dict(zip(offers["offer"], (_ending(b, "SHAVING_BOUNDARY_") for b in offers["boundary"]), strict=True))
    lost: Counter[tuple[str, str]] = Counter()
    for offer, cause, kwh in zip(cuts["offer"], cuts["cause"], cuts["lost_kwh"], strict=True):
        lost[of.get(offer, ""), _ending(cause, "SUBSTITUTION_CUT_CAUSE_")] += kwh
    rows = [
        (
            f"Boundary {k + 1}",
            mwh(totals["pre_boundary_kwh"][k]),
            *(mwh(lost[name, cause]) for cause in CAUSES),
            mwh(totals["boundary_kwh"][k]),
        )
        for k, name in enumerate(BOUNDARIES)
    ]
    heads = ("Kind", "Pre-cleared, MWh", *CAUSES.values(), "Cleared, MWh")
    return table(heads, rows, set(range(1, 6)), "No captive enterprise takes part.")


def _areas(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> Table:
    """An area a row: coefficient, scores, energy, what holds it."""
    totals, fleets, months = reply["totals"], asked["areas"]["fleet"], month_names(asked)
    rows = [
        (
            area,
            FLEETS.get(fleets[a], NOTHING),
            " / ".join(f"{score:+d}" for score in totals["score_percent"][3 * a : 3 * a + 3]).replace("-", "−"),
            amount(totals["coefficient"][a], 6),
            mwh(totals["pre_area_kwh"][a]),
            mwh(totals["area_most_kwh"][a]),
            HELD.get(_ending(totals["area_held"][a], "SUBSTITUTION_HELD_"), NOTHING),
            _month(months, totals["area_held_month"][a]),
            mwh(totals["area_kwh"][a]),
            percent(totals["ratio"][a], 4),
        )
        for a, area in enumerate(totals["area"])
    ]
    heads = (
        "Area", "Fuel", "K1 / K2 / K3, %", "Coefficient", "Pre-cleared, MWh", "Most, MWh", "Cause", "Month",
        "Cleared, MWh", "Ratio X",
    )  # fmt: skip
    return table(heads, rows, {2, 3, 4, 5, 8, 9}, "There is no area.")


def _captives(reply: Mapping[str, Any]) -> Table:
    """An enterprise a row, most energy first."""
    totals = reply["totals"]["enterprise_boundary_kwh"]
    ranked = sorted(enumerate(reply["captives"]), key=lambda item: -item[1]["substitution_kwh"])
    rows = [
        (
            own["enterprise"],
            *(mwh(kwh) for kwh in totals[3 * k : 3 * k + 3]),
            mwh(own["substitution_kwh"]),
            mwh(own["purchase_kwh"]) if "purchase_kwh" in own else NOTHING,
            *_money(own["variation_milli"], own["price_milli"], own["compensation_milli"], own["substitution_kwh"]),
        )
        for k, own in ranked
    ]
    heads = (
        "Enterprise", "Boundary 1", "Boundary 2", "Boundary 3", "W2, MWh", "W1, MWh", "Variation", "Price",
        "Compensation",
    )  # fmt: skip
    return table(heads, rows, set(range(1, 9)), "No captive enterprise takes part.")


def _sites(reply: Mapping[str, Any]) -> Table:
    """A site a row, most energy first."""
    fields = ("site", "offered_kwh", "most_kwh", "held", "cleared_kwh", "variation_milli", "price_milli")
    found = [
        (own["owner_id"] or NOTHING, *values)
        for own in reply["sites"]
        for values in zip(*(own[name] for name in (*fields, "compensation_milli")), strict=True)
    ]
    rows = [
        (
            owner,
            site,
            mwh(offered),
            mwh(most),
            HELD.get(_ending(held, "SUBSTITUTION_HELD_"), NOTHING),
            mwh(cleared),
            *_money(variation, price, paid, cleared),
        )
        for owner, site, offered, most, held, cleared, variation, price, paid in sorted(found, key=lambda row: -row[5])
    ]
    heads = (
        "Owner", "Site", "Offered, MWh", "Most, MWh", "Cause", "Cleared, MWh", "Variation", "Price", "Compensation",
    )  # fmt: skip
    return table(heads, rows, {2, 3, 5, 6, 7, 8}, "No site takes part.")


def _cuts(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> Table:
    """Every cut, with the limit that made it."""
    cuts, months = reply["cuts"], month_names(asked)
    rows = [
        (
            offer,
            CAUSES.get(_ending(cause, "SUBSTITUTION_CUT_CAUSE_"), NOTHING),
            _limit(asked, limit),
            _month(months, month),
            mwh(lost),
        )
        for offer, cause, limit, month, lost in zip(
            *(cuts[name] for name in ("offer", "cause", "limit", "month", "lost_kwh")), strict=True
        )
    ]
    return table(("Offer", "Cause", "Limit", "Month", "MWh"), rows, {4}, "Nothing was cut.")


def _findings(reply: Mapping[str, Any]) -> Table:
    rows = [
        (f["code"], f["subject"] or NOTHING, f["message"], f["value"] or NOTHING, f["limit"] or NOTHING, f["clause"])
        for f in reply["findings"]
    ]
    return table(("Code", "Subject", "Message", "Value", "Limit", "Clause"), rows, set(), "There is nothing to say.")


def _limit(asked: Mapping[str, Any], row: int) -> str:
    """A limit by what it bounds: area, fleet, and its energy; what it leaves out holds for all."""
    if row < 0:
        return NOTHING
    limits = asked["captive_limits"]
    whose = [limits[name][row] for name in ("area", "fleet") if limits[name] and limits[name][row]]
    return f"{', '.join(whose) or '*'}: {mwh(limits['most_kwh'][row])} MWh"


def _month(months: Sequence[str], month: int) -> str:
    return months[month] if 0 <= month < len(months) else NOTHING


def _money(variation: int, price: int, compensation: int, energy: int) -> tuple[str, str, str]:
    """Variation and price per MWh, compensation; dashes without energy."""
    if not energy:
        return NOTHING, NOTHING, NOTHING
    return _price(variation), _price(price), _price(compensation)


def _ending(name: str | int, prefix: str) -> str:
    """What a value of an enum says."""
    return str(name).removeprefix(prefix)
