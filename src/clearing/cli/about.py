"""Provenance for reports and JSON, from an answer or from the files of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clearing.cli.status import bad_input
from clearing.client import Answer
from clearing.report.about import About, SystemReserveRule
from clearing.rules.load import RuleSetDescription

RUN_INFO_FILE = "run_info.json"
RESERVE_KEYS = ("positive_min_mw", "positive_max_mw", "negative_min_mw", "renewable_share", "storage_minutes")


def about_answer(answer: Answer, rule_sets: tuple[RuleSetDescription, ...]) -> About:
    """Provenance of an answer; rule_sets: of the server that gave it."""
    echo, info = answer.raw.result.rules, answer.run_info
    overrides = tuple((o.key, o.value) for o in echo.overrides)
    return About(
        rules_name=echo.name,
        rules_version=echo.version,
        rules_digest=echo.digest,
        rules_overrides=overrides,
        request_id=info.request_id,
        request_digest=info.request_digest,
        server_version=info.server_version,
        solver_version=info.solver_version,
        wall_seconds=info.wall_seconds,
        queue_seconds=info.queue_seconds,
        threads=info.threads,
        stage_seconds=info.stage_seconds,
        system_reserves=system_reserves(echo.name, echo.version, dict(overrides), rule_sets),
    )


def system_reserves(
    name: str, version: str, overrides: Mapping[str, str], rule_sets: tuple[RuleSetDescription, ...]
) -> SystemReserveRule:
    """Values of the rule set, overrides applied, that the reserve pictures need; defaults where it is not known."""
    values = {v.key: v.value for r in rule_sets if (r.name, r.version) == (name, version) for v in r.values}
    values |= overrides
    found = {key: _number(values.get(f"reserves.{key}", "")) for key in RESERVE_KEYS}
    rule = SystemReserveRule()
    share, minutes = found["renewable_share"], found["storage_minutes"]
    return SystemReserveRule(
        positive_min_mw=found["positive_min_mw"],
        positive_max_mw=found["positive_max_mw"],
        negative_min_mw=found["negative_min_mw"],
        renewable_share=rule.renewable_share if share is None else share,
        storage_minutes=rule.storage_minutes if minutes is None else minutes,
    )


def _number(text: str) -> float | None:
    """A value of a rule set as a number; None where it is a word ('none')."""
    try:
        return float(text)
    except ValueError:
        return None


def about_files(result_path: Path, rule_sets: tuple[RuleSetDescription, ...]) -> About:
    """Provenance of a result file: its echo of the rules, and `run_info.json` where it stands beside it."""
    try:
        return _about(json_object(result_path), json_object(result_path.with_name(RUN_INFO_FILE)), rule_sets)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise bad_input("BAD_JSON", "This is no RunInfo.", path=RUN_INFO_FILE) from None


def _about(result: dict[str, Any], info: dict[str, Any], rule_sets: tuple[RuleSetDescription, ...]) -> About:
    echo = result.get("rules")
    rules = echo if isinstance(echo, dict) else {}
    overrides = tuple((str(o["key"]), str(o.get("value", ""))) for o in rules.get("overrides", []))
    name, version = str(rules.get("name", "")), str(rules.get("version", ""))
    return About(
        rules_name=name,
        rules_version=version,
        rules_digest=str(rules.get("digest", "")),
        rules_overrides=overrides,
        request_id=str(info.get("request_id", "")),
        request_digest=str(info.get("request_digest", "")),
        server_version=str(info.get("server_version", "")),
        solver_version=str(info.get("solver_version", "")),
        wall_seconds=float(info["wall_seconds"]) if "wall_seconds" in info else None,
        queue_seconds=float(info["queue_seconds"]) if "queue_seconds" in info else None,
        threads=int(info.get("threads", 0)),
        stage_seconds=tuple((str(s["stage"]), float(s.get("seconds", 0.0))) for s in info.get("stage_seconds", [])),
        system_reserves=system_reserves(name, version, dict(overrides), rule_sets),
    )


def json_object(path: Path) -> dict[str, Any]:
    """A ProtoJSON file that has been read before, or that is only of use; empty where it is not there or not JSON."""
    if path.suffix != ".json" or not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
