"""After the warm-up no kernel of the grid is compiled or loaded by a network that is cleared."""

from __future__ import annotations

import numpy as np

from clearing.grid import factored, screening, transfers, warm_up
from clearing.grid.monitored import grid
from tests.oracle.test_contingencies import drawn

KERNELS = (
    *(factored._on_all_cores, factored._on_one_core, transfers._transfer, transfers.single_outages),
    *(screening._count, screening._fill),
)


def test_every_kernel_is_ready_for_the_arrays_of_a_case() -> None:
    warm_up.warm_up()
    ready = [len(kernel.signatures) for kernel in KERNELS]
    assert min(ready) > 0
    for seed in range(4):
        case, _ = drawn(seed)
        watch = grid(case).security
        rng = np.random.default_rng(seed)
        flow = rng.normal(scale=90.0, size=(len(case.network.branch_id), case.horizon.periods))
        watch.broken(flow, rng.normal(scale=60.0, size=(watch.lost_count, case.horizon.periods)))
    assert [len(kernel.signatures) for kernel in KERNELS] == ready
