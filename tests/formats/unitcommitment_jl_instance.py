"""A small instance in the format of UnitCommitment.jl, and edits of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clearing import formats
from clearing.case.case import Case

IGNORE = {"contingencies": "ignore"}


def thermal(**more: Any) -> dict[str, Any]:
    row = {
        "Bus": "north", "Type": "Thermal",
        "Production cost curve (MW)": [20.0, 60.0, 100.0], "Production cost curve ($)": [300.0, 700.0, 1300.0],
        "Startup costs ($)": [50.0, 80.0, 120.0], "Startup delays (h)": [1, 4, 8],
        "Ramp up limit (MW)": 30.0, "Ramp down limit (MW)": 15.0,
        "Startup limit (MW)": 40.0, "Shutdown limit (MW)": 35.0,
        "Minimum uptime (h)": 3, "Minimum downtime (h)": 2, "Initial status (h)": 4, "Initial power (MW)": 50.0,
        "Must run?": False, "Reserve eligibility": ["r1"],
    }  # fmt: skip
    return row | more


def instance(step: int = 30) -> dict[str, Any]:
    """Four time steps of half an hour."""
    return {
        "SOURCE": "made up",
        "Parameters": {
            "Version": "0.4", "Time horizon (min)": 4 * step, "Time step (min)": step,
            "Power balance penalty ($/MW)": 700.0, "Scenario name": "s1",
        },
        "Buses": {"north": {"Load (MW)": 0.0}, "south": {"Load (MW)": [50.0, 60.0, 55.0, 40.0]}},
        "Generators": {
            "a": thermal(),
            "b": thermal(**{
                "Initial status (h)": -3, "Initial power (MW)": 0.0, "Reserve eligibility": ["r1", "r2"],
                "Commitment status": [None, False, True, None],
            }),
            "w": {
                "Bus": "south", "Type": "Profiled", "Minimum power (MW)": 1.0,
                "Maximum power (MW)": [5.0, 9.0, 2.0, 1.0], "Cost ($/MW)": 1.5,
            },
        },
        "Storage units": {
            "s": {
                "Bus": "south", "Minimum level (MWh)": 2.0, "Maximum level (MWh)": [20.0, 21.0, 22.0, 20.0],
                "Loss factor": 0.01,
                "Allow simultaneous charging and discharging": False, "Charge cost ($/MW)": 2.0,
                "Discharge cost ($/MW)": [1.0, 2.0, 3.0, 4.0], "Charge efficiency": [0.9, 0.9, 0.8, 0.9],
                "Discharge efficiency": 0.8,
                "Minimum charge rate (MW)": 1.0, "Maximum charge rate (MW)": 6.0, "Maximum discharge rate (MW)": 8.0,
                "Initial level (MWh)": 5.0, "Last period minimum level (MWh)": 4.0,
            }
        },
        "Price-sensitive loads": {"p": {"Bus": "north", "Revenue ($/MW)": 23.0, "Demand (MW)": [5.0, 6.0, 7.0, 8.0]}},
        "Transmission lines": {
            "l1": {
                "Source bus": "north", "Target bus": "south", "Susceptance (S)": 17.453292519943295,
                "Normal flow limit (MW)": [80.0, 80.0, 70.0, 70.0], "Emergency flow limit (MW)": 90.0,
                "Flow limit penalty ($/MW)": 400.0,
            },
            "l2": {"Source bus": "south", "Target bus": "north", "Susceptance (S)": 10.0},
        },
        "Reserves": {
            "r1": {"Type": "Spinning", "Amount (MW)": [5.0, 6.0, 7.0, 8.0], "Shortfall penalty ($/MW)": 100.0},
            "r2": {"Type": "flexiramp", "Amount (MW)": 3.0},
        },
        "Contingencies": {"c1": {"Affected lines": ["l1"]}, "c2": {"Affected generators": ["a"]}},
    }  # fmt: skip


def written(folder: Path, data: Any, name: str = "case.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data))
    return path


def read(folder: Path, data: Any, **options: str) -> Case:
    return formats.read(written(folder, data), **(IGNORE | options))


def of(*place: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    def edit(data: dict[str, Any]) -> None:
        for key in place:
            data = data.setdefault(key, {})
        data.update(fields)

    return edit


def put(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set the field at `section|name|field`."""
    *path, field = place.split("|")
    return of(*path, **{field: value})


def without(place: str) -> Callable[[dict[str, Any]], None]:
    *path, field = place.split("|")

    def edit(data: dict[str, Any]) -> None:
        for key in path:
            data = data[key]
        del data[field]

    return edit


MW, MONEY = "Production cost curve (MW)", "Production cost curve ($)"
