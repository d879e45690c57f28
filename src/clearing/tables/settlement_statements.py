"""Statements of settlement as tables: one set an addressee, so that each can be handed out alone.

Replies come as plain lists and dictionaries (`wire.plain.tree`). Energy is shown in MWh with four decimals, prices in
元/MWh and money in 元 with three (6.13.1), exactly; nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clearing.tables.settlement_labels import ACCOUNTS, BALANCES, KINDS
from clearing.tables.statements import Statement

COLUMNS = (
    "序号 number", "科目 account", "电量 energy (MWh)", "电价 price (元/MWh)", "电费 money (元)", "收支方向 direction",
    "追补账单 corrects", "备注 note",
)  # fmt: skip
COLLECT, PAY = "收取 collect", "支付 pay"


def statement(tree: Mapping[str, Any]) -> Statement:
    """One statement: what it is, and its items with the sum."""
    facts = (
        ("账单编号 number", tree["number"]),
        ("发布对象 addressee", f"{tree['addressee']} · {KINDS[tree['kind'].lower().removeprefix('addressee_kind_')]}"),
        ("发布时间 issued", tree["issued_at"]),
        ("计费周期 cycle", f"{tree['first_day']} – {tree['last_day']}"),
        ("账单总费用 sum (元)", decimal(tree["total_milli"], 3)),
        ("收支方向 direction", _direction(tree["total_milli"])),
    )
    head = pd.DataFrame(facts, columns=["名称 name", "内容 value"])
    return Statement(tree["addressee"], (("statement", head), ("lines", _lines(tree))))


def public(tree: Mapping[str, Any]) -> Statement:
    """Totals of a reply: by account, and what stays or goes elsewhere."""
    totals = tree["totals"]
    moneys = ("account_collected_milli", "account_paid_milli", "account_money_milli")
    columns = zip(
        totals["account"], totals["account_energy_tenth_kwh"], *(totals[name] for name in moneys), strict=True
    )
    accounts = pd.DataFrame(
        [(account_name(name), decimal(energy, 4), *(decimal(m, 3) for m in money)) for name, energy, *money in columns],
        columns=["科目 account", "电量 energy (MWh)", "收取 collected (元)", "支付 paid (元)", "电费 money (元)"],
    )
    rows = [
        ("收取合计 collected", decimal(totals["collected_milli"], 3)),
        ("支付合计 paid", decimal(totals["paid_milli"], 3)),
    ]
    kept = zip(totals["balance"], totals["balance_milli"], strict=True)
    rows += [(BALANCES.get(name, name), decimal(money, 3)) for name, money in kept]
    return Statement("", (("accounts", accounts), ("balances", pd.DataFrame(rows, columns=["名称 name", "元"]))))


def _lines(tree: Mapping[str, Any]) -> pd.DataFrame:
    fields = ("account", "energy_tenth_kwh", "price_milli", "money_milli", "corrects", "note")
    rows = [
        (
            str(number),
            account_name(account),
            decimal(energy, 4) if energy else "",
            decimal(price, 3) if energy else "",
            decimal(abs(money), 3),
            _direction(money),
            corrects,
            ACCOUNTS.get(note.lower(), note),
        )
        for number, (account, energy, price, money, corrects, note) in enumerate(
            zip(*(tree[field] for field in fields), strict=True), start=1
        )
    ]
    total = tree["total_milli"]
    rows.append(("", "合计 sum", "", "", decimal(abs(total), 3), _direction(total), "", ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _direction(money: int) -> str:
    return PAY if money >= 0 else COLLECT


def account_name(account: str) -> str:
    """Chinese and English name of an account of the wire."""
    return ACCOUNTS[account.lower().removeprefix("settlement_account_")]


def decimal(value: int, digits: int) -> str:
    """A whole number of 10^−digits as text."""
    sign, whole, unit = "-" if value < 0 else "", abs(int(value)), 10**digits
    return f"{sign}{whole // unit}.{whole % unit:0{digits}d}"
