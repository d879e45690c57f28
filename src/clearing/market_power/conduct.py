"""Tests of conduct: offers against approved cost or the class test price, and what replaces those that fail.

    presupervision   offer > π_YL · C → π_RY · C   (basis one_plus: (1 + π) · C)       Shandong no. 7
    method_1         offer > (1 + ε) · C → (1 + ε) · C                                 Shandong no. 8
    method_2         offer > (1 + ε) · C → offer · (1 − M_p), once a round             Shandong no. 9
    class_price      offer > test price of the class → that price                      Fujian no. 1 (4), 2
    past_prices, coal_benchmark: benchmarks.py                                         Hunan, Shaanxi
    call test        a thermal unit's offer > K_c · C: named, not replaced             Shandong no. 2

C: approved cost of the block (costs.py). Readings: only blocks of positive width are tested; a replaced curve that
would fall is lifted to the block below it, so that it stays an offer curve; a replacement never lies above the offer,
nor below the offer floor of the rule set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ints, freeze
from clearing.case.case import Case
from clearing.case.offers import Offers
from clearing.case.size_class import bound, has_class, size_class
from clearing.case.units import Fuel
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.market_power.benchmarks import Benchmarks, MeanTest, of_coal, of_past_prices
from clearing.market_power.costs import CostTable, block_costs
from clearing.rules.market_choices import ConductMethod, PresupervisionBasis
from clearing.rules.market_rules import CLASSES_MW, class_key
from clearing.rules.power_rules import ConductRules
from clearing.rules.rules import Rules

TABLES = ("units", "renewables", "virtual_plants")
THERMAL = (Fuel.COAL, Fuel.GAS, Fuel.OIL)
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Tested:
    """Offers of one table (M blocks, T periods) and what they are held against, per MWh; NaN = not tested.

    table: of TABLES; allowed (M, T) above which an offer fails; substitute (M, T) that replaces it (method_2: none);
    call_limit (M, T) above which a start-up test may be called
    """

    table: str
    offers: Offers
    allowed: Floats
    substitute: Floats
    call_limit: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def fails(self) -> Bools:
        """(M, T): the offer is above what is allowed."""
        return _above(self.offers, self.allowed)

    @property
    def calls(self) -> Bools:
        """(M, T): the offer is above the limit of the call test."""
        return _above(self.offers, self.call_limit)


def _above(offers: Offers, limit: Floats) -> Bools:
    with np.errstate(invalid="ignore"):
        return np.asarray((offers.width_mw > 0.0) & (offers.price_per_mwh > limit + TOLERANCE))


def tested(
    case: Case, rules: Rules, costs: CostTable, rated_mw: Floats, given: Benchmarks, mean: MeanTest | None
) -> tuple[Tested, ...]:
    """Every table of offers with its limits. rated_mw (N): ratings of units, for their class.

    given, mean: what references from past prices and from coal are made of; mean None = coal tests no offer.
    """
    conduct, found = rules.market.conduct, []
    classes = _class_prices(case, rules, rated_mw)
    thermal = np.isin(case.units.fuel, THERMAL)
    for name, cost, price in zip(TABLES, block_costs(case, costs), classes, strict=True):
        offers: Offers = getattr(case, name).offers
        if conduct.method is ConductMethod.PAST_PRICES:
            cap = rules.offers.cap_per_mwh
            allowed, substitute = of_past_prices(cost, given, rules.market.benchmark, cap)
        elif conduct.method is ConductMethod.COAL_BENCHMARK:
            allowed = np.full(np.shape(cost), np.nan)
            if mean is not None:
                allowed = of_coal(offers, mean, rules.market.benchmark)
            substitute = allowed
        else:
            allowed, substitute = _limits(conduct, cost, price[offers.resource][:, None] if len(cost) else cost)
        call = np.full(np.shape(cost), np.nan)
        if conduct.call_test_cost_factor is not None and name == "units" and len(cost):
            call = np.where(thermal[offers.resource][:, None], conduct.call_test_cost_factor * cost, np.nan)
        found.append(Tested(name, offers, allowed, np.maximum(substitute, rules.offers.floor_per_mwh), call))
    return tuple(found)


def _limits(rules: ConductRules, cost: Floats, class_price: Floats) -> tuple[Floats, Floats]:
    """(allowed, substitute) of every block."""
    none = np.full(np.shape(cost), np.nan)
    match rules.method:
        case ConductMethod.NONE:
            return none, none
        case ConductMethod.PRESUPERVISION:
            plus = 1.0 if rules.basis is PresupervisionBasis.ONE_PLUS else 0.0
            return (plus + rules.allowed_multiple) * cost, (plus + rules.replacement_multiple) * cost
        case ConductMethod.CLASS_PRICE:
            price = np.broadcast_to(class_price, np.shape(cost))
            return np.array(price), np.array(price)
        case ConductMethod.METHOD_2:
            return (1.0 + rules.cost_scaling) * cost, none
    return (1.0 + rules.cost_scaling) * cost, (1.0 + rules.cost_scaling) * cost


def _class_prices(case: Case, rules: Rules, rated_mw: Floats) -> tuple[Floats, Floats, Floats]:
    """Test price of units, sites and virtual generation; NaN where there is none."""
    classes = rules.market.classes
    of_units = bound(classes, "test_price_per_mwh", size_class(rated_mw, classes), np.nan)
    of_units = np.where(has_class(case, classes), of_units, np.nan)
    named = [class_key(mw) for mw in CLASSES_MW].index(rules.market.conduct.site_class)
    price = classes.bounds[named].test_price_per_mwh
    other = np.nan if price is None else price
    generation = case.virtual_plants.kind == VirtualPlantKind.GENERATION
    return of_units, np.full(len(case.renewables.id), other), np.where(generation, other, np.nan)


def mitigated(case: Case, tests: tuple[Tested, ...], chosen: tuple[Bools, Bools, Bools], rules: ConductRules) -> Case:
    """The case with failing offers replaced. chosen: flags of the rows of units, sites and virtual plants."""
    for test, of in zip(tests, chosen, strict=True):
        if not len(test.offers.resource):
            continue
        table = getattr(case, test.table)
        # What fails is judged on the offers as they are now: an earlier round may have lowered them.
        now = replace(test, offers=table.offers)
        bad = now.fails & of[table.offers.resource][:, None]
        if bad.any():
            offers = replace(table.offers, price_per_mwh=_replaced(now, bad, rules))
            case = replace(case, **{test.table: replace(table, offers=offers)})
    return case


def _replaced(test: Tested, bad: Bools, rules: ConductRules) -> Floats:
    price = test.offers.price_per_mwh
    new = test.substitute
    if rules.method is ConductMethod.METHOD_2:
        new = np.where(price > 0.0, np.maximum(price * (1.0 - rules.offer_reduction), test.allowed), test.allowed)
    lowered = np.where(bad, np.minimum(new, price), price)
    return risen(lowered, test.offers.resource)


def risen(price: Floats, resource: Ints) -> Floats:
    """Prices (M, T) lifted so that none falls along the blocks of its resource."""
    found = np.array(price)
    for m in np.flatnonzero(np.diff(resource, prepend=-1) == 0).tolist():
        found[m] = np.maximum(found[m], found[m - 1])
    return found
