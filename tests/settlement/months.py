"""Months to settle: one worked by hand, and random ones whose market is balanced."""

from __future__ import annotations

import numpy as np

from clearing import pipeline
from clearing.v1 import settlement_pb2 as pb2

GENERATION, USER, RETAILER = pb2.ADDRESSEE_KIND_GENERATION, pb2.ADDRESSEE_KIND_USER, pb2.ADDRESSEE_KIND_RETAILER
MWH = 10_000


def worked() -> pb2.SettleRequest:
    """One day of two periods; unit G at node A, user U at node B.

    Day-ahead: A 300 and 310, B 320 and 310; real time: A 280 and 330, B 350 and 330 元/MWh; energy part: A's price.
    G sells U 60 MWh a period at 290. G: day-ahead 100 MWh, real 90 and 110; U: −100, real −90 and −110.
    """
    request = pb2.SettleRequest(
        cycle=pb2.SettlementCycle(
            first_day="2025-11-30", days=1, periods=2, issued_at="2025-12-01 10:30", number_prefix="X"
        ),
        participants=pb2.SettlementParticipants(
            participant=["G", "U"], kind=[GENERATION, USER], node=["A", "B"], capacity_kw=[300_000, 100_000],
            charge_class=["", "220 kV"],
        ),
        prices=pb2.NodePrices(
            node=["A", "B"], ahead_milli=[300_000, 310_000, 320_000, 310_000],
            real_milli=[280_000, 330_000, 350_000, 330_000], ahead_energy_milli=[300_000, 310_000],
            real_energy_milli=[280_000, 330_000],
        ),
        energy=[
            pb2.SettlementEnergy(
                ahead_tenth_kwh=[100 * MWH, 100 * MWH, -100 * MWH, -100 * MWH],
                real_tenth_kwh=[90 * MWH, 110 * MWH, -90 * MWH, -110 * MWH],
            )
        ],
        contracts=[
            pb2.SettlementContracts(
                contract=["c"], seller=["G"], buyer=["U"], price_milli=[290_000], energy_tenth_kwh=[60 * MWH]
            )
        ],
    )  # fmt: skip
    return request


def settled(request: pb2.SettleRequest, **rules: str) -> pb2.SettleResponse:
    """The request, settled by the pipeline, with settings settlement.<name>."""
    asked = pb2.SettleRequest()
    asked.CopyFrom(request)
    for name, value in rules.items():
        asked.rules.overrides.add(key=f"settlement.{name}", value=value)
    return pb2.SettleResponse.FromString(pipeline.settle(asked.SerializeToString()))


def items(reply: pb2.SettleResponse, addressee: str) -> dict[str, int]:
    """Account → money of all statements of a participant."""
    found: dict[str, int] = {}
    for statement in reply.statements:
        if statement.addressee == addressee:
            for account, money in zip(statement.account, statement.money_milli, strict=True):
                name = pb2.SettlementAccount.Name(account).removeprefix("SETTLEMENT_ACCOUNT_")
                found[name] = found.get(name, 0) + money
    return found


def balances(reply: pb2.SettleResponse) -> dict[str, int]:
    """Balance → money."""
    return dict(zip(reply.totals.balance, reply.totals.balance_milli, strict=True))


