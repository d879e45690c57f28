"""Which rows of which tables findings of a reading are about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from clearing.case.finding import Finding
from clearing.wire.problems import MOST_PER_COLUMN

_ROW = re.compile(r"(\w+)\.\w+\[(\d+)\]\Z")


def faulty_rows(findings: Iterable[Finding]) -> tuple[dict[str, set[int]], bool]:
    """Rows by table, and whether some finding is about no row: then tables are not to be judged further."""
    rows: dict[str, set[int]] = {}
    said: Counter[str] = Counter()
    whole = False
    for each in findings:
        found = _ROW.match(each.path)
        if found is None:
            whole = True
        else:
            rows.setdefault(found[1], set()).add(int(found[2]))
            said[each.path.partition("[")[0]] += 1
    # Of a column with so many faults not every row is named.
    return rows, whole or any(count >= MOST_PER_COLUMN for count in said.values())
