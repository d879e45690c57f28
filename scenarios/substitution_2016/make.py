"""Write the synthetic yearly round of 2016: `python -m scenarios.substitution_2016.make [ROUND.json]`.

Every party and number is drawn; only sizes follow what is public (README.md). The same seed gives the same round.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from google.protobuf import json_format

from clearing.v1 import substitution_pb2 as pb2
from clearing.v1.substitution_metering_pb2 import ShavingBoundary

SEED, ENTERPRISES, MWH, GWH = 2016, 36, 1000, 1_000_000
TARGET_GWH = 6_000
GATE_MS = 1_000_000

# Area, fleet, sites, capacity MW, hours of the year, network and peak-shaving curtailment as shares of capability.
AREAS = (
    ("urumqi-wind", 1, 14, 2_600, 1_900, 0.02, 0.26), ("changji-wind", 1, 12, 2_900, 1_750, 0.06, 0.28),
    ("turpan-wind", 1, 10, 1_700, 1_800, 0.04, 0.27), ("hami-wind", 1, 22, 4_200, 1_500, 0.15, 0.27),
    ("bortala-wind", 1, 8, 1_300, 2_000, 0.05, 0.24), ("tacheng-wind", 1, 9, 1_900, 1_900, 0.10, 0.26),
    ("altay-wind", 1, 9, 1_700, 1_850, 0.14, 0.25), ("bayingol-wind", 1, 6, 800, 1_900, 0.03, 0.22),
    ("urumqi-pv", 2, 3, 200, 1_150, 0.01, 0.20), ("changji-pv", 2, 9, 700, 1_100, 0.03, 0.22),
    ("turpan-pv", 2, 9, 900, 1_150, 0.05, 0.23), ("hami-pv", 2, 14, 1_500, 1_150, 0.12, 0.22),
    ("bortala-pv", 2, 4, 350, 1_100, 0.02, 0.20), ("tacheng-pv", 2, 3, 200, 1_050, 0.03, 0.21),
    ("altay-pv", 2, 3, 200, 1_100, 0.06, 0.20), ("bayingol-pv", 2, 13, 1_150, 1_100, 0.08, 0.24),
    ("aksu-pv", 2, 12, 1_050, 1_000, 0.10, 0.25), ("south-pv", 2, 10, 900, 950, 0.12, 0.26),
    ("hotan-pv", 2, 6, 550, 950, 0.15, 0.26), ("kuytun-pv", 2, 2, 150, 1_100, 0.02, 0.18),
    ("ili-pv", 2, 2, 150, 1_150, 0.01, 0.17),
)  # fmt: skip
MONTH_WEIGHTS = np.array([4, 4, 6, 9, 11, 11, 11, 11, 10, 10, 7, 6])
NETWORK_LIMITED = ("hami-wind", "altay-wind", "hotan-pv", "south-pv")
REGIONS = ("changji", "turpan-hami", "ili-bortala", "south")
SHARES_OF_BOUNDARIES = (0.25, 0.30, 0.65)
VARIATIONS = ((-20, 20), (-10, 40), (0, 120))


def make(seed: int = SEED) -> pb2.ClearSubstitutionRequest:
    """The round: yearly, marginal price, forward prices."""
    draw = np.random.default_rng(seed)
    pb = pb2.ClearSubstitutionRequest()
    asked = pb.round
    asked.period, asked.first_month, asked.months = pb2.SUBSTITUTION_PERIOD_YEAR, "2016-01", len(MONTH_WEIGHTS)
    asked.method, asked.price_mode = pb2.SUBSTITUTION_METHOD_MARGINAL, pb2.SUBSTITUTION_PRICE_MODE_FORWARD
    asked.target_kwh, asked.gate_ms = TARGET_GWH * GWH, GATE_MS
    _captives(asked, draw)
    _areas(asked)
    _sites(asked, draw)
    return pb


def _captives(asked: pb2.SubstitutionRound, draw: np.random.Generator) -> None:
    """Offers of boundaries 1 to 3: 25, 30 and 65 % of the scale, sizes skewed as plants are."""
    size = draw.lognormal(0.0, 0.8, ENTERPRISES)
    size /= size.sum()
    captives, offers = asked.captives, asked.captive_offers
    for k in range(ENTERPRISES):
        name = f"captive-{k + 1:02d}"
        captives.enterprise.append(name)
        captives.area.append(REGIONS[k % len(REGIONS)])
        captives.fleet.append("coal")
        captives.catalogue_price_milli.append(int(draw.integers(330, 395)) * 1000)
        taken = 0
        for boundary, (share, (low, high)) in enumerate(zip(SHARES_OF_BOUNDARIES, VARIATIONS, strict=True), 1):
            energy = max(int(size[k] * share * TARGET_GWH * GWH) // (100 * MWH), 1) * 100 * MWH
            months = energy * MONTH_WEIGHTS // int(MONTH_WEIGHTS.sum())
            offers.offer.append(f"{name}-{boundary}")
            offers.enterprise.append(name)
            offers.boundary.append(ShavingBoundary.values()[boundary])
            offers.variation_milli.append(int(draw.integers(low, high + 1)) * 100)
            offers.energy_kwh.append(energy)
            offers.month_kwh.extend(months.tolist())
            offers.submitted_ms.append(GATE_MS // 2)
            taken += energy
        captives.take_kwh.append(taken * 3 // 2)
    for region in REGIONS:
        for month, weight in enumerate(MONTH_WEIGHTS.tolist()):
            asked.captive_limits.area.append(region)
            asked.captive_limits.month.append(month)
            asked.captive_limits.most_kwh.append(TARGET_GWH * GWH * weight * 32 // (100 * 100))


def _areas(asked: pb2.SubstitutionRound) -> None:
    areas, whole = asked.areas, sum(mw * hours for _, _, _, mw, hours, _, _ in AREAS)
    for name, fleet, _, mw, hours, network, peak in AREAS:
        energy = mw * hours * MWH
        capability = round(energy / (1 - network - peak))
        areas.area.append(name)
        areas.fleet.append(fleet)
        areas.capacity_kw.append(mw * 1000)
        areas.energy_kwh.append(energy)
        areas.network_curtailed_kwh.append(round(capability * network))
        areas.peak_curtailed_kwh.append(capability - energy - round(capability * network))
        areas.hours_milli.append(hours * 1000)
        own = TARGET_GWH * GWH * mw * hours // whole
        limit = [own * weight * 9 // 1000 if name in NETWORK_LIMITED else -1 for weight in MONTH_WEIGHTS.tolist()]
        areas.most_kwh.extend(limit)


def _sites(asked: pb2.SubstitutionRound, draw: np.random.Generator) -> None:
    """Sites of an area share its capacity; each offers a part of its energy at one to three variations."""
    sites, offers = asked.sites, asked.site_offers
    for area, fleet, count, mw, hours, _, _ in AREAS:
        parts = draw.dirichlet(np.full(count, 4.0)) * mw
        for k, part in enumerate(parts.tolist(), 1):
            name, kw = f"{area}-{k:02d}", max(int(part * 1000), 1000)
            energy = kw * hours
            sites.site.append(name)
            sites.owner.append(f"firm-{len(sites.site):03d}")
            sites.area.append(area)
            sites.capacity_kw.append(kw)
            sites.year_kwh.append(energy)
            sites.period_kwh.append(energy)
            sites.approved_price_milli.append(510_000 if fleet == 1 else 900_000)
            wanted, bids = energy * draw.uniform(0.22, 0.40), int(draw.integers(1, 4))
            for bid, variation in enumerate(sorted(draw.integers(60, 300, bids).tolist(), reverse=True), 1):
                offers.offer.append(f"{name}-{bid}")
                offers.site.append(name)
                offers.variation_milli.append(int(variation) * 100)
                offers.energy_kwh.append(max(int(wanted / bids) // (10 * MWH), 1) * 10 * MWH)
                offers.submitted_ms.append(GATE_MS // 2)


def main() -> None:
    """Write the round as JSON."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "round.json")
    path.write_text(json_format.MessageToJson(make(), preserving_proto_field_name=True), encoding="utf-8")
    print(f"{path} written")


if __name__ == "__main__":
    main()
