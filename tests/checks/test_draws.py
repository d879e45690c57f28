"""No corruption survives the audit: drawn for every family and every kind."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.checks.corrupt import REGISTRY
from tests.checks.draws import KINDS, SEEDS, Drawn
from tests.checks.families import FAMILIES

LEAST = 1000


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    found = Drawn()
    for family in FAMILIES:
        for seed in range(SEEDS):
            found.add(family, seed)
    return found


@pytest.mark.slow
def test_a_thousand_corruptions_are_drawn_and_none_survives(drawn: Drawn) -> None:
    print(f"\n{drawn.table()}")
    assert drawn.survivors == []
    assert sum(drawn.all.values()) >= LEAST


@pytest.mark.slow
def test_every_kind_is_drawn_in_every_family(drawn: Drawn) -> None:
    assert {(f, k) for f in FAMILIES for k in KINDS} - set(drawn.all) == set()


@pytest.mark.slow
def test_every_corruption_made_for_a_family_is_drawn_in_it(drawn: Drawn) -> None:
    assert {(f, name) for f, family in FAMILIES.items() for name in family.own} - set(drawn.functions) == set()


@pytest.mark.parametrize("family", list(FAMILIES)[::6])
def test_one_market_of_a_family(family: str) -> None:
    """The fast part: some families, with a seed that the slow tests do not draw."""
    found = Drawn()
    found.add(family, SEEDS)
    assert found.survivors == []
    assert {k for _, k in found.all} == set(KINDS)
    assert found.own.total() > 0


def test_corruptions_have_names_of_their_own_and_those_of_families_exist() -> None:
    names = Counter(function.__name__ for _, _, function in REGISTRY)
    assert [name for name, count in names.items() if count > 1] == []
    assert {name for family in FAMILIES.values() for name in family.own} <= set(names)
