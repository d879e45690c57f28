"""A party's statement, of settlement or of substitution trading, as one HTML page that needs nothing else."""

from __future__ import annotations

import pandas as pd

from clearing.report.pages import asset, environment
from clearing.report.tables import Table, table
from clearing.tables.statements import Statement

SUBSTITUTION = "调峰替代交易 Substitution trading"

TITLES = {
    "statement": "结算账单 Statement", "balances": "结余 Balances",
    "lines": "计费项目 Items", "accounts": "科目 Accounts",
    "totals": "合计 Totals", "areas": "区域 Areas", "items": "结算单 Statement", "windows": "调峰时段 Shaving windows",
    "annex_1": "附件1 Annex 1 (10 MW, 100 GWh)", "annex_2": "附件2 Annex 2 (10 MWh)", "months": "分月 Months",
    "returns": "次年一季度返还 Returns of the next first quarter",
    "position": "持仓 Position", "orders": "订单 Orders",
    "work_order": "工单 Work order", "screen": "申请界面 Screen", "spans": "入市区间 Entry",
    "findings": "检查结果 Findings",
}  # fmt: skip

TEXTS = {
    "项目", "item", "单位", "场站 site", "项目 item", "名称 of", "地区 area", "序号 number",
    "科目 account", "收支方向 direction", "追补账单 corrects", "备注 note",
    "名称 name", "内容 value",
    "燃煤自备电厂所属企业名称 enterprise", "参与方式 way of taking part",
    "订单 order", "方式 channel", "方向 direction", "通过 accepted", "原因 reason",
    "机组 unit", "列表 list", "可选 selectable", "提示 prompt", "入市类型 channel", "自 from", "至 to",
    "聚合体 aggregate",
    "代码 code", "说明 message", "值 value", "要求 limit", "条款 clause",
}  # fmt: skip


def render(statement: Statement, title: str, rules: str, subject: str = SUBSTITUTION) -> str:
    """HTML of one statement. title: month or year; rules: name and version; subject: what it is of."""
    sections = [(name, TITLES[name], _table(frame)) for name, frame in statement.tables]
    return (
        environment()
        .get_template("statement.html.j2")
        .render(
            party=statement.party,
            title=title,
            rules=rules,
            subject=subject,
            sections=sections,
            style=asset("report.css"),
        )
    )


def _table(frame: pd.DataFrame) -> Table:
    rows = [tuple(str(cell) for cell in row) for row in frame.itertuples(index=False)]
    numbers = {place for place, column in enumerate(frame.columns) if column not in TEXTS}
    return table(tuple(frame.columns), rows, numbers, "无 None.")
