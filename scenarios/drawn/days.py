"""The days of the scenario: what the weather, the load, the links and the fleet do. Everything else is the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

Anchors = tuple[tuple[float, float], ...]
"""(hour, value) between which a series runs smoothly."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day.

    load_gw, wind_share, tie_gw    total load; share of installed wind; total import over the five ties
    sun_share                      share of installed PV at the best moment of the day
    sunrise, sunset                hours
    heat_share                     share of the 300 MW coal units that run for district heat
    heating                        the heating season: heat units must run; without it small heat units are not there
    derating                       share of thermal capacity lost at the hottest hour
    planned_out                    share of coal capacity out for maintenance the whole day
    trips                          units of the 1000 MW class out the whole day, and one more from `trip_hour` on
    trip_hour                      hour at which that one goes off line; 24 = none
    nuclear_out                    the largest nuclear unit is out
    lines_out                      circuits of 500 kV that are out
    weak_interfaces                factor on the limits of the interfaces that these circuits belong to
    """

    name: str
    date: dt.date
    load_gw: Anchors
    wind_share: Anchors
    tie_gw: Anchors
    sun_share: float
    sunrise: float
    sunset: float
    heating: bool
    heat_share: float = 0.0
    derating: float = 0.0
    planned_out: float = 0.0
    trips: int = 0
    trip_hour: float = 24.0
    nuclear_out: bool = False
    lines_out: int = 0
    weak_interfaces: float = 1.0


_WINTER_TIES: Anchors = ((0, 17), (5, 16.5), (9, 18), (12, 16), (15, 17.5), (17.5, 21), (20, 21), (22, 19), (24, 17))

WINTER_PEAK = Day(
    "winter-peak",
    dt.date(2027, 1, 14),
    load_gw=(
        (0, 62.5), (3, 58.5), (5, 59.5), (8, 70.5), (10, 73.5), (12, 71), (14, 70), (16, 73.5), (17.75, 79),
        (18.5, 79.6), (20, 77.5), (22, 70.5), (24, 64),
    ),
    wind_share=((0, 0.3), (6, 0.26), (12, 0.18), (17, 0.17), (20, 0.19), (24, 0.27)),
    tie_gw=_WINTER_TIES,
    sun_share=0.3,
    sunrise=7.2,
    sunset=17.2,
    heating=True,
    heat_share=0.45,
    planned_out=0.03,
)  # fmt: skip

SPRING_NOON = Day(
    "spring-noon",
    dt.date(2027, 3, 13),
    load_gw=(
        (0, 46.5), (3, 43), (5, 43.5), (8, 50), (10, 51.5), (12, 50.5), (13, 49.5), (15, 51), (18, 55.5), (19, 56.5),
        (20.5, 55), (22, 51), (24, 47),
    ),
    wind_share=((0, 0.4), (6, 0.36), (11, 0.35), (15, 0.4), (19, 0.4), (24, 0.4)),
    tie_gw=((0, 12.5), (6, 12.5), (9, 9.5), (11, 8.5), (15, 8.5), (17, 13.5), (18.5, 16.5), (21, 15.5), (24, 12.5)),
    sun_share=0.84,
    sunrise=6.4,
    sunset=18.3,
    heating=True,
    heat_share=0.2,
    planned_out=0.1,
)  # fmt: skip

TIGHT_RESERVE = Day(
    "tight-reserve",
    dt.date(2027, 7, 22),
    load_gw=(
        (0, 66), (4, 60), (6, 61), (9, 72), (11, 77), (13, 78), (15, 79), (17, 79.6), (19, 78.5), (20, 78.8),
        (21.5, 77.5), (24, 68),
    ),
    wind_share=((0, 0.12), (8, 0.06), (14, 0.05), (19, 0.04), (24, 0.09)),
    tie_gw=((0, 8), (6, 8), (10, 7), (16, 7), (19, 7.5), (22, 7.5), (24, 8)),
    sun_share=0.6,
    sunrise=5.0,
    sunset=19.2,
    heating=False,
    derating=0.06,
    planned_out=0.1,
)  # fmt: skip

OUTAGE = Day(
    "outage",
    dt.date(2027, 11, 30),
    load_gw=(
        (0, 58), (3, 54.5), (5, 55.5), (8, 66), (10, 69), (12, 66.5), (14, 66), (16, 69.5), (17.5, 74.5), (19, 74),
        (21, 69), (24, 60),
    ),
    wind_share=((0, 0.25), (8, 0.2), (14, 0.24), (18, 0.2), (24, 0.22)),
    tie_gw=_WINTER_TIES,
    sun_share=0.36,
    sunrise=7.0,
    sunset=16.9,
    heating=True,
    heat_share=0.4,
    planned_out=0.04,
    trips=2,
    trip_hour=16.0,
    nuclear_out=True,
    lines_out=2,
    weak_interfaces=0.85,
)  # fmt: skip

AUTUMN_HOLIDAY = Day(
    "autumn-holiday",
    dt.date(2027, 10, 3),
    load_gw=(
        (0, 48), (3, 44), (5, 43.5), (8, 48), (10, 50), (12, 48.5), (14, 48), (16, 51), (18, 57.5), (19, 58.5),
        (21, 55.5), (24, 49),
    ),
    wind_share=((0, 0.14), (6, 0.1), (11, 0.08), (15, 0.12), (19, 0.2), (24, 0.26)),
    tie_gw=((0, 12), (6, 12), (9, 10), (12, 9), (15, 9.5), (17.5, 15), (21, 14.5), (24, 12)),
    sun_share=0.66,
    sunrise=6.0,
    sunset=17.8,
    heating=False,
    planned_out=0.14,
)  # fmt: skip

WIND_FALLS = Day(
    "wind-falls",
    dt.date(2027, 2, 18),
    load_gw=(
        (0, 59), (3, 55.5), (5, 56.5), (8, 66), (10, 69), (12, 67), (14, 66.5), (16, 69.5), (18, 74.5), (19, 75),
        (21, 71.5), (24, 62),
    ),
    wind_share=((0, 0.55), (6, 0.58), (11, 0.5), (14, 0.42), (17, 0.2), (19, 0.1), (22, 0.08), (24, 0.07)),
    tie_gw=((0, 13), (5, 13), (9, 15), (12, 14), (15, 15.5), (17.5, 19), (21, 19), (24, 15)),
    sun_share=0.42,
    sunrise=6.9,
    sunset=17.8,
    heating=True,
    heat_share=0.35,
    planned_out=0.05,
)  # fmt: skip

DESIGN_DAYS = (WINTER_PEAK, SPRING_NOON, TIGHT_RESERVE, OUTAGE)
"""Days that the network is rated for; a further day meets it as it is."""

DAYS = {day.name: day for day in (*DESIGN_DAYS, AUTUMN_HOLIDAY, WIND_FALLS)}
