"""The manifest of a batch: which cases are cleared, under which rules, how.

TOML, or JSON with the same names:

    name = "RTS-GMLC, spring"
    [defaults]
    case = "../scenarios/rts-gmlc"          file or folder, beside the manifest
    format = "auto"
    options = {period_minutes = 60}         of the reader of the case
    rules = "generic"                       NAME or NAME@VERSION
    set = {"solve.gap" = "0.005"}           values of the rule set
    patches = ["outage.json"]               changes of the case: files, or tables (docs/scenarios.md)
    begin_at = "base/result.json"           a result at which searches begin: of the base case, of another day
    labels = {study = "spring"}             columns of results.parquet
    solve = {gap = 0.01, reproducible = true}
    [days]                                  one run a day, with the option `day`
    first = "2020-03-01"
    last = "2020-05-31"
    [[runs]]                                and, or, runs by name; what they leave out is that of the defaults
    name = "peak"
    options = {day = "2020-08-12"}
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from clearing.case.finding import Finding, Severity
from clearing.formats.findings import FormatError, read_text, refuse
from clearing.formats.scenario import CONSENT
from clearing.scenario.changes import findings
from clearing.solve.options import LastStage, SolveOptions

MOST_RUNS = 1_000_000
Texts = dict[str, str | int | float | bool]
Shape = TypeVar("Shape", bound="Table")


class Table(BaseModel):
    """A table of a manifest: no field but those it knows, no text for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Solve(Table):
    """How a run searches; names are those of SolveOptions. prices: False ends after the dispatch."""

    gap: float | None = Field(default=None, ge=0, lt=1)
    time_limit_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0, lt=2**31)
    reproducible: bool = False
    work_limit_nodes: int | None = Field(default=None, ge=1, lt=2**31)
    price_schemes: bool = False
    prices: bool = True

    def options(self) -> SolveOptions:
        """The same as the client takes it."""
        given = self.model_dump(exclude={"prices"})
        return SolveOptions(**given, last_stage=LastStage.PRICES if self.prices else LastStage.DISPATCH)


class Terms(Table):
    """What a run says, or the defaults say for it."""

    case: str | None = Field(default=None, min_length=1)
    format: str = "auto"
    options: Texts = {}
    rules: str = Field(default="generic", min_length=1)
    set: Texts = {}
    patches: Annotated[tuple[str | dict[str, Any], ...], Field(strict=False)] = ()
    begin_at: str | None = Field(default=None, min_length=1)
    labels: Texts = {}
    solve: Solve = Solve()


class Run(Terms):
    """One clearing."""

    name: str = Field(min_length=1, max_length=128)


class Days(Table):
    """Days from the first to the last, each a run of its own name with the reader's option `day`."""

    first: dt.date
    last: dt.date
    every: int = Field(default=1, ge=1)

    def names(self) -> list[str]:
        """YYYY-MM-DD of each."""
        count = (self.last - self.first).days // self.every + 1
        return [(self.first + dt.timedelta(days=k * self.every)).isoformat() for k in range(count)]

    @model_validator(mode="before")
    @classmethod
    def _dates(cls, given: Any) -> Any:
        """Dates also as text, which JSON and most people write."""
        if not isinstance(given, dict):
            return given
        return {key: _date(value) for key, value in given.items()}

    @model_validator(mode="after")
    def _forward(self) -> Days:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        if (self.last - self.first).days >= MOST_RUNS:
            raise ValueError(f"more than {MOST_RUNS} days")
        return self


class Manifest(Table):
    """A manifest, read: `resolved` gives its runs with nothing left out. provenance: what made it, kept as it is."""

    name: str = ""
    provenance: dict[str, Any] = {}
    defaults: Terms = Terms()
    days: Days | None = None
    runs: tuple[Run, ...] = Field(default=(), max_length=MOST_RUNS, strict=False)  # a list of the file

    def resolved(self) -> tuple[Run, ...]:
        """Every run over the defaults: tables are joined key by key, anything else that a run says replaces."""
        listed = tuple(over(self.defaults, run.name, run) for run in self.runs)
        if self.days is None:
            return listed
        return (*(over(self.defaults, day, Terms(options={"day": day})) for day in self.days.names()), *listed)


def read(path: Path, *, may_run: bool = False) -> tuple[Manifest, tuple[Run, ...]]:
    """The manifest in a .toml or .json file, and its runs; raises FormatError with everything that is wrong.

    may_run: whether programs of scenarios may be run; the caller's consent, which no manifest can give for another.
    """
    if not path.is_file():
        raise refuse("FILE_NOT_FOUND", path.name, "There is no such file.")
    manifest = check(Manifest, tree_of_file(path), path.name)
    runs = manifest.resolved()
    judge(runs, path.name)
    if not may_run and any(run.format == CONSENT for run in runs):
        message = "Programs of scenarios make cases of this manifest, with your rights. If you trust them, say so."
        raise refuse("GENERATOR_NOT_ALLOWED", f"{path.name}:format", message, value=CONSENT, limit="--allow-generators")
    return manifest, runs


def check(shape: type[Shape], tree: object, where: str) -> Shape:
    """A table of a file in its shape; raises FormatError with a BAD_MANIFEST for every fault. where: file name."""
    try:
        return shape.model_validate(tree)
    except ValidationError as error:
        raise FormatError(findings(error, "BAD_MANIFEST", where)) from None


def tree_of_file(path: Path) -> object:
    """What a .json file holds, or else a TOML one; raises FormatError."""
    text = read_text(path)
    try:
        return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise refuse("BAD_MANIFEST", path.name, f"The file is not {kind}: {str(error)[:200]}.") from None


def judge(runs: tuple[Run, ...], where: str) -> None:
    """Raise FormatError where runs have no case, or two have one name."""
    faults, seen = [], set()
    for row, run in enumerate(runs):
        if run.case is None:
            message = "The run names no case, and neither do the defaults."
            faults.append(Finding(Severity.ERROR, "REQUIRED", f"{where}:runs.{row}.case", message, subject=run.name))
        if run.name in seen:
            message = "Two runs have this name; a day of [days] is a name too."
            faults.append(Finding(Severity.ERROR, "DUPLICATE_ID", f"{where}:runs.{row}.name", message, run.name))
        seen.add(run.name)
    if not runs:
        faults.append(Finding(Severity.ERROR, "REQUIRED", f"{where}:runs", "The manifest has no run and no days."))
    if faults:
        raise FormatError(tuple(faults))


def over(defaults: Terms, name: str, run: Terms) -> Run:
    """A run that says some of its terms, over defaults that say the others."""
    said = {key: getattr(run, key) for key in run.model_fields_set if key in Terms.model_fields}
    joined = {
        "options": {**defaults.options, **run.options},
        "set": {**defaults.set, **run.set},
        "labels": {**defaults.labels, **run.labels},
        "patches": (*defaults.patches, *run.patches),
        "solve": defaults.solve.model_copy(update={key: getattr(run.solve, key) for key in run.solve.model_fields_set}),
    }
    plain = {key: getattr(defaults, key) for key in Terms.model_fields}
    return Run.model_construct(**{**plain, **said, **joined, "name": name})


def text(value: str | float | bool) -> str:
    """A value as readers and rule sets take it: text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(value: Any) -> Any:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value  # the model says what is wrong with it
