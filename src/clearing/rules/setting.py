"""What a value of a setting may be, how its text is read, and how it is written back."""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from dataclasses import dataclass
from enum import Enum

from clearing.rules.rules import Steps

Value = float | int | str | None | Steps | tuple[str, ...] | tuple[float, ...]
"""A number, a whole number, a choice, None (`none`), a stepped penalty, a list of names, or a list of numbers."""

MOST_TEXT = 1000  # characters of an override; keeps hostile nesting away from the parser
MOST_STEPS = 10
MOST_PENALTY = 1e9
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*\Z")
_TOML_WORDS = {"true", "false", "inf", "nan"}


class Kind(Enum):
    """How a value is understood."""

    NUMBER = "number"
    OPTIONAL_NUMBER = "number or none"
    WHOLE = "whole number"
    CHOICE = "choice"
    STEPS = "stepped penalty"
    NAMES = "list of names"
    NUMBERS = "list of numbers"


@dataclass(frozen=True, slots=True)
class Setting:
    """Kind and limits: numbers lie in [low, high]; choices are the words a CHOICE or NAMES may hold; count: how many
    numbers a NUMBERS has, and not all of them 0; None = any."""

    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    count: int | None = None

    def limit(self) -> str:
        """What a value must be, as text for findings and documents."""
        if self.kind in {Kind.CHOICE, Kind.NAMES}:
            return f"{self.kind.value}: {', '.join(self.choices)}"
        if self.kind is Kind.STEPS:
            return "[[MW, price], …, [inf, price]] with MW > 0, prices rising in (0, 1e9]; or one price"
        return f"{self.kind.value} in [{text(self.low)}, {text(self.high)}]"


class BadValueError(ValueError):
    """The text or type of a value does not fit its setting."""


class OutOfRangeError(ValueError):
    """The value is understood but lies outside the limits of its setting."""


def text(value: Value) -> str:
    """Canonical text of a value; `parse` reads it back to an equal value."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "[" + ", ".join(_item_text(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else repr(value).removesuffix(".0")


def _item_text(item: str | float | tuple[float, float]) -> str:
    if isinstance(item, tuple):
        return f"[{text(item[0])}, {text(item[1])}]"
    return f'"{item}"' if isinstance(item, str) else text(item)


def parse(raw: str, setting: Setting) -> Value:
    """Value of an override's text. Raises BadValueError, OutOfRangeError."""
    if len(raw) > MOST_TEXT:
        raise BadValueError(f"longer than {MOST_TEXT} characters")
    word = raw.strip()
    if _WORD.match(word) and word not in _TOML_WORDS:
        return convert(word, setting)
    if "\n" in word or "\r" in word:
        raise BadValueError("more than one line")
    try:
        value = tomllib.loads(f"value = {word}")["value"]
    except (ValueError, RecursionError) as error:
        raise BadValueError("neither a number, a word nor a list") from error
    return convert(value, setting)


def convert(value: object, setting: Setting) -> Value:
    """Value of a parsed TOML object in the type of its setting. Raises BadValueError, OutOfRangeError."""
    match setting.kind:
        case Kind.OPTIONAL_NUMBER if value == "none":
            return None
        case Kind.NUMBER | Kind.OPTIONAL_NUMBER:
            return _within(_number(value), setting)
        case Kind.WHOLE:
            number = _within(_number(value), setting)
            if number != int(number):
                raise BadValueError("not a whole number")
            return int(number)
        case Kind.CHOICE:
            return _choice(value, setting)
        case Kind.NAMES | Kind.NUMBERS:
            return _list(value, setting)
        case Kind.STEPS:
            return _steps(value)
    raise AssertionError(setting.kind)


def _list(value: object, setting: Setting) -> tuple[str, ...] | tuple[float, ...]:
    if not isinstance(value, list):
        raise BadValueError(f"not a {setting.kind.value}")
    if setting.kind is Kind.NAMES:
        return tuple(_choice(item, setting) for item in value)
    if len(value) > MOST_STEPS or setting.count not in {None, len(value)}:
        raise BadValueError(f"not {setting.count or f'at most {MOST_STEPS}'} numbers")
    found = tuple(_within(_number(item), setting) for item in value)
    if setting.count and not any(found):
        raise OutOfRangeError("every number is 0")
    return found


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValueError("not a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise OutOfRangeError("too large") from error
    if math.isnan(number):
        raise BadValueError("NaN is not a value")
    return number


def _within(number: float, setting: Setting) -> float:
    if not (setting.low <= number <= setting.high) or math.isinf(number):
        raise OutOfRangeError("outside the limits")
    return number


def _choice(value: object, setting: Setting) -> str:
    if not isinstance(value, str) or value not in setting.choices:
        raise BadValueError("not one of the choices")
    return value


def _steps(value: object) -> Steps:
    rows = value if isinstance(value, list) else [[math.inf, value]]
    if not 1 <= len(rows) <= MOST_STEPS:
        raise BadValueError(f"not 1 to {MOST_STEPS} steps")
    steps = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 2:
            raise BadValueError("a step is [MW, price]")
        steps.append((_number(row[0]), _number(row[1])))
    widths, prices = [s[0] for s in steps], [s[1] for s in steps]
    if widths[-1] != math.inf or not all(0 < w < math.inf for w in widths[:-1]):
        raise BadValueError("the last step, and only that, is inf MW wide, and every other > 0")
    if not all(0 < p <= MOST_PENALTY for p in prices):
        raise OutOfRangeError("a price of a step is outside (0, 1e9]")
    if any(b < a for a, b in itertools.pairwise(prices)):
        raise BadValueError("prices of the steps fall")
    return tuple(steps)
