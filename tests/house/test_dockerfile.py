"""The Dockerfile keeps its habits. `make dockerfile-steps` runs its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.dockerfile import in_context, parse, problems

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_dockerfile_is_clean() -> None:
    assert problems(SOURCE, ROOT) == []


def test_continued_lines_are_one_instruction() -> None:
    instructions = parse("FROM a:1\n# note\nRUN x \\\n  # inside\n  && y\nUSER me\n")
    assert [(i.line, i.name, i.text) for i in instructions] == [
        (1, "FROM", "a:1"),
        (3, "RUN", "x && y"),
        (6, "USER", "me"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("FROM python:3.11.13-slim-bookworm AS runtime", "FROM python:latest AS runtime", "not pinned"),
        ("USER 10001:10001", "USER 0:0", "runs as root"),
        ("USER 10001:10001", "", "no USER"),
        ("HEALTHCHECK --interval", "# HEALTHCHECK --interval", "no HEALTHCHECK"),
        ("COPY src ./src", "COPY source ./src", "does not exist"),
        ("COPY src ./src", "COPY tests ./tests", ".dockerignore leaves out"),
        ("COPY src ./src", "ADD src ./src", "use COPY"),
        ("--require-hashes -r requirements.lock", "-r requirements.lock", "without hashes"),
        ('ENTRYPOINT ["clearing"]', "ENTRYPOINT clearing", "through a shell"),
        ("NUMBA_CPU_NAME=generic", "NUMBA_CPU_NAME=native", "NUMBA_CPU_NAME=generic"),
        ("WORKDIR /tmp", "ENV API_KEY=abc", "secret"),
        ("WORKDIR /build", "RUN curl -O x", "downloads"),
    ],
)
def test_every_bad_habit_is_seen(old: str, new: str, said: str) -> None:
    assert old in SOURCE
    found = problems(SOURCE.replace(old, new), ROOT)
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    ("path", "kept"), [("src", True), ("src/a.py", True), ("tests", False), (".git", False), ("src/a.pyc", False)]
)
def test_dockerignore_is_read_as_docker_reads_it(path: str, kept: bool) -> None:
    assert in_context(path, "*\n!src\n**/*.pyc\n") is kept
