"""Requests and replies of ClearDayAhead as bytes, for whoever keeps them or has them answered elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from clearing.case.case import Case
from clearing.client import messages
from clearing.client.answer import Answer
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2, schedule_pb2

UNEXPLAINED = schedule_pb2.OutputSelection(
    parts=[
        schedule_pb2.RESULT_PART_PUBLIC,
        schedule_pb2.RESULT_PART_SYSTEM_SCHEDULE,
        schedule_pb2.RESULT_PART_OWNERS,
        schedule_pb2.RESULT_PART_CERTIFICATE,
        schedule_pb2.RESULT_PART_AUDIT,
    ]
)
"""Everything but explanations."""


def request(
    case: Case,
    rules: str,
    version: str,
    overrides: Mapping[str, str],
    options: SolveOptions,
    begin_at: schedule_pb2.Result | None = None,
) -> bytes:
    """A serialised ClearDayAheadRequest for a result without explanations; equal tables give equal bytes.

    begin_at: an earlier result at which the search begins.
    """
    asked = messages.clear_request(
        case, rules, version, overrides, options, "", UNEXPLAINED, begin_at=begin_at
    )  # fmt: skip
    return asked.SerializeToString(deterministic=True)


def answer(request: bytes, reply: bytes, case: Case) -> Answer:
    """The answer in a serialised ClearDayAheadResponse; raises ClearingError where it does not fit the case."""
    asked = clearing_service_pb2.ClearDayAheadRequest.FromString(request)
    return messages.read_answer(asked, clearing_service_pb2.ClearDayAheadResponse.FromString(reply), case)


def result(answer: Answer) -> bytes:
    """The result alone, serialised: equal results give equal bytes, whoever gave them and when."""
    return answer.raw.result.SerializeToString(deterministic=True)
