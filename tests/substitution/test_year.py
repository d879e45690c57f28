"""Years through the pipeline: payments, conservation, exempt energy, order, scaling."""

from __future__ import annotations

import numpy as np

from clearing.v1 import substitution_metering_pb2 as pb2
from tests.substitution import requests


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


def drawn(draw: np.random.Generator) -> pb2.SettleSubstitutionDeviationRequest:
    """A random year of C enterprises and S sites."""
    captives, sites, months = int(draw.integers(1, 8)), int(draw.integers(1, 12)), 12
    due = draw.integers(0, 100_000, (sites, months))
    settled = np.where(draw.random((sites, months)) < 0.6, due, due * draw.random((sites, months))).astype(int)
    opening = draw.integers(0, 50_000, sites)
    pb = pb2.SettleSubstitutionDeviationRequest(first_month="2016-01", months=months, base_price_milli=200_000)
    pb.captives.enterprise.extend(f"c{k}" for k in range(captives))
    pb.captives.award_kwh.extend(draw.integers(0, 1_200_000, captives).tolist())
    pb.captives.plan_kwh.extend(draw.integers(0, 100_000, captives * months).tolist())
    pb.captives.executed_kwh.extend(draw.integers(0, 100_000, captives * months).tolist())
    pb.sites.site.extend(f"s{k}" for k in range(sites))
    pb.sites.owner.extend(f"o{k % 2}" for k in range(sites))
    pb.sites.award_kwh.extend(draw.integers(0, 1_200_000, sites).tolist())
    pb.sites.due_kwh.extend(due.ravel().tolist())
    pb.sites.settled_kwh.extend(settled.ravel().tolist())
    pb.sites.returned_kwh.extend((opening[:, None] * np.eye(1, months)).astype(int).ravel().tolist())
    pb.sites.opening_kwh.extend(opening.tolist())
    pb.exempt.party.extend((*pb.captives.enterprise, *pb.sites.site))
    pb.exempt.cause.extend(draw.integers(1, 8, captives + sites).tolist())
    pb.exempt.energy_kwh.extend(draw.integers(0, 300_000, captives + sites).tolist())
    return pb


def test_random_years_conserve_and_never_charge_exempt_energy() -> None:
    """opening + advanced = returned + outstanding; own = advanced + default; default + exempt ≤ own shortfall;
    account zero-sum."""
    draw = np.random.default_rng(12)
    for _ in range(40):
        pb = drawn(draw)
        reply = requests.settled(pb)
        opening = dict(zip(pb.sites.site, pb.sites.opening_kwh, strict=True))
        for own in reply.sites:
            for k, name in enumerate(own.site):
                assert opening[name] + own.advanced_kwh[k] == own.returned_kwh[k] + own.outstanding_kwh[k]
                assert own.own_kwh[k] == own.advanced_kwh[k] + own.default_kwh[k]
                assert own.default_kwh[k] + own.exempt_kwh[k] <= own.own_kwh[k]
                quarter = sum(own.next_quarter_kwh[3 * k : 3 * k + 3])
                assert own.outstanding_kwh[k] == own.overdue_kwh[k] + quarter
        for own in reply.captives:
            assert own.default_kwh + own.exempt_kwh <= max(-own.deviation_kwh, 0)
        paid = sum(own.payment_milli for own in reply.captives) + sum(sum(own.payment_milli) for own in reply.sites)
        assert paid == reply.totals.account_milli


def test_more_exempt_energy_is_never_more_default() -> None:
    draw = np.random.default_rng(13)
    for _ in range(20):
        pb = drawn(draw)
        before = requests.settled(pb)
        pb.exempt.energy_kwh[:] = [energy + 40_000 for energy in pb.exempt.energy_kwh]
        after = requests.settled(pb)
        assert after.totals.default_kwh <= before.totals.default_kwh
        assert after.totals.account_milli <= before.totals.account_milli


def test_the_order_of_the_message_changes_nothing() -> None:
    draw = np.random.default_rng(14)
    for _ in range(20):
        pb = drawn(draw)
        pb.scaled_total_kwh = 777_777
        turned = pb2.SettleSubstitutionDeviationRequest()
        turned.CopyFrom(pb)
        turned.exempt.Clear()
        for name in ("party", "cause", "energy_kwh"):
            getattr(turned.exempt, name).extend(reversed(getattr(pb.exempt, name)))
        for table, key in ((turned.captives, "enterprise"), (turned.sites, "site")):
            rows = len(getattr(table, key))
            for field, values in list(table.ListFields()):
                column = list(values)
                wide = len(column) // rows
                turned_column = [column[row * wide + t] for row in reversed(range(rows)) for t in range(wide)]
                table.ClearField(field.name)
                getattr(table, field.name).extend(turned_column)
        one, two = requests.settled(pb), requests.settled(turned)
        assert {c.enterprise: c.contract_kwh for c in one.captives} == {
            c.enterprise: c.contract_kwh for c in two.captives
        }
        assert by_site(one) == by_site(two)


def by_site(reply: pb2.SettleSubstitutionDeviationResponse) -> dict[str, tuple[int, int, int]]:
    return {
        name: (own.contract_kwh[k], own.default_kwh[k], own.payment_milli[k])
        for own in reply.sites
        for k, name in enumerate(own.site)
    }
