"""What every participant is paid and charged, by account and day, and what stays with the exchange."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clearing.case.arrays import Ints
from clearing.settlement.accounts import Account
from clearing.settlement.money import total

BALANCES = (
    "congestion", "loss", "imbalance", "rounding", "ancillary", "demand_response", "compensation", "penalty",
    "fee_balance", "fees_held", "deviation", "capacity", "entries", "earlier", "charges",
)  # fmt: skip
"""Names of balances; no charge may have one of them."""


class Ledger:
    """energy, money: account → (n, D). balance: name → money that participants paid and none received.

    Σ of money over all accounts and participants = − Σ balance, at any time: every posting keeps it.
    """

    def __init__(self, participants: int, days: int) -> None:
        self.shape = (participants, days)
        self.energy: dict[Account, Ints] = {}
        self.money: dict[Account, Ints] = {}
        self.balance: dict[str, int] = {}

    def post(self, account: Account, money: Ints, balance: str, energy: Ints | None = None) -> None:
        """Money (n, D) or (n; the last day) for participants, out of a balance."""
        self._add(self.money, account, money)
        if energy is not None:
            self._add(self.energy, account, energy)
        self.keep(balance, -total(money))

    def post_rows(self, account: Account, rows: Ints, days: Ints, money: Ints, balance: str, energy: Ints) -> None:
        """Money of single rows and days."""
        placed = np.zeros((2, *self.shape), dtype=np.int64)
        np.add.at(placed[0], (rows, days), money)
        np.add.at(placed[1], (rows, days), energy)
        self.post(account, placed[0], balance, placed[1])

    def keep(self, balance: str, money: int) -> None:
        """Add to a balance what was not posted; the other side must be kept too."""
        self.balance[balance] = self.balance.get(balance, 0) + money

    def move(self, source: str, target: str, money: int) -> None:
        """From one balance to another."""
        self.keep(source, -money)
        self.keep(target, money)

    def of(self, accounts: Sequence[Account]) -> Ints:
        """Money of some accounts (n, D)."""
        found = np.zeros(self.shape, dtype=np.int64)
        for account in accounts:
            if account in self.money:
                found += self.money[account]
        return found

    def _add(self, side: dict[Account, Ints], account: Account, values: Ints) -> None:
        if account not in side:
            side[account] = np.zeros(self.shape, dtype=np.int64)
        if values.ndim == 1:
            side[account][:, -1] += values
        else:
            side[account] += values
