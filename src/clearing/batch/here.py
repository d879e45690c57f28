"""A clearing in this process: what a worker of a Dask cluster runs."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from clearing import pipeline
from clearing.case.finding import Finding
from clearing.server.worker import where
from clearing.solve.control import RunControl
from clearing.wire.errors import InvalidRequest

_ALONE = threading.Lock()
_warm = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of it: the serialised answer, findings of a request that was refused, or a fault's type and place."""

    answer: bytes = b""
    findings: tuple[Finding, ...] = ()
    fault: str = ""


def clear(request: bytes, request_id: str, seconds: float, threads: int) -> Reply:
    """Answer a serialised ClearDayAheadRequest within the seconds. One at a time in a process, which solves alone."""
    global _warm  # noqa: PLW0603  # once a process: compiled kernels
    with _ALONE:
        if not _warm:
            pipeline.warm_up()
            _warm = True
        try:
            control = RunControl(answer_by=time.monotonic() + seconds, threads=threads)
            return Reply(answer=pipeline.clear_day_ahead(request, control, request_id))
        except InvalidRequest as refused:
            return Reply(findings=tuple(refused.findings))
        except Exception as fault:
            return Reply(fault=where(fault))
