"""Energy and contracts of a cycle, from tables that fill one another up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Ids, Ints
from clearing.settlement.tables import Contracts, Cycle, Energy
from clearing.v1 import settlement_pb2 as pb2
from clearing.wire.fields import MOST_CELLS, Index, index_of
from clearing.wire.problems import MOST_PER_COLUMN, Problems
from clearing.wire.settlement_columns import MOST_ENERGY, MOST_PRICE, Grid
from clearing.wire.substitution_columns import Columns


def energy(many: Sequence[pb2.SettlementEnergy], span: Cycle, ids: Ids, problems: Problems) -> Energy:
    """Energy of all participants and days; findings where it is given twice or not at all."""
    shape = len(ids), span.days * span.periods
    if shape[0] * shape[1] > MOST_CELLS:
        problems.fatal("TOO_LARGE", "energy", "Participants times periods exceed the limit.",
                       value=shape[0] * shape[1], limit=MOST_CELLS)  # fmt: skip
        shape = 0, 0
    ahead, real = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    given = np.zeros((len(ids), span.days), dtype=np.int64)
    index = index_of(ids)
    for number, pb in enumerate(many if shape[1] else ()):
        path = f"energy[{number}]"
        table = Columns(pb, path, "participant", 1, problems)
        days = covered(pb, path, span, problems)
        rows = table.references("participant", index) if table.rows else np.arange(len(ids))
        grid = Grid(pb, path, len(days) * span.periods, problems)
        at = slice(days.start * span.periods, days.stop * span.periods)
        for name, target in (("ahead_tenth_kwh", ahead), ("real_tenth_kwh", real)):
            values = grid.read(name, len(rows), MOST_ENERGY)
            if len(rows) == len(ids) and not table.rows:
                target[:, at] = values
            else:
                target[rows[rows >= 0], at] = values[rows >= 0]
        np.add.at(given[:, days.start : days.stop], rows[rows >= 0], 1)
    if shape[1]:
        _complete(given, ids, problems)
    return Energy(ahead, real)


def _complete(given: Ints, ids: Ids, problems: Problems) -> None:
    """REQUIRED: a participant has no energy of a day; DUPLICATE_ID: it has it twice."""
    for code, wrong, message in (
        ("REQUIRED", given == 0, "No energy of this day."), ("DUPLICATE_ID", given > 1, "Energy of this day again."),
    ):  # fmt: skip
        rows = np.flatnonzero(wrong.any(axis=1))
        for row in rows[:MOST_PER_COLUMN].tolist():
            day = int(np.argmax(wrong[row]))
            problems.error(code, "energy", message, subject=ids[row], value=f"day {day}", limit="once")


def covered(pb: pb2.SettlementEnergy | pb2.SettlementContracts, path: str, span: Cycle, problems: Problems) -> range:
    """Days of a table; all after a finding."""
    days = pb.days or span.days - pb.first_day
    if 0 <= pb.first_day < span.days and 1 <= days <= span.days - pb.first_day:
        return range(pb.first_day, pb.first_day + days)
    value = f"{pb.first_day} + {pb.days}"
    problems.error("OUT_OF_RANGE", f"{path}.first_day", "Not within the cycle.", value=value, limit=span.days)
    return range(span.days)


def contracts(
    many: Sequence[pb2.SettlementContracts], span: Cycle, who: Index, nodes: Index, node: Ints, problems: Problems
) -> tuple[Contracts, ...]:
    """Tables of contracts; of one without a reference node it is the seller's."""
    found = []
    for number, pb in enumerate(many):
        path = f"contracts[{number}]"
        table = Columns(pb, path, "contract", 1, problems)
        table.ids("contract")
        days = covered(pb, path, span, problems)
        seller, buyer = (np.maximum(table.references(name, who), 0) for name in ("seller", "buyer"))
        same = seller == buyer
        if same.any() and len(node) > 1:
            table.each("buyer", same, buyer, "CONTRADICTION", "not the seller", "A contract with itself.")
        reference = table.references("reference_node", nodes, optional=True)
        reference = np.where(reference >= 0, reference, node[seller] if len(node) else 0)
        grid = Grid(pb, path, len(days) * span.periods, problems)
        price = grid.read("price_milli", table.rows, MOST_PRICE, narrow=True)
        amount = grid.read("energy_tenth_kwh", table.rows, MOST_ENERGY, low=0, narrow=True)
        found.append(Contracts(seller, buyer, reference, price, amount, days.start, len(days)))
    return tuple(found)
