"""Run the Dockerfile's steps in order in a clean directory, without Docker (`make dockerfile-steps`).

COPY, ENV, WORKDIR and RUN are carried out with every path of the image moved below a temporary directory; steps that
need the image's own system (useradd) are named and left out. Then the server is started as the image would start it,
but on loopback without TLS and, where that is possible, as a user without rights. The HEALTHCHECK must say healthy;
once the server is gone it must say unhealthy.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.house.dockerfile import Instruction, copied_paths, parse, stages  # noqa: E402

MOVED = ("/build", "/srv")
UNPRIVILEGED = 10001


def moved(text: str, root: Path) -> str:
    """The text with the image's own directories moved below `root`."""
    return re.sub(r"(?<![\w./-])(" + "|".join(MOVED) + r")(?=[/\s\"':]|$)", str(root) + r"\1", text)


def image_python(root: Path) -> Path:
    """A folder with `python` in it, for PATH: the system's where it is new enough, since every user may run it."""
    system = Path("/usr/bin/python3")
    check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    works = system.exists() and subprocess.run([system, "-c", check], capture_output=True, check=False).returncode == 0
    folder = root / "python"
    folder.mkdir()
    (folder / "python").symlink_to(system if works else Path(sys.executable))
    return folder


def run_stage(stage: list[Instruction], root: Path) -> dict[str, str]:
    """Carry out one stage; returns the environment it leaves. Raises CalledProcessError where a step fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CLEARING_", "NUMBA_"))}
    here = root
    for step in stage:
        if step.name == "ENV":
            for pair in shlex.split(moved(step.text, root)):
                name, _, value = pair.partition("=")
                environment[name] = value.replace("$PATH", os.environ["PATH"])
        elif step.name == "WORKDIR":
            here = Path(moved(step.text, root))
            here.mkdir(parents=True, exist_ok=True)
        elif step.name == "COPY":
            target = here / shlex.split(moved(step.text, root))[-1]
            for path in copied_paths(step):
                copy(ROOT / path, target, into=step.text.endswith("/"))
        elif step.name == "RUN" and step.text.startswith("useradd"):
            print(f"line {step.line}: left out: RUN {step.text}", flush=True)
        elif step.name == "RUN":
            print(f"line {step.line}: RUN {step.text}", flush=True)
            subprocess.run(
                ["sh", "-ec", moved(step.text, root)], stdout=subprocess.DEVNULL, cwd=here, env=environment, check=True
            )
    return environment


def copy(source: Path, target: Path, *, into: bool) -> None:
    """COPY of one path: a folder's contents, or a file into a folder or under a name."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    else:
        (target if into else target.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target / source.name if into else target)


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def exec_form(stage: list[Instruction], name: str) -> list[str]:
    """The words of ENTRYPOINT, CMD or HEALTHCHECK."""
    text = next(step.text for step in stage if step.name == name)
    return [str(word) for word in json.loads(text[text.index("[") :])]


def runs_for(user: int, binary: str) -> bool:
    """Whether another user may run an interpreter: not when it lives in somebody's home."""
    try:
        return subprocess.run([binary, "--version"], user=user, capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False


def check_health(stage: list[Instruction], environment: dict[str, str], root: Path) -> list[str]:
    """Start the server, ask the probe, stop it, ask again; returns what went wrong."""
    listen = f"127.0.0.1:{free_port()}"
    (root / "tmp").mkdir(mode=0o777)
    (root / "tmp").chmod(0o777)
    environment = {n: v for n, v in environment.items() if not n.startswith("CLEARING_TLS")}
    environment |= {"CLEARING_LISTEN": listen, "TMPDIR": f"{root}/tmp"}
    binary = shutil.which("python", path=environment["PATH"]) or "python"
    user = UNPRIVILEGED if os.geteuid() == 0 and runs_for(UNPRIVILEGED, binary) else None
    print(f"health check as user {os.geteuid() if user is None else user}", flush=True)

    def start(words: list[str]) -> subprocess.Popen[bytes]:
        binary = shutil.which(words[0], path=environment["PATH"]) or words[0]
        return subprocess.Popen([binary, *words[1:]], cwd=root / "tmp", env=environment, user=user)

    server, wrong = start(exec_form(stage, "ENTRYPOINT") + exec_form(stage, "CMD")), []
    probe = exec_form(stage, "HEALTHCHECK")
    try:
        deadline = time.monotonic() + 30
        while (healthy := start(probe).wait(20) == 0) is False and time.monotonic() < deadline:
            time.sleep(1)
        if not healthy:
            wrong.append("the server did not become healthy within 30 s")
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            code = server.wait(30)
            wrong += [] if code == 0 else [f"the server ended with code {code} after SIGTERM"]
        except subprocess.TimeoutExpired:
            server.kill()
            wrong.append("the server did not end within 30 s of SIGTERM")
    if start(probe).wait(20) == 0:
        wrong.append("the probe says healthy without a server")
    return wrong


def main() -> int:
    """Run all stages, then the health check."""
    instructions = stages(parse((ROOT / "Dockerfile").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory(prefix="dockerfile-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        os.environ["PATH"] = f"{image_python(root)}{os.pathsep}{os.environ['PATH']}"
        for stage in instructions:
            environment = run_stage(stage, root)
        wrong = check_health(instructions[-1], environment, root)
    for line in wrong:
        print(f"dockerfile-steps: {line}", file=sys.stderr)
    print(
        "dockerfile-steps: " + ("FAILED" if wrong else "all steps ran; healthy with the server, unhealthy without it")
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