def drawn(seed: int) -> pb2.SettleRequest:
    """A random month: few participants, days, periods, nodes; losses, contracts, entries, charges, rights, costs,
    packages."""
    rng = np.random.default_rng(seed)
    n, k, days, periods = (int(rng.integers(low, high)) for low, high in ((2, 9), (1, 5), (1, 4), (1, 6)))
    m, cells = int(rng.integers(0, 5)), days * periods
    ids, nodes = [f"p{i}" for i in range(n)], [f"n{j}" for j in range(k)]
    price, some = (lambda *size: rng.integers(-200_000, 1_500_000, size).ravel().tolist()), 1 + n // 2
    pick = lambda count, of: [of[j] for j in rng.integers(0, len(of), count)]  # noqa: E731
    seller = rng.integers(0, n, m)
    request = pb2.SettleRequest(
        cycle=pb2.SettlementCycle(
            first_day="2025-01-30", days=days, periods=periods, issued_at="2025-03-01 00:00", number_prefix="S"
        ),
        participants=pb2.SettlementParticipants(
            participant=ids, kind=rng.integers(1, 7, n).tolist(), node=pick(n, nodes),
            capacity_kw=rng.integers(0, 9999, n).tolist(), charge_class=pick(n, ["", "35 kV"]),
            declaring=rng.integers(0, 7, n).tolist(), reward_weight=rng.integers(0, 3, n).tolist(),
            contract_recovery=rng.integers(0, 3, n).tolist(),
        ),
        prices=pb2.NodePrices(
            node=nodes, ahead_milli=price(k, cells), real_milli=price(k, cells), ahead_energy_milli=price(cells),
            real_energy_milli=price(cells), ahead_loss_milli=rng.integers(-999, 999, k * cells).tolist(),
        ),
        contracts=[
            pb2.SettlementContracts(
                contract=[f"c{i}" for i in range(m)], seller=[ids[i] for i in seller],
                buyer=[ids[(i + 1) % n] for i in seller], price_milli=price(m),
                energy_tenth_kwh=rng.integers(0, 99_999, m * cells).tolist(),
            )
        ],
        entries=pb2.SettlementEntries(
            participant=pick(some, ids), account=pick(some, [20, 22, 60, 62, 71, 14]),
            money_milli=rng.integers(-9999, 99_999, some).tolist(), day=rng.integers(0, days, some).tolist(),
        ),
        charges=pb2.SettlementCharges(
            charge=["t", "m", "q", "f", "k"], account=[30, 82, 83, 85, 84], basis=[2, 1, 4, 3, 5],
            rate=rng.integers(0, 99_999, 5).tolist(), charge_class=["35 kV", "", "", "", ""],
            payee=[ids[0], "", "", ids[-1], ""],
        ),
        rights=pb2.TransmissionRights(
            holder=pick(some, ids), from_node=pick(some, nodes), to_node=pick(some, nodes),
            energy_tenth_kwh=rng.integers(0, 9_999, some).tolist(),
        ),
        capacity=pb2.CapacityObligations(
            participant=ids[:some], historic_peak_kw=rng.integers(0, 999, some).tolist(),
            acquired_kw=rng.integers(0, 999, some).tolist(), price_milli_per_kw=rng.integers(0, 999, some).tolist(),
            payee=pick(some, [*ids, ""]),
        ),
        costs=pb2.UnitCosts(
            participant=ids, day=[0] * n, ahead_start_milli=rng.integers(0, 10**7, n).tolist(),
            ahead_no_load_milli=rng.integers(0, 10**6, n).tolist(),
            ahead_energy_milli=rng.integers(-(10**6), 10**8, n).tolist(),
            real_cost_milli=rng.integers(-(10**6), 10**8, n).tolist(),
        ),
        starts=pb2.StartsMade(
            participant=[ids[0]], day=[0], cost_milli=[123_457], run_minutes=[60], stop_minutes=[10_080]
        ),
        ordered=pb2.OrderedEnergy(
            participant=[ids[0], ids[1]], period=[0, cells - 1], account=[69, 67], energy_tenth_kwh=[333, 777],
            price_milli=[400_001, 100_003],
        ),
        fee_balance_milli=int(rng.integers(-9999, 9999)),
    )  # fmt: skip
    request.capacity_trades.CopyFrom(
        pb2.CapacityTrades(
            buyer=[ids[0], ids[-1]], seller=[ids[1], ""], capacity_kw=rng.integers(0, 999, 2).tolist(),
            price_milli_per_kw=rng.integers(0, 999, 2).tolist(),
        )
    )  # fmt: skip
    request.retail.CopyFrom(
        pb2.RetailPackages(
            package=["a", "b"], retailer=[ids[0], ids[0]], user=[ids[1], ids[-1]], price_milli=price(2),
            agreed_tenth_kwh=rng.integers(0, 99_999, 2).tolist(), used_tenth_kwh=rng.integers(0, 99_999, 2).tolist(),
            assessment_millionths=[333_333, 0], ended_by=["", ids[-1]], remaining_milli=[0, 1_234_567],
            termination_millionths=[0, 333_333],
        )
    )  # fmt: skip
    for day in range(days):
        size = n * periods
        request.energy.add(
            first_day=day, days=1, ahead_tenth_kwh=rng.integers(-99_999, 99_999, size).tolist(),
            real_tenth_kwh=rng.integers(-99_999, 99_999, size).tolist(),
        )  # fmt: skip
    return request
