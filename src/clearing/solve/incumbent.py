"""An incumbent as bytes, so that it can leave a worker before the worker is done."""

from __future__ import annotations

import struct

import numpy as np

from clearing.solve.control import Incumbent

# rows and periods of `on`, rows of `storage_mode`, objective, bound (NaN = none)
_HEAD = struct.Struct("<IIIdd")


def to_bytes(incumbent: Incumbent) -> bytes:
    """Header, then both 0/1 tables packed to bits."""
    units, periods = incumbent.on.shape
    bound = float("nan") if incumbent.bound is None else incumbent.bound
    head = _HEAD.pack(units, periods, len(incumbent.storage_mode), incumbent.objective, bound)
    flags = np.concatenate([incumbent.on.ravel(), incumbent.storage_mode.ravel()])
    return head + np.packbits(flags.astype(np.uint8)).tobytes()


def from_bytes(data: bytes) -> Incumbent:
    """The way back of `to_bytes`; raises ValueError on bytes of the wrong length."""
    if len(data) < _HEAD.size:
        raise ValueError("an incumbent is at least its header")
    units, periods, stores, objective, bound = _HEAD.unpack_from(data)
    count = (units + stores) * periods
    packed = np.frombuffer(data, dtype=np.uint8, offset=_HEAD.size)
    if len(packed) != -(-count // 8):
        raise ValueError("the incumbent's length does not match its header")
    flags = np.unpackbits(packed, count=count).astype(np.int8)
    on, mode = flags[: units * periods], flags[units * periods :]
    return Incumbent(
        on.reshape(units, periods), mode.reshape(stores, periods), objective, None if np.isnan(bound) else bound
    )
