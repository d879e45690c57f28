"""Ports of the server: the one for callers, by TLS or on loopback, and the operator's own on loopback."""

from __future__ import annotations

import ssl

import grpc
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from structlog.typing import FilteringBoundLogger

from clearing.server.settings import MEGABYTE, Settings
from clearing.server.watched import Watched

LEAST_PING_MS = 10_000  # clients may ping this often while a run is silent
MOST_METADATA = 16 << 10
MOST_STREAMS = 256  # calls of one connection at a time
Configuration = grpc.ServerCertificateConfiguration


def public(
    settings: Settings,
    handlers: tuple[grpc.GenericRpcHandler[bytes, bytes], ...],
    healthy: object,
    services: tuple[str, ...],
) -> grpc.aio.Server:
    """For callers: the services and health; reflection where it is plaintext, hence loopback."""
    size = settings.message_megabytes * MEGABYTE
    server = grpc.aio.server(
        options=(
            ("grpc.max_receive_message_length", size),
            ("grpc.max_send_message_length", size),
            ("grpc.max_metadata_size", MOST_METADATA),
            ("grpc.absolute_max_metadata_size", 2 * MOST_METADATA),
            ("grpc.max_concurrent_streams", MOST_STREAMS),
            # By default a server hangs up on whoever pings more than every 5 minutes while a run is silent.
            ("grpc.http2.min_ping_interval_without_data_ms", LEAST_PING_MS),
            ("grpc.so_reuseport", 0),  # a taken port is an error, not a second listener
        )
    )
    server.add_generic_rpc_handlers(handlers)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    if not settings.secure:
        _reflect(server, services)
    return server


def admin(healthy: object, services: tuple[str, ...]) -> grpc.aio.Server:
    """For the operator on this machine: health, reflection and channelz, no service."""
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    channelz.add_channelz_servicer(server)  # type: ignore[arg-type]  # its stubs leave out aio
    _reflect(server, services)
    return server


def _reflect(server: grpc.aio.Server, services: tuple[str, ...]) -> None:
    reflection.enable_server_reflection((*services, health.SERVICE_NAME, reflection.SERVICE_NAME), server)


def credentials(settings: Settings, log: FilteringBoundLogger) -> grpc.ServerCredentials:
    """TLS by the files of the settings, read again when they change: a handshake after that shows the new ones."""
    files = [file for file in (settings.tls_key, settings.tls_certificate, settings.tls_client_ca) if file is not None]

    def read() -> Configuration:
        # Certificate and key must fit one another; the transport would say so nowhere.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files[1], files[0])
        key, certificate, *callers = (file.read_bytes() for file in files)
        return grpc.ssl_server_certificate_configuration([(key, certificate)], callers[0] if callers else None)

    watched = Watched("tls", tuple(files), read, log)

    def newer() -> Configuration | None:
        configuration, new = watched.look()
        return configuration if new else None

    return grpc.dynamic_ssl_server_credentials(
        watched.get(),
        newer,  # type: ignore[arg-type]  # None = as before, which its stubs leave out
        require_client_authentication=settings.tls_client_ca is not None,
    )
