"""Requests that cannot be understood: INVALID_ARGUMENT with the right field path, and the solver never sees them.

The index in a path is the row of the table; the period of a series is told in the description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from clearing.client import errors, messages
from clearing.server.embedded import EmbeddedServer
from clearing.server.settings import Settings
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc
from tests.factory import market

Request = pb.ClearDayAheadRequest
NAN, INF = float("nan"), float("inf")


def good() -> Request:
    case = market(
        {"north": [100.0, 120.0, 90.0], "south": [50.0, 60.0, 55.0]},
        units=[
            {"id": "coal", "bus": "north", "p_min": 40, "p_max": 200, "blocks": [(100, 20), (100, 30)], "on": True,
             "mw": 100, "minutes": 600, "ramp": 5, "start": [(0, 50), (120, 90)], "owner": "a", "min_up": 60},
            {"id": "gas", "bus": "south", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 10, "no_load": 5},
        ],
        renewables=[{"id": "wind", "bus": "south", "forecast": [20.0, 30.0, 10.0]}],
        storage=[{"id": "battery", "bus": "south", "power": 10, "eta": 0.9, "energy": 20, "initial": 10}],
        ties=[{"id": "tie", "bus": "north", "mw": 5}],
        products=[{"id": "spin", "requirement": 10, "minutes": 10}],
        branches=[{"id": "line", "ends": ("north", "south"), "limit": 100}],
        interfaces=[{"id": "gate", "terms": {"line": 1.0}, "max": 80}],
    )  # fmt: skip
    return messages.clear_request(case, "generic", "", None, None, "", None)


def put(field: str, value: object, at: int | None = None) -> Callable[[Request], None]:
    """Set `field` (a path below the request), or one entry of it."""

    def change(request: Request) -> None:
        *way, name = field.split(".")
        message = request
        for step in way:
            message = getattr(message, step)
        if at is not None:
            getattr(message, name)[at] = value
        elif isinstance(value, list):
            del getattr(message, name)[:]
            getattr(message, name).extend(value)
        else:
            setattr(message, name, value)

    return change


def drop(field: str) -> Callable[[Request], None]:
    def change(request: Request) -> None:
        *way, name = field.split(".")
        message = request
        for step in way:
            message = getattr(message, step)
        message.ClearField(name)

    return change


def override(key: str, value: str) -> Callable[[Request], None]:
    def change(request: Request) -> None:
        request.rules.overrides.add(key=key, value=value)

    return change


MALFORMED: list[tuple[str, Callable[[Request], None], str]] = [
    ("nothing at all", lambda r: r.Clear(), "case.horizon"),
    ("no horizon", drop("case.horizon"), "case.horizon"),
    ("no network", drop("case.network"), "case.network.bus_id"),
    ("no such day", put("case.horizon.operating_day", "2026-02-30"), "case.horizon.operating_day"),
    ("a period of 7 minutes", put("case.horizon.period_minutes", 7), "case.horizon.period_minutes"),
    ("no period", put("case.horizon.periods", 0), "case.horizon.periods"),
    ("a million periods", put("case.horizon.periods", 1_000_000), "case.horizon.periods"),
    ("a start before the day", put("case.horizon.start_minute", -1), "case.horizon.start_minute"),
    ("p_min is not a number", put("case.units.p_min_mw", NAN, 1), "case.units.p_min_mw[1]"),
    ("p_max is infinite", put("case.units.p_max_mw", INF, 0), "case.units.p_max_mw[0]"),
    ("p_max is huge", put("case.units.p_max_mw", 1e300, 0), "case.units.p_max_mw[0]"),
    ("p_min is negative", put("case.units.p_min_mw", -1.0, 0), "case.units.p_min_mw[0]"),
    ("p_min above p_max", put("case.units.p_min_mw", 201.0, 0), "case.units.p_min_mw[0]"),
    ("a column too short", put("case.units.p_min_mw", [1.0]), "case.units.p_min_mw"),
    ("a column too long", put("case.units.initial_mw", [1.0, 2.0, 3.0]), "case.units.initial_mw"),
    ("a required column absent", drop("case.units.p_max_mw"), "case.units.p_max_mw"),
    ("an unknown bus", put("case.units.bus", "east", 1), "case.units.bus[1]"),
    ("an unknown owner", put("case.units.owner", "nobody", 0), "case.units.owner[0]"),
    ("a unit twice", put("case.units.id", "coal", 1), "case.units.id[1]"),
    ("a unit without a name", put("case.units.id", "", 1), "case.units.id[1]"),
    ("an unknown fuel", put("case.units.fuel", 99, 0), "case.units.fuel[0]"),
    ("a ramp of zero", put("case.units.ramp_up_mw_per_minute", 0.0, 0), "case.units.ramp_up_mw_per_minute[0]"),
    ("a negative ramp", put("case.units.ramp_down_mw_per_minute", -3.0, 0), "case.units.ramp_down_mw_per_minute[0]"),
    ("a negative least time on", put("case.units.min_up_minutes", -5, 0), "case.units.min_up_minutes[0]"),
    ("off but producing", put("case.units.initial_mw", 30.0, 1), "case.units.initial_mw[1]"),
    ("on at a negative output", put("case.units.initial_mw", -1.0, 0), "case.units.initial_mw[0]"),
    ("negative initial time", put("case.units.initial_minutes", -1, 0), "case.units.initial_minutes[0]"),
    ("a flag of two", put("case.units.on_min", [2, 0]), "case.units.on_min[0]"),
    ("prices that fall", put("case.units.offers.price_per_mwh", 10.0, 1), "case.units.offers.price_per_mwh[1]"),
    ("a price that is not a number", put("case.units.offers.price_per_mwh", NAN, 0),
     "case.units.offers.price_per_mwh[0]"),
    ("a price above the cap", put("case.units.offers.price_per_mwh", 1e7, 2), "case.units.offers.price_per_mwh[2]"),
    ("a negative width", put("case.units.offers.width_mw", -1.0, 0), "case.units.offers.width_mw[0]"),
    ("a curve that ends below p_max", put("case.units.offers.width_mw", 50.0, 1), "case.units.offers.width_mw[1]"),
    ("an offer of nobody", put("case.units.offers.resource", "oil", 2), "case.units.offers.resource[2]"),
    ("start states out of order", put("case.units.start_costs.after_minutes", 0, 1),
     "case.units.start_costs.after_minutes[1]"),
    ("a negative start cost", put("case.units.start_costs.cost", -1.0, 0), "case.units.start_costs.cost[0]"),
    ("a negative forecast", put("case.renewables.forecast_mw", -1.0, 1), "case.renewables.forecast_mw[0]"),
    ("least above forecast", put("case.renewables.min_mw", [25.0, 0.0, 0.0]), "case.renewables.min_mw[0]"),
    ("an efficiency above one", put("case.storage.charge_efficiency", 1.1, 0), "case.storage.charge_efficiency[0]"),
    ("an efficiency of zero", put("case.storage.discharge_efficiency", 0.0, 0),
     "case.storage.discharge_efficiency[0]"),
    ("a tie that is not a number", put("case.ties.import_mw", NAN, 0), "case.ties.import_mw[0]"),
    ("an infinite load", put("case.loads.mw", -INF, 4), "case.loads.mw[1]"),
    ("a load at no bus", put("case.loads.bus", "west", 0), "case.loads.bus[0]"),
    ("a reactance of zero", put("case.network.branch_reactance_pu", 0.0, 0), "case.network.branch_reactance_pu[0]"),
    ("a branch to nowhere", put("case.network.branch_to", "west", 0), "case.network.branch_to[0]"),
    ("a branch to itself", put("case.network.branch_to", "north", 0), "case.network.branch_to[0]"),
    ("a negative limit", put("case.network.branch_limit_mw", -1.0, 0), "case.network.branch_limit_mw[0]"),
    ("a bus twice", put("case.network.bus_id", "north", 1), "case.network.bus_id[1]"),
    ("an interface upside down", put("case.network.interface_min_mw", [90.0]), "case.network.interface_min_mw[0]"),
    ("a term of no branch", put("case.network.term_branch", "wire", 0), "case.network.term_branch[0]"),
    ("a direction unstated", put("case.reserves.direction", 0, 0), "case.reserves.direction[0]"),
    ("a negative requirement", put("case.reserves.requirement_mw", -1.0, 0), "case.reserves.requirement_mw[0]"),
    ("a commitment for nothing", put("case.commitment.on", [1, 1, 1]), "case.commitment.use"),
    ("a contingency that loses nothing", put("case.contingencies.id", ["x"]), "case.contingencies.id[0]"),
    ("unknown rules", put("rules.name", "nowhere"), "rules.name"),
    ("unknown version", put("rules.version", "0.0"), "rules.version"),
    ("an unknown rule", override("solve.gab", "1"), "rules.overrides[solve.gab]"),
    ("a rule without sense", override("solve.gap", "many"), "rules.overrides[solve.gap]"),
    ("a gap above one", put("options.gap", 1.5), "options.gap"),
    ("a budget below zero", put("options.time_limit_seconds", -1.0), "options.time_limit_seconds"),
    ("a stage that does not exist", put("options.last_stage", 9), "options.last_stage"),
    ("a budget that is not a number", put("options.time_limit_seconds", NAN), "options.time_limit_seconds"),
    ("a negative seed", put("options.seed", -1), "options.seed"),
    ("prices of an unknown bus", put("output.bus_ids", ["west"]), "output.bus_ids[0]"),
    ("results of an unknown owner", put("output.owner_ids", ["z"]), "output.owner_ids[0]"),
    ("an id of 200 bytes", put("idempotency_id", "x" * 200), "idempotency_id"),
]  # fmt: skip


@pytest.fixture(scope="module")
def guarded(_workers_find_the_tests: None) -> Iterator[clearing_service_pb2_grpc.ClearingServiceStub]:
    settings = Settings(listen="127.0.0.1:0", threads=1, log_level="error")
    with (
        EmbeddedServer(settings=settings, entry="tests.server.guarded") as server,
        grpc.insecure_channel(server.address, options=[("grpc.max_metadata_size", 1 << 18)]) as channel,
    ):
        yield clearing_service_pb2_grpc.ClearingServiceStub(channel)


def refusal(stub: clearing_service_pb2_grpc.ClearingServiceStub, request: Request) -> list[str]:
    """Field paths of the refusal."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.ClearDayAhead(request, timeout=20, metadata=(("clearing-trailer-bytes", "131072"),))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT, caught.value
    status = rpc_status.from_call(caught.value)
    assert status is not None
    bad = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(bad)
    assert all(violation.description and violation.reason for violation in bad.field_violations)
    return [violation.field for violation in bad.field_violations]


