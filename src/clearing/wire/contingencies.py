"""Contingencies between proto and case."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.case.case import Case
from clearing.case.contingencies import NO_CONTINGENCIES, Contingencies, OutageKind
from clearing.v1 import case_pb2, network_pb2
from clearing.wire.columns import column, names
from clearing.wire.fields import Index, Table, index_of
from clearing.wire.problems import Problems


def read(
    pb: network_pb2.Contingencies,
    of: dict[OutageKind, Index],
    branch: Index,
    interface: Index,
    periods: int,
    problems: Problems,
) -> Contingencies:
    """The table; of: rows of what each kind of outage names."""
    path = "case.contingencies"
    problems.only(pb, path)
    ids = Table(pb, path, "id", periods, problems).ids("id")
    outages = Table(pb, path, "outage_contingency", periods, problems)
    exempt = Table(pb, path, "exempt_contingency", periods, problems)
    kind, at = outages.enum("outage_kind", OutageKind), index_of(ids)
    found = Contingencies(
        id=ids,
        outage_contingency=outages.references("outage_contingency", at),
        outage_kind=kind,
        outage_element=_elements(outages, kind, of),
        monitored_branch=Table(pb, path, "monitored_branch", periods, problems).references("monitored_branch", branch),
        monitored_min_voltage_kv=float(pb.monitored_min_voltage_kv),
        monitored_interface=Table(pb, path, "monitored_interface", periods, problems).references(
            "monitored_interface", interface
        ),
        exempt_contingency=exempt.references("exempt_contingency", at),
        exempt_branch=exempt.references("exempt_branch", branch),
    )
    stated = ids or outages.rows or exempt.rows or len(found.monitored_branch) or len(found.monitored_interface)
    return found if stated or found.monitored_min_voltage_kv else NO_CONTINGENCIES


def _elements(table: Table, kind: Ints, of: dict[OutageKind, Index]) -> Ints:
    """Row of every element in the table of its kind; −1 where there is none, which is a finding."""
    column = table.texts("outage_element")
    rows = [of.get(OutageKind(k), {}).get(name, -1) for k, name in zip(kind.tolist(), column, strict=True)]
    for row, found in enumerate(rows):
        if found < 0 and kind[row]:
            table.problems.error(
                "UNKNOWN_ID",
                f"{table.path}.outage_element[{row}]",
                "There is no row of this id in the table of the kind.",
                value=column[row],
                limit=f"a {OutageKind(int(kind[row])).name.lower()} of the case",
            )
    return np.array(rows, dtype=np.int64)


def write(case: Case, pb: case_pb2.Case) -> None:
    """The table of the case, where it has contingencies."""
    table, network = case.contingencies, case.network
    if table is NO_CONTINGENCIES:
        return
    pb.contingencies.CopyFrom(
        network_pb2.Contingencies(
            id=table.id,
            outage_contingency=names(table.outage_contingency, table.id),
            outage_kind=column(table.outage_kind),
            outage_element=element_ids(case),
            monitored_branch=names(table.monitored_branch, network.branch_id),
            monitored_min_voltage_kv=table.monitored_min_voltage_kv,
            monitored_interface=names(table.monitored_interface, network.interface_id),
            exempt_contingency=names(table.exempt_contingency, table.id),
            exempt_branch=names(table.exempt_branch, network.branch_id),
        )
    )


def element_ids(case: Case) -> Ids:
    """Id of every lost element, in the order of the outages."""
    ids = {
        OutageKind.BRANCH: case.network.branch_id,
        OutageKind.UNIT: case.units.id,
        OutageKind.HVDC_LINE: case.hvdc_lines.id,
    }
    table = case.contingencies
    pairs = zip(table.outage_kind.tolist(), table.outage_element.tolist(), strict=True)
    return tuple(ids[OutageKind(kind)][row] for kind, row in pairs)
