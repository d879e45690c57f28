"""Judged orders → the reply of CheckPositions: one message a participant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.admission.position_tables import Book
from clearing.admission.positions import Judged, Standing
from clearing.case.arrays import Ints
from clearing.case.finding import Finding, Severity
from clearing.rules.rules import Rules
from clearing.v1 import positions_pb2 as pb2
from clearing.wire import encode


def write(
    book: Book | None, judged: Judged | None, split: Ints | None, findings: Sequence[Finding], rules: Rules | None
) -> bytes:
    """A serialised CheckPositionsResponse. None: what the request was too broken for."""
    pb = pb2.CheckPositionsResponse(
        valid=not any(each.severity is Severity.ERROR for each in findings),
        findings=[encode.finding(each) for each in findings],
        rules=None if rules is None else encode.rule_echo(rules),
    )
    if book is not None:
        pb.day_kind.extend(book.month.day_kind.tolist())
    if book is not None and judged is not None:
        own = _by_participant(book)
        for row, standing in enumerate(judged.standings):
            position = _position(book.participants.id[row], standing)
            position.order.extend(book.orders.id[order] for order in own[row])
            position.accepted.extend(int(judged.accepted[order]) for order in own[row])
            if split is not None:
                position.split_kwh.extend(split[own[row]].ravel().tolist())
            pb.positions.append(position)
    return pb.SerializeToString(deterministic=True)


def _by_participant(book: Book) -> list[list[int]]:
    """Rows of the orders of every participant, in their order."""
    owner, count = book.orders.participant, len(book.participants.id)
    ends = np.cumsum(np.bincount(owner, minlength=count))[:-1]
    return [rows.tolist() for rows in np.split(np.argsort(owner, kind="stable"), ends)]


def _position(name: str, standing: Standing) -> pb2.ParticipantPosition:
    return pb2.ParticipantPosition(
        participant=name,
        base_kwh=standing.base_kwh,
        net_limit_kwh=standing.net_limit_kwh,
        traded_limit_kwh=standing.traded_limit_kwh,
        net_most_kwh=standing.net_most_kwh,
        net_least_kwh=standing.net_least_kwh,
        traded_kwh=standing.traded_kwh,
        quota_milli=standing.quota_milli,
        used_milli=standing.used_milli,
    )
