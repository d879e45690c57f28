"""Kinds of columns of a CSV case folder, and how its sheets are written down in `csv_layout.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from clearing.case.units import Fuel


class Kind(Enum):
    """What a cell of a column holds."""

    NAME = "name"  # the row's own id: not blank, unique in the sheet
    TEXT = "text"
    REFERENCE = "reference"  # id of a row of another sheet
    OPTIONAL_REFERENCE = "optional reference"  # the same, or blank
    WORD = "word"  # of an enum, lower case
    NUMBER = "number"
    WHOLE = "whole number"
    OPTIONAL_WHOLE = "whole number or blank"  # blank is −1
    FLAG = "flag"  # 0 or 1
    SERIES = "series"
    FLAG_SERIES = "flag series"
    WHOLE_SERIES = "whole number series"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: header, kind, field of the case table it fills, and what it refers to or is worded by."""

    name: str
    kind: Kind
    field: str
    refers: str = ""
    words: type[IntEnum] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file `<name>.csv`; `key` columns name a row in its series files."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)


def column(kind: Kind, name: str, field: str = "") -> Column:
    """A column whose field is called like its header, or otherwise."""
    return Column(name, kind, field or name)


def names(field: str = "id") -> Column:
    """The column of the rows' own ids."""
    return Column("id", Kind.NAME, field)


def reference(name: str, sheet: str, field: str = "", *, optional: bool = False) -> Column:
    """Ids of rows of another sheet."""
    kind = Kind.OPTIONAL_REFERENCE if optional else Kind.REFERENCE
    return Column(name, kind, field or name, refers=sheet)


def words_of(name: str, words: type[IntEnum], field: str = "") -> Column:
    """Members of an enum by their names."""
    return Column(name, Kind.WORD, field or name, words=words)


def many(kind: Kind, *names: str, prefix: str = "") -> tuple[Column, ...]:
    """Columns of one kind whose fields are the prefix and the header."""
    return tuple(column(kind, n, prefix + n) for n in names)


def offers(name: str, resource: str, sheet: str) -> Sheet:
    """Offer curves of the resources of a sheet, a row a block."""
    columns = (
        reference(resource, sheet, "resource"),
        column(Kind.WHOLE, "block"),
        *many(Kind.SERIES, "width_mw", "price_per_mwh"),
    )
    return Sheet(name, columns, key=(resource, "block"))


HELD_BY = (
    reference("plant", "plants", optional=True),
    reference("owner", "owners", optional=True),
    reference("bus", "buses"),
    words_of("fuel", Fuel),
)
