"""Cases and results as files: ProtoJSON that a person can read, and the binary form.

JSON holds the messages of the protos under their proto field names; a column stands on one line. Infinity is
written as "Infinity". Faults of a file become findings, never exceptions.
"""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from clearing.case.arrays import Flags
from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.finding import Finding, Severity
from clearing.case.result import ClearingResult
from clearing.rules.rules import Rules
from clearing.v1 import (
    case_pb2,
    clearing_service_pb2,
    declarations_pb2,
    entry_pb2,
    ex_post_pb2,
    market_power_pb2,
    positions_pb2,
    schedule_pb2,
    settlement_pb2,
    substitution_metering_pb2,
    substitution_pb2,
)
from clearing.wire import declarations, decode, digest, encode
from clearing.wire.commitment import commitment_of

_DEEPEST = 40

Read = tuple[Case | None, list[Finding]]
ReadResult = tuple[ClearingResult | None, list[Finding]]


def case_to_json(case: Case) -> str:
    """The case as ProtoJSON."""
    return message_to_json(encode.case(case))


def case_from_json(text: str) -> Read:
    """The case and all findings; BAD_JSON where the text is no such message."""
    pb = case_pb2.Case()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else decode.case(pb)


def case_to_tree(case: Case) -> dict[str, Any]:
    """The case as plain lists and dictionaries, as its ProtoJSON has them."""
    return message_to_tree(encode.case(case))


def case_from_tree(tree: dict[str, Any]) -> Read:
    """The case of such a tree and all findings; BAD_JSON where it is no such message."""
    pb = case_pb2.Case()
    try:
        json_format.ParseDict(tree, pb, max_recursion_depth=_DEEPEST)
    except (json_format.ParseError, RecursionError, ValueError, TypeError) as error:
        return None, [_broken("BAD_JSON", str(error) or type(error).__name__)]
    return decode.case(pb)


def case_to_bytes(case: Case) -> bytes:
    """The case in binary form."""
    return encode.case(case).SerializeToString(deterministic=True)


def case_from_bytes(data: bytes) -> Read:
    """The case and all findings; BAD_BINARY where the bytes are no such message."""
    pb = case_pb2.Case()
    broken = message_from_bytes(data, pb)
    return (None, [broken]) if broken else decode.case(pb)


def case_of_request(data: bytes) -> Read:
    """The case of a request to clear a day in binary form, and all findings."""
    pb = clearing_service_pb2.ClearDayAheadRequest()
    broken = message_from_bytes(data, pb)
    return (None, [broken]) if broken else decode.case(pb.case)


def result_to_json(case: Case, rules: Rules, result: ClearingResult) -> str:
    """The whole result of the case as ProtoJSON."""
    return message_to_json(encode.result(case, rules, result))


def result_from_json(text: str, case: Case) -> ReadResult:
    """The result of the case and all findings."""
    pb = schedule_pb2.Result()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else decode.result(pb, case)


def result_to_bytes(case: Case, rules: Rules, result: ClearingResult) -> bytes:
    """The whole result of the case in binary form."""
    return encode.result(case, rules, result).SerializeToString(deterministic=True)


def result_from_bytes(data: bytes, case: Case) -> ReadResult:
    """The result of the case and all findings."""
    pb = schedule_pb2.Result()
    broken = message_from_bytes(data, pb)
    return (None, [broken]) if broken else decode.result(pb, case)


def is_result_of(data: bytes, case: Case) -> bool:
    """Whether a result in binary form says that it is of this case, to the last bit of it."""
    pb = schedule_pb2.Result()
    return message_from_bytes(data, pb) is None and pb.case_digest == digest.of(encode.case(case))


def commitment_from_json(text: str, case: Case) -> tuple[Flags | None, list[Finding]]:
    """The commitment of an earlier result over the units and periods of the case, and all findings."""
    pb = schedule_pb2.Result()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else commitment_of(pb, case)


def commitment_from_bytes(data: bytes, case: Case) -> tuple[Flags | None, list[Finding]]:
    """The commitment of an earlier result over the units and periods of the case, and all findings."""
    pb = schedule_pb2.Result()
    broken = message_from_bytes(data, pb)
    return (None, [broken]) if broken else commitment_of(pb, case)


def declarations_from_json(text: str, case: Case) -> tuple[Declarations | None, list[Finding]]:
    """Declarations beside the case, None where something is wrong with them, and all findings."""
    pb = declarations_pb2.Declarations()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else _sound(*declarations.read(pb, case))


def declarations_from_bytes(data: bytes, case: Case) -> tuple[Declarations | None, list[Finding]]:
    """The same in binary form."""
    pb = declarations_pb2.Declarations()
    broken = message_from_bytes(data, pb)
    return (None, [broken]) if broken else _sound(*declarations.read(pb, case))


def _sound(table: Declarations, findings: list[Finding]) -> tuple[Declarations | None, list[Finding]]:
    return (None if findings else table), findings


def message_to_json(pb: Message) -> str:
    """Any message as ProtoJSON: indented, a column on one line, newline at the end."""
    return tree_to_json(json_format.MessageToDict(pb, preserving_proto_field_name=True))


