"""The moments of a run, from its deadline backwards."""

from __future__ import annotations

from dataclasses import dataclass

PROMISED_MARGIN_SECONDS = 0.5  # the answer is with the caller this long before its deadline
TRANSFER_SECONDS = 0.15  # from the parent's last decision to the caller
WORKER_SECONDS = 0.3  # from the worker's answer_by to the parent's last decision
FINISH_SHARE = 0.3  # of the time left when the run starts is kept for dispatch, prices, audit …
FINISH_MOST_SECONDS = 30.0
GRACE_SHARE = 0.3  # … of which a worker that was told to stop gets this part to leave the search,
GRACE_MOST_SECONDS = 2.0  # before its incumbent is finished elsewhere
SHORT_SHARE = 0.4  # all margins together never eat more than this of a very short deadline


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments by time.monotonic().

    stop_at       the search should have ended by itself; the worker's stop flag is set
    takeover_at   a worker that still searches is killed if it left an incumbent, which another worker finishes
    answer_by     given to workers: the finished answer is out
    last_call     whatever there is by now is the answer
    """

    stop_at: float
    takeover_at: float
    answer_by: float
    last_call: float

    @classmethod
    def towards(cls, deadline: float, now: float) -> Timeline:
        """Moments of a run that starts now and whose caller stops listening at the deadline."""
        total = max(0.0, deadline - now)
        margins = PROMISED_MARGIN_SECONDS + TRANSFER_SECONDS + WORKER_SECONDS
        scale = min(1.0, SHORT_SHARE * total / margins)
        last_call = deadline - scale * (PROMISED_MARGIN_SECONDS + TRANSFER_SECONDS)
        answer_by = deadline - scale * margins
        finish = min(FINISH_MOST_SECONDS, FINISH_SHARE * total)
        stop_at = answer_by - finish
        return cls(stop_at, stop_at + min(GRACE_MOST_SECONDS, GRACE_SHARE * finish), answer_by, last_call)
