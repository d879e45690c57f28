"""Docstrings of this house (plain text, columns `name   meaning`, formulae indented) as reStructuredText."""

from __future__ import annotations

import re
from itertools import groupby

COLUMN = re.compile(r"^(\S+(?: \S+)*) {2,}(\S.*)$")
NAMED = re.compile(r"^([a-z_]+): (.*)$")
SPECIAL = re.compile(r"([\\*|_])")


def rst(lines: list[str]) -> list[str]:
    """The same text, its columns as lists, its formulae as literal blocks, nothing else read as markup."""
    made: list[str] = []
    for blank, paragraph in groupby(lines, key=lambda line: not line.strip()):
        if not blank:
            made += [*_paragraph([line.rstrip() for line in paragraph]), ""]
    return made


def _paragraph(lines: list[str]) -> list[str]:
    if lines[0].startswith("    "):
        return ["::", "", *lines]
    made: list[str] = []
    for line in lines:
        found = COLUMN.match(line) or NAMED.match(line)
        if found:
            if made and not made[-1].startswith(("* ", "  ")):
                made.append("")
            made.append(f"* ``{found[1]}``: {_escaped(found[2])}")
        else:
            inside = made and made[-1].startswith(("* ", "  ")) and line.startswith(" ")
            if made and made[-1].startswith(("* ", "  ")) and not inside:
                made.append("")
            made.append(f"  {_escaped(line.strip())}" if inside else _escaped(line.strip()))
    return made


def _escaped(text: str) -> str:
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return SPECIAL.sub(r"\\\1", text.replace("`", "'"))
    return "".join(SPECIAL.sub(r"\\\1", part) if n % 2 == 0 else f"``{part}``" for n, part in enumerate(parts))


def brief(signature: str) -> str:
    """A signature whose defaults that are tables themselves (`UnitGroups(id=(), …)`) are shortened to `...`."""
    kept, depth, default = "", 0, ""
    for sign in signature[1:]:
        if depth == 0 and sign in ",)":
            kept, default = kept + (" = ..." if "(" in default.removeprefix(" = ()") else default) + sign, ""
        elif depth == 0 and sign == "=":
            kept, default = kept.rstrip(), " ="
        elif default:
            default += sign
        else:
            kept += sign
        depth += (sign in "([{") - (sign in ")]}" and depth > 0)
    return signature[:1] + kept
