"""Corruptions of results drawn by family and kind: python -m tests.checks.draws [SEEDS] prints the table."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from clearing.case.finding import Severity
from clearing.case.validate import has_errors, validate
from clearing.checks.audit import audit
from clearing.day_ahead import clear
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from tests.checks.corrupt import corruptions, expected
from tests.checks.families import FAMILIES, drawn

KINDS = ("value", "commitment", "price", "bound", "objective")
AS_KIND = {"multiplier": "price", "report": "value"}
"""Multipliers are what prices are computed from; a report of a limit is a value of the schedule."""
SEEDS = 2


@dataclass
class Drawn:
    """Numbers of corruptions by (family, kind): all, those made for the family, those not caught."""

    all: Counter[tuple[str, str]] = field(default_factory=Counter)
    own: Counter[tuple[str, str]] = field(default_factory=Counter)
    functions: Counter[tuple[str, str]] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)

    def add(self, family: str, seed: int) -> None:
        """Every corruption that one clean result of the family offers."""
        case, rules = drawn(family, seed)
        assert not has_errors(validate(case, rules)), (family, seed)
        result = clear(case, rules, SolveOptions(gap=0.0, time_limit_seconds=60.0), RunControl())
        clean = audit(case, rules, result)
        assert clean.passed, (family, seed, [f for f in clean.findings if f.severity is Severity.ERROR])
        assert result.prices is not None
        for name, corrupted in corruptions(case, rules, result, np.random.default_rng(seed)):
            kind, _, function, *_ = name.split("/")
            found = {f.code for f in audit(case, rules, corrupted).findings if f.severity is Severity.ERROR}
            if not found & expected(name):
                self.survivors.append(f"{family}, seed {seed}: {name}: {sorted(found)}")
            cell = (family, AS_KIND.get(kind, kind))
            self.all[cell] += 1
            if function in FAMILIES[family].own:
                self.own[cell] += 1
                self.functions[family, function] += 1

    def table(self) -> str:
        """Markdown: for each family and kind all draws, and in brackets those made for the family."""
        lines = ["| family | " + " | ".join(KINDS) + " | all |", "|---|" + "---|" * (len(KINDS) + 1)]
        families = list(dict.fromkeys(family for family, _ in self.all))
        for family in families:
            cells = [self._cell(((family, kind),)) for kind in KINDS]
            lines.append(f"| {family} | " + " | ".join([*cells, self._cell([(family, k) for k in KINDS])]) + " |")
        sums = [self._cell([(family, kind) for family in families]) for kind in KINDS]
        whole = self._cell([(family, kind) for family in families for kind in KINDS])
        lines.append("| **all** | " + " | ".join([*sums, whole]) + " |")
        return "\n".join(lines)

    def _cell(self, cells: Iterable[tuple[str, str]]) -> str:
        cells = list(cells)
        own = sum(self.own[c] for c in cells)
        return f"{sum(self.all[c] for c in cells)}" + (f" ({own})" if own else "")


def main(seeds: int) -> int:
    """Draw from every family, print the table; 1 where a corruption survives."""
    drawn_ = Drawn()
    for family in FAMILIES:
        for seed in range(seeds):
            drawn_.add(family, seed)
    print(drawn_.table())
    print(f"\n{sum(drawn_.all.values())} corruptions drawn, {len(drawn_.survivors)} survive the audit.")
    print("\n".join(drawn_.survivors))
    return int(bool(drawn_.survivors))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
