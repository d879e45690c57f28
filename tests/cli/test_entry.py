"""The command looks for a place where compiled code may be kept before it loads what needs one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTED = """
import sys
from clearing import __main__ as entry
assert "numba" not in sys.modules
place = sys.argv.pop()
entry.numba_cache = lambda wanted, sources: place
try:
    entry.main()
except SystemExit as ended:
    assert not ended.code
import numba
assert numba.config.CACHE_DIR == place
"""


def test_a_place_for_compiled_code_is_found_before_the_commands(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": "", "PYTHONPATH": f"{ROOT}/src"}
    ended = subprocess.run(
        [sys.executable, "-c", STARTED, "--help", str(tmp_path)], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "Usage" in ended.stdout


WITHOUT_EXTRAS = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in {"jinja2", "plotly", "starlette", "distributed", "pyarrow", "pyscipopt", "highsbox"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import clearing.cli.main
"""


def test_the_commands_load_without_any_extra() -> None:
    """As in the image, which serves and has none of them."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/src"}
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
