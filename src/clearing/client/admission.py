"""Calls of AdmissionService: a request message in, a reply message out."""

from __future__ import annotations

from collections.abc import Mapping

import grpc

from clearing.client import messages
from clearing.client.calls import METADATA, with_retries
from clearing.v1 import admission_service_pb2_grpc, entry_pb2, positions_pb2

SECONDS = 120.0


class AdmissionCalls:
    """Calls over the channel of a client; see `Client.admission`.

    rules, overrides, version: in place of those of the request; '' leaves the request as it is.
    """

    def __init__(self, channel: grpc.Channel, retries: int) -> None:
        self._stub = admission_service_pb2_grpc.AdmissionServiceStub(channel)
        self._retries = retries

    def check_positions(
        self,
        request: positions_pb2.CheckPositionsRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> positions_pb2.CheckPositionsResponse:
        """Orders judged; findings are the answer. Raises as every call of the client does."""
        asked = messages.under(request, rules, version, overrides)
        reply: positions_pb2.CheckPositionsResponse = with_retries(
            lambda left: self._stub.CheckPositions(asked, timeout=left, metadata=METADATA), SECONDS, self._retries
        )
        return reply

    def check_entry(
        self,
        request: entry_pb2.CheckEntryRequest,
        rules: str = "",
        overrides: Mapping[str, str] | None = None,
        version: str = "",
    ) -> entry_pb2.CheckEntryResponse:
        """An application judged; findings are the answer. Raises as every call of the client does."""
        asked = messages.under(request, rules, version, overrides)
        reply: entry_pb2.CheckEntryResponse = with_retries(
            lambda left: self._stub.CheckEntry(asked, timeout=left, metadata=METADATA), SECONDS, self._retries
        )
        return reply
