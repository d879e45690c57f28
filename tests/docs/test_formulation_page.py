"""docs/formulation.md and docs/notation.md name every family and every column, and nothing that is not there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pyomo.environ as pyo

import clearing.formulation
from models.scuc import scuc
from tests.docs import row_names
from tests.oracle.cases import drawn
from tests.oracle.production import production

PAGES = Path(__file__).resolve().parents[2] / "docs"
FORMULATION = (PAGES / "formulation.md").read_text(encoding="utf-8")
NOTATION = (PAGES / "notation.md").read_text(encoding="utf-8")
FAMILY = re.compile(r"`([a-z_]+\.[a-z_]+)` → block")
NAME = re.compile(r"`([a-z_]+(?:\.n)?)`")
COLUMNS = re.compile(r"`(variables\.[a-z_]+)`")


def public_functions() -> dict[str, str]:
    """`module.function` → return annotation, of every public function defined in clearing.formulation."""
    found = {}
    for info in pkgutil.iter_modules(clearing.formulation.__path__):
        module = importlib.import_module(f"clearing.formulation.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{info.name}.{name}"] = str(function.__annotations__.get("return", ""))
    return found


def stated(page: str) -> set[str]:
    """Names of blocks in the paragraphs that say which blocks a function makes."""
    said = (part for paragraph in page.split("\n\n") for part in paragraph.split("→ block")[1:])
    return {name for part in said for name in NAME.findall(part.partition("*soft*")[0])}


def families() -> set[str]:
    """Functions that return blocks of rows."""
    return {name for name, returns in public_functions().items() if "RowBlock" in returns}


def test_every_family_is_on_the_page_and_back() -> None:
    named = set(FAMILY.findall(FORMULATION))
    assert named == families()
    assert len(named) > 10


def test_every_block_has_its_formula_and_back() -> None:
    """Names of blocks as the code spells them, so that a multiplier's family can be looked up."""
    code, page = set(row_names.production()), stated(FORMULATION)
    assert code - page == set(), "rows without a formula in docs/formulation.md"
    assert page - code == set(), "docs/formulation.md names rows that no function makes"
    assert len(code) > 70


def test_the_table_of_row_names_is_that_of_the_code() -> None:
    """Production and Pyomo models; after a change: `python -m tests.docs.row_names`."""
    assert FORMULATION.split(row_names.MARK)[1].strip() == row_names.table().strip()
    assert len(row_names.models()) > 80
    assert [name for name, places in row_names.models().items() if not all(one.told for one in places)] == []


def test_the_names_are_those_of_built_problems() -> None:
    """What the syntax says is what problems are made of: rows of a drawn case, equations of its Pyomo model."""
    case, rules = drawn(3, steered=True)
    built = set(production(case, rules)[0].problem.rows)
    assert built <= set(row_names.production())
    assert len(built) > 20
    stated_there = {constraint.local_name for constraint in scuc(case, rules).component_objects(pyo.Constraint)}
    assert stated_there <= set(row_names.models())
    assert len(stated_there) > 20


FAMILIES = """
def one(columns):
    return [row_block("first", (1,), 0, 0), _helper("second", columns)]

def _helper(name, columns):
    for side, sign in (("up", 1), ("down", -1)):
        row_block(f"{name}_{side}", (1,), 0, 0)
"""
EQUATIONS = """
def more(m, d):
    @m.Constraint(d.units)
    def third(m, i):
        "x = 1."
    m.fourth = pyo.ConstraintList(doc="y = 1")
"""


def test_a_name_that_is_new_renamed_or_left_out_is_seen(tmp_path: Path) -> None:
    (tmp_path / "family.py").write_text(FAMILIES, encoding="utf-8")
    assert row_names.production(tmp_path) == {name: {"family.one"} for name in ("first", "second_up", "second_down")}
    (tmp_path / "family.py").write_text(FAMILIES.replace('"first"', '"renamed"'), encoding="utf-8")
    assert "renamed" in row_names.production(tmp_path)
    (tmp_path / "family.py").write_text(EQUATIONS, encoding="utf-8")
    assert row_names.models(tmp_path) == {
        "third": [row_names.Equation("family.more", "x = 1.")],
        "fourth": [row_names.Equation("family.more", "y = 1")],
    }
    page = "`a.one` → block `first`, (T); `a.two` → blocks `second_up`, `second_down`, (N, T)\n\n    x = 1\n\n`on`"
    assert stated(page) == {"first", "second_up", "second_down"}


def test_every_column_maker_is_in_the_notation_and_back() -> None:
    makers = {name for name in public_functions() if name.startswith("variables.add_")}
    assert set(COLUMNS.findall(NOTATION)) == makers


def test_every_column_is_in_the_notation() -> None:
    """Names of column blocks as the code spells them."""
    folder = Path(clearing.formulation.__path__[0])
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    columns = set(re.findall(r"column_block\(\s*\"([a-z_]+)\"", source))
    assert {name for name in columns if f"`{name}`" not in NOTATION} == set()
    assert len(columns) > 10
