"""The one-line view: what runs between zones, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.result import Binding
from clearing.case.schedule import Flows
from clearing.report.figures.network import corridors, network_section, nodes, places
from tests import factory
from tests.report import example


def two_zones():  # type: ignore[no-untyped-def]
    """Buses a, b in west and c in east; branches a–b inside, b–c (limit 100) and c–a (limit 50) across; two hours."""
    case = factory.market(
        load={"b": [1.0, 1.0], "c": [120.0, 60.0]},
        buses=("a", "b", "c"),
        zones={"a": "west", "b": "west", "c": "east"},
        branches=[
            {"id": "ab", "ends": ("a", "b"), "limit": 80},
            {"id": "bc", "ends": ("b", "c"), "limit": 100},
            {"id": "ca", "ends": ("c", "a"), "limit": 50},
        ],
        units=[{"id": "g", "bus": "a", "p_min": 0, "p_max": 200, "price": 20, "on": True, "mw": 100}],
    )
    schedule = example.schedule_of(case, on=np.ones((1, 2)), dispatch=np.array([[120.0, 60.0]]))
    prices = example.prices_of(case, np.full((3, 2), 20.0), np.array([[0.0, 0], [0, 0], [10, 0]]))
    result = replace(
        example.result_of(case, schedule, prices),
        flows=Flows(branch_mw=np.array([[30.0, 20], [70, 40], [-50, -20]]), interface_mw=np.zeros((0, 2))),
        bindings=(Binding("branch", "ca", 0, "min", -50.0, 10.0),),
    )
    return case, result


def test_flows_between_zones_are_added_with_their_signs() -> None:
    case, result = two_zones()
    node, names = nodes(case)
    (found,) = corridors(case, result, node)
    order = {name: k for k, name in enumerate(names)}
    sign = 1 if order["west"] < order["east"] else -1
    assert (found.mean_mw * sign, found.most_mw) == (90.0, 120.0)
    assert found.loading == pytest.approx(1.0)  # ca at 50 of 50
    assert found.binding == ("ca",)


def test_a_congested_line_is_red_and_nodes_have_their_mean_price() -> None:
    case, result = two_zones()
    section = network_section(case, result)
    assert section is not None
    line, middle, dots = section.wide[0].traces
    assert line["line"]["color"] == "fuel-shed"  # type: ignore[index,call-overload]
    assert middle["customdata"][0][3] == "at its limit: ca"  # type: ignore[index,call-overload]
    told = dict(zip(dots["text"], dots["marker"]["color"], strict=True))  # type: ignore[arg-type,index,call-overload]
    assert told == {"west": 20.0, "east": 25.0}


def test_buses_stand_for_themselves_where_there_are_no_zones() -> None:
    case, result = two_zones()
    bare = replace(case, network=replace(case.network, bus_zone=np.full(3, -1)))
    node, names = nodes(bare)
    assert names == ("a", "b", "c")
    assert len(corridors(bare, result, node)) == 3


def test_neighbours_stand_closer_than_others() -> None:
    chain = [type("C", (), {"a": k, "b": k + 1})() for k in range(4)]
    place = places(5, chain)
    ends = np.linalg.norm(place[0] - place[4])
    assert all(np.linalg.norm(place[k] - place[k + 1]) < 0.5 * ends for k in range(4))
    assert np.array_equal(place, places(5, chain))


def test_one_node_or_no_flows_give_no_view() -> None:
    case, result = example.two_units()
    assert network_section(case, result) is None
    case, result = two_zones()
    assert network_section(case, replace(result, flows=None)) is None
