"""Random small rounds, and the same round with its rows in another order."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any, TypeVar

import numpy as np

from clearing.case.arrays import Ints
from clearing.substitution import round_tables as t

MULTIPLE = {"captive": 100_000, "site": 10_000}
D = TypeVar("D")


def drawn(rng: Random) -> t.Round:
    """A round of up to 5 enterprises, 4 areas, 8 sites and 3 months; prices on a grid of few, so that ties happen."""
    months = rng.randint(1, 3)
    captives, sites, areas = rng.randint(1, 5), rng.randint(1, 8), rng.randint(1, 4)
    offers = _captive_offers(rng, captives, months)
    method = t.Method(rng.randint(1, 4))
    listed = rng.choice((0, 1_000))
    if method is t.Method.LISTING:
        offers = replace(offers, variation_milli=np.full_like(offers.variation_milli, listed))
    terms = t.Terms(
        t.Period(rng.randint(1, 3)), method, t.PriceMode(rng.randint(1, 2)), months, rng.randint(0, 60) * 100_000,
        200_000, (None, None), (None, None), 0, 1_000, rng.choice((0, 100)), listed, np.full(months, 43_200),
    )  # fmt: skip
    bids = _site_offers(rng, sites)
    if method is t.Method.LISTING:
        bids = replace(bids, variation_milli=np.full_like(bids.variation_milli, listed))
    return t.Round(terms, _captives(rng, captives), offers, _limits(rng, months), _areas(rng, areas, months),
                   _sites(rng, sites, areas), bids)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shuffled:
    """The round with all its rows in another order, and the rows that those of four tables have come from."""

    round_: t.Round
    captive_offers: list[int]
    site_offers: list[int]
    areas: list[int]
    sites: list[int]


def shuffled(round_: t.Round, rng: Random) -> Shuffled:
    """Every table in another order; references go with it."""
    names = ("captive_offers", "site_offers", "areas", "sites", "captives", "limits")
    sizes = (
        len(getattr(round_, n).rank if hasattr(getattr(round_, n), "rank") else getattr(round_, n).area) for n in names
    )
    rows = {name: rng.sample(range(size), size) for name, size in zip(names, sizes, strict=True)}
    new = {name: _take(getattr(round_, name), rows[name]) for name in names}
    for table, column, of in (("captive_offers", "party", "captives"), ("site_offers", "party", "sites"),
                              ("sites", "area", "areas")):  # fmt: skip
        place = np.argsort(rows[of])
        new[table] = replace(new[table], **{column: place[getattr(new[table], column)]})
    return Shuffled(replace(round_, **new), *(rows[name] for name in names[:4]))


def _take(table: D, rows: list[int]) -> D:
    values: dict[str, Any] = {f.name: getattr(table, f.name)[rows] for f in fields(table)}  # type: ignore[arg-type]
    return replace(table, **values)  # type: ignore[type-var]


def _column(rng: Random, rows: int, *choices: int) -> Ints:
    return np.array([rng.choice(choices) for _ in range(rows)], dtype=np.int64)


def _ranks(rng: Random, rows: int) -> Ints:
    return np.array(rng.sample(range(rows), rows), dtype=np.int64)


def _captives(rng: Random, rows: int) -> t.CaptiveParties:
    zero = np.zeros(rows, dtype=np.int64)
    return t.CaptiveParties(
        _column(rng, rows, 0, 1), _column(rng, rows, 0, 1), _column(rng, rows, 1, 1, 1, 1, 6), zero - 1, zero - 1,
        _column(rng, rows, 0, 1), zero + 400_000, zero + 150_000, zero + 20_000, zero + 5_000,
    )  # fmt: skip


def _captive_offers(rng: Random, captives: int, months: int) -> t.CaptiveOffers:
    keys = [(party, boundary) for party in range(captives) for boundary in (1, 2, 3, 3) if rng.random() < 0.7]
    keys = keys or [(0, 1)]
    month = np.array([[rng.randint(0, 4) * 100_000 for _ in range(months)] for _ in keys], dtype=np.int64)
    month[:, 0] += 100_000
    return t.CaptiveOffers(
        np.array([key[0] for key in keys]), np.array([key[1] for key in keys]),
        _column(rng, len(keys), -1_000, 0, 0, 1_000, 2_500), month.sum(axis=1), month,
        _column(rng, len(keys), 500, 500, 500, 500, 700, 1_100), _ranks(rng, len(keys)),
    )  # fmt: skip


def _limits(rng: Random, months: int) -> t.CaptiveLimits:
    rows = rng.randint(0, 4)
    return t.CaptiveLimits(
        _column(rng, rows, -1, 0, 1), _column(rng, rows, -1, 0, 1), _column(rng, rows, *range(-1, months)),
        np.array([rng.randint(0, 30) * 50_000 for _ in range(rows)], dtype=np.int64),
    )  # fmt: skip


def _areas(rng: Random, rows: int, months: int) -> t.Areas:
    most = np.array([[rng.choice((-1, -1, rng.randint(0, 12) * 77_777)) for _ in range(months)] for _ in range(rows)])
    energy = np.array([rng.randint(1, 50) * 1_000_000 for _ in range(rows)])
    network, peak = energy // _column(rng, rows, 5, 9, 20), energy // _column(rng, rows, 4, 8, 30)
    return t.Areas(
        _column(rng, rows, 1, 2), _column(rng, rows, 40_000, 90_000, 300_000), energy, energy + network + peak,
        network, peak, peak // 2, _column(rng, rows, 60_000, 100_000), _column(rng, rows, 90_000), most,
        _ranks(rng, rows),
    )  # fmt: skip


def _sites(rng: Random, rows: int, areas: int) -> t.SiteParties:
    zero = np.zeros(rows, dtype=np.int64)
    return t.SiteParties(
        np.array([rng.randrange(areas) for _ in range(rows)]), _column(rng, rows, 1, 1, 1, 1, 4),
        _column(rng, rows, 10_000, 49_500, 150_000), zero - 1, _column(rng, rows, -1, -1, 3_333_331),
        _column(rng, rows, -1, -1, 1_777_777), zero + 500_000, zero + 250_000, _ranks(rng, rows),
    )  # fmt: skip


def _site_offers(rng: Random, sites: int) -> t.SiteOffers:
    parties = [party for party in range(sites) for _ in range(rng.randint(1, 3))]
    return t.SiteOffers(
        np.array(parties), _column(rng, len(parties), -500, 0, 1_000, 2_500, 4_000),
        np.array([rng.randint(1, 150) * 10_000 for _ in parties]),
        _column(rng, len(parties), 500, 500, 500, 500, 700, 1_100), _ranks(rng, len(parties)),
    )  # fmt: skip
