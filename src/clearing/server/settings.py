"""What an operator can set; every name is also an environment variable with the prefix CLEARING_."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from pathlib import Path
from typing import Literal, Self

import psutil
from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1 << 20
MEMORY_SHARE = 0.8  # of the machine, for all workers together


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Settings of one server.

    listen                     HOST:PORT; port 0 takes a free one. Plaintext only on loopback, TLS files otherwise
    workers                    solves at the same time, each in a process of its own; one more process is kept warm
    threads                    solver and numba threads of a worker; 0 = cores // workers. workers × threads ≤ cores
    queue_length               runs that may wait for a worker; the next is refused with RESOURCE_EXHAUSTED
    caller_runs                places one caller may have, waiting and running; 0 = no limit of its own
    worker_runs                a worker is replaced after so many runs; 0 = never for that
    queue_megabytes            request bytes held for waiting and running runs
    message_megabytes          greatest request and answer
    budget_seconds             SCUC search of a request that names no time limit
    run_limit_seconds          a run whose caller set no deadline gets this one
    drain_seconds              grace after SIGTERM: what was accepted is answered within it
    worker_memory_megabytes    resident size at which a worker is killed; 0 = 80 % of the machine shared by all workers
    metrics_port               Prometheus exposition on loopback; absent = none
    metrics_host               address of it; metrics hold nothing of a request
    admin_listen               HOST:PORT on loopback for health, reflection and channelz; absent = none
    tls_certificate, tls_key   PEM files of the server; tls_client_ca: callers must show a certificate signed by it
    auth_keys                  JWK set of the public keys that sign tokens; callers must bring one
    auth_issuer, auth_audience what a token must name as iss and aud
    auth_certificates          TOML: role and owners of callers by the name in their certificate
    auth_roles                 TOML: what each role may call and see; absent = server/access.toml
    otel                       traces by OpenTelemetry, to where its own variables (OTEL_…) say; needs the extra otel

    All files are read again when they change.
    """

    model_config = SettingsConfigDict(env_prefix="CLEARING_", extra="forbid", frozen=True)

    listen: str = "127.0.0.1:50051"
    workers: int = Field(default=1, ge=1)
    threads: int = Field(default=0, ge=0)
    queue_length: int = Field(default=16, ge=0)
    queue_megabytes: int = Field(default=256, ge=1)
    caller_runs: int = Field(default=0, ge=0)
    worker_runs: int = Field(default=1000, ge=0)
    message_megabytes: int = Field(default=64, ge=1, le=2047)
    budget_seconds: float = Field(default=120.0, gt=0, allow_inf_nan=False)
    run_limit_seconds: float = Field(default=3600.0, gt=0, allow_inf_nan=False)
    drain_seconds: float = Field(default=60.0, ge=0, allow_inf_nan=False)
    worker_memory_megabytes: int = Field(default=0, ge=0)
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    admin_listen: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    auth_keys: Path | None = None
    auth_issuer: str | None = None
    auth_audience: str | None = None
    auth_certificates: Path | None = None
    auth_roles: Path | None = None
    otel: bool = False

    @property
    def threads_each(self) -> int:
        """Threads of one worker."""
        return self.threads or max(1, cores() // self.workers)

    @property
    def worker_memory_bytes(self) -> int:
        """Resident size at which a worker is killed."""
        if self.worker_memory_megabytes:
            return self.worker_memory_megabytes * MEGABYTE
        return int(psutil.virtual_memory().total * MEMORY_SHARE / (self.workers + 1))

    @property
    def secure(self) -> bool:
        """Whether the server speaks TLS."""
        return self.tls_certificate is not None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.workers * self.threads_each > cores():
            raise ValueError(
                f"workers × threads = {self.workers} × {self.threads_each} is more than the {cores()} cores; "
                "set fewer of either"
            )
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key are given together or not at all")
        if self.tls_client_ca is not None and not self.secure:
            raise ValueError("tls_client_ca needs tls_certificate and tls_key")
        if not self.secure and not is_loopback(self.listen):
            raise ValueError(
                f"listen = {self.listen!r} is not a loopback address and no TLS files are given; "
                "plaintext is served on loopback only"
            )
        if self.admin_listen is not None and not is_loopback(self.admin_listen):
            raise ValueError(f"admin_listen = {self.admin_listen!r} is not a loopback address")
        if self.otel and importlib.util.find_spec("opentelemetry") is None:
            raise ValueError("otel needs the extra: pip install 'clearing[otel]'")
        self._identifies()
        return self

    def _identifies(self) -> None:
        """Raise ValueError where callers cannot be told apart as the settings demand."""
        if self.auth_keys is not None and not (self.auth_issuer and self.auth_audience):
            raise ValueError("auth_keys needs auth_issuer and auth_audience")
        if self.auth_keys is None and (self.auth_issuer or self.auth_audience):
            raise ValueError("auth_issuer and auth_audience need auth_keys")
        if self.auth_certificates is not None and self.tls_client_ca is None:
            raise ValueError("auth_certificates needs tls_client_ca")
        if self.auth_roles is not None and self.auth_keys is None and self.auth_certificates is None:
            raise ValueError("auth_roles needs auth_keys or auth_certificates")


def is_loopback(listen: str) -> bool:
    """Whether HOST:PORT can only be reached from this machine; raises ValueError when it is not HOST:PORT."""
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not port.isdigit():
        raise ValueError(f"listen = {listen!r} is not HOST:PORT")
    host = host.removeprefix("[").removesuffix("]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
