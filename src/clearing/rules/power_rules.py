"""Settings of the tests of market power and of approved cost, as dataclasses; `market_rules` knows their keys."""

from __future__ import annotations

from dataclasses import dataclass

from clearing.rules.market_choices import (
    ConductMethod,
    ExcessBasis,
    PresupervisionBasis,
    Scope,
    StopAt,
    StructureDemand,
    SupplyRatio,
)


@dataclass(frozen=True, slots=True)
class StructureRules:
    """Tests of structure; None = shown, never failed. rsi_limit and pivotal_limit: below it an owner fails.

    pivotal_owners: 1 = the residual supply index decides, 2, 3 = the test with one or two largest others.
    least_shift_factor: MW on a limit for 1 MW at the bus, below which a unit is no help to it.
    """

    top: int = 4
    demand: StructureDemand = StructureDemand.LOAD
    pivotal_owners: int = 1
    pivotal_limit: float = 1.0
    hhi_limit: float | None = None
    top_share_limit: float | None = None
    must_run_limit: float | None = None
    least_shift_factor: float = 0.03


@dataclass(frozen=True, slots=True)
class ConductRules:
    """Tests of offers against approved cost or the class test price."""

    method: ConductMethod = ConductMethod.METHOD_1
    scope: Scope = Scope.FAILING
    call_test_cost_factor: float | None = None
    allowed_multiple: float = 2.5
    replacement_multiple: float = 2.0
    basis: PresupervisionBasis = PresupervisionBasis.MULTIPLE
    cost_scaling: float = 0.3
    offer_reduction: float = 0.1
    offer_reduction_least: float = 0.0
    offer_reduction_most: float = 0.99
    site_class: str = "class_1000_mw"


@dataclass(frozen=True, slots=True)
class BenchmarkRules:
    """References from past prices (Hunan) and from coal (Shaanxi).

    past_factor K on max{mean of at most past_days daily highest prices, cost}. supply_ratios (n) part the factors
    (n + 1), a ratio belonging to the band that ends there: mean_factors f on the benchmark that the mean price is held
    against, reference_factors p on coal_tonnes_per_mwh · price of coal; a last block below last_block_share of what the
    curve offers may reach the benchmark · p.
    """

    past_days: int = 10
    past_factor: float = 1.0
    supply_ratio: SupplyRatio = SupplyRatio.DAY
    supply_ratios: tuple[float, ...] = ()
    mean_factors: tuple[float, ...] = (1.0,)
    reference_factors: tuple[float, ...] = (1.0,)
    coal_tonnes_per_mwh: float = 0.42336
    reference_decimals: int = 2
    last_block_share: float = 0.0
    stop_at: StopAt = StopAt.BENCHMARK


@dataclass(frozen=True, slots=True)
class MitigationRules:
    """Rounds of replacement and re-clearing: groups_per_round (0 = all at once), most rounds.

    among_top: only so many of the greatest groups are replaced (0 = any).
    stop_mean_per_mwh: load-weighted mean price at or below which no further group is replaced; None = never.
    price_increase_per_mwh, price_increase_share: a price effect below both is none; the replacement is then withdrawn.
    """

    groups_per_round: int = 1
    max_rounds: int = 10
    among_top: int = 0
    stop_mean_per_mwh: float | None = None
    price_increase_per_mwh: float = 0.0
    price_increase_share: float = 0.0


@dataclass(frozen=True, slots=True)
class AfterRules:
    """After the fact: excess profit × share to be recovered, homogeneity of offers flagged from its limit.

    recovery_premium: share by which a group's revenue must lie above what the excess is measured against, None = any;
    recovery_days: days of the month on which it must, before the excess of these days is recovered.
    """

    excess_basis: ExcessBasis = ExcessBasis.REFERENCE_COST
    excess_share: float = 1.0
    excess_share_least: float = 0.0
    excess_share_most: float = 1.0
    recovery_premium: float | None = None
    recovery_days: int = 1
    homogeneity_step_percent: int = 5
    homogeneity_limit: float = 0.99


@dataclass(frozen=True, slots=True)
class ApprovedCostRules:
    """coal_index_factor on the mean index price; gas_9f_kwh_per_nm3 of gas units."""

    coal_index_factor: float = 1.0
    gas_9f_kwh_per_nm3: float = 4.9
