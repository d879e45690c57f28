"""Options of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clearing.formats.findings import Problems

OPTIONS = ("segments", "convention", "commitment")
CONVENTIONS = ("matpower", "powermodels")
COMMITMENTS = ("fixed", "free")
MOST_SEGMENTS = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """segments: blocks of a polynomial cost; powermodels: network convention; fixed: units in service are on."""

    segments: int = 10
    powermodels: bool = False
    fixed: bool = True

    @staticmethod
    def of(given: Mapping[str, str], problems: Problems) -> Options:
        """Options from text; findings OUT_OF_RANGE and UNKNOWN_WORD."""
        segments = given.get("segments", "10")
        if not (segments.isdecimal() and 1 <= int(segments) <= MOST_SEGMENTS):
            limit = f"1 … {MOST_SEGMENTS}"
            problems.add("OUT_OF_RANGE", "segments", "A whole number is needed.", value=segments, limit=limit)
            segments = "10"
        words = {}
        for name, allowed in (("convention", CONVENTIONS), ("commitment", COMMITMENTS)):
            words[name] = given.get(name, allowed[0])
            if words[name] not in allowed:
                problems.add("UNKNOWN_WORD", name, "No such word.", value=words[name], limit=", ".join(allowed))
        return Options(int(segments), words["convention"] == "powermodels", words["commitment"] != "free")
