"""Changes to good inputs: bytes, tokens, lines, cells and JSON nodes; all draws come from the given generator."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from tests.fuzz.seeds import Input

Random = random.Random
MOST_BYTES = 2_000_000
NUMBERS = (
    "0", "-0", "-1", "1", "2", "0.5", "-0.5", "1e-9", "1e9", "1e12", "-1e12", "1e300", "-1e300", "1e308", "1e999",
    "-1e999", "NaN", "nan", "Inf", "-Inf", "Infinity", "-Infinity", "2147483648", "-2147483649",
    "9223372036854775808",
    "18446744073709551616", "1" + "0" * 400, "0x10", "1_000", "１２", "1,5", "1e", "--1", "+1", ".", "", " ",
    "7.0", "3.5", "10001", "100000000", "4294967297",
)  # fmt: skip
WORDS = (
    "null", "true", "false", "None", "[]", "{}", "[1]", '{"a": 1}', '""', '"x"', "'", '"', "\\", "\x00", "\ufeff", "é",
    "电", "\u202e", "a" * 5000, "%", "%{", "...", ";", ",", "\t", "\n", "\r", "=", "#", "../../etc/passwd", "/dev/zero",
    "system", "1:3", "NA", "24:00", "D+1 00:15", "2020-02-30", "0000-00-00", "9999-12-31",
)  # fmt: skip
NODES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 0.5, -0.5, 1e12, 1e300, -1e300, 1e-300, 10**30, 2**63, 10001, "", "x", "NaN", "1",
    "0", "north", "a", [], {}, [0], [None], [[]], [1, 2], ["x"], {"": 0}, {"a": {}}, [1] * 3, [0.0] * 4,
    {"data_type": "x"},
    {"data_type": "time_series", "values": [1.0]}, {"data_type": "time_series", "values": 3}, float("inf"),
    float("nan"),
)  # fmt: skip
_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
_WORD = re.compile(r"[A-Za-z_]\w*")


def mutated(source: Input, random: Random, others: Sequence[Input]) -> Input:
    """The input with one to four changes, mostly in one file; `others` lend pieces."""
    files = dict(source)
    names = sorted(files)
    if len(names) > 1 and random.random() < 0.03:
        files.pop(random.choice(names))
        return files
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        name = random.choice(sorted(files))
        try:
            files[name] = _changed(name, files[name], random, others)[:MOST_BYTES]
        except (RecursionError, OverflowError, ValueError):  # too deep or too great to be changed node by node
            files[name] = _bytes(files[name], random)[:MOST_BYTES]
    return files


def _changed(name: str, data: bytes, random: Random, others: Sequence[Input]) -> bytes:
    if name.endswith(".gz") and random.random() < 0.9:
        return _packed(data, random, others)
    if name.endswith(".json") and random.random() < 0.6:
        found = _json(data, random)
        if found is not None:
            return found
    if name.endswith(".csv") and random.random() < 0.5:
        return _cells(data, random)
    changes: list[Callable[[], bytes]] = [
        lambda: _tokens(data, random),
        lambda: _tokens(data, random),
        lambda: _lines(data, random),
        lambda: _bytes(data, random),
        lambda: _spliced(name, data, random, others),
    ]
    return random.choice(changes)()


def _packed(data: bytes, random: Random, others: Sequence[Input]) -> bytes:
    try:
        inside = gzip.decompress(data)
    except (OSError, EOFError, ValueError, zlib.error):
        return _bytes(data, random)
    return gzip.compress(_changed("inside.json", inside, random, others), compresslevel=1, mtime=0)


def _tokens(data: bytes, random: Random) -> bytes:
    """Some numbers or words replaced."""
    text = data.decode("utf-8", "surrogateescape")
    pattern = _NUMBER if random.random() < 0.7 else _WORD
    found = [m.span() for m in pattern.finditer(text)]
    if not found:
        return _bytes(data, random)
    for first, last in sorted(random.sample(found, min(len(found), random.choice((1, 1, 1, 2, 5)))), reverse=True):
        text = text[:first] + random.choice(NUMBERS if random.random() < 0.7 else WORDS) + text[last:]
    return text.encode("utf-8", "surrogateescape")


def _lines(data: bytes, random: Random) -> bytes:
    """A line away, twice, elsewhere, cut, joined to the next, or many times."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    match random.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines.insert(random.randrange(len(lines)), lines.pop(at))
        case 3:
            lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]
        case 4:
            lines[at : at + 2] = [b"".join(lines[at : at + 2])]
        case _:
            lines[at:at] = [lines[at]] * random.choice((3, 30, 300))
    return b"\n".join(lines)


