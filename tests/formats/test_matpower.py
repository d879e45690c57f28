"""MATPOWER files: what is read, what is refused, and that nothing in them is executed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.case.case import Case
from clearing.case.validate import validate
from clearing.day_ahead import clear
from clearing.formats import FormatError, read
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions

WIDE = {"offers.max_segments": "1000", "offers.floor_per_mwh": "-1e6", "offers.cap_per_mwh": "1e6"}
RULES = load("generic", "", WIDE)
CASE = """function mpc = small
%SMALL  a 3-bus case with everything that is read
mpc.version = '2';
mpc.baseMVA = 50;
%% bus data
%	bus_i	type	Pd	Qd	Gs	Bs	area	Vm	Va	baseKV	zone	Vmax	Vmin
mpc.bus = [
	10	3	0	0	0	0	1	1	0	220	1	1.1	0.9;
	20	1	60	10	2	0	1	1	0	220	1	1.1	0.9;	% a 'comment' [in] a row
	30	1	30	5	0	0	1	1	0	110	2	1.1	0.9;
	40	4	99	0	0	0	1	1	0	110	2	1.1	0.9;
];
mpc.gen = [
	10	50	0	0	0	1	100	1	100	10	0	0	0	0	0	0	0	0	0	0	0;
	30	0	0	0	0	1	100	1	20	-15	0	0	0	0	0	0	0	0	0	0	0;
	20	0	0	0	0	1	100	1	0	-12	0	0	0	0	0	0	0	0	0	0	0;
	30	0	0	0	0	1	100	0	500	0	0	0	0	0	0	0	0	0	0	0	0;
];
mpc.branch = [
	10	20	0.01	0.1	0	80	0	90	0	0	1	-360	360;
	10	20	0.01	0.2	0	0	0	0	0.98	2	1	-30	30;
	20	30	0	0.1	0	50	0	0	0	0	1	0	0;
	30	40	0	0.1	0	50	0	0	0	0	1	0	0;
];
mpc.gencost = [
	2	100	7	3	0.02	20	5	0;
	2	0	0	2	30	0	0	0;
	1	0	0	2	-12	-600	0	0;
	2	0	0	3	0	99	0	0;
];
mpc.bus_name = { 'A''s'; "B"; 'C % no comment'; 'D' };
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.m"
    path.write_text(CASE, encoding="utf-8")
    return path


def codes(path: Path, **options: str) -> list[tuple[str, str]]:
    with pytest.raises(FormatError) as caught:
        read(path, **options)
    return [(f.code, f.path) for f in caught.value.findings]


def test_tables_are_read(file: Path) -> None:
    case = read(file, segments="4")
    net = case.network
    assert net.bus_id == ("10", "20", "30")
    assert (net.branch_id, net.zone_id) == (("10-20", "10-20#2", "20-30"), ("zone 1", "zone 2"))
    assert net.branch_reactance_pu == pytest.approx([0.2, 0.4, 0.2])
    assert net.branch_limit_mw.tolist() == [80.0, np.inf, 50.0]
    assert net.branch_emergency_limit_mw.tolist() == [90.0, np.inf, 50.0]
    assert (net.branch_tap_ratio[1], net.branch_shift_degrees[1]) == (0.98, 2.0)
    # 50 MW per radian and unit of susceptance: limits of the angle difference, the shift taken off
    size = 50 / (0.2 * 0.98)
    assert net.interface_id == ("angle:10-20#2",)
    assert net.interface_min_mw[0, 0] == pytest.approx(size * np.deg2rad(-32.0))
    assert net.interface_max_mw[0, 0] == pytest.approx(size * np.deg2rad(28.0))
    assert dict(zip(case.loads.id, case.loads.mw[:, 0], strict=True)) == {"load 20": 60, "load 30": 30, "shunt 20": 2}
    assert case.units.id == ("gen 1 @10", "gen 2 @30")
    assert (case.units.p_min_mw[:, 0].tolist(), case.units.p_max_mw[:, 0].tolist()) == ([10.0, 0.0], [100.0, 20.0])
    assert case.units.start_costs.cost.tolist() == [100.0, 0.0]
    assert case.demand_bids.id == ("load of gen 2", "load of gen 3")
    assert case.demand_bids.max_mw[:, 0].tolist() == [15.0, 12.0]
    assert case.demand_bids.bids.price_per_mwh[:, 0].tolist() == pytest.approx([30.0, 50.0])
    assert any("isolated" in note for note in case.notes)
    assert any("cut into 4 parts" in note for note in case.notes)


def test_the_optimum_is_that_of_the_curves(file: Path) -> None:
    """gen 1 at 20 + 0.04·P meets 50 (bid at bus 20) before 30 + nothing else: all at the cost of gen 1 and 2."""
    case = read(file, segments="1000")
    assert [f for f in validate(case, RULES) if f.severity.name == "ERROR"] == []
    found = clear(replace(case, network=_open(case)), RULES, SolveOptions(), RunControl())
    assert found.schedule is not None
    assert found.audit_passed
    # load 92 + 12 MW bought at 50; marginal cost of gen 1 is 23.9 at 97 MW: gen 2 at 30 stays at 0 up to 100 MW
    assert found.schedule.dispatch_mw[:, 0] == pytest.approx([100.0, 4.0])
    assert found.termination.objective == pytest.approx(0.02 * 100**2 + 20 * 100 + 5 + 4 * 30 - 12 * 50, abs=0.01)


