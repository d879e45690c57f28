"""Digests of messages."""

from __future__ import annotations

import hashlib

from google.protobuf.message import Message

from clearing.v1 import schedule_pb2


def of(message: Message) -> str:
    """SHA-256 (hex) of the deterministic serialisation."""
    return hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()


def of_result(pb: schedule_pb2.Result) -> str:
    """Digest of a result: that of the message with its digest empty. The message is left as it was."""
    stated = pb.digest
    pb.digest = ""
    try:
        return of(pb)
    finally:
        pb.digest = stated
