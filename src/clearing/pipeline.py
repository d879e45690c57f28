"""The whole story of every RPC, in order. Requests and replies are serialised messages; runs in worker processes."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from clearing import __version__, price_check
from clearing.admit import check_entry, check_positions
from clearing.case import way
from clearing.case.case import Case
from clearing.case.declarations import nothing_declared
from clearing.case.finding import Finding, Severity
from clearing.case.kept import Judged, as_before
from clearing.case.plausible import plausible
from clearing.case.result import ClearingResult, Reason
from clearing.case.validate import validate
from clearing.checks import compensation, unit_bound
from clearing.checks.audit import audit
from clearing.day_ahead import clear, finish
from clearing.grid import warm_up as grid
from clearing.grid.solvable import unsolvable
from clearing.manifest import components, options_used
from clearing.market_check import Asked, check
from clearing.market_day.ex_post import metered_case
from clearing.market_power import structure
from clearing.market_power.benchmarks import Benchmarks
from clearing.milp.highs import SOLVER_VERSION
from clearing.price_limits import declared, deviation
from clearing.price_limits import secondary as secondary_limit
from clearing.real_time import clear_interval
from clearing.rules.load import RulesError, load, rule_sets
from clearing.rules.rules import Rules
from clearing.rules_alone import rules_alone
from clearing.settle import roll_up_statements, settle, settle_chunks
from clearing.solve import incumbent as incumbents
from clearing.solve.beside import Beside
from clearing.solve.carried import Carried
from clearing.solve.control import Progress, RunControl
from clearing.solve.decomposition import stage
from clearing.solve.options import SolveOptions
from clearing.solve.project import project
from clearing.substitution_trade import (
    clear_substitution,
    meter_substitution,
    settle_substitution_deviation,
    validate_substitution_round,
)
from clearing.wire import deviation_requests, limit_requests, market_requests, price_requests, requests
from clearing.wire.errors import InvalidRequest

Judgement = tuple[Case, Rules, tuple[Finding, ...]]
"""A valid case, its rules, and what is worth knowing about them."""

__all__ = [
    "audit_schedule",
    "charge_deviations",
    "check_entry",
    "check_market_power",
    "check_positions",
    "check_prices",
    "clear_day_ahead",
    "clear_real_time",
    "clear_substitution",
    "finish_incumbent",
    "limit_prices",
    "list_rule_sets",
    "meter_substitution",
    "new_stream",
    "roll_up_statements",
    "settle",
    "settle_chunks",
    "settle_substitution_deviation",
    "validate_case",
    "validate_substitution_round",
    "warm_up",
]


def clear_day_ahead(request: bytes, control: RunControl, request_id: str) -> bytes:
    """ClearDayAheadRequest → ClearDayAheadResponse. Raises InvalidRequest with every finding."""
    control.on_progress(Progress("decode", control.elapsed()))
    started = time.monotonic()
    read = requests.read_clear(request)
    case, rules, notes = _valid(read.of)
    decoded = time.monotonic() - started
    result = clear(case, rules, read.options, control, beginning=read.beginning)
    return _answer(read, rules, result, notes, control, request_id, decoded)


def new_stream() -> Carried:
    """What the intervals of one stream share, empty."""
    return Carried()


def clear_real_time(request: bytes, control: RunControl, request_id: str, stream: Carried | None = None) -> bytes:
    """ClearRealTimeRequest → ClearRealTimeResponse. Raises InvalidRequest with every finding.

    stream: of `new_stream`, the same one for all intervals of a stream; None = an interval by itself.
    """
    control.on_progress(Progress("decode", control.elapsed()))
    started = time.monotonic()
    read = requests.read_real_time(request)
    if stream is not None:
        read = replace(read, of=_after(read.of, stream))
    judging = Beside(lambda: _valid(read.of, None if stream is None else stream.judged))
    if stream is None or stream.case is None or read.of.case is None or _errors(read.of.findings):
        judging.result()
    decoded = time.monotonic() - started
    result = _cleared_beside(read, judging, replace(control, beside=judging), stream)
    case, rules, notes = judging.result()
    if stream is not None:
        stream.case = case
    return _answer(read, rules, result, notes, control, request_id, decoded)


def _cleared_beside(
    read: requests.ClearRequest, judging: Beside[Judgement], control: RunControl, stream: Carried | None
) -> ClearingResult:
    """The result of an interval whose case is judged while it is cleared, and none that is not found valid.

    What is wrong with the case is said before whatever came of it.
    """
    case = read.of.case
    assert case is not None
    try:
        rules = load(*read.of.rule_selection)
        return clear_interval(case, rules, read.options, control, read.binding_periods, stream)
    except Exception:
        judging.result()
        raise


def finish_incumbent(request: bytes, incumbent: bytes, control: RunControl, request_id: str, reason: Reason) -> bytes:
    """ClearDayAheadResponse for a commitment that outlived its worker: SCED, prices, audit, labelled with `reason`."""
    started = time.monotonic()
    read = requests.read_clear(request)
    case, rules, notes = _valid(read.of)
    decoded = time.monotonic() - started
    result = finish(case, rules, incumbents.from_bytes(incumbent), reason, read.options, control)
    return _answer(read, rules, result, notes, control, request_id, decoded)


def validate_case(request: bytes) -> bytes:
    """ValidateCaseRequest → ValidateCaseResponse: findings are the answer."""
    read = requests.read_validate(request)
    return requests.write_validate(_judge(read)[1], read.case_digest)


def audit_schedule(request: bytes) -> bytes:
    """AuditScheduleRequest → AuditScheduleResponse. Raises InvalidRequest where case or result cannot be read."""
    read = requests.read_audit(request)
    case, rules, _ = _valid(read.of)
    if read.result is None:
        raise InvalidRequest(read.findings)
    verdict = audit(case, rules, read.result)
    findings = (*read.findings, *verdict.findings)
    return requests.write_audit(not _errors(findings), findings, verdict.objective)


def check_market_power(request: bytes, control: RunControl, request_id: str) -> bytes:
    """CheckMarketPowerRequest → CheckMarketPowerResponse. Raises InvalidRequest with every finding."""
    control.on_progress(Progress("decode", control.elapsed()))
    started = time.monotonic()
    read = market_requests.read(request)
    rules, findings = _judge(read.of)
    costs, benchmarks = None, Benchmarks()
    if read.of.case is not None and rules is not None:
        costs, more = read.costs(read.of.case, rules)
        benchmarks, beside = read.benchmarks(rules)
        findings = (*findings, *more, *beside)
    if read.of.case is None or rules is None or costs is None or _errors(findings):
        raise InvalidRequest(findings)
    decoded = time.monotonic() - started
    asked = Asked(read.of.declared or nothing_declared(read.of.case), costs, read.mitigate, benchmarks)
    found = check(read.of.case, rules, asked, read.options, control, read.result)
    facts = _facts(request_id, control, (("decode", decoded), ("tests", found.seconds)), read.options, rules)
    return market_requests.write(read, read.of.case, rules, found, findings, facts)


def check_prices(request: bytes, control: RunControl, request_id: str) -> bytes:
    """CheckPricesRequest → CheckPricesResponse. Raises InvalidRequest with every finding."""
    control.on_progress(Progress("decode", control.elapsed()))
    started = time.monotonic()
    read = price_requests.read(request)
    case, rules, notes = _valid(read.clear.of)
    assert read.metered is not None  # else there was a finding
    assert read.published is not None
    measured = metered_case(case, read.metered)
    wrong = _errors(tuple(validate(measured, rules)))
    if wrong:
        raise InvalidRequest(tuple(price_requests.of_metered(f) for f in wrong))
    decoded = time.monotonic() - started
    found = price_check.check_prices(case, measured, rules, read.metered, read.published, read.near, control)
    stages = (("decode", decoded), *found.again.termination.seconds)
    facts = _facts(request_id, control, stages, read.clear.options, rules)
    return price_requests.write(read, rules, found, notes, facts)


def limit_prices(request: bytes) -> bytes:
    """LimitPricesRequest → LimitPricesResponse. Raises InvalidRequest with every finding."""
    read = limit_requests.read(request)
    rules = rules_alone(read)
    secondary, decimals = rules.market.secondary, rules.prices.decimals
    found = secondary_limit.apply(
        read.energy_mwh, read.price, read.in_scope(rules), read.hour, read.prices, read.state, read.month, secondary,
        decimals,
    )  # fmt: skip
    system = secondary_limit.scaled_like(read.system_price, found, secondary, decimals)
    return limit_requests.write(read, rules, found, system)


def charge_deviations(request: bytes) -> bytes:
    """ChargeDeviationsRequest → ChargeDeviationsResponse. Raises InvalidRequest with every finding."""
    read = deviation_requests.read(request)
    rules = rules_alone(read)
    charges, plans = rules.market.deviation, read.plans
    class_c = deviation.class_c_charge(read.class_c, read.auction, read.auction_mean, charges)
    by_plan = deviation.article_61(
        plans.plan_mw, plans.actual_mw, plans.exempt, plans.hours, plans.agent_price, charges
    )
    reward = deviation.regulation_reward(by_plan.sum(axis=0), read.mileage.mileage_mw)
    recovered = declared.recovery(read.declared, rules.market.settlement)
    return deviation_requests.write(read, rules, deviation_requests.Charges(class_c, by_plan, reward, recovered))


def list_rule_sets(request: bytes) -> bytes:
    """ListRuleSetsRequest → ListRuleSetsResponse."""
    del request  # it has no field
    return requests.write_rule_sets(rule_sets())


def warm_up() -> None:
    """Load what the first request would otherwise wait for: compiled kernels."""
    flags, one = np.ones((1, 2), dtype=np.int8), np.ones(1, dtype=np.int64)
    project(np.ones((1, 2)), flags, flags, one, one, np.ones(1), flags > 0)
    way.warm_up()
    grid.warm_up()
    stage.warm_up()
    unit_bound.warm_up()
    compensation.warm_up()
    structure.warm_up()


def _after(of: requests.CaseRequest, stream: Carried) -> requests.CaseRequest:
    """The next interval of a stream: what has not changed are the same objects, and it is compared with the last."""
    if of.case is None or stream.case is None:
        return of
    case = as_before(of.case, stream.case)
    return replace(of, case=case, previous=stream.case if of.previous is None else of.previous)


def _valid(of: requests.CaseRequest, judged: Judged | None = None) -> Judgement:
    """Case, rules, and what is worth knowing about them; raises InvalidRequest on any error."""
    rules, findings = _judge(of, judged)
    if of.case is None or rules is None or _errors(findings):
        raise InvalidRequest(findings)
    notes = tuple(Finding(Severity.NOTE, "READER_NOTE", "case.notes", note) for note in of.case.notes)
    return of.case, rules, (*findings, *notes)


def _judge(of: requests.CaseRequest, judged: Judged | None = None) -> tuple[Rules | None, tuple[Finding, ...]]:
    """Rules and all findings of reading and validating; what reading says of a field is not said again."""
    try:
        rules = load(*of.rule_selection)
    except RulesError as fault:
        return None, (*of.findings, *fault.findings)
    if of.case is None:
        return rules, of.findings
    known = {f.path for f in of.findings}
    found = [f for f in validate(of.case, rules, of.declared, judged) if f.path not in known]
    if not _errors((*of.findings, *found)):
        found += unsolvable(of.case)
        found += [] if of.previous is None else plausible(of.case, of.previous)
    return rules, (*of.findings, *found)


def _errors(findings: tuple[Finding, ...]) -> list[Finding]:
    return [f for f in findings if f.severity is Severity.ERROR]


def _answer(
    read: requests.ClearRequest,
    rules: Rules,
    result: ClearingResult,
    notes: tuple[Finding, ...],
    control: RunControl,
    request_id: str,
    decode_seconds: float,
) -> bytes:
    end = result.termination
    count = len(result.violations)
    control.on_progress(Progress("encode", control.elapsed(), end.objective, end.bound, end.gap, violations=count))
    started = time.monotonic()
    encoded = requests.encode_result(read, rules, replace(result, notes=(*result.notes, *notes)))
    stages = (("decode", decode_seconds), *result.termination.seconds, ("encode", time.monotonic() - started))
    return requests.write_clear(read, encoded, _facts(request_id, control, stages, read.options, rules))


def _facts(
    request_id: str,
    control: RunControl,
    stages: tuple[tuple[str, float], ...],
    options: SolveOptions,
    rules: Rules,
) -> requests.RunFacts:
    return requests.RunFacts(
        request_id=request_id,
        server_version=__version__,
        solver_version=SOLVER_VERSION,
        wall_seconds=time.monotonic() - control.started,
        stage_seconds=stages,
        threads=control.threads,
        options=options_used(options, rules, control),
        components=components(),
    )
