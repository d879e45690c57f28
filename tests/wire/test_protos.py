"""The protos keep their promises: fresh code, linted, every field a contract, no map, enums as in the tables."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from enum import IntEnum
from itertools import pairwise
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FileDescriptor

from clearing.admission import entry_orders, entry_tables, position_tables
from clearing.case.case import CommitmentUse
from clearing.case.entry import EntryChannel
from clearing.case.explanations import ReliefAction, UnitReason
from clearing.case.finding import Severity
from clearing.case.reserves import Direction
from clearing.case.result import BoundKind, Reason
from clearing.case.units import Fuel, StartState
from clearing.settlement.accounts import Account, Addressee, Basis, ContractRecovery
from clearing.v1 import (
    admission_service_pb2,
    bids_pb2,
    case_pb2,
    clearing_service_pb2,
    declarations_pb2,
    entry_pb2,
    ex_post_pb2,
    explanation_pb2,
    market_power_pb2,
    network_pb2,
    positions_pb2,
    price_limits_pb2,
    prices_pb2,
    report_pb2,
    reserves_pb2,
    rules_pb2,
    schedule_pb2,
    settlement_pb2,
    settlement_service_pb2,
    storage_pb2,
    substitution_metering_pb2,
    substitution_pb2,
    substitution_service_pb2,
    units_pb2,
)
from clearing.wire import read_case, read_network, read_reserves, read_resources

ROOT = Path(__file__).resolve().parents[2]
FILES: tuple[FileDescriptor, ...] = tuple(
    module.DESCRIPTOR
    for module in (
        admission_service_pb2,
        bids_pb2,
        case_pb2,
        clearing_service_pb2,
        declarations_pb2,
        entry_pb2,
        ex_post_pb2,
        explanation_pb2,
        market_power_pb2,
        network_pb2,
        positions_pb2,
        price_limits_pb2,
        prices_pb2,
        report_pb2,
        reserves_pb2,
        rules_pb2,
        schedule_pb2,
        settlement_pb2,
        settlement_service_pb2,
        storage_pb2,
        substitution_metering_pb2,
        substitution_pb2,
        substitution_service_pb2,
        units_pb2,
    )
)
MESSAGES: list[Descriptor] = [m for f in FILES for m in f.message_types_by_name.values()]


def test_every_proto_is_looked_at() -> None:
    names = {Path(f.name).name for f in FILES}
    assert names == {p.name for p in (ROOT / "proto/clearing/v1").glob("*.proto")}


def test_generated_code_is_fresh() -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is part of the dev extra")
    run = subprocess.run(
        [sys.executable, str(ROOT / "proto/generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_buf_lint_is_clean() -> None:
    buf = shutil.which("buf", path=str(Path(sys.executable).parent)) or shutil.which("buf")
    if buf is None:
        pytest.skip("buf is part of the dev extra")
    run = subprocess.run([buf, "lint"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_message_has_a_map() -> None:
    for message in MESSAGES:
        assert not message.nested_types, f"{message.full_name} has a map or a nested message"


@pytest.mark.parametrize("path", sorted((ROOT / "proto/clearing/v1").glob("*.proto")), ids=lambda p: p.name)
def test_every_field_and_message_is_commented(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    field = re.compile(
        r"^\s+((optional|repeated) )?[\w.]+ \w+ = \d+;"
        r"|^\s+[A-Z][A-Z_0-9]+ = [1-9]\d*;"
        r"|^message \w+(?<!Request)(?<!Response) "
        r"|^enum "
    )
    bare = [line for before, line in pairwise(lines) if field.match(line) and not before.strip().startswith("//")]
    assert bare == []


@pytest.mark.parametrize(
    ("table", "wire", "prefix"),
    [
        (Severity, report_pb2.Severity, "SEVERITY_"),
        (Reason, report_pb2.TerminationReason, "TERMINATION_REASON_"),
        (BoundKind, report_pb2.BoundKind, "BOUND_KIND_"),
        (Fuel, units_pb2.Fuel, "FUEL_"),
        (StartState, units_pb2.StartState, "START_STATE_"),
        (Direction, reserves_pb2.Direction, "DIRECTION_"),
        (CommitmentUse, case_pb2.CommitmentUse, "COMMITMENT_USE_"),
        (UnitReason, explanation_pb2.UnitReason, "UNIT_REASON_"),
        (ReliefAction, explanation_pb2.ReliefAction, "RELIEF_ACTION_"),
        (Account, settlement_pb2.SettlementAccount, "SETTLEMENT_ACCOUNT_"),
        (Addressee, settlement_pb2.AddresseeKind, "ADDRESSEE_KIND_"),
        (ContractRecovery, settlement_pb2.ContractRecovery, "CONTRACT_RECOVERY_"),
        (Basis, settlement_pb2.ChargeBasis, "CHARGE_BASIS_"),
        (position_tables.Side, positions_pb2.PositionSide, "POSITION_SIDE_"),
        (position_tables.Channel, positions_pb2.OrderChannel, "ORDER_CHANNEL_"),
        (position_tables.Direction, positions_pb2.OrderDirection, "ORDER_DIRECTION_"),
        (position_tables.DayKind, positions_pb2.DayKind, "DAY_KIND_"),
        (EntryChannel, entry_pb2.EntryChannel, "ENTRY_CHANNEL_"),
        (entry_tables.EntryState, entry_pb2.EntryState, "ENTRY_STATE_"),
        (entry_tables.EntryKind, entry_pb2.EntryKind, "ENTRY_KIND_"),
        (entry_tables.Answer, entry_pb2.EntryAnswer, "ENTRY_ANSWER_"),
        (entry_tables.FeedIn, entry_pb2.EntryFeedIn, "ENTRY_FEED_IN_"),
        (entry_tables.Subsidy, entry_pb2.EntrySubsidy, "ENTRY_SUBSIDY_"),
        (entry_orders.Section, entry_pb2.EntrySection, "ENTRY_SECTION_"),
        (entry_orders.OrderState, entry_pb2.WorkOrderState, "WORK_ORDER_STATE_"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_enums_have_the_names_and_numbers_of_the_tables(table: type[IntEnum], wire: object, prefix: str) -> None:
    assert {prefix + kind.name: kind.value for kind in table} == dict(wire.items())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("understood", "message"),
    [
        (read_case._UNDERSTOOD, case_pb2.Case),
        (read_network._UNDERSTOOD, network_pb2.Network),
        (read_resources._UNITS, units_pb2.Units),
        (read_resources._START_COSTS, units_pb2.StartCosts),
        (read_resources._STORAGE, storage_pb2.Storage),
        (read_reserves._UNDERSTOOD, reserves_pb2.Reserves),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_called_understood_exists(understood: frozenset[str], message: type) -> None:
    assert understood <= set(message.DESCRIPTOR.fields_by_name)  # type: ignore[attr-defined]
