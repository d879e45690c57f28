"""From an accepted application to a case whose aggregate may offer."""

from __future__ import annotations

import numpy as np

from clearing import pipeline
from clearing.client import messages
from clearing.solve.control import RunControl
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1 import entry_pb2
from tests.admission.applications import AGGREGATED, judged, new_unit
from tests.factory import market


def entered(**changes: object) -> entry_pb2.MarketEntry:
    """Entries after a wind farm of 50 MW was accepted to be aggregated in A; its bus is the operator's."""
    reply = judged(new_unit(AGGREGATED, aggregate="A", accepted_day="2024-09-01", **changes))
    assert reply.valid
    reply.entry.bus.extend(["n"] * len(reply.entry.resource))
    return reply.entry


def request(entry: entry_pb2.MarketEntry) -> service.ClearDayAheadRequest:
    """15 January 2026: 60 MW of load, A with 50 MW at 100 and no factors, coal at 300."""
    case = market(
        {"n": [60.0]},
        units=[{"id": "coal", "p_max": 100, "price": 300}],
        virtual=[{"id": "A", "max": 50, "price": 100, "factors": {}}],
    )
    asked = messages.clear_request(case, "jiangsu", "", None, None, "", None)
    asked.case.entry.CopyFrom(entry)
    asked.case.entry.MergeFrom(
        entry_pb2.MarketEntry(
            resource=["coal"], channel=[1], first_day=["2024-01-01"], last_day=[""], aggregate=[""], bus=[""],
            capacity_mw=[100],
        )
    )  # fmt: skip
    return asked


def test_an_accepted_application_lets_its_aggregate_offer() -> None:
    asked = request(entered())
    raw = pipeline.clear_day_ahead(asked.SerializeToString(), RunControl(), "entry")
    result = service.ClearDayAheadResponse.FromString(raw).result
    assert result.audit.passed
    mw = [value for owner in result.owner_results for value in owner.virtual_plants.mw]
    assert np.allclose(mw, [50.0])
    assert any("by the capacity of the units in it (1)" in note.message for note in result.notes)


def test_a_promise_that_runs_out_takes_the_unit_out_again() -> None:
    """Promised until 31 January 2025, within six months of its connection: on the day of 2026 nothing is left of A."""
    promise = {"licensed": 2, "promised": 1, "promise_end": "2025-01-31"}
    asked = request(entered(**promise))
    verdict = service.ValidateCaseResponse.FromString(
        pipeline.validate_case(service.ValidateCaseRequest(case=asked.case, rules=asked.rules).SerializeToString())
    )
    assert {f.code for f in verdict.findings} >= {"AGGREGATE_WITHOUT_MEMBERS", "MEMBER_NOT_IN_FORCE"}
    assert not verdict.valid
