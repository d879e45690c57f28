"""Where a server is and how it is reached: plaintext on loopback, or TLS with what proves who calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc

from clearing.client.client import Client


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server, and the files that its callers need; with any of them, or with tls, calls go over TLS.

    address           HOST:PORT
    ca                PEM of the authority that signed the server's certificate; None = those that the system trusts
    certificate, key  PEM of the caller's own, for servers that want one (mTLS); both or neither
    token_file        a JWT; read for every call, so that a fresh one counts at once
    """

    address: str
    tls: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token_file: Path | None = None

    def connect(self) -> Client:
        """A client; raises OSError where a file cannot be read."""
        return Client(self.address, self.credentials())

    def credentials(self) -> grpc.ChannelCredentials | None:
        """Of a channel to it; None = plaintext. Raises OSError where a file cannot be read."""
        files = (self.ca, self.key, self.certificate)
        if not self.tls and self.token_file is None and not any(files):
            return None
        secure = grpc.ssl_channel_credentials(*(None if file is None else file.read_bytes() for file in files))
        if self.token_file is None:
            return secure
        bearer = grpc.metadata_call_credentials(_Bearer(self.token_file))
        return grpc.composite_channel_credentials(secure, bearer)


class _Bearer(grpc.AuthMetadataPlugin):
    """The token of a file with every call; one that cannot be read fails the call, and no other is sent."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, context: grpc.AuthMetadataContext, callback: Callable[..., None]) -> None:
        try:
            token = self._file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as fault:
            callback((), fault)
        else:
            callback((("authorization", f"Bearer {token}"),), None)
