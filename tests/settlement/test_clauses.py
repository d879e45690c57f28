"""Chapters 6.8 to 6.13 of the guide, clause by clause, on the worked day of `months.py`; every figure by hand."""

from __future__ import annotations

import pytest

from clearing.v1 import settlement_pb2 as pb2
from tests.settlement.months import MWH, balances, items, settled, worked

YUAN = 1000
FULL = {"form": "full_energy"}


def with_costs() -> pb2.SettleRequest:
    """G: start 10,000, no load 1,000, energy 52,000 day-ahead, 65,000 in real time; 1,000 for regulation."""
    request = worked()
    request.costs.CopyFrom(
        pb2.UnitCosts(
            participant=["G"], day=[0], ahead_start_milli=[10_000 * YUAN], ahead_no_load_milli=[1_000 * YUAN],
            ahead_energy_milli=[52_000 * YUAN], real_cost_milli=[65_000 * YUAN],
        )
    )  # fmt: skip
    request.entries.CopyFrom(entry("G", pb2.SETTLEMENT_ACCOUNT_REGULATION, 1_000))
    return request


def entry(who: str, account: int, money: int) -> pb2.SettlementEntries:
    """One entry, money in whole units."""
    return pb2.SettlementEntries(participant=[who], account=[account], money_milli=[money * YUAN])  # type: ignore[list-item]


def charged(account: int, basis: int, rate: int, **more: list[str]) -> pb2.SettleResponse:
    """The worked day with one charge, x."""
    request = worked()
    request.charges.CopyFrom(
        pb2.SettlementCharges(charge=["x"], account=[account], basis=[basis], rate=[rate], **more)  # type: ignore[arg-type,list-item]
    )
    return settled(request)


def test_clause_6_8_1_day_ahead_cost_that_revenue_does_not_cover() -> None:
    # 63,000 − 100 · 300 − 100 · 310 = 2,000
    assert items(settled(with_costs()), "G")["COMPENSATION_AHEAD"] == 2_000 * YUAN
    assert "COMPENSATION_AHEAD" not in items(settled(with_costs(), ahead_compensation="none"), "G")


def test_clause_6_8_2_running_cost_less_all_revenue_with_what_was_paid_day_ahead() -> None:
    # 65,000 − (61,000 + 500 + 1,000 + 2,000) = 500; without the 2,000: 2,500
    assert items(settled(with_costs()), "G")["COMPENSATION_REAL"] == 500 * YUAN
    again = settled(with_costs(), ahead_compensation_counts="no")
    assert items(again, "G")["COMPENSATION_REAL"] == 2_500 * YUAN


def test_clause_6_8_3_capacity_held_back_at_real_time_price_less_marginal_cost() -> None:
    # 5 MWh · (330 − 250) = 400; nothing where the price is below the least cost
    request = worked()
    request.ordered.CopyFrom(
        pb2.OrderedEnergy(
            participant=["G"], period=[1], account=[pb2.SETTLEMENT_ACCOUNT_OPPORTUNITY_COST],
            energy_tenth_kwh=[5 * MWH], price_milli=[250_000], least_milli=[330_000],
        )
    )  # fmt: skip
    assert items(settled(request), "G")["OPPORTUNITY_COST"] == 400 * YUAN
    request.ordered.least_milli[0] = 330_001
    assert "OPPORTUNITY_COST" not in items(settled(request), "G")


def test_clause_6_8_3_scope_and_the_criterion_of_what_counts() -> None:
    """A store is out of the scope `generation`; a period with 89.9 % delivered does not count where 90 % are asked."""
    request = worked()
    request.ordered.CopyFrom(
        pb2.OrderedEnergy(
            participant=["G"], period=[1], account=[pb2.SETTLEMENT_ACCOUNT_OPPORTUNITY_COST],
            energy_tenth_kwh=[5 * MWH], price_milli=[250_000], response_millionths=[899_999],
        )
    )  # fmt: skip
    assert items(settled(request), "G")["OPPORTUNITY_COST"] == 400 * YUAN
    assert "OPPORTUNITY_COST" not in items(settled(request, opportunity_least_response="0.9"), "G")
    request.ordered.response_millionths[0] += 1
    assert items(settled(request, opportunity_least_response="0.9"), "G")["OPPORTUNITY_COST"] == 400 * YUAN
    assert items(settled(request, opportunity_scope="generation"), "G")["OPPORTUNITY_COST"] == 400 * YUAN
    request.participants.kind[0] = pb2.ADDRESSEE_KIND_STORAGE
    assert items(settled(request), "G")["OPPORTUNITY_COST"] == 400 * YUAN
    assert "OPPORTUNITY_COST" not in items(settled(request, opportunity_scope="generation"), "G")


