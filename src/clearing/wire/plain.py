"""A message as plain lists and dictionaries in which whole numbers stay numbers (ProtoJSON writes 64 bits as text)."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message


def tree(pb: Message) -> dict[str, Any]:
    """Every field under its proto name; enums by name; a field with presence that is not set is left out."""
    return {
        field.name: _field(pb, field)
        for field in pb.DESCRIPTOR.fields
        if field.is_repeated or not field.has_presence or pb.HasField(field.name)
    }


def _field(pb: Message, field: Any) -> Any:
    value = getattr(pb, field.name)
    return [_value(item, field) for item in value] if field.is_repeated else _value(value, field)


def _value(value: Any, field: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return tree(value)
    if field.type == FieldDescriptor.TYPE_ENUM:
        named = field.enum_type.values_by_number.get(value)
        return value if named is None else named.name
    return value
