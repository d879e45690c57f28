"""Judged orders and applications as tables, Chinese and English: a page a participant, and one of an application.

Requests and replies come as plain lists and dictionaries (`wire.plain.tree`). Energy is shown in MWh, prices in
元/MWh and money in 元, with three decimals, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from clearing.tables.settlement_statements import decimal
from clearing.tables.statements import Statement

FACTS = ["名称 name", "内容 value"]
NO_LIMIT = "不限 none"
DIRECTIONS = {"sell": "卖出 sell", "buy": "买入 buy"}
CHANNELS = {"auction": "集中竞价 auction", "bilateral": "双边协商 bilateral", "listing": "挂牌 listing"}
SECTIONS = {
    "unspecified": "不显示 not shown", "not_entered": "未入市 not entered", "to_change": "可变更 may change",
    "entered": "已入市 entered",
}  # fmt: skip
STATES = {"pending": "待受理 pending", "accepted": "已受理 accepted", "in_force": "已生效 in force"}
ENTRIES = {"direct": "直接交易入市 direct", "aggregated": "聚合入市 aggregated"}


def positions(request: Mapping[str, Any], reply: Mapping[str, Any]) -> Iterator[Statement]:
    """A statement a participant: what its month holds, its orders with the reasons of those refused."""
    asked = request.get("orders", {})  # a table without rows is left out
    row = {name: place for place, name in enumerate(asked.get("order", ()))}
    reasons: dict[str, list[str]] = {}
    for each in reply["findings"]:
        reasons.setdefault(each["subject"], []).append(each["code"])
    for own in reply["positions"]:
        lines = [
            (
                name, _word(asked["channel"][row[name]], CHANNELS, "order_channel_"),
                _word(asked["direction"][row[name]], DIRECTIONS, "order_direction_"),
                decimal(asked["energy_kwh"][row[name]], 3), decimal(asked["price_milli"][row[name]], 3),
                "是 yes" if accepted else "否 no", ", ".join(reasons.get(name, ())),
            )
            for name, accepted in zip(own["order"], own["accepted"], strict=True)
        ]  # fmt: skip
        columns = [
            "订单 order", "方式 channel", "方向 direction", "电量 energy (MWh)", "价格 price (元/MWh)", "通过 accepted",
            "原因 reason",
        ]  # fmt: skip
        tables = (("position", _position(own)), ("orders", pd.DataFrame(lines, columns=columns)))
        yield Statement(own["participant"], tables)


def _position(own: Mapping[str, Any]) -> pd.DataFrame:
    net = f"{decimal(own['net_least_kwh'], 3)} … {decimal(own['net_most_kwh'], 3)}"
    rows = [
        ("限额基数 base (MWh)", decimal(own["base_kwh"], 3)),
        ("净合约量 net position (MWh)", net),
        ("净合约量上限 its limit (MWh)", _limit(own, "net_limit_kwh")),
        ("累计交易量 energy traded (MWh)", decimal(own["traded_kwh"], 3)),
        ("累计交易量上限 its limit (MWh)", _limit(own, "traded_limit_kwh")),
        ("申报额度 quota (元)", _limit(own, "quota_milli")),
        ("已用额度 used (元)", decimal(own["used_milli"], 3)),
    ]
    return pd.DataFrame(rows, columns=FACTS)


def application(reply: Mapping[str, Any]) -> Statement:
    """The work order where there is one, the lists of the screen, the spans of entry, and what was found."""
    tables = []
    order = reply.get("work_order")
    if order is not None:
        rows = [
            ("工单号 number", order["number"]), ("工单名称 name", order["name"]), ("工单日期 day", order["day"]),
            ("处理状态 state", _word(order["state"], STATES, "work_order_state_")),
            ("承诺书 promise", order["promise"]),
            ("入市申请新增 new", "、".join(order["new_unit"])),
            ("入市类型变更 changed", "、".join(order["changed_unit"])),
        ]  # fmt: skip
        tables.append(("work_order", pd.DataFrame(rows, columns=FACTS)))
    screen = reply.get("screen", {"unit": [], "section": [], "selectable": [], "prompt": []})
    shown = [
        (unit, _word(section, SECTIONS, "entry_section_"), "是 yes" if selectable else "否 no", prompt)
        for unit, section, selectable, prompt in zip(*screen.values(), strict=True)
    ]
    tables.append(("screen", pd.DataFrame(shown, columns=["机组 unit", "列表 list", "可选 selectable", "提示 prompt"])))
    entry = reply.get("entry", {})
    names = ("resource", "channel", "first_day", "last_day", "aggregate")
    spans = [
        (unit, _word(channel, ENTRIES, "entry_channel_"), first, last, aggregate)
        for unit, channel, first, last, aggregate in zip(*(entry.get(name, []) for name in names), strict=True)
    ]
    tables.append(
        (
            "spans",
            pd.DataFrame(spans, columns=["机组 unit", "入市类型 channel", "自 from", "至 to", "聚合体 aggregate"]),
        )
    )
    found = [
        (each["code"], each["subject"], each["message"], each["value"], each["limit"], each["clause"])
        for each in reply["findings"]
    ]
    columns = ["代码 code", "机组 unit", "说明 message", "值 value", "要求 limit", "条款 clause"]
    tables.append(("findings", pd.DataFrame(found, columns=columns)))
    return Statement(order["number"] if order is not None else "", tuple(tables))


def _word(name: Any, words: Mapping[str, str], prefix: str) -> str:
    """A member of an enum in both languages; what is no member stays as it is."""
    return words.get(str(name).lower().removeprefix(prefix), str(name))


def _limit(own: Mapping[str, Any], name: str) -> str:
    return decimal(own[name], 3) if name in own else NO_LIMIT
