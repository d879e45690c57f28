"""Hold every pin of the locks against known advisories, offline (`make audit`).

    python tools/audit.py                      by tools/advisories/snapshot.json
    python tools/audit.py --records FOLDER     by a folder of OSV records (a mirror of an advisory database)
    python tools/audit.py --records FOLDER --save    and make the snapshot anew of what concerns our packages

Records are OSV, as JSON or YAML. Exit 1: a pinned version is affected, or is not the one that is installed here. What
the snapshot does not know cannot be found: its date is printed, and a newer mirror is better.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "tools" / "advisories" / "snapshot.json"
LOCK = "requirements-dev.lock"  # the widest one
KEPT = ("id", "aliases", "modified", "withdrawn")


def pins(lock: Path) -> dict[str, set[str]]:
    """Package → versions that a lock holds."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum() and "==" in line:
            name, _, rest = line.partition("==")
            found.setdefault(canonicalize_name(name), set()).add(rest.split()[0])
    return found


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """OSV records of a folder, in the order of their paths."""
    import yaml  # noqa: PLC0415  # a tool of the dev extra's; the snapshot needs none

    for path in sorted(folder.rglob("*")):
        if path.suffix in (".yaml", ".yml", ".json") and path.is_file():
            record = yaml.safe_load(path.read_text(encoding="utf-8"))
            if isinstance(record, dict) and "affected" in record and "id" in record:
                yield record


def concerning(found: Iterator[dict[str, Any]], packages: set[str]) -> list[dict[str, Any]]:
    """What of the records is needed to judge these packages."""
    kept = []
    for record in found:
        affected = [
            {"package": canonicalize_name(part["package"]["name"]), "ranges": _events(part),
             "versions": [str(v) for v in part.get("versions", ())]}
            for part in record["affected"]
            if part.get("package", {}).get("ecosystem") == "PyPI"
            and canonicalize_name(part["package"]["name"]) in packages
        ]  # fmt: skip
        if affected:
            kept.append({**{key: record[key] for key in KEPT if key in record}, "affected": affected})
    return kept


def _events(part: dict[str, Any]) -> list[list[dict[str, str]]]:
    ranges = (r for r in part.get("ranges", ()) if r.get("type") == "ECOSYSTEM")
    return [[{kind: str(v) for kind, v in event.items()} for event in r["events"]] for r in ranges]


def affects(part: dict[str, Any], version: str) -> bool:
    """Whether a version is in a listed one or in a range: [introduced, fixed) or [introduced, last_affected]."""
    if version in part["versions"]:
        return True
    try:
        return any(_within(events, Version(version)) for events in part["ranges"])
    except InvalidVersion:
        return False  # a range of something that is no version; the list of versions has been looked at


def _within(events: list[dict[str, str]], version: Version) -> bool:
    inside = False
    for event in sorted(events, key=lambda e: Version(_at(e))):
        at = Version(_at(event))
        if "introduced" in event and version >= at:
            inside = True
        elif ("fixed" in event and version >= at) or ("last_affected" in event and version > at):
            inside = False
    return inside


def _at(event: dict[str, str]) -> str:
    return next(iter(event.values()))


def findings(held: dict[str, set[str]], known: list[dict[str, Any]]) -> list[str]:
    """One line for each pinned version that an advisory names."""
    return [
        f"{part['package']}=={version}: {record['id']} {' '.join(record.get('aliases', ()))}".rstrip()
        for record in known
        if "withdrawn" not in record
        for part in record["affected"]
        for version in sorted(held.get(part["package"], ()))
        if affects(part, version)
    ]


def drift(held: dict[str, set[str]]) -> list[str]:
    """Packages that are installed here in a version that the lock does not hold."""
    found = []
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.metadata["Name"])
        if name in held and distribution.version not in held[name]:
            found.append(f"{name} is installed as {distribution.version}, locked as {', '.join(sorted(held[name]))}")
    return found


def _one_a_line(snapshot: dict[str, Any]) -> str:
    head = {key: value for key, value in snapshot.items() if key != "records"}
    lines = ",\n".join(json.dumps(record, default=str) for record in snapshot["records"])
    return f'{json.dumps(head)[:-1]},\n"records": [\n{lines}\n]}}\n'


def main(arguments: list[str]) -> int:
    """Print what was found; 1 when there is anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=Path, help="folder of OSV records")
    parser.add_argument("--save", action="store_true", help="write the snapshot")
    asked = parser.parse_args(arguments)
    held = pins(ROOT / LOCK)
    if asked.records is None:
        snapshot = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    else:
        known = concerning(records(asked.records), set(held))
        newest = max((str(record.get("modified", "")) for record in known), default="")
        snapshot = {"newest": newest, "packages": sorted(held), "records": known}
    if asked.save:
        SNAPSHOT.write_text(_one_a_line(snapshot), encoding="utf-8")
    found = [*findings(held, snapshot["records"]), *drift(held)]
    unknown = sorted(set(held) - set(snapshot["packages"]))
    print(f"{len(held)} packages, {len(snapshot['records'])} advisories, the newest of {snapshot['newest']}")
    if unknown:
        print(f"not covered by the snapshot: {', '.join(unknown)}")
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
