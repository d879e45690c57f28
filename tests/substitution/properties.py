"""Properties of random months and years, through the pipeline. `python -m tests.substitution.properties 2000`
proves more."""

from __future__ import annotations

import sys

import numpy as np

from clearing.v1 import substitution_metering_pb2 as pb2
from tests.substitution import requests


def drawn_month(draw: np.random.Generator) -> pb2.MeterSubstitutionRequest:
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
    draw_windows(pb, draw)
    order = "other_market_first" if draw.random() < 0.5 else "substitution_first"
    pb.rules.overrides.add(key="substitution.metering.deduction_order", value=order)
    return pb


def draw_windows(pb: pb2.MeterSubstitutionRequest, draw: np.random.Generator) -> None:
    """Up to ten windows one after another, of either enterprise and any boundary, each with some energy that is no
    shaving."""
    n = int(draw.integers(0, 11))
    starts, lengths = np.arange(n) * 4_000, draw.integers(1, 4_000, n)
    taken = draw.integers(0, 100_000, n)
    pb.windows.Clear()
    pb.no_shaving.Clear()
    pb.windows.enterprise.extend(("alum", "brine")[int(k)] for k in draw.integers(0, 2, n))
    pb.windows.boundary.extend(draw.integers(1, 4, n).tolist())
    for names, values in (
        (("start_minute", "plan_start_minute"), starts), (("end_minute", "plan_end_minute"), starts + lengths),
        (("start_reading",), np.zeros(n, dtype=int)), (("end_reading",), taken * 100), (("ratio",), np.full(n, 100)),
        (("load_before_kw",), draw.integers(0, 3_000, n)), (("capacity_kw",), draw.integers(1, 3_000, n)),
        (("auxiliary_rate",), draw.integers(0, 2_000, n)),
    ):  # fmt: skip
        for name in names:
            getattr(pb.windows, name).extend(values.tolist())
    pb.no_shaving.window.extend(range(n))
    pb.no_shaving.cause.extend([pb2.NO_SHAVING_CAUSE_OWN_OUTAGE] * n)
    pb.no_shaving.energy_kwh.extend((taken * draw.random(n)).astype(int).tolist())


def random_month(draw: np.random.Generator) -> None:
    """W = W1 + W2 with W3 apart, Σ due = M, W of a site in its parts; sites turned round give the same to each."""
    pb = drawn_month(draw)
    reply = requests.metered(pb)
    assert all(own.take_kwh == own.purchase_kwh + own.substitution_kwh for own in reply.captives)
    for own in reply.captives:
        assert own.substitution_kwh == sum(own.boundary_kwh) == sum(own.window_kwh)
        assert all(0 <= kwh <= most for kwh, most in zip(own.window_kwh, own.window_taken_kwh, strict=True))
    due = sum(sum(own.due_kwh) for own in reply.sites)
    assert due == reply.totals.captive_kwh == reply.totals.settled_kwh + reply.totals.advanced_kwh
    assert sum(reply.totals.area_kwh) == reply.totals.captive_kwh
    for own in reply.sites:
        parts = zip(own.settled_kwh, own.direct_kwh, own.export_kwh, own.returned_kwh, own.priority_kwh, strict=True)
        assert [sum(row) for row in parts] == list(own.on_grid_kwh)
    turned = pb2.MeterSubstitutionRequest()
    turned.CopyFrom(pb)
    other = draw.permutation(len(pb.sites.site)).tolist()
    for field, values in pb.sites.ListFields():
        column = [list(values)[row] for row in other]
        turned.sites.ClearField(field.name)
        getattr(turned.sites, field.name).extend(column)
    assert month_by_site(requests.metered(turned)) == month_by_site(reply)


def month_by_site(reply: pb2.MeterSubstitutionResponse) -> dict[str, tuple[int, int, int]]:
    return {
        name: (own.due_kwh[k], own.settled_kwh[k], own.plan_kwh[k])
        for own in reply.sites
        for k, name in enumerate(own.site)
    }


def drawn_year(draw: np.random.Generator) -> pb2.SettleSubstitutionDeviationRequest:
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


def random_year(draw: np.random.Generator) -> None:
    """Conservation, exempt energy, monotone default, order of the message, of one random year."""
    pb = drawn_year(draw)
    reply = requests.settled(pb)
    conserves(pb, reply)
    more = pb2.SettleSubstitutionDeviationRequest()
    more.CopyFrom(pb)
    more.exempt.energy_kwh[:] = [energy + 40_000 for energy in pb.exempt.energy_kwh]
    after = requests.settled(more)
    assert after.totals.default_kwh <= reply.totals.default_kwh
    assert after.totals.account_milli <= reply.totals.account_milli
    pb.scaled_total_kwh = 777_777 if any(pb.captives.award_kwh) else 0
    one, two = requests.settled(pb), requests.settled(turned_year(pb))
    assert {c.enterprise: c.contract_kwh for c in one.captives} == {c.enterprise: c.contract_kwh for c in two.captives}
    assert year_by_site(one) == year_by_site(two)


def conserves(pb: pb2.SettleSubstitutionDeviationRequest, reply: pb2.SettleSubstitutionDeviationResponse) -> None:
    """opening + advanced = returned + outstanding; own = advanced + default; default + exempt ≤ own; the account."""
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


def turned_year(pb: pb2.SettleSubstitutionDeviationRequest) -> pb2.SettleSubstitutionDeviationRequest:
    """The same year with the rows of every table the other way round."""
    turned = pb2.SettleSubstitutionDeviationRequest()
    turned.CopyFrom(pb)
    for table, key in ((turned.captives, "enterprise"), (turned.sites, "site"), (turned.exempt, "party")):
        rows = len(getattr(table, key))
        for field, values in list(table.ListFields()):
            column = list(values)
            wide = len(column) // rows
            table.ClearField(field.name)
            getattr(table, field.name).extend(column[r * wide + t] for r in reversed(range(rows)) for t in range(wide))
    return turned


def year_by_site(reply: pb2.SettleSubstitutionDeviationResponse) -> dict[str, tuple[int, int, int]]:
    return {
        name: (own.contract_kwh[k], own.default_kwh[k], own.payment_milli[k])
        for own in reply.sites
        for k, name in enumerate(own.site)
    }


def main() -> None:
    """Prove so many months and years."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for seed in range(rounds):
        random_month(np.random.default_rng(seed))
        random_year(np.random.default_rng(seed))
    print(f"{rounds} random months and {rounds} random years: energy and money conserved, order without effect")


if __name__ == "__main__":
    main()
