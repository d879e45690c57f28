"""The request and reply of CheckPrices ↔ tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult
from clearing.market_day.ex_post import NEAR_PER_MWH, Metered
from clearing.price_check import PriceCheck
from clearing.rules.rules import Rules
from clearing.solve.options import SolveOptions
from clearing.v1 import clearing_service_pb2, ex_post_pb2, schedule_pb2
from clearing.wire import digest, encode, requests
from clearing.wire.fields import within
from clearing.wire.problems import Problems
from clearing.wire.selection import check

MOST_MW = 1e7
MOST_PRICE = 1e7


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """A request to check prices. metered, published (K) are None where the case cannot be read, or they are wrong."""

    clear: requests.ClearRequest
    metered: Metered | None
    published: Floats | None
    near: float


def read(raw: bytes) -> PriceRequest:
    """Read a CheckPricesRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(clearing_service_pb2.CheckPricesRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    problems.only(pb.metered, "metered")
    requests.check_idempotency_id(pb.idempotency_id, problems)
    near = pb.near_per_mwh if pb.HasField("near_per_mwh") else NEAR_PER_MWH
    if not 0.0 <= near < float("inf"):
        problems.error("OUT_OF_RANGE", "near_per_mwh", "Out of range.", value=near, limit="≥ 0")
    of = requests.case_request(pb.case, pb.rules, problems)
    output = pb.output if pb.HasField("output") else None
    metered, published = None, None
    if of.case is not None:
        more = Problems()
        if output is not None:
            check(output, of.case, more)
        metered, published = _metered(pb.metered, of.case, more), np.array(pb.published_per_mwh, dtype=np.float64)
        _fits("published_per_mwh", published, len(of.case.network.bus_id), MOST_PRICE, more)
        if more.findings:
            metered = published = None
        of = replace(of, findings=(*of.findings, *more.findings))
    clear = requests.ClearRequest(of, SolveOptions(), output, pb.idempotency_id, digest.of(pb))
    return PriceRequest(clear, metered, published, near)


def _metered(pb: ex_post_pb2.Metered, case: Case, problems: Problems) -> Metered:
    unit = np.array(pb.unit_mw, dtype=np.float64)
    _fits("metered.unit_mw", unit, len(case.units.id), MOST_MW, problems)
    rest = {}
    for name, given, forecast in (
        ("renewable_mw", pb.renewable_mw, case.renewables.forecast_mw),
        ("load_mw", pb.load_mw, case.loads.mw),
    ):
        rest[name] = np.array(given, dtype=np.float64) if len(given) else forecast[:, 0].copy()
        _fits(f"metered.{name}", rest[name], len(forecast), MOST_MW, problems)
    return Metered(unit, rest["renewable_mw"], rest["load_mw"])


def _fits(path: str, values: Floats, count: int, most: float, problems: Problems) -> None:
    """WRONG_LENGTH, or one OUT_OF_RANGE a value that is none (NaN among them)."""
    if len(values) != count:
        problems.error("WRONG_LENGTH", path, "Wrong length.", value=len(values), limit=count)
        return
    within(problems, path, values, -most, most)


def of_metered(finding: Finding) -> Finding:
    """A finding of the period as it was metered, at the field that the value came from."""
    path = finding.path.replace("case.loads.mw", "metered.load_mw")
    return replace(finding, path=path.replace("case.renewables.forecast_mw", "metered.renewable_mw"))


def write(
    request: PriceRequest, rules: Rules, found: PriceCheck, notes: tuple[Finding, ...], facts: requests.RunFacts
) -> bytes:
    """A serialised CheckPricesResponse."""
    pb = clearing_service_pb2.CheckPricesResponse(
        differences=ex_post_pb2.PriceDifferences(
            bus_id=[d.bus for d in found.differences],
            published_per_mwh=[d.published for d in found.differences],
            again_per_mwh=[d.again for d in found.differences],
        ),
        run_info=requests.run_info(request.clear.idempotency_id, request.clear.digest, facts),
        published_mean_per_mwh=found.published_mean,
        again_mean_per_mwh=found.again_mean,
        metered=ex_post_pb2.MeteredDifferences(
            load_mw=found.load_mw, renewable_mw=found.renewable_mw, unit_id=found.units
        ),
        again=_again(request, rules, found, notes),
    )
    return pb.SerializeToString(deterministic=True)


def _again(request: PriceRequest, rules: Rules, found: PriceCheck, notes: tuple[Finding, ...]) -> schedule_pb2.Result:
    result: ClearingResult = replace(found.again, notes=(*found.again.notes, *notes))
    return encode.result(found.case, rules, result, request.clear.output, digest.of(encode.case(found.case)))
