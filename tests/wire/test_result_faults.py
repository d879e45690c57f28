"""Results that somebody else made, or changed: what cannot be put together, and what does not add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clearing.case.bound_proof import BoundProof
from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.losses import Losses
from clearing.case.price_schemes import PriceScheme, PriceSet
from clearing.case.prices import Multipliers, Prices
from clearing.case.result import Binding, BoundKind, ClearingResult, Costs, Reason, Termination, Uplift, Violation
from clearing.case.schedule import Flows, Schedule
from clearing.rules import load
from clearing.v1 import schedule_pb2
from clearing.v1.schedule_pb2 import ResultPart
from clearing.wire import decode, encode
from clearing.wire.problems import Problems
from clearing.wire.selection import check
from tests.factory import market

RULES = load.load("generic")
Change = Callable[[schedule_pb2.Result], object]


def case() -> Case:
    """Two owners, one unit that nobody owns, two buses with a line."""
    return market(
        {"a": [1.0, 2.0], "b": [3.0, 4.0]},
        units=[
            {"id": "u-red", "bus": "a", "p_max": 10.0, "owner": "red"},
            {"id": "u-blue", "bus": "b", "p_max": 10.0, "owner": "blue"},
            {"id": "u-free", "bus": "b", "p_max": 10.0},
        ],
        renewables=[{"id": "w-red", "bus": "a", "forecast": 5.0, "owner": "red"}],
        storage=[{"id": "s-blue", "bus": "b", "power": 1.0, "energy": 2.0, "owner": "blue"}],
        ties=[{"id": "t", "bus": "a", "mw": 1.0}],
        products=[{"id": "up", "requirement": 1.0}],
        branches=[{"id": "l", "ends": ("a", "b"), "limit": 5.0}],
    )


def answer() -> ClearingResult:
    """Numbers that only have to be told apart."""
    n, t = 3, 2
    flags = np.array([[1, 1], [0, 1], [0, 0]], dtype=np.int8)
    mw = np.arange(1.0, 1.0 + n * t).reshape(n, t)
    one, bus = np.full((1, t), 0.5), np.full((2, t), 7.0)
    return ClearingResult(
        termination=Termination(Reason.OPTIMAL_WITHIN_GAP, 10.0, 9.0, BoundKind.SOLVER_CLAIMED, 0.1, 1.0, 0.1, True),
        schedule=Schedule(
            on=flags,
            start=np.array([[1, 0], [0, 1], [0, 0]], dtype=np.int8),
            stop=np.zeros((n, t), dtype=np.int8),
            dispatch_mw=mw,
            renewable_mw=one,
            charge_mw=one,
            discharge_mw=0 * one,
            energy_mwh=one,
            reserve_mw=mw[None, :, :],
            shed_mw=np.array([[0.0, 0.0], [0.0, 1.5]]),
            surplus_mw=one,
        ),
        flows=Flows(np.full((1, t), 5.0), np.zeros((0, t))),
        costs=Costs(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        prices=Prices(bus, bus, 0 * bus, 0 * bus, 0 * bus, one, np.zeros((0, t)), np.zeros((0, t)), one),
        multipliers=Multipliers(("balance", "ramp_up"), ("a", "u-red"), np.array([0, 1]), np.array([7.0, -1.0])),
        bound_proof=BoundProof(8.5, Multipliers(("balance",), ("a",), np.array([1]), np.array([7.0]))),
        uplift=Uplift(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]), np.array([7.0, 8.0, 9.0])),
        bindings=(Binding("branch", "l", 1, "max", 5.0, 2.0), Binding("award_cap", "u-red|up", 0, "max", 5.0, 2.0)),
        violations=(Violation("shortage", "a", 1, 1.5, 3.0), Violation("initial_output", "u-blue", 0, 1.0, 2.0)),
        audit=(),
        audit_passed=True,
    )


def wire(
    selection: schedule_pb2.OutputSelection | None = None, table: ClearingResult | None = None
) -> schedule_pb2.Result:
    """The answer as a message."""
    return encode.result(case(), RULES, table or answer(), selection)


def owner(pb: schedule_pb2.Result, name: str) -> schedule_pb2.OwnerResult:
    """Result of one owner."""
    return next(o for o in pb.owner_results if o.owner_id == name)


BROKEN: dict[str, tuple[Change, str, str]] = {
    "an owner is missing": (lambda r: r.owner_results.pop(0), "MISSING_ROW", "result.owner_results.units.id"),
    "unknown unit": (
        lambda r: owner(r, "red").units.id.__setitem__(0, "x"),
        "UNKNOWN_ID",
        "result.owner_results[1].units.id[0]",
    ),
    "a unit of two owners": (
        lambda r: owner(r, "red").units.id.__setitem__(0, "u-blue"),
        "DUPLICATE_ID",
        "result.owner_results[1].units.id",
    ),
    "commitment of 2": (
        lambda r: owner(r, "red").units.on.__setitem__(0, 2),
        "OUT_OF_RANGE",
        "result.owner_results[1].units.on[0]",
    ),
    "short dispatch": (
        lambda r: owner(r, "red").units.dispatch_mw.extend([1.0, 2.0]),
        "WRONG_LENGTH",
        "result.owner_results[1].units.dispatch_mw",
    ),
    "no charging": (
        lambda r: owner(r, "blue").storage.ClearField("charge_mw"),
        "REQUIRED",
        "result.owner_results[0].storage.charge_mw",
    ),
    "award of nothing": (
        lambda r: owner(r, "red").units.award_product.__setitem__(0, "x"),
        "UNKNOWN_ID",
        "result.owner_results[1].units.award_product[0]",
    ),
    "shed elsewhere": (
        lambda r: r.system_schedule.shed_bus.__setitem__(0, "x"),
        "UNKNOWN_ID",
        "result.system_schedule.shed_bus[0]",
    ),
    "a bus without a price": (
        lambda r: r.public_result.prices.bus_id.__setitem__(0, "b"),
        "MISSING_ROW",
        "result.public_result.prices.bus_id",
    ),
    "a flow of nothing": (
        lambda r: r.system_schedule.flows.branch_id.__setitem__(0, "x"),
        "MISSING_ROW",
        "result.system_schedule.flows.branch_id",
    ),
    "other periods": (lambda r: setattr(r.horizon, "periods", 3), "MISMATCH", "result.horizon"),
    "other day": (lambda r: setattr(r.horizon, "operating_day", "2026-01-16"), "MISMATCH", "result.horizon"),
    "a reason of the future": (
        lambda r: setattr(r.termination, "reason", 99),
        "UNKNOWN_ENUM",
        "result.termination.reason",
    ),
    "a multiplier of nothing": (
        lambda r: r.certificate.subject.__setitem__(0, 9),
        "OUT_OF_RANGE",
        "result.certificate.subject[0]",
    ),
    "a multiplier of the bound of nothing": (
        lambda r: r.bound_certificate.family.__setitem__(0, 1),
        "OUT_OF_RANGE",
        "result.bound_certificate.family[0]",
    ),
    "a proof of no bound": (
        lambda r: setattr(r.bound_certificate, "bound", float("inf")),
        "NOT_FINITE",
        "result.bound_certificate.bound",
    ),
    "a certificate of another bound": (
        lambda r: setattr(r.certificate, "bound_kind", 4),
        "MISMATCH",
        "result.certificate.bound_kind",
    ),
    "a side that is none": (
        lambda r: r.public_result.bindings.side.__setitem__(0, 0),
        "UNKNOWN_ENUM",
        "result.public_result.bindings.side[0]",
    ),
    "a half violation": (
        lambda r: r.public_result.violations.penalty.pop(),
        "REQUIRED",
        "result.public_result.violations.penalty",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_put_together(name: str) -> None:
    change, code, path = BROKEN[name]
    pb = wire()
    change(pb)
    table, findings = decode.result(pb, case())
    assert table is None
    assert (code, path) in {(f.code, f.path) for f in findings}


SUMS = ("load_mwh", "unit_mwh", "renewable_mwh", "curtailed_mwh", "import_mwh", "shed_mwh", "surplus_mwh", "make_whole")


@pytest.mark.parametrize("name", [*SUMS, "starts", "costs.total"])
def test_a_sum_that_is_not_of_its_parts_is_a_verdict(name: str) -> None:
    pb = wire()
    assert decode.result(pb, case())[1] == []
    message, field = pb.public_result.totals, name
    if "." in name:
        message, field = pb.public_result.totals.costs, "total"  # type: ignore[assignment]
    setattr(message, field, getattr(message, field) + 1)
    table, findings = decode.result(pb, case())
    assert table is not None
    errors = {(f.code, f.path) for f in findings if f.severity == Severity.ERROR}
    assert errors == {("MISMATCH", f"result.public_result.totals.{name}")}
    assert any(f.code == "DIGEST_MISMATCH" for f in findings)


def test_a_foreign_schedule_needs_no_more_than_its_rows() -> None:
    pb = schedule_pb2.Result()
    theirs = pb.owner_results.add()
    theirs.units.id.extend(["u-free", "u-red", "u-blue"])
    theirs.units.on.extend([0, 0, 1, 1, 0, 1])
    theirs.units.dispatch_mw.extend([5.0, 6.0, 1.0, 2.0, 3.0, 4.0])
    theirs.renewables.id.append("w-red")
    theirs.renewables.mw.append(0.5)
    theirs.storage.id.append("s-blue")
    for column in (theirs.storage.charge_mw, theirs.storage.discharge_mw, theirs.storage.energy_mwh):
        column.append(0.5)
    table, findings = decode.result(pb, case())
    assert findings == []
    assert table is not None
    assert table.schedule is not None
    assert table.schedule.dispatch_mw.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert table.schedule.on.tolist() == [[1, 1], [0, 1], [0, 0]]
    assert table.schedule.start.tolist() == [[1, 0], [0, 1], [0, 0]]
    assert table.schedule.stop.tolist() == [[0, 0], [0, 0], [0, 0]]
    assert not table.schedule.shed_mw.any()
    assert table.flows is None
    assert table.prices is None


def test_a_commitment_alone_is_a_partial_result() -> None:
    pb = wire()
    for o in pb.owner_results:
        del o.units.dispatch_mw[:]
    table, findings = decode.result(pb, case())
    assert table is not None
    assert table.schedule is None
    assert "PARTIAL_RESULT" in {f.code for f in findings if f.severity == Severity.NOTE}


def texts(message: object) -> str:
    """The message as text."""
    return str(message)


def test_nobody_sees_the_results_of_others() -> None:
    pb = wire()
    red, blue, public = owner(pb, "red"), owner(pb, "blue"), pb.public_result
    for name in ("u-red", "u-blue", "u-free", "w-red", "s-blue"):
        assert name not in texts(public)
    assert "blue" not in texts(red)
    assert "red" not in texts(blue)
    assert list(red.bindings.subject) == ["u-red|up"]
    assert list(blue.violations.subject) == ["u-blue"]
    assert list(public.bindings.subject) == ["l"]
    assert [o.owner_id for o in pb.owner_results] == ["blue", "red", ""]


def test_parts_that_were_not_asked_for_do_not_come() -> None:
    pb = wire(schedule_pb2.OutputSelection(parts=[ResultPart.RESULT_PART_PUBLIC], bus_ids=["b"]))
    present = {field.name for field, _ in pb.ListFields()}
    assert present.isdisjoint({"system_schedule", "owner_results", "certificate", "bound_certificate", "audit"})
    assert list(pb.public_result.prices.bus_id) == ["b"]
    assert list(pb.public_result.prices.bus_price) == [7.0]
    table, findings = decode.result(pb, case())
    assert table is not None
    assert (table.schedule, table.prices) == (None, None)
    assert table.costs == answer().costs
    assert {f.code for f in findings} == {"PARTIAL_RESULT"}


def test_losses_come_with_the_buses_that_were_asked_for() -> None:
    buses, periods = len(case().network.bus_id), case().horizon.periods
    losses = Losses(np.arange(buses * periods).reshape(buses, periods) / 10.0, np.full((1, periods), 2.0))
    table = replace(answer(), losses=losses)
    pb = wire(schedule_pb2.OutputSelection(bus_ids=["b"]), table).public_result.losses
    assert list(pb.bus_id) == ["b"]
    row = losses.bus_factor[case().network.bus_id.index("b")].tolist()
    assert list(pb.bus_factor) in (row, row[:1])
    assert list(pb.island_mw) == [2.0]
    assert list(pb.island_surplus) == []
    whole = wire(table=table)
    whole.public_result.losses.bus_factor.append(0.5)
    assert "WRONG_LENGTH" in {f.code for f in decode.result(whole, case())[1]}


def test_one_owner_alone() -> None:
    pb = wire(schedule_pb2.OutputSelection(owner_ids=["red"]))
    assert [o.owner_id for o in pb.owner_results] == ["red"]
    table, findings = decode.result(pb, case())
    assert table is not None
    assert table.schedule is None
    assert {f.code for f in findings} == {"PARTIAL_RESULT"}


def test_parts_are_left_out_until_the_result_fits() -> None:
    many = Multipliers(("balance",) * 500, ("a",) * 500, np.zeros(500, dtype=np.int64), np.ones(500))
    table = replace(answer(), multipliers=many)
    limit = wire(table=table).ByteSize() - 100
    pb = wire(schedule_pb2.OutputSelection(max_bytes=limit), table)
    assert pb.ByteSize() <= limit
    assert not pb.HasField("certificate")
    assert not pb.HasField("bound_certificate")
    assert pb.HasField("system_schedule")
    assert [n.path for n in pb.notes] == ["result.certificate"]
    small = wire(schedule_pb2.OutputSelection(max_bytes=1))
    assert [n.path for n in small.notes] == ["result.certificate", "result.system_schedule", "result.owner_results"]
    assert small.HasField("public_result")
    table, _ = decode.result(small, case())
    assert table is not None
    assert table.schedule is None


def test_a_selection_of_what_does_not_exist_is_refused() -> None:
    problems = Problems()
    selection = schedule_pb2.OutputSelection(parts=[0], bus_ids=["a", "x"], owner_ids=["", "y"], max_bytes=-1)  # type: ignore[list-item]
    check(selection, case(), problems)
    found = {(f.code, f.path) for f in problems.findings}
    assert found == {
        ("UNKNOWN_ENUM", "output.parts[0]"),
        ("UNKNOWN_ID", "output.bus_ids[1]"),
        ("UNKNOWN_ID", "output.owner_ids[1]"),
        ("OUT_OF_RANGE", "output.max_bytes"),
    }


def test_an_answer_without_a_schedule() -> None:
    bare = replace(
        ClearingResult(answer().termination),
        termination=replace(answer().termination, objective=None, bound=None, gap=None, absolute_gap=None),
    )
    pb = encode.result(case(), RULES, bare)
    assert decode.result(pb, case()) == (bare, [])


def test_a_price_set_says_what_it_is_and_is_the_operators() -> None:
    bus, three = np.full((2, 2), 7.0), np.arange(3.0)
    one = PriceSet(PriceScheme.ELMP, bus, np.full((1, 2), 0.5), three, three, three, three, three, 1.0, 2.0)
    table = replace(answer(), price_sets=(one,))
    without = wire(schedule_pb2.OutputSelection(parts=[ResultPart.RESULT_PART_PUBLIC]), table)
    assert not without.price_sets
    pb = wire(None, table)
    assert pb.price_sets[0].unit_id == list(case().units.id)
    pb.price_sets[0].scheme = 9
    pb.price_sets[0].cost.append(1.0)
    codes = {f.code for f in decode.result(pb, case())[1]}
    assert "UNKNOWN_ENUM" in codes
    assert len(codes) > 1
