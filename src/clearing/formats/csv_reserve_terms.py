"""Terms of reserve products in a CSV case folder: sharing, demand curves, offers, kinds."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.award_terms import NO_AWARD_TERMS, NO_BANDS, AwardTerms, RegulationBands
from clearing.case.case import Case
from clearing.case.reserve_demand import NO_DEMAND, ReserveDemand
from clearing.case.reserve_kinds import NO_KINDS, ReserveKinds
from clearing.case.reserve_offers import NO_RESERVE_OFFERS, ReserveOffers
from clearing.case.reserve_sharing import NO_SHARING, ReserveSharing
from clearing.formats import csv_layout_reserves as of_reserves
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values

TERM_SHEETS = (of_reserves.PRODUCT_TERMS, of_reserves.PRODUCT_OFFLINE, of_reserves.PRODUCT_CARRY)
KIND_SHEETS = (of_reserves.PRODUCT_KINDS, of_reserves.PRODUCT_STORAGE, of_reserves.REGULATION_SPEEDS)


def read(reading: Reading) -> dict[str, Any]:
    """Fields of the case by name; products and units have been read."""
    pairs, steps = reading.sheet(of_reserves.PRODUCT_SHARING), reading.sheet(of_reserves.PRODUCT_DEMAND)
    bands = reading.sheet(of_reserves.REGULATION_BANDS)
    return {
        "reserve_sharing": ReserveSharing(**pairs) if len(pairs["shared_from"]) else NO_SHARING,
        "reserve_demand": ReserveDemand(**steps) if len(steps["step_product"]) else NO_DEMAND,
        "reserve_offers": _offers(reading),
        "reserve_kinds": _kinds(reading),
        "award_terms": _terms(reading),
        "regulation_bands": RegulationBands(**bands) if len(bands["unit"]) else NO_BANDS,
    }


def _terms(reading: Reading) -> AwardTerms:
    values = {name: column for sheet in TERM_SHEETS for name, column in reading.sheet(sheet).items()}
    stated = any(len(values[name]) for name in ("product", "offline_product", "carry_from"))
    return AwardTerms(**values) if stated else NO_AWARD_TERMS


def _kinds(reading: Reading) -> ReserveKinds:
    values = {name: column for sheet in KIND_SHEETS for name, column in reading.sheet(sheet).items()}
    stated = any(len(values[name]) for name in ("product", "speed_unit", "storage_product"))
    return ReserveKinds(**values) if stated else NO_KINDS


def _offers(reading: Reading) -> ReserveOffers:
    """Blocks in the order of product, unit and block number; a number stands once a pair."""
    values = reading.sheet(of_reserves.PRODUCT_OFFERS)
    order = np.lexsort((values["block"], values["unit"], values["product"]))
    if not len(order):
        return NO_RESERVE_OFFERS
    product, unit, block = (values[name][order] for name in ("product", "unit", "block"))
    for k in np.flatnonzero((np.diff(product) == 0) & (np.diff(unit) == 0) & (np.diff(block) == 0)):
        path = f"{of_reserves.PRODUCT_OFFERS.name}.csv:line {order[k + 1] + 2}"
        reading.problems.add("DUPLICATE_ID", path, "The block stands more than once.", value=block[k])
    return ReserveOffers(product, unit, values["width_mw"][order], values["price_per_mw_hour"][order])


def tables(case: Case) -> tuple[tuple[Sheet, Values], ...]:
    """Sheets and what stands in them."""
    sharing, demand, offers = case.reserve_sharing, case.reserve_demand, case.reserve_offers
    pair = offers.product * len(case.units.id) + offers.unit
    block = np.arange(len(pair)) - np.searchsorted(pair, pair) + 1
    blocks = {
        "product": offers.product,
        "unit": offers.unit,
        "block": block,
        "width_mw": offers.width_mw,
        "price_per_mw_hour": offers.price_per_mw_hour,
    }
    return (
        (of_reserves.PRODUCT_SHARING, {"shared_from": sharing.shared_from, "shared_to": sharing.shared_to}),
        (
            of_reserves.PRODUCT_DEMAND,
            {"step_product": demand.step_product, "step_mw": demand.step_mw, "step_price": demand.step_price},
        ),
        (of_reserves.PRODUCT_OFFERS, blocks),
        *((sheet, {c.field: getattr(case.reserve_kinds, c.field) for c in sheet.columns}) for sheet in KIND_SHEETS),
        *((sheet, {c.field: getattr(case.award_terms, c.field) for c in sheet.columns}) for sheet in TERM_SHEETS),
        (
            of_reserves.REGULATION_BANDS,
            {c.field: getattr(case.regulation_bands, c.field) for c in of_reserves.REGULATION_BANDS.columns},
        ),
    )
