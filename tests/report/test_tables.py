from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.finding import Finding, Severity
from clearing.case.losses import Losses
from clearing.case.result import Binding, Violation
from clearing.report import tables
from clearing.report.kpis import kpis
from clearing.report.losses import loss_tables
from tests import factory
from tests.report import example

CASE = factory.market(load=[1.0] * 8, period_minutes=15)


def test_bindings_are_gathered_by_limit_and_the_dearest_comes_first() -> None:
    bindings = (
        Binding("branch", "a", 0, "max", 100.0, 5.0),
        Binding("branch", "b", 3, "max", 50.0, 40.0),
        Binding("branch", "a", 1, "max", 120.0, 7.0),
        Binding("branch", "a", 1, "min", 100.0, 1.0),
    )
    assert tables.binding_table(CASE, bindings).rows == [
        ("branch", "b", "max", "50.0", "1", "01:00", "40.00", "40.00"),
        ("branch", "a", "max", "100.0 … 120.0", "2", "00:15–00:30", "7.00", "6.00"),
        ("branch", "a", "min", "100.0", "1", "00:30", "1.00", "1.00"),
    ]


def test_violations_add_up_to_energy_and_penalty() -> None:
    violations = (Violation("product", "up", 2, 4.0, 100.0), Violation("product", "up", 3, 8.0, 300.0))
    table = tables.violation_table(CASE, violations)
    assert table.rows == [("product", "up", "2", "00:45–01:00", "8.000 MW", "3.000 MWh", "400.00")]


def test_violations_are_shown_in_their_own_unit() -> None:
    """Energy is no power, numbers of starts do not last, and data that gave way are no MWh."""
    violations = (
        Violation("energy_window", "g|0-3", 3, 4.0, 9.0),
        Violation("unit_starts", "g", 2, 2.0, 8.0),
        Violation("min_up", "g", 1, 60.0, 0.0),
        Violation("must_run", "g", 1, 1.0, 0.0),
        Violation("must_run", "g", 2, 1.0, 0.0),
        Violation("ramp_up", "g", 2, 12.5, 0.0),
    )
    shown = {row[0]: row[4:6] for row in tables.violation_table(CASE, violations).rows}
    assert shown == {
        "energy_window": ("4.000 MWh", "4.000 MWh"),
        "unit_starts": ("2 starts", "2 starts"),
        "min_up": ("60 minutes", "60 minutes"),
        "must_run": ("1 periods", "2 periods"),
        "ramp_up": ("12.500 MW", "12.500 MW"),
    }
    case, result = example.two_units()
    note = next(tile.note for tile in kpis(case, replace(result, violations=violations)) if tile.name == "Violations")
    assert note == "4 of hard data"


def test_long_tables_are_cut_and_say_so() -> None:
    many = tuple(Violation("branch", f"b{k}", 0, 1.0, 1.0) for k in range(tables.MOST_ROWS + 5))
    table = tables.violation_table(CASE, many)
    assert (len(table.rows), table.total, table.cut) == (tables.MOST_ROWS, tables.MOST_ROWS + 5, True)


def test_findings_show_errors_first_with_the_label_of_their_period() -> None:
    findings = (
        Finding(Severity.NOTE, "N", "p", "note"),
        Finding(Severity.ERROR, "BALANCE", "balance/x", "off by 3", "x", 7, "3", "0", "§ 4"),
    )
    table = tables.finding_table(findings, CASE.horizon.labels(), "")
    assert table.rows[0] == ("error", "BALANCE", "x", "02:00", "off by 3", "3", "0", "balance/x", "§ 4")
    assert table.tones == ["error", "note"]


def test_start_list_and_make_whole() -> None:
    case, result = example.two_units()
    assert result.schedule is not None
    assert tables.start_table(case, result.schedule).rows == [("03:00", "peak", "Gas", "warm", "3.50", "250.00")]
    assert [row[0] for row in tables.make_whole_table(case, result).rows] == ["peak"]
    assert tables.make_whole_table(case, replace(result, uplift=None)).rows == []


def test_headline_figures() -> None:
    case, result = example.two_units()
    tiles = {tile.name: (tile.value, tile.unit) for tile in kpis(case, result)}
    assert tiles["Load energy"] == ("440", "MWh")
    # (80 + 90)·20 + (150 + 120)·60 over 440 MWh
    assert tiles["Average price"] == ("44.55", "per MWh")
    assert tiles["Make-whole"] == ("120", "")
    assert tiles["Starts"] == ("1", "")
    assert tiles["Violations"] == ("0", "")


def test_average_price_without_load_is_the_plain_mean() -> None:
    case, result = example.two_units()
    empty = replace(case, loads=replace(case.loads, mw=np.zeros((1, 4))))
    tiles = {tile.name: tile for tile in kpis(empty, result)}
    assert tiles["Average price"].value == "40.00"
    assert tiles["Average price"].note.startswith("plain mean")


def test_losses_by_island_and_by_bus() -> None:
    case, result = example.two_units()
    assert loss_tables(case, result) == ()
    buses, periods = len(case.network.bus_id), case.horizon.periods
    mw = np.zeros((1, periods))
    mw[0, 1] = 4.0
    factor = np.full((buses, periods), 0.05)
    losses = Losses(factor, mw, np.full((1, periods), 2.0))
    island, bus = loss_tables(case, replace(result, losses=losses))
    hours, label = case.horizon.hours, case.horizon.labels()[1]
    (row,) = island.rows
    assert row[0] == "1"
    assert row[1] == f"{4.0 * hours:.3f}"
    assert row[3:] == ("4.000", label, f"{2.0 * periods:.2f}")
    assert bus.rows[0][:2] == (case.network.bus_id[-1], "0.0500")
    tile = next(tile for tile in kpis(case, replace(result, losses=losses)) if tile.name == "Losses")
    assert tile.value == f"{4.0 * hours:.1f}"
