"""Market entry of Jiangsu, clause by clause of the manual, on its own example tables."""

from __future__ import annotations

import pytest

from clearing.v1 import entry_pb2 as pb2
from tests.admission.applications import (
    AGGREGATED,
    ALL,
    COAL,
    DIRECT,
    IS_DIRECT,
    NO,
    REGISTERED,
    SOLAR,
    YES,
    aggregated,
    codes,
    direct,
    found,
    judged,
    new_unit,
    request,
    select,
)  # fmt: skip


def test_clause_1_3_the_direct_table_of_the_manual() -> None:
    screen = judged(direct()).screen
    assert (
        list(screen.section)
        == [pb2.ENTRY_SECTION_NOT_ENTERED] * 3 + [pb2.ENTRY_SECTION_TO_CHANGE] * 2 + [pb2.ENTRY_SECTION_ENTERED] * 5
    )
    assert list(screen.selectable) == [1] * 5 + [0] * 5
    assert (
        list(screen.prompt)
        == ["机组将以直接交易方式参与市场。"] * 3
        + ["选中机组的入市类型将变更为直接交易入市，是否确定？"] * 2
        + [""] * 5
    )


def test_clause_1_3_its_two_ticks_change_to_direct() -> None:
    reply = judged(direct())
    assert codes(reply) == set()
    assert (list(reply.work_order.new_unit), list(reply.work_order.changed_unit)) == ([], ["聚合1", "聚合2"])


def test_clause_2_3_the_aggregated_table_of_the_manual() -> None:
    screen = judged(aggregated()).screen
    assert list(screen.section) == [
        pb2.ENTRY_SECTION_NOT_ENTERED, pb2.ENTRY_SECTION_TO_CHANGE, pb2.ENTRY_SECTION_ENTERED,
    ]  # fmt: skip
    assert list(screen.selectable) == [1, 1, 0]
    assert list(screen.prompt) == ["机组将以聚合方式参与市场。", "选中机组的入市类型将变更为聚合入市, 是否确定?", ""]


def test_clause_2_3_ticking_the_direct_unit_makes_all_of_one_type() -> None:
    reply = judged(select(aggregated(), "测试风电2"))
    assert codes(reply) == set()
    assert list(reply.work_order.changed_unit) == ["测试风电2"]
    # Nothing selected is no application; the unit that has entered cannot be selected.
    assert codes(judged(aggregated())) == {"NOTHING_SELECTED"}
    assert ("ALREADY_ENTERED", "测试风电") in found(judged(select(aggregated(), "测试风电", "测试风电2")))


def test_clause_2_3_units_that_are_not_distributed_are_not_on_the_aggregated_screen() -> None:
    asked = direct()
    asked.application.channel = AGGREGATED
    screen = judged(asked).screen
    shown = {name for name, section in zip(screen.unit, screen.section, strict=True) if section}
    # Of the direct table: coal, hydro and pumped hydro are no new energy; two are not said to be distributed.
    assert shown == {"未入市1", "聚合1", "聚合2", "测试风电", "测试太阳能2"}


# Channel 1


@pytest.mark.parametrize("kind", [pb2.ENTRY_KIND_BIOMASS, pb2.ENTRY_KIND_STORAGE, pb2.ENTRY_KIND_OTHER])
def test_clause_1_1_kinds_that_do_not_enter_directly(kind: int) -> None:
    reply = judged(new_unit(kind=kind))
    assert codes(reply) == {"KIND_NOT_ADMITTED"}
    assert reply.findings[0].clause == "Jiangsu market entry manual (2024-09), part 2, 1.1"


def test_clause_1_1_coal_gas_nuclear_hydro_wind_and_photovoltaic_enter_directly() -> None:
    for kind in range(1, 8):
        assert codes(judged(new_unit(kind=kind))) == set()
    assert codes(judged(new_unit(kind=COAL), direct_kinds="['gas']")) == {"KIND_NOT_ADMITTED"}


def test_clause_1_1_public_units_and_distributed_ones() -> None:
    assert codes(judged(new_unit(distributed=NO, public=NO))) == {"NOT_PUBLIC"}
    assert codes(judged(new_unit(distributed=YES, public=NO))) == set()
    assert codes(judged(new_unit(distributed=NO, public=NO), direct_plants="any")) == set()


def test_clause_1_1_subsidised_projects_give_their_subsidy_up() -> None:
    kept = pb2.ENTRY_SUBSIDY_KEPT
    assert codes(judged(new_unit(subsidy=kept))) == {"SUBSIDY_KEPT"}
    assert codes(judged(new_unit(subsidy=pb2.ENTRY_SUBSIDY_WAIVED))) == set()
    # The bracket read as wind alone
    assert codes(judged(new_unit(subsidy=kept, kind=SOLAR))) == {"SUBSIDY_KEPT"}
    assert codes(judged(new_unit(subsidy=kept, kind=SOLAR), waiver_kinds="['wind']")) == set()


