"""Whether the flows of a network follow from injections."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.grid.factored import SingularNetworkError
from clearing.grid.islands import islands
from clearing.grid.topology import topologies


def unsolvable(case: Case) -> list[Finding]:
    """SINGULAR_NETWORK: reactances of opposite sign cancel. Only a case with a negative one is looked at."""
    reactance = case.network.branch_reactance_pu
    if not (reactance < 0.0).any():
        return []
    try:
        topologies(case, islands(case))
    except SingularNetworkError:
        text = "Reactances of opposite sign cancel in some period, so that injections do not determine the flows."
        return [Finding(Severity.ERROR, "SINGULAR_NETWORK", "case.network.branch_reactance_pu", text)]
    return []
