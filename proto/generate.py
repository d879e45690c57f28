"""Generate src/clearing/v1 from the protos: messages, gRPC stubs and type stubs.

    python proto/generate.py           write src/clearing/v1
    python proto/generate.py --check   exit 1 when the checked-in code is stale

Needs grpcio-tools and mypy-protobuf (the `dev` extra); the lock pins both, so the output is reproducible.
"""

from __future__ import annotations

import argparse
import importlib.resources
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).resolve().parent
PACKAGE = Path("clearing/v1")
SOURCE = PROTO.parent / "src"
INIT = '"""Generated from proto/clearing/v1 by proto/generate.py; do not edit."""\n'


def generate(out: Path) -> None:
    """Write the package below `out`; raises RuntimeError when protoc refuses."""
    beside_python = Path(sys.executable).parent
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    names = sorted(str(p.relative_to(PROTO)) for p in (PROTO / PACKAGE).glob("*.proto"))
    common = [
        "protoc",
        f"-I{PROTO}",
        f"-I{well_known}",
        f"--plugin=protoc-gen-mypy={beside_python / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={beside_python / 'protoc-gen-mypy_grpc'}",
    ]
    services = [n for n in names if n.endswith("_service.proto")]
    status = protoc.main([*common, f"--python_out={out}", f"--mypy_out=quiet:{out}", *names])
    status = status or protoc.main([*common, f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}", *services])
    if status != 0:
        raise RuntimeError(f"protoc failed with status {status}")
    (out / PACKAGE / "__init__.py").write_text(INIT, encoding="utf-8")


def differences(fresh: Path, checked_in: Path) -> list[str]:
    """Names of generated files that are missing, left over or different."""
    new = {p.name: p.read_bytes() for p in fresh.iterdir() if p.is_file()}
    old = {p.name: p.read_bytes() for p in checked_in.iterdir() if p.is_file()} if checked_in.is_dir() else {}
    return sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))


def main() -> int:
    """Write, or compare with --check."""
    parser = argparse.ArgumentParser(description="Generate src/clearing/v1 from the protos.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when the checked-in code is stale")
    check: bool = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        generate(out)
        target = SOURCE / PACKAGE
        stale = differences(out / PACKAGE, target)
        if check:
            print("\n".join(f"stale: {PACKAGE / name}" for name in stale) or "generated code is fresh")
            return 1 if stale else 0
        target.mkdir(parents=True, exist_ok=True)
        for name in stale:
            fresh = out / PACKAGE / name
            if fresh.exists():
                (target / name).write_bytes(fresh.read_bytes())
            else:
                (target / name).unlink()
        print(f"{len(stale)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
