"""Generate `src/clearing/v1` from `proto/` (`make protos`), or prove with `--check` that it is fresh.

Messages, services and their typed stubs come from the pinned grpcio-tools and mypy-protobuf of the dev extra, so
that the same sources always give the same bytes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
PACKAGE = Path("clearing/v1")
TARGET = ROOT / "src" / PACKAGE
WELL_KNOWN = Path(protoc.__file__).parent / "_proto"


def generate(destination: Path) -> None:
    """Write the package for every proto file below `destination`; raises RuntimeError with protoc's code."""
    bin_folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = bin_folder + os.pathsep + os.environ.get("PATH", "")
    files = sorted(str(path.relative_to(PROTO)) for path in (PROTO / PACKAGE).glob("*.proto"))
    plugins = ("python", "grpc_python", "mypy", "mypy_grpc")
    outputs = [f"--{plugin}_out={destination}" for plugin in plugins]
    code = protoc.main(["protoc", f"-I{PROTO}", f"-I{WELL_KNOWN}", *outputs, *files])
    if code:
        raise RuntimeError(f"protoc failed with code {code}")
    (destination / PACKAGE / "__init__.py").touch()
    for grpc in (destination / PACKAGE).glob("*_pb2_grpc.py*"):
        if "service " not in (PROTO / PACKAGE / f"{grpc.name.split('_pb2')[0]}.proto").read_text():
            grpc.unlink()  # files without a service give empty stubs


def contents(folder: Path) -> dict[str, bytes]:
    """Name → bytes of the generated files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.py*")) if path.is_file()}


def differences(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """One line a file that is missing, left over or stale."""
    lines = [f"missing: {name}" for name in sorted(expected.keys() - found.keys())]
    lines += [f"left over: {name}" for name in sorted(found.keys() - expected.keys())]
    return lines + [
        f"stale: {name}" for name in sorted(expected.keys() & found.keys()) if expected[name] != found[name]
    ]


def main(arguments: list[str]) -> int:
    """Generate, or compare what a fresh generation gives with what is checked in."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            generate(Path(folder))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
        expected = contents(Path(folder) / PACKAGE)
    if "--check" in arguments:
        lines = differences(expected, contents(TARGET))
        for line in lines:
            print(f"src/{PACKAGE}: {line}; run `make protos`", file=sys.stderr)
        return 1 if lines else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in contents(TARGET).keys() - expected.keys():
        (TARGET / name).unlink()
    for name, data in expected.items():
        (TARGET / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