def test_clause_6_9_what_came_in_what_went_out_and_what_is_left_by_account() -> None:
    """Day-ahead 100 · 20 and real time −700 stay; contracts in full: 60 · 290 twice, and 61,000 against 63,000."""
    totals = settled(worked(), **FULL).totals
    columns = (totals.account, totals.account_collected_milli, totals.account_paid_milli, totals.account_money_milli)
    found = {account: tuple(money) for account, *money in zip(*columns, strict=True)}
    # Q_c · (P_c − P_ref), reference G's node: 60 · (−10) + 60 · (−20) = −1,800 for the seller
    assert found[pb2.SETTLEMENT_ACCOUNT_CONTRACT_FINANCIAL] == (1_800 * YUAN, 1_800 * YUAN, 0)
    assert found[pb2.SETTLEMENT_ACCOUNT_DAY_AHEAD] == (63_000 * YUAN, 61_000 * YUAN, -2_000 * YUAN)
    # −2,800 + 3,300 for G; 3,500 − 3,300 for U
    assert found[pb2.SETTLEMENT_ACCOUNT_REAL_TIME] == (0, 700 * YUAN, 700 * YUAN)
    balance = dict(zip(totals.balance, totals.balance_milli, strict=True))
    assert balance == {"congestion": 1_300 * YUAN, "rounding": 0}


@pytest.mark.parametrize(
    ("way", "paid"),
    [("capacity", (975, 325)), ("traded_energy", (650, 650)), ("used_energy", (0, 1_300)), ("carried", (0, 0)),
     ("spot_energy", (650, 650)), ("metered_energy", (650, 650))],
)  # fmt: skip
def test_clause_6_9_1_congestion_surplus_by_rule(way: str, paid: tuple[int, int]) -> None:
    # Day-ahead 100 · 20 = 2,000; real time (−10) · 70 + 10 · 0 = −700
    reply = settled(worked(), congestion_share=way, **FULL)
    totals = reply.totals
    assert (totals.congestion_ahead_milli, totals.congestion_real_milli) == (2_000 * YUAN, -700 * YUAN)
    found = tuple(items(reply, name).get("CONGESTION", 0) for name in "GU")
    assert found == tuple(money * YUAN for money in paid)
    assert balances(reply).get("congestion", 0) == (1_300 - sum(paid)) * YUAN


@pytest.mark.parametrize(("energy", "paid"), [(20, 400), (200, 2_000)])
def test_clause_6_9_1_congestion_surplus_by_rights(energy: int, paid: int) -> None:
    # 20 MWh · (20 − 0) = 400; 200 MWh claim 4,000 of 2,000
    request = worked()
    request.rights.CopyFrom(
        pb2.TransmissionRights(holder=["G"], from_node=["A"], to_node=["B"], energy_tenth_kwh=[energy * MWH])
    )
    reply = settled(request, congestion_share="transmission_rights", **FULL)
    assert items(reply, "G")["TRANSMISSION_RIGHT"] == paid * YUAN
    assert balances(reply)["congestion"] == (1_300 - paid) * YUAN


def test_clause_6_9_2_loss_surplus() -> None:
    # 5 of the 20 between the nodes are losses: 100 · 5 = 500, by capacity 300 : 100
    request = worked()
    request.prices.ahead_loss_milli.extend([0, 0, 5_000, 0])
    reply = settled(request, loss_share="capacity", **FULL)
    assert (reply.totals.loss_milli, reply.totals.congestion_ahead_milli) == (500 * YUAN, 1_500 * YUAN)
    assert [items(reply, name)["TRANSMISSION_LOSS"] for name in "GU"] == [375 * YUAN, 125 * YUAN]


