"""Good requests of every RPC: what the fuzzing of messages starts from, and who answers them."""

from __future__ import annotations

import json
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from google.protobuf.message import Message

from clearing import pipeline
from clearing.case.declarations import nothing_declared
from clearing.client import messages
from clearing.day_ahead import clear
from clearing.formats.registry import read_with
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1 import entry_pb2 as entry
from clearing.v1 import ex_post_pb2 as ex_post
from clearing.v1 import market_power_pb2 as power
from clearing.v1 import positions_pb2 as positions
from clearing.v1 import report_pb2
from clearing.v1 import settlement_pb2 as settlement
from clearing.v1 import substitution_metering_pb2 as metering
from clearing.v1 import substitution_pb2 as rounds
from clearing.wire import case_file, write_case
from clearing.wire.errors import InvalidRequest
from tests.admission import applications, orders
from tests.cli.test_charge_deviations import REQUEST
from tests.cli.test_limit_prices import DAY
from tests.factory import market
from tests.formats.test_csv_folder import rich_case
from tests.fuzz.judge import CPU_SECONDS, Judgement, bounded
from tests.fuzz.seeds import ROOT, Input
from tests.hand.test_look_ahead import RAMP, quarters
from tests.settlement.months import drawn, settled
from tests.substitution.requests import WORKED
from tests.substitution.rounds import GOLDEN

ANSWER_SECONDS = 8.0
"""A clearing that a changed request asks for is given so long, as a caller's deadline would."""


@dataclass(frozen=True, slots=True)
class Way:
    """text: JSON of a good request; message: its kind; rpc: who answers it; reply: what must be true of an answer."""

    text: Callable[[], str]
    message: Callable[[], Message]
    rpc: Callable[[bytes], bytes]
    reply: Callable[[bytes], None] = lambda _: None


def control() -> RunControl:
    """Of a run with a deadline."""
    return RunControl(answer_by=time.monotonic() + ANSWER_SECONDS, budget=ANSWER_SECONDS / 2)


def audited(reply: bytes) -> None:
    """A schedule comes with an audit that it passed; ClearRealTimeResponse has the same fields."""
    result = service.ClearDayAheadResponse.FromString(reply).result
    end = result.termination
    if result.HasField("audit") and end.reason != report_pb2.TERMINATION_REASON_NUMERICAL_FAILURE:
        assert result.audit.passed, "a schedule failed its audit"
    assert end.reason, "an answer does not say how it ended"


def day_ahead(raw: bytes) -> bytes:
    """ClearDayAhead."""
    return pipeline.clear_day_ahead(raw, control(), "fuzz")


def real_time(raw: bytes) -> bytes:
    """ClearRealTime."""
    return pipeline.clear_real_time(raw, control(), "fuzz")


def check_prices(raw: bytes) -> bytes:
    """CheckPrices."""
    return pipeline.check_prices(raw, control(), "fuzz")


def network_text() -> str:
    """A day with a network, reserves, storage, a tie and an outage to be ready for."""
    case = read_with(ROOT / "scenarios" / "three-bus", "auto", {})
    return case_file.message_to_json(service.ClearDayAheadRequest(case=write_case.case(case)))


def small_text() -> str:
    """A day that is cleared at once."""
    units = [{"id": "a", "p_max": 90, "price": 20.0, "start_cost": 50.0}, {"id": "b", "p_max": 60, "price": 30.0}]
    stores = [{"id": "s", "charge": 10.0, "discharge": 10.0, "energy": 20.0}]
    case = market([70.0, 110.0, 80.0], units=units, renewables=[{"id": "w", "forecast": 5.0}], storage=stores)
    return case_file.message_to_json(service.ClearDayAheadRequest(case=write_case.case(case)))


@cache
def begun_text() -> str:
    """The same day, begun at its own result."""
    asked = service.ClearDayAheadRequest()
    assert case_file.message_from_json(network_text(), asked) is None
    told = service.ClearDayAheadResponse.FromString(
        pipeline.clear_day_ahead(asked.SerializeToString(), RunControl(), "fuzz")
    )
    for part in ("termination", "explanations", "audit", "notes", "price_sets"):
        told.result.ClearField(part)  # nothing of it is read
    asked.begin_at.CopyFrom(told.result)
    return case_file.message_to_json(asked)


def interval_text() -> str:
    """Two quarters at a fixed commitment."""
    case = write_case.case(quarters([60, 95], RAMP, [[1, 1]] * 3))
    return case_file.message_to_json(service.ClearRealTimeRequest(case=case, binding_periods=1))


