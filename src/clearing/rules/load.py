"""Rule sets by name, with overrides: text in, typed rules out, every problem said at once."""

from __future__ import annotations

import difflib
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from clearing.case.finding import Finding
from clearing.rules.market_rules import market_rules
from clearing.rules.market_schema import BANDS, BY_BAND
from clearing.rules.rule_set import Entry, RulesError, RuleSet, finding, packaged
from clearing.rules.rules import (
    HeldIn,
    LossModel,
    LossRules,
    MinUpFrom,
    OfferRules,
    Penalties,
    PriceRules,
    PumpedRules,
    RampSharing,
    RealTimeMinimum,
    ReserveRules,
    Rules,
    SolveRules,
    StartRules,
    StateJudged,
    Steps,
    ViolationPricing,
)
from clearing.rules.schema import FAMILIES, ORDERED, READ
from clearing.rules.setting import BadValueError, OutOfRangeError, Value, parse, text

__all__ = ["RuleSetDescription", "RuleValue", "RulesError", "load", "rule_sets"]


@dataclass(frozen=True, slots=True)
class RuleValue:
    """One setting as it is shown: value as text, unit, source, reading, and what reads it."""

    key: str
    value: str
    unit: str
    clause: str
    note: str
    used_by: str = ""


@dataclass(frozen=True, slots=True)
class RuleSetDescription:
    """A rule set without overrides; digest as in Rules."""

    name: str
    version: str
    digest: str
    values: tuple[RuleValue, ...]
    title: str = ""
    extends: str = ""


MOST_LOADED = 32
"""Choices of rules that are kept: the rules are read-only, and intervals of a stream have the same."""


def load(name: str = "generic", version: str = "", overrides: Mapping[str, str] | None = None) -> Rules:
    """Rules of a rule set ('' = generic, newest version) with overrides (key → value as text).

    Raises RulesError with all findings at once: UNKNOWN_RULE_SET, UNKNOWN_RULE_SET_VERSION, UNKNOWN_RULE,
    BAD_RULE_VALUE, RULE_OUT_OF_RANGE, RULE_CONFLICT.
    """
    return _loaded(name or "generic", version, tuple(sorted((overrides or {}).items())))


@lru_cache(maxsize=MOST_LOADED)
def _loaded(name: str, version: str, overrides: tuple[tuple[str, str], ...]) -> Rules:
    chosen = _choose(name, version)
    entries = {entry.key: entry for entry in chosen.entries}
    values = {key: entry.value for key, entry in entries.items()}
    findings: list[Finding] = []
    applied: dict[str, str] = {}
    for key, raw in overrides:
        problem, value = _override(key, raw, entries)
        if problem is not None:
            findings.append(problem)
            continue
        values[key] = value
        applied[key] = text(value)
    findings += _conflicts(values, applied)
    if findings:
        raise RulesError(tuple(findings))
    return _rules(chosen, values, tuple(applied.items()))


def rule_sets() -> tuple[RuleSetDescription, ...]:
    """All rule sets of this package, by name then version, with every value."""
    return tuple(
        RuleSetDescription(
            name=s.name,
            version=s.version,
            digest=_digest({entry.key: entry.value for entry in s.entries}),
            values=tuple(RuleValue(e.key, text(e.value), e.unit, e.clause, e.note, e.used_by) for e in s.entries),
            title=s.title,
            extends=s.extends,
        )
        for s in packaged()
    )


def _choose(name: str, version: str) -> RuleSet:
    named = [s for s in packaged() if s.name == name]
    if not named:
        known = ", ".join(sorted({s.name for s in packaged()}))
        message = "there is no rule set of this name"
        raise RulesError((finding("UNKNOWN_RULE_SET", "rules.name", message, value=name, limit=known),))
    chosen = [s for s in named if version in {"", s.version}]
    if not chosen:
        known = ", ".join(s.version for s in named)
        message = f"rule set {name} has no such version"
        raise RulesError((finding("UNKNOWN_RULE_SET_VERSION", "rules.version", message, name, version, known),))
    return chosen[-1]


def _override(key: str, raw: str, entries: Mapping[str, Entry]) -> tuple[Finding | None, Value]:
    path = f"rules.overrides[{key[:80]}]"
    if key not in entries:
        near = ", ".join(difflib.get_close_matches(key[:80], entries, n=3))
        return finding("UNKNOWN_RULE", path, "the rule set has no such setting", key[:80], raw, near), None
    setting = entries[key].setting
    try:
        return None, parse(raw, setting)
    except BadValueError as error:
        return finding("BAD_RULE_VALUE", path, str(error), key, raw, setting.limit()), None
    except OutOfRangeError as error:
        return finding("RULE_OUT_OF_RANGE", path, str(error), key, raw, setting.limit()), None


def _conflicts(values: Mapping[str, Value], applied: Mapping[str, str]) -> list[Finding]:
    findings = []
    for low_key, high_key in ORDERED:
        low, high = cast(float | None, values[low_key]), cast(float | None, values[high_key])
        if low is not None and high is not None and low > high:
            named = low_key if low_key in applied else high_key
            message = f"{low_key} is above {high_key}"
            findings.append(
                finding("RULE_CONFLICT", f"rules.overrides[{named}]", message, named, text(low), f"≤ {text(high)}")
            )
    return findings + _bands(values, applied)


