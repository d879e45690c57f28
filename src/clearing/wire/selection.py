"""Which parts of a result come back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.v1 import prices_pb2, report_pb2, schedule_pb2
from clearing.v1.schedule_pb2 import ResultPart
from clearing.wire.fields import index_of
from clearing.wire.problems import Problems

FIELD_OF = {
    ResultPart.RESULT_PART_PUBLIC: "public_result",
    ResultPart.RESULT_PART_SYSTEM_SCHEDULE: "system_schedule",
    ResultPart.RESULT_PART_OWNERS: "owner_results",
    ResultPart.RESULT_PART_CERTIFICATE: "certificate",
    ResultPart.RESULT_PART_AUDIT: "audit",
    ResultPart.RESULT_PART_EXPLANATIONS: "explanations",
}
_BESIDE = {ResultPart.RESULT_PART_CERTIFICATE: ("bound_certificate", "price_sets")}
LEFT_OUT_FIRST = (
    ResultPart.RESULT_PART_EXPLANATIONS,
    ResultPart.RESULT_PART_CERTIFICATE,
    ResultPart.RESULT_PART_SYSTEM_SCHEDULE,
    ResultPart.RESULT_PART_OWNERS,
)


def check(pb: schedule_pb2.OutputSelection, case: Case, problems: Problems) -> None:
    """Refuse parts, buses and owners that do not exist."""
    path = "output"
    problems.only(pb, path)
    for k, part in enumerate(pb.parts):
        if part not in FIELD_OF:
            problems.error("UNKNOWN_ENUM", f"{path}.parts[{k}]", "The value is not allowed.", value=int(part))
    _known(pb.bus_ids, set(case.network.bus_id), f"{path}.bus_ids", problems)
    _known(pb.owner_ids, {*case.participants.owner_id, ""}, f"{path}.owner_ids", problems)
    if pb.max_bytes < 0:
        problems.error("OUT_OF_RANGE", f"{path}.max_bytes", "Must be ≥ 0.", value=pb.max_bytes, limit="≥ 0")


def select(pb: schedule_pb2.Result, selection: schedule_pb2.OutputSelection) -> None:
    """Take out of a complete result what was not asked for, and echo the selection that was applied."""
    wanted = set(selection.parts) or set(FIELD_OF)
    for part, field in FIELD_OF.items():
        if part not in wanted:
            _clear(pb, part, field)
    public = pb.public_result
    for name, message in (("prices", public.prices), ("settlement", public.settlement), ("losses", public.losses)):
        if selection.bus_ids and name in {field.name for field, _ in public.ListFields()}:
            _keep_buses(message, tuple(selection.bus_ids))
    if selection.owner_ids:
        kept = [owner for owner in pb.owner_results if owner.owner_id in set(selection.owner_ids)]
        pb.ClearField("owner_results")
        pb.owner_results.extend(kept)
    pb.output.CopyFrom(selection)
    _shrink(pb, selection.max_bytes, wanted)


def parts_of(pb: schedule_pb2.Result) -> set[int]:
    """Parts that the sender meant to be there."""
    return set(pb.output.parts) or set(FIELD_OF)


def _clear(pb: schedule_pb2.Result, part: ResultPart.ValueType, field: str) -> None:
    pb.ClearField(field)  # type: ignore[arg-type]
    for beside in _BESIDE.get(part, ()):
        pb.ClearField(beside)  # type: ignore[arg-type]


def _known(names: Iterable[str], known: set[str], path: str, problems: Problems) -> None:
    for k, name in enumerate(names):
        if name not in known:
            problems.error(
                "UNKNOWN_ID", f"{path}[{k}]", "There is no row of this id.", value=name, limit="an id of the case"
            )


def _keep_buses(message: prices_pb2.Prices | prices_pb2.SettlementPrices | prices_pb2.Losses, bus_ids: Ids) -> None:
    """Keep the named buses, in the order of the case; columns of buses are those named bus_."""
    row_of = index_of(tuple(message.bus_id))
    rows = np.array(sorted({row_of[name] for name in bus_ids}), dtype=np.int64)
    count = len(message.bus_id)
    for field, column in message.ListFields():
        if field.name.startswith("bus_") and field.name != "bus_id":
            column[:] = np.array(column).reshape(count, -1)[rows].ravel().tolist()
    message.bus_id[:] = [message.bus_id[row] for row in rows.tolist()]


def _shrink(pb: schedule_pb2.Result, max_bytes: int, wanted: set[ResultPart.ValueType]) -> None:
    """Leave parts out until the message fits; what is left out is a note and shows in the echoed selection."""
    for part in LEFT_OUT_FIRST:
        if max_bytes == 0 or pb.ByteSize() <= max_bytes:
            return
        there = {field.name for field, _ in pb.ListFields()}
        if part not in wanted or not {FIELD_OF[part], _BESIDE.get(part, "")} & there:
            continue
        _clear(pb, part, FIELD_OF[part])
        wanted = wanted - {part}
        pb.output.parts[:] = [p for p in FIELD_OF if p in wanted]
        pb.notes.add(
            severity=report_pb2.SEVERITY_NOTE,
            code="PART_LEFT_OUT",
            path=f"result.{FIELD_OF[part]}",
            message="The part was left out so that the result fits max_bytes.",
            period=-1,
            limit=str(max_bytes),
        )
