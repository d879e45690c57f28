"""Cases written as pglib-uc JSON: read back the same, or a finding for what the format cannot say."""

from pathlib import Path
from typing import Any

import pytest

from clearing import formats
from clearing.case.finding import Severity
from clearing.formats import FormatError
from tests.factory import market
from tests.formats.test_pglib_uc import INSTANCES, instance, written
from tests.formats.test_write_unitcommitment_jl import assert_alike

FORMAT = "pglib-uc"


def test_read_write_read_gives_the_same_case(tmp_path: Path) -> None:
    case = formats.read(written(tmp_path, instance()))
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / f"{case.name}.json"
    assert formats.write(case, out, FORMAT) == ()
    assert_alike(case, formats.read(out))


@pytest.mark.slow
def test_so_does_a_real_instance(tmp_path: Path) -> None:
    """73 units of RTS-GMLC, 81 sites, start states, must-run units."""
    case = formats.read(INSTANCES / "rts_gmlc" / "2020-07-06.json")
    assert formats.write(case, tmp_path / "2020-07-06.json", FORMAT) == ()
    assert_alike(case, formats.read(tmp_path / "2020-07-06.json"))


UNIT = {"id": "U", "p_max": 100, "minutes": 60}
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "half hours": ({"period_minutes": 30}, "case.horizon.period_minutes"),
    "buses": ({"buses": ["system", "b"]}, "case.network"),
    "a bid": ({"bids": [{"id": "B", "max": 5, "price": 9}]}, "case.demand_bids"),
    "a store": ({"storage": [{"id": "S", "power": 5, "energy": 5}]}, "case.storage"),
    "a price of wind": ({"renewables": [{"id": "W", "forecast": 5, "price": 1}]}, "case.renewables.offers"),
    "limits by hour": ({"units": [UNIT | {"p_max": [90, 100]}]}, "case.units.p_max_mw"),
    "costs by hour": ({"units": [UNIT | {"blocks": [(100, [1, 2])]}]}, "case.units.offers"),
    "must run at times": ({"units": [UNIT | {"must_run": [1, 0]}]}, "case.units.on_min"),
    "a stop": ({"units": [UNIT | {"stop_cost": 5}]}, "case.units.stop_cost"),
    "a start beyond the ramp": ({"units": [UNIT | {"ramp": 1}]}, "case.units.startup_limit_mw"),
    "two products": ({"products": [{"id": q, "requirement": 1} for q in "ab"]}, "case.reserves"),
}


@pytest.mark.parametrize("name", LOST)
def test_what_the_format_cannot_say_is_an_error_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    rows, path = LOST[name]
    file = tmp_path / "case.json"
    with pytest.raises(FormatError) as error:
        formats.write(market([10.0, 10.0], **rows), file, FORMAT)
    assert path in [f.path for f in error.value.findings if f.severity is Severity.ERROR], error.value.findings
    assert not file.exists()
