"""Figures of test_bounds.py: how many cases, what their proofs have multipliers of, how far below the optimum they are.

python -m tests.solve.decomposition.bound_figures                   # all cases
python -m tests.solve.decomposition.bound_figures --part 0 --of 4   # every fourth
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np

from tests.solve.decomposition.test_bounds import DRAWN, Judged, judged


def figures(found: list[Judged], drawn: int) -> str:
    """Lines of text."""
    below = np.array([one.below for one in found])
    lines = [
        f"drawn {drawn}, bounded and compared with the optimum {len(found)}, "
        f"bound of the search proved whole {sum(one.proved for one in found)}",
        f"below the optimum, relative: median {np.median(below):.2g}, 10 % {np.quantile(below, 0.1):.2g}, "
        f"90 % {np.quantile(below, 0.9):.2g}, least {below.min():.2g}",
    ]
    families = Counter(family for one in found for family in one.families)
    return "\n".join([*lines, *(f"multipliers of {family}: {count}" for family, count in families.most_common())])


def main() -> None:
    """Write the figures to standard output; a case that fails is named and ends it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", type=int, default=0)
    asked.add_argument("--of", type=int, default=1)
    chosen, began = asked.parse_args(), time.process_time()
    keys = DRAWN[chosen.part :: chosen.of]
    found: list[Judged] = []
    for key in keys:
        try:
            one = judged(key)
        except AssertionError as fault:
            raise SystemExit(f"{key}: {fault}") from fault
        found += [] if one is None else [one]
    print(figures(found, len(keys)))
    print(f"{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
