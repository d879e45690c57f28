"""Names of rows as the code spells them, read from its syntax: blocks of production, constraints of the Pyomo models.

As a module: writes the table of names at the end of docs/formulation.md.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from clearing.grid.monitored import FAMILY

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "formulation.md"
MARK = "<!-- the table below is written by `python -m tests.docs.row_names` -->\n"
GIVEN = "network.network"  # its names come from the callers: families of what is monitored, counted by rounds
Names = dict[str, set[str]]  # a name of the code → what it may hold
Function = ast.FunctionDef


@dataclass(frozen=True, slots=True)
class Equation:
    """A constraint of the models: where it stands and what its docstring says."""

    place: str
    told: str


def production(folder: Path = ROOT / "src" / "clearing" / "formulation") -> Names:
    """Name of a block → `module.function` of the public functions that make it; `n` stands for a running number."""
    found: Names = {}
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, Function)}
        for name, function in functions.items():
            if not name.startswith("_"):
                for block in FAMILY if f"{path.stem}.{name}" == GIVEN else _blocks(function, {}, functions):
                    found.setdefault(block, set()).add(f"{path.stem}.{name}")
    return found


def _blocks(function: Function, known: Names, functions: dict[str, Function]) -> Iterator[str]:
    """Names that a function gives to `row_block`, itself or through private functions of its module."""
    known = known | _loops(function)
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id == "row_block":
                yield from _values(call.args[0], known, functions)
            elif call.func.id.startswith("_") and call.func.id in functions:
                called = functions[call.func.id]
                given = zip((a.arg for a in called.args.args), call.args, strict=False)
                bound = {name: _values(value, known, functions) for name, value in given if _is_text(value)}
                yield from _blocks(called, bound, functions)


def _is_text(node: ast.expr) -> bool:
    """Whether an argument may be a name of rows: a text, or something that holds or makes one."""
    return isinstance(node, (ast.JoinedStr, ast.Name, ast.Call)) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _loops(function: Function) -> Names:
    """Texts that loops over literal tuples give to their variables."""
    held: Names = {}
    for loop in ast.walk(function):
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Tuple) and isinstance(loop.iter, ast.Tuple):
            for row in loop.iter.elts:
                if isinstance(row, ast.Tuple):
                    for target, value in zip(loop.target.elts, row.elts, strict=True):
                        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                            held.setdefault(target.id, set()).add(str(value.value))
    return held


def _values(node: ast.expr, known: Names, functions: dict[str, Function]) -> set[str]:
    """What an expression may be as text; `n` where the code counts."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.Name):
        return known.get(node.id, {"n"})
    if isinstance(node, ast.JoinedStr):
        return {"".join(parts) for parts in product(*(_values(part, known, functions) for part in node.values))}
    if isinstance(node, ast.FormattedValue):
        return _values(node.value, known, functions)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
        returned = [part.value for part in ast.walk(functions[node.func.id]) if isinstance(part, ast.Return)]
        return {text for value in returned if value is not None for text in _values(value, {}, functions)}
    return {"n"}


def models(folder: Path = ROOT / "models") -> dict[str, list[Equation]]:
    """Name of a Pyomo constraint → where the models state it, and its docstring (of a list: its `doc`)."""
    found: dict[str, list[Equation]] = {}
    for path in sorted(folder.glob("*.py")):
        for outer in ast.parse(path.read_text(encoding="utf-8")).body:
            for node in ast.walk(outer):
                for name, told in _stated(node, outer):
                    place = f"{path.stem}.{outer.name}" if isinstance(outer, Function) else path.stem
                    found.setdefault(name, []).append(Equation(place, told))
    return found


def _stated(node: ast.AST, outer: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, Function):
        if any(isinstance(d, ast.Call) and _attribute(d.func) == "Constraint" for d in node.decorator_list):
            yield node.name, " ".join((ast.get_docstring(node) or "").split())
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        lists = _attribute(node.value.func) in {"Constraint", "ConstraintList"} and isinstance(outer, Function)
        told = next((ast.literal_eval(k.value) for k in node.value.keywords if k.arg == "doc"), "") if lists else ""
        yield from ((_attribute(target), told) for target in node.targets if lists)


def _attribute(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def table() -> str:
    """All names in one table, sorted."""
    here, there = production(), models()
    lines = ["| row | production | models | equation in models |", "|---|---|---|---|"]
    for name in sorted(here | there):
        places = ", ".join(f"`{place}`" for place in sorted(here.get(name, ()))) or "–"
        stated = there.get(name, [])
        others = ", ".join(f"`{one.place}`" for one in stated) or "–"
        told = "; ".join(dict.fromkeys(one.told.replace("|", "∣").rstrip(".") for one in stated)) or "–"
        lines.append(f"| `{name}` | {places} | {others} | {told} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table behind the mark."""
    head = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    PAGE.write_text(head + MARK + "\n" + table(), encoding="utf-8")


if __name__ == "__main__":
    main()