def validate_text() -> str:
    """A case with every table, and an earlier one."""
    case = write_case.case(rich_case())
    return case_file.message_to_json(service.ValidateCaseRequest(case=case, previous=case))


@cache
def audit_text() -> str:
    """A small case with its result."""
    asked = service.ClearDayAheadRequest()
    assert case_file.message_from_json(small_text(), asked) is None
    told = service.ClearDayAheadResponse.FromString(
        pipeline.clear_day_ahead(asked.SerializeToString(), RunControl(), "fuzz")
    )
    return case_file.message_to_json(service.AuditScheduleRequest(case=asked.case, result=told.result))


@cache
def prices_text() -> str:
    """The first of two quarters as metered, with the prices that were published."""
    asked = service.ClearRealTimeRequest()
    assert case_file.message_from_json(interval_text(), asked) is None
    told = pipeline.clear_real_time(asked.SerializeToString(), RunControl(), "fuzz")  # however slow the machine is
    prices = service.ClearRealTimeResponse.FromString(told).result.public_result.prices.bus_price
    request = service.CheckPricesRequest(case=asked.case, metered=ex_post.Metered(unit_mw=[50.0, 10.0, 0.0]))
    request.published_per_mwh.extend(prices[: len(asked.case.network.bus_id)])
    return case_file.message_to_json(request)


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
    """Market power."""
    return pipeline.check_market_power(raw, control(), "fuzz")


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


WAYS: dict[str, Way] = {
    "day_ahead": Way(small_text, service.ClearDayAheadRequest, day_ahead, audited),
    "day_ahead_network": Way(network_text, service.ClearDayAheadRequest, day_ahead, audited),
    "begun": Way(begun_text, service.ClearDayAheadRequest, day_ahead, audited),
    "real_time": Way(interval_text, service.ClearRealTimeRequest, real_time, audited),
    "validate": Way(validate_text, service.ValidateCaseRequest, pipeline.validate_case),
    "audit": Way(audit_text, service.AuditScheduleRequest, pipeline.audit_schedule),
    "prices": Way(prices_text, service.CheckPricesRequest, check_prices),
    "check": Way(check_text, service.CheckMarketPowerRequest, check),
    "limit": Way(lambda: json.dumps(DAY), service.LimitPricesRequest, pipeline.limit_prices),
    "charge": Way(lambda: json.dumps(REQUEST), service.ChargeDeviationsRequest, pipeline.charge_deviations),
    "round": Way(golden, rounds.ClearSubstitutionRequest, pipeline.clear_substitution),
    "month": Way(worked("month"), metering.MeterSubstitutionRequest, pipeline.meter_substitution),
    "year": Way(worked("year"), metering.SettleSubstitutionDeviationRequest, pipeline.settle_substitution_deviation),
    "settle": Way(settle_text, settlement.SettleRequest, pipeline.settle),
    "roll_up": Way(roll_up_text, settlement.RollUpStatementsRequest, pipeline.roll_up_statements),
    "positions": Way(positions_text, positions.CheckPositionsRequest, pipeline.check_positions),
    "entry": Way(entry_text, entry.CheckEntryRequest, pipeline.check_entry),
}


def seeds(name: str) -> list[Input]:
    """The request as text and as message."""
    message = WAYS[name].message()
    assert case_file.message_from_json(WAYS[name].text(), message) is None
    return [{"request.json": WAYS[name].text().encode()}, {"request.binpb": message.SerializeToString()}]


def judge(name: str, files: Input, cpu_seconds: float = CPU_SECONDS) -> Judgement:
    """Answer a request; whatever this raises is a fault of the server. Text that is no message never reaches one."""
    if "request.binpb" in files:
        raw = files["request.binpb"]
    else:
        message = WAYS[name].message()
        text = files["request.json"].decode("utf-8", "replace")
        if case_file.message_from_json(text, message) is not None:
            return Judgement(False, frozenset({"no message"}))
        raw = message.SerializeToString()
    try:
        with bounded(cpu_seconds), warnings.catch_warnings():
            warnings.simplefilter("error")
            reply = WAYS[name].rpc(raw)
    except InvalidRequest as refused:
        findings = refused.findings
        assert findings, "refused without a reason"
        assert all(f.code and f.path and f.message for f in findings), "refused without a reason"
        return Judgement(False, frozenset(f"{f.code} {re.sub(r'[0-9]+', '#', f.path)[:60]}" for f in findings))
    WAYS[name].reply(reply)
    return Judgement(True, frozenset({f"answered {len(reply).bit_length()}"}))
