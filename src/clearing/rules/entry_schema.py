"""What the settings of market entry may be."""

from __future__ import annotations

from clearing.rules.entry_rules import KINDS
from clearing.rules.setting import Kind, Setting

_KINDS = Setting(Kind.NAMES, choices=KINDS)
_MONTHS = Setting(Kind.WHOLE, 0, 120)


def _words(*words: str) -> Setting:
    return Setting(Kind.CHOICE, choices=words)


ENTRY: dict[str, Setting] = {
    "entry.direct_kinds": _KINDS,
    "entry.direct_plants": _words("public", "any"),
    "entry.waiver_kinds": _KINDS,
    "entry.aggregated_kinds": _KINDS,
    "entry.aggregated_distributed": _words("required", "any"),
    "entry.same_type": _words("enterprise", "free"),
    "entry.contract_ended": _words("application", "effective", "free"),
    "entry.licence": _words("required", "free"),
    "entry.promise_months": _MONTHS,
    "entry.promise_months_new_energy": _MONTHS,
    "entry.promise_length": _words("aggregated", "both", "free"),
    "entry.lapsed_stops": _words("enterprise", "unit", "nothing"),
    "entry.certificate_kinds": _KINDS,
    "entry.project_code_prefix": _words("PP", "any"),
    "entry.attachment_format": _words("pdf", "any"),
    "entry.attachment_most_bytes": Setting(Kind.WHOLE, 1, 10**12),
    "entry.effective_from": _words("application", "free"),
    "entry.promise": _words("required", "free"),
    "entry.not_stated": _words("refused", "noted"),
    "entry.offers_by": _words("entry", "anybody"),
    "entry.factors": _words("capacity", "stated"),
}
"""Key → what its value may be."""
