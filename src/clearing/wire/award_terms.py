"""Terms of reserve products and bands of regulation between proto and case."""

from __future__ import annotations

from clearing.case.award_terms import NO_AWARD_TERMS, NO_BANDS, AwardTerms, RegulationBands
from clearing.case.case import Case
from clearing.v1 import case_pb2, reserves_pb2
from clearing.wire.columns import column, names, series
from clearing.wire.fields import Index, Table
from clearing.wire.problems import Problems

PATH = "case.reserves"


def read_terms(pb: reserves_pb2.Reserves, product: Index, unit: Index, periods: int, problems: Problems) -> AwardTerms:
    """Terms by product, what units hold off line, shortfalls that carry."""
    path = f"{PATH}.terms"
    problems.only(pb.terms, path)
    own, off, carry = (
        Table(pb.terms, path, key, periods, problems) for key in ("product", "offline_product", "carry_from")
    )
    found = AwardTerms(
        product=own.references("product", product),
        in_limits=own.bools("in_limits"),
        ramp_now=own.floats("ramp_now"),
        ramp_before=own.floats("ramp_before", 0.0),
        joint_cap=own.bools("joint_cap", False),
        offline_product=off.references("offline_product", product),
        offline_unit=off.references("offline_unit", unit),
        offline_max_mw=off.floats("offline_max_mw"),
        carry_from=carry.references("carry_from", product),
        carry_to=carry.references("carry_to", product),
    )
    return found if own.rows or off.rows or carry.rows else NO_AWARD_TERMS


def read_bands(pb: reserves_pb2.Reserves, unit: Index, periods: int, problems: Problems) -> RegulationBands:
    """Units that regulate within limits of their own."""
    path = f"{PATH}.regulation_bands"
    problems.only(pb.regulation_bands, path)
    table = Table(pb.regulation_bands, path, "unit", periods, problems)
    found = RegulationBands(
        unit=table.references("unit", unit),
        min_mw=table.series("min_mw"),
        max_mw=table.series("max_mw"),
        cost_per_hour=table.series("cost_per_hour", 0.0),
        given=table.whole_series("given", 0),
    )
    return found if table.rows else NO_BANDS


def write(case: Case, pb: case_pb2.Case) -> None:
    """Both tables, where the case has them."""
    terms, bands, periods = case.award_terms, case.regulation_bands, case.horizon.periods
    product, unit = case.reserves.product_id, case.units.id
    if terms is not NO_AWARD_TERMS:
        pb.reserves.terms.CopyFrom(
            reserves_pb2.AwardTerms(
                product=names(terms.product, product),
                in_limits=column(terms.in_limits),
                ramp_now=column(terms.ramp_now),
                ramp_before=column(terms.ramp_before),
                joint_cap=column(terms.joint_cap),
                offline_product=names(terms.offline_product, product),
                offline_unit=names(terms.offline_unit, unit),
                offline_max_mw=column(terms.offline_max_mw),
                carry_from=names(terms.carry_from, product),
                carry_to=names(terms.carry_to, product),
            )
        )
    if bands is not NO_BANDS:
        pb.reserves.regulation_bands.CopyFrom(
            reserves_pb2.RegulationBands(
                unit=names(bands.unit, unit),
                min_mw=series(bands.min_mw, periods),
                max_mw=series(bands.max_mw, periods),
                cost_per_hour=series(bands.cost_per_hour, periods),
                given=series(bands.given, periods),
            )
        )
