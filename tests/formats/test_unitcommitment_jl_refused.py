"""UnitCommitment.jl's JSON: what cannot be taken is refused at its place, whatever the bytes."""

import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearing import formats
from clearing.case.validate import validate
from clearing.formats import FormatError, unitcommitment_jl
from clearing.rules.load import load
from tests.formats.unitcommitment_jl_instance import (
    IGNORE,
    MONEY,
    MW,
    instance,
    of,
    put,
    read,
    without,
    written,
)

A, S, L = "Generators|a|", "Storage units|s|", "Transmission lines|l1|"
REFUSED: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "another version": (put("Parameters|Version", "0.2"), "UNKNOWN_VERSION", "Parameters.Version"),
    "a version as a number": (put("Parameters|Version", 0.4), "WRONG_TYPE", "Parameters.Version"),
    "no version": (without("Parameters|Version"), "WRONG_TYPE", "Parameters.Version"),
    "no parameters": (without("Parameters"), "MISSING_FIELD", ".Parameters"),
    "no buses": (put("Buses", {}), "MISSING_FIELD", ".Buses"),
    "no horizon": (without("Parameters|Time horizon (min)"), "MISSING_FIELD", "Time horizon (h)"),
    "two horizons": (put("Parameters|Time horizon (h)", 2), "STATED_TWICE", "Time horizon (h)"),
    "half a step": (put("Parameters|Time horizon (min)", 100), "OUT_OF_RANGE", "Time horizon (min)"),
    "a million steps": (put("Parameters|Time horizon (min)", 3e7), "OUT_OF_RANGE", "Time horizon (min)"),
    "steps of 7 minutes": (put("Parameters|Time step (min)", 7), "OUT_OF_RANGE", "Time step (min)"),
    "a section nobody knows": (put("Phase shifters", {"x": {}}), "FIELD_NOT_READ", ".Phase shifters"),
    "a field nobody knows": (put(A + "Maximum daily starts", 2), "FIELD_NOT_READ", ".a.Maximum daily starts"),
    "no bus of that name": (put(A + "Bus", "west"), "UNKNOWN_ID", ".a.Bus"),
    "no type": (without(A + "Type"), "WRONG_TYPE", ".a.Type"),
    "a kind of generator": (put(A + "Type", "Nuclear"), "UNKNOWN_WORD", ".a.Type"),
    "no curve": (without(A + MW), "MISSING_FIELD", ".a." + MW),
    "an empty curve": (put(A + MW, []), "WRONG_LENGTH", ".a." + MONEY),
    "fewer costs than MW": (put(A + MONEY, [1.0]), "WRONG_LENGTH", ".a." + MONEY),
    "a curve that goes back": (put(A + MW, [20.0, 120.0, 100.0]), "CURVE_NOT_RISING", ".a." + MW),
    "two costs at one MW": (put(A + MW, [20.0, 20.0, 100.0]), "CURVE_NOT_RISING", ".a." + MW),
    "a short curve of a point": (put(A + MW, [[20.0, 20.0], 60.0, 100.0]), "WRONG_LENGTH", f".a.{MW}.0"),
    "another cost at 0 MW": (
        of("Generators", "a", **{MW: [0.0, 10.0], MONEY: [[1.0, 1.0, 1.0, 2.0], 100.0]}),
        "FIELD_NOT_READ",
        ".a." + MONEY,
    ),
    "text for a number": (put(A + "Ramp up limit (MW)", "30"), "WRONG_TYPE", ".a.Ramp up limit (MW)"),
    "a list for one number": (put(A + "Ramp up limit (MW)", [30.0] * 4), "WRONG_TYPE", ".a.Ramp up limit (MW)"),
    "infinite": (put(A + "Startup limit (MW)", float("inf")), "OUT_OF_RANGE", ".a.Startup limit (MW)"),
    "huge": (put(A + "Initial power (MW)", 10**400), "OUT_OF_RANGE", ".a.Initial power (MW)"),
    "a third of a step": (put(A + "Minimum uptime (h)", 1.2), "NOT_WHOLE", ".a.Minimum uptime (h)"),
    "delays that fall": (put(A + "Startup delays (h)", [2, 1, 8]), "START_LAGS_NOT_RISING", ".a.Startup delays (h)"),
    "a gap before the first delay": (
        put(A + "Startup delays (h)", [3, 4, 8]), "OUT_OF_RANGE", ".a.Startup delays (h).0",
    ),
    "delays without costs": (put(A + "Startup costs ($)", [1.0]), "WRONG_LENGTH", ".a.Startup delays (h)"),
    "neither on nor off": (put(A + "Initial status (h)", 0), "OUT_OF_RANGE", ".a.Initial status (h)"),
    "off with an output": (put(A + "Initial status (h)", -2), "OUT_OF_RANGE", ".a.Initial power (MW)"),
    "a status without a power": (without(A + "Initial power (MW)"), "MISSING_FIELD", ".a.Initial power (MW)"),
    "a power without a status": (without(A + "Initial status (h)"), "MISSING_FIELD", ".a.Initial status (h)"),
    "half committed": (put(A + "Commitment status", [1, None, None, None]), "WRONG_TYPE", ".a.Commitment status[0]"),
    "a short commitment": (put(A + "Commitment status", [None]), "WRONG_LENGTH", ".a.Commitment status"),
    "must run if null": (put(A + "Must run?", [None] * 4), "WRONG_TYPE", ".a.Must run?[0]"),
    "a reserve nobody asks for": (put(A + "Reserve eligibility", ["r9"]), "UNKNOWN_ID", "eligibility[0]"),
    "a reserve twice": (put(A + "Reserve eligibility", ["r1", "r1"]), "DUPLICATE_ID", ".a.Reserve eligibility"),
    "a site below its least": (put("Generators|w|Minimum power (MW)", 6.0), "MINIMUM_ABOVE_FORECAST", "power (MW)"),
    "a site without a cost": (without("Generators|w|Cost ($/MW)"), "MISSING_FIELD", ".w.Cost ($/MW)"),
    "a kind of reserve": (put("Reserves|r1|Type", "frequency"), "UNKNOWN_WORD", ".r1.Type"),
    "a penalty by period": (put("Reserves|r1|Shortfall penalty ($/MW)", [1, 2, 3, 4]), "FIELD_NOT_READ", "($/MW)"),
    "two products of one name": (
        put("Reserves|r2 up", {"Type": "spinning", "Amount (MW)": 1.0}), "DUPLICATE_ID", ".Reserves",
    ),
    "an efficiency above 1": (put(S + "Charge efficiency", 1.1), "OUT_OF_RANGE", ".s.Charge efficiency"),
    "all lost": (put(S + "Loss factor", 1.0), "OUT_OF_RANGE", ".s.Loss factor"),
    "a store without a level": (without(S + "Maximum level (MWh)"), "MISSING_FIELD", ".s.Maximum level (MWh)"),
    "an insulator": (put(L + "Susceptance (S)", 0.0), "OUT_OF_RANGE", ".l1.Susceptance (S)"),
    "a penalty of a line by period": (
        put(L + "Flow limit penalty ($/MW)", [1, 2, 3, 4]),
        "FIELD_NOT_READ",
        ".l1.Flow limit penalty ($/MW)",
    ),
    "a penalty below 0": (put(L + "Flow limit penalty ($/MW)", -1.0), "OUT_OF_RANGE", "penalty ($/MW)"),
    "a line nobody knows": (put("Contingencies|c1|Affected lines", ["l9"]), "UNKNOWN_ID", ".c1.Affected lines[0]"),
    "a unit nobody knows": (put("Contingencies|c1|Affected units", [3]), "WRONG_TYPE", ".c1.Affected units[0]"),
    "lines as a text": (put("Contingencies|c1|Affected lines", "l1"), "WRONG_TYPE", ".c1.Affected lines"),
    "a bus without a load": (without("Buses|south|Load (MW)"), "MISSING_FIELD", ".south.Load (MW)"),
    "a short load": (put("Buses|south|Load (MW)", [1.0]), "WRONG_LENGTH", ".south.Load (MW)"),
    "generators as a list": (put("Generators", []), "WRONG_TYPE", ".Generators"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_cannot_take_is_refused_at_its_place(tmp_path: Path, name: str) -> None:
    edit, code, path = REFUSED[name]
    data = instance()
    edit(data)
    with pytest.raises(FormatError) as error:
        unitcommitment_jl.read(written(tmp_path, data), **IGNORE)
    assert any(f.code == code and f.path.endswith(path) for f in error.value.findings), error.value.findings


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    data = instance()
    names = ("no curve", "all lost", "a kind of reserve", "an insulator", "a bus without a load", "a third of a step")
    for name in names:
        REFUSED[name][0](data)
    with pytest.raises(FormatError) as error:
        read(tmp_path, data)
    assert {f.code for f in error.value.findings} >= {REFUSED[name][1] for name in names}


@pytest.mark.parametrize("option", ["initial", "contingencies"])
def test_an_option_has_its_choices(tmp_path: Path, option: str) -> None:
    with pytest.raises(FormatError) as error:
        read(tmp_path, instance(), **{option: "maybe"})
    assert [f.code for f in error.value.findings] == ["OPTION"]


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unitcommitment_jl.parameters, "MOST_BYTES", 1 << 20)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * (8 << 20)))
    assert path.stat().st_size < 1 << 14
    with pytest.raises(FormatError) as error:
        unitcommitment_jl.read(path)
    assert [f.code for f in error.value.findings] == ["FILE_TOO_LARGE"]