def test_clause_1_3_distributed_units_of_an_enterprise_enter_by_one_channel() -> None:
    # A new distributed unit directly, while two stay aggregated
    reply = judged(select(direct(), "未入市1"))
    assert {pair for pair in found(reply) if pair[0] == "TYPES_DIFFER"} == {
        ("TYPES_DIFFER", "聚合1"), ("TYPES_DIFFER", "聚合2"),
    }  # fmt: skip
    assert "TYPES_DIFFER" not in codes(judged(select(direct(), "未入市1", "聚合1", "聚合2")))
    assert "TYPES_DIFFER" not in codes(judged(select(direct(), "未入市1"), same_type="free"))
    # A unit that is not distributed is free of it
    assert "TYPES_DIFFER" not in codes(judged(select(direct(), "未入市2")))


def test_clause_1_3_the_aggregation_contract_ends_first() -> None:
    asked = direct()
    asked.units.contract.extend(["", "", "", "C1", "C2", "", "", "", "", ""])
    asked.units.contract_end.extend(["", "", "", "2024-08-23", "2024-08-24", "", "", "", "", ""])
    reply = judged(asked)
    assert found(reply) == {("CONTRACT_IN_FORCE", "聚合2")}
    assert (reply.findings[0].value, reply.findings[0].limit) == ("2024-08-24", "< 2024-08-24")
    assert codes(judged(asked, contract_ended="effective")) == set()
    asked.units.contract_end[4] = ""
    assert codes(judged(asked, contract_ended="effective")) == {"CONTRACT_IN_FORCE"}


def test_clause_2_3_direct_to_aggregated_asks_for_no_contract_to_end() -> None:
    asked = select(aggregated(), "测试风电2")
    asked.units.contract.extend(["", "C", ""])
    assert codes(judged(asked)) == set()


def test_clause_1_3_units_that_are_entered_or_not_registered_are_refused() -> None:
    assert codes(judged(select(direct(), "测试火电"))) == {"ALREADY_ENTERED"}
    assert codes(judged(new_unit(state=pb2.ENTRY_STATE_NOT_REGISTERED))) == {"NOT_REGISTERED"}


def test_clause_1_3_green_certificates_of_renewables_that_enter() -> None:
    asked = new_unit(project_code="")
    for field in ("unit", "file", "bytes"):
        del getattr(asked.attachments, field)[:]
    assert codes(judged(asked)) == {"CERTIFICATE_MISSING", "PROJECT_CODE_MISSING"}
    asked.units.kind[0] = COAL
    assert codes(judged(asked)) == set()
    # Units that change are in the market already
    assert codes(judged(direct())) == set()


def test_clause_1_3_a_code_that_does_not_begin_with_pp_is_a_warning() -> None:
    reply = judged(new_unit(project_code="XX1"))
    assert reply.valid
    (finding,) = reply.findings
    assert (finding.code, finding.severity, finding.value) == ("PROJECT_CODE_PREFIX", 2, "XX1")
    assert not judged(new_unit(project_code="XX1"), project_code_prefix="any").findings


def test_clause_1_3_the_promise_is_accepted_as_a_whole() -> None:
    reply = judged(new_unit(promise_accepted=False))
    assert codes(reply) == {"PROMISE_NOT_ACCEPTED"}
    assert not reply.HasField("work_order")


def test_clause_1_3_it_does_not_hold_before_its_application() -> None:
    assert codes(judged(new_unit(effective_day="2024-08-23"))) == {"EFFECTIVE_TOO_EARLY"}
    assert codes(judged(new_unit(effective_day="2024-08-24"))) == set()


@pytest.mark.parametrize(
    ("file", "size", "code"),
    [("a.PDF", 10 * 1024**2, ""), ("a.pdf", 10 * 1024**2 + 1, "ATTACHMENT_SIZE"), ("a.pdf", 0, "ATTACHMENT_SIZE"),
     ("a.docx", 1, "ATTACHMENT_FORMAT"), ("pdf", 1, "ATTACHMENT_FORMAT")],
)  # fmt: skip
def test_clause_1_4_attachments_are_pdf_of_10_megabytes_at_most(file: str, size: int, code: str) -> None:
    reply = judged(new_unit(file=file, bytes=size))
    assert codes(reply) == ({code} if code else set())
    assert all(each.clause.endswith("1.4, 2.4") for each in reply.findings)


def test_clause_1_4_the_work_order_of_the_manual() -> None:
    reply = judged(direct())
    assert reply.work_order.number == "20240824009"
    assert reply.work_order.name == "入市申请—直接交易入市—发电企业—测试发电企业—20240824009"
    assert reply.work_order.day == "2024-08-24"
    assert reply.work_order.state == pb2.WORK_ORDER_STATE_PENDING
    assert reply.work_order.promise == "发电企业直接参与市场信用承诺书"
    asked = direct()
    asked.application.sequence = 1000
    assert found(judged(asked)) == {("OUT_OF_RANGE", "")}


def test_clause_2_4_the_aggregated_work_order_of_the_manual() -> None:
    asked = select(aggregated(), "测试风电2")
    asked.application.enterprise = "测试企业"
    assert judged(asked).work_order.name == "入市申请—分布式新能源聚合入市—发电企业—测试企业—20240824012"


