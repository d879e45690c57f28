"""The tables of docs/rules.md, from the rule sets themselves. Run as a module to write them into the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from clearing.rules.load import RuleSetDescription, rule_sets

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
MARK = "<!-- the tables below are written by `python -m tests.rules.page` -->\n"


def tables() -> str:
    """All rule sets as Markdown."""
    return "\n".join(_table(s) for s in rule_sets())


def _own(s: RuleSetDescription) -> RuleSetDescription:
    """The values that are not those of the rule set it extends."""
    base = {v for b in rule_sets() if b.name == s.extends for v in b.values}
    return replace(s, values=tuple(v for v in s.values if v not in base))


def _table(s: RuleSetDescription) -> str:
    lines = [f"\n## {s.name}, version {s.version}\n", f"{s.title}. Digest `{s.digest}`.\n"]
    if s.extends:
        lines += [f"Everything else as in `{s.extends}`.\n"]
        s = _own(s)
    lines += ["| key | value | unit | clause | note | used by |", "|---|---|---|---|---|---|"]
    lines += [f"| `{v.key}` | `{v.value}` | {v.unit} | {v.clause} | {v.note} | {v.used_by} |" for v in s.values]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the tables behind the mark."""
    head = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    PAGE.write_text(head + MARK + tables(), encoding="utf-8")


if __name__ == "__main__":
    main()