def _bytes(data: bytes, random: Random) -> bytes:
    """Bits, pieces away, pieces twice, bytes in between, nesting, the end cut off."""
    found = bytearray(data)
    at = random.randrange(len(found) + 1)
    size = random.choice((1, 1, 2, 4, 16, 256))
    match random.randrange(6):
        case 0 if found:
            for _ in range(random.choice((1, 2, 8))):
                found[random.randrange(len(found))] ^= 1 << random.randrange(8)
        case 1:
            del found[at : at + size]
        case 2:
            found[at:at] = found[at : at + size] * random.choice((1, 2, 50))
        case 3:
            found[at:at] = random.randbytes(size)
        case 4:
            found[at:at] = random.choice((b"[", b"{", b"(", b'{"a":', b'"')) * random.choice((1, 10, 5000))
        case _:
            del found[at:]
    return bytes(found)


def _spliced(name: str, data: bytes, random: Random, others: Sequence[Input]) -> bytes:
    """A piece of another input, or of another file of this kind, put in."""
    donor = random.choice(others)
    kin = [key for key in donor if key.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]] or list(donor)
    lent = donor[random.choice(sorted(kin))]
    first = random.randrange(len(lent) + 1)
    at = random.randrange(len(data) + 1)
    piece = lent[first : first + random.choice((4, 40, 400, 4000))]
    return data[:at] + piece + data[at + random.choice((0, len(piece))) :]


def _cells(data: bytes, random: Random) -> bytes:
    """Cells of a CSV table replaced, a column away, twice or renamed."""
    rows = [line.split(",") for line in data.decode("utf-8", "surrogateescape").split("\n")]
    filled = [k for k, row in enumerate(rows) if any(row)]
    if not filled:
        return _bytes(data, random)
    row = rows[random.choice(filled)]
    column = random.randrange(len(row))
    match random.randrange(5):
        case 0:
            for own in rows:
                del own[column : column + 1]
        case 1:
            for own in rows:
                own[column:column] = own[column : column + 1]
        case 2:
            rows[0][random.randrange(len(rows[0]))] = random.choice((*WORDS, *NUMBERS))
        case 3:
            mate = rows[random.choice(filled)]
            row[column] = mate[min(column, len(mate) - 1)]
        case _:
            row[column] = random.choice(NUMBERS if random.random() < 0.7 else WORDS)
    return "\n".join(",".join(own) for own in rows).encode("utf-8", "surrogateescape")


def _json(data: bytes, random: Random) -> bytes | None:
    """A node of a JSON file replaced, away, renamed, twice or moved; None where the file is none."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places = list(_places(tree))
    if not places:
        return None
    holder, key = random.choice(places)
    match random.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[random.choice(("", "x", str(key) + " ", str(key).upper(), "id"))] = holder.pop(key)
        case 2:
            other, name = random.choice(places)
            holder[key] = json.loads(json.dumps(other[name]))
        case 3 if isinstance(holder, list):
            holder[key:key] = [holder[key]] * random.choice((1, 3, 1000))
        case 4 if isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
            holder[key] = random.choice(
                (-holder[key], holder[key] * 1e6, holder[key] + 1, str(holder[key]), [holder[key]])
            )
        case _:
            holder[key] = random.choice(NODES)
    return json.dumps(tree).encode("utf-8", "surrogatepass")


def _places(tree: Any) -> Any:
    """(holder, key) of every node, whatever the depth."""
    waiting = [tree]
    while waiting:
        holder = waiting.pop()
        items = (
            list(holder.items())
            if isinstance(holder, dict)
            else list(enumerate(holder))
            if isinstance(holder, list)
            else []
        )
        for key, value in items:
            yield holder, key
            waiting.append(value)
