"""Write golden requests and their replies for a version: `python -m tests.golden.make 0.1.0` when it is released.

One request of every unary method, serialised, as a client of that version sends it. Later versions answer it the same
way (tests/wire/test_golden.py). A file that is there stays as it is: a released request is never written again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from google.protobuf.message import Message

from clearing import pipeline
from clearing.case.case import CommitmentInput, CommitmentUse
from clearing.client import messages
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1 import ex_post_pb2, settlement_pb2, substitution_pb2
from clearing.wire import case_file
from tests.factory import market
from tests.fuzz.requests import WAYS, golden
from tests.settlement.months import worked

FOLDER = Path(__file__).parent
OPTIONS = SolveOptions(reproducible=True, seed=7)
MARKET_MESSAGES = {
    "CheckMarketPower": "check", "LimitPrices": "limit", "ChargeDeviations": "charge", "ClearSubstitution": "round",
    "MeterSubstitution": "month", "SettleSubstitutionDeviation": "year", "CheckPositions": "positions",
    "CheckEntry": "entry",
}  # fmt: skip


def answer(method: str) -> Callable[[bytes], bytes]:
    """The function of the pipeline that answers a method."""
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in method).strip("_")
    function = getattr(pipeline, name)
    if method in ("ClearDayAhead", "ClearRealTime", "CheckMarketPower", "CheckPrices"):
        return lambda raw: function(raw, RunControl(), "golden")  # type: ignore[no-any-return]
    return function  # type: ignore[no-any-return]


def _day() -> service.ClearDayAheadRequest:
    """Units, sites, a store, a tie, a product, two buses with a limit between them."""
    case = market(
        {"B": [150.0, 210.0, 260.0, 180.0]},
        units=[
            {"id": "coal", "p_min": 40, "p_max": 150, "price": 200, "start_cost": 900, "min_up": 120,
             "owner": "north", "bus": "A"},
            {"id": "gas", "p_min": 20, "p_max": 120, "blocks": [(20, 300), (100, 420)], "start_cost": 200,
             "owner": "south", "bus": "B"},
        ],
        renewables=[{"id": "wind", "forecast": [30.0, 60.0, 20.0, 50.0], "owner": "north", "bus": "A"}],
        buses=["A", "B"],
        branches=[{"id": "AB", "ends": ("A", "B"), "limit": 90.0}],
    )  # fmt: skip
    return messages.clear_request(case, "generic", "", {"solve.gap": "0.0001"}, OPTIONS, "golden", None)


def _interval() -> service.ClearRealTimeRequest:
    on = CommitmentInput(CommitmentUse.FOLLOW, np.ones((2, 4), dtype=np.int8))
    units = [
        {"id": "coal", "p_min": 20, "p_max": 100, "price": 10},
        {"id": "gas", "p_min": 10, "p_max": 100, "price": 30},
    ]
    case = market([100.0, 150.0, 120.0, 110.0], units=units, period_minutes=15, commitment=on)
    return messages.real_time_request(case, "generic", "", None, OPTIONS, "golden", None, 1)


def requests() -> Iterator[tuple[str, Message]]:
    """(method, request)."""
    day, interval = _day(), _interval()
    yield "ClearDayAhead", day
    yield "ClearRealTime", interval
    broken = service.ValidateCaseRequest(case=day.case)
    broken.case.units.p_max_mw[0], broken.case.units.p_min_mw[1] = float("nan"), -5.0
    yield "ValidateCase", broken
    cleared = service.ClearDayAheadResponse.FromString(answer("ClearDayAhead")(day.SerializeToString())).result
    cleared.owner_results[0].units.dispatch_mw[0] += 1.0
    yield "AuditSchedule", service.AuditScheduleRequest(case=day.case, rules=day.rules, result=cleared)
    metered = ex_post_pb2.Metered(unit_mw=[90.0, 20.0], load_mw=[110.0])
    yield "CheckPrices", service.CheckPricesRequest(case=interval.case, metered=metered, published_per_mwh=[10.0])
    yield "ListRuleSets", service.ListRuleSetsRequest()
    for method, way in MARKET_MESSAGES.items():
        text, kind = WAYS[way].text, WAYS[way].message
        message = kind()
        assert case_file.message_from_json(text(), message) is None
        yield method, message
    cleared_round = substitution_pb2.ClearSubstitutionRequest()
    assert case_file.message_from_json(golden(), cleared_round) is None
    yield (
        "ValidateSubstitutionRound",
        substitution_pb2.ValidateSubstitutionRoundRequest(rules=cleared_round.rules, round=cleared_round.round),
    )
    month = worked()
    yield "Settle", month
    settled = settlement_pb2.SettleResponse.FromString(answer("Settle")(month.SerializeToString()))
    yield (
        "RollUpStatements",
        settlement_pb2.RollUpStatementsRequest(
            statements=settled.statements, issued_at="2025-12-02 08:00", number_prefix="Y"
        ),
    )


def main(version: str) -> None:
    """Write what is not there yet."""
    folder = FOLDER / version
    folder.mkdir(exist_ok=True)
    for method, message in requests():
        file = folder / f"{method}.request.binpb"
        if not file.exists():
            file.write_bytes(message.SerializeToString(deterministic=True))
            (folder / f"{method}.reply.binpb").write_bytes(answer(method)(file.read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1])