def test_clause_6_9_3_fee_balance_carried_or_shared() -> None:
    request = worked()
    request.fee_balance_milli = 100 * YUAN
    assert balances(settled(request))["fee_balance"] == 100 * YUAN
    reply = settled(request, fee_balance_share="metered_energy")
    assert [items(reply, name)["FEE_BALANCE"] for name in "GU"] == [50 * YUAN, 50 * YUAN]
    request.fee_balance_milli = -100 * YUAN
    assert items(settled(request, fee_balance_share="metered_energy"), "G")["FEE_BALANCE"] == -50 * YUAN


def test_clause_6_9_4_penalties_to_those_without_or_to_those_rewarded() -> None:
    request = worked()
    request.entries.CopyFrom(entry("G", pb2.SETTLEMENT_ACCOUNT_AGC_ASSESSMENT, -600))
    assert items(settled(request), "U")["PENALTY_SHARE"] == 600 * YUAN
    request.participants.reward_weight.extend([1, 2])
    reply = settled(request, penalty_to="rewarded")
    assert [items(reply, name)["PENALTY_SHARE"] for name in "GU"] == [200 * YUAN, 400 * YUAN]


def test_clause_6_9_5_ancillary_cost_in_set_proportion() -> None:
    request = worked()
    request.entries.CopyFrom(entry("G", pb2.SETTLEMENT_ACCOUNT_REGULATION, 1_000))
    reply = settled(request, ancillary_generation_share="0.25")
    assert [items(reply, name)["ANCILLARY_SHARE"] for name in "GU"] == [-250 * YUAN, -750 * YUAN]


def test_clause_6_9_6_demand_response_by_both_sides() -> None:
    request = worked()
    request.entries.CopyFrom(entry("U", pb2.SETTLEMENT_ACCOUNT_DEMAND_RESPONSE, 900))
    reply = settled(request, demand_response_generation_share="0.5")
    assert [items(reply, name)["DEMAND_RESPONSE_SHARE"] for name in "GU"] == [-450 * YUAN, -450 * YUAN]


def test_clause_6_9_7_compensation_borne_by_users() -> None:
    reply = settled(with_costs())  # 2,000 + 500
    assert items(reply, "U")["COMPENSATION_SHARE"] == -2_500 * YUAN
    assert "COMPENSATION_SHARE" not in items(reply, "G")


def test_clause_6_10_1_prices_by_class_and_who_belongs_to_it() -> None:
    """Three prices; U is of the class 110 kV: 200 MWh at 60."""
    request = worked()
    request.participants.charge_class[1] = "110 kV"
    request.charges.CopyFrom(
        pb2.SettlementCharges(
            charge=["10", "35", "110"], account=[30] * 3, basis=[2] * 3, rate=[120_000, 90_000, 60_000],  # type: ignore[list-item]
            charge_class=["10 kV", "35 kV", "110 kV"],
        )
    )  # fmt: skip
    reply = settled(request)
    assert items(reply, "U")["TRANSMISSION"] == -12_000 * YUAN
    assert balances(reply)["110"] == 12_000 * YUAN
    assert not {"10", "35"} & set(balances(reply))


def test_clause_6_10_2_transmission_by_voltage_class() -> None:
    # 200 MWh used at 87.5, of the class 220 kV; to G, which stands for the grid here
    reply = charged(30, 2, 87_500, charge_class=["220 kV"], payee=["G"])
    assert (items(reply, "U")["TRANSMISSION"], items(reply, "G")["TRANSMISSION"]) == (-17_500 * YUAN, 17_500 * YUAN)
    assert "TRANSMISSION" not in items(charged(30, 2, 87_500, charge_class=["35 kV"]), "U")


def obliged() -> pb2.SettleRequest:
    """U has bought 90,000 kW at 3 a kW; its load history is 100,000 kW."""
    request = worked()
    request.capacity.CopyFrom(
        pb2.CapacityObligations(
            participant=["U"], historic_peak_kw=[100_000], acquired_kw=[90_000], price_milli_per_kw=[3_000]
        )
    )
    return request


def test_clause_6_11_1_obligation_from_history_and_a_shortfall_is_said() -> None:
    reply = settled(obliged(), obligation_share="1.1")
    assert [(f.code, f.subject, f.value) for f in reply.findings] == [("CAPACITY_SHORT", "U", "20000")]
    assert not settled(obliged(), obligation_share="0.9").findings


