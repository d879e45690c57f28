"""Make or refresh the environment `.venv` from a hashed lock: `python3 tools/setup_env.py runtime|demo|dev`.

Standard library only, and no syntax newer than Python 3.7, so that an old interpreter can still say what is missing.
Incremental: nothing happens while the stamp in `.venv` names the content of the lock. Safe when several makes
run at once: one works, the others wait for its file lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(ENVIRONMENT, "bin", "python")
BUILD_LOCK = "requirements-build.lock"
LOCKS = {"runtime": "requirements.lock", "demo": "requirements-demo.lock", "dev": "requirements-dev.lock"}
INCLUDED_IN = {"runtime": ("runtime", "demo", "dev"), "demo": ("demo", "dev"), "dev": ("dev",)}


def say(text: str) -> None:
    """Print one line at once, also when make holds output back."""
    print("setup: " + text, flush=True)


def missing_tools() -> list[str]:
    """What this interpreter lacks, each with the command that brings it."""
    found = []
    if sys.version_info < (3, 11):  # noqa: UP036 (an older interpreter must be able to say so)
        version = ".".join(str(part) for part in sys.version_info[:3])
        found.append("Python 3.11 or newer (this is " + version + "): apt-get install python3.11 python3.11-venv")
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        found.append("the venv module of Python: apt-get install python3-venv")
    return found


def digest(names: tuple[str, ...]) -> str:
    """SHA-256 over the content of files of the checkout."""
    total = hashlib.sha256(sys.version.encode())
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as file:
            total.update(name.encode() + b"\0" + file.read())
    return total.hexdigest()


def stamp_path(kind: str) -> str:
    """File in the environment that holds the digest last installed for a kind, or for the project itself."""
    return os.path.join(ENVIRONMENT, ".stamp-" + kind)


def is_current(kind: str, value: str) -> bool:
    """True when the stamp of a kind holds this digest."""
    try:
        with open(stamp_path(kind)) as file:
            return file.read() == value
    except OSError:
        return False


def write_stamp(kind: str, value: str) -> None:
    """Record a digest, whole or not at all."""
    with open(stamp_path(kind) + ".new", "w") as file:
        file.write(value)
    os.replace(stamp_path(kind) + ".new", stamp_path(kind))


def lock_digest(kind: str) -> str:
    """Digest of everything that decides which packages a kind installs."""
    return digest((LOCKS[kind], BUILD_LOCK))


def pip(*arguments: str) -> None:
    """Run pip of the environment, quiet unless it fails."""
    subprocess.check_call(
        (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-input", *arguments), cwd=ROOT
    )


def install(kind: str) -> None:
    """Install what is stale: first the locked packages, then the project itself as an editable install."""
    if not os.path.exists(PYTHON):
        say(f"making .venv with Python {sys.version_info[0]}.{sys.version_info[1]}")
        subprocess.check_call((sys.executable, "-m", "venv", ENVIRONMENT))
    if not any(is_current(other, lock_digest(other)) for other in INCLUDED_IN[kind]):
        say("installing " + LOCKS[kind] + " (hashes required) ...")
        pip("--require-hashes", "-r", LOCKS[kind], "-r", BUILD_LOCK)
        write_stamp(kind, lock_digest(kind))
    project = digest(("pyproject.toml",))
    if not is_current("project", project):
        pip("--no-deps", "--no-build-isolation", "-e", ".")
        write_stamp("project", project)


def main(kind: str) -> int:
    """Check the machine, then install under a file lock."""
    missing = missing_tools()
    for line in missing:
        say("missing: " + line)
    if missing:
        return 1
    with open(os.path.join(ROOT, ".setup.lock"), "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            install(kind)
        except subprocess.CalledProcessError as error:
            say("failed: " + " ".join(str(part) for part in error.cmd))
            return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.exit("usage: setup_env.py " + "|".join(LOCKS))
    sys.exit(main(sys.argv[1]))