def test_clause_1_4_states_and_entries_follow_the_days() -> None:
    # Pending: nothing changes. Accepted on the 30th: aggregated until the 3rd, direct from the 4th of September.
    asked = select(direct(), "聚合1", "聚合2")
    assert len(judged(asked).entry.resource) == 7
    asked.application.accepted_day = "2024-08-30"
    reply = judged(asked)
    assert reply.work_order.state == pb2.WORK_ORDER_STATE_ACCEPTED
    rows = zip(reply.entry.resource, reply.entry.channel, reply.entry.first_day, reply.entry.last_day, strict=True)
    assert [row for row in rows if row[0] == "聚合1"] == [
        ("聚合1", AGGREGATED, "2024-09-03", "2024-09-03"), ("聚合1", DIRECT, "2024-09-04", ""),
    ]  # fmt: skip
    asked.application.as_of = "2024-09-04"
    assert judged(asked).work_order.state == pb2.WORK_ORDER_STATE_IN_FORCE
    asked.application.as_of = "2024-08-29"
    assert judged(asked).work_order.state == pb2.WORK_ORDER_STATE_PENDING


def test_clause_1_4_new_units_and_changes_are_listed_apart() -> None:
    asked = select(direct(), "聚合1", "聚合2", "未入市2")
    asked.units.kind[1] = COAL
    asked.units.effective_day[1] = ""
    order = judged(asked).work_order
    assert (list(order.new_unit), list(order.changed_unit)) == (["未入市2"], ["聚合1", "聚合2"])


# Channel 2 and its promise


def test_clause_2_1_distributed_photovoltaic_and_dispersed_wind_alone() -> None:
    assert codes(judged(new_unit(AGGREGATED))) == set()
    assert codes(judged(new_unit(AGGREGATED, kind=SOLAR))) == set()
    assert codes(judged(new_unit(AGGREGATED, kind=COAL))) == {"KIND_NOT_ADMITTED"}
    assert codes(judged(new_unit(AGGREGATED, distributed=NO))) == {"NOT_DISTRIBUTED"}
    assert codes(judged(new_unit(AGGREGATED, distributed=NO), aggregated_distributed="any")) == set()


def test_clause_2_3_a_licence_an_exemption_or_a_promise() -> None:
    assert codes(judged(new_unit(licensed=NO))) == {"LICENCE_MISSING"}
    assert codes(judged(new_unit(licensed=NO), licence="free")) == set()
    assert codes(judged(new_unit(licensed=NO, exempt=YES))) == set()
    # To hold from 4 September on
    assert codes(judged(new_unit(licensed=NO, promised=YES, promise_end="2024-09-04"))) == set()
    assert codes(judged(new_unit(licensed=NO, promised=YES, promise_end="2024-09-03"))) == {"LICENCE_MISSING"}
    # An exemption and the end of a promise may stand together, as in the manual's tables
    assert codes(judged(new_unit(licensed=NO, exempt=YES, promised=YES, promise_end="2024-09-03"))) == set()


def test_clause_2_3_six_months_from_connection_of_wind_and_three_from_the_trial_run_of_others() -> None:
    # 31 August 2023 and six months is 29 February 2024: the start here is 1 August 2024, so 1 February 2025
    promise = {"licensed": NO, "promised": YES}
    late = new_unit(AGGREGATED, promise_end="2025-02-02", **promise)
    assert codes(judged(new_unit(AGGREGATED, promise_end="2025-02-01", **promise))) == set()
    assert codes(judged(late)) == {"PROMISE_TOO_LONG"}
    assert codes(judged(late, promise_months_new_energy=7)) == set()
    # In the direct channel the text says nothing of it; as a setting coal has three months
    coal = new_unit(DIRECT, kind=COAL, promise_end="2024-11-02", **promise)
    assert codes(judged(coal)) == set()
    reply = judged(coal, promise_length="both")
    assert codes(reply) == {"PROMISE_TOO_LONG"}
    assert reply.findings[0].limit == "≤ 2024-11-01"


def test_clause_2_3_months_end_with_the_month() -> None:
    asked = new_unit(
        AGGREGATED, licensed=NO, promised=YES, start_day="2024-08-31", promise_end="2025-03-01",
    )  # fmt: skip
    (finding,) = judged(asked).findings
    assert finding.limit == "≤ 2025-02-28"


def test_clause_2_3_a_promise_that_was_not_kept_suspends_the_enterprise() -> None:
    asked = request(DIRECT, [
        ("煤", REGISTERED, 1, COAL, 300, NO, ALL, YES, "", ""),
        ("风", IS_DIRECT, 0, pb2.ENTRY_KIND_WIND, 50, YES, ALL, NO, "2024-08-23", "2024-03-01"),
    ])  # fmt: skip
    asked.units.licensed.extend([NO, NO])
    asked.units.promised.extend([NO, YES])
    assert found(judged(asked)) == {("LICENCE_LAPSED", "风")}
    assert judged(asked, lapsed_stops="unit").valid
    asked.units.promise_end[1] = "2024-08-24"
    assert codes(judged(asked)) == set()
