"""What a reader found wrong with a file: everything at once, never a traceback."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from clearing.case.finding import Finding, Severity

T = TypeVar("T")

MOST_FINDINGS = 100
"""A file that is wrong in every line is reported by its first hundred faults."""


class FormatError(Exception):
    """A file that cannot be read as a case; `findings` says where and why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{f.path}: {f.message}" for f in findings[:5]))


class Problems:
    """Gathers findings while a reader goes on, so that one reading names all faults."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self, code: str, path: str, message: str, *, subject: str = "", value: object = "", limit: str = ""
    ) -> None:
        """Record an ERROR; `path` is file and place, e.g. `units.csv:p_min_mw:row 3`."""
        if len(self.findings) < MOST_FINDINGS:
            text = str(value)[:80]
            self.findings.append(Finding(Severity.ERROR, code, path, message, subject=subject, value=text, limit=limit))

    def stop(self) -> None:
        """Raise FormatError if anything was recorded."""
        if self.findings:
            raise FormatError(tuple(self.findings))


def refuse(code: str, path: str, message: str, *, value: object = "", limit: str = "") -> FormatError:
    """A FormatError with a single finding."""
    problems = Problems()
    problems.add(code, path, message, value=value, limit=limit)
    return FormatError(tuple(problems.findings))


def read_text(path: Path) -> str:
    """The text of a file (UTF-8, with or without byte order mark); FormatError if it cannot be had."""
    return _reading(path, lambda: path.read_text(encoding="utf-8-sig"))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; FormatError if they cannot be had."""
    return _reading(path, path.read_bytes)


def read_gzip_text(path: Path, most_bytes: int) -> str:
    """The text of a gzip file; FormatError if it cannot be had, or unpacks to more than `most_bytes`."""

    def unpacked() -> str:
        with gzip.open(path) as file:
            data = file.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise refuse("FILE_TOO_LARGE", path.name, "The file unpacks to more than is read.", limit=f"{most_bytes} B")
        return data.decode("utf-8-sig")

    try:
        return _reading(path, unpacked)
    except (EOFError, zlib.error):
        raise refuse("FILE_NOT_GZIP", path.name, "The file is not a whole gzip file.") from None


def is_special(path: Path) -> bool:
    """Whether something is there that is neither file nor folder: a device or a pipe, which may never end.

    False for names that no file can have: reading them says what is wrong.
    """
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _reading(path: Path, take: Callable[[], T]) -> T:
    if is_special(path):
        raise refuse("FILE_NOT_READABLE", path.name, "It is no file but a device or a pipe.")
    try:
        return take()
    except FileNotFoundError:
        raise refuse("FILE_NOT_FOUND", path.name, "There is no such file.") from None
    except UnicodeDecodeError:
        raise refuse("FILE_NOT_TEXT", path.name, "The file is not UTF-8 text.") from None
    except gzip.BadGzipFile:
        raise refuse("FILE_NOT_GZIP", path.name, "The file is not a whole gzip file.") from None
    except ValueError:  # a null byte in the name
        raise refuse("FILE_NOT_FOUND", path.name, "There is no such file.") from None
    except OSError as error:
        raise refuse("FILE_NOT_READABLE", path.name, f"The file cannot be read: {error.strerror}.") from None
