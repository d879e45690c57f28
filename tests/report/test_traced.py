"""Figures of the report are those of the tables beside it, added up here by themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from clearing.report.html import render
from clearing.tables import Tables
from clearing.tables.files import write_csv
from tests.report import example
from tests.report.test_html import Page


def shown(text: str, name: str) -> float:
    """The figure of a tile."""
    found = re.search(
        rf'<p class="name"><span class="en">{name}</span>.*?<p class="value">([^<]*)</p>', text, re.DOTALL
    )
    assert found is not None, name
    return float(found[1].replace(",", "").replace("−", "-"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A report, and the folder with its tables as CSV."""
    folder = tmp_path_factory.mktemp("tables")
    case, result = example.province()
    write_csv(folder, Tables(case, result))
    return render(case, result, example.ABOUT), folder


def test_tiles_are_sums_of_tables(kept: tuple[str, Path]) -> None:
    text, folder = kept
    prices = pd.read_csv(folder / "prices.csv")
    hours = 24 / prices["label"].nunique()
    assert shown(text, "Load energy") == pytest.approx(prices["load_mw"].sum() * hours, abs=0.51)
    mean = (prices["load_mw"] * prices["price_per_mwh"]).sum() / prices["load_mw"].sum()
    assert shown(text, "Average price") == pytest.approx(mean, abs=0.00501)
    assert shown(text, "Starts") == len(pd.read_csv(folder / "starts.csv"))
    assert shown(text, "Violations") == len(pd.read_csv(folder / "violations.csv"))
    make_whole = pd.read_csv(folder / "make_whole.csv")
    assert shown(text, "Make-whole") == pytest.approx(make_whole.filter(like="make_whole").sum().sum(), abs=0.51)


def test_the_stack_is_the_dispatch_of_the_table(kept: tuple[str, Path]) -> None:
    text, folder = kept
    stack = next(f for f in Page(text).figures if any(t.get("name") == "Coal" for t in f["data"]))
    layers = {trace["name"]: sum(trace["y"]) for trace in stack["data"] if trace["type"] == "bar"}
    dispatch = pd.read_csv(folder / "dispatch.csv")
    of_fuel = (
        dispatch[dispatch["kind"].isin(["unit", "renewable"])].set_index("fuel").drop(columns=["kind", "id", "bus"])
    )
    for fuel, series in of_fuel.groupby(level=0):
        name = str(fuel).replace("_", " ").capitalize()
        assert layers[name] == pytest.approx(float(series.sum().sum()), abs=0.5), name


def test_files_that_sections_name_are_written(kept: tuple[str, Path]) -> None:
    text, folder = kept
    named = set(re.findall(r"[a-z_]+\.csv", " ".join(re.findall(r'<span class="en">Figures: ([^<]*)</span>', text))))
    assert {"prices.csv", "dispatch.csv", "bindings.csv"} <= named
    assert named <= {path.name for path in folder.iterdir()}
