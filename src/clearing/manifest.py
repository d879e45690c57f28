"""What a reply says about how it was made, so that a run can be repeated: components, and the options that counted."""

from __future__ import annotations

import platform
from dataclasses import replace
from functools import cache
from importlib import metadata

from clearing.rules.rules import Rules
from clearing.solve.control import RunControl
from clearing.solve.options import DEFAULT_NODES, SolveOptions

PACKAGES = ("clearing", "highspy", "llvmlite", "numba", "numpy", "protobuf", "scipy")
"""Packages that compute, or that turn numbers into bytes."""


@cache
def components() -> tuple[tuple[str, str], ...]:
    """(name, version) of interpreter, platform and packages, by name."""
    found = {name: _version(name) for name in PACKAGES}
    found["python"] = platform.python_version()
    found["platform"] = f"{platform.system()} {platform.machine()} {platform.libc_ver()[1]}".strip()
    return tuple(sorted(found.items()))


def options_used(options: SolveOptions, rules: Rules, control: RunControl) -> SolveOptions:
    """Options with what rule set and server put in where the caller named nothing."""
    return replace(
        options,
        gap=rules.solve.gap if options.gap is None else options.gap,
        time_limit_seconds=None if options.reproducible else options.time_limit_seconds or control.budget,
        work_limit_nodes=options.work_limit_nodes or (DEFAULT_NODES if options.reproducible else None),
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
