"""Every field of every reply is somebody's, and nobody else gets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from clearing.server.access import Roles
from clearing.server.servicer import RPCS
from clearing.v1 import clearing_service_pb2, schedule_pb2
from clearing.wire import digest
from clearing.wire.disclosure import AUDIENCES, EVERYTHING, View, limited, response_type, table

MINE, THEIRS = "north", "south"
METHODS = sorted({rpc.method for rpc in RPCS.values()})
ROLES = Roles.read()
FIELDS: dict[str, dict[str, str]] = table()["fields"]


def name(descriptor: Descriptor) -> str:
    return str(descriptor.full_name).removeprefix("clearing.v1.")


def messages_below(descriptor: Descriptor, seen: set[str]) -> Iterator[Descriptor]:
    """Messages that are judged field by field: a reply, and those in it that stand in the table."""
    if name(descriptor) in seen:
        return
    seen.add(name(descriptor))
    yield descriptor
    for field in descriptor.fields:
        if field.message_type is not None and name(field.message_type) in FIELDS:
            yield from messages_below(field.message_type, seen)


@pytest.mark.parametrize("method", METHODS)
def test_every_field_of_a_reply_has_its_audience(method: str) -> None:
    for descriptor in messages_below(response_type(method).DESCRIPTOR, set()):
        assert {field.name for field in descriptor.fields} == set(FIELDS[name(descriptor)]), descriptor.full_name
        for field in descriptor.fields:
            assert FIELDS[name(descriptor)][field.name] in AUDIENCES
            if FIELDS[name(descriptor)][field.name] == "owner":
                key = table()["key"][name(field.message_type)]
                assert field.is_repeated
                assert key in field.message_type.fields_by_name


def private_messages(descriptor: Descriptor, path: str, open_to: set[str], seen: set[str]) -> Iterator[str]:
    """Paths to messages with an owner's key that everybody would get, were the table forgotten."""
    if name(descriptor) in seen:
        return
    for field in descriptor.fields:
        if field.message_type is None:
            continue
        audience = FIELDS.get(name(descriptor), {}).get(field.name, "everybody")
        if audience != "everybody":
            continue
        if {"owner_id", "enterprise", "addressee"} & set(field.message_type.fields_by_name):
            yield f"{path}.{field.name}"
        yield from private_messages(field.message_type, f"{path}.{field.name}", open_to, {*seen, name(descriptor)})


@pytest.mark.parametrize("method", METHODS)
def test_no_message_of_an_owner_stands_in_a_public_field(method: str) -> None:
    # Energy by enterprise is part of what a round publishes.
    allowed = {".totals"} if method == "clear_substitution" else set()
    found = set(private_messages(response_type(method).DESCRIPTOR, "", set(), set()))
    assert found - allowed == set()


def filled(cls: type[Message], depth: int = 6) -> Message:
    """A message with something in every field; owners' messages twice: mine and theirs."""
    message = cls()
    for field in cls.DESCRIPTOR.fields:
        if field.message_type is not None and depth:
            sub = getattr(message, field.name)
            part = filled(type(sub.add()) if field.is_repeated else type(sub), depth - 1)
            if not field.is_repeated:
                sub.CopyFrom(part)
                continue
            del sub[:]
            key = table()["key"].get(name(field.message_type))
            for owner in (MINE, THEIRS, "") if key else ("",):
                copy = sub.add()
                copy.CopyFrom(part)
                if key:
                    setattr(copy, key, owner)
        elif field.message_type is None and (field.containing_oneof is None or not message.HasField(field.name)):
            value = _value(field)
            if field.is_repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
    return message


def _value(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    return {
        FieldDescriptor.CPPTYPE_STRING: b"x" if field.type == FieldDescriptor.TYPE_BYTES else "x",
        FieldDescriptor.CPPTYPE_BOOL: True,
    }.get(field.cpp_type, 1)


def views() -> dict[str, View]:
    return {role: ROLES.view(role, [MINE] if role == "participant" else []) for role in ROLES.roles}


@pytest.mark.parametrize("role", sorted(ROLES.roles))
@pytest.mark.parametrize("method", METHODS)
def test_every_role_sees_exactly_its_fields(method: str, role: str) -> None:
    view = views()[role]
    whole = filled(response_type(method))
    assert {field.name for field, _ in whole.ListFields()} == {field.name for field in whole.DESCRIPTOR.fields}
    seen = response_type(method).FromString(limited(method, whole.SerializeToString(), view))
    _compare(whole, seen, view)
    if role in ("operator", "regulator"):
        assert seen == whole


def _compare(whole: Message, seen: Message, view: View) -> None:
    """By the table and nothing else."""
    for field in whole.DESCRIPTOR.fields:
        audience = FIELDS[name(whole.DESCRIPTOR)][field.name]
        before, after = getattr(whole, field.name), getattr(seen, field.name)
        if audience not in view.audiences:
            assert (
                not after if field.is_repeated else not seen.HasField(field.name) if field.has_presence else not after
            )
        elif audience == "owner":
            key = table()["key"][name(field.message_type)]
            kept = [m for m in before if view.owners is None or getattr(m, key) in view.owners]
            assert list(after) == kept
        elif field.message_type is not None and name(field.message_type) in FIELDS:
            _compare(before, after, view)
        elif (name(whole.DESCRIPTOR), field.name) not in (("Result", "digest"), ("Result", "output")):
            assert after == before


def test_what_is_left_says_what_it_is_and_its_digest_holds() -> None:
    whole = clearing_service_pb2.ClearDayAheadResponse()
    whole.result.owner_results.add(owner_id=MINE)
    whole.result.owner_results.add(owner_id=THEIRS)
    whole.result.system_schedule.tie_id.append("t")
    whole.result.digest = digest.of_result(whole.result)
    reply = limited("clear_day_ahead", whole.SerializeToString(), views()["participant"])
    left = clearing_service_pb2.ClearDayAheadResponse.FromString(reply).result
    assert [owner.owner_id for owner in left.owner_results] == [MINE]
    assert list(left.output.owner_ids) == [MINE]
    assert list(left.output.parts) == [schedule_pb2.RESULT_PART_PUBLIC, schedule_pb2.RESULT_PART_OWNERS]
    assert left.digest == digest.of_result(left) != whole.result.digest


def test_resources_without_an_owner_are_nobodys() -> None:
    view = View(frozenset({"everybody", "owner"}), frozenset({""}))
    whole = clearing_service_pb2.ClearDayAheadResponse()
    whole.result.owner_results.add(owner_id="")
    left = clearing_service_pb2.ClearDayAheadResponse.FromString(
        limited("finish_incumbent", whole.SerializeToString(), view)
    )
    assert not left.result.owner_results


def test_every_method_is_some_roles_and_every_role_is_one_of_the_table() -> None:
    assert set().union(*(role.methods for role in ROLES.roles.values())) == set(RPCS)
    assert set(ROLES.roles) == {"operator", "regulator", "participant", "researcher"}
    assert views()["operator"] == EVERYTHING
    assert EVERYTHING.everything
    assert View.from_json(views()["participant"].to_json()) == views()["participant"]
    assert View.from_json(None) == EVERYTHING
