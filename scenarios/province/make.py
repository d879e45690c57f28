"""Generator of the scenario: `make(day=…, seed=…, spinning=…, contingencies=…)` gives a case; a program writes it.

python -m scenarios.province.make --day spring-noon --out spring-noon.binpb
"""

from __future__ import annotations

from clearing.case.case import Case

from ..drawn.build import OPTIONS, SEED, case_of, write_one
from .size import PROVINCE

__all__ = ["OPTIONS", "SEED", "make"]


def make(day: str = "winter-peak", seed: str = SEED, spinning: str = "yes", contingencies: str = "no") -> Case:
    """The case of a day. Raises FormatError for unknown option values or a missing network."""
    return case_of(PROVINCE, day, seed, spinning, contingencies)


if __name__ == "__main__":
    write_one(make, __doc__)
