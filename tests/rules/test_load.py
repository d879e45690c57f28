"""Rule sets: what ships, what an override does, and what is refused."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearing.rules.load import RulesError, _override, load, rule_sets
from clearing.rules.market_schema import BANDS, BY_BAND
from clearing.rules.rule_set import Entry, packaged, read
from clearing.rules.rules import HeldIn, RampSharing, StateJudged, ViolationPricing, of_real_time
from clearing.rules.schema import FAMILIES, READ
from clearing.rules.setting import Kind, OutOfRangeError, Setting, parse, text

ROOT = Path(__file__).parents[2]
ENTRIES = {entry.key: entry for entry in packaged()[0].entries}


def test_generic_is_the_default_and_has_no_system_reserve() -> None:
    rules = load()
    assert (rules.name, rules.version, rules.overrides) == ("generic", "1", ())
    assert rules.solve.gap == 1e-3
    assert rules.reserves.positive_min_mw is None
    assert rules.reserves.positive_max_mw is None
    assert rules.reserves.negative_min_mw is None
    assert rules.reserves.ramp_sharing is RampSharing.PGLIB
    assert rules.prices.violation_pricing is ViolationPricing.PENALTY
    assert load("") == rules


def test_shandong_holds_the_numbers_of_its_table() -> None:
    rules = load("shandong-trial")
    reserves = rules.reserves
    assert (reserves.positive_min_mw, reserves.positive_max_mw, reserves.negative_min_mw) == (3000, 7000, 1500)
    assert (rules.solve.gap, rules.solve.security_rounds) == (0.001, 10)
    assert (rules.offers.floor_per_mwh, rules.offers.cap_per_mwh, rules.offers.max_segments) == (-80, 1300, 10)
    assert (rules.prices.floor_per_mwh, rules.prices.cap_per_mwh) == (-100, 1500)
    assert reserves.ramp_sharing is RampSharing.HEADROOM
    starts = rules.starts
    assert (starts.start_spacing_minutes, starts.stop_spacing_minutes, starts.switching_minutes) == (120, 120, 540)
    assert (starts.lead_hot_minutes, starts.lead_warm_minutes, starts.lead_cold_minutes) == (360, 720, 1200)
    assert (starts.lead_clock_minute, starts.judged) == (-360, StateJudged.CLOCK)
    assert rules.market.gas_states.warm_after_minutes == 24 * 60
    assert [b.min_up_most_minutes for b in rules.market.classes.bounds] == [4320, 10080, 14400]
    assert rules.market.conduct.replacement_multiple == 2
    assert rules.market.settlement.deviation_exempt == ("storage", "pumped_hydro", "renewable_with_storage")


@pytest.mark.parametrize("name", ["generic", "shandong-trial"])
def test_penalties_keep_the_declared_order(name: str) -> None:
    clearing = load(name).clearing_penalties
    least = {family: getattr(clearing, family)[0][1] for family in FAMILIES}
    assert least["branch"] == least["interface"] > least["shortage"] == least["surplus"]
    assert least["shortage"] > least["product"] > least["system_reserve"] > 1500
    assert least["group_on"] > least["joint_limit"] > least["branch"]
    pricing = load(name).pricing_penalties
    assert {getattr(pricing, family)[0][1] for family in FAMILIES} == {1500, 1000, 3000, 1e6}
    assert pricing.joint_limit[0][1] > pricing.branch[0][1]
    assert all(getattr(run, family)[-1][0] == math.inf for run in (clearing, pricing) for family in FAMILIES)


def test_observed_and_table_values_name_their_source() -> None:
    shandong = next(s for s in rule_sets() if s.name == "shandong-trial")
    by_key = {v.key: v for v in shandong.values}
    assert by_key["reserves.positive_min_mw"].clause.endswith("no. 13")
    assert by_key["prices.cap_per_mwh"].clause.startswith("observed")
    assert {v.key for v in shandong.values if v.used_by == "not read yet"} == set(by_key) - set(READ)
    rows = {int(m) for v in shandong.values for m in re.findall(r"no\. (\d+)$", v.clause)}
    assert rows == set(range(1, 34))


def test_what_is_listed_is_what_is_loaded() -> None:
    listed = rule_sets()
    assert [s.name for s in listed] == sorted({*PROVINCES, "generic", "shandong-trial", "xinjiang"})
    for description in listed:
        assert description.digest == load(description.name, description.version).digest
        assert all(v.clause and v.used_by for v in description.values)


def test_every_listed_value_is_a_valid_override_that_changes_nothing() -> None:
    for description in rule_sets():
        overrides = {v.key: v.value for v in description.values}
        rules = load(description.name, overrides=overrides)
        assert rules.digest == description.digest
        assert rules.overrides == tuple(sorted(overrides.items()))


def test_overrides_reach_the_rules_and_are_echoed_sorted() -> None:
    rules = load(
        "generic",
        overrides={
            "solve.gap": " 2e-3 ",
            "reserves.positive_min_mw": "250",
            "reserves.ramp_sharing": "headroom",
            "prices.violation_pricing": '"relax_and_rerun"',
            "penalties.clearing.shortage": "[[10, 500], [inf, 5000]]",
            "penalties.pricing.branch": "750",
            "offers.max_segments": "3",
        },
    )
    assert rules.solve.gap == 0.002
    assert rules.reserves.positive_min_mw == 250
    assert rules.reserves.ramp_sharing is RampSharing.HEADROOM
    assert rules.prices.violation_pricing is ViolationPricing.RELAX_AND_RERUN
    assert rules.clearing_penalties.shortage == ((10, 500), (math.inf, 5000))
    assert rules.pricing_penalties.branch == ((math.inf, 750),)
    assert rules.offers.max_segments == 3
    assert rules.overrides[0] == ("offers.max_segments", "3")
    assert dict(rules.overrides)["solve.gap"] == "0.002"
    assert [k for k, _ in rules.overrides] == sorted(k for k, _ in rules.overrides)


def test_none_takes_a_requirement_away() -> None:
    rules = load("shandong-trial", overrides={"reserves.positive_max_mw": "none"})
    assert rules.reserves.positive_max_mw is None
    assert rules.reserves.positive_min_mw == 3000


def test_settings_that_no_code_reads_have_the_range_that_stands_beside_them() -> None:
    text_ = (ROOT / "src" / "clearing" / "rules" / "generic.toml").read_text(encoding="utf-8")
    later = "\n[later.share]\nvalue = 0.05\nclause = 'c'\nused_by = 'not read yet'\nrange = [0, 1]\n"
    found = {entry.key: entry for entry in read(text_ + later).entries}
    assert (found["later.share"].value, found["later.share"].setting.high) == (0.05, 1.0)
    assert parse("0.25", found["later.share"].setting) == 0.25
    with pytest.raises(OutOfRangeError):
        parse("11", found["later.share"].setting)


def _another(entry: Entry) -> str:
    """Text of a value that differs from the entry's and is allowed."""
    match entry.setting.kind:
        case Kind.NAMES:
            return "[]" if entry.value else f'["{entry.setting.choices[0]}"]'
        case Kind.NUMBERS:
            return text(tuple(0.5 + number for number in entry.value) or (0.5,))
        case Kind.STEPS:
            return "[[1, 2], [inf, 3]]"
        case Kind.CHOICE:
            return next(c for c in entry.setting.choices if c != entry.value)
        case Kind.WHOLE:
            low = int(entry.value) - 1
            return text(low if low >= entry.setting.low else low + 2)
    value = 1.0 if entry.value is None else float(entry.value)
    return text(value * 0.999 if value else 0.001)


