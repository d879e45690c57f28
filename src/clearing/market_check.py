"""The check of market power, tables in and tables out: structure, conduct, replaced offers cleared again, profits."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.case import Case, CommitmentInput, CommitmentUse
from clearing.case.declarations import Declarations, unit_rating
from clearing.case.prices import Prices
from clearing.case.result import ClearingResult
from clearing.day_ahead import clear
from clearing.grid.monitored import grid
from clearing.market_power.after import AfterTheFact, after_the_fact, like_offers
from clearing.market_power.benchmarks import Benchmarks, MeanTest, Recovered, mean_test, recovered
from clearing.market_power.conduct import Tested, mitigated, tested
from clearing.market_power.costs import CostTable
from clearing.market_power.structure import LimitStructure, Structure, of_limits, of_system
from clearing.market_power.supply import Supply, demand, sources_of, supply
from clearing.rules.market_choices import ConductMethod, Scope
from clearing.rules.rules import Rules
from clearing.solve.control import Progress, RunControl
from clearing.solve.options import SolveOptions


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked beside case and rules: declarations, approved costs, whether to replace offers and clear again;
    past prices, coal and the state of the month where the rules read them."""

    declared: Declarations
    costs: CostTable
    mitigate: bool
    benchmarks: Benchmarks = field(default_factory=Benchmarks)


@dataclass(frozen=True, slots=True)
class Round:
    """One replacement: groups, load-weighted mean price and objective after it (None: no price came)."""

    groups: Ids
    mean_per_mwh: float | None
    objective: float | None


@dataclass(frozen=True, slots=True)
class Mitigation:
    """case with the offers of the last round, result of it, rounds, and whether the effect on prices is one.

    price_fall (K, T)   original less mitigated price; None where one of them is not priced
    applied             False: no price falls by more than the rules' thresholds, the offers stand as they were
    """

    case: Case
    result: ClearingResult
    rounds: tuple[Round, ...]
    price_fall: Floats | None
    mean_before: float | None
    mean_after: float | None
    applied: bool


@dataclass(frozen=True, slots=True)
class MarketPower:
    """The whole check; W groups. fails_structure, fails_conduct, lowest_index (W); original and what follows from it
    are None where nothing was cleared or priced; mean of the day against the coal benchmark, None where the rules have
    none. seconds: of the tests, clearings aside."""

    supply: Supply
    structure: Structure
    limits: LimitStructure | None
    tests: tuple[Tested, ...]
    group_of: tuple[Ints, Ints, Ints]
    lowest_index: Floats
    fails_structure: Bools
    fails_conduct: Bools
    original: ClearingResult | None
    mitigation: Mitigation | None
    after: AfterTheFact | None
    recovered: Recovered | None
    mean: MeanTest | None
    alike: tuple[tuple[str, str, float], ...]
    seconds: float


def check(
    case: Case, rules: Rules, asked: Asked, options: SolveOptions, control: RunControl, given: ClearingResult | None
) -> MarketPower:
    """Check a validated case. given: a result of it, from before; None = cleared here where offers may be replaced."""
    control.on_progress(Progress("structure", control.elapsed()))
    original = clear(case, rules, options, control) if given is None and asked.mitigate else given
    began = time.monotonic()
    table = supply(case, rules)
    market = rules.market
    system = of_system(table, demand(case, rules), market.structure)
    priced = None if original is None or original.prices is None else original
    limits = None if priced is None else of_limits(case, grid(case), priced, table, market.structure)
    lowest, fails = _weakest(system, limits, market.structure.pivotal_owners)
    day = mean_price(case, priced.prices) if priced is not None else None
    mean = mean_test(system, asked.benchmarks, day, rules)
    tests = tested(case, rules, asked.costs, unit_rating(case, asked.declared), asked.benchmarks, mean)
    group_of = _rows(case, table)
    if market.conduct.scope is Scope.FAILING_PERIODS:
        tests = _in_failing_periods(tests, group_of, system, limits)
    conduct = _failing(tests, group_of, len(table.group_id))
    if market.conduct.scope is not Scope.ALL:
        conduct &= fails
    if mean is not None and not mean.above:
        conduct[:] = False  # the test of conduct is that of the mean: offers are listed, nobody fails
    alike = like_offers(case.units.id, case.units.offers, group_of[0], market.after, rules.offers.cap_per_mwh)
    spent = time.monotonic() - began
    found = MarketPower(
        table, system, limits, tests, group_of, lowest, fails, conduct, original, None, None, None, mean, tuple(alike),
        spent,
    )  # fmt: skip
    if asked.mitigate and original is not None:
        found = replace(found, mitigation=_mitigate(case, rules, found, options, control))
    after = _after(case, rules, found, asked.costs)
    return replace(found, after=after, recovered=_recovered(case, rules, found, after, asked.benchmarks))


