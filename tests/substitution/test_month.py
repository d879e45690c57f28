"""Months through the pipeline: what 7.1.2 and 9.5.1 say of a whole month, conservation, order, confidentiality."""

from __future__ import annotations

import numpy as np

from clearing.v1 import substitution_metering_pb2 as pb2
from tests.substitution import requests


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


def drawn(draw: np.random.Generator) -> pb2.MeterSubstitutionRequest:
    """A random month: every window by the meter or by capacity, some sites short of energy."""
    pb = requests.month()
    n = int(draw.integers(1, 25))
    areas = [f"a{k}" for k in range(int(draw.integers(1, 6)))]
    pb.sites.Clear()
    pb.areas.Clear()
    pb.sites.site.extend(f"s{k:02d}" for k in range(n))
    pb.sites.owner.extend(f"o{k % 3}" for k in range(n))
    pb.sites.area.extend(areas[int(k)] for k in draw.integers(0, len(areas), n))
    pb.sites.start_reading.extend([0] * n)
    pb.sites.end_reading.extend(draw.integers(0, 10_000_000, n).tolist())
    pb.sites.end_reading[0] += 1_000_000
    pb.sites.ratio.extend([1000] * n)
    for name in ("direct_kwh", "export_kwh", "return_kwh", "award_kwh"):
        getattr(pb.sites, name).extend(draw.integers(0, 600_000, n).tolist())
    pb.areas.area.extend(areas)
    pb.areas.fleet.extend(draw.integers(1, 3, len(areas)).tolist())
    pb.areas.capacity_kw.extend(draw.integers(1, 10**6, len(areas)).tolist())
    for name in ("network_curtailed_kwh", "peak_curtailed_kwh", "previous_peak_curtailed_kwh"):
        getattr(pb.areas, name).extend(draw.integers(0, 10**6, len(areas)).tolist())
    order = "other_market_first" if draw.random() < 0.5 else "substitution_first"
    pb.rules.overrides.add(key="substitution.metering.deduction_order", value=order)
    return pb


def test_random_months_conserve_energy_and_do_not_know_the_order_of_the_message() -> None:
    """W = W1 + W2 with W3 apart, Σ due = M, W of a site in its parts; sites turned round give the same to each."""
    draw = np.random.default_rng(11)
    for _ in range(40):
        pb = drawn(draw)
        reply = requests.metered(pb)
        assert all(own.take_kwh == own.purchase_kwh + own.substitution_kwh for own in reply.captives)
        due = sum(sum(own.due_kwh) for own in reply.sites)
        assert due == reply.totals.captive_kwh == reply.totals.settled_kwh + reply.totals.advanced_kwh
        assert sum(reply.totals.area_kwh) == reply.totals.captive_kwh
        for own in reply.sites:
            parts = zip(
                own.settled_kwh, own.direct_kwh, own.export_kwh, own.returned_kwh, own.priority_kwh, strict=True
            )
            assert [sum(row) for row in parts] == list(own.on_grid_kwh)
        turned = pb2.MeterSubstitutionRequest()
        turned.CopyFrom(pb)
        other = draw.permutation(len(pb.sites.site)).tolist()
        for field, values in pb.sites.ListFields():
            column = [list(values)[row] for row in other]
            turned.sites.ClearField(field.name)
            getattr(turned.sites, field.name).extend(column)
        assert by_site(requests.metered(turned)) == by_site(reply)


def by_site(reply: pb2.MeterSubstitutionResponse) -> dict[str, tuple[int, int, int]]:
    return {
        name: (own.due_kwh[k], own.settled_kwh[k], own.plan_kwh[k])
        for own in reply.sites
        for k, name in enumerate(own.site)
    }
