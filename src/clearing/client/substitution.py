"""Calls of SubstitutionService: a request message in, a reply message out."""

from __future__ import annotations

from collections.abc import Mapping

import grpc

from clearing.client import messages
from clearing.client.calls import METADATA, with_retries
from clearing.v1 import substitution_metering_pb2 as metering_pb2
from clearing.v1 import substitution_pb2 as round_pb2
from clearing.v1 import substitution_service_pb2_grpc

SECONDS = 120.0


class SubstitutionCalls:
    """Calls over the channel of a client; see `Client.substitution`.

    rules, overrides, version: in place of those of the request; '' leaves the request as it is.
    """

    def __init__(self, channel: grpc.Channel, retries: int) -> None:
        self._stub = substitution_service_pb2_grpc.SubstitutionServiceStub(channel)
        self._retries = retries

    def clear(
        self,
        request: round_pb2.ClearSubstitutionRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> round_pb2.ClearSubstitutionResponse:
        """A round cleared. Raises as every call of the client does."""
        asked = messages.under(request, rules, version, overrides)
        reply: round_pb2.ClearSubstitutionResponse = with_retries(
            lambda left: self._stub.ClearSubstitution(asked, timeout=left, metadata=METADATA), SECONDS, self._retries
        )
        return reply

    def validate_round(
        self,
        request: round_pb2.ClearSubstitutionRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> round_pb2.ValidateSubstitutionRoundResponse:
        """A round judged, as it would be cleared. Raises as every call of the client does."""
        asked = round_pb2.ValidateSubstitutionRoundRequest(rules=request.rules, round=request.round)
        if rules:
            asked.rules.CopyFrom(messages.selection(rules, version, overrides))
        reply: round_pb2.ValidateSubstitutionRoundResponse = with_retries(
            lambda left: self._stub.ValidateSubstitutionRound(asked, timeout=left, metadata=METADATA),
            SECONDS,
            self._retries,
        )
        return reply

    def meter(
        self,
        request: metering_pb2.MeterSubstitutionRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> metering_pb2.MeterSubstitutionResponse:
        """A month metered. Raises as every call of the client does."""
        asked = messages.under(request, rules, version, overrides)
        reply: metering_pb2.MeterSubstitutionResponse = with_retries(
            lambda left: self._stub.MeterSubstitution(asked, timeout=left, metadata=METADATA), SECONDS, self._retries
        )
        return reply

    def settle(
        self,
        request: metering_pb2.SettleSubstitutionDeviationRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> metering_pb2.SettleSubstitutionDeviationResponse:
        """A year settled. Raises as every call of the client does."""
        asked = messages.under(request, rules, version, overrides)
        reply: metering_pb2.SettleSubstitutionDeviationResponse = with_retries(
            lambda left: self._stub.SettleSubstitutionDeviation(asked, timeout=left, metadata=METADATA),
            SECONDS,
            self._retries,
        )
        return reply
