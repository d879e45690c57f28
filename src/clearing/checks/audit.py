"""The audit of a result, a table of contents: feasibility, cost, bound, prices, and what the result says of itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.give_way import give_way
from clearing.case.result import ClearingResult, Costs
from clearing.case.schedule import Schedule
from clearing.case.violation_units import DATA
from clearing.checks.bids import firm_load
from clearing.checks.bindings import bindings
from clearing.checks.bound import bound
from clearing.checks.certificate import at_penalty, certificate, complementarity, signs
from clearing.checks.electrical import electrical
from clearing.checks.facts import Facts, plain_facts, with_named
from clearing.checks.feasibility import feasibility
from clearing.checks.finding import note, over, tolerance
from clearing.checks.given_way import given_way
from clearing.checks.listed import violations
from clearing.checks.losses import stated
from clearing.checks.objective import objective, recompute, uplift
from clearing.checks.payments import payments
from clearing.checks.price_sets import price_sets
from clearing.checks.prices import derived, parts
from clearing.checks.pricing_differs import another_dispatch
from clearing.checks.rows import rows
from clearing.checks.settlement import price_setters, settlement
from clearing.checks.shapes import (
    flow_shapes,
    loss_shapes,
    price_shapes,
    schedule_shapes,
    uplift_shapes,
    wrong_arrays,
    wrong_multipliers,
    wrong_scalars,
)
from clearing.checks.soft import Soft, soft_limits
from clearing.checks.stationarity import stationarity
from clearing.checks.termination import termination
from clearing.rules.rules import Rules, of_real_time


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The verdict: passed = no finding is an error.

    objective and costs are recomputed from the schedule; None where there is none, or its arrays cannot be read.
    """

    passed: bool
    findings: tuple[Finding, ...]
    objective: float | None
    costs: Costs | None


def audit(case: Case, rules: Rules, result: ClearingResult, known: Facts | None = None) -> AuditReport:
    """Judge anybody's result of a validated case: a schedule is needed, the rest is judged where it is there.

    Derives everything from case and rules; wrong shapes and NaN are findings. Never raises for a bad result.
    Where hard data clash, feasibility is judged against the case in which the weakest have given way, and no further.
    known: `before` of this case, these rules and this schedule, for whoever had time for it earlier.
    """
    # numbers may be huge: what overflows is beyond every tolerance, and a NaN counts as a finding
    with np.errstate(over="ignore", invalid="ignore"):
        return _judged(case, rules, result, known)


def before(case: Case, rules: Rules, schedule: Schedule) -> Facts | None:
    """What an audit needs to know of a schedule before there are prices; None where its arrays cannot be read."""
    with np.errstate(over="ignore", invalid="ignore"):
        islands = len(electrical(case.network, firm_load(case)).island_id)
        if wrong_arrays(schedule, schedule_shapes(case, islands), "schedule"):
            return None
        return plain_facts(give_way(case, rules)[0], rules, schedule)


def _judged(case: Case, rules: Rules, result: ClearingResult, known: Facts | None) -> AuditReport:
    rules = of_real_time(rules) if result.binding_periods else rules
    found = [*wrong_scalars(result), *termination(rules, result)]
    if result.schedule is None:
        found.append(note("NO_SCHEDULE", "schedule", "There is no schedule to judge."))
        return _report(found, None)
    islands = len(electrical(case.network, firm_load(case)).island_id)
    unreadable = wrong_arrays(result.schedule, schedule_shapes(case, islands), "schedule")
    if unreadable:
        return _report([*found, *unreadable], None)
    case, steps = give_way(case, rules)
    found += bound(case, rules, result)
    known = plain_facts(case, rules, result.schedule) if known is None else known
    known = with_named(known, spoken_of(result))
    soft = soft_limits(known)
    costs, allowed = recompute(known, soft)
    found += feasibility(known)
    found += violations(known, soft, tuple(v for v in result.violations if v.family not in DATA))
    found += given_way(steps, tuple(v for v in result.violations if v.family in DATA))
    found += _flows(known, result)
    found += objective(result, costs, allowed)
    found += _losses(known, result, islands)
    found += _prices(known, rules, soft, result, islands)
    return _report(found, costs)


