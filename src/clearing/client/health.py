"""Ask a server whether it serves: `python -m clearing.client.health [--alive] [HOST:PORT]`, exit code 0 when it does.

--alive: 0 when it answers at all, also while it drains.

The probe of the container image. Without an argument it asks the server of this machine that CLEARING_LISTEN names, by
TLS when CLEARING_TLS_CERTIFICATE is set. The certificate in that file is then the only one it trusts, and the name it
expects is the certificate's own: the probe asks whether its own server lives, not who a stranger is. Where the server
wants certificates of its callers, CLEARING_PROBE_CERTIFICATE and CLEARING_PROBE_KEY name the probe's.
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_SECONDS = 3.0
ALIVE = "--alive"
DEFAULT_LISTEN = "127.0.0.1:50051"
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


def address_to_ask(environment: Mapping[str, str]) -> str:
    """HOST:PORT of this machine's server; an address that means 'every interface' is asked on loopback."""
    host, _, port = environment.get("CLEARING_LISTEN", DEFAULT_LISTEN).rpartition(":")
    return f"{ANY_ADDRESS.get(host, host)}:{port}"


def own_name(address: str, certificate: Path) -> str:
    """First DNS name or address in the certificate that the server shows; raises OSError when it is another one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the certificate itself is compared, so its name adds nothing
    context.load_verify_locations(certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["h2"])
    host, _, port = address.rpartition(":")
    with (
        socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain) as secure,
    ):
        shown = secure.getpeercert() or {}
    names = shown.get("subjectAltName", ())
    return str(names[0][1]) if names else ""


def channel_to(address: str, environment: Mapping[str, str]) -> grpc.Channel:
    """A channel as the server's own settings demand it; raises OSError when the files or the server are not there."""
    certificate = environment.get("CLEARING_TLS_CERTIFICATE", "")
    if not certificate:
        return grpc.insecure_channel(address)
    files = [environment.get(name, "") for name in ("CLEARING_PROBE_KEY", "CLEARING_PROBE_CERTIFICATE")]
    key, chain = (Path(file).read_bytes() if file else None for file in files)
    credentials = grpc.ssl_channel_credentials(Path(certificate).read_bytes(), key, chain)
    name = own_name(address, Path(certificate))
    return grpc.secure_channel(address, credentials, options=[("grpc.ssl_target_name_override", name)] if name else [])


def is_serving(address: str, environment: Mapping[str, str], alive: bool = False) -> bool:
    """Whether the server answers SERVING within a few seconds; alive: whether it answers."""
    try:
        with channel_to(address, environment) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_SECONDS)
    except (grpc.RpcError, OSError):
        return False
    return alive or bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def main(arguments: list[str]) -> int:
    """0 when the server serves (with --alive: answers), 1 when it does not."""
    addresses = [argument for argument in arguments if argument != ALIVE]
    address = addresses[0] if addresses else address_to_ask(os.environ)
    return 0 if is_serving(address, os.environ, ALIVE in arguments) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
