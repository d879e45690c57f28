"""All tables of one result, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd

from clearing.case.arrays import Flags
from clearing.case.case import Case
from clearing.case.result import ClearingResult
from clearing.tables import explained, outcome, prices, schedule, schemes


class Tables:
    """A result over its case as pandas DataFrames with named indexes; shapes in `frame.py`, columns at each maker.

    None stands for what the result does not hold: no schedule, not priced, not explained. Rows of series tables are
    (label, period_end): the END of the period as people write it, and as a timestamp in UTC+8. The frames are made
    once and kept: copy one before changing it.

    commitment   (N, T) of 0/1 where only a commitment came back, without a schedule
    """

    def __init__(self, case: Case, result: ClearingResult, commitment: Flags | None = None) -> None:
        self._case, self._result = case, result
        self._on = result.schedule.on if result.schedule is not None else commitment

    @cached_property
    def termination(self) -> pd.DataFrame:
        """How it ended, one row."""
        return outcome.termination(self._case, self._result.termination, self._result.audit_passed)

    @cached_property
    def commitment(self) -> pd.DataFrame | None:
        """0/1: periods × units."""
        return None if self._on is None else schedule.commitment(self._case, self._on)

    @cached_property
    def initial_commitment(self) -> pd.DataFrame:
        """State of every unit before the first period."""
        return schedule.initial_commitment(self._case)

    @cached_property
    def regulating(self) -> pd.DataFrame | None:
        """0/1: periods × units in their band of regulation; None where the case has no bands."""
        found = self._result.schedule
        return (
            None if found is None or not np.any(found.regulating) else schedule.commitment(self._case, found.regulating)
        )

    @cached_property
    def starts(self) -> pd.DataFrame | None:
        """One row a start."""
        found = self._result.schedule
        return None if found is None else schedule.start_list(self._case, found)

    @cached_property
    def dispatch(self) -> pd.DataFrame | None:
        """MW: periods × (kind, id, bus, fuel)."""
        found = self._result.schedule
        return None if found is None else schedule.dispatch(self._case, found)

    @cached_property
    def reserves(self) -> pd.DataFrame | None:
        """MW: periods × (product, row, resource)."""
        found = self._result.schedule
        return None if found is None else schedule.reserves(self._case, found)

    @cached_property
    def flows(self) -> pd.DataFrame | None:
        """MW: periods × (kind, id) of branches and interfaces."""
        found = self._result.flows
        return None if found is None else schedule.flows(self._case, found)

    @cached_property
    def prices(self) -> pd.DataFrame | None:
        """(label, period_end, bus): price and its parts."""
        found = self._result.prices
        return None if found is None else prices.bus_prices(self._case, found)

    @cached_property
    def price_series(self) -> pd.DataFrame | None:
        """Periods × (kind, id): systems, zones, reserve products, virtual plants."""
        found = self._result.prices
        if found is None:
            return None
        return prices.price_series(self._case, found, self._result.payments, self._result.settlement)

    @cached_property
    def losses(self) -> pd.DataFrame | None:
        """Periods × (kind, id): MW lost and part of the surplus by island, factors by bus; None without losses."""
        found = self._result.losses
        return None if found is None else prices.losses(self._case, found)

    @cached_property
    def settlement_prices(self) -> pd.DataFrame | None:
        """(hour, bus): published prices."""
        found = self._result.settlement
        return None if found is None else prices.settlement_prices(self._case, found)

    @cached_property
    def settlement_series(self) -> pd.DataFrame | None:
        """Hours × (kind, id): published prices of systems and zones."""
        found = self._result.settlement
        return None if found is None else prices.settlement_series(self._case, found)

    @cached_property
    def price_setters(self) -> pd.DataFrame:
        """One row a resource at the price of its bus."""
        return prices.price_setters(self._case, self._result.price_setters)

    @cached_property
    def multipliers(self) -> pd.DataFrame | None:
        """The certificate of the prices."""
        found = self._result.multipliers
        return None if found is None else prices.multipliers(self._case, found)

    @cached_property
    def costs(self) -> pd.DataFrame | None:
        """Parts of the objective."""
        return None if self._result.costs is None else outcome.costs(self._result.costs)

    @cached_property
    def make_whole(self) -> pd.DataFrame | None:
        """Cost, revenue and payment by unit."""
        found = self._result.uplift
        return None if found is None else outcome.make_whole(self._case, found)

    @cached_property
    def price_schemes(self) -> pd.DataFrame | None:
        """Pricing schemes side by side: uplift and what bounds it; None where they were not asked for."""
        return schemes.price_schemes(self._result.price_sets) if self._result.price_sets else None

    @cached_property
    def price_scheme_units(self) -> pd.DataFrame | None:
        """(scheme, unit): cost, revenue, best profit, lost opportunity, make-whole."""
        return schemes.price_scheme_units(self._case, self._result.price_sets) if self._result.price_sets else None

    @cached_property
    def price_scheme_series(self) -> pd.DataFrame | None:
        """Periods × (scheme, kind, id): prices by every scheme."""
        return schemes.price_scheme_series(self._case, self._result.price_sets) if self._result.price_sets else None

    @cached_property
    def payments(self) -> pd.DataFrame | None:
        """(kind, id): money of bids, virtual plants, direct-current lines and storage."""
        found = self._result.payments
        return None if found is None else outcome.payments(self._case, found)

    @cached_property
    def bindings(self) -> pd.DataFrame:
        """Limits that bind, with shadow prices."""
        return outcome.bindings(self._case, self._result.bindings)

    @cached_property
    def violations(self) -> pd.DataFrame:
        """What is broken or gave way."""
        return outcome.violations(self._case, self._result.violations)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What the audit found and what was noted."""
        return outcome.findings(self._case, self._result.audit, self._result.notes)

    @cached_property
    def explanations(self) -> dict[str, pd.DataFrame] | None:
        """spells, on, off, limits, broken, reliefs, shortages, remedies."""
        found = self._result.explanations
        return None if found is None else explained.explained(self._case, found)

    def __iter__(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """(name, table) of everything that the result holds; explanations as explained_<name>."""
        for name in NAMES:
            table = getattr(self, name)
            if table is not None:
                yield name, table
        for name, table in (self.explanations or {}).items():
            yield f"explained_{name}", table


NAMES = (
    *("termination", "bindings", "violations", "findings", "initial_commitment", "commitment", "starts", "dispatch"),
    *(
        "regulating",
        "reserves",
        "flows",
        "prices",
        "price_series",
        "losses",
        "settlement_prices",
        "settlement_series",
        "price_setters",
    ),
    *("multipliers", "costs", "make_whole", "payments"),
    *("price_schemes", "price_scheme_units", "price_scheme_series"),
)
"""Tables in the order of files; explanations follow."""
