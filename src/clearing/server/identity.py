"""Who calls: by a signed token (JWT), by the certificate of the connection, or anybody where neither is asked."""

from __future__ import annotations

import importlib
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import grpc
from structlog.typing import FilteringBoundLogger

from clearing.server.access import Roles
from clearing.server.errors import ServiceError
from clearing.server.settings import Settings
from clearing.server.watched import Watched
from clearing.wire.disclosure import EVERYTHING, View

ROLE_CLAIM, OWNERS_CLAIM = "clearing_role", "clearing_owners"


class Asked(Protocol):
    """What is needed of a grpc context."""

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None: ...  # noqa: D102

    def auth_context(self) -> Mapping[str, Iterable[bytes]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Caller:
    """name: of its turn in the queue and in the log; role: '' where roles are not asked; expires: by time.time()."""

    name: str
    role: str
    view: View
    expires: float = float("inf")

    def check_time(self) -> None:
        """Raise UNAUTHENTICATED when its token has expired since: streams outlive tokens."""
        if time.time() > self.expires:
            raise unauthenticated("the token has expired; open another stream with a new one")


class Authority:
    """Identifies callers, and says whether they may call a method."""

    def __init__(self, settings: Settings, log: FilteringBoundLogger) -> None:
        self._settings = settings
        files = tuple(file for file in (settings.auth_roles,) if file is not None)
        self._roles = Watched("roles", files, lambda: Roles.read(settings.auth_roles), log)
        self._tokens = None if settings.auth_keys is None else _tokens()
        self._keys = None if self._tokens is None else _watched("keys", settings.auth_keys, self._tokens.read_keys, log)
        self._subjects = _watched("certificates", settings.auth_certificates, _read_subjects, log)

    def identify(self, method: str, context: Asked, address: str) -> Caller:
        """The caller; raises UNAUTHENTICATED or PERMISSION_DENIED."""
        if self._tokens is not None and self._keys is not None:
            issuer, audience = self._settings.auth_issuer, self._settings.auth_audience
            claims = self._tokens.claims(context, self._keys.get(), issuer, audience)
            caller = self._known(claims["sub"], claims, float(claims["exp"]) + self._tokens.LEEWAY_SECONDS)
        elif self._subjects is not None:
            subject = _subject(context)
            if subject not in (subjects := self._subjects.get()):
                raise unauthenticated("the certificate is nobody's who may call this server")
            caller = self._known(subject, subjects[subject], float("inf"))
        else:
            return Caller(address, "", EVERYTHING)
        if method not in self._roles.get().methods(caller.role):
            raise ServiceError(grpc.StatusCode.PERMISSION_DENIED, f"role {caller.role} may not call {method}")
        return caller

    def _known(self, name: str, says: Mapping[str, Any], expires: float) -> Caller:
        role, owners = says.get(ROLE_CLAIM), says.get(OWNERS_CLAIM, [])
        roles = self._roles.get()
        if not isinstance(role, str) or not roles.knows(role):
            raise ServiceError(grpc.StatusCode.PERMISSION_DENIED, f"{ROLE_CLAIM} names no role of this server")
        if not isinstance(owners, list) or not all(isinstance(owner, str) and owner for owner in owners):
            raise ServiceError(grpc.StatusCode.PERMISSION_DENIED, f"{OWNERS_CLAIM} must be a list of owner ids")
        return Caller(name, role, roles.view(role, owners), expires)


def _tokens() -> ModuleType:
    """What checks tokens; only who asks for them needs its libraries. Raises RuntimeError when they are not there."""
    try:
        return importlib.import_module("clearing.server.tokens")
    except ImportError as missing:
        raise RuntimeError(f"tokens need the extra `auth`: {missing.name} is not installed") from None


def unauthenticated(why: str) -> ServiceError:
    """UNAUTHENTICATED."""
    return ServiceError(grpc.StatusCode.UNAUTHENTICATED, why)


def _watched(name: str, file: Path | None, read: Any, log: FilteringBoundLogger) -> Watched[Any] | None:
    return None if file is None else Watched(name, (file,), lambda: read(file), log)


def _read_subjects(file: Path) -> dict[str, dict[str, Any]]:
    """[callers."NAME"] role = …, owners = […]; NAME: first DNS name of the certificate, or its common name."""
    callers = tomllib.loads(file.read_text(encoding="utf-8"))["callers"]
    return {name: {ROLE_CLAIM: says["role"], OWNERS_CLAIM: says.get("owners", [])} for name, says in callers.items()}


def _subject(context: Asked) -> str:
    shown = context.auth_context()
    for key in ("x509_subject_alternative_name", "x509_common_name"):
        for value in shown.get(key, ()):
            return value.decode("utf-8", "replace")
    return ""
