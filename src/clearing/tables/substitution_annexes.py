"""Annexes 1 and 2 of a round of substitution trading (Xinjiang), headings in Chinese and English, in their units.

Annex 1: 万千瓦 (10 MW) and 亿千瓦时 (100 GWh); annex 2: 万千瓦时 (10 MWh). Energy and capacity are converted exactly,
every digit is shown; shares and ratios are rounded to the digits shown, halves to even.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

KW = 10**4
ENERGY_1 = 10**8
ENERGY_2 = 10**4
ANNEX_1 = (
    "地区 area", "装机容量 capacity (10 MW)", "发电能力 capability (100 GWh)",
    "预测发电量（含基数、外送、直接交易） forecast energy (100 GWh)", "预测网架原因 network curtailment (100 GWh)",
    "预测调峰原因 peak-shaving curtailment (100 GWh)", "分配系数 coefficient", "全年替代交易电量 M (100 GWh)",
    "区域替代电量 N (100 GWh)", "年度替代交易比例 ratio X (%)", "弃电比 curtailment ratio (%)",
)  # fmt: skip
BOUNDARIES = (
    "边界条件一（实时调峰） boundary 1", "边界条件二（旋转备用） boundary 2", "边界条件三（停机） boundary 3",
)  # fmt: skip
_FLEETS = (("风电", "wind"), ("光伏", "PV"))


def annexes(request: Mapping[str, Any], reply: Mapping[str, Any]) -> tuple[tuple[str, pd.DataFrame], ...]:
    """Both annexes of a ClearSubstitutionRequest and its reply, as `wire.plain.tree` gives them."""
    return ("annex_1", annex_1(request["round"], reply)), ("annex_2", annex_2(request["round"], reply))


def annex_1(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> pd.DataFrame:
    """Areas with subtotals of wind and PV, their shares and hours."""
    areas, totals = asked["areas"], reply["totals"]
    n = len(areas["area"])
    network = areas["network_curtailed_kwh"] or [0] * n
    peak = areas["peak_curtailed_kwh"] or [0] * n
    whole = [sum(each) for each in zip(areas["energy_kwh"], network, peak, strict=True)]
    capability = areas["capability_kwh"] or whole
    columns = (areas["capacity_kw"], capability, areas["energy_kwh"], network, peak, totals["area_kwh"])
    coefficient, energy = totals["coefficient"], totals["energy_kwh"]

    def row(name: str, own: Sequence[int]) -> tuple[str, ...]:
        sums = [sum(column[k] for k in own) for column in columns]
        kw, able, forecast, lost, shaved, got = sums
        return (
            name, exact(kw, KW), *(exact(each, ENERGY_1) for each in (able, forecast, lost, shaved)),
            f"{sum(coefficient[k] for k in own):.6f}", exact(energy, ENERGY_1), exact(got, ENERGY_1),
            percent(got, forecast), percent(lost + shaved, able),
        )  # fmt: skip

    rows, fleets = [], [[k for k in range(n) if areas["fleet"][k] == fleet] for fleet in (1, 2)]
    for (chinese, english), own in zip(_FLEETS, fleets, strict=True):
        rows += [row(areas["area"][k], [k]) for k in own]
        rows.append(row(f"{chinese}小计 {english} subtotal", own))
    rows.append(row("合计 total", range(n)))
    sums = [[sum(column[k] for k in own) for column in columns] for own in (*fleets, range(n))]
    for (chinese, english), own_sums in zip(_FLEETS, sums[:2], strict=True):
        shares = [percent(part, all_) for part, all_ in zip(own_sums, sums[2], strict=True)]
        rows.append((f"{chinese}占比 share of {english} (%)", *shares[:5], "", "", shares[5], "", ""))
    for (chinese, english), (kw, *energies) in zip(_FLEETS, sums[:2], strict=True):
        hours = [_rounded(each, kw, 1) for each in energies]
        rows.append((f"{chinese}小时数 hours of {english} (h)", "", *hours[:4], "", "", hours[4], "", ""))
    return pd.DataFrame(rows, columns=list(ANNEX_1))


def annex_2(asked: Mapping[str, Any], reply: Mapping[str, Any]) -> pd.DataFrame:
    """Enterprises by boundary and month."""
    months, first = asked["months"], int(asked["first_month"][5:])
    heads = [f"{(first - 1 + k) % 12 + 1}月" for k in range(months)]
    rows: list[tuple[str, ...]] = []
    sums = [[0] * months for _ in BOUNDARIES]

    def row(number: str, name: str, kind: str, energy: Sequence[int]) -> tuple[str, ...]:
        return number, name, kind, *(exact(each, ENERGY_2) for each in energy), exact(sum(energy), ENERGY_2)

    for number, own in enumerate(reply["captives"], 1):
        for k, kind in enumerate(BOUNDARIES):
            energy = own["boundary_month_kwh"][k * months : (k + 1) * months]
            sums[k] = [a + b for a, b in zip(sums[k], energy, strict=True)]
            rows.append(row(str(number), own["enterprise"], kind, energy))
    rows += [row("", "", f"{kind} 合计 total", energy) for kind, energy in zip(BOUNDARIES, sums, strict=True)]
    rows.append(row("", "", "合计 total", [sum(column) for column in zip(*sums, strict=True)]))
    names = ["序号 number", "燃煤自备电厂所属企业名称 enterprise", "参与方式 way of taking part"]
    return pd.DataFrame(rows, columns=[*names, *(f"{head} (10 MWh)" for head in heads), "合计 total (10 MWh)"])


def confirmation(own: Mapping[str, Any], months: int) -> pd.DataFrame:
    """Confirmation (交易结果确认单) of one party, a row an item: MWh, 元/MWh and 元 with every digit."""
    rows: list[tuple[str, str, str]] = []
    for field, value in own.items():
        if field in _ITEMS:
            values = value if isinstance(value, list) else [value]
            label, divisor = _ITEMS[field]
            names = own.get("site") or own.get("offer") if isinstance(value, list) else [""]
            if field == "boundary_month_kwh":
                names = [f"{k // months + 1}.{k % months + 1}" for k in range(len(values))]
            rows += [(label, name, exact(each, divisor)) for name, each in zip(names or (), values, strict=True)]
    return pd.DataFrame(rows, columns=["项目 item", "名称 of", "数值 value"])


_ITEMS = {
    "pre_kwh": ("预出清电量 pre-cleared (MWh)", 1000),
    "offered_kwh": ("申报电量 offered (MWh)", 1000),
    "most_kwh": ("电量上限 most (MWh)", 1000),
    "cleared_kwh": ("成交电量 cleared (MWh)", 1000),
    "boundary_month_kwh": ("分边界分月电量 by boundary and month (MWh)", 1000),
    "substitution_kwh": ("调峰替代电量 W2 substitution (MWh)", 1000),
    "purchase_kwh": ("购网电量 W1 grid purchase (MWh)", 1000),
    "variation_milli": ("出清变动价格 variation (元/MWh)", 1000),
    "price_milli": ("交易电价 price (元/MWh)", 1000),
    "compensation_milli": ("补偿款 compensation (元)", 1000),
}


def exact(value: int, unit: int) -> str:
    """A whole number in a unit that is a power of ten, with every digit."""
    digits = len(str(unit)) - 1
    sign, whole = "-" if value < 0 else "", abs(value)
    return f"{sign}{whole // unit}.{whole % unit:0{digits}d}"


def percent(part: int, whole: int) -> str:
    """Share in percent with four decimals; '' of nothing."""
    return _rounded(100 * part, whole, 4)


def _rounded(part: int, whole: int, digits: int) -> str:
    return str((Decimal(part) / Decimal(whole)).quantize(Decimal(1).scaleb(-digits))) if whole else ""
