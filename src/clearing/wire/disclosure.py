"""What a caller may see of a reply, by `disclosure.toml`: what it may not see is gone, others' messages too."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clearing.v1 import (
    admission_service_pb2,
    clearing_service_pb2,
    schedule_pb2,
    settlement_service_pb2,
    substitution_service_pb2,
)
from clearing.wire import digest

PACKAGE = "clearing.v1."
AUDIENCES = ("everybody", "owner", "supervisor", "operator")
_PART_OF = {
    "public_result": schedule_pb2.RESULT_PART_PUBLIC,
    "system_schedule": schedule_pb2.RESULT_PART_SYSTEM_SCHEDULE,
    "owner_results": schedule_pb2.RESULT_PART_OWNERS,
    "certificate": schedule_pb2.RESULT_PART_CERTIFICATE,
    "audit": schedule_pb2.RESULT_PART_AUDIT,
    "explanations": schedule_pb2.RESULT_PART_EXPLANATIONS,
}


@dataclass(frozen=True, slots=True)
class View:
    """audiences: those the caller belongs to. owners: whose own messages it gets; None = everybody's."""

    audiences: frozenset[str]
    owners: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        """Nothing is withheld."""
        return self.owners is None and self.audiences >= set(AUDIENCES)

    def to_json(self) -> dict[str, Any] | None:
        """For a frame; None = everything."""
        if self.everything:
            return None
        owners = None if self.owners is None else sorted(self.owners)
        return {"audiences": sorted(self.audiences), "owners": owners}

    @classmethod
    def from_json(cls, said: dict[str, Any] | None) -> View:
        """Inverse of to_json."""
        if said is None:
            return EVERYTHING
        owners = said["owners"]
        return cls(frozenset(said["audiences"]), None if owners is None else frozenset(owners))


EVERYTHING = View(frozenset(AUDIENCES))


@cache
def table() -> dict[str, Any]:
    """The file."""
    return tomllib.loads(resources.files("clearing.wire").joinpath("disclosure.toml").read_text(encoding="utf-8"))


@cache
def response_type(method: str) -> type[Message]:
    """Message of the reply of a function of the pipeline, by its name."""
    wanted = {"finish_incumbent": "clear_day_ahead"}.get(method, method)
    services = clearing_service_pb2, substitution_service_pb2, settlement_service_pb2, admission_service_pb2
    for file in services:
        for service in file.DESCRIPTOR.services_by_name.values():
            for rpc in service.methods:
                if re.sub(r"(?<=.)([A-Z])", r"_\1", rpc.name).lower() == wanted:
                    found: type[Message] = message_factory.GetMessageClass(rpc.output_type)
                    return found
    raise KeyError(method)


def limited(method: str, reply: bytes, view: View) -> bytes:
    """A serialised reply with what the view holds; raises KeyError for a message that is not in the table."""
    if view.everything:
        return reply
    message = response_type(method).FromString(reply)
    _limit(message, view)
    return message.SerializeToString()


def _limit(message: Message, view: View) -> None:
    rules = table()["fields"][_name(message.DESCRIPTOR)]
    changed = False
    for field, value in message.ListFields():
        audience = rules[field.name]
        if audience not in view.audiences:
            message.ClearField(field.name)
            changed = True
        elif audience == "owner" and view.owners is not None:
            changed |= _keep_own(value, _key(field), view.owners)
        elif field.message_type is not None and _name(field.message_type) in table()["fields"]:
            _limit(value, view)
    if changed and isinstance(message, schedule_pb2.Result):
        _say_what_is_left(message, view)


def _keep_own(messages: Any, key: str, owners: frozenset[str]) -> bool:
    """Drop the messages of others from a repeated field; whether there were any."""
    own = [message for message in messages if getattr(message, key) in owners - {""}]
    if len(own) == len(messages):
        return False
    del messages[:]
    messages.extend(own)
    return True


def _say_what_is_left(result: schedule_pb2.Result, view: View) -> None:
    """Echo of the selection and digest of a result of which something was taken away."""
    rules = table()["fields"]["Result"]
    asked = set(result.output.parts) or set(_PART_OF.values())
    seen = {part for field, part in _PART_OF.items() if rules[field] in view.audiences}
    del result.output.parts[:]
    result.output.parts.extend(sorted(asked & seen))
    del result.output.owner_ids[:]
    if view.owners is not None:
        result.output.owner_ids.extend(owner.owner_id for owner in result.owner_results)
    if result.digest:
        result.digest = digest.of_result(result)


def _key(field: FieldDescriptor) -> str:
    assert field.message_type is not None  # the test of the table says so
    key: str = table()["key"][_name(field.message_type)]
    return key


def _name(descriptor: Any) -> str:
    name: str = descriptor.full_name
    return name.removeprefix(PACKAGE)
