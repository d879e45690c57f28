"""How long a month of settlement takes: through the pipeline and over gRPC in parts, seconds and peak memory.

    python -m benchmarks.settlement [--participants 10000] [--days 31] [--periods 96]

Half of the participants inject, half withdraw, at 300 nodes with energy, loss and congestion parts; every injector has
a contract with a withdrawer, of its own energy in every period; a part of the request is a day. Charges, ancillary
entries, costs of a tenth of the participants; everything is shared. Whether the statements add up is checked.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import threading
import time

import numpy as np
import psutil

from clearing import pipeline
from clearing.client import Client
from clearing.server.embedded import EmbeddedServer
from clearing.server.settings import Settings
from clearing.v1 import settlement_pb2 as pb2

NODES = 300
RULES = {
    "congestion_share": "traded_energy", "loss_share": "used_energy", "imbalance_share": "metered_energy",
    "form": "full_energy",
}  # fmt: skip


def head(participants: int, days: int, periods: int, rng: np.random.Generator) -> pb2.SettleRequest:
    """All but energy and contracts."""
    ids, cells = [f"p{k:05d}" for k in range(participants)], days * periods
    base = rng.integers(150_000, 500_000, (2, cells))
    loss, congestion = (rng.integers(-most, most, (2, NODES, cells)) for most in (5_000, 40_000))
    some = participants // 10
    request = pb2.SettleRequest(
        cycle=pb2.SettlementCycle(
            first_day="2025-07-01", days=days, periods=periods, issued_at="2025-08-05 10:00", number_prefix="B"
        ),
        participants=pb2.SettlementParticipants(
            participant=ids, kind=[1 + k % 2 for k in range(participants)],
            node=[f"n{k % NODES}" for k in range(participants)],
            capacity_kw=rng.integers(1_000, 600_000, participants).tolist(),
            charge_class=[("10 kV", "35 kV", "110 kV")[k % 3] for k in range(participants)],
        ),
        prices=pb2.NodePrices(
            node=[f"n{k}" for k in range(NODES)],
            ahead_milli=(base[0] + loss[0] + congestion[0]).ravel(),
            real_milli=(base[1] + loss[1] + congestion[1]).ravel(),
            ahead_energy_milli=base[0], real_energy_milli=base[1], ahead_loss_milli=loss[0].ravel(),
            real_loss_milli=loss[1].ravel(),
        ),
        charges=pb2.SettlementCharges(
            charge=["t10", "t35", "t110", "m", "q", "f"], account=[30, 30, 30, 82, 83, 85], basis=[2, 2, 2, 1, 4, 2],
            rate=[120_000, 90_000, 60_000, 1_000_000, 300, 20_000],
            charge_class=["10 kV", "35 kV", "110 kV", "", "", ""],
        ),
        entries=pb2.SettlementEntries(
            participant=ids[:some], account=[20] * some, money_milli=rng.integers(0, 10**7, some).tolist()
        ),
        costs=pb2.UnitCosts(
            participant=[ids[2 * k] for k in range(some)] * days,
            day=[day for day in range(days) for _ in range(some)],
            ahead_energy_milli=rng.integers(0, 10**9, some * days).tolist(),
        ),
    )  # fmt: skip
    for key, value in RULES.items():
        request.rules.overrides.add(key=f"settlement.{key}", value=value)
    return request


def day_of(day: int, participants: int, periods: int, rng: np.random.Generator) -> pb2.SettleRequest:
    """Energy and contracts of a day."""
    half = participants // 2
    made = rng.integers(20_000, 400_000, (half, periods), dtype=np.int32)
    real = made + rng.integers(-10_000, 10_000, made.shape, dtype=np.int32)
    ahead, metered = np.empty((participants, periods), np.int32), np.empty((participants, periods), np.int32)
    ahead[0::2], ahead[1::2], metered[0::2], metered[1::2] = made, -made, real, -real
    return pb2.SettleRequest(
        energy=[
            pb2.SettlementEnergy(
                first_day=day, days=1, ahead_tenth_kwh=ahead.ravel(), real_tenth_kwh=metered.ravel()
            )
        ],
        contracts=[
            pb2.SettlementContracts(
                contract=[f"c{k}" for k in range(half)], seller=[f"p{2 * k:05d}" for k in range(half)],
                buyer=[f"p{2 * k + 1:05d}" for k in range(half)],
                price_milli=rng.integers(300_000, 420_000, half, dtype=np.int32),
                energy_tenth_kwh=(made * 8 // 10).ravel(), first_day=day, days=1,
            )
        ],
    )  # fmt: skip


def parts_of(participants: int, days: int, periods: int) -> list[bytes]:
    """Serialised SettleRequests that together are the month."""
    rng = np.random.default_rng(17)
    parts = [head(participants, days, periods, rng).SerializeToString()]
    return parts + [day_of(day, participants, periods, rng).SerializeToString() for day in range(days)]


def _checked(reply: pb2.SettleResponse) -> str:
    totals = reply.totals
    assert totals.collected_milli - totals.paid_milli == sum(totals.balance_milli)
    items = sum(len(statement.account) for statement in reply.statements)
    return f"{len(reply.statements):,} statements, {items:,} items"


def _through_the_pipeline(parts: list[bytes]) -> str:
    """In this process: seconds, greatest resident size, message in and out."""
    raw = b"".join(
        pb2.SettleChunksRequest(part=pb2.SettleRequest.FromString(part)).SerializeToString() for part in parts
    )
    size = len(raw)
    del parts
    start = time.perf_counter()
    answer = pipeline.settle_chunks(raw)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found = _checked(pb2.SettleChunksResponse.FromString(answer).result)
    return f"| pipeline | {seconds:.1f} | {peak:.2f} | {size / 1e6:.0f} | {found} |"


def _over_grpc(parts: list[bytes]) -> str:
    """A server of this machine: seconds of the call, greatest resident size of server and worker together."""
    settings = Settings(listen="127.0.0.1:0", workers=1, queue_megabytes=1024, log_level="error", metrics_port=None)
    with EmbeddedServer(settings=settings) as server, Client(server.address) as client:
        watch, both = Watch(server.worker_pids), Watch((*server.worker_pids, os.getpid()))
        start = time.perf_counter()
        reply = client.settlement.settle_chunks(lambda: (pb2.SettleRequest.FromString(part) for part in parts))
        seconds = time.perf_counter() - start
        workers, everything = watch.end(), both.end()
    size = sum(map(len, parts)) / 1e6
    peak = f"{workers:.2f} (worker), {everything:.2f} (with server and client)"
    return f"| gRPC, {len(parts)} parts | {seconds:.1f} | {peak} | {size:.0f} | {_checked(reply)} |"


class Watch:
    """Greatest resident size of some processes together, GB, sampled."""

    def __init__(self, pids: tuple[int, ...]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self._peak, self._ended = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            self._peak = max(self._peak, sum(each.memory_info().rss for each in self._processes) / 2**30)

    def end(self) -> float:
        """The greatest that was seen."""
        self._ended.set()
        self._thread.join()
        return self._peak


def main() -> None:
    """Two lines, each of a process of its own, so that neither's memory is the other's."""
    parser = argparse.ArgumentParser()
    for name, default in (("participants", 10_000), ("days", 31), ("periods", 96)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--way", choices=("pipeline", "grpc"))
    asked = parser.parse_args()
    if asked.way is None:
        print("| way | s | peak GB | request MB | found |\n|---|---|---|---|---|", flush=True)
        for way in ("pipeline", "grpc"):
            subprocess.run([sys.executable, "-m", "benchmarks.settlement", *sys.argv[1:], "--way", way], check=True)
        return
    parts = parts_of(asked.participants, asked.days, asked.periods)
    print(_through_the_pipeline(parts) if asked.way == "pipeline" else _over_grpc(parts), flush=True)


if __name__ == "__main__":
    main()
