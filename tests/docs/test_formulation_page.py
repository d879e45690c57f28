"""docs/formulation.md and docs/notation.md name every family and every column, and nothing that is not there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import clearing.formulation

PAGES = Path(__file__).resolve().parents[2] / "docs"
FORMULATION = (PAGES / "formulation.md").read_text(encoding="utf-8")
NOTATION = (PAGES / "notation.md").read_text(encoding="utf-8")
FAMILY = re.compile(r"`([a-z_]+\.[a-z_]+)` → block")
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


def families() -> set[str]:
    """Functions that return blocks of rows."""
    return {name for name, returns in public_functions().items() if "RowBlock" in returns}


def test_every_family_is_on_the_page_and_back() -> None:
    named = set(FAMILY.findall(FORMULATION))
    assert named == families()
    assert len(named) > 10


def test_every_block_name_is_on_the_page() -> None:
    """Names of blocks as the code spells them, so that a multiplier's family can be looked up."""
    folder = Path(clearing.formulation.__path__[0])
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    blocks = set(re.findall(r"(?:row_block|_with_ends|_row|_limit)\(\s*\"([a-z_]+)\"", source))
    assert {name for name in blocks if f"`{name}`" not in FORMULATION} == set()
    assert len(blocks) > 15


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
