"""Scenario folders: which there are, what they hold, and making one of a case and patches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clearing.case.case import Case
from clearing.formats import scenario
from clearing.formats.findings import FormatError
from clearing.scenario.changes import Patch, tree_of
from clearing.wire import case_file

PROVENANCE_FILE, CASE_FILE, STORY_FILE = "provenance.json", "case.json", "README.md"


def below(folder: Path) -> Iterator[Path]:
    """Scenario folders in a folder, itself among them, by path."""
    yield from (path.parent for path in sorted(folder.rglob(scenario.FILE)))


def described(place: Path) -> dict[str, str]:
    """Name, source of the case and first line of the story; a broken scenario says so in `source`."""
    try:
        case = scenario.case_table(place)
        key = next((name for name in scenario.SOURCES if name in case), "")
        source = f"{key} {case.get(key, '')}".strip()
    except FormatError as wrong:
        source = f"broken: {wrong}"
    return {"name": place.name, "folder": str(place), "source": source, "story": _story(place)}


def _story(place: Path) -> str:
    try:
        lines = place.joinpath(STORY_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((line.strip("# ").strip() for line in lines if line.strip("# ").strip()), "")


def digest(case: Case) -> str:
    """SHA-256 of the binary form: that of `case_digest` in a result."""
    return hashlib.sha256(case_file.case_to_bytes(case)).hexdigest()


def facts(case: Case) -> dict[str, Any]:
    """Size, horizon, digest and notes of a case."""
    horizon = case.horizon
    return {
        "case": case.name,
        "operating_day": horizon.operating_day.isoformat(),
        "periods": horizon.periods,
        "period_minutes": horizon.period_minutes,
        "first_period": horizon.labels()[0],
        "units": len(case.units.id),
        "renewables": len(case.renewables.id),
        "storage": len(case.storage.id),
        "loads": len(case.loads.id),
        "buses": len(case.network.bus_id),
        "branches": len(case.network.branch_id),
        "reserve_products": len(case.reserves.product_id),
        "load_mwh": float(case.loads.mw.sum()) * horizon.hours,
        "digest": digest(case),
        "notes": list(case.notes),
    }


def provenance(place: Path) -> dict[str, Any] | None:
    """What a made scenario says of where it comes from; None where it says nothing."""
    try:
        tree = json.loads(place.joinpath(PROVENANCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tree if isinstance(tree, dict) else None


def make(
    place: Path,
    story: str,
    base: Case,
    changed: Case,
    patches: Sequence[Patch],
    read: dict[str, Any],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Fill an empty folder with a scenario; returns its provenance. read: path, format and options of the base."""
    told = {
        "base": {**read, "digest": digest(base)},
        "patches": tree_of(patches),
        "seeds": [change.seed for patch in patches for change in patch.changes if change.change == "noise"],
        "digest": digest(changed),
        "versions": dict(versions),
    }
    names = ", ".join(patch.name or "patch" for patch in patches)
    lines = [
        f"# {story or f'{base.name}, changed'}",
        "",
        f"Made of {base.name} by {names}; {PROVENANCE_FILE} has it all.",
        "",
    ]
    _write(place / CASE_FILE, case_file.case_to_json(changed))
    _write(place / PROVENANCE_FILE, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    _write(place / STORY_FILE, "\n".join(lines))
    _write(place / scenario.FILE, f'[case]\npath = "{CASE_FILE}"\nformat = "case"\n')
    return told


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
