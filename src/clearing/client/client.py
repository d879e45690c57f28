"""The Python client: tables in, tables out; deadlines, retries and limits set right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.result import ClearingResult
from clearing.client import messages
from clearing.client.admission import AdmissionCalls
from clearing.client.answer import Answer, AuditVerdict, CaseVerdict
from clearing.client.calls import METADATA, channel_options, with_retries
from clearing.client.errors import ClearingError
from clearing.client.real_time import RealTimeStream
from clearing.client.settlement import SettlementCalls
from clearing.client.substitution import SubstitutionCalls
from clearing.rules.load import RuleSetDescription
from clearing.solve.control import Progress
from clearing.solve.options import SolveOptions
from clearing.v1 import (
    clearing_service_pb2,
    clearing_service_pb2_grpc,
    declarations_pb2,
    ex_post_pb2,
    market_power_pb2,
    schedule_pb2,
)
from clearing.wire import decode

MESSAGE_BYTES = 64 << 20
DEFAULT_BUDGET_SECONDS = 120.0
BEYOND_BUDGET_SECONDS = 180.0  # of a clearing's default deadline: queue, dispatch, prices, audit, transfer
LIGHT_SECONDS = 120.0
MANY_CLEARINGS = 4.0  # of a check of market power: its default deadline in that of a clearing


class Client:
    """A connection to a clearing server; a context manager. settlement, substitution: calls of those services.

    address       HOST:PORT
    credentials   of a TLS channel; None = plaintext, which servers accept on loopback only
    retries       how often a call is asked again where the server was not reached, lost a worker, or was full
    """

    def __init__(
        self,
        address: str,
        credentials: grpc.ChannelCredentials | None = None,
        retries: int = 3,
        message_bytes: int = MESSAGE_BYTES,
    ) -> None:
        options = channel_options(message_bytes)
        if credentials is None:
            self._channel = grpc.insecure_channel(address, options=options)
        else:
            self._channel = grpc.secure_channel(address, credentials, options=options)
        self._stub = clearing_service_pb2_grpc.ClearingServiceStub(self._channel)
        self._retries = retries
        self.settlement = SettlementCalls(self._channel, retries)
        self.admission = AdmissionCalls(self._channel, retries)
        self.substitution = SubstitutionCalls(self._channel, retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the channel; open calls are cancelled."""
        self._channel.close()

    def clear_day_ahead(
        self,
        case: Case,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        options: SolveOptions | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        deadline_seconds: float | None = None,
        version: str = "",
        idempotency_id: str = "",
        output: schedule_pb2.OutputSelection | None = None,
        declared: Declarations | declarations_pb2.Declarations | None = None,
        previous: Case | None = None,
        begin_at: schedule_pb2.Result | None = None,
    ) -> Answer:
        """Clear a day. on_progress is called from this thread while the run lives.

        previous: an earlier case; values far from it are warnings FAR_FROM_PREVIOUS among the result's notes.
        begin_at: an earlier result (`Answer.raw.result`), of the day before or of a base case: the search begins there.
        deadline_seconds: the answer, the best so far if need be, comes before it; None = the budget and three minutes.
        Raises InvalidCase, ServerBusy, OutOfTime, ServerUnavailable, ServerFault, all of them ClearingError.
        An exception out of on_progress (KeyboardInterrupt too) cancels the run on the server.
        """
        request = messages.clear_request(
            case, rules, version, overrides, options, idempotency_id, output, declared, previous, begin_at
        )
        seconds = deadline_seconds if deadline_seconds is not None else _default_deadline(options)
        streamed = clearing_service_pb2.StreamClearDayAheadRequest(request=request)
        response = with_retries(lambda left: self._stream(streamed, left, on_progress), seconds, self._retries)
        return messages.read_answer(request, response, case)

    def replay(
        self, request: bytes, deadline_seconds: float | None = None
    ) -> clearing_service_pb2.ClearDayAheadResponse:
        """Ask again what was asked before: a serialised ClearDayAheadRequest, byte by byte."""
        asked = clearing_service_pb2.ClearDayAheadRequest.FromString(request)
        seconds = deadline_seconds or _default_deadline(SolveOptions(asked.options.time_limit_seconds or None))
        call = self._channel.unary_unary(
            "/clearing.v1.ClearingService/ClearDayAhead",
            request_serializer=bytes,
            response_deserializer=clearing_service_pb2.ClearDayAheadResponse.FromString,
        )
        reply: clearing_service_pb2.ClearDayAheadResponse = with_retries(
            lambda left: call(request, timeout=left, metadata=METADATA), seconds, self._retries
        )
        return reply

    def clear_real_time(
        self,
        case: Case,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        options: SolveOptions | None = None,
        deadline_seconds: float | None = None,
        version: str = "",
        idempotency_id: str = "",
        output: schedule_pb2.OutputSelection | None = None,
        binding_periods: int = 1,
        previous: Case | None = None,
    ) -> Answer:
        """Clear a real-time interval with its look-ahead: SCED and prices at the commitment of the case.

        case: the state before its first period is the metered one, its commitment is FIXED or to FOLLOW.
        previous: as in `clear_day_ahead`.
        Raises as `clear_day_ahead` does.
        """
        request = messages.real_time_request(
            case, rules, version, overrides, options, idempotency_id, output, binding_periods, previous
        )
        seconds = deadline_seconds if deadline_seconds is not None else _default_deadline(options)
        reply = with_retries(
            lambda left: self._stub.ClearRealTime(request, timeout=left, metadata=METADATA), seconds, self._retries
        )
        return messages.read_answer(request, reply, case)

    def real_time_stream(
        self,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
        seconds: float | None = None,
    ) -> RealTimeStream:
        """A stream for successive intervals, warm from one to the next. seconds: deadline of the whole stream."""
        return RealTimeStream(self._stub, rules, version, overrides, seconds)

    def validate_case(
        self,
        case: Case,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
        declared: Declarations | declarations_pb2.Declarations | None = None,
        previous: Case | None = None,
    ) -> CaseVerdict:
        """Everything that is wrong with a case, without clearing it. declared: what is declared beside it;
        previous: an earlier case, what is far from it."""
        request = clearing_service_pb2.ValidateCaseRequest(
            case=messages.case(case),
            rules=messages.selection(rules, version, overrides),
            declarations=messages.declarations(declared, case),
            previous=None if previous is None else messages.case(previous),
        )
        reply = with_retries(
            lambda left: self._stub.ValidateCase(request, timeout=left, metadata=METADATA), LIGHT_SECONDS, self._retries
        )
        return CaseVerdict(reply.valid, decode.findings(reply.findings), reply.case_digest)

    def audit_schedule(
        self,
        case: Case,
        result: ClearingResult | schedule_pb2.Result,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> AuditVerdict:
        """The server's verdict on a schedule, and prices if given, that anybody made."""
        request = clearing_service_pb2.AuditScheduleRequest(
            case=messages.case(case),
            rules=messages.selection(rules, version, overrides),
            result=messages.result(case, result, rules, version, overrides),
        )
        reply = with_retries(
            lambda left: self._stub.AuditSchedule(request, timeout=left, metadata=METADATA),
            LIGHT_SECONDS,
            self._retries,
        )
        audit = reply.audit
        objective = audit.objective if audit.HasField("objective") else None
        return AuditVerdict(audit.passed, decode.findings(audit.findings), objective)

    def check_market_power(
        self,
        case: Case,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
        result: ClearingResult | schedule_pb2.Result | None = None,
        declared: Declarations | declarations_pb2.Declarations | None = None,
        costs: market_power_pb2.ApprovedCosts | None = None,
        mitigate: bool = False,
        options: SolveOptions | None = None,
        deadline_seconds: float | None = None,
        benchmarks: market_power_pb2.Benchmarks | None = None,
    ) -> clearing_service_pb2.CheckMarketPowerResponse:
        """Tests of market power; with mitigate offers that fail are replaced and the day is cleared again."""
        request = messages.check_request(
            case, rules, version, overrides, result, declared, costs, mitigate, options, benchmarks
        )
        seconds = deadline_seconds if deadline_seconds is not None else MANY_CLEARINGS * _default_deadline(options)
        reply: clearing_service_pb2.CheckMarketPowerResponse = with_retries(
            lambda left: self._stub.CheckMarketPower(request, timeout=left, metadata=METADATA), seconds, self._retries
        )
        return reply

    def check_prices(
        self,
        case: Case,
        published: ClearingResult | Floats,
        metered: ex_post_pb2.Metered,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
        near_per_mwh: float | None = None,
        deadline_seconds: float | None = None,
        output: schedule_pb2.OutputSelection | None = None,
    ) -> clearing_service_pb2.CheckPricesResponse:
        """Ex-post check (D+1) of the first period of an interval: which prices differ once made from what was metered.

        published: the priced result, or its bus prices of the period (K), money per MWh. Raises as `clear_day_ahead`
        does; ValueError where the result has no prices.
        """
        request = messages.price_request(case, rules, version, overrides, metered, published, near_per_mwh, output)
        seconds = deadline_seconds if deadline_seconds is not None else _default_deadline(None)
        reply: clearing_service_pb2.CheckPricesResponse = with_retries(
            lambda left: self._stub.CheckPrices(request, timeout=left, metadata=METADATA), seconds, self._retries
        )
        return reply

    def limit_prices(
        self,
        request: clearing_service_pb2.LimitPricesRequest,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> clearing_service_pb2.LimitPricesResponse:
        """The secondary price limit on one day; the rules named here stand in place of those of the request."""
        asked = messages.under(request, rules, version, overrides)
        reply: clearing_service_pb2.LimitPricesResponse = with_retries(
            lambda left: self._stub.LimitPrices(asked, timeout=left, metadata=METADATA), LIGHT_SECONDS, self._retries
        )
        return reply

    def charge_deviations(
        self,
        request: clearing_service_pb2.ChargeDeviationsRequest,
        rules: str = "generic",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> clearing_service_pb2.ChargeDeviationsResponse:
        """Deviation charges, rewards and recovery; the rules named here stand in place of those of the request."""
        asked = messages.under(request, rules, version, overrides)
        reply: clearing_service_pb2.ChargeDeviationsResponse = with_retries(
            lambda left: self._stub.ChargeDeviations(asked, timeout=left, metadata=METADATA),
            LIGHT_SECONDS,
            self._retries,
        )
        return reply

    def list_rule_sets(self) -> tuple[RuleSetDescription, ...]:
        """The rule sets that the server knows, with every value, unit and clause."""
        request = clearing_service_pb2.ListRuleSetsRequest()
        reply = with_retries(
            lambda left: self._stub.ListRuleSets(request, timeout=left, metadata=METADATA), LIGHT_SECONDS, self._retries
        )
        return tuple(messages.rule_set(rule_set) for rule_set in reply.rule_sets)

    def health(self, seconds: float = 5.0) -> bool:
        """Whether the server says that it is serving; False also where it is not reached within the time."""
        stub = health_pb2_grpc.HealthStub(self._channel)
        try:
            reply = stub.Check(health_pb2.HealthCheckRequest(), timeout=seconds, wait_for_ready=True)
        except grpc.RpcError:
            return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)

    def _stream(
        self,
        request: clearing_service_pb2.StreamClearDayAheadRequest,
        seconds: float,
        on_progress: Callable[[Progress], None] | None,
    ) -> clearing_service_pb2.ClearDayAheadResponse:
        call = self._stub.StreamClearDayAhead(request, timeout=seconds, metadata=METADATA)
        try:
            for event in call:
                if event.HasField("result"):
                    return event.result
                if event.HasField("progress") and on_progress is not None:
                    on_progress(messages.progress(event.progress))
        finally:
            call.cancel()  # type: ignore[no-untyped-call]  # harmless after the end; else frees the worker at once
        raise ClearingError("the stream ended without a result")


def _default_deadline(options: SolveOptions | None) -> float:
    budget = options.time_limit_seconds if options is not None else None
    return (budget or DEFAULT_BUDGET_SECONDS) + BEYOND_BUDGET_SECONDS
