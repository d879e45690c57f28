"""Roles: which methods each may call, and what it sees of the replies (`access.toml`, or the operator's own file)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from clearing.wire.disclosure import View

Audience = Literal["everybody", "owner", "supervisor", "operator"]


class Role(BaseModel):
    """owners: `all` sees every owner's own messages, `named` those that the token or certificate names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audiences: frozenset[Audience]
    owners: Literal["all", "named"]
    methods: frozenset[str]


class Roles(BaseModel):
    """All roles by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[str, Role]

    @classmethod
    def read(cls, file: Path | None = None) -> Self:
        """Of a file, or those that come with the server; raises ValueError when it is no such file."""
        packaged = resources.files("clearing.server").joinpath("access.toml")
        text = packaged.read_text(encoding="utf-8") if file is None else file.read_text(encoding="utf-8")
        return cls.model_validate(tomllib.loads(text))

    def knows(self, role: str) -> bool:
        """Whether there is such a role."""
        return role in self.roles

    def methods(self, role: str) -> frozenset[str]:
        """Methods that a role may call."""
        return self.roles[role].methods

    def view(self, role: str, owners: Iterable[str]) -> View:
        """What a caller of a role sees, who speaks for these owners."""
        known = self.roles[role]
        return View(frozenset(known.audiences), None if known.owners == "all" else frozenset(owners))
