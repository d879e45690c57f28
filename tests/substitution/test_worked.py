"""The month and the year of worked/README.md, to the last digit, message in and message out."""

from __future__ import annotations

from clearing.v1 import substitution_metering_pb2 as pb2
from tests.substitution import requests


def test_the_worked_month() -> None:
    reply = requests.metered(requests.month())
    totals = reply.totals
    assert list(totals.boundary_kwh) == [45_000, 818_000, 390_000]
    assert (totals.captive_kwh, totals.settled_kwh, totals.advanced_kwh) == (1_253_000, 1_065_346, 187_654)
    assert list(totals.area_kwh) == [812_757, 270_919, 169_324]
    assert list(totals.ratio) == [0.0812757, 0.0541838, 0.0677296]
    assert reply.residual_milli == -10_329_189
    assert reply.rules.name == "xinjiang"


def test_the_worked_month_of_captive_enterprises() -> None:
    alum, brine = requests.metered(requests.month()).captives
    assert (list(alum.window), list(alum.window_kwh)) == ([0, 1], [45_000, 468_000])
    assert (list(brine.window), list(brine.window_kwh)) == ([2, 3], [390_000, 350_000])
    for own, energy, money in (
        (alum, (12_500_000, 11_987_000, 513_000, 0), (4_555_060_000, 86_030_100, 108_909_900)),
        (brine, (3_000_000, 2_260_000, 740_000, 40_000), (893_830_000, 148_370_000, 144_300_000)),
    ):
        assert (own.take_kwh, own.purchase_kwh, own.substitution_kwh, own.feed_in_kwh) == energy
        assert (own.purchase_milli, own.trade_milli, own.saved_milli) == money
    assert [(own.plan_kwh, own.deviation_kwh, own.within) for own in (alum, brine)] == [
        (550_000, 37_000, True), (830_000, 90_000, False)
    ]  # fmt: skip


def test_the_worked_month_of_sites() -> None:
    north, east = requests.metered(requests.month()).sites
    assert (list(north.due_kwh), list(east.due_kwh)) == ([487_654, 325_103], [270_919, 169_324])
    assert (list(north.settled_kwh), list(north.advanced_kwh)) == ([300_000, 325_103], [187_654, 0])
    assert (list(north.priority_kwh), list(east.priority_kwh)) == ([0, 3_674_897], [4_709_081, 2_330_676])
    assert (list(east.returned_kwh), list(north.direct_kwh)) == ([20_000, 0], [5_400_000, 0])
    assert list(north.deviation_kwh) + list(east.deviation_kwh) == [252_000, 88_897, 5_081, -31_324]
    assert list(north.within) + list(east.within) == [0, 0, 1, 0]
    assert list(north.compensation_milli) + list(east.compensation_milli) == [
        63_000_000, 69_019_367, 56_892_990, 35_219_392
    ]  # fmt: skip
    assert list(north.advanced_compensation_milli) == [39_407_340, 0]


def test_the_worked_month_says_what_is_worth_knowing() -> None:
    found = {(f.code, f.path, f.subject) for f in requests.metered(requests.month()).findings}
    assert found == {
        ("TIMES_DIFFER", "windows.start_minute[3]", "brine"), ("SHAVING_AT_METER", "windows.capacity_kw[3]", "brine"),
        ("MONTH_BEYOND_SHARE", "captives[1]", "brine"), ("MONTH_BEYOND_SHARE", "sites[0]", "h1"),
        ("MONTH_BEYOND_SHARE", "sites[1]", "h2"), ("MONTH_BEYOND_SHARE", "sites[3]", "v1"),
        ("ADVANCED", "sites[0]", "h1"),
    }  # fmt: skip


def test_the_worked_year() -> None:
    totals = requests.settled(requests.year()).totals
    assert totals == pb2.SubstitutionYearTotals(
        award_kwh=6_000_000, contract_kwh=6_000_000, executed_kwh=5_623_000, site_contract_kwh=6_000_000,
        settled_kwh=4_941_346, advanced_kwh=416_000, outstanding_kwh=416_000, default_kwh=307_654,
        highest_price_milli=212_300, account_milli=6_531_494,
    )  # fmt: skip


def test_the_worked_year_of_captive_enterprises() -> None:
    alum, brine = requests.settled(requests.year()).captives
    assert (alum.contract_kwh, alum.executed_kwh, alum.deviation_kwh) == (3_700_000, 3_363_000, -337_000)
    assert (alum.exempt_kwh, alum.limit_kwh, alum.default_kwh) == (110_000, 185_000, 42_000)
    assert (alum.payment_milli, alum.standing) == (891_660, pb2.DEVIATION_STANDING_DEFAULT)
    assert list(alum.plan_kwh) == [1_000_000, 1_100_000, 900_000, 1_280_000]
    assert list(alum.month_deviation_kwh) == [100_000, 150_000, 387_000, 280_000]
    assert list(alum.rolled_kwh) == [100_000, 100_000, 80_000, 120_000]
    assert list(alum.not_rolled_kwh) == [0, 50_000, 307_000, 160_000]
    assert (brine.contract_kwh, brine.deviation_kwh, brine.default_kwh) == (2_300_000, -40_000, 0)
    assert (brine.payment_milli, brine.standing) == (0, pb2.DEVIATION_STANDING_WITHIN_TARGET)
    assert list(brine.rolled_kwh) == [20_000, 0, -50_000, -50_000]
    assert list(brine.not_rolled_kwh) == [0, 0, -190_000, -20_000]
    assert (alum.unplanned_kwh, brine.unplanned_kwh) == (-300_000, 300_000)


def test_the_worked_year_of_sites() -> None:
    north, east = requests.settled(requests.year()).sites
    assert (list(north.own_kwh), list(north.exempt_kwh)) == ([625_654, 56_000], [0, 6_000])
    assert (list(north.limit_kwh), list(north.default_kwh)) == ([360_000, 270_000], [265_654, 0])
    assert list(north.payment_milli) == [5_639_834, 0]
    assert (list(north.advanced_kwh), list(north.outstanding_kwh)) == ([360_000, 56_000], [360_000, 56_000])
    assert list(north.next_quarter_kwh) == [120_000] * 3 + [18_667, 18_667, 18_666]
    assert list(north.rolled_kwh)[:4] == [0, 0, 55_200, 60_800]
    assert list(north.not_rolled_kwh)[:4] == [0, 0, 196_800, 432_400]
    assert (list(east.own_kwh), list(east.deviation_kwh)) == ([0, 0], [-55_081, 6_324])
    assert (list(east.returned_kwh), list(east.outstanding_kwh), list(east.overdue_kwh)) == (
        [20_000, 0],
        [0, 0],
        [0, 0],
    )


def test_the_worked_year_says_what_was_left_out() -> None:
    found = {(f.code, f.path, f.subject, f.value) for f in requests.settled(requests.year()).findings}
    assert found == {
        ("TRANSFER_REFUSED", "transfers.giver[1]", "alum", "TOO_LATE"),
        ("PLAN_CHANGE_REFUSED", "plan_changes.request[2]", "r2", "TOO_LATE"),
        ("PLAN_CHANGE_REFUSED", "plan_changes.request[3]", "r2", "TOO_LATE"),
        ("CONTRACT_NOT_PLANNED", "captives.plan_kwh[0]", "alum", "-300000"),
        ("CONTRACT_NOT_PLANNED", "captives.plan_kwh[1]", "brine", "300000"),
    }
