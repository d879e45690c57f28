"""The few bytes of the wire format that the parent itself reads and writes.

The parent never parses a case: requests go to a worker as they came. Only the envelope of the stream call is
taken off, and what the parent knows is put on, both by the rules of the protobuf encoding.
"""

from __future__ import annotations

from clearing.v1 import clearing_service_pb2, report_pb2

MOST_FIELDS = 16
RUN_INFO_FIELD = 2
_LENGTH_DELIMITED = 2
_FIXED = {1: 8, 5: 4}
_LONGEST_VARINT = 10


class EnvelopeError(ValueError):
    """These bytes are not a StreamClearDayAheadRequest."""


def inner_request(message: bytes) -> bytes:
    """Field 1 of a StreamClearDayAheadRequest, still serialised.

    A field that occurs several times counts as merged, and merging messages is joining their bytes. Other
    fields are unknown and skipped. Raises EnvelopeError.
    """
    found: list[bytes] = []
    place = 0
    for _ in range(MOST_FIELDS):
        if place == len(message):
            return found[0] if len(found) == 1 else b"".join(found)
        tag, place = _varint(message, place)
        end = _end_of_field(message, tag, place)
        if tag >> 3 == 1 and tag & 7 == _LENGTH_DELIMITED:
            _, place = _varint(message, place)
            found.append(message[place:end])
        place = end
    if place == len(message):
        return b"".join(found)
    raise EnvelopeError(f"more than {MOST_FIELDS} fields where one is expected")


def with_run_info(response: bytes, request_id: str, digest: str, queue_seconds: float) -> bytes:
    """A serialised response with the parent's part of RunInfo (field 2 of every one) merged in.

    Into one occurrence of the field: appending a second one means the same by the encoding's rules, but there are
    widespread readers, in JavaScript for one, that keep the last alone.
    """
    parts, info, place = [], report_pb2.RunInfo(), 0
    while place < len(response):
        start = place
        tag, place = _varint(response, place)
        end = _end_of_field(response, tag, place)
        if tag >> 3 == RUN_INFO_FIELD:
            _, place = _varint(response, place)
            info.MergeFromString(response[place:end])
        else:
            parts.append(response[start:end])
        place = end
    info.MergeFrom(report_pb2.RunInfo(request_id=request_id, request_digest=digest, queue_seconds=queue_seconds))
    return b"".join((*parts, _event(RUN_INFO_FIELD, info.SerializeToString())))


def accepted(position: int, digest: str, request_id: str) -> bytes:
    """First event of a stream."""
    event = report_pb2.Accepted(queue_position=position, request_digest=digest, request_id=request_id)
    return clearing_service_pb2.StreamClearDayAheadResponse(accepted=event).SerializeToString()


def progress_event(progress: bytes) -> bytes:
    """A Progress as it came from a worker, as an event."""
    return _event(2, progress)


def result_event(response: bytes) -> bytes:
    """A ClearDayAheadResponse, serialised, as the last event."""
    return _event(3, response)


def interval_result(response: bytes) -> bytes:
    """A ClearRealTimeResponse, serialised, as a message of the stream of intervals."""
    return _event(1, response)


def _event(field: int, message: bytes) -> bytes:
    length, head = len(message), bytearray([field << 3 | _LENGTH_DELIMITED])
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + message


def _end_of_field(message: bytes, tag: int, place: int) -> int:
    """Where a field ends whose value begins at `place`; raises EnvelopeError."""
    wire_type = tag & 7
    if wire_type == _LENGTH_DELIMITED:
        length, place = _varint(message, place)
        end = place + length
    elif wire_type in _FIXED:
        end = place + _FIXED[wire_type]
    elif wire_type == 0:
        _, end = _varint(message, place)
    else:
        raise EnvelopeError(f"wire type {wire_type} is not in use")
    if end > len(message):
        raise EnvelopeError("a field reaches beyond the end of the message")
    return end


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        if place >= len(message):
            raise EnvelopeError("the message ends within a number")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, place
    raise EnvelopeError("a number of more than ten bytes")
