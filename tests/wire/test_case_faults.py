"""Every malformed case is refused with the right code and field path, all faults at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clearing.case.finding import Severity
from clearing.v1 import case_pb2, entry_pb2, network_pb2, reserves_pb2, units_pb2
from clearing.wire import decode, encode
from clearing.wire.problems import MOST_PER_COLUMN
from tests.factory import market

windows = network_pb2.BranchWindows
Change = Callable[[case_pb2.Case], object]


def good() -> case_pb2.Case:
    """Two periods and two or so rows in every table."""
    return encode.case(
        market(
            {"a": [1.0, 2.0], "b": [3.0, 4.0]},
            units=[
                {"id": "g1", "bus": "a", "p_max": 10.0, "owner": "o", "plant": "p", "fixed": {1: 3.0}},
                {"id": "g2", "bus": "b", "p_max": [10.0, 9.0]},
            ],
            renewables=[{"id": "w", "bus": "a", "forecast": 5.0}],
            storage=[{"id": "s", "bus": "b", "power": 1.0, "energy": 2.0}],
            ties=[{"id": "t", "bus": "a", "mw": 1.0}],
            products=[{"id": "up", "requirement": [1.0, 2.0], "buses": ["a"]}],
            zones={"a": "z"},
            branches=[{"id": "l", "ends": ("a", "b"), "limit": 5.0}],
            interfaces=[{"id": "cut", "terms": {"l": 1.0}, "max": 5.0}],
            positive_min_mw=[1.0, 2.0],
        )
    )


def span(**columns: object) -> entry_pb2.MarketEntry:
    """One row of entry with columns changed."""
    good_: dict[str, object] = {"resource": ["g1"], "channel": [1], "first_day": ["2026-01-01"], **columns}
    return entry_pb2.MarketEntry(**good_)  # type: ignore[arg-type]


def replace(column: object, values: list[object]) -> None:
    """Set a repeated field."""
    column[:] = values  # type: ignore[index]


FORMED: dict[str, tuple[Change, str, str]] = {
    "unknown bus": (lambda c: replace(c.units.bus, ["a", "x"]), "UNKNOWN_ID", "case.units.bus[1]"),
    "empty bus": (lambda c: replace(c.units.bus, ["", "b"]), "UNKNOWN_ID", "case.units.bus[0]"),
    "unknown owner": (lambda c: replace(c.units.owner, ["o", "q"]), "UNKNOWN_ID", "case.units.owner[1]"),
    "unknown plant": (lambda c: replace(c.renewables.plant, ["q"]), "UNKNOWN_ID", "case.renewables.plant[0]"),
    "unknown zone": (lambda c: replace(c.network.bus_zone, ["z", "y"]), "UNKNOWN_ID", "case.network.bus_zone[1]"),
    "unknown from": (lambda c: replace(c.network.branch_from, ["x"]), "UNKNOWN_ID", "case.network.branch_from[0]"),
    "unknown to": (lambda c: replace(c.network.branch_to, ["x"]), "UNKNOWN_ID", "case.network.branch_to[0]"),
    "unknown term": (lambda c: replace(c.network.term_branch, ["x"]), "UNKNOWN_ID", "case.network.term_branch[0]"),
    "unknown cut": (
        lambda c: replace(c.network.term_interface, ["x"]),
        "UNKNOWN_ID",
        "case.network.term_interface[0]",
    ),
    "unknown tie bus": (lambda c: replace(c.ties.bus, ["x"]), "UNKNOWN_ID", "case.ties.bus[0]"),
    "unknown load bus": (lambda c: replace(c.loads.bus, ["a", "x"]), "UNKNOWN_ID", "case.loads.bus[1]"),
    "unknown store bus": (lambda c: replace(c.storage.bus, ["x"]), "UNKNOWN_ID", "case.storage.bus[0]"),
    "unknown fixed": (lambda c: replace(c.units.fixed_unit, ["x"]), "UNKNOWN_ID", "case.units.fixed_unit[0]"),
    "unknown offer": (
        lambda c: replace(c.units.offers.resource, ["g1", "w"]),
        "UNKNOWN_ID",
        "case.units.offers.resource[1]",
    ),
    "unknown starter": (
        lambda c: replace(c.units.start_costs.unit, ["x", "g2"]),
        "UNKNOWN_ID",
        "case.units.start_costs.unit[0]",
    ),
    "unknown cover": (lambda c: replace(c.reserves.cover_bus, ["x"]), "UNKNOWN_ID", "case.reserves.cover_bus[0]"),
    "unknown product": (
        lambda c: replace(c.reserves.cover_product, ["x"]),
        "UNKNOWN_ID",
        "case.reserves.cover_product[0]",
    ),
    "covered twice": (
        lambda c: replace(c.reserves.covers_every_bus, [True]),
        "CONTRADICTION",
        "case.reserves.cover_product[0]",
    ),
    "duplicate unit": (lambda c: replace(c.units.id, ["g1", "g1"]), "DUPLICATE_ID", "case.units.id[1]"),
    "duplicate bus": (lambda c: replace(c.network.bus_id, ["a", "a"]), "DUPLICATE_ID", "case.network.bus_id[1]"),
    "duplicate owner": (
        lambda c: c.participants.owner_id.append("o"),
        "DUPLICATE_ID",
        "case.participants.owner_id[1]",
    ),
    "empty id": (lambda c: replace(c.storage.id, [""]), "EMPTY_ID", "case.storage.id[0]"),
    "long id": (lambda c: replace(c.ties.id, ["长" * 43]), "ID_TOO_LONG", "case.ties.id[0]"),
    "fuel": (lambda c: replace(c.units.fuel, [1, 99]), "UNKNOWN_ENUM", "case.units.fuel[1]"),
    "direction": (lambda c: replace(c.reserves.direction, [0]), "UNKNOWN_ENUM", "case.reserves.direction[0]"),
    "start state": (
        lambda c: replace(c.units.start_costs.state, [1, 9]),
        "UNKNOWN_ENUM",
        "case.units.start_costs.state[1]",
    ),
    "must run": (lambda c: replace(c.units.on_min, [0, 2]), "OUT_OF_RANGE", "case.units.on_min[1]"),
    "must off": (lambda c: replace(c.units.on_max, [0, 1, -1, 1]), "OUT_OF_RANGE", "case.units.on_max[1]"),
    "fixed period": (lambda c: replace(c.units.fixed_period, [2]), "OUT_OF_RANGE", "case.units.fixed_period[0]"),
    "start minute": (
        lambda c: setattr(c.horizon, "start_minute", -1),
        "OUT_OF_RANGE",
        "case.horizon.start_minute",
    ),
    "commitment use": (lambda c: c.commitment.on.extend([0, 1]), "UNKNOWN_ENUM", "case.commitment.use"),
    "basis": (lambda c: setattr(c.units, "mw_basis", 7), "UNKNOWN_ENUM", "case.units.mw_basis"),
    "rating": (lambda c: c.units.rated_mw.append(300.0), "UNSUPPORTED_FIELD", "case.units.rated_mw"),
    "auxiliary": (lambda c: c.units.auxiliary_rate.extend([0.1, 1.0]), "OUT_OF_RANGE", "case.units.auxiliary_rate[1]"),
    "heat": (lambda c: c.units.heat_min_mw.extend([0.0, 9.5]), "HEAT_MIN_ABOVE_P_MAX", "case.units.heat_min_mw[1]"),
    "heat below 0": (
        lambda c: c.units.heat_min_mw.extend([-1.0, 0.0]),
        "OUT_OF_RANGE",
        "case.units.heat_min_mw[0]",
    ),
    "ineligible": (
        lambda c: c.units.MergeFrom(units_pb2.Units(price_ineligible_unit=["x"], price_ineligible_period=[0])),
        "UNKNOWN_ID",
        "case.units.price_ineligible_unit[0]",
    ),
    "ineligible period": (
        lambda c: c.units.MergeFrom(units_pb2.Units(price_ineligible_unit=["g1"], price_ineligible_period=[2])),
        "OUT_OF_RANGE",
        "case.units.price_ineligible_period[0]",
    ),
    "limited plant": (lambda c: c.plant_limits.plant.append("x"), "UNKNOWN_ID", "case.plant_limits.plant[0]"),
    "member": (
        lambda c: c.unit_groups.MergeFrom(units_pb2.UnitGroups(id=["G"], member_group=["G"], member_unit=["no"])),
        "UNKNOWN_ID",
        "case.unit_groups.member_unit[0]",
    ),
    "window": (
        lambda c: c.energy_windows.MergeFrom(units_pb2.EnergyWindows(unit=["g"], first_period=[0], last_period=[99])),
        "OUT_OF_RANGE",
        "case.energy_windows.last_period[0]",
    ),
    "kind": (lambda c: replace(c.reserves.kind, [7]), "UNKNOWN_ENUM", "case.reserves.kind[0]"),
    "storage of an award": (
        lambda c: c.reserves.MergeFrom(
            reserves_pb2.Reserves(storage_product=[c.reserves.product_id[0]], storage=["no"], storage_max_mw=[1.0])
        ),
        "UNKNOWN_ID",
        "case.reserves.storage[0]",
    ),
    "outage": (
        lambda c: c.network.branch_outages.MergeFrom(windows(branch=["no"], first_period=[0], last_period=[0])),
        "UNKNOWN_ID",
        "case.network.branch_outages.branch[0]",
    ),
    "end of an outage": (
        lambda c: c.network.branch_outages.MergeFrom(windows(branch=["l"], first_period=[0], last_period=[99])),
        "OUT_OF_RANGE",
        "case.network.branch_outages.last_period[0]",
    ),
    "limit of an outage": (
        lambda c: c.network.branch_outages.MergeFrom(
            windows(branch=["l"], first_period=[0], last_period=[0], emergency_limit_mw=[5.0])
        ),
        "OUTAGE_WITH_LIMIT",
        "case.network.branch_outages.emergency_limit_mw",
    ),
    "outage element": (
        lambda c: c.contingencies.MergeFrom(
            network_pb2.Contingencies(id=["h"], outage_contingency=["h"], outage_kind=[2], outage_element=["l"])
        ),
        "UNKNOWN_ID",
        "case.contingencies.outage_element[0]",
    ),
    "outage kind": (
        lambda c: c.contingencies.MergeFrom(
            network_pb2.Contingencies(id=["h"], outage_contingency=["h"], outage_kind=[0], outage_element=["l"])
        ),
        "UNKNOWN_ENUM",
        "case.contingencies.outage_kind[0]",
    ),
    "outage of nothing": (
        lambda c: c.contingencies.MergeFrom(
            network_pb2.Contingencies(outage_contingency=["h"], outage_kind=[1], outage_element=["l"])
        ),
        "UNKNOWN_ID",
        "case.contingencies.outage_contingency[0]",
    ),
    "exemption": (
        lambda c: c.contingencies.MergeFrom(
            network_pb2.Contingencies(id=["h"], exempt_contingency=["h"], exempt_branch=["no"])
        ),
        "UNKNOWN_ID",
        "case.contingencies.exempt_branch[0]",
    ),
    "monitored interface": (
        lambda c: c.contingencies.monitored_interface.append("no"),
        "UNKNOWN_ID",
        "case.contingencies.monitored_interface[0]",
    ),
    "entry of nobody": (lambda c: c.entry.MergeFrom(span(resource=[""])), "EMPTY_ID", "case.entry.resource[0]"),
    "entry by no channel": (lambda c: c.entry.MergeFrom(span(channel=[0])), "UNKNOWN_ENUM", "case.entry.channel[0]"),
    "entry from no day": (lambda c: c.entry.MergeFrom(span(first_day=[""])), "BAD_DATE", "case.entry.first_day[0]"),
    "entry to no day": (lambda c: c.entry.MergeFrom(span(last_day=["soon"])), "BAD_DATE", "case.entry.last_day[0]"),
    "unknown aggregate": (lambda c: c.entry.MergeFrom(span(aggregate=["no"])), "UNKNOWN_ID", "case.entry.aggregate[0]"),
    "unknown bus of entry": (lambda c: c.entry.MergeFrom(span(bus=["no"])), "UNKNOWN_ID", "case.entry.bus[0]"),
    "unknown field": (lambda c: c.units.MergeFromString(b"\xf8\x7f\x01"), "UNKNOWN_FIELD", "case.units"),
}

UNFORMED: dict[str, tuple[Change, str, str]] = {
    "most starts": (lambda c: c.units.max_starts.append(1), "WRONG_LENGTH", "case.units.max_starts"),
    "lead times": (
        lambda c: c.units.start_costs.lead_minutes.append(1),
        "WRONG_LENGTH",
        "case.units.start_costs.lead_minutes",
    ),
    "no horizon": (lambda c: c.ClearField("horizon"), "REQUIRED", "case.horizon"),
    "no day": (lambda c: setattr(c.horizon, "operating_day", ""), "BAD_DATE", "case.horizon.operating_day"),
    "no such day": (
        lambda c: setattr(c.horizon, "operating_day", "2026-02-30"),
        "BAD_DATE",
        "case.horizon.operating_day",
    ),
    "odd period": (lambda c: setattr(c.horizon, "period_minutes", 7), "OUT_OF_RANGE", "case.horizon.period_minutes"),
    "no period": (lambda c: setattr(c.horizon, "periods", 0), "OUT_OF_RANGE", "case.horizon.periods"),
    "too many periods": (lambda c: setattr(c.horizon, "periods", 10_001), "OUT_OF_RANGE", "case.horizon.periods"),
    "no bus": (lambda c: c.ClearField("network"), "REQUIRED", "case.network.bus_id"),
    "short column": (lambda c: c.units.bus.pop(), "WRONG_LENGTH", "case.units.bus"),
    "absent column": (lambda c: c.units.ClearField("initial_mw"), "REQUIRED", "case.units.initial_mw"),
    "absent series": (lambda c: c.units.ClearField("p_max_mw"), "REQUIRED", "case.units.p_max_mw"),
    "short rates": (lambda c: c.units.auxiliary_rate.append(0.1), "WRONG_LENGTH", "case.units.auxiliary_rate"),
    "absent bus": (lambda c: c.storage.ClearField("bus"), "REQUIRED", "case.storage.bus"),
    "short series": (lambda c: c.units.p_max_mw.pop(), "WRONG_LENGTH", "case.units.p_max_mw"),
    "long series": (lambda c: c.loads.mw.append(1.0), "WRONG_LENGTH", "case.loads.mw"),
    "long flags": (lambda c: c.units.on_min.append(1), "WRONG_LENGTH", "case.units.on_min"),
    "column without rows": (lambda c: c.ties.ClearField("id"), "WRONG_LENGTH", "case.ties.bus"),
    "long matrix": (lambda c: c.reserves.unit_max_mw.extend([1, 2]), "WRONG_LENGTH", "case.reserves.unit_max_mw"),
    "long system": (
        lambda c: c.reserves.positive_min_mw.append(1),
        "WRONG_LENGTH",
        "case.reserves.positive_min_mw",
    ),
    "offer width": (lambda c: c.units.offers.width_mw.pop(), "WRONG_LENGTH", "case.units.offers.width_mw"),
    "cover table": (lambda c: c.reserves.cover_bus.append("b"), "WRONG_LENGTH", "case.reserves.cover_bus"),
    "commitment": (lambda c: c.commitment.on.append(1), "WRONG_LENGTH", "case.commitment.on"),
    "limit of a window": (
        lambda c: c.network.branch_limit_windows.MergeFrom(windows(branch=["l"], first_period=[0], last_period=[0])),
        "REQUIRED",
        "case.network.branch_limit_windows.limit_mw",
    ),
    "end of a window": (
        lambda c: c.network.branch_outages.branch.append("l"),
        "REQUIRED",
        "case.network.branch_outages.first_period",
    ),
    "weight": (
        lambda c: c.network.bus_reference_weight.extend([1.0] * 9),
        "WRONG_LENGTH",
        "case.network.bus_reference_weight",
    ),
    "loss factor": (
        lambda c: c.network.bus_loss_factor.extend([1.0] * 9),
        "WRONG_LENGTH",
        "case.network.bus_loss_factor",
    ),
}


def test_the_good_case_is_good() -> None:
    table, findings = decode.case(good())
    assert table is not None
    assert findings == []


@pytest.mark.parametrize("name", FORMED)
def test_a_fault_within_formed_tables(name: str) -> None:
    change, code, path = FORMED[name]
    pb = good()
    change(pb)
    table, findings = decode.case(pb)
    assert table is not None
    assert (code, path) in {(f.code, f.path) for f in findings}
    assert all(f.severity == Severity.ERROR for f in findings)


@pytest.mark.parametrize("name", UNFORMED)
def test_a_fault_that_leaves_no_tables(name: str) -> None:
    change, code, path = UNFORMED[name]
    pb = good()
    change(pb)
    table, findings = decode.case(pb)
    assert table is None
    assert (code, path) in {(f.code, f.path) for f in findings}


def test_all_faults_come_at_once() -> None:
    pb = good()
    wanted = set()
    for name in ("unknown owner", "duplicate bus", "fuel", "must run", "basis", "unknown fixed"):
        FORMED[name][0](pb)
        wanted.add(FORMED[name][1:])
    for name in ("short series", "no day", "long matrix", "absent bus"):
        UNFORMED[name][0](pb)
        wanted.add(UNFORMED[name][1:])
    _, findings = decode.case(pb)
    assert wanted <= {(f.code, f.path) for f in findings}


def test_a_million_faults_are_counted_not_listed() -> None:
    pb = good()
    pb.units.offers.resource[:] = ["nobody"] * 1000
    _, findings = decode.case(pb)
    found = [f for f in findings if f.code == "UNKNOWN_ID"]
    assert len(found) == MOST_PER_COLUMN
    assert "900 more" in found[-1].message


def test_small_messages_that_would_fill_the_memory_are_refused() -> None:
    pb = good()
    pb.horizon.periods = 10_000
    pb.loads.id[:] = [str(k) for k in range(20_000)]
    pb.reserves.product_id[:] = [f"r{k}" for k in range(60_000)]
    pb.network.bus_id.extend(f"b{k}" for k in range(9_000))
    table, findings = decode.case(pb)
    assert table is None
    assert {"case.loads.id", "case.reserves.product_id"} <= {f.path for f in findings if f.code == "TOO_LARGE"}


def test_absent_columns_stand_for_their_documented_defaults() -> None:
    pb = good()
    for name in ("fuel", "owner", "plant", "ramp_up_mw_per_minute", "startup_limit_mw", "on_min", "on_max"):
        pb.units.ClearField(name)  # type: ignore[arg-type]
    pb.units.ClearField("price_eligible")
    pb.network.ClearField("branch_emergency_limit_mw")
    pb.network.ClearField("interface_min_mw")
    pb.storage.ClearField("final_energy_max_mwh")
    pb.reserves.ClearField("unit_max_mw")
    pb.reserves.ClearField("positive_min_mw")
    pb.units.mw_basis = 1  # type: ignore[assignment]
    table, findings = decode.case(pb)
    assert findings == []
    assert table is not None
    assert table.units.owner.tolist() == [-1, -1]
    assert table.units.ramp_up_mw_per_minute.tolist() == [float("inf")] * 2
    assert table.units.on_min.tolist() == [[0, 0], [0, 0]]
    assert table.units.on_max.tolist() == [[1, 1], [1, 1]]
    assert table.units.price_eligible.tolist() == [True, True]
    assert table.network.branch_emergency_limit_mw.tolist() == [5.0]
    assert table.network.interface_min_mw.tolist() == [[-float("inf")] * 2]
    assert table.storage.final_energy_max_mwh.tolist() == [2.0]
    assert table.reserves.unit_max_mw.tolist() == [[float("inf")] * 2]
    assert table.reserves.positive_min_mw is None


def test_tables_cannot_be_changed() -> None:
    table, _ = decode.case(good())
    assert table is not None
    for array in (table.units.p_max_mw, table.units.bus, table.reserves.covers_bus, table.reserves.positive_min_mw):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