def spoken_of(result: ClearingResult) -> frozenset[tuple[str, str]]:
    """Family and subject of everything that violations, binding limits and multipliers name."""
    found = {(v.family, v.subject) for v in result.violations} | {(b.family, b.subject) for b in result.bindings}
    if result.multipliers is not None:
        found |= set(zip(result.multipliers.family, result.multipliers.subject, strict=False))
    return frozenset(found)


def _flows(known: Facts, result: ClearingResult) -> list[Finding]:
    """Claimed flows against those of the schedule."""
    if result.flows is None:
        return []
    unreadable = wrong_arrays(result.flows, flow_shapes(known.case), "flows")
    if unreadable:
        return unreadable
    found: list[Finding] = []
    for family, ids, claim, right in (
        ("branch", known.case.network.branch_id, result.flows.branch_mw, known.branch_mw),
        ("interface", known.case.network.interface_id, result.flows.interface_mw, known.interface_mw),
    ):
        size = tolerance(right, claim)
        found += over(
            "FLOW", family, ids, np.abs(claim - right), size, "flow is not that of the schedule", claim, right
        )
    return found


def _losses(known: Facts, result: ClearingResult, islands: int) -> list[Finding]:
    """Stated losses, as far as they and the prices can be read."""
    claim, prices = result.losses, result.prices
    if claim is None:
        return []
    shapes = loss_shapes(known.case, islands)
    if claim.island_surplus is None:
        del shapes["island_surplus"]
    unreadable = wrong_arrays(claim, shapes, "losses")
    if unreadable or (prices is not None and wrong_arrays(prices, price_shapes(known.case, islands), "price")):
        return unreadable
    return stated(known, claim, prices)


def _prices(known: Facts, rules: Rules, soft: tuple[Soft, ...], result: ClearingResult, islands: int) -> list[Finding]:
    """Prices, multipliers, bindings and uplift, as far as they are there and can be read."""
    case, prices = known.case, result.prices
    unreadable = wrong_multipliers(result)
    if prices is not None:
        unreadable += wrong_arrays(prices, price_shapes(case, islands), "price")
    if result.uplift is not None:
        unreadable += wrong_arrays(result.uplift, uplift_shapes(case), "uplift")
    if unreadable:
        return unreadable
    if prices is None:
        return bindings(result.bindings, rows(known), None, at_limit=True)
    found = [*parts(known, prices), *uplift(known, result), *payments(known, result)]
    found += price_setters(known, prices, result.price_setters)
    found += price_sets(known, rules, result.price_sets)
    if result.settlement is not None:
        found += settlement(known, prices, result.settlement)
    if result.multipliers is None:
        text = "There are no multipliers: the prices are not proved by this result, only their parts are judged."
        found.append(note("PRICES_NOT_CERTIFIED", "price", text))
        return [*found, *bindings(result.bindings, rows(known), None, at_limit=not another_dispatch(known, soft))]
    proof = certificate(known, result.multipliers)
    found += [*proof.findings, *signs(known, proof), *derived(known, prices, proof.values)]
    relaxed = another_dispatch(known, soft) or at_penalty(known, prices, proof)
    if relaxed:
        text = (
            "Soft limits are broken or priced at their penalty: the pricing run has another dispatch, "
            "so optimality of the schedule at these prices is not judged."
        )
        found.append(note("PRICES_OF_RELAXED_RUN", "price", text))
    else:
        found += [*complementarity(known, proof), *stationarity(known, prices, proof.values)]
    return [*found, *bindings(result.bindings, proof.rows, proof.values, at_limit=not relaxed)]


def _report(found: list[Finding], costs: Costs | None) -> AuditReport:
    passed = not any(f.severity is Severity.ERROR for f in found)
    return AuditReport(passed, tuple(found), None if costs is None else costs.total, costs)
