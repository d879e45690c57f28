"""The command `clearing`: a place where compiled code may be kept, and then the commands, whose modules need one.

An image is read-only, and numba fails at import where it can write neither beside the sources nor where it is told to.
"""

from __future__ import annotations

import os
from pathlib import Path

import clearing
from clearing.server.environment import numba_cache


def main() -> None:
    """Run the command line."""
    cache = numba_cache(os.environ.get("NUMBA_CACHE_DIR", ""), Path(clearing.__file__).parent)
    if cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
    from clearing.cli.main import app  # noqa: PLC0415

    app()


if __name__ == "__main__":
    main()
