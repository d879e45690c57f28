"""What a caller may ask of a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class LastStage(IntEnum):
    """Where a clearing ends; the audit follows whatever there is. Numbers equal those of the proto enum."""

    UNSPECIFIED = 0
    DISPATCH = 1
    PRICES = 2


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """Budget and mode.

    time_limit_seconds   wall-clock budget of the SCUC search; None = only the deadline of the run counts
    gap                  relative gap at which the search may stop; None = the rule set's
    seed                 of every random choice
    reproducible         stop by gap or work limit only; one thread; equal results for equal requests
    work_limit_nodes     branch-and-bound nodes at most; None = no limit, or DEFAULT_NODES in reproducible mode
    explained            False: nobody asked for explanations, so none are made
    price_schemes        also LMP, ELMP and convex hull prices side by side, with the uplift under each
    last_stage           DISPATCH: commitment and its dispatch, no pricing run (SCUC only); UNSPECIFIED = PRICES
    """

    time_limit_seconds: float | None = None
    gap: float | None = None
    seed: int = 0
    reproducible: bool = False
    work_limit_nodes: int | None = None
    last_stage: LastStage = LastStage.UNSPECIFIED
    explained: bool = True
    price_schemes: bool = False


DEFAULT_NODES = 1000
"""Node limit of reproducible mode where the caller names none."""