def _in_failing_periods(
    tests: tuple[Tested, ...], group_of: tuple[Ints, Ints, Ints], system: Structure, limits: LimitStructure | None
) -> tuple[Tested, ...]:
    """The tests in the periods in which the group of the offer fails a test of structure; elsewhere none."""
    fails = np.array(system.fails)
    if limits is not None and len(limits.period):
        np.logical_or.at(fails.T, limits.period, limits.fails)
    fails = np.concatenate([fails, np.zeros((1, fails.shape[1]), dtype=np.bool_)])  # row −1: a virtual load
    found = []
    for test, group in zip(tests, group_of, strict=True):
        if not len(test.offers.resource):
            found.append(test)
            continue
        here = fails[group[test.offers.resource]]
        found.append(replace(test, allowed=np.where(here, test.allowed, np.nan)))
    return tuple(found)


def _weakest(system: Structure, limits: LimitStructure | None, owners: int) -> tuple[Floats, Bools]:
    """Lowest index that decides, and whether a test fails, by group (W)."""
    lowest, fails = system.index[owners - 1].min(axis=1, initial=np.inf), np.asarray(system.fails.any(axis=1))
    if limits is not None and len(limits.period):
        able = limits.group_mw > 0.0
        least = np.where(able, limits.index[owners - 1], np.inf).min(axis=0)
        lowest, fails = np.minimum(lowest, least), np.asarray(fails | limits.fails.any(axis=0))
    return lowest, fails


def _rows(case: Case, table: Supply) -> tuple[Ints, Ints, Ints]:
    """Group of every unit, site and virtual plant; −1 = none (a virtual load)."""
    units, sites, plants = (np.where(rows >= 0, np.append(table.group, -1)[rows], -1) for rows in sources_of(case))
    return units, sites, plants


def _failing(tests: tuple[Tested, ...], group_of: tuple[Ints, Ints, Ints], count: int) -> Bools:
    """Groups (W) with an offer above what is allowed."""
    found = np.zeros(count, dtype=np.bool_)
    for test, group in zip(tests, group_of, strict=True):
        if len(test.offers.resource):
            failing = group[test.offers.resource[test.fails.any(axis=1)]]
            found[failing[failing >= 0]] = True  # −1: a virtual load bids, it does not offer
    return found


def _mitigate(
    case: Case, rules: Rules, found: MarketPower, options: SolveOptions, control: RunControl
) -> Mitigation | None:
    """Rounds of replacement, the group with the lowest index first; None where no offer fails."""
    limits, original = rules.market.mitigation, found.original
    waiting = sorted(_greatest(found, limits.among_top), key=lambda w: (found.lowest_index[w], w))
    assert original is not None
    if not waiting:
        return None
    now, result = case, original
    rounds: list[Round] = []
    before = mean_price(case, original.prices)
    mean = before
    stop = limits.stop_mean_per_mwh if found.mean is None else found.mean.stop_mean_per_mwh
    while waiting and len(rounds) < limits.max_rounds and mean is not None:
        if stop is not None and mean <= stop:
            break
        batch = waiting[: limits.groups_per_round or len(waiting)]
        now = mitigated(now, found.tests, _chosen(found.group_of, batch), rules.market.conduct)
        control.on_progress(Progress(f"mitigate {len(rounds) + 1}", control.elapsed()))
        result = clear(_hinted(now, original), rules, options, control)
        mean = mean_price(case, result.prices)
        rounds.append(Round(tuple(found.supply.group_id[w] for w in batch), mean, result.termination.objective))
        waiting = _left(now, found, waiting, batch, rules)
    fall = None
    if original.prices is not None and result.prices is not None:
        fall = original.prices.bus_price - result.prices.bus_price
    applied = fall is not None and _is_effect(fall, result.prices, rules)
    return Mitigation(now, result, tuple(rounds), fall, before, mean, applied)


