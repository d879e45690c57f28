"""The last resort: a kept commitment as an answer, when no time is left to dispatch and price it."""

from __future__ import annotations

from collections.abc import Sequence

from clearing.case.arrays import Flags
from clearing.case.result import BoundKind, Reason
from clearing.solve.control import Incumbent
from clearing.v1 import case_pb2, clearing_service_pb2, report_pb2, schedule_pb2

DETAIL = "Commitment only: the deadline left no time for dispatch, prices and audit of the best incumbent."


def response(request: bytes, incumbent: Incumbent, reason: Reason) -> bytes:
    """Serialised ClearDayAheadResponse with the commitment and an honest termination, and nothing else.

    The request has been validated by the worker that found the incumbent.
    """
    asked = clearing_service_pb2.ClearDayAheadRequest.FromString(request)
    result = schedule_pb2.Result(
        horizon=asked.case.horizon,
        termination=_termination(asked, incumbent, reason),
        owner_results=_owners(asked.case, incumbent.on),
    )
    run_info = report_pb2.RunInfo(idempotency_id=asked.idempotency_id)
    return clearing_service_pb2.ClearDayAheadResponse(result=result, run_info=run_info).SerializeToString()


def _termination(
    asked: clearing_service_pb2.ClearDayAheadRequest, incumbent: Incumbent, reason: Reason
) -> report_pb2.Termination:
    objective, bound = incumbent.objective, incumbent.bound
    termination = report_pb2.Termination(
        reason=report_pb2.TerminationReason.ValueType(reason),
        objective=objective,
        bound_kind=report_pb2.BoundKind.ValueType(BoundKind.NONE if bound is None else BoundKind.SOLVER_CLAIMED),
        gap_asked=asked.options.gap,
        priced=False,
        detail=DETAIL,
    )
    if bound is not None:
        termination.bound = bound
        termination.absolute_gap = objective - bound
        termination.gap = (objective - bound) / max(abs(objective), abs(bound), 1.0)
    return termination


def _owners(case: case_pb2.Case, on: Flags) -> list[schedule_pb2.OwnerResult]:
    owner_of: Sequence[str] = case.units.owner or [""] * len(case.units.id)
    results = []
    for owner in (*case.participants.owner_id, ""):
        rows = [row for row, name in enumerate(owner_of) if name == owner]
        if rows:
            units = schedule_pb2.UnitResults(id=[case.units.id[row] for row in rows], on=on[rows].ravel().tolist())
            results.append(schedule_pb2.OwnerResult(owner_id=owner, units=units))
    return results
