"""Changed requests about market power, limits, charges, months and years: answered, or refused with findings."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from google.protobuf.message import Message

from clearing import pipeline
from clearing.case.declarations import nothing_declared
from clearing.client import messages
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1 import entry_pb2 as entry
from clearing.v1 import market_power_pb2 as power
from clearing.v1 import positions_pb2 as positions
from clearing.v1 import settlement_pb2 as settlement
from clearing.v1 import substitution_metering_pb2 as metering
from clearing.v1 import substitution_pb2 as rounds
from clearing.wire import case_file
from clearing.wire.errors import InvalidRequest
from tests.admission import applications, orders
from tests.cli.test_charge_deviations import REQUEST
from tests.cli.test_limit_prices import DAY
from tests.factory import market
from tests.fuzz.mutate import mutated
from tests.settlement.months import drawn, settled
from tests.substitution.requests import WORKED
from tests.substitution.rounds import GOLDEN

TRIES = 120


@cache
def check_text() -> str:
    """A request that uses every table: costs of all three kinds, declarations, benchmarks, a priced result."""
    units = [
        {"id": "big", "owner": "large", "p_max": 100, "blocks": [(5, 300), (95, 900)]},
        {"id": "a", "owner": "small", "p_max": 70, "price": 310},
        {"id": "b", "owner": "other", "p_max": 70, "price": 320},
    ]
    case = market([150.0, 60.0], units=units, renewables=[{"id": "w", "forecast": 5.0, "owner": "small"}])
    result = clear(case, load("generic"), SolveOptions(), RunControl())
    costs = power.ApprovedCosts(
        resource=["big"], cost_per_mwh=[300],
        coal=power.CoalCosts(unit=["a"], fuel_quadratic=[0.01], fuel_linear=[240], coal_price_per_tonne=[700],
                             coal_kcal_per_kg=[5500], auxiliary_share=[0.05]),
        gas=power.GasCosts(unit=["b"], lng_price_per_tonne=4500, nm3_per_tonne=1400, regasification_per_nm3=0.3,
                           pipe_per_nm3=0.2),
    )  # fmt: skip
    known = power.Benchmarks(
        past_highest_per_mwh=[400, 500], coal_per_tonne=700, coal_power_per_mwh=350,
        recovery=power.RecoveryState(month="2026-01", group_id=["large"], days=[1], accrued=[5.0]),
    )  # fmt: skip
    declared = replace(nothing_declared(case), site_project=("north",))
    request = messages.check_request(
        case, "shaanxi", "", {"offers.min_segments": "1"}, result, declared, costs, False, None, known
    )
    return case_file.message_to_json(request)


def check(raw: bytes) -> bytes:
    return pipeline.check_market_power(raw, RunControl(), "fuzz")


def worked(name: str) -> Callable[[], str]:
    """Text of the worked month or year of substitution trading."""
    return lambda: (WORKED / f"{name}.json").read_text(encoding="utf-8")


def golden() -> str:
    """Text of the golden round."""
    return (GOLDEN / "round.json").read_text(encoding="utf-8")


def settle_text() -> str:
    """A cycle with every table, and what was said of it before."""
    request = drawn(4)
    request.earlier.extend(settled(request).statements)
    return case_file.message_to_json(request)


def roll_up_text() -> str:
    """Statements of a cycle by day."""
    request = drawn(4)
    request.statements_by = settlement.STATEMENTS_BY_DAY
    found = settlement.RollUpStatementsRequest(statements=settled(request).statements, issued_at="2026-01-01 08:00")
    return case_file.message_to_json(found)


def positions_text() -> str:
    """Orders with every column, whole and split."""
    return case_file.message_to_json(orders.drawn(4))


def entry_text() -> str:
    """The manual's direct table, with contracts and a proof."""
    request = applications.direct()
    request.units.contract.extend(["", "", "", "C1", *[""] * 6])
    request.units.contract_end.extend(["", "", "", "2024-08-01", *[""] * 6])
    request.units.project_code.extend(["PP1", *[""] * 9])
    request.units.start_day.extend(["2024-08-01"] * 10)
    request.attachments.unit.append("未入市1")
    request.attachments.file.append("a.pdf")
    request.attachments.bytes.append(100)
    return case_file.message_to_json(request)


WAYS: dict[str, tuple[Callable[[], str], Callable[[], Message], Callable[[bytes], bytes]]] = {
    "check": (check_text, service.CheckMarketPowerRequest, check),
    "limit": (lambda: json.dumps(DAY), service.LimitPricesRequest, pipeline.limit_prices),
    "charge": (lambda: json.dumps(REQUEST), service.ChargeDeviationsRequest, pipeline.charge_deviations),
    "round": (golden, rounds.ClearSubstitutionRequest, pipeline.clear_substitution),
    "month": (worked("month"), metering.MeterSubstitutionRequest, pipeline.meter_substitution),
    "settle": (settle_text, settlement.SettleRequest, pipeline.settle),
    "roll_up": (roll_up_text, settlement.RollUpStatementsRequest, pipeline.roll_up_statements),
    "positions": (positions_text, positions.CheckPositionsRequest, pipeline.check_positions),
    "entry": (entry_text, entry.CheckEntryRequest, pipeline.check_entry),
    "year": (worked("year"), metering.SettleSubstitutionDeviationRequest, pipeline.settle_substitution_deviation),
}


def answered(rpc: Callable[[bytes], bytes], raw: bytes) -> bool:
    """Whether a request was answered; anything but a refusal with findings is a fault of the server."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rpc(raw)
    except InvalidRequest as refused:
        if not all(f.code and f.path and f.message for f in refused.findings):
            pytest.fail("refused without a reason")
        return False
    return True


@pytest.mark.parametrize("name", WAYS)
def test_changed_requests_are_answered_or_refused(name: str) -> None:
    """Nodes and tokens of the text, then bytes of the message; the request itself is answered."""
    text, kind, rpc = WAYS[name]
    source, draw = text(), random.Random(7)
    good = kind()
    assert case_file.message_from_json(source, good) is None
    assert answered(rpc, good.SerializeToString())
    told = []
    for _ in range(TRIES):
        given = {"request.json": source.encode()}
        changed = mutated(given, draw, [given])["request.json"]
        pb = kind()
        if case_file.message_from_json(changed.decode("utf-8", "replace"), pb) is None:
            told.append(answered(rpc, pb.SerializeToString()))
    raw = good.SerializeToString()
    for _ in range(TRIES):
        data = bytearray(raw)
        for _ in range(draw.choice((1, 1, 2, 8))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        told.append(answered(rpc, bytes(data)))
    assert {True, False} == set(told)
