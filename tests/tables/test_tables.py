"""Tables of results: every figure of the arrays under its name, every field of a result somewhere."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clearing.case.case import Case
from clearing.case.explanations import Explanations, UnitReason
from clearing.case.finding import Finding, Severity
from clearing.case.losses import Losses
from clearing.case.prices import Prices, SettlementPrices
from clearing.case.result import BoundKind, ClearingResult, Payments, Reason, Termination, Violation
from clearing.case.schedule import Schedule
from clearing.day_ahead import clear
from clearing.rules.load import load
from clearing.solve.control import RunControl
from clearing.solve.options import SolveOptions
from clearing.tables import Tables
from clearing.tables.files import write_csv, write_parquet
from clearing.tables.frame import period_ends, tidy
from clearing.tables.tables import NAMES
from tests import factory
from tests.report import example

NOTHING = ClearingResult(
    Termination(Reason.TIME_LIMIT_WITHOUT_SOLUTION, None, None, BoundKind.NONE, None, None, 0.01, False)
)


@cache
def cleared() -> tuple[Case, ClearingResult]:
    """Two buses and a line that binds; storage, a bid, a direct-current line, a product, a load that cannot be met."""
    case = factory.market(
        load={"north": [60.0, 60.0, 500.0, 60.0], "south": [80.0, 120.0, 120.0, 90.0]},
        zones={"north": "N", "south": "S"},
        units=[
            {"id": "base", "bus": "north", "p_min": 50, "p_max": 300, "price": 20, "on": True, "mw": 140},
            {"id": "peak", "bus": "south", "p_min": 10, "p_max": 80, "price": 60, "start_cost": 100, "owner": "o"},
        ],
        renewables=[{"id": "wind", "bus": "south", "forecast": [5.0, 6.0, 7.0, 8.0], "price": 0}],
        storage=[{"id": "store", "bus": "south", "power": 10, "energy": 20, "initial": 10}],
        bids=[{"id": "buyer", "bus": "south", "owner": "o", "max": 20, "price": 45}],
        branches=[{"id": "line", "ends": ("north", "south"), "limit": 70}],
        hvdc=[{"id": "cable", "ends": ("north", "south"), "min": 0, "max": 5, "loss": 0.1}],
        products=[{"id": "spin", "requirement": 15, "minutes": 10, "max": 30}],
        start_minute=21 * 60,
    )
    return case, clear(case, load("generic"), SolveOptions(), RunControl())


def tables() -> Tables:
    return Tables(*cleared())


def test_periods_are_named_by_their_end_in_market_time() -> None:
    rows = tables().commitment.index
    assert rows.names == ["label", "period_end"]
    assert rows.get_level_values("label").tolist() == ["22:00", "23:00", "24:00", "D+1 01:00"]
    last = rows.get_level_values("period_end")[-1]
    assert last == pd.Timestamp("2026-01-16 01:00", tz="Asia/Shanghai")
    assert last.utcoffset() == dt.timedelta(hours=8)
    quarter = factory.market(load=[1.0] * 96, period_minutes=15)
    ends = period_ends(quarter.horizon)
    assert (ends[0].isoformat(), ends[-1].isoformat()) == ("2026-01-15T00:15:00+08:00", "2026-01-16T00:00:00+08:00")


def test_commitment_and_starts() -> None:
    case, result = cleared()
    table = tables()
    assert table.commitment.columns.name == "unit"
    for i, unit in enumerate(case.units.id):
        assert table.commitment[unit].tolist() == result.schedule.on[i].tolist()
    assert table.initial_commitment.loc["base"].tolist() == [1, 100_000, 140.0]
    units, periods = np.nonzero(result.schedule.start)
    assert len(table.starts) == len(units) > 0
    label = case.horizon.labels()[periods[0]]
    assert table.starts.loc[(label, slice(None), case.units.id[units[0]]), "cost"].tolist() == [100.0]


def test_dispatch_reserves_and_flows_hold_every_row_under_its_name() -> None:
    case, result = cleared()
    table, schedule = tables(), result.schedule
    dispatch = table.dispatch
    assert dispatch.columns.names == ["kind", "id", "bus", "fuel"]
    for kind, name, bus, values in (
        ("unit", "peak", "south", schedule.dispatch_mw[1]),
        ("renewable", "wind", "south", schedule.renewable_mw[0]),
        ("storage_charge_mw", "store", "south", schedule.charge_mw[0]),
        ("storage_discharge_mw", "store", "south", schedule.discharge_mw[0]),
        ("storage_energy_mwh", "store", "south", schedule.energy_mwh[0]),
        ("demand_bid", "buyer", "south", schedule.demand_mw[0]),
        ("hvdc_flow", "cable", "north", schedule.hvdc_mw[0]),
        ("shed", "", "north", schedule.shed_mw[0]),
    ):
        (column,) = dispatch.xs((kind, name, bus), axis=1, level=("kind", "id", "bus")).to_numpy().T
        assert column.tolist() == values.tolist(), kind
    assert schedule.shed_mw[0].any()
    assert set(dispatch.columns.get_level_values("fuel")) == {"coal", "wind", ""}
    spin = table.reserves["spin"]
    assert spin["requirement", ""].tolist() == [15.0] * 4
    for i, unit in enumerate(case.units.id):
        if schedule.reserve_mw[0, i].any():
            assert spin["award", unit].tolist() == schedule.reserve_mw[0, i].tolist()
    awards = spin["award"].sum(axis=1)
    assert awards.any()
    np.testing.assert_allclose(awards, spin["awarded", ""])
    assert table.flows["branch", "line"].tolist() == result.flows.branch_mw[0].tolist()


def test_prices_add_up_bus_by_bus() -> None:
    result = cleared()[1]
    prices, table = result.prices, tables().prices
    assert table.index.names == ["label", "period_end", "bus"]
    south = table.xs("south", level="bus")
    assert south["price_per_mwh"].tolist() == prices.bus_price[1].tolist()
    assert south["congestion_per_mwh"].tolist() == prices.bus_congestion[1].tolist()
    assert south["load_mw"].tolist() == [80.0, 120.0, 120.0, 90.0]
    assert set(south["zone"]) == {"S"}
    parts = table[[f"{p}_per_mwh" for p in ("energy", "congestion", "loss", "cap_adjustment")]].sum(axis=1)
    np.testing.assert_allclose(parts, table["price_per_mwh"])
    assert table["congestion_per_mwh"].any()
    series = tables().price_series
    assert series["system", "island 1"].tolist() == prices.system_price[0].tolist()
    assert series["zone", "N"].tolist() == prices.zone_price[0].tolist()
    assert series["reserve", "spin"].tolist() == prices.reserve_price[0].tolist()
    assert series["user", "all"].tolist() == result.settlement.user_price.tolist()
    assert tables().settlement_prices.loc[("23:00", "south"), "price_per_mwh"] == result.settlement.bus_price[1, 1]
    assert tables().settlement_series.loc["23:00", ("zone", "S")] == result.settlement.zone_price[1, 1]


def test_money_bindings_violations_and_certificate() -> None:
    result = cleared()[1]
    table = tables()
    assert table.costs.loc["total", "money"] == result.costs.total
    assert table.costs["money"].iloc[:-1].sum() == pytest.approx(result.costs.total)
    assert table.make_whole.loc["peak", "cost"] == result.uplift.cost[1]
    assert table.payments.loc[("demand_payment", "buyer"), "money"] == result.payments.demand_payment[0]
    assert table.payments.loc[("hvdc_rent", "cable"), "money"] == result.payments.hvdc_rent[0]
    assert len(table.bindings) == len(result.bindings)
    line = table.bindings.xs(("branch", "line"), level=("family", "subject"))
    assert {70.0} == set(line["limit_mw"])
    worst = max(v.amount_mw for v in result.violations if v.family == "shortage")
    assert table.violations.xs("shortage", level="family")["amount_mw"].max() == worst
    assert set(table.violations["unit"]) == {"MW"}
    assert len(table.multipliers) == len(result.multipliers.value)
    assert table.multipliers["value_per_mwh"].sum() == pytest.approx(result.multipliers.value.sum())
    assert len(table.price_setters) == len(result.price_setters)
    ending = table.termination.loc["test"]
    assert (ending["reason"], ending["objective"]) == ("OPTIMAL_WITHIN_GAP", result.termination.objective)
    assert ending["audit_passed"] is np.True_ or ending["audit_passed"] is True


def test_explanations_name_units_periods_and_reasons() -> None:
    case, result = cleared()
    found, explained = result.explanations, tables().explanations
    assert set(explained) == {field.name for field in dataclasses.fields(Explanations)}
    spell = explained["spells"].iloc[0]
    unit = case.units.id[found.spells.unit[0]]
    assert explained["spells"].index[0] == (unit, case.horizon.labels()[found.spells.first_period[0]])
    assert spell["reason"] == UnitReason(found.spells.reason[0]).name
    assert spell["margin"] == found.spells.margin[0]
    assert explained["shortages"].loc["north", "missing_mw"].tolist() == found.shortages.missing_mw.tolist()
    assert len(explained["reliefs"]) == len(found.reliefs.mw)
    assert len(explained["on"]) == len(found.on.unit)
    assert len(explained["off"]) == len(found.off.unit)
    for name in ("limits", "broken", "remedies"):
        assert explained[name].index.get_level_values("subject").tolist() == list(getattr(found, name).subject)


def test_what_a_result_does_not_hold_is_none() -> None:
    case, _ = cleared()
    table = Tables(case, NOTHING)
    assert [name for name, _ in table] == [
        "termination",
        "bindings",
        "violations",
        "findings",
        "initial_commitment",
        "price_setters",
    ]
    assert table.dispatch is None
    assert table.explanations is None
    assert np.isnan(table.termination.loc["test", "objective"])
    only = Tables(case, NOTHING, commitment=np.ones((2, 4), dtype=np.int8))
    assert only.commitment.to_numpy().all()


def test_periods_outside_the_horizon_have_no_name() -> None:
    case, _ = cleared()
    note = Finding(Severity.NOTE, "X", "", "of no period", period=-1)
    table = Tables(case, replace(NOTHING, violations=(Violation("unit_starts", "base", -1, 1.0, 5.0),), notes=(note,)))
    (index,) = table.violations.index
    assert index[:3] == ("unit_starts", "base", "")
    assert pd.isna(index[3])
    assert table.violations["unit"].tolist() == ["starts"]
    assert table.findings["label"].tolist() == [""]


SCHEMES = ("price_schemes", "price_scheme_units", "price_scheme_series")
"""Made where they were asked for."""


def test_schemes_side_by_side() -> None:
    case, _ = cleared()
    result = clear(case, load("generic"), SolveOptions(price_schemes=True), RunControl())
    table = Tables(case, result)
    assert table.price_schemes is not None
    assert table.price_schemes.index.tolist() == ["LMP", "ELMP", "CONVEX_HULL"]
    uplift = table.price_schemes["total_uplift"]
    assert uplift["CONVEX_HULL"] <= uplift.min() + 1e-6
    units = table.price_scheme_units
    paid = units["lost_opportunity"].groupby("scheme").sum()
    assert (paid - table.price_schemes["lost_opportunity"]).abs().max() < 1e-9
    shown = table.price_scheme_series["CONVEX_HULL"]["bus"].to_numpy().T
    assert (shown == result.price_sets[2].bus_price).all()
    assert table.price_schemes["mean_bus_price_per_mwh"]["CONVEX_HULL"] == pytest.approx(shown.mean())


def test_every_field_of_a_result_has_its_table() -> None:
    """A new field must be shown by a table (then name it here) or be told apart below."""
    of_result = {
        "termination", "schedule", "flows", "costs", "prices", "multipliers", "settlement", "price_setters", "uplift",
        "payments", "bindings", "violations", "audit", "audit_passed", "notes", "explanations", "losses", "price_sets",
    }  # fmt: skip
    no_table = {"bound_proof", "binding_periods"}  # multipliers for whoever checks the bound; a number of periods
    assert {f.name for f in dataclasses.fields(ClearingResult)} == of_result | no_table
    in_commitment = {"on", "start", "stop", "regulating"}  # a stop is where on falls
    in_dispatch = {
        "dispatch_mw", "renewable_mw", "charge_mw", "discharge_mw", "energy_mwh", "shed_mw", "surplus_mw", "demand_mw",
        "virtual_mw", "hvdc_mw", "pumped_mode", "pump_mw", "generate_mw", "reservoir_mwh", "curve_mw",
    }  # fmt: skip
    in_reserves = {"reserve_mw", "storage_reserve_mw"}
    assert {f.name for f in dataclasses.fields(Schedule)} == in_commitment | in_dispatch | in_reserves
    parts = {f"bus_{name}" for name in ("price", "energy", "congestion", "loss", "cap_adjustment")}
    series = {"system_price", "zone_price", "reserve_price", "reserve_speed_price", "reserve_cap_adjustment"}
    assert {f.name for f in dataclasses.fields(Prices)} == parts | series | {"zone_plain_mean"}  # how a mean was taken
    assert {f.name for f in dataclasses.fields(Losses)} == {"bus_factor", "island_mw", "island_surplus"}
    settled = parts | {"hour_label", "zone_price", "system_price", "user_price", "user_hour_price"}
    assert {f.name for f in dataclasses.fields(SettlementPrices)} == settled | {"decimals"}
    paid = {"demand_payment", "demand_value", "virtual_revenue", "hvdc_rent", "storage_reserve_revenue"}
    assert {f.name for f in dataclasses.fields(Payments)} == paid | {"virtual_price"}
    ending = {"reason", "objective", "bound", "bound_kind", "gap", "absolute_gap", "gap_asked", "priced", "detail"}
    assert {f.name for f in dataclasses.fields(Termination)} == ending | {"seconds"}  # about the run: Answer.run_info
    assert set(tables().termination.columns) == ending | {"audit_passed"}


def test_every_index_is_named_and_every_column_has_one_type() -> None:
    for result in (cleared(), example.two_units(), example.province(units=8, per_zone=2), (cleared()[0], NOTHING)):
        for name, table in Tables(*result):
            assert all(table.index.names), name
            assert table.columns.nlevels == 1 or all(table.columns.names), name
            assert not [
                c
                for c, kind in table.dtypes.items()
                if kind.kind == "O" and not isinstance(kind, pd.StringDtype | pd.BooleanDtype)
            ], name


def test_long_form_holds_the_same_figures() -> None:
    dispatch = tables().dispatch
    long = tidy(dispatch)
    assert list(long.columns) == ["kind", "id", "bus", "fuel", "label", "period_end", "value"]
    assert len(long) == dispatch.size
    peak = long[(long["kind"] == "unit") & (long["id"] == "peak")]
    assert peak["value"].tolist() == cleared()[1].schedule.dispatch_mw[1].tolist()
    assert peak["label"].tolist() == list(cleared()[0].horizon.labels())


def test_csv_files_turn_series_and_keep_every_digit(tmp_path: Path) -> None:
    case, result = cleared()
    written = write_csv(tmp_path, tables())
    assert {p.stem for p in written} == {*NAMES} - {"regulating", "losses", *SCHEMES} | {
        f"explained_{f.name}" for f in dataclasses.fields(Explanations)
    }
    with (tmp_path / "dispatch.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["kind"], row["id"]): row for row in csv.DictReader(file)}
    assert [float(rows["unit", "peak"][t]) for t in case.horizon.labels()] == result.schedule.dispatch_mw[1].tolist()
    assert rows["unit", "base"]["bus"] == "north"
    assert (rows["hvdc_flow", "cable"]["fuel"], rows["unit", "base"]["fuel"]) == ("", "coal")


def test_csv_has_no_negative_zero(tmp_path: Path) -> None:
    broken = (Violation("branch", "line", 0, -0.0, 5.0),)
    write_csv(tmp_path, Tables(cleared()[0], replace(NOTHING, violations=broken)))
    with (tmp_path / "violations.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {"family": "branch", "subject": "line", "label": "22:00", "period": "0", "amount_mw": "0.0",
                   "unit": "MW", "penalty": "5.0"}  # fmt: skip


def test_parquet_files_come_back_with_types(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    for path in write_parquet(tmp_path, tables()):
        back = pd.read_parquet(path)
        name = path.stem
        known = tables().explanations[name[10:]] if name.startswith("explained_") else getattr(tables(), name)
        pd.testing.assert_frame_equal(back, tidy(known).reset_index(drop=True), check_dtype=True)
    prices = pd.read_parquet(tmp_path / "prices.parquet")
    assert prices["period_end"].dt.tz.utcoffset(None) == dt.timedelta(hours=8)


def test_the_page_names_every_table_and_its_index() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    shapes = {
        name.strip(): [level.strip().partition(" (")[0] for level in re.sub(r"\([^)]*\)", "", index).split(",")]
        for names, index in re.findall(r"^\| ([a-z_, ]+) \| ([^|]+) \|", page, re.MULTILINE)
        for name in names.split(",")
    }
    for name, table in tables():
        stated = shapes[name]
        assert stated == (["periods"] if table.index.names == ["label", "period_end"] else list(table.index.names)), (
            name
        )


def test_units_in_their_band_of_regulation_are_shown() -> None:
    case, result = cleared()
    band = np.array([[0, 1, 1, 0], [0, 0, 0, 1]], dtype=np.int8)
    table = Tables(case, replace(result, schedule=replace(result.schedule, regulating=band))).regulating
    assert [table[unit].tolist() for unit in case.units.id] == band.tolist()
    assert tables().regulating is None


def test_losses_are_shown_by_island_and_bus() -> None:
    case, result = cleared()
    values = np.arange(8.0).reshape(2, 4)
    lossy = replace(result, losses=Losses(values / 100.0, values[1:], values[:1]))
    table = Tables(case, lossy).losses
    assert table["mw", "island 1"].tolist() == values[1].tolist()
    assert table["surplus", "island 1"].tolist() == values[0].tolist()
    assert table["factor", "south"].tolist() == (values[1] / 100.0).tolist()
    unpriced = Tables(case, replace(result, losses=Losses(values, values[1:]))).losses
    assert set(unpriced.columns.get_level_values("kind")) == {"mw", "factor"}
    assert tables().losses is None
