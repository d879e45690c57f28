"""Pictures of market power show what the reply says, of real replies."""

from __future__ import annotations

from typing import Any

import pytest

from clearing import pipeline
from clearing.case.case import Case
from clearing.report.figures.market_power import MOST_INDEX, power_plots
from clearing.report.market_power import render
from clearing.solve.control import RunControl
from clearing.v1 import clearing_service_pb2 as service
from clearing.wire import case_file, write_case
from tests import factory
from tests.report.test_html import Page

UNITS = [
    {"id": "big", "owner": "<b>large</b>", "p_max": 100, "blocks": [(5, 300), (95, 987.25)]},
    {"id": "a", "owner": "small", "p_max": 70, "price": 311.5},
    {"id": "b", "owner": "other", "p_max": 70, "price": 322.75},
]


@pytest.fixture(scope="module")
def checked() -> tuple[Case, dict[str, Any]]:
    """A mitigated market of three owners, of which one cannot be done without in the first period."""
    case = factory.market([150.0, 60.0], units=UNITS)
    request = service.CheckMarketPowerRequest(case=write_case.case(case), mitigate=True)
    request.approved_costs.resource.extend(["big", "a", "b"])
    request.approved_costs.cost_per_mwh.extend([300.0] * 3)
    raw = pipeline.check_market_power(request.SerializeToString(), RunControl(), "page")
    return case, case_file.message_to_tree(service.CheckMarketPowerResponse.FromString(raw))


def test_plots_hold_the_figures_of_the_reply(checked: tuple[Case, dict[str, Any]]) -> None:
    case, tree = checked
    found = power_plots(case, tree)
    named = {plot.title: plot for plot in (*found.wide, *found.small)}
    index = named["Residual supply index"].traces
    assert [trace["name"] for trace in index] == ["&lt;b&gt;large&lt;/b&gt;", "other", "small", "Cannot do without"]
    assert index[0]["y"][1] == pytest.approx(140 / 150, abs=1e-3)  # type: ignore[index, call-overload]
    assert max(index[0]["y"]) <= MOST_INDEX  # type: ignore[arg-type, type-var]
    assert named["Fall of prices with the replaced offers"].traces[0]["z"][0][0] == pytest.approx(597.25)  # type: ignore[index, call-overload]
    assert named["Supply against demand"].traces[0]["y"][1:-1] == [240.0, 240.0]  # type: ignore[index, call-overload]
    level = [sum(bar) for bar in zip(*(trace["y"] for trace in named["Concentration"].traces), strict=True)]  # type: ignore[arg-type]
    assert level == pytest.approx([round(v) for v in tree["structure"]["hhi"]])


def test_the_page_has_its_scripts_inside_and_names_are_text(checked: tuple[Case, dict[str, Any]]) -> None:
    page = Page(render(*checked))
    assert page.unclosed == []
    assert page.tags["b"] == 0
    assert not [v for _, name, v in page.attributes if name in ("src", "href") and not v.startswith("#")]
    assert len([1 for kind, _ in page.scripts if kind == "application/json"]) == 4


def test_without_a_test_of_structure_there_is_no_picture(checked: tuple[Case, dict[str, Any]]) -> None:
    assert power_plots(checked[0], {}).wide == []