def _alone(entry: Entry) -> dict[str, str]:
    """The entry with another value; bounds of bands with lists that have a value for each."""
    lists = dict.fromkeys(BY_BAND, "[1, 1]") if entry.key == BANDS else {}
    return {entry.key: _another(entry), **lists}


def test_the_digest_depends_on_every_value_and_on_nothing_else() -> None:
    base = load("shandong-trial")
    entries = next(s for s in packaged() if s.name == "shandong-trial").entries
    digests = {load("shandong-trial", overrides=_alone(e)).digest for e in entries}
    assert len(digests | {base.digest}) == len(entries) + 1
    assert load("shandong-trial", overrides={"solve.gap": "1e-3"}).digest == base.digest


PROVINCES = ("chongqing", "fujian-2024", "fujian-2025-4", "hunan", "jiangsu", "shaanxi")

BAD = [
    ("solve.gap", "x", "BAD_RULE_VALUE"),
    ("solve.gap", "", "BAD_RULE_VALUE"),
    ("solve.gap", "true", "BAD_RULE_VALUE"),
    ("solve.gap", "nan", "BAD_RULE_VALUE"),
    ("solve.gap", "1", "RULE_OUT_OF_RANGE"),
    ("solve.gap", "-0.1", "RULE_OUT_OF_RANGE"),
    ("solve.gap", "1\nother = 2", "BAD_RULE_VALUE"),
    ("solve.gap", "[0.1]", "BAD_RULE_VALUE"),
    ("solve.gap", "none", "BAD_RULE_VALUE"),
    ("solve.gap", "9" * 2000, "BAD_RULE_VALUE"),
    ("solve.gap", "9" * 900, "RULE_OUT_OF_RANGE"),
    ("solve.security_rounds", "2.5", "BAD_RULE_VALUE"),
    ("solve.security_rounds", "0", "RULE_OUT_OF_RANGE"),
    ("solve.security_rounds", "inf", "RULE_OUT_OF_RANGE"),
    ("reserves.ramp_sharing", "both", "BAD_RULE_VALUE"),
    ("reserves.ramp_sharing", "1", "BAD_RULE_VALUE"),
    ("reserves.positive_min_mw", "-1", "RULE_OUT_OF_RANGE"),
    ("reserves.positive_min_mw", "inf", "RULE_OUT_OF_RANGE"),
    ("reserves.renewable_share", "1.01", "RULE_OUT_OF_RANGE"),
    ("prices.cap_per_mwh", "1e8", "RULE_OUT_OF_RANGE"),
    ("prices.cap_per_mwh", "-2e6", "RULE_CONFLICT"),
    ("offers.floor_per_mwh", "2e6", "RULE_CONFLICT"),
    ("penalties.clearing.shortage", "[[10, 500]]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[[10, 500], [inf, 400]]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[[-1, 500], [inf, 600]]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[[inf, 500], [inf, 600]]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[[inf, 0]]", "RULE_OUT_OF_RANGE"),
    ("penalties.clearing.shortage", "[[inf, 1e10]]", "RULE_OUT_OF_RANGE"),
    ("penalties.clearing.shortage", "[[inf, nan]]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[[1, 2, 3]]", "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "[" * 900, "BAD_RULE_VALUE"),
    ("penalties.clearing.shortage", "{a = 1}", "BAD_RULE_VALUE"),
    ("solve.gapp", "1", "UNKNOWN_RULE"),
    ("solve", "1", "UNKNOWN_RULE"),
    ("", "1", "UNKNOWN_RULE"),
]


@pytest.mark.parametrize(("key", "raw", "code"), BAD)
def test_a_bad_override_is_refused_at_its_path(key: str, raw: str, code: str) -> None:
    with pytest.raises(RulesError) as refused:
        load("generic", overrides={key: raw})
    (finding,) = refused.value.findings
    assert (finding.code, finding.path) == (code, f"rules.overrides[{key}]")
    assert len(finding.value) <= 80


def test_all_bad_overrides_are_named_at_once() -> None:
    keys = {"solve.gap": "x", "offers.max_segments": "0", "reserves.ramp_sharing": "no", "nothing": "1"}
    with pytest.raises(RulesError) as refused:
        load("generic", overrides=keys)
    assert {f.subject for f in refused.value.findings} == set(keys)


def test_a_near_miss_is_told_the_right_key() -> None:
    with pytest.raises(RulesError) as refused:
        load("generic", overrides={"solve.gapp": "1"})
    assert "solve.gap" in refused.value.findings[0].limit


@pytest.mark.parametrize(
    ("name", "version", "code", "path"),
    [
        ("nowhere", "", "UNKNOWN_RULE_SET", "rules.name"),
        ("../generic", "", "UNKNOWN_RULE_SET", "rules.name"),
        ("generic", "7", "UNKNOWN_RULE_SET_VERSION", "rules.version"),
    ],
)
def test_an_unknown_rule_set_is_refused(name: str, version: str, code: str, path: str) -> None:
    with pytest.raises(RulesError) as refused:
        load(name, version)
    assert [(f.code, f.path) for f in refused.value.findings] == [(code, path)]


@settings(deadline=None)  # shared machines
@given(raw=st.text(max_size=60), key=st.sampled_from(sorted(READ)))
def test_any_text_is_either_taken_or_refused_with_findings(raw: str, key: str) -> None:
    problem, value = _override(key, raw, ENTRIES)
    if problem is None:
        assert parse(text(value), ENTRIES[key].setting) == value
    else:
        assert problem.code in {"BAD_RULE_VALUE", "RULE_OUT_OF_RANGE"}


@settings(deadline=None)  # shared machines
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_their_text(number: float) -> None:
    assert parse(text(number), Setting(Kind.NUMBER)) == number


BROKEN = [
    ("", "BAD_RULE_SET", "rules.name"),
    ("name = ", "BAD_RULE_SET", "rules"),
    ("[solve.gap]\nvalue = 2\nclause = 'c'\nused_by = 'u'\n", "BAD_RULE_SET", "rules.solve.gap"),
    ("[solve.gap]\nvalue = 0.1\nused_by = 'u'\n", "BAD_RULE_SET", "rules.solve.gap"),
    ("[solve.gap]\nvalue = 0.1\nclause = 'c'\nused_by = 'u'\nunits = 'MW'\n", "BAD_RULE_SET", "rules.solve.gap"),
    ("[a.b]\nvalue = 0.1\nclause = 'c'\nused_by = 'u'\n", "BAD_RULE_SET", "rules.a.b"),
    ("[a]\nb = 1\n", "BAD_RULE_SET", "rules.a.b"),
    ("", "MISSING_RULE", "rules.solve.gap"),
]


@pytest.mark.parametrize(("toml", "code", "path"), BROKEN)
def test_a_broken_rule_set_is_refused(toml: str, code: str, path: str) -> None:
    with pytest.raises(RulesError) as refused:
        read(toml)
    assert (code, path) in {(f.code, f.path) for f in refused.value.findings}


def test_the_wheel_carries_the_rule_sets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"clearing/rules/generic.toml", "clearing/rules/shandong_trial.toml"} <= set(names)


def test_real_time_is_never_held_to_the_positive_reserve() -> None:
    reserves = load("shandong-trial").reserves
    assert (reserves.positive_min_in, reserves.positive_max_in) == (HeldIn.DISPATCH, HeldIn.DISPATCH)
    held = of_real_time(load("shandong-trial")).reserves
    assert (held.positive_min_in, held.positive_max_in) == (HeldIn.COMMITMENT, HeldIn.COMMITMENT)
