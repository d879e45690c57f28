"""One unit with hard data drawn at random, and whether a commitment of it has a dispatch, in plain Python."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

T, HOUR = 4, 60
SLACK = 1e-6  # MW


def feasible(unit: dict[str, Any], on: tuple[int, ...]) -> bool:
    """Whether a commitment has a dispatch, by the definitions: spells by counting, ramps by intervals, plain Python."""
    states = [int(unit["on"]), *on]
    age = unit["minutes"]
    for before, now in itertools.pairwise(states):
        if before != now:
            if age < (unit["min_up"] if before else unit["min_down"]):
                return False
            age = 0
        age += HOUR
    low = high = float(unit["mw"])
    for t in range(T):
        before, now = states[t], states[t + 1]
        least, most = (unit["p_min"][t], unit["p_max"][t]) if now else (0.0, 0.0)
        if t in unit["fixed"]:
            least, most = max(least, unit["fixed"][t]), min(most, unit["fixed"][t])
        if before and now:
            up, down = unit.get("ramp_up", unit["ramp"]), unit.get("ramp_down", unit["ramp"])
            least, most = max(least, low - down * HOUR), min(most, high + up * HOUR)
        elif now:
            most = min(most, unit["startup_limit"])
        elif before and low > unit["shutdown_limit"] + SLACK:
            return False
        if least > most + SLACK or (now < unit["must_run"][t]) or (now and unit["must_off"][t]):
            return False
        low, high = least, most
    return True


@st.composite
def units(draw: st.DrawFn) -> dict[str, Any]:
    flags = st.lists(st.sampled_from([0, 0, 1]), min_size=T, max_size=T)
    p_min = draw(st.lists(st.sampled_from([0.0, 10.0, 40.0]), min_size=T, max_size=T))
    on = draw(st.booleans())
    return {
        "id": "g",
        "p_min": p_min,
        "p_max": [low + draw(st.sampled_from([0.0, 20.0, 60.0])) for low in p_min],
        "blocks": [(100, 1)],
        "ramp": draw(st.sampled_from([0.25, 0.5, 2.0])),
        "startup_limit": max(p_min) + draw(st.sampled_from([0.0, 20.0])),
        "shutdown_limit": max(p_min) + draw(st.sampled_from([0.0, 20.0])),
        "min_up": draw(st.sampled_from([0, 90, 120, 180])),
        "min_down": draw(st.sampled_from([0, 90, 120, 180])),
        "on": on,
        "minutes": draw(st.sampled_from([1, 60, 120])),
        "mw": draw(st.sampled_from([0.0, 10.0, 30.0, 60.0])) if on else 0.0,
        "must_run": draw(flags),
        "must_off": draw(flags),
        "fixed": draw(st.dictionaries(st.integers(0, T - 1), st.sampled_from([0.0, 10.0, 30.0, 60.0]), max_size=2)),
    }


COMMITMENTS = tuple(itertools.product((0, 1), repeat=T))