def tree_to_json(tree: dict[str, Any]) -> str:
    """The same of a tree as `message_to_tree` gives it, or as JSON gave it back."""
    return _text(tree, 0) + "\n"


def message_to_tree(pb: Message) -> dict[str, Any]:
    """Any message as plain lists and dictionaries under its proto field names; infinity is the text `Infinity`."""
    tree: dict[str, Any] = json_format.MessageToDict(pb, preserving_proto_field_name=True)
    return tree


def costs_from_json(text: str, case: Case) -> tuple[market_power_pb2.ApprovedCosts | None, list[Finding]]:
    """Approved costs as they stand in a file; the server says what is wrong with them."""
    del case  # the same signature as the other readers
    pb = market_power_pb2.ApprovedCosts()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def costs_from_bytes(data: bytes, case: Case) -> tuple[market_power_pb2.ApprovedCosts | None, list[Finding]]:
    """The same in binary form."""
    del case
    pb = market_power_pb2.ApprovedCosts()
    broken = message_from_bytes(data, pb)
    return (None, [broken]) if broken else (pb, [])


def benchmarks_from_json(text: str) -> tuple[market_power_pb2.Benchmarks | None, list[Finding]]:
    """Past prices, coal and the state of the month as they stand in a file; the server says what is wrong with them."""
    pb = market_power_pb2.Benchmarks()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def metered_from_json(text: str) -> tuple[ex_post_pb2.Metered | None, list[Finding]]:
    """What was metered as it stands in a file; the server says what is wrong with it."""
    pb = ex_post_pb2.Metered()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def limit_request_from_json(text: str) -> tuple[clearing_service_pb2.LimitPricesRequest | None, list[Finding]]:
    """A request to limit prices as it stands in a file; the server says what is wrong with it."""
    pb = clearing_service_pb2.LimitPricesRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def deviation_request_from_json(
    text: str,
) -> tuple[clearing_service_pb2.ChargeDeviationsRequest | None, list[Finding]]:
    """A request to charge deviations as it stands in a file; the server says what is wrong with it."""
    pb = clearing_service_pb2.ChargeDeviationsRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def round_request_from_json(
    text: str,
) -> tuple[substitution_pb2.ClearSubstitutionRequest | None, list[Finding]]:
    """A round of substitution trading as it stands in a file; the server says what is wrong with it."""
    pb = substitution_pb2.ClearSubstitutionRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def metering_request_from_json(
    text: str,
) -> tuple[substitution_metering_pb2.MeterSubstitutionRequest | None, list[Finding]]:
    """A month of substitution trading as it stands in a file; the server says what is wrong with it."""
    pb = substitution_metering_pb2.MeterSubstitutionRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def year_request_from_json(
    text: str,
) -> tuple[substitution_metering_pb2.SettleSubstitutionDeviationRequest | None, list[Finding]]:
    """A year of substitution trading as it stands in a file."""
    pb = substitution_metering_pb2.SettleSubstitutionDeviationRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def settle_request_from_json(text: str) -> tuple[settlement_pb2.SettleRequest | None, list[Finding]]:
    """A cycle to settle, or a part of it, as it stands in a file."""
    pb = settlement_pb2.SettleRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def roll_up_request_from_json(text: str) -> tuple[settlement_pb2.RollUpStatementsRequest | None, list[Finding]]:
    """Statements to add up as they stand in a file."""
    pb = settlement_pb2.RollUpStatementsRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def positions_request_from_json(text: str) -> tuple[positions_pb2.CheckPositionsRequest | None, list[Finding]]:
    """Orders to judge as they stand in a file."""
    pb = positions_pb2.CheckPositionsRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def entry_request_from_json(text: str) -> tuple[entry_pb2.CheckEntryRequest | None, list[Finding]]:
    """An application to enter the market as it stands in a file."""
    pb = entry_pb2.CheckEntryRequest()
    broken = message_from_json(text, pb)
    return (None, [broken]) if broken else (pb, [])


def message_from_json(text: str, pb: Message) -> Finding | None:
    """Read ProtoJSON into an empty message; a finding where it cannot be read."""
    try:
        json_format.Parse(text, pb, max_recursion_depth=_DEEPEST)
    except (json_format.ParseError, RecursionError, ValueError) as error:
        return _broken("BAD_JSON", str(error) or type(error).__name__)
    return None


def message_from_bytes(data: bytes, pb: Message) -> Finding | None:
    """Read the binary form into an empty message; a finding where it cannot be read."""
    try:
        pb.ParseFromString(data)
    except (DecodeError, ValueError) as error:
        return _broken("BAD_BINARY", str(error))
    return None


def _broken(code: str, reason: str) -> Finding:
    return Finding(Severity.ERROR, code, "", f"The file cannot be read: {reason[:400]}")


def _text(value: Any, depth: int) -> str:
    """JSON text; objects and lists of objects over several lines, lists of scalars on one."""
    inside, close = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    if isinstance(value, dict) and value:
        rows = (f"{json.dumps(key)}: {_text(item, depth + 1)}" for key, item in value.items())
        return "{" + inside + ("," + inside).join(rows) + close + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[" + inside + ("," + inside).join(_text(item, depth + 1) for item in value) + close + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