def _bands(values: Mapping[str, Value], applied: Mapping[str, str]) -> list[Finding]:
    """RULE_CONFLICT: bounds that do not rise, and lists that have not one value a band."""
    bounds, findings = cast(tuple[float, ...], values[BANDS]), []
    if any(b <= a for a, b in itertools.pairwise(bounds)):
        path = f"rules.overrides[{BANDS}]"
        findings.append(finding("RULE_CONFLICT", path, "the bounds do not rise", BANDS, text(bounds), "rising"))
    for key in BY_BAND:
        of_bands = cast(tuple[float, ...], values[key])
        if len(of_bands) != len(bounds) + 1:
            named = BANDS if BANDS in applied and key not in applied else key
            message = f"{key} has not one value for every band of {BANDS}"
            limit = f"{len(bounds) + 1} values"
            path = f"rules.overrides[{named}]"
            findings.append(finding("RULE_CONFLICT", path, message, named, text(values[named]), limit))
    return findings


def _digest(values: Mapping[str, Value]) -> str:
    """SHA-256 (hex) over `key=value` lines in order of the keys."""
    lines = "".join(f"{key}={text(value)}\n" for key, value in sorted(values.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _rules(chosen: RuleSet, values: Mapping[str, Value], overrides: tuple[tuple[str, str], ...]) -> Rules:
    """Typed rules; `convert` has given every value the type its key in READ asks for."""

    def number(key: str) -> float:
        return cast(float, values[key])

    def optional(key: str) -> float | None:
        return cast(float | None, values[key])

    return Rules(
        name=chosen.name,
        version=chosen.version,
        digest=_digest(values),
        overrides=overrides,
        solve=SolveRules(
            gap=number("solve.gap"),
            absolute_gap=number("solve.absolute_gap"),
            security_rounds=cast(int, values["solve.security_rounds"]),
            security_rows=cast(int, values["solve.security_rows"]),
        ),
        clearing_penalties=_penalties("clearing", values),
        pricing_penalties=_penalties("pricing", values),
        offers=OfferRules(
            max_segments=cast(int, values["offers.max_segments"]),
            floor_per_mwh=number("offers.floor_per_mwh"),
            cap_per_mwh=number("offers.cap_per_mwh"),
        ),
        reserves=ReserveRules(
            positive_min_mw=optional("reserves.positive_min_mw"),
            positive_max_mw=optional("reserves.positive_max_mw"),
            negative_min_mw=optional("reserves.negative_min_mw"),
            renewable_share=number("reserves.renewable_share"),
            storage_minutes=number("reserves.storage_minutes"),
            ramp_sharing=RampSharing(values["reserves.ramp_sharing"]),
            positive_max_in=HeldIn(values["reserves.positive_max_in"]),
            positive_min_in=HeldIn(values["reserves.positive_min_in"]),
        ),
        prices=PriceRules(
            floor_per_mwh=number("prices.floor_per_mwh"),
            cap_per_mwh=number("prices.cap_per_mwh"),
            violation_pricing=ViolationPricing(values["prices.violation_pricing"]),
            decimals=int(number("prices.decimals")),
            real_time_minimum=RealTimeMinimum(values["prices.real_time_minimum"]),
        ),
        starts=StartRules(
            penalty=cast(Steps, values["penalties.clearing.starts"]),
            start_spacing_minutes=cast(int, values["plant.start_spacing_minutes"]),
            stop_spacing_minutes=cast(int, values["plant.stop_spacing_minutes"]),
            switching_minutes=cast(int, values["plant.switch_least_on_minutes"]),
            lead_clock_minute=cast(int, values["startup.lead.clock_minutes"]),
            lead_hot_minutes=optional("startup.lead.hot_minutes"),
            lead_warm_minutes=optional("startup.lead.warm_minutes"),
            lead_cold_minutes=optional("startup.lead.cold_minutes"),
            judged=StateJudged(values["startup.lead.state_judged_at"]),
            min_up_from=MinUpFrom(values["startup.min_up_from"]),
        ),
        pumped=PumpedRules(
            market_share=number("pumped_hydro.market_share"),
            system_reserve_mw=optional("pumped_hydro.system_reserve_mw"),
        ),
        losses=LossRules(
            model=LossModel(values["losses.model"]),
            max_rounds=cast(int, values["losses.max_rounds"]),
            tolerance_mw=number("losses.tolerance_mw"),
        ),
        data=tuple((key, value) for key, value in sorted(values.items()) if key not in READ),
        market=market_rules(values),
        clauses=tuple((entry.key, entry.clause) for entry in chosen.entries),
    )


def _penalties(run: str, values: Mapping[str, Value]) -> Penalties:
    return Penalties(**{family: cast(Steps, values[f"penalties.{run}.{family}"]) for family in FAMILIES})
