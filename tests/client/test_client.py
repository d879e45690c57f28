"""The client against a server with the real pipeline, and against servers that are full, lost or absent."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import replace

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2, status_pb2

from clearing.case.case import CommitmentInput, CommitmentUse
from clearing.case.finding import Severity
from clearing.case.result import Reason
from clearing.client import ClearingError, Client, InvalidCase, OutOfTime, ServerBusy, ServerFault, ServerUnavailable
from clearing.server.embedded import EmbeddedServer
from clearing.solve.control import Progress
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc, schedule_pb2
from tests.factory import market

UNITS = [
    {"id": "coal", "p_min": 20, "p_max": 100, "price": 10, "start_cost": 100},
    {"id": "gas", "p_min": 10, "p_max": 100, "price": 30, "start_cost": 50},
]
CASE = market([100.0, 150.0, 120.0, 80.0], units=UNITS)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with EmbeddedServer(threads=1) as server, Client(server.address) as connected:
        yield connected


def test_a_day_comes_back_as_tables_with_prices_and_an_audit(client: Client) -> None:
    heard: list[Progress] = []
    answer = client.clear_day_ahead(CASE, on_progress=heard.append, idempotency_id="mine")
    assert answer.termination.reason is Reason.OPTIMAL_WITHIN_GAP
    assert answer.termination.objective == pytest.approx(6050.0)  # 100·10·4 − 200 + 70·30 + starts 150
    assert answer.result.schedule is not None
    assert answer.commitment is not None
    assert answer.result.prices is not None
    np.testing.assert_allclose(answer.result.schedule.dispatch_mw, [[100, 100, 100, 80], [0, 50, 20, 0]], atol=1e-6)
    np.testing.assert_allclose(answer.result.prices.system_price, [[10, 30, 30, 10]])
    assert answer.result.audit_passed
    assert answer.run_info.idempotency_id == "mine"
    assert len(answer.run_info.request_digest) == 64
    assert answer.run_info.threads == 1
    assert answer.run_info.stage_seconds
    assert {"commit", "price"} <= {progress.stage for progress in heard}
    assert not answer.findings


def test_values_far_from_an_earlier_case_are_warnings(client: Client) -> None:
    """A day-ahead, an interval, and one on a stream, each held to a case with a tenth of the load."""
    earlier = market([10.0, 15.0, 12.0, 8.0], units=UNITS)
    on = CommitmentInput(CommitmentUse.FOLLOW, np.ones((2, 4), dtype=np.int8))
    real = replace(CASE, commitment=on)
    with client.real_time_stream() as stream:
        for answer in (
            client.clear_day_ahead(CASE, previous=earlier),
            client.clear_real_time(real, previous=earlier),
            stream.clear(real, previous=earlier),
        ):
            far = [n for n in answer.result.notes if n.code == "FAR_FROM_PREVIOUS"]
            assert {n.severity for n in far} == {Severity.WARNING}
            assert far[0].path.startswith("case.loads.mw")
    answer = client.clear_day_ahead(CASE, previous=CASE)
    assert [n for n in answer.result.notes if n.code == "FAR_FROM_PREVIOUS"] == []


def test_tables_of_an_answer_are_frames_with_named_indexes(client: Client) -> None:
    answer = client.clear_day_ahead(CASE)
    tables = answer.tables
    assert tables is answer.tables
    assert tables.dispatch is tables.dispatch
    np.testing.assert_allclose(tables.dispatch["unit"]["gas"].to_numpy().ravel(), [0, 50, 20, 0], atol=1e-6)
    assert tables.commitment["gas"].tolist() == [0, 1, 1, 0]
    assert tables.prices.loc[("02:00", slice(None), "system"), "price_per_mwh"].item() == pytest.approx(30.0)
    assert tables.prices.index.get_level_values("period_end")[0].isoformat() == "2026-01-15T01:00:00+08:00"
    assert tables.explanations["spells"].loc[("gas", "02:00"), "reason"] == "CAPACITY"
    part = schedule_pb2.OutputSelection(parts=[schedule_pb2.RESULT_PART_PUBLIC])
    public = client.clear_day_ahead(CASE, output=part).tables
    assert public.dispatch is None
    assert public.prices is not None


def test_options_rules_and_selection_reach_the_server(client: Client) -> None:
    output = schedule_pb2.OutputSelection(parts=[schedule_pb2.RESULT_PART_PUBLIC])
    answer = client.clear_day_ahead(
        CASE, overrides={"solve.gap": "0.25"}, options=SolveOptions(gap=0.5, reproducible=True), output=output
    )
    assert answer.termination.gap_asked == 0.5
    assert answer.result.schedule is None
    assert answer.result.prices is not None
    assert [finding.code for finding in answer.findings] == []
    fixed = np.ones((2, 4), dtype=np.int8)
    given = market([100.0, 150.0, 120.0, 80.0], units=UNITS, commitment=CommitmentInput(CommitmentUse.FIXED, fixed))
    answer = client.clear_day_ahead(given)
    assert answer.termination.reason is Reason.COMMITMENT_GIVEN
    np.testing.assert_array_equal(answer.commitment, fixed)


def test_hard_data_that_clash_give_way_and_come_back_as_violations(client: Client) -> None:
    """Coal, on for 1 of 4 h of min up, fails in the third hour though it must run; gas is fixed at 120 of 100 MW.

    3 h on are the longest min up, must-run goes in the hours of the outage, gas gives 100. In those hours 20 and 0 MW
    of the load of 120 and 80 are short, in the second hour nothing is.
    """
    coal = {**UNITS[0], "on": True, "minutes": 60, "mw": 100, "min_up": 240, "must_run": 1, "must_off": [0, 0, 1, 1]}
    gas = {**UNITS[1], "fixed": {2: 120}, "owner": "o"}
    case = market([100.0, 150.0, 120.0, 80.0], units=[coal, gas])
    answer = client.clear_day_ahead(case)
    assert answer.result.audit_passed
    given = {(v.family, v.subject, v.period): v.amount_mw for v in answer.result.violations}
    assert given == {
        ("shortage", "system", 2): pytest.approx(20.0),
        ("must_run", "coal", 2): 1.0,
        ("must_run", "coal", 3): 1.0,
        ("min_up", "coal", 2): 60.0,
        ("fixed_output", "gas", 2): 20.0,
    }
    assert {"MIN_UP_GIVES_WAY", "MUST_RUN_GIVES_WAY", "FIXED_OUTPUT_GIVES_WAY"} <= {f.code for f in answer.result.notes}
    assert client.audit_schedule(case, answer.result).passed
    silent = replace(answer.result, violations=answer.result.violations[:1])
    codes = {f.code for f in client.audit_schedule(case, silent).findings if f.severity is Severity.ERROR}
    assert codes == {"GIVEN_WAY_NOT_LISTED"}


def test_a_refused_case_raises_its_findings(client: Client) -> None:
    wrong = market([100.0, float("nan")], units=[{"id": "coal", "p_min": 50, "p_max": 20, "price": 10}])
    with pytest.raises(InvalidCase) as caught:
        client.clear_day_ahead(wrong)
    findings = {finding.path: finding for finding in caught.value.findings}
    assert {"case.units.p_min_mw[0]", "case.loads.mw[0]"} <= set(findings)
    assert findings["case.units.p_min_mw[0]"].subject == "coal"
    assert findings["case.units.p_min_mw[0]"].severity is Severity.ERROR
    assert findings["case.loads.mw[0]"].value == "nan"
    assert findings["case.loads.mw[0]"].period == 1
    assert caught.value.request_id


def test_a_hundred_findings_come_back_and_the_rest_is_counted(client: Client) -> None:
    wrong = {"p_min": 50, "p_max": 20, "price": 10, "ramp_up": -1, "ramp_down": -1, "min_up": -1, "min_down": -1,
             "no_load": float("nan"), "stop_cost": float("nan")}  # fmt: skip
    with pytest.raises(InvalidCase) as caught:
        client.clear_day_ahead(market([1.0], units=[{"id": f"u{i}", **wrong} for i in range(50)]))
    assert len(caught.value.findings) == 101
    assert caught.value.findings[100].code == "MORE_FINDINGS"


def test_validate_says_the_same_as_an_answer(client: Client) -> None:
    wrong = market([100.0], units=[{"id": "coal", "p_min": 50, "p_max": 20, "price": 10}])
    verdict = client.validate_case(wrong)
    assert not verdict.valid
    assert "case.units.p_min_mw[0]" in {finding.path for finding in verdict.findings}
    assert client.validate_case(CASE).valid
    assert len(verdict.case_digest) == 64


def test_the_audit_passes_the_servers_answer_and_fails_a_changed_one(client: Client) -> None:
    answer = client.clear_day_ahead(CASE)
    verdict = client.audit_schedule(CASE, answer.result)
    assert verdict.passed
    assert verdict.objective == pytest.approx(6050.0)
    changed = schedule_pb2.Result()
    changed.CopyFrom(answer.raw.result)
    changed.owner_results[0].units.dispatch_mw[0] += 5.0
    verdict = client.audit_schedule(CASE, changed)
    assert not verdict.passed
    assert verdict.findings


def test_rule_sets_and_health(client: Client) -> None:
    sets = {rule_set.name: rule_set for rule_set in client.list_rule_sets()}
    assert {"generic", "shandong-trial"} <= set(sets)
    assert "solve.gap" in {value.key for value in sets["generic"].values}
    assert client.health()


def test_an_exception_out_of_the_progress_cancels_the_run(client: Client) -> None:
    class Enough(Exception):
        pass

    def enough(_: Progress) -> None:
        raise Enough

    with pytest.raises(Enough):
        client.clear_day_ahead(CASE, on_progress=enough)
    assert client.clear_day_ahead(CASE).result.audit_passed


class Moody(clearing_service_pb2_grpc.ClearingServiceServicer):
    """Refuses as told, then answers."""

    def __init__(self, *refusals: tuple[grpc.StatusCode, float | None]) -> None:
        self.refusals = list(refusals)
        self.asked: list[float] = []

    def ValidateCase(self, request: pb.ValidateCaseRequest, context: grpc.ServicerContext) -> pb.ValidateCaseResponse:
        self.refuse(context)
        return pb.ValidateCaseResponse(valid=True)

    def StreamClearDayAhead(
        self, request: pb.StreamClearDayAheadRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.StreamClearDayAheadResponse]:
        self.refuse(context)
        yield pb.StreamClearDayAheadResponse()

    def refuse(self, context: grpc.ServicerContext) -> None:
        self.asked.append(time.monotonic())
        if not self.refusals:
            return
        code, seconds = self.refusals.pop(0)
        if seconds is not None:
            info = error_details_pb2.RetryInfo()
            info.retry_delay.FromNanoseconds(int(seconds * 1e9))
            status = status_pb2.Status(code=code.value[0])
            status.details.add().Pack(info)
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(code, "told so")


@contextmanager
def moody(*refusals: tuple[grpc.StatusCode, float | None]) -> Iterator[tuple[Moody, str]]:
    servicer, server = Moody(*refusals), grpc.server(futures.ThreadPoolExecutor(2))
    clearing_service_pb2_grpc.add_ClearingServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(0).wait()


def test_a_full_server_is_asked_again_when_it_said() -> None:
    busy = (grpc.StatusCode.RESOURCE_EXHAUSTED, 0.6)
    with moody(busy, (grpc.StatusCode.UNAVAILABLE, None)) as (servicer, address), Client(address) as client:
        assert client.validate_case(CASE).valid
    assert len(servicer.asked) == 3
    assert servicer.asked[1] - servicer.asked[0] >= 0.6
    assert servicer.asked[2] - servicer.asked[1] >= 0.1


def test_asking_again_is_bounded_and_only_where_it_helps() -> None:
    busy = (grpc.StatusCode.RESOURCE_EXHAUSTED, 0.01)
    with moody(*[busy] * 9) as (servicer, address), Client(address, retries=2) as client:
        with pytest.raises(ServerBusy) as caught:
            client.validate_case(CASE)
        assert caught.value.retry_seconds == pytest.approx(0.01)
    assert len(servicer.asked) == 3
    for code, kind in (
        (grpc.StatusCode.RESOURCE_EXHAUSTED, ServerBusy),  # without RetryInfo: too large, not too busy
        (grpc.StatusCode.INTERNAL, ServerFault),
        (grpc.StatusCode.INVALID_ARGUMENT, InvalidCase),
        (grpc.StatusCode.DEADLINE_EXCEEDED, OutOfTime),
    ):
        with moody((code, None), (code, None)) as (servicer, address), Client(address) as client:
            with pytest.raises(kind):
                client.validate_case(CASE)
            assert len(servicer.asked) == 1


def test_a_wait_beyond_the_deadline_is_not_waited() -> None:
    with moody((grpc.StatusCode.UNAVAILABLE, 1000.0)) as (servicer, address), Client(address) as client:
        began = time.monotonic()
        with pytest.raises(ServerUnavailable):
            client.clear_day_ahead(CASE, deadline_seconds=5.0)
        assert time.monotonic() - began < 2.0
    assert len(servicer.asked) == 1


def test_a_stream_that_ends_without_a_result_is_an_error() -> None:
    with moody() as (_, address), Client(address) as client, pytest.raises(ClearingError, match="without a result"):
        client.clear_day_ahead(CASE, deadline_seconds=5.0)


def test_nobody_at_the_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with Client(address, retries=1) as client:
            with pytest.raises(ServerUnavailable):
                client.validate_case(CASE)
            assert not client.health(seconds=0.5)
