"""A scenario: a folder whose `scenario.toml` says where its case is and how to read it.

    [case]
    path = "case"                     a file or folder inside the scenario, or
    package = "name.of.a.package"     a folder of an installed Python package that carries the data, or
    generator = "make.py"             a Python file of the folder that makes the case (formats/generated.py)
    format = "rts-gmlc"               a key of FORMATS, or "auto"; not with a generator, and not `generator`
    [case.options]                    options of that reader or generator
    day = "2020-07-06"

README.md of the folder holds the story, expected.toml or expected.json the values it must give.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable
from pathlib import Path

from clearing.case.case import Case
from clearing.formats.findings import FormatError, Problems, read_text, refuse
from clearing.formats.generated import generate

FILE = "scenario.toml"
CONSENT = "generator"
"""The format whose name is the reader's consent to run the program of a scenario."""
SOURCES = ("path", "package", "generator")
KEYS = {*SOURCES, "format", "options"}


def recognises(path: Path) -> bool:
    """Whether the folder is a scenario."""
    return (path / FILE).is_file()


def read(path: Path, read_case: Callable[..., Case], options: dict[str, str], *, may_run: bool) -> Case:
    """Read the case of a scenario folder with `read_case(path, format, options)`; `options` win over the file's.

    may_run   whether the generator may be run, where one makes the case; consent is the caller's alone, so no folder
              can give it for another
    Raises FormatError.
    """
    problems = Problems()
    case = case_table(path)
    for key in sorted(set(case) - KEYS):
        problems.add("UNKNOWN_FIELD", f"{FILE}:case.{key}", "The field is not known.", value=key)
    stated = case.get("options", {})
    if not isinstance(stated, dict) or not all(isinstance(v, str | int) for v in stated.values()):
        problems.add("WRONG_TYPE", f"{FILE}:case.options", "Options are texts or whole numbers by name.")
    for key in (*SOURCES, "format"):
        if not isinstance(case.get(key, ""), str):
            problems.add("WRONG_TYPE", f"{FILE}:case.{key}", "A text is needed.", value=case[key])
    if sum(key in case for key in SOURCES) != 1:
        problems.add("MISSING_FIELD", f"{FILE}:case", "Exactly one of `path`, `package`, `generator` brings the case.")
    if "generator" in case and "format" in case:
        problems.add("UNKNOWN_FIELD", f"{FILE}:case.format", "A generator makes a case, not a file.", value="format")
    if case.get("format") == CONSENT:
        problems.add("OUT_OF_RANGE", f"{FILE}:case.format", "A scenario cannot consent to a program.", value=CONSENT)
    problems.stop()
    texts = {key: str(value) for key, value in stated.items()} if isinstance(stated, dict) else {}
    if "generator" in case:
        if not may_run:
            raise _not_asked(str(case["generator"]))
        return generate(path, str(case["generator"]), texts | options)
    place = path / str(case["path"]) if "path" in case else _package_folder(str(case["package"]))
    if "path" in case and not _inside(place, path):
        message = "The case is a file or folder inside the scenario."
        raise refuse("OUT_OF_RANGE", f"{FILE}:case.path", message, value=case["path"])
    return read_case(place, str(case.get("format", "auto")), texts | options)


def _inside(place: Path, folder: Path) -> bool:
    """Whether a path leads to something below a folder, whatever links and dots are on the way."""
    try:
        return folder.resolve() in place.resolve().parents
    except (OSError, ValueError, RuntimeError):  # too long, a null byte, links in a ring
        return False


def _not_asked(file: str) -> FormatError:
    return refuse(
        "GENERATOR_NOT_ALLOWED",
        f"{FILE}:case.generator",
        "A Python program of the folder makes this case, with your rights. If you trust it, "
        f"say `--format {CONSENT}` (in Python: format={CONSENT!r}).",
        value=file,
    )


def case_table(path: Path) -> dict[str, object]:
    """The table [case] of a scenario folder; raises FormatError."""
    try:
        content = tomllib.loads(read_text(path / FILE))
    except RecursionError:
        raise refuse("NOT_TOML", FILE, "The file is not TOML that can be read: too deep.") from None
    except ValueError as error:  # of TOML, or an integer of thousands of digits
        raise refuse("NOT_TOML", FILE, f"The file is not TOML: {error}.") from None
    case = content.get("case")
    if not isinstance(case, dict):
        raise refuse("MISSING_FIELD", f"{FILE}:case", "The table [case] is missing.")
    return case


def _package_folder(name: str) -> Path:
    """The folder of an installed package, found without importing it."""
    top, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(top) if all(part.isidentifier() for part in (top, *rest)) else None
    except ValueError:  # a module without a spec, such as __main__
        spec = None
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location).joinpath(*rest)
        if folder.is_dir():
            return folder
    raise refuse(
        "DATA_NOT_INSTALLED",
        f"{FILE}:case.package",
        "The package with the data is not installed (the extra `cases` brings those of the scenarios).",
        value=name,
    )
