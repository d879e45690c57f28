"""The request and reply of CheckMarketPower ↔ tables."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

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
from clearing.wire.fields import within
from clearing.wire.problems import Problems

MOST_GIVEN = 1e10
"""Of a number in a given result: MW, MWh, or money per MWh. Beyond what any case can lead to."""

OF_OWNERS = {
    "renewable_mw": "renewables.mw", "charge_mw": "storage.charge_mw", "discharge_mw": "storage.discharge_mw",
    "energy_mwh": "storage.energy_mwh", "reserve_mw": "units.award_mw", "storage_reserve_mw": "storage.award_mw",
    "demand_mw": "demand_bids.mw", "virtual_mw": "virtual_plants.mw", "pump_mw": "pumped_hydro.pump_mw",
    "generate_mw": "pumped_hydro.generate_mw", "reservoir_mwh": "pumped_hydro.reservoir_mwh",
}  # fmt: skip
OF_SYSTEM = ("shed_mw", "surplus_mw", "hvdc_mw")


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
        of = replace(of, findings=(*of.findings, *findings, *([] if result is None else _beyond(result))))
    return CheckRequest(of, pb, options, result, digest.of(pb))


def _beyond(result: ClearingResult) -> list[Finding]:
    """What of a given result is no number one can compute with; rows are those of the case's tables.

    AuditSchedule tells such numbers as what is wrong with a result; here something would be made of them.
    """
    problems = Problems()
    given = [] if result.prices is None else [("public_result.prices.bus_price", result.prices.bus_price)]
    if result.schedule is not None:
        given += [(_place(field.name), getattr(result.schedule, field.name)) for field in fields(result.schedule)]
    for place, values in given:
        if values.size:
            within(problems, f"result.{place}", values.reshape(-1, values.shape[-1]), -MOST_GIVEN, MOST_GIVEN)
    return problems.findings


def _place(name: str) -> str:
    if name in OF_SYSTEM:
        return f"system_schedule.{name}"
    return f"owner_results.{OF_OWNERS.get(name, f'units.{name}')}"


def write(
    request: CheckRequest, case: Case, rules: Rules, found: MarketPower, findings: tuple[Finding, ...],
    facts: requests.RunFacts,
) -> bytes:  # fmt: skip
    """A serialised CheckMarketPowerResponse."""
    cleared = request.result is None
    pb = write_market_power.response(case, rules, found, findings, request.of.case_digest, cleared)
    pb.run_info.CopyFrom(requests.run_info(request.pb.idempotency_id, request.digest, facts))
    return pb.SerializeToString(deterministic=True)
