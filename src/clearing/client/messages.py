"""Between the client's tables and the messages of the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import numpy as np
from google.protobuf.message import Message

from clearing.case.arrays import Flags, Floats
from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.result import ClearingResult
from clearing.client.answer import Answer, Request, Response, run_info
from clearing.client.errors import ClearingError
from clearing.rules.load import RuleSetDescription, RuleValue, load
from clearing.solve.control import Progress
from clearing.solve.options import SolveOptions
from clearing.v1 import (
    case_pb2,
    clearing_service_pb2,
    declarations_pb2,
    ex_post_pb2,
    market_power_pb2,
    report_pb2,
    rules_pb2,
    schedule_pb2,
)
from clearing.wire import declarations as declared
from clearing.wire import decode, encode, write_options

Asked = TypeVar("Asked", bound=Message)


def case(table: Case) -> case_pb2.Case:
    """A case as a message."""
    return encode.case(table)


def declarations(
    table: Declarations | declarations_pb2.Declarations | None, of: Case
) -> declarations_pb2.Declarations | None:
    """Declarations as a message; a message is left as it is."""
    return declared.write(table, of) if isinstance(table, Declarations) else table


def selection(name: str, version: str, overrides: Mapping[str, str] | None) -> rules_pb2.RuleSelection:
    """Which rules apply."""
    return rules_pb2.RuleSelection(
        name=name,
        version=version,
        overrides=[rules_pb2.RuleOverride(key=key, value=value) for key, value in (overrides or {}).items()],
    )


def under(request: Asked, rules: str, version: str, overrides: Mapping[str, str] | None) -> Asked:
    """A copy of a request under the rules named, in place of its own; '' leaves those."""
    asked: Any = type(request)()
    asked.CopyFrom(request)
    if rules:
        asked.rules.CopyFrom(selection(rules, version, overrides))
    return cast(Asked, asked)


def clear_request(
    table: Case,
    rules: str,
    version: str,
    overrides: Mapping[str, str] | None,
    options: SolveOptions | None,
    idempotency_id: str,
    output: schedule_pb2.OutputSelection | None,
    declared_: Declarations | declarations_pb2.Declarations | None = None,
    previous: Case | None = None,
    begin_at: schedule_pb2.Result | None = None,
) -> clearing_service_pb2.ClearDayAheadRequest:
    """A request to clear a day."""
    return clearing_service_pb2.ClearDayAheadRequest(
        idempotency_id=idempotency_id,
        case=case(table),
        rules=selection(rules, version, overrides),
        options=write_options.options(options or SolveOptions()),
        output=output,
        previous=None if previous is None else case(previous),
        declarations=declarations(declared_, table),
        begin_at=begin_at,
    )


def check_request(
    table: Case,
    rules: str,
    version: str,
    overrides: Mapping[str, str] | None,
    given: ClearingResult | schedule_pb2.Result | None,
    declared_: Declarations | declarations_pb2.Declarations | None,
    costs: market_power_pb2.ApprovedCosts | None,
    mitigate: bool,
    options: SolveOptions | None,
    benchmarks: market_power_pb2.Benchmarks | None = None,
) -> clearing_service_pb2.CheckMarketPowerRequest:
    """A request to check market power."""
    return clearing_service_pb2.CheckMarketPowerRequest(
        case=case(table),
        rules=selection(rules, version, overrides),
        result=None if given is None else result(table, given, rules, version, overrides),
        declarations=declarations(declared_, table),
        approved_costs=costs,
        mitigate=mitigate,
        options=write_options.options(options or SolveOptions()),
        benchmarks=benchmarks,
    )


def real_time_request(
    table: Case,
    rules: str,
    version: str,
    overrides: Mapping[str, str] | None,
    options: SolveOptions | None,
    idempotency_id: str,
    output: schedule_pb2.OutputSelection | None,
    binding_periods: int,
    previous: Case | None = None,
) -> clearing_service_pb2.ClearRealTimeRequest:
    """A request to clear an interval."""
    return clearing_service_pb2.ClearRealTimeRequest(
        idempotency_id=idempotency_id,
        case=case(table),
        rules=selection(rules, version, overrides),
        options=write_options.options(options or SolveOptions()),
        output=output,
        binding_periods=binding_periods,
        previous=None if previous is None else case(previous),
    )


def price_request(
    table: Case,
    rules: str,
    version: str,
    overrides: Mapping[str, str] | None,
    metered: ex_post_pb2.Metered,
    published: ClearingResult | Floats,
    near_per_mwh: float | None,
    output: schedule_pb2.OutputSelection | None,
) -> clearing_service_pb2.CheckPricesRequest:
    """A request to check prices ex post. Raises ValueError where the result has no prices."""
    if isinstance(published, ClearingResult):
        if published.prices is None:
            raise ValueError("the result has no prices")
        published = published.prices.bus_price[:, 0]
    return clearing_service_pb2.CheckPricesRequest(
        case=case(table),
        rules=selection(rules, version, overrides),
        metered=metered,
        published_per_mwh=published.tolist(),
        near_per_mwh=near_per_mwh,
        output=output,
    )


def result(
    of: Case,
    table: ClearingResult | schedule_pb2.Result,
    rules: str,
    version: str,
    overrides: Mapping[str, str] | None,
) -> schedule_pb2.Result:
    """A result as a message; a message is left as it is."""
    if isinstance(table, schedule_pb2.Result):
        return table
    return encode.result(of, load(rules, version, overrides), table)


def read_answer(asked: Request, response: Response, of: Case) -> Answer:
    """The answer over the tables of the case; raises ClearingError when it does not fit them."""
    table, findings = decode.result(response.result, of)
    if table is None:
        first = findings[0]
        raise ClearingError(
            f"the answer does not fit the case: {first.path}: {first.message}", response.run_info.request_id
        )
    commitment = table.schedule.on if table.schedule is not None else _commitment(response.result, of)
    about = run_info(response.run_info)
    return Answer(of, table, table.termination, about, commitment, tuple(findings), response, asked)


def _commitment(pb: schedule_pb2.Result, of: Case) -> Flags | None:
    """On/off of a result without a dispatch, over the units of the case; None where some unit is missing."""
    periods, row_of = of.horizon.periods, {name: row for row, name in enumerate(of.units.id)}
    on = np.full((len(row_of), periods), -1, dtype=np.int8)
    for owner in pb.owner_results:
        count = len(owner.units.id)
        if count == 0 or len(owner.units.on) not in (count, count * periods):
            continue
        rows = [row_of[name] for name in owner.units.id if name in row_of]
        if len(rows) == count:
            on[rows] = np.array(owner.units.on, dtype=np.int8).reshape(count, -1)
    return None if on.size == 0 or (on < 0).any() else on


def progress(pb: report_pb2.Progress) -> Progress:
    """Where a run is."""
    return Progress(
        stage=pb.stage,
        seconds=pb.seconds,
        incumbent=pb.incumbent if pb.HasField("incumbent") else None,
        bound=pb.bound if pb.HasField("bound") else None,
        gap=pb.gap if pb.HasField("gap") else None,
        security_round=pb.security_round,
        violations=pb.violations if pb.HasField("violations") else None,
    )


def rule_set(pb: rules_pb2.RuleSet) -> RuleSetDescription:
    """A rule set as the server describes it."""
    values = tuple(RuleValue(v.key, v.value, v.unit, v.clause, v.note) for v in pb.values)
    return RuleSetDescription(pb.name, pb.version, pb.digest, values)