def test_clause_6_11_2_capacity_from_an_auction_and_from_one_another_at_their_own_prices() -> None:
    """U lacks 10,000 kW of 100,000: 6,000 of an auction at 2.5, 4,000 from G at 4. G may sell what it owes itself."""
    request = obliged()
    request.capacity_trades.CopyFrom(
        pb2.CapacityTrades(
            buyer=["U", "U"], seller=["", "G"], capacity_kw=[6_000, 4_000], price_milli_per_kw=[2_500, 4_000]
        )
    )
    reply = settled(request)
    assert not reply.findings
    assert [items(reply, name)["CAPACITY"] for name in "GU"] == [16_000 * YUAN, -(270_000 + 15_000 + 16_000) * YUAN]
    assert balances(reply)["capacity"] == 285_000 * YUAN
    by_load = settled(request, obligation_base="load")  # 90,000 kW are left to be paid for at 3
    assert items(by_load, "U")["CAPACITY"] == -301_000 * YUAN
    for name, value in (("participant", "G"), ("historic_peak_kw", 1_000), ("acquired_kw", 4_500)):
        getattr(request.capacity, name).append(value)
    request.capacity.price_milli_per_kw.append(0)
    assert [(f.code, f.subject, f.value) for f in settled(request).findings] == [("CAPACITY_SHORT", "G", "500")]


def test_clause_6_11_3_capacity_paid_as_purchased_or_by_load() -> None:
    assert items(settled(obliged()), "U")["CAPACITY"] == -270_000 * YUAN
    by_load = settled(obliged(), obligation_share="1.1", obligation_base="load")
    assert items(by_load, "U")["CAPACITY"] == -330_000 * YUAN
    assert balances(by_load)["capacity"] == 330_000 * YUAN


def test_clause_6_12_1_membership_once_a_cycle() -> None:
    reply = charged(82, 1, 500 * YUAN)
    assert [items(reply, name)["MEMBERSHIP"] for name in "GU"] == [-500 * YUAN] * 2
    assert balances(reply)["x"] == 1_000 * YUAN


def test_clause_6_12_2_commission_on_traded_money_and_its_own_rate() -> None:
    # U: 0.1 % of 34,800 + 25,200 + 200
    reply = charged(83, 4, 1_000, participant=["U"])
    assert items(reply, "U")["COMMISSION"] == -60_200
    assert "COMMISSION" not in items(reply, "G")


def test_clause_6_12_3_management_fee_by_energy() -> None:
    assert items(charged(84, 3, 50), "G")["MANAGEMENT"] == -10 * YUAN  # 200 MWh · 0.05


def test_clause_6_12_4_funds_on_energy_used() -> None:
    reply = charged(85, 2, 20_400)
    assert items(reply, "U")["FUND"] == -4_080 * YUAN  # 200 MWh · 20.4
    assert "FUND" not in items(reply, "G")


def test_clause_6_13_1_elements_precision_direction_and_sum() -> None:
    request = worked()
    request.energy[0].real_tenth_kwh[0] += 1  # 0.0001 MWh more at 280: −2,799.972 and 10 · 330
    reply = settled(request)
    first = reply.statements[0]
    assert (first.number, first.addressee, first.issued_at) == ("X-20251130-20251130-000001", "G", "2025-12-01 10:30")
    assert (first.first_day, first.last_day) == ("2025-11-30", "2025-11-30")
    assert list(first.energy_tenth_kwh) == [120 * MWH, 80 * MWH, 1]
    assert list(first.money_milli) == [34_800_000, 24_400_000, 500_028]
    assert list(first.price_milli) == [290_000, 305_000, 5_000_280_000]
    assert first.total_milli == 59_700_028
    collect, pay = pb2.PAYMENT_DIRECTION_COLLECT, pb2.PAYMENT_DIRECTION_PAY
    assert list(first.direction) == [pay, pay, pay]
    assert list(reply.statements[1].direction) == [collect, collect, pay]


