"""The commonest changes in short form, as the command line gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from clearing.formats.findings import Problems
from clearing.scenario.changes import KINDS

OUTAGE = re.compile(rf"(?P<kind>{'|'.join(KINDS)}):(?P<id>.+?)(?:@(?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d))?")


def quick(
    outages: Sequence[str], load: float | None, fuel_prices: Mapping[str, str], reserve: float | None
) -> list[dict[str, Any]]:
    """Changes as trees; raises FormatError with everything that cannot be read.

    outages: KIND:ID or KIND:ID@HH:MM-HH:MM; fuel_prices: factor by name of the fuel, in any case.
    """
    problems, changes = Problems(), list[dict[str, Any]]()
    for text in outages:
        found = OUTAGE.fullmatch(text)
        if found is None:
            limit = f"one of {', '.join(KINDS)}, a colon and an id, @HH:MM-HH:MM at most"
            problems.add("USAGE", "--outage", "This is no outage.", value=text, limit=limit)
            continue
        window = {key: found[key] for key in ("from", "to") if found[key]}
        changes.append({"change": "outage", found["kind"]: found["id"], **window})
    if load is not None:
        changes.append({"change": "scale", "what": "load", "by": load})
    for fuel, factor in fuel_prices.items():
        try:
            changes.append({"change": "scale", "what": "fuel_price", "fuel": fuel.upper(), "by": float(factor)})
        except ValueError:
            problems.add("USAGE", "--fuel-price", "The factor is no number.", value=f"{fuel}={factor}")
    if reserve is not None:
        changes.append({"change": "scale", "what": "reserve", "by": reserve})
    problems.stop()
    return changes
