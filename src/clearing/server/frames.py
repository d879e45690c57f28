"""What parent and worker say to each other: framed raw bytes over a socket pair, never pickles.

A frame is a fixed header (kind, run number, payload length) and the payload. The run number ties stops and
late messages to the run they belong to, so that a stop sent to a run that just ended cannot touch the next.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from clearing.wire.disclosure import EVERYTHING, View

HEADER = struct.Struct("<BQQ")
_LENGTHS = struct.Struct("<IQ")


class Kind(IntEnum):
    """Kinds of frames, with their payload."""

    READY = 1  # worker: imports and kernels are warm; empty
    RUN = 2  # parent: a Job
    STOP = 3  # parent: end the search of this run, keep what you have; empty
    PROGRESS = 4  # worker: proto Progress
    INCUMBENT = 5  # worker: bytes of solve.incumbent
    ANSWER = 6  # worker: the serialised response
    INVALID = 7  # worker: proto ValidateCaseResponse that holds the findings
    MEMORY = 8  # worker: ran out of memory; empty
    FORGET = 10  # parent: the stream whose id is the payload has ended
    TAKEN = 11  # worker: the Job has arrived and is next; empty
    FAULT = 9  # worker: proto-free text, type and place of an exception, for the log only


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    kind: Kind
    run: int
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Job:
    """One request for a worker.

    method          function of the pipeline module
    request         serialised request, untouched
    request_id      id of the run
    seconds_left    until the finished answer must be out; None = no deadline
    incumbent       for finish_incumbent: the kept incumbent, else empty
    reason          for finish_incumbent: number of the termination reason
    stream          id of the stream that an interval belongs to, '' = none
    view            what the caller may see of the reply
    """

    method: str
    request: bytes
    request_id: str
    seconds_left: float | None = None
    incumbent: bytes = b""
    reason: int = 0
    stream: str = ""
    view: View = EVERYTHING

    def to_bytes(self) -> bytes:
        """Payload of a RUN frame."""
        head = json.dumps(
            {
                "method": self.method,
                "id": self.request_id,
                "left": self.seconds_left,
                "reason": self.reason,
                "stream": self.stream,
                "view": self.view.to_json(),
            }
        ).encode()
        return b"".join((_LENGTHS.pack(len(head), len(self.request)), head, self.request, self.incumbent))

    @classmethod
    def from_bytes(cls, payload: bytes) -> Job:
        """Inverse of to_bytes."""
        head_length, request_length = _LENGTHS.unpack_from(payload)
        start = _LENGTHS.size + head_length
        head = json.loads(payload[_LENGTHS.size : start])
        return cls(
            method=head["method"],
            request=payload[start : start + request_length],
            request_id=head["id"],
            seconds_left=head["left"],
            incumbent=payload[start + request_length :],
            reason=head["reason"],
            stream=head["stream"],
            view=View.from_json(head["view"]),
        )


class ExactReader(Protocol):
    """The one method of asyncio.StreamReader that is needed here."""

    async def readexactly(self, n: int, /) -> bytes:
        """N bytes, or asyncio.IncompleteReadError."""


def pack(kind: Kind, run: int, payload: bytes = b"") -> bytes:
    """Header and payload of one frame."""
    return HEADER.pack(kind, run, len(payload)) + payload


async def read(reader: ExactReader) -> Frame:
    """Next frame; raises asyncio.IncompleteReadError at the end of the stream."""
    kind, run, length = HEADER.unpack(await reader.readexactly(HEADER.size))
    return Frame(Kind(kind), run, await reader.readexactly(length) if length else b"")
