"""The periods of an operating day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Horizon:
    """Equal periods that follow one another; market time is UTC+8.

    operating_day    the day the first period belongs to
    period_minutes   length of every period: any divisor of an hour, or 60 (5, 15, 30, 60 …)
    periods          T, their number
    start_minute     minutes from 00:00 of the operating day to the START of the first period
    """

    operating_day: dt.date
    period_minutes: int
    periods: int
    start_minute: int = 0

    @property
    def hours(self) -> float:
        """Length of a period in hours (dt in the formulas)."""
        return self.period_minutes / 60.0

    def labels(self) -> tuple[str, ...]:
        """END of every period as HH:MM; 24:00 ends the operating day, later days read 'D+1 00:15'."""
        return tuple(_label(self.start_minute + (t + 1) * self.period_minutes) for t in range(self.periods))

    def in_periods(self, minutes: int) -> int:
        """Least number of whole periods that last `minutes` (min up/down times, spacings)."""
        return -(-int(minutes) // self.period_minutes)


def _label(end_minute: int) -> str:
    day, minute = divmod(end_minute, 1440)
    if minute == 0:
        day, minute = day - 1, 1440
    text = f"{minute // 60:02d}:{minute % 60:02d}"
    return text if day == 0 else f"D+{day} {text}"