def _open(case: Case) -> object:
    net = case.network
    free = np.full(len(net.branch_id), np.inf)
    wide = np.full(net.interface_min_mw.shape, np.inf)
    return replace(net, branch_limit_mw=free, interface_min_mw=-wide, interface_max_mw=wide)


def test_the_convention_of_powermodels(file: Path) -> None:
    net = read(file, convention="powermodels").network
    assert net.branch_reactance_pu == pytest.approx([2 * (0.01**2 + x**2) / x for x in (0.1, 0.2)] + [0.2])
    assert (net.branch_tap_ratio[1], net.branch_shift_degrees[1]) == (1.0, 0.0)


@pytest.mark.parametrize(
    "statement",
    [
        "delete('everything')",
        "system('touch owned')",
        "mpc.branch(:, 3) = mpc.branch(:, 3) / 10;",
        "mpc.gen = rand(3, 21);",
        "for k = 1:10, mpc.baseMVA = k; end",
        "mpc.bus = [mpc.bus; 50 1 0 0 0 0 1 1 0 110 1 1.1 0.9];",
        "mpc.baseMVA = 10 * 10;",
        "eval(char([100 101]))",
        "return; mpc.baseMVA = 10;",
        "function other(mpc), mpc.baseMVA = 10;",
        "if true, mpc.baseMVA = 10; end",
        "mpc.if.map = [1 1];",
    ],
)
def test_code_is_refused_with_its_line(file: Path, statement: str) -> None:
    file.write_text(CASE + statement + "\n", encoding="utf-8")
    line = CASE.count("\n") + 1
    found = codes(file)
    assert {code for code, _ in found} <= {"MATPOWER_CODE", "NOT_A_NUMBER", "STATED_TWICE"}
    assert any(path.startswith(f"small.m:{line}") for _, path in found)
    assert not Path("owned").exists()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("mpc.version = '2';", "mpc.version = '1';", "UNKNOWN_VERSION"),
        ("mpc.baseMVA = 50;", "", "REQUIRED"),
        ("mpc.baseMVA = 50;", "mpc.baseMVA = 50; mpc.baseMVA = 5;", "STATED_TWICE"),
        ("mpc.baseMVA = 50;", "mpc.baseMVA = 1e13;", "OUT_OF_RANGE"),
        ("	60	10	2", "	1e13	10	2", "OUT_OF_RANGE"),
        ("	2	100	7	3", "	2	100	7	Inf", "OUT_OF_RANGE"),
        ("	2	100	7	3", "	2	Inf	7	3", "OUT_OF_RANGE"),
        ("	2	100	7	3", "	2	100	7	2.5", "OUT_OF_RANGE"),
        ("mpc.baseMVA = 50;", "mpc.baseMVA = 0;", "OUT_OF_RANGE"),
        ("mpc.baseMVA = 50;", "mpc.baseMVA = Inf;", "OUT_OF_RANGE"),
        ("	60	10	2", "	NaN	10	2", "NOT_A_NUMBER"),
        ("	60	10	2", "	1/0	10	2", "NOT_A_NUMBER"),
        ("	60	10	2", "	60	2", "RAGGED_ROWS"),
        ("	20	30	0	0.1", "	20	77	0	0.1", "UNKNOWN_ID"),
        ("	20	1	60", "	10	1	60", "DUPLICATE_ID"),
        ("	20	1	60", "	20.5	1	60", "OUT_OF_RANGE"),
        ("	1	100	10	0	0", "	1	5	10	0	0", "OUT_OF_RANGE"),
        ("	2	100	7	3	0.02", "	2	100	7	9	0.02", "OUT_OF_RANGE"),
        ("	2	100	7	3	0.02", "	3	100	7	3	0.02", "OUT_OF_RANGE"),
        ("mpc.bus_name =", "mpc.reserves =", "FIELD_NOT_READ"),
        (
            "	2	0	0	3	0	99	0	0;\n];",
            "	2	0	0	3	0	99	0	0;\n",
            "MATPOWER_CODE",
        ),
    ],
)
def test_faults_are_named(file: Path, old: str, new: str, code: str) -> None:
    assert old in CASE
    file.write_text(CASE.replace(old, new, 1), encoding="utf-8")
    assert code in {found for found, _ in codes(file)}


def test_options_are_checked(file: Path) -> None:
    assert codes(file, segments="0", convention="psse", commitment="maybe") == [
        ("OUT_OF_RANGE", "segments"), ("UNKNOWN_WORD", "convention"), ("UNKNOWN_WORD", "commitment"),
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_text_makes_the_reader_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Pieces of the case cut out, doubled, or replaced by noise: a case or findings, never another exception."""
    text = CASE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(len(text), at + 40)))
        noise = st.one_of(
            st.text(max_size=12),
            st.sampled_from(["];", "[", "{", "'", '"', "%{\n", "%}\n", "...", "1e999", "-", "mpc.gen = [", "1e-320"]),
        )
        text = text[:at] + data.draw(noise) + text[end:]
    path = tmp_path_factory.mktemp("noise") / "small.m"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        case = read(path)
    except FormatError as error:
        assert error.findings  # noqa: PT017  either way is right, but not without a finding
    else:
        validate(case, RULES)
