"""Sheets of offer curves: one line a block."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Ids
from clearing.case.offers import Offers
from clearing.formats.csv_columns import Sheet
from clearing.formats.csv_sheets import Reading, Values


def read_offers(reading: Reading, sheet: Sheet, ids: Ids) -> Offers:
    """Blocks in the order of resource and block number; a number stands once a resource. ids: of the resources."""
    values = reading.sheet(sheet)
    order = np.lexsort((values["block"], values["resource"]))
    row, block = values["resource"][order], values["block"][order]
    for k in np.flatnonzero((np.diff(row) == 0) & (np.diff(block) == 0)):
        name = ids[row[k]] if row[k] >= 0 else ""
        path = f"{sheet.name}.csv:{name}:block {block[k]}"
        reading.problems.add("DUPLICATE_ID", path, "The block stands more than once.", subject=name, value=block[k])
    return Offers(row, values["width_mw"][order], values["price_per_mwh"][order])


def offer_values(offers: Offers) -> Values:
    """Columns of a sheet of offers; blocks are numbered from 1 within their resource."""
    first = np.searchsorted(offers.resource, offers.resource)
    block = np.arange(offers.resource.size) - first + 1
    return {
        "resource": offers.resource,
        "block": block,
        "width_mw": offers.width_mw,
        "price_per_mwh": offers.price_per_mwh,
    }
