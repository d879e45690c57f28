"""docs/rules.md shows the rule sets as they are."""

from __future__ import annotations

from tests.rules.page import MARK, PAGE, tables


def test_the_page_is_fresh() -> None:
    head, shown = PAGE.read_text(encoding="utf-8").split(MARK)
    assert shown == tables()
    assert "overrides" in head
