"""Security-constrained economic dispatch at a given commitment: a table of contents."""

from __future__ import annotations

from clearing.case.arrays import Flags
from clearing.case.case import Case
from clearing.case.output_curves import curve_output
from clearing.formulation import pumped_hydro, system_reserves, variables
from clearing.formulation.dispatch_part import dispatch_part
from clearing.formulation.losses import Tangents
from clearing.formulation.model import Model
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.rules.rules import Penalties, Rules


def sced(
    case: Case,
    rules: Rules,
    penalties: Penalties,
    islands: Islands,
    on: Flags,
    mode: Flags | None,
    tangents: Tangents = (),
) -> Model:
    """min energy + storage cost + penalties, with on (N, T) and modes (M, T) of storage held: an LP.

    mode None: modes are decided too (a MIP in them alone). The pricing run is the same problem with the
    pricing penalties and some outputs held (price/pricing_run.py).
    """
    part = dispatch_part(case, rules, islands, penalties, tangents)
    columns = Columns()
    variables.add_given_commitment(columns, case, on)
    part.add_columns(columns, mode)
    of_modes = pumped_hydro.mode_rows(case, part.market, rules.starts, columns) if mode is None else []
    reserves = system_reserves.of_dispatch(case, rules, penalties, part.market, columns)
    return part.model(columns, of_modes, reserves, (), curve_output(case, on))
