"""An earlier result as the beginning of a search for another case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from clearing.case.arrays import Flags, Floats, Ints
from clearing.case.beginning import Beginning
from clearing.case.bound_proof import CARRIED, NETWORK, PROVEN
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.prices import Multipliers
from clearing.v1 import prices_pb2, schedule_pb2
from clearing.wire.case_file import message_from_bytes, message_from_json
from clearing.wire.commitment import held, places

MOST_VALUE = 1e9
_PATH = "begin_at"

Entries = list[tuple[str, str, int, float]]
"""Family, subject, period of the result, value."""


def of_file(data: bytes, *, binary: bool) -> tuple[schedule_pb2.Result | None, list[Finding]]:
    """The result in a file, of whatever case, as a request takes it (`begin_at`); BAD_JSON, BAD_BINARY."""
    pb = schedule_pb2.Result()
    text = data.decode("utf-8-sig", errors="replace")
    broken = message_from_bytes(data, pb) if binary else message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def read(pb: schedule_pb2.Result, case: Case) -> tuple[Beginning | None, list[Finding]]:
    """The beginning that a result gives, and what is to be said of it; None with BEGINNING_UNREADABLE."""
    at, entries = places(pb.horizon, case.horizon, any_day=True), _entries(pb)
    if entries is None:
        text = "A certificate has columns of different lengths, an index beyond its list, or a value that is no price."
        return None, [Finding(Severity.ERROR, "BEGINNING_UNREADABLE", _PATH, text)]
    beginning = Beginning(_commitment(pb, case, at), *_expanded(entries, at))
    known, units = int((beginning.on >= 0).any(axis=1).sum()), len(case.units.id)
    found, limits = len(beginning.multipliers.value), len(beginning.limits.value)
    if not (known or found or limits):
        text = "It has no unit, no multiplier and no limit of the case in these periods: the search began from nothing."
        return None, [Finding(Severity.WARNING, "BEGINNING_UNKNOWN", _PATH, text)]
    text = f"The search began at a result: {known} of {units} units, {found} multipliers, {limits} network limits."
    return beginning, [Finding(Severity.NOTE, "BEGAN_AT_RESULT", _PATH, text)]


def _commitment(pb: schedule_pb2.Result, case: Case, at: Ints) -> Flags:
    """(N, T) on as the result has it, −1 where it says nothing."""
    known, on = held(pb), np.full((len(case.units.id), len(at)), -1, dtype=np.int8)
    for row, name in enumerate(case.units.id):
        if name in known:
            on[row] = np.where(at >= 0, (known[name] != 0)[at], -1)
    return on


def _entries(pb: schedule_pb2.Result) -> Entries | None:
    """What the certificates say: of the bound first, which is what a search for one begins with."""
    priced = _of_certificate(pb.certificate, (*CARRIED, *NETWORK), pb.horizon.periods)
    proven = _of_certificate(pb.bound_certificate, PROVEN, pb.horizon.periods)
    if priced is None or proven is None:
        return None
    if proven:  # one state of all prices, not a mixture of two; what the dispatch paid for is a limit all the same
        priced = [(family, subject, period, 0.0) for family, subject, period, _ in priced if family in NETWORK]
    found = {(family, subject, period): value for family, subject, period, value in (*priced, *proven)}
    return [(*key, value) for key, value in found.items()]


def _of_certificate(
    pb: prices_pb2.Certificate | prices_pb2.BoundCertificate, families: Sequence[str], periods: int
) -> Entries | None:
    """Entries of the families that a search takes from it; None where an index or a value is none."""
    columns = (pb.family, pb.subject, pb.period, pb.value)
    if len({len(column) for column in columns}) > 1:
        return None
    value: Floats = np.array(pb.value, dtype=np.float64)
    if not (np.abs(value) <= MOST_VALUE).all():
        return None
    bounds = ((pb.family, len(pb.family_name)), (pb.subject, len(pb.subject_id)), (pb.period, periods))
    if not all(_within(column, most) for column, most in bounds):
        return None
    wanted = {k for k, name in enumerate(pb.family_name) if name in families}
    return [
        (pb.family_name[f], pb.subject_id[s], t, v)
        for f, s, t, v in zip(pb.family, pb.subject, pb.period, value.tolist(), strict=True)
        if f in wanted and v
    ]


def _within(column: Sequence[int], count: int) -> bool:
    place = np.array(column, dtype=np.int64)
    return bool(((place >= 0) & (place < count)).all())


def _expanded(entries: Entries, at: Ints) -> tuple[Multipliers, Multipliers]:
    """Those of the network apart, in every period of the case that stands for theirs."""
    periods: dict[int, list[int]] = {}
    for t, k in enumerate(at.tolist()):
        periods.setdefault(k, []).append(t)
    rows = [(f, s, t, v) for f, s, k, v in entries for t in periods.get(k, ())]
    return _multipliers(r for r in rows if r[0] not in NETWORK), _multipliers(r for r in rows if r[0] in NETWORK)


def _multipliers(entries: Iterable[tuple[str, str, int, float]]) -> Multipliers:
    rows = list(entries)
    return Multipliers(
        tuple(f for f, _, _, _ in rows),
        tuple(s for _, s, _, _ in rows),
        np.array([t for _, _, t, _ in rows], dtype=np.int64),
        np.array([v for _, _, _, v in rows], dtype=np.float64),
    )
