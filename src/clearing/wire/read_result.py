"""Proto → clearing result: the parts put together again over the tables of the case."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.result import Binding, BoundKind, ClearingResult, Costs, Reason, Termination, Violation
from clearing.case.schedule import Schedule
from clearing.v1 import prices_pb2, report_pb2, schedule_pb2
from clearing.v1.schedule_pb2 import ResultPart
from clearing.wire import digest, price_sets, read_explanations, read_prices, read_report, read_schedule, selection
from clearing.wire.fields import Table
from clearing.wire.problems import Problems
from clearing.wire.totals import totals

SIDES = {prices_pb2.LIMIT_SIDE_MIN: "min", prices_pb2.LIMIT_SIDE_MAX: "max"}
CLOSE = 1e-6
"""Sums must agree with their parts to this, relative to max(1, |sum|)."""


def result(pb: schedule_pb2.Result, case: Case, problems: Problems) -> ClearingResult | None:
    """The result over the tables of the case, or None when it cannot be put together."""
    problems.only(pb, "result")
    _header(pb, case, problems)
    termination = _termination(pb.termination, problems)
    parts = selection.parts_of(pb)
    rows = read_schedule.gather(pb, case, problems) if _whole(pb, case, parts, problems) else None
    schedule = read_schedule.schedule(pb, rows, case, problems) if rows else None
    table = ClearingResult(
        termination=termination,
        schedule=schedule,
        flows=read_schedule.flows(pb, case, problems),
        costs=_costs(pb, problems),
        prices=read_prices.prices(pb, case, problems),
        multipliers=read_prices.multipliers(pb, case, problems),
        bound_proof=read_prices.bound_proof(pb, case, problems),
        price_sets=price_sets.read(pb, case, problems),
        losses=read_prices.losses(pb, case, problems),
        settlement=read_prices.settlement(pb, case, problems),
        price_setters=read_prices.price_setters(pb, case, problems),
        uplift=read_schedule.uplift(rows) if rows else None,
        payments=read_schedule.payments(pb, rows, case, problems) if rows else None,
        bindings=_bindings(pb, case, problems),
        violations=_violations(pb, case, problems),
        audit=read_report.findings(pb.audit.findings),
        audit_passed=pb.audit.passed if pb.HasField("audit") else None,
        notes=read_report.findings(pb.notes),
        explanations=read_explanations.explanations(pb, case, problems),
        binding_periods=_binding_periods(pb, case, problems),
    )
    if not problems.formed or any(f.severity == Severity.ERROR for f in problems.findings):
        return None
    if schedule is not None and ResultPart.RESULT_PART_PUBLIC in parts:
        _check_totals(pb, case, table, schedule, problems)
    return table


def _header(pb: schedule_pb2.Result, case: Case, problems: Problems) -> None:
    if pb.digest and pb.digest != digest.of_result(pb):
        message = "The result was changed after it was made: its digest no longer fits."
        problems.add(Severity.WARNING, "DIGEST_MISMATCH", "result.digest", message, value=pb.digest)
    if not pb.HasField("horizon"):
        return
    theirs, ours = pb.horizon, case.horizon
    same = (theirs.period_minutes, theirs.periods, theirs.start_minute) == (
        ours.period_minutes,
        ours.periods,
        ours.start_minute,
    )
    if not same or theirs.operating_day != dt.date.isoformat(ours.operating_day):
        problems.fatal("MISMATCH", "result.horizon", "The result is for other periods than the case.")


def _binding_periods(pb: schedule_pb2.Result, case: Case, problems: Problems) -> int:
    most = case.horizon.periods
    if 0 <= pb.binding_periods <= most:
        return pb.binding_periods
    path, limit = "result.binding_periods", f"0 to {most}"
    problems.error("OUT_OF_RANGE", path, "Out of range.", value=pb.binding_periods, limit=limit)
    return 0


def _termination(pb: report_pb2.Termination, problems: Problems) -> Termination:
    path = "result.termination"
    problems.only(pb, path)
    for name, value, kind in (("reason", pb.reason, Reason), ("bound_kind", pb.bound_kind, BoundKind)):
        if int(value) not in list(kind):
            problems.error("UNKNOWN_ENUM", f"{path}.{name}", "The value is not allowed.", value=int(value))
    return Termination(
        reason=Reason(pb.reason) if int(pb.reason) in list(Reason) else Reason.UNSPECIFIED,
        objective=pb.objective if pb.HasField("objective") else None,
        bound=pb.bound if pb.HasField("bound") else None,
        bound_kind=BoundKind(pb.bound_kind) if int(pb.bound_kind) in list(BoundKind) else BoundKind.UNSPECIFIED,
        gap=pb.gap if pb.HasField("gap") else None,
        absolute_gap=pb.absolute_gap if pb.HasField("absolute_gap") else None,
        gap_asked=pb.gap_asked,
        priced=pb.priced,
        detail=pb.detail,
    )


def _whole(pb: schedule_pb2.Result, case: Case, parts: set[int], problems: Problems) -> bool:
    """Whether a schedule can be put together; a note where only parts of one are there."""
    resources = (
        *case.units.id,
        *case.renewables.id,
        *case.storage.id,
        *case.demand_bids.id,
        *case.virtual_plants.id,
        *case.pumped_hydro.id,
    )
    if not pb.owner_results and (resources or not pb.HasField("system_schedule")):
        return False
    needed = {ResultPart.RESULT_PART_OWNERS, ResultPart.RESULT_PART_SYSTEM_SCHEDULE}
    commitment_only = case.units.id and not any(owner.units.dispatch_mw for owner in pb.owner_results)
    if pb.output.owner_ids or not needed <= parts or commitment_only:
        message = "The result holds only parts of the schedule; it is not put together."
        problems.add(Severity.NOTE, "PARTIAL_RESULT", "result.owner_results", message)
        return False
    return True


def _costs(pb: schedule_pb2.Result, problems: Problems) -> Costs | None:
    if not pb.public_result.totals.HasField("costs"):
        return None
    path = "result.public_result.totals.costs"
    wire = pb.public_result.totals.costs
    problems.only(wire, path)
    return Costs(
        energy=wire.energy,
        no_load=wire.no_load,
        start=wire.start,
        stop=wire.stop,
        storage=wire.storage,
        penalty=wire.penalty,
        demand=wire.demand,
        reserve=wire.reserve,
    )


def _check_totals(
    pb: schedule_pb2.Result, case: Case, table: ClearingResult, schedule: Schedule, problems: Problems
) -> None:
    """Sums that the sender stated must be those of its own parts."""
    path = "result.public_result.totals"
    wire = pb.public_result.totals
    with np.errstate(over="ignore", invalid="ignore"):  # the case may be full of nonsense that is told later
        sums: dict[str, float] = asdict(totals(case, schedule))
        if table.uplift is not None:
            sums["make_whole"] = float(table.uplift.make_whole.sum())
    stated = {name: float(getattr(wire, name)) for name in sums if wire.HasField(name)}  # type: ignore[arg-type]
    if table.costs is not None and wire.costs.HasField("total"):
        sums["costs.total"], stated["costs.total"] = table.costs.total, wire.costs.total
    for name, value in stated.items():
        if not abs(value - sums[name]) <= CLOSE * max(1.0, abs(sums[name])):
            problems.error("MISMATCH", f"{path}.{name}", "Not the sum of its parts.", value=value, limit=sums[name])


def _bindings(pb: schedule_pb2.Result, case: Case, problems: Problems) -> tuple[Binding, ...]:
    rows: list[Binding] = []
    public = (pb.public_result.bindings, "result.public_result.bindings")
    own = ((o.bindings, f"result.owner_results[{k}].bindings") for k, o in enumerate(pb.owner_results))
    for message, path in (public, *own):
        problems.only(message, path)
        table = Table(message, path, "family", case.horizon.periods, problems)
        families, subjects = table.texts("family"), table.texts("subject")
        periods = table.whole("period").tolist()
        sides = table.whole("side").tolist()
        limits, prices = table.floats("limit_mw").tolist(), table.floats("shadow_price").tolist()
        for k, side in enumerate(sides):
            if side not in SIDES and problems.formed:
                problems.error("UNKNOWN_ENUM", f"{path}.side[{k}]", "The value is not allowed.", value=side)
        words = [SIDES.get(side, "") for side in sides]
        rows.extend(Binding(*row) for row in zip(families, subjects, periods, words, limits, prices, strict=True))
    return tuple(rows)


def _violations(pb: schedule_pb2.Result, case: Case, problems: Problems) -> tuple[Violation, ...]:
    rows: list[Violation] = []
    public = (pb.public_result.violations, "result.public_result.violations")
    own = ((o.violations, f"result.owner_results[{k}].violations") for k, o in enumerate(pb.owner_results))
    for message, path in (public, *own):
        problems.only(message, path)
        table = Table(message, path, "family", case.horizon.periods, problems)
        columns = (
            table.texts("family"),
            table.texts("subject"),
            table.whole("period").tolist(),
            table.floats("amount_mw").tolist(),
            table.floats("penalty").tolist(),
        )
        rows.extend(Violation(*row) for row in zip(*columns, strict=True))
    return tuple(rows)
