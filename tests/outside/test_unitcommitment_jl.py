"""UnitCommitment.jl's two small price tests: two buses, one line, one hour. Figures are read from its own files."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from clearing.case.case import Case
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.factory import Row, market

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "unitcommitment-jl"

PUBLISHED = {"lmp_simple_test_1": (50.0, 50.0), "lmp_simple_test_2": (50.0, 60.0)}
"""Price at bus A and bus B, as in the package's test/src/lmp tests."""


def two_bus(name: str) -> Case:
    file = DATA / f"{name}.json.gz"
    if not file.is_file():
        pytest.skip("the instances of UnitCommitment.jl are not beside the checkout")
    raw: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    (line,) = raw["Transmission lines"].values()

    def unit(name: str, row: dict[str, Any]) -> Row:
        (low, high), (none, cost) = row["Production cost curve (MW)"], row["Production cost curve ($)"]
        assert low == none == 0
        return {"id": name, "bus": row["Bus"], "p_max": high, "price": cost / high}

    return market(
        {bus: [row["Load (MW)"]] for bus, row in raw["Buses"].items()},
        units=[unit(name, row) for name, row in raw["Generators"].items()],
        branches=[
            {
                "id": "l1",
                "ends": (line["Source bus"], line["Target bus"]),
                "x": line["Reactance (ohms)"],
                "limit": line.get("Normal flow limit (MW)", float("inf")),
            }
        ],
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_prices_at_both_ends_of_the_line(name: str) -> None:
    case = two_bus(name)
    answer = clear(case, load("generic"), SolveOptions(gap=0.0), RunControl())
    assert answer.audit_passed, answer.audit
    assert answer.prices is not None
    assert tuple(answer.prices.bus_price[:, 0]) == pytest.approx(PUBLISHED[name], abs=1e-9)
