"""Readers and writers of the field's files. `read` takes a path and finds out which format it is."""

from clearing.formats.findings import FormatError
from clearing.formats.registry import AUTO, FORMATS, Format, read, write

__all__ = ["AUTO", "FORMATS", "Format", "FormatError", "read", "write"]
