"""Offers of renewable sites and virtual generation against the rules of a market (Fujian, chapter 5)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.case import Case
from clearing.case.declarations import Declarations
from clearing.case.finding import Finding, Severity
from clearing.case.offer_rules import Curves, curves, last_points, named, off_grid
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.virtual_plants import VirtualPlantKind
from clearing.rules.market_choices import LastPoint
from clearing.rules.rules import Rules


def of_renewables(case: Case, rules: Rules, declared: Declarations) -> list[Finding]:
    """Blocks of sites; a project offers once. Findings TOO_MANY_SEGMENTS, OFFER_BLOCK_TOO_SHORT, OFFER_POINT_OFF_STEP,
    OFFER_LAST_POINT, RATING_NOT_DECLARED, OFFERED_TWICE."""
    sites = case.renewables
    found = curves("case.renewables", sites.id, sites.offers)
    if found is None:
        return []
    findings = _shape(rules, found, len(sites.id))
    rated = declared.site_rated_mw
    if rules.market.site_offers.last_point is LastPoint.RATING:
        findings += last_points(rules, "site_offers.last_point", found, rated, len(sites.id))
        offered = np.zeros(len(sites.id), dtype=np.bool_)
        offered[sites.offers.resource] = True
        unknown = offered & np.isnan(rated)
        message = "the rated capacity is not declared: the last output point is not judged (site_offers.last_point)"
        note = flag(
            "RATING_NOT_DECLARED", Field("declarations.site", sites.id), unknown, message, severity=Severity.NOTE
        )
        findings += named(rules, "site_offers.last_point", note)
    return findings + _once(rules, Field("declarations.site_project", sites.id), declared.site_project)


def of_virtual_plants(case: Case, rules: Rules, declared: Declarations) -> list[Finding]:
    """Blocks of virtual generation, its 220 kV aggregate: as of sites, and AGGREGATE_VOLTAGE."""
    plants = case.virtual_plants
    found = curves("case.virtual_plants", plants.id, plants.offers)
    if found is None:
        return []
    generation = plants.kind == VirtualPlantKind.GENERATION
    found = _only(found, generation[plants.offers.resource])
    findings = _shape(rules, found, len(plants.id))
    if rules.market.site_offers.last_point is LastPoint.RATING:
        greatest = plants.max_mw.max(axis=1, initial=0.0)
        rated = np.where(np.isnan(declared.virtual_rated_mw), greatest, declared.virtual_rated_mw)
        rated = np.where(generation, rated, np.nan)
        findings += last_points(rules, "site_offers.last_point", found, rated, len(plants.id))
    names = tuple(name if own else "" for name, own in zip(declared.virtual_aggregate, generation, strict=True))
    findings += _once(rules, Field("declarations.virtual_aggregate", plants.id), names)
    return findings + _voltages(case, rules, generation)


def _only(found: Curves, kept: Bools) -> Curves:
    return Curves(
        found.path,
        found.subject,
        found.offers,
        found.used & kept[:, None],
        found.first & kept[:, None],
        found.end_mw,
        found.last_row,
    )


def _shape(rules: Rules, found: Curves, rows: int) -> list[Finding]:
    shape, resource = rules.market.site_offers, found.offers.resource
    _, blocks = found.ends_of(rows)
    last = np.zeros(len(resource), dtype=np.bool_)
    last[found.last_row] = True
    most_of_all = rules.offers.max_segments  # what is beyond it is said by the check of all curves
    crowded = last[:, None] & (blocks[resource] > shape.max_segments) & (blocks[resource] <= most_of_all)
    short = found.used & (found.offers.width_mw < shape.least_block_mw - TOLERANCE)
    point = found.used & off_grid(found.end_mw, shape.output_point_unit_mw)
    width = found.field("width_mw")
    most, step = f"≤ {shape.max_segments}", f"a multiple of {shape.output_point_unit_mw:g} MW"
    least = f"≥ {shape.least_block_mw:g}"
    many = "too many blocks (site_offers.max_segments)"
    brief = "the block is shorter than the rules allow (site_offers.least_block_mw)"
    off = "an output point is no multiple of its unit (site_offers.output_point_unit_mw)"
    values: Floats = found.offers.width_mw
    return [
        *named(
            rules,
            "site_offers.max_segments",
            flag("TOO_MANY_SEGMENTS", width, crowded, many, blocks[resource], most),
        ),
        *named(rules, "site_offers.least_block_mw", flag("OFFER_BLOCK_TOO_SHORT", width, short, brief, values, least)),
        *named(
            rules,
            "site_offers.output_point_unit_mw",
            flag("OFFER_POINT_OFF_STEP", width, point, off, found.end_mw, step),
        ),
    ]


def _once(rules: Rules, field: Field, names: Ids) -> list[Finding]:
    """OFFERED_TWICE: an earlier row stands for the same project or aggregate."""
    if rules.market.site_offers.by_project != "required":
        return []
    seen: set[str] = set()
    again = np.zeros(len(names), dtype=np.bool_)
    for row, name in enumerate(names):
        again[row] = bool(name) and name in seen
        seen.add(name)
    message = "an earlier row offers for the same project or aggregate (site_offers.by_project)"
    return named(rules, "site_offers.by_project", flag("OFFERED_TWICE", field, again, message, limit="once"))


def _voltages(case: Case, rules: Rules, generation: Bools) -> list[Finding]:
    """AGGREGATE_VOLTAGE: a bus of virtual generation above the voltage of an aggregate; 0 kV = not stated."""
    most = rules.market.site_offers.aggregate_most_kv
    plants = case.virtual_plants
    voltage = case.network.bus_voltage_kv[plants.factor_bus]
    above = generation[plants.factor_plant] & (voltage > most) if most > 0 else np.zeros(len(voltage), dtype=np.bool_)
    field = Field("case.virtual_plants.factor_bus", [plants.id[v] for v in plants.factor_plant.tolist()])
    message = "the bus lies above the voltage of an aggregate (site_offers.aggregate_most_kv)"
    found = flag("AGGREGATE_VOLTAGE", field, above, message, voltage, f"≤ {most:g} kV")
    return named(rules, "site_offers.aggregate_most_kv", found)
