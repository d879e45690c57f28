"""A stream of real-time intervals: one question, one answer, one after the other."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

import grpc

from clearing.case.case import Case
from clearing.client import errors, messages
from clearing.client.answer import Answer
from clearing.client.calls import METADATA
from clearing.client.errors import ClearingError
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2, clearing_service_pb2_grpc, schedule_pb2


class RealTimeStream:
    """Clears intervals over one call; a context manager. The server keeps what helps the next interval until its end.

    Made by `Client.real_time_stream`. After an error the stream is over: open another one and ask again.
    """

    def __init__(
        self,
        stub: clearing_service_pb2_grpc.ClearingServiceStub,
        rules: str,
        version: str,
        overrides: Mapping[str, str] | None,
        seconds: float | None,
    ) -> None:
        self._rules, self._version, self._overrides = rules, version, overrides
        self._asked: queue.SimpleQueue[clearing_service_pb2.StreamRealTimeRequest | None] = queue.SimpleQueue()
        self._call = stub.StreamRealTime(self._requests(), timeout=seconds, metadata=METADATA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def clear(
        self,
        case: Case,
        options: SolveOptions | None = None,
        idempotency_id: str = "",
        output: schedule_pb2.OutputSelection | None = None,
        binding_periods: int = 1,
        previous: Case | None = None,
    ) -> Answer:
        """Clear the next interval; as `Client.clear_real_time`. Raises ClearingError, which ends the stream.

        previous: None = the interval before on this stream, to which the server holds it.
        """
        request = messages.real_time_request(
            case,
            self._rules,
            self._version,
            self._overrides,
            options,
            idempotency_id,
            output,
            binding_periods,
            previous,
        )  # fmt: skip
        self._asked.put(clearing_service_pb2.StreamRealTimeRequest(interval=request))
        try:
            response = next(iter(self._call))
        except StopIteration:
            raise ClearingError("the stream ended without a result") from None
        except grpc.RpcError as error:
            raise errors.translated(error) from error
        except BaseException:  # Ctrl-C: frees the worker at once
            self._call.cancel()  # type: ignore[no-untyped-call]
            raise
        return messages.read_answer(request, response.result, case)

    def close(self) -> None:
        """End the stream; the server forgets it."""
        self._asked.put(None)
        self._call.cancel()  # type: ignore[no-untyped-call]  # harmless after the end

    def _requests(self) -> Iterator[clearing_service_pb2.StreamRealTimeRequest]:
        while (request := self._asked.get()) is not None:
            yield request
