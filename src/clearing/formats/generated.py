"""A case made by the generator of a scenario folder, instead of read from a file.

The generator is a Python file of the folder, and its neighbours are its package: it may say `from . import series`.
Folders beside its own are packages beside it: what two scenarios share stands there, `from ..shared import series`.

    OPTIONS: tuple[str, ...]          options it takes, as text
    make(**options: str) -> Case      raises FormatError

Like a Makefile it runs with the rights of whoever reads the scenario. Nothing in a folder may start it: only the
format `generator`, named by the reader, does (`formats/registry.py`), so only name it for scenarios you would run.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from types import ModuleType

from clearing.case.case import Case
from clearing.formats.findings import Problems, refuse

SUFFIX = ".py"


def generate(folder: Path, file: str, options: dict[str, str]) -> Case:
    """Run `make` of the generator `file` of a scenario folder. Raises FormatError."""
    path = folder / file
    if Path(file).name != file or path.suffix != SUFFIX or not path.stem.isidentifier():
        raise refuse("OUT_OF_RANGE", "case.generator", "A generator is a Python file of the folder.", value=file)
    if not path.is_file():
        raise refuse("FILE_NOT_FOUND", file, "There is no such file.")
    module = _load(path)
    known = tuple(str(name) for name in getattr(module, "OPTIONS", ()))
    make = getattr(module, "make", None)
    if not callable(make):
        raise refuse("MISSING_FIELD", f"{file}:make", "The generator has no function `make`.")
    problems = Problems()
    for option in sorted(set(options) - set(known)):
        problems.add(
            "UNKNOWN_OPTION",
            f"{folder.name}:{option}",
            "The generator has no such option.",
            value=option,
            limit=", ".join(known),
        )
    problems.stop()
    case = make(**options)
    if not isinstance(case, Case):
        raise refuse("WRONG_TYPE", f"{file}:make", "The generator did not give a case.", value=type(case).__name__)
    return case


def _load(path: Path) -> ModuleType:
    """Import the generator as a module of a package that is its folder, within one that holds the folder's neighbours.

    The names of both are of no other folder.
    """
    folder = path.parent.resolve()
    beside = _package(f"_scenarios_{_digest(folder.parent)}", folder.parent)
    package = _package(f"{beside}.of_{_digest(folder)}", folder)
    importlib.invalidate_caches()
    return importlib.import_module(f"{package}.{path.stem}")


def _package(name: str, folder: Path) -> str:
    if name not in sys.modules:
        package = ModuleType(name, f"The folder {folder.name}.")
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name


def _digest(folder: Path) -> str:
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]
