"""Sensitivity sweeps: a manifest with axes becomes one with a run for every point of their grid.

    [[axes]]
    name = "load"
    points = [
      {label = "base"},
      {label = "+5 %", patches = [{changes = [{change = "scale", what = "load", by = 1.05}]}]},
    ]
    [[axes]]
    name = "gap"
    points = [{label = 0.01, solve = {gap = 0.01}}, {label = 0.001, solve = {gap = 0.001}}]

beside the defaults, days and runs of any manifest. A point may hold what a run may hold. Without days and runs there is
one run of the defaults a point.
"""

from __future__ import annotations

import hashlib
import json
import os
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from clearing.batch.manifest import MOST_RUNS, Manifest, Run, Table, Terms, check, judge, over, tree_of_file
from clearing.batch.question import versions
from clearing.formats.findings import refuse
from clearing.scenario.changes import read_patch, tree_of


class Point(Terms):
    """A value of an axis, and what a run says at it."""

    label: str | int | float


class Axis(Table):
    """What is varied."""

    name: str = Field(min_length=1, max_length=64)
    points: Annotated[tuple[Point, ...], Field(strict=False, min_length=1)]


class Grid(Manifest):
    """A manifest with axes."""

    axes: Annotated[tuple[Axis, ...], Field(strict=False, min_length=1)]


def sweep(path: Path, into: Path) -> dict[str, Any]:
    """The manifest of a grid, as a tree: every run with nothing left out, patches inside, labels of its point.

    into: the folder it will lie in, from where it leads to the cases. `provenance` says what it was made of: digest of
    the grid's file, axes, versions. Raises FormatError with everything that is wrong.
    """
    grid = check(Grid, tree_of_file(path), path.name)
    base = grid.resolved() or (over(grid.defaults, grid.name or "base", Terms()),)
    points = list(product(*(axis.points for axis in grid.axes)))
    if len(points) * len(base) > MOST_RUNS:
        raise refuse("TOO_LARGE", f"{path.name}:axes", "The grid has too many points.", limit=str(MOST_RUNS))
    runs = [_at(run, grid.axes, values) for run in base for values in points]
    judge(tuple(runs), path.name)
    return {
        "name": grid.name,
        "provenance": {
            "grid": path.name,
            "grid_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "axes": {axis.name: [point.label for point in axis.points] for axis in grid.axes},
            "versions": versions(),
        },
        "runs": [_tree(run, path.parent, into) for run in runs],
    }


def _at(run: Run, axes: tuple[Axis, ...], values: tuple[Point, ...]) -> Run:
    """A run at a point of the grid."""
    labels = {axis.name: point.label for axis, point in zip(axes, values, strict=True)}
    for point in values:
        run = over(run, run.name, point)
    place = ", ".join(f"{name} {label}" for name, label in labels.items())
    return run.model_copy(update={"name": f"{run.name}, {place}", "labels": {**run.labels, **labels}})


def _tree(run: Run, folder: Path, into: Path) -> dict[str, Any]:
    """A run as a manifest in another folder says it."""
    patches = tree_of([read_patch(source, folder) for source in run.patches])
    said: dict[str, Any] = json.loads(run.model_dump_json(exclude={"patches"}, exclude_none=True))
    return {**said, "case": os.path.relpath(folder / str(run.case), into), "patches": patches}