def test_clause_6_13_2_every_item_has_an_account_and_a_correction_names_its_statement() -> None:
    first = settled(worked())
    request = worked()
    request.energy[0].real_tenth_kwh[0] = 91 * MWH  # 1 MWh more at 280
    request.earlier.extend(first.statements)
    reply = settled(request)
    (item,) = zip(*(getattr(reply.statements[0], name) for name in ("account", "money_milli", "corrects", "note")),
                  strict=True)  # fmt: skip
    assert item == (pb2.SETTLEMENT_ACCOUNT_BACK_BILLING, 280 * YUAN, "X-20251130-20251130-000001", "REAL_TIME")
    assert reply.statements[0].number == "X-20251130-20251130-000001-c1"
    assert not reply.statements[1].account
    assert reply.totals.collected_milli - reply.totals.paid_milli == sum(reply.totals.balance_milli)


def test_gains_from_declared_deviations_are_paid_back() -> None:
    # G: 10 · 20 in both periods, 5 %; U: 10 · 30 in the first, of which 1 − 0.05 · 90 / 10 is beyond the limit
    request = worked()
    request.participants.declaring.extend([1, 2])
    reply = settled(request, renewable_deviation_recovery="0.05", user_declared_deviation_limit="0.05")
    assert [items(reply, name)["ENERGY_DEVIATION"] for name in "GU"] == [-20 * YUAN, -165 * YUAN]
    assert balances(reply)["deviation"] == 185 * YUAN


def test_starts_are_compensated_by_province() -> None:
    request = worked()
    request.starts.CopyFrom(
        pb2.StartsMade(participant=["G"], day=[0], cost_milli=[7], run_minutes=[72 * 60], stop_minutes=[168 * 60])
    )
    request.rules.name = "jiangsu"
    assert "START_UP" not in items(settled(request), "G")
    request.starts.run_minutes[0] -= 1
    assert items(settled(request), "G")["START_UP"] == 7
    request.rules.name = "shaanxi"
    assert items(settled(request), "G")["START_UP"] == 7
    request.starts.stop_minutes[0] += 1
    assert "START_UP" not in items(settled(request), "G")


def test_must_run_is_paid_above_the_day_ahead_price() -> None:
    request = worked()
    request.rules.name = "shaanxi"
    request.ordered.CopyFrom(
        pb2.OrderedEnergy(
            participant=["G", "G"], period=[0, 1], account=[69, 69], energy_tenth_kwh=[20 * MWH] * 2,  # type: ignore[list-item]
            price_milli=[350_000, 309_999],
        )
    )  # fmt: skip
    assert items(settled(request), "G")["MUST_RUN"] == 1_000 * YUAN  # 20 · (350 − 300)


def test_no_30_contracts_of_too_little_or_too_much_energy() -> None:
    """Mean day-ahead price of G 305, of U 315; 200 MWh metered, 120 contracted at 290: 40 short of 160 at 15, h 1.2."""
    request = worked()
    request.rules.name = "shandong-trial"
    request.participants.contract_recovery.extend([1, 1])
    found = settled(request)
    assert [items(found, name).get("ENERGY_DEVIATION", 0) for name in "GU"] == [-720 * YUAN, 0]
    request.contracts[0].price_milli[0] = 330_000  # now the user gains: 40 · 15 · 1.2
    found = settled(request, form="full_energy")
    assert [items(found, name).get("ENERGY_DEVIATION", 0) for name in "GU"] == [0, -720 * YUAN]
    request.contracts[0].energy_tenth_kwh[0] = 115 * MWH  # 10 more than 220, at 25
    assert items(settled(request), "G")["ENERGY_DEVIATION"] == -300 * YUAN
    request.participants.contract_recovery[0] = pb2.CONTRACT_RECOVERY_LOCAL
    assert items(settled(request), "G")["ENERGY_DEVIATION"] == -250 * YUAN


def test_clause_6_12_rates_may_differ_by_participant_and_a_class_that_it_is_not_in_spares_it() -> None:
    """Ten thousand rates for one participant are added up; one for another class is not."""
    count = 10_000
    request = worked()
    request.charges.CopyFrom(
        pb2.SettlementCharges(
            charge=[f"m{k}" for k in range(count)], account=[82] * count, basis=[1] * count, rate=range(count),
            participant=["U"] * count, charge_class=["220 kV"] * (count - 1) + ["35 kV"], payee=["G"] * count,
        )
    )  # fmt: skip
    reply = settled(request)
    due = (count - 1) * (count - 2) // 2
    assert [items(reply, name)["MEMBERSHIP"] for name in "GU"] == [due, -due]
    assert "charges" not in balances(reply)
