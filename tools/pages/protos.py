"""The API reference: one page a proto file, from its descriptors and the comments beside them."""

from __future__ import annotations

import importlib.resources
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)
from google.protobuf.message import Message
from grpc_tools import protoc

from tools.pages.markdown import cell, plain, table

Place = tuple[int, ...]  # numbers that lead to a declaration in SourceCodeInfo


def _number(message: type[Message], field: str) -> int:
    return message.DESCRIPTOR.fields_by_name[field].number


MESSAGES, ENUMS = _number(FileDescriptorProto, "message_type"), _number(FileDescriptorProto, "enum_type")
SERVICES, METHODS = _number(FileDescriptorProto, "service"), _number(ServiceDescriptorProto, "method")
FIELDS, NESTED = _number(DescriptorProto, "field"), _number(DescriptorProto, "nested_type")
NESTED_ENUMS, VALUES = _number(DescriptorProto, "enum_type"), _number(EnumDescriptorProto, "value")


def read(folder: Path) -> list[FileDescriptorProto]:
    """Descriptors with comments of every proto below a folder; raises RuntimeError when protoc refuses."""
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    with tempfile.NamedTemporaryFile(suffix=".binpb") as out:
        options = [f"-I{folder}", f"-I{well_known}", "--include_source_info", f"--descriptor_set_out={out.name}"]
        if protoc.main(["protoc", *options, *names]) != 0:
            raise RuntimeError("protoc refused the protos")
        return list(FileDescriptorSet.FromString(Path(out.name).read_bytes()).file)


def pages(folder: Path) -> dict[str, str]:
    """Name of a page without suffix → its Markdown, services first."""
    files = sorted(read(folder), key=lambda file: (not file.service, file.name))
    made = {Path(file.name).stem: _File(file).page() for file in files}
    return {"index": _index(list(made)), **made}


def _index(names: list[str]) -> str:
    told = (
        "Services and messages of `clearing.v1`, written by the build from `proto/` and the comments there.",
        "What a call can end in: [service](../../service.md); codes of findings: [errors](../../errors.md);",
        "from Python: [client](../../python.md).",
    )
    lines = ["# API reference", "", *told, "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""]
    return "\n".join(lines)


class _File:
    """One proto file as a page."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._file = file
        self._comments = {
            tuple(place.path): place.leading_comments.strip() or place.trailing_comments.strip()
            for place in file.source_code_info.location
        }

    def page(self) -> str:
        """The page as Markdown."""
        file = self._file
        lines = [f"# {Path(file.name).name}", ""]
        for n, service in enumerate(file.service):
            lines += self._service(service, (SERVICES, n))
        for n, message in enumerate(file.message_type):
            lines += self._message(message, (MESSAGES, n), file.package)
        for n, enum in enumerate(file.enum_type):
            lines += self._enum(enum, (ENUMS, n), file.package)
        return "\n".join(lines) + "\n"

    def _told(self, path: Place) -> list[str]:
        """The comment at a declaration, its paragraphs kept."""
        text = self._comments.get(path, "")
        return [plain(text), ""] if text else []

    def _service(self, service: ServiceDescriptorProto, path: Place) -> list[str]:
        lines = [*_head(f"{self._file.package}.{service.name}", f"Service {service.name}"), *self._told(path)]
        for n, method in enumerate(service.method):
            asked = ("stream of " if method.client_streaming else "") + _link(method.input_type)
            answered = ("stream of " if method.server_streaming else "") + _link(method.output_type)
            told = self._told((*path, METHODS, n))
            lines += [f"### {service.name}.{method.name}", "", f"{asked} → {answered}", "", *told]
        return lines

    def _message(self, message: DescriptorProto, path: Place, scope: str) -> list[str]:
        name = f"{scope}.{message.name}"
        lines = [*_head(name, _short(name)), *self._told(path)]
        rows = [
            (
                str(field.number),
                f"`{field.name}`",
                _type(field, message),
                cell(self._comments.get((*path, FIELDS, n), "")),
            )
            for n, field in enumerate(message.field)
        ]
        lines += table(("no.", "field", "type", "meaning"), rows)
        for n, nested in enumerate(message.nested_type):
            lines += self._message(nested, (*path, NESTED, n), name)
        for n, enum in enumerate(message.enum_type):
            lines += self._enum(enum, (*path, NESTED_ENUMS, n), name)
        return lines

    def _enum(self, enum: EnumDescriptorProto, path: Place, scope: str) -> list[str]:
        name = f"{scope}.{enum.name}"
        rows = [
            (str(value.number), f"`{value.name}`", cell(self._comments.get((*path, VALUES, n), "")))
            for n, value in enumerate(enum.value)
        ]
        return [*_head(name, f"enum {_short(name)}"), *self._told(path), *table(("no.", "value", "meaning"), rows)]


def _head(target: str, title: str) -> list[str]:
    return [f"({target})=", f"## {title}", ""]


def _short(name: str) -> str:
    """A full name without its package: Message, or Message.Nested."""
    return ".".join(part for part in name.split(".") if part[:1].isupper())


def _link(full: str) -> str:
    """A message or enum as a link to where it stands; those of Google by name."""
    name = full.lstrip(".")
    return f"`{name}`" if name.startswith("google.") else f"[{_short(name)}](#{name})"


def _type(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    """What a field holds, with how often."""
    kind = _link(field.type_name) if field.type_name else FieldDescriptorProto.Type.Name(field.type)[5:].lower()
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {kind}"
    if field.proto3_optional:
        return f"optional {kind}"
    return f"{kind}, one of {message.oneof_decl[field.oneof_index].name}" if field.HasField("oneof_index") else kind
