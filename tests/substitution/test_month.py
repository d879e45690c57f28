"""Months through the pipeline: what 7.1.2 and 9.5.1 say of a whole month, conservation, order, confidentiality."""

from __future__ import annotations

import numpy as np

from tests.substitution import requests
from tests.substitution.properties import random_month


def test_clause_7_1_2_captive_deviation_is_plan_less_take_without_grid_purchase() -> None:
    for own in requests.metered(requests.month()).captives:
        assert own.deviation_kwh == own.plan_kwh - (own.take_kwh - own.purchase_kwh)


def test_clause_7_1_2_new_energy_deviation_follows_from_captive_energy_coefficients_and_ratio() -> None:
    """Settled energy is W · X where it suffices; the deviation is plan less settled."""
    reply = requests.metered(requests.month())
    ratio = dict(zip(reply.totals.area, reply.totals.ratio, strict=True))
    east = next(own for own in reply.sites if own.owner_id == "east")
    for row, area in enumerate(("turpan-wind", "hami-pv")):
        assert abs(east.settled_kwh[row] - east.on_grid_kwh[row] * ratio[area]) <= 1
        assert east.deviation_kwh[row] == east.plan_kwh[row] - east.settled_kwh[row]


def test_clause_9_5_1_1_trade_first_then_grid_purchase() -> None:
    for own in requests.metered(requests.month()).captives:
        assert own.substitution_kwh == sum(own.boundary_kwh) == sum(own.window_kwh)
        assert own.purchase_kwh == own.take_kwh - own.substitution_kwh


def test_clause_9_5_1_3_captive_pays_the_difference_and_new_energy_gets_its_price_less_the_compensation() -> None:
    """alum: 513 MWh at 380 − 212.3; t1: 270.919 MWh pay 580 − 370 = 210 each."""
    reply = requests.metered(requests.month())
    alum, east = reply.captives[0], reply.sites[1]
    assert alum.trade_milli == 513_000 * (380_000 - 212_300) // 1000
    assert alum.saved_milli == 513_000 * 212_300 // 1000
    assert east.full_milli[0] - east.compensation_milli[0] == 2_900_000_000 - 270_919 * 210
    saved = sum(own.saved_milli for own in reply.captives)
    given = sum(sum(own.compensation_milli) + sum(own.advanced_compensation_milli) for own in reply.sites)
    assert saved == given + reply.residual_milli


def test_clause_9_5_1_4_with_transmission_prices_captive_pays_the_price_of_the_confirmation() -> None:
    """The price of the confirmation holds T&D price and losses: 250 − 212.3 + 180 = 217.7."""
    pb = requests.month()
    pb.captives.trade_price_milli[0] = 217_700
    assert requests.metered(pb).captives[0].trade_milli == 513_000 * 217_700 // 1000


def test_without_prices_there_is_no_money() -> None:
    pb = requests.month()
    for name in ("catalogue_price_milli", "trade_price_milli"):
        pb.captives.ClearField(name)
    for name in ("approved_price_milli", "trade_price_milli"):
        pb.sites.ClearField(name)
    reply = requests.metered(pb)
    assert not reply.HasField("residual_milli")
    assert not any(own.HasField("saved_milli") for own in reply.captives)
    assert not any(own.full_milli for own in reply.sites)


def test_the_captive_side_alone() -> None:
    pb = requests.month()
    pb.ClearField("sites")
    pb.ClearField("areas")
    reply = requests.metered(pb)
    assert (reply.totals.captive_kwh, len(reply.sites), list(reply.totals.area)) == (1_253_000, 0, [])


def test_a_part_is_for_its_party_alone() -> None:
    """No statement holds an id of somebody else, and the public part names areas only."""
    reply = requests.metered(requests.month())
    ids = {"alum", "brine", "h1", "h2", "t1", "v1"}
    for own, allowed in (
        *((own, {own.enterprise}) for own in reply.captives), *((own, set(own.site)) for own in reply.sites),
        (reply.totals, set()),
    ):  # fmt: skip
        text = str(own)
        assert not [name for name in ids - allowed if f'"{name}"' in text]


def test_clause_9_5_1_5_6_times_by_the_order_and_what_the_plant_recorded_is_said() -> None:
    """Recorded 60 minutes later, window 0 still counts 3 h: 75 − 3 · 10 MWh."""
    pb = requests.month()
    pb.windows.plant_start_minute[0] = 660
    reply = requests.metered(pb)
    assert reply.captives[0].window_kwh[0] == 45_000
    assert ("TIMES_DIFFER", "windows.start_minute[0]") in {(f.code, f.path) for f in reply.findings}


def test_clause_9_6_1_1_where_new_energy_suffices_captive_energy_is_what_is_executed() -> None:
    """Without h1's other contracts nothing is short: both sides execute 1 253 MWh."""
    pb = requests.month()
    pb.sites.direct_kwh[0] = pb.sites.export_kwh[0] = 0
    totals = requests.metered(pb).totals
    assert (totals.captive_kwh, totals.settled_kwh, totals.advanced_kwh) == (1_253_000, 1_253_000, 0)


def test_random_months_conserve_energy_and_do_not_know_the_order_of_the_message() -> None:
    draw = np.random.default_rng(11)
    for _ in range(40):
        random_month(draw)
