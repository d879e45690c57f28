"""What a patch may say: a merge patch of the whole case, or changes by what they mean.

A patch file is JSON (or a table of a manifest): `{"name": …, "changes": [{"change": "outage", "unit": "G1"}, …]}`, or
any other object, which is a merge patch (RFC 7396) of the case as `clearing import` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from clearing.case.finding import Finding, Severity
from clearing.formats.findings import FormatError, read_text, refuse

Ids = Annotated[tuple[str, ...], Field(strict=False)]
FuelName = Literal[
    "COAL", "GAS", "OIL", "NUCLEAR", "HYDRO", "BIOMASS", "WIND", "SOLAR", "ROOFTOP_SOLAR", "SOLAR_THERMAL", "OTHER"
]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class _InWindow(_Change):
    """from, to: HH:MM or D+1 HH:MM, START of the first and END of the last period; left out = the horizon's."""

    start: str | None = Field(default=None, alias="from", pattern=r"^(D\+\d+ )?\d\d:\d\d$")
    end: str | None = Field(default=None, alias="to", pattern=r"^(D\+\d+ )?\d\d:\d\d$")


class Outage(_InWindow):
    """One resource or branch is out. A unit that must run need not while it is out."""

    change: Literal["outage"]
    unit: str | None = None
    renewable: str | None = None
    storage: str | None = None
    tie: str | None = None
    branch: str | None = None

    def subject(self) -> tuple[str, str]:
        """(kind, id)."""
        return next((kind, name) for kind in KINDS if (name := getattr(self, kind)) is not None)

    @model_validator(mode="after")
    def _one(self) -> Outage:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"exactly one of {', '.join(KINDS)} is out")
        return self


KINDS = ("unit", "renewable", "storage", "tie", "branch")


class Scale(_InWindow):
    """Values times `by`, of some ids, a zone or a fuel where that is named, else of all.

    load           MW of loads (not of demand bids)
    renewables     forecast and least output; widths of offers follow where they grow
    fuel_price     offers, no-load and start costs of units: all of it is taken for fuel
    reserve        requirements of the case (those of the rule set are set in the manifest: `set`)
    branch_limit   limits before and after a contingency; over the whole horizon
    tie            imports
    """

    change: Literal["scale"]
    what: Literal["load", "renewables", "fuel_price", "reserve", "branch_limit", "tie"]
    by: float = Field(ge=0, allow_inf_nan=False)
    ids: Ids | None = None
    zone: str | None = None
    fuel: FuelName | None = None

    @model_validator(mode="after")
    def _fits(self) -> Scale:
        if self.zone is not None and self.what not in ("load", "renewables", "tie"):
            raise ValueError(f"zone does not go with {self.what}")
        if self.fuel is not None and self.what not in ("renewables", "fuel_price"):
            raise ValueError(f"fuel does not go with {self.what}")
        if self.what in ("branch_limit", "fuel_price") and (self.start or self.end) is not None:
            raise ValueError(f"{self.what} is scaled over the whole horizon")
        return self


class Noise(_Change):
    """Every value times 1 + sigma · z, z standard normal, drawn by the seed in the order of rows and periods; ≥ 0."""

    change: Literal["noise"]
    what: Literal["load", "renewables"]
    sigma: float = Field(ge=0, le=1)
    seed: int = Field(ge=0)


class SetValues(_Change):
    """Columns of the row of an id: a number or text for all periods, or a list, one a period."""

    change: Literal["set"]
    table: str
    id: str
    values: dict[str, Any] = Field(min_length=1)


class Merge(_Change):
    """A merge patch of the whole case; lists are replaced whole."""

    change: Literal["merge"]
    patch: dict[str, Any]


Change = Outage | Scale | Noise | SetValues | Merge


class Patch(_Change):
    """A named list of changes, made one after another."""

    name: str = ""
    changes: Annotated[
        tuple[Annotated[Change, Field(discriminator="change")], ...], Field(strict=False, max_length=10_000)
    ]


def read_patch(source: str | dict[str, Any], folder: Path) -> Patch:
    """A patch from a file beside `folder`, or from its tree; raises FormatError with everything that is wrong."""
    if isinstance(source, dict):
        return as_patch(source, "patch")
    path = folder / source
    if not path.is_file():
        raise refuse("FILE_NOT_FOUND", path.name, "There is no such file.")
    try:
        tree = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise refuse("BAD_PATCH", path.name, f"The file is not JSON: {str(error)[:200]}.") from None
    if not isinstance(tree, dict):
        raise refuse("BAD_PATCH", path.name, "A patch is a JSON object.")
    patch = as_patch(tree, path.name)
    return patch if patch.name else patch.model_copy(update={"name": path.stem})


def as_patch(tree: dict[str, Any], where: str) -> Patch:
    """A patch of its tree: with `changes`, or else a merge patch."""
    if "changes" not in tree:
        return Patch(changes=(Merge(change="merge", patch=tree),))
    try:
        return Patch.model_validate(tree)
    except ValidationError as error:
        raise FormatError(findings(error, "BAD_PATCH", where)) from None


def findings(error: ValidationError, code: str, where: str) -> tuple[Finding, ...]:
    """Every fault that a model found, as findings with the place in the file."""
    return tuple(_finding(fault, code, where) for fault in error.errors())


def _finding(fault: Any, code: str, where: str) -> Finding:
    place = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ").removesuffix(".") + "."
    value = "" if isinstance(fault["input"], dict | list | tuple) else str(fault["input"])[:80]
    return Finding(Severity.ERROR, code, f"{where}:{place}" if place else where, message, value=value)


def tree_of(patches: Sequence[Patch]) -> list[dict[str, Any]]:
    """Patches as they can stand in a manifest."""
    return [patch.model_dump(by_alias=True, exclude_none=True, mode="json") for patch in patches]