@pytest.mark.parametrize(("change", "path"), [m[1:] for m in MALFORMED], ids=[m[0] for m in MALFORMED])
def test_a_malformed_request_is_refused_with_its_field_path(
    guarded: clearing_service_pb2_grpc.ClearingServiceStub, change: Callable[[Request], None], path: str
) -> None:
    request = good()
    change(request)
    assert path in refusal(guarded, request)


def test_the_period_of_a_series_is_told(guarded: clearing_service_pb2_grpc.ClearingServiceStub) -> None:
    request = good()
    request.case.loads.mw[4] = INF  # row 1 of 3 periods
    with pytest.raises(grpc.RpcError) as caught:
        guarded.ClearDayAhead(request, timeout=20)
    finding = errors.translated(caught.value).findings[0]
    assert (finding.path, finding.subject, finding.period, finding.value) == (
        "case.loads.mw[1]",
        "load-south",
        1,
        "inf",
    )


def test_the_request_they_are_made_from_reaches_the_solver(
    guarded: clearing_service_pb2_grpc.ClearingServiceStub,
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        guarded.ClearDayAhead(good(), timeout=20)
    assert caught.value.code() is grpc.StatusCode.INTERNAL  # the guard in its place


def test_all_findings_come_at_once(guarded: clearing_service_pb2_grpc.ClearingServiceStub) -> None:
    request = good()
    wrong = [
        m for m in MALFORMED if m[2].endswith("]") and m[2].startswith(("case.storage", "case.ties", "case.loads"))
    ]
    for _, change, _ in wrong:
        change(request)
    assert {path for _, _, path in wrong} <= set(refusal(guarded, request))
