"""`clearing limit-prices`: the secondary price limit on one day, from a request file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearing.cli.arguments import AsJson, Rules, RuleValues, Server
from clearing.cli.ending import ending
from clearing.cli.files import read_limit_request
from clearing.cli.output import answers, emit
from clearing.cli.pairs import pairs
from clearing.cli.session import connected
from clearing.wire import case_file


def limit_prices(
    day: Annotated[Path, typer.Argument(metavar="DAY", help="JSON of a LimitPricesRequest: day, prices, state.")],
    rules: Rules = "fujian-2025-4",
    set: RuleValues = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Hold the mean price of DAY under the secondary limit; prints prices and the state for the next day."""
    with ending(json):
        overrides = pairs(set or (), "--set")
        request: Any = read_limit_request(day)
        name, _, version = rules.partition("@")
        with connected(server) as client:
            reply = client.limit_prices(request, name, overrides, version)
        if json:
            emit({"status": "OK", **case_file.message_to_tree(reply)})
            return
        console = answers()
        word = f"scaled by {reply.factor:.6f}" if reply.triggered else "not scaled"
        console.print(f"mean {reply.mean_per_mwh:.3f} against limit {reply.limit_per_mwh:.3f}: {word}")
        state = reply.state
        console.print(f"next day: month {state.month}, step {state.step}, days above {state.days_above}")