def _greatest(found: MarketPower, count: int) -> list[int]:
    """Groups whose offers fail and that are among the `count` with the most supply over the day; 0 = any."""
    failing = np.flatnonzero(found.fails_conduct)
    if not count:
        return [int(w) for w in failing]
    order = np.argsort(-found.structure.group_mw.sum(axis=1), kind="stable")[:count]
    return [int(w) for w in failing if w in order]


def _left(now: Case, found: MarketPower, waiting: list[int], batch: list[int], rules: Rules) -> list[int]:
    """Groups that wait for a further round: with method 2 also those of this one that still fail."""
    if rules.market.conduct.method is not ConductMethod.METHOD_2:
        return [w for w in waiting if w not in batch]
    tests = tuple(replace(test, offers=getattr(now, test.table).offers) for test in found.tests)
    fails = _failing(tests, found.group_of, len(found.supply.group_id))
    return [w for w in waiting if fails[w]]


def _chosen(group_of: tuple[Ints, Ints, Ints], batch: list[int]) -> tuple[Bools, Bools, Bools]:
    units, sites, plants = (np.isin(group, batch) for group in group_of)
    return units, sites, plants


def _hinted(case: Case, original: ClearingResult) -> Case:
    """The case whose search starts from the original commitment, where none is given."""
    if case.commitment is not None or original.schedule is None or not case.units.id:
        return case
    return replace(case, commitment=CommitmentInput(CommitmentUse.HINT, original.schedule.on))


def mean_price(case: Case, prices: Prices | None) -> float | None:
    """Load-weighted mean of the bus prices over the horizon; plain mean without load; None without prices."""
    if prices is None:
        return None
    load = np.zeros(prices.bus_price.shape)
    np.add.at(load, case.loads.bus, case.loads.mw)
    total = float(load.sum())
    return float((load * prices.bus_price).sum() / total) if total > 0.0 else float(prices.bus_price.mean())


def _is_effect(fall: Floats, prices: Prices | None, rules: Rules) -> bool:
    limits = rules.market.mitigation
    assert prices is not None
    share = limits.price_increase_share * np.abs(prices.bus_price)
    return bool((fall > np.maximum(np.maximum(limits.price_increase_per_mwh, share), 1e-6)).any())


def _after(case: Case, rules: Rules, found: MarketPower, costs: CostTable) -> AfterTheFact | None:
    """What follows from a priced original."""
    result = found.original
    if result is None or result.schedule is None or result.prices is None:
        return None
    other = None if found.mitigation is None else found.mitigation.result.prices
    scaling = rules.market.conduct.cost_scaling
    reference = None if found.mean is None else found.mean.reference_per_mwh
    return after_the_fact(
        case, result.schedule, result.prices, found.supply, costs, rules.market.after, scaling, other, reference
    )


def _recovered(
    case: Case, rules: Rules, found: MarketPower, after: AfterTheFact | None, given: Benchmarks
) -> Recovered | None:
    """What of the excess is recovered today, and the state that goes on."""
    if after is None:
        return None
    month = case.horizon.operating_day.strftime("%Y-%m")
    groups = found.supply.group_id
    return recovered(groups, after.excess, after.premium, given, month, rules.market.after)
