"""Years through the pipeline: payments, conservation, exempt energy, order, scaling."""

from __future__ import annotations

import numpy as np

from clearing.v1 import substitution_metering_pb2 as pb2
from tests.substitution import requests
from tests.substitution.properties import random_year


def test_clause_9_6_4_payments_go_into_one_account_and_add_up() -> None:
    reply = requests.settled(requests.year())
    paid = sum(own.payment_milli for own in reply.captives) + sum(sum(own.payment_milli) for own in reply.sites)
    assert paid == reply.totals.account_milli == 891_660 + 5_639_834


def test_a_cut_of_the_captive_side_cuts_new_energy_in_proportion() -> None:
    """6 000 → 5 400 by an adjustment asked in time: every site's contract is nine tenths."""
    pb = requests.year()
    pb.transfers.taker[0] = ""
    pb.transfers.energy_kwh[0] = 600_000
    reply = requests.settled(pb)
    assert (reply.totals.contract_kwh, reply.totals.site_contract_kwh) == (5_400_000, 5_400_000)
    assert [list(own.contract_kwh) for own in reply.sites] == [[2_160_000, 1_620_000], [1_080_000, 540_000]]


def test_what_cannot_be_rolled_is_scaled_to_a_total() -> None:
    pb = requests.year()
    pb.scaled_total_kwh = 3_000_000
    reply = requests.settled(pb)
    assert [own.contract_kwh for own in reply.captives] == [1_850_000, 1_150_000]
    assert reply.totals.site_contract_kwh == 3_000_000
    assert reply.totals.account_milli > 0  # the sites' own shortfall stays


def test_readings_of_the_year_are_settings() -> None:
    pb = requests.year()
    for key, value in (
        ("new_energy_limit", "0.1"), ("return_in", "next_month"), ("highest_price", "variation"),
        ("after_adjustment", "all"),
    ):  # fmt: skip
        pb.rules.overrides.add(key=f"substitution.deviation.{key}", value=value)
    reply = requests.settled(pb)
    alum, (north, _) = reply.captives[0], reply.sites
    assert (alum.default_kwh, alum.limit_kwh) == (227_000, 0)
    assert list(north.default_kwh) == [385_654, 0]
    assert reply.totals.highest_price_milli == 12_300
    assert list(north.next_quarter_kwh)[:3] == [52_346, 0, 0]  # December's, the rest was due in December


def test_clause_7_2_3_what_the_dispatcher_caused_is_exempt() -> None:
    """alum's 227 000 short beyond the exempt 110 000, all of it by the grid's own measures: nothing is default."""
    pb = requests.year()
    pb.exempt.party.append("alum")
    pb.exempt.cause.append(pb2.EXEMPTION_CAUSE_GRID_SECURITY)
    pb.exempt.energy_kwh.append(227_000)
    alum = requests.settled(pb).captives[0]
    assert (alum.deviation_kwh, alum.exempt_kwh, alum.default_kwh, alum.payment_milli) == (-337_000, 337_000, 0, 0)


def test_random_years_conserve_never_charge_exempt_energy_and_do_not_know_the_order_of_the_message() -> None:
    draw = np.random.default_rng(12)
    for _ in range(40):
        random_year(draw)
