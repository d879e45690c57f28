"""Write the hashed requirements locks from pyproject.toml (`make lock`).

Four files, one set of versions: `requirements-dev.lock` is resolved first and constrains the others.
No index address and no path of this machine gets into them: configuration files of uv are not read, the
hashes are those of the public index, and any line that is neither a pin nor a hash is refused.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {
    "requirements-dev.lock": ("auth", "otel", "report", "parquet", "dask", "console", "cases", "bench", "docs", "dev"),
    "requirements.lock": ("auth", "otel"),
    "requirements-demo.lock": ("auth", "report", "cases"),
}
BUILD_LOCK = "requirements-build.lock"
BUILD_REQUIREMENTS = "hatchling\neditables\n"
PIN = re.compile(r"[a-z0-9][a-z0-9.-]*==[^\s;]+( ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def compile_lock(name: str, arguments: list[str], stdin: str | None = None) -> None:
    """Resolve one lock file with uv, keeping the versions it already holds unless asked to upgrade."""
    command = [
        str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-config",
        "--custom-compile-command", "make lock", "--output-file", name, *arguments,
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True, input=stdin, text=True)


def leaks(text: str) -> list[str]:
    """Lines of a lock file that are neither a comment of ours, a pin, nor a hash."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [line for line in lines if not (PIN.fullmatch(line) or HASH.fullmatch(line))]


def main(arguments: list[str]) -> int:
    """Write all locks; `--upgrade` takes the newest versions that pyproject.toml allows."""
    upgrade = ["--upgrade"] if "--upgrade" in arguments else []
    for name, extras in EXTRAS.items():
        constraint = [] if name == "requirements-dev.lock" else ["--constraint", "requirements-dev.lock"]
        compile_lock(name, ["pyproject.toml", *(f"--extra={extra}" for extra in extras), *constraint, *upgrade])
    compile_lock(BUILD_LOCK, ["-", "--constraint", "requirements-dev.lock", *upgrade], BUILD_REQUIREMENTS)
    found = [(name, line) for name in (*EXTRAS, BUILD_LOCK) for line in leaks((ROOT / name).read_text())]
    for name, line in found:
        print(f"{name}: unexpected line: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
