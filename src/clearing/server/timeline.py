"""The moments of a run, from its deadline backwards."""

from __future__ import annotations

from dataclasses import dataclass

PROMISED_MARGIN_SECONDS = 0.5  # the answer is with the caller this long before its deadline
TRANSFER_SECONDS = 0.15  # from the parent's last decision to the caller
HANDOVER_SECONDS = 0.3  # from a worker's answer_by to the parent's last decision
SHORT_SECONDS = 10.0
RESERVE_OF_SHORT = 0.3  # of the first ten seconds, and of the rest, is kept for a worker that hangs:
RESERVE_OF_REST = 0.1  # another one then dispatches, prices and audits its incumbent
RESERVE_MOST_SECONDS = 30.0
GRACE_SHARE = 0.3  # of the reserve: a worker that should have answered gets so long to leave its search
GRACE_MOST_SECONDS = 2.0
SHORT_SHARE = 0.4  # margins never eat more than this of a very short deadline


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments by time.monotonic(), in their order.

    answer_by           the worker's: its finished answer is out. If it still searches, its stop flag is set
    takeover_at         a worker that still searches is killed if it left an incumbent, which another one finishes
    finish_by           the other worker's: its finished answer is out
    last_call           whatever there is by now is the answer
    """

    answer_by: float
    takeover_at: float
    finish_by: float
    last_call: float

    @classmethod
    def towards(cls, deadline: float, now: float) -> Timeline:
        """Moments of a run that starts now and whose caller stops listening at the deadline."""
        total = max(0.0, deadline - now)
        margins = PROMISED_MARGIN_SECONDS + TRANSFER_SECONDS + HANDOVER_SECONDS
        scale = min(1.0, SHORT_SHARE * total / margins)
        last_call = deadline - scale * (PROMISED_MARGIN_SECONDS + TRANSFER_SECONDS)
        finish_by = deadline - scale * margins
        short = min(total, SHORT_SECONDS)
        reserve = min(RESERVE_MOST_SECONDS, RESERVE_OF_SHORT * short + RESERVE_OF_REST * (total - short))
        answer_by = finish_by - reserve
        return cls(answer_by, answer_by + min(GRACE_MOST_SECONDS, GRACE_SHARE * reserve), finish_by, last_call)
