"""The moments of a run, from its deadline backwards."""

from __future__ import annotations

from dataclasses import dataclass

PROMISED_MARGIN_SECONDS = 0.5  # the answer is with the caller this long before its deadline
TRANSFER_SECONDS = 0.15  # from the parent's last decision to the caller
HANDOVER_SECONDS = 0.3  # from a worker's answer_by to the parent's last decision
# Kept for a worker that hangs: another one then dispatches, prices and audits its incumbent. Nothing of the first two
# seconds, where a worker has hardly found anything yet; then a share up to ten seconds, and a smaller one beyond.
RESERVE_FROM_SECONDS, RESERVE_SHARE = 2.0, 0.3
RESERVE_REST_FROM_SECONDS, RESERVE_REST_SHARE = 10.0, 0.1
RESERVE_MOST_SECONDS = 30.0
GRACE_SHARE = 0.3  # of the reserve: a worker that should have answered gets so long to leave its search
GRACE_MOST_SECONDS = 2.0
SHORT_SHARE = 0.4  # margins never eat more than this of a very short deadline


@dataclass(frozen=True, slots=True)
class Timeline:
    """Moments by time.monotonic(), in their order.

    answer_by           the worker's: its finished answer is out. If it still searches and left an incumbent, its stop
                        flag is set
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
        reserve = _reserve(total)
        answer_by = finish_by - reserve
        return cls(answer_by, answer_by + min(GRACE_MOST_SECONDS, GRACE_SHARE * reserve), finish_by, last_call)


def _reserve(total: float) -> float:
    early = min(total, RESERVE_REST_FROM_SECONDS) - RESERVE_FROM_SECONDS
    rest = total - RESERVE_REST_FROM_SECONDS
    return min(RESERVE_MOST_SECONDS, RESERVE_SHARE * max(0.0, early) + RESERVE_REST_SHARE * max(0.0, rest))
