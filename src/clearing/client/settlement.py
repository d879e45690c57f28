"""Calls of SettlementService: a request message in, a reply message out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import grpc

from clearing.client import messages
from clearing.client.calls import METADATA, with_retries
from clearing.v1 import settlement_pb2 as pb2
from clearing.v1 import settlement_service_pb2_grpc

SECONDS = 300.0


class SettlementCalls:
    """Calls over the channel of a client; see `Client.settlement`.

    rules, overrides, version: in place of those of the request; '' leaves the request as it is.
    """

    def __init__(self, channel: grpc.Channel, retries: int) -> None:
        self._stub = settlement_service_pb2_grpc.SettlementServiceStub(channel)
        self._retries = retries

    def settle(
        self,
        request: pb2.SettleRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> pb2.SettleResponse:
        """A cycle settled. Raises as every call of the client does."""
        asked = messages.under(request, rules, version, overrides)
        reply: pb2.SettleResponse = with_retries(
            lambda left: self._stub.Settle(asked, timeout=left, metadata=METADATA), SECONDS, self._retries
        )
        return reply

    def settle_chunks(self, parts: Callable[[], Iterable[pb2.SettleRequest]]) -> pb2.SettleResponse:
        """A cycle settled from parts of its request. parts: makes them anew for every attempt."""

        def attempt(left: float) -> pb2.SettleResponse:
            sent = (pb2.SettleChunksRequest(part=part) for part in parts())
            result: pb2.SettleResponse = self._stub.SettleChunks(sent, timeout=left, metadata=METADATA).result
            return result

        return with_retries(attempt, SECONDS, self._retries)

    def roll_up(self, request: pb2.RollUpStatementsRequest) -> pb2.RollUpStatementsResponse:
        """Statements added up. Raises as every call of the client does."""
        reply: pb2.RollUpStatementsResponse = with_retries(
            lambda left: self._stub.RollUpStatements(request, timeout=left, metadata=METADATA), SECONDS, self._retries
        )
        return reply
