"""How long a round of substitution trading takes by its offers: computed, message in and out, over gRPC.

    python -m benchmarks.substitution [OFFERS …]

Half of the offers are of captive enterprises (three each, one a boundary), half of sites (two each); 21 areas, 12
months, network limits in every fifth cell, captive limits by area and month. Prices are drawn on a grid of 0.1, so that
ties happen; the target binds, limits cut, and some pairs do not cross.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from clearing import pipeline
from clearing.client import Client
from clearing.rules.load import load
from clearing.server.embedded import EmbeddedServer
from clearing.substitution import round_clear, round_prices
from clearing.v1 import substitution_pb2 as pb2
from clearing.v1.substitution_metering_pb2 import ShavingBoundary
from clearing.wire import substitution_rounds

AREAS, WIND, MONTHS, CAPTIVE_AREAS, REPEATS = 21, 8, 12, 10, 3
SIZES = (12_500, 25_000, 50_000, 100_000, 200_000)


def drawn(
    offers: int, method: pb2.SubstitutionMethod.ValueType = pb2.SUBSTITUTION_METHOD_HIGH_LOW, seed: int = 8
) -> pb2.ClearSubstitutionRequest:
    """A round of so many offers."""
    draw = np.random.default_rng(seed)
    enterprises, sites = offers // 6, offers // 4
    pb = pb2.ClearSubstitutionRequest()
    asked = pb.round
    asked.period, asked.first_month, asked.months = pb2.SUBSTITUTION_PERIOD_YEAR, "2016-01", MONTHS
    asked.method, asked.price_mode, asked.gate_ms = method, pb2.SUBSTITUTION_PRICE_MODE_FORWARD, 10**6
    captive = asked.captives
    captive.enterprise.extend(f"c{k}" for k in range(enterprises))
    captive.area.extend(f"z{k % CAPTIVE_AREAS}" for k in range(enterprises))
    captive.catalogue_price_milli.extend([380_000] * enterprises)
    month = 100_000 * draw.integers(0, 4, (3 * enterprises, MONTHS))
    month[:, 0] += 100_000
    _offers(
        asked.captive_offers,
        "o",
        [f"c{k // 3}" for k in range(3 * enterprises)],
        100 * draw.integers(-50, 100, 3 * enterprises),
        month.sum(axis=1),
        "enterprise",
    )
    asked.captive_offers.boundary.extend(list(ShavingBoundary.values())[1:] * enterprises)
    asked.captive_offers.month_kwh.extend(month.ravel().tolist())
    total = int(month.sum())
    asked.target_kwh = total * 8 // 10
    for k in range(CAPTIVE_AREAS * MONTHS):
        asked.captive_limits.area.append(f"z{k % CAPTIVE_AREAS}")
        asked.captive_limits.month.append(k // CAPTIVE_AREAS)
        asked.captive_limits.most_kwh.append(total // CAPTIVE_AREAS // MONTHS * (7 + k % 3) // 10)
    _areas(asked, total, draw)
    asked.sites.site.extend(f"s{k}" for k in range(sites))
    asked.sites.owner.extend(f"w{k % (sites // 4 + 1)}" for k in range(sites))
    asked.sites.area.extend(f"a{k % AREAS}" for k in range(sites))
    asked.sites.capacity_kw.extend([10**6] * sites)
    asked.sites.approved_price_milli.extend([510_000] * sites)
    mean = total * 2 // (2 * sites) // 10_000
    _offers(
        asked.site_offers,
        "b",
        [f"s{k // 2}" for k in range(2 * sites)],
        100 * draw.integers(-40, 150, 2 * sites),
        10_000 * draw.integers(mean // 2, mean * 2, 2 * sites),
        "site",
    )
    return pb


def _offers(
    table: object, stem: str, parties: list[str], variation: np.ndarray, energy: np.ndarray, party: str
) -> None:
    table.offer.extend(f"{stem}{k}" for k in range(len(parties)))  # type: ignore[attr-defined]
    getattr(table, party).extend(parties)
    table.variation_milli.extend(variation.tolist())  # type: ignore[attr-defined]
    table.energy_kwh.extend(energy.tolist())  # type: ignore[attr-defined]
    table.submitted_ms.extend([1] * len(parties))  # type: ignore[attr-defined]


def _areas(asked: pb2.SubstitutionRound, total: int, draw: np.random.Generator) -> None:
    areas = asked.areas
    areas.area.extend(f"a{k}" for k in range(AREAS))
    areas.fleet.extend(1 if k < WIND else 2 for k in range(AREAS))
    areas.capacity_kw.extend((1000 * draw.integers(100, 3000, AREAS)).tolist())
    energy = total // AREAS * draw.integers(2, 9, AREAS)
    areas.energy_kwh.extend(energy.tolist())
    areas.network_curtailed_kwh.extend((energy // draw.integers(5, 30, AREAS)).tolist())
    areas.peak_curtailed_kwh.extend((energy // draw.integers(4, 20, AREAS)).tolist())
    areas.hours_milli.extend([2_000_000] * AREAS)
    limit = np.where(np.arange(AREAS * MONTHS) % 3, -1, total * 11 // (10 * AREAS * MONTHS))
    areas.most_kwh.extend(limit.tolist())


def main() -> None:
    """One line a size: best of three, seconds."""
    print("| offers | computed s | message in and out s (CPU) | over gRPC s | µs an offer, computed | M GWh | pairs |")
    print("|---|---|---|---|---|---|---|")
    with EmbeddedServer(threads=1) as server, Client(server.address) as client:
        client.substitution.clear(drawn(1_200))
        for size in [int(text) for text in sys.argv[1:]] or SIZES:
            print(_line(size, client), flush=True)


def _line(size: int, client: Client) -> str:
    rules, request = load("xinjiang", "", {}).market, drawn(size)
    raw = request.SerializeToString()
    read = substitution_rounds.read_clear(raw)
    assert not read.findings
    alone, whole, burnt, called = [], [], [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = round_clear.clear(read.round_, rules.substitution_round, rules.substitution_allocation)
        round_prices.price(read.round_, found, rules.substitution_round)
        alone.append(time.perf_counter() - start)
        start, cpu = time.perf_counter(), time.process_time()
        pipeline.clear_substitution(raw)
        whole.append(time.perf_counter() - start)
        burnt.append(time.process_time() - cpu)
        start = time.perf_counter()
        client.substitution.clear(request)
        called.append(time.perf_counter() - start)
    return (
        f"| {size:,} | {min(alone):.3f} | {min(whole):.3f} ({min(burnt):.3f}) | {min(called):.3f} "
        f"| {min(alone) / size * 1e6:.1f} | {int(found.area_kwh.sum()) / 1e6:,.1f} | {len(found.pairs.energy_kwh):,} |"
    )


if __name__ == "__main__":
    main()
