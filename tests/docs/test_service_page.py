"""docs/service.md names every setting with its default and every end of a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clearing.case.result import Reason
from clearing.server.settings import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`CLEARING_[^|]+) \| ([^|]+) \|", PAGE, re.MULTILINE)
SHOWN = {name: default for names, default in ROWS for name in re.findall(r"`CLEARING_([A-Z_]+)`", names)}


def test_every_setting_is_on_the_page_and_back() -> None:
    assert {name.lower() for name in SHOWN} == set(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_defaults_on_the_page_hold(name: str) -> None:
    default = Settings.model_fields[name.lower()].default
    shown = SHOWN[name]
    assert shown == ("none" if default is None else f"{default:g}" if isinstance(default, float) else str(default))


def test_every_end_of_a_run_is_on_the_page() -> None:
    reasons = {reason.name for reason in Reason} - {"UNSPECIFIED"}
    assert {name for name in reasons if not re.search(rf"^\|.*\b{name}\b", PAGE, re.MULTILINE)} == set()