@pytest.mark.parametrize("spoil", ["plain", "cut", "bits", "text"])
def test_what_is_no_gzip_file_is_refused(tmp_path: Path, spoil: str) -> None:
    packed = gzip.compress(json.dumps(instance()).encode())
    path = tmp_path / "case.json.gz"
    path.write_bytes(
        {
            "plain": json.dumps(instance()).encode(),
            "cut": packed[:-20],
            "bits": packed[:40] + bytes(b ^ 0x5A for b in packed[40:60]) + packed[60:],
            "text": gzip.compress(b"\xff\xfe\xfa"),
        }[spoil]
    )
    with pytest.raises(FormatError) as error:
        unitcommitment_jl.read(path)
    assert error.value.findings[0].code == ("FILE_NOT_TEXT" if spoil == "text" else "FILE_NOT_GZIP")
    with pytest.raises(FormatError):
        formats.read(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_ends_in_anything_but_a_case_or_findings(tmp_path: Path, data: st.DataObject) -> None:
    """Replace one value anywhere in the tree by anything JSON can hold."""
    tree = instance()
    node: Any = tree
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    node[key] = data.draw(st.recursive(leaf, lambda s: st.lists(s, max_size=4) | st.dictionaries(st.text(), s)))
    with contextlib.suppress(FormatError):
        case = unitcommitment_jl.read(written(tmp_path, tree), initial="merit-order", contingencies="ignore")
        assert np.isfinite(case.units.no_load_cost_per_hour).all()
        assert case.units.p_max_mw.shape == (len(case.units.id), case.horizon.periods)
        validate(case, load("generic"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=64), packed=st.booleans())
def test_no_bytes_end_in_anything_but_findings(tmp_path: Path, junk: bytes, packed: bool) -> None:
    path = tmp_path / ("junk.json.gz" if packed else "junk.json")
    path.write_bytes(junk)
    with pytest.raises(FormatError):
        unitcommitment_jl.read(path)
