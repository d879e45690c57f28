"""One step of hard data giving way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Hard data that gave way.

    family          must_run, min_up, min_down, start_lead, ramp_up, ramp_down, startup_limit, shutdown_limit,
                    fixed_output, storage_mode, storage_initial_energy, storage_final_energy, virtual_ramp, commitment
    subject         id of the unit, storage unit or virtual plant
    period          that it concerns; of data that hold for all periods the first one out of reach without the step
    before, after   the datum as given and as cleared: MW a period for ramps, MW for limits and outputs, minutes for
                    times, 1 and 0 for must-run and commitment, MWh for energies, StorageMode for modes
    amount          |after − before|, > 0; 1 for a mode
    column, row     where the datum stands in the case (`units.fixed_mw`, 3)
    """

    family: str
    subject: str
    period: int
    before: float
    after: float
    column: str
    row: int

    @property
    def amount(self) -> float:
        """By how much it gave way."""
        return 1.0 if self.family == "storage_mode" else abs(self.after - self.before)
