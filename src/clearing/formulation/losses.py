"""Losses of alternating-current branches in the balance of an island: linearised, or bounded by tangents."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, freeze
from clearing.case.network import Network
from clearing.formulation.injections import Injection
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns, column_block
from clearing.milp.rows import RowBlock, Scattered, row_block

SMALLEST_FACTOR = 1e-12
"""Loss factors below it would only thicken the rows."""


@dataclass(frozen=True, slots=True)
class Tangent:
    """Losses about one operating point: constant_at + Σ_{k in a} factor_kt · injection_kt, MW. I islands, K buses.

    factor (K, T)     loss factor of the bus: MW lost more for 1 MW injected there and withdrawn at the reference
    constant (I, T)   MW
    where (I, T)      islands and periods that it holds for
    equal (I, T)      losses are this; elsewhere they are at least this
    """

    factor: Floats
    constant: Floats
    where: Bools
    equal: Bools

    def __post_init__(self) -> None:
        freeze(self)

    def within(self, where: Bools, equal: Bools | None = None) -> Tangent:
        """The same for fewer islands and periods."""
        return replace(self, where=self.where & where, equal=self.equal if equal is None else equal)


Tangents = tuple[Tangent, ...]


def name_of(number: int) -> str:
    """Block of a tangent."""
    return f"loss.{number}"


def add_losses(columns: Columns, network: Network, tangents: Tangents, islands: Islands) -> None:
    """loss (I, T): MW lost; bounded by the tangents alone, so that the multipliers of these add up to λ.

    An island without resistance loses nothing, which the tangents do not say from above.
    """
    periods = islands.of_bus.shape[1]
    resistive = np.zeros((islands.count, periods))
    np.add.at(
        resistive, (islands.of_bus[network.branch_from], np.arange(periods)), network.branch_resistance_pu[:, None]
    )
    exact = all(bool(tangent.equal.all()) for tangent in tangents)
    most = np.where((resistive > 0.0) | exact, np.inf, 0.0)
    columns.add(column_block("loss", most.shape, -np.inf, most))


def losses(
    tangents: Tangents, terms: tuple[Injection, ...], fixed: Floats, islands: Islands, columns: Columns
) -> list[RowBlock]:
    """loss_at − Σ_{k in a} factor_kt·injection_kt ≥ constant_at for every tangent (= where it is exact), n rows each.

    Losses are convex in the injections, so a tangent at any operating point is below them everywhere. Surplus is
    withdrawn at the reference, whose factor is 0, and stands in no row. Source: DC losses r·f², docs/formulation.md.
    """
    return [_rows(name_of(j), tangent, terms, fixed, islands, columns) for j, tangent in enumerate(tangents)]


def _rows(
    name: str, tangent: Tangent, terms: tuple[Injection, ...], fixed: Floats, islands: Islands, columns: Columns
) -> RowBlock:
    where, here = tangent.where, np.arange(fixed.shape[1])
    count = int(where.sum())
    number = np.full(where.shape, -1, dtype=np.int64)
    number[where] = np.arange(count)
    scattered: list[Scattered] = [(np.arange(count), columns["loss"][where], 1.0)]
    for term in terms:
        row = number[islands.of_bus[term.bus], here]
        factor = tangent.factor[term.bus] * term.coefficient
        kept = (row >= 0) & (np.abs(factor) > SMALLEST_FACTOR)
        scattered.append((row[kept], term.column[kept], -factor[kept]))
    given = (tangent.constant + islands.total(tangent.factor * fixed))[where]
    return row_block(name, (count,), given, np.where(tangent.equal[where], given, np.inf), (), scattered)
