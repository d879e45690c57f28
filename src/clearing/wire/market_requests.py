"""The request and reply of CheckMarketPower ↔ tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clearing.case.case import Case
from clearing.case.finding import Finding
from clearing.case.result import ClearingResult
from clearing.market_check import MarketPower
from clearing.market_power.benchmarks import Benchmarks
from clearing.market_power.costs import CostTable
from clearing.rules.rules import Rules
from clearing.solve.options import LastStage, SolveOptions
from clearing.v1 import clearing_service_pb2
from clearing.wire import decode, digest, read_benchmarks, read_costs, requests, write_market_power
from clearing.wire.problems import Problems


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A request to check market power; result is None where none is given or it cannot be read (findings say so)."""

    of: requests.CaseRequest
    pb: clearing_service_pb2.CheckMarketPowerRequest
    options: SolveOptions
    result: ClearingResult | None
    digest: str

    @property
    def mitigate(self) -> bool:
        """Offers that fail are replaced."""
        return self.pb.mitigate

    def costs(self, case: Case, rules: Rules) -> tuple[CostTable | None, list[Finding]]:
        """Approved costs under the rules, and findings of their reading."""
        return read_costs.read(self.pb.approved_costs, case, rules.market.approved_cost)

    def benchmarks(self, rules: Rules) -> tuple[Benchmarks, list[Finding]]:
        """What references are made of, and findings of their reading."""
        return read_benchmarks.read(self.pb.benchmarks, rules)


def read(raw: bytes) -> CheckRequest:
    """Read a CheckMarketPowerRequest; raises InvalidRequest where it is no message, or overrides a rule twice."""
    pb = requests.parse(clearing_service_pb2.CheckMarketPowerRequest(), raw)
    problems = Problems()
    problems.only(pb, "request")
    requests.check_idempotency_id(pb.idempotency_id, problems)
    options = replace(requests.options(pb.options, problems), last_stage=LastStage.PRICES, explained=False)
    of = requests.with_declarations(requests.case_request(pb.case, pb.rules, problems), pb.declarations)
    result = None
    if of.case is not None and pb.HasField("result"):
        result, findings = decode.result(pb.result, of.case)
        of = replace(of, findings=(*of.findings, *findings))
    return CheckRequest(of, pb, options, result, digest.of(pb))


def write(
    request: CheckRequest, case: Case, rules: Rules, found: MarketPower, findings: tuple[Finding, ...],
    facts: requests.RunFacts,
) -> bytes:  # fmt: skip
    """A serialised CheckMarketPowerResponse."""
    cleared = request.result is None
    pb = write_market_power.response(case, rules, found, findings, request.of.case_digest, cleared)
    pb.run_info.CopyFrom(requests.run_info(request.pb.idempotency_id, request.digest, facts))
    return pb.SerializeToString(deterministic=True)
