"""The server: parent process, gRPC, health, reflection, metrics, and its orderly end."""

from __future__ import annotations

import asyncio
import signal

import grpc
import prometheus_client
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from clearing.server.calls import CallObserver
from clearing.server.environment import worker_environment
from clearing.server.logs import logger
from clearing.server.metrics import Metrics
from clearing.server.pool import WorkerPool
from clearing.server.process import WorkerSpec
from clearing.server.servicer import SERVICES, ClearingServicer
from clearing.server.settings import MEGABYTE, Settings
from clearing.v1 import clearing_service_pb2, substitution_service_pb2  # noqa: F401 - reflection finds the services

PIPELINE = "clearing.pipeline"
LEAST_PING_MS = 10_000  # clients may ping this often while a run is silent
DRAIN_FINISH_SHARE = 0.3  # of the grace is kept to finish what was found


class Service:
    """A server that can be started, drained and stopped on the running event loop."""

    def __init__(self, settings: Settings, entry: str = PIPELINE) -> None:
        self._settings = settings
        self._log = logger(settings.log_level)
        self._metrics = Metrics()
        threads = settings.threads_each
        spec = WorkerSpec(entry, threads, settings.budget_seconds, worker_environment(threads))
        self.pool = WorkerPool(spec, settings.workers + 1, settings.worker_memory_bytes, self._log)
        self._observer = CallObserver(self._metrics, self._log)
        self._servicer = ClearingServicer(settings, self.pool, self._metrics, self._observer)
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # its stubs leave out aio
        self._server: grpc.aio.Server | None = None
        self._exposition: Exposition | None = None
        self.address = ""

    async def start(self) -> None:
        """Warm the first worker, then listen; raises WorkerStartError, or RuntimeError when the port is taken."""
        self._watch()
        await self.pool.start()
        try:
            await self._listen()
        except BaseException:
            await self.pool.close()
            raise
        await self._say(health_pb2.HealthCheckResponse.SERVING)
        self._log.info("serving", address=self.address, workers=self._settings.workers, tls=self._settings.secure)

    async def drain(self) -> None:
        """NOT_SERVING at once; what was accepted is answered within the grace."""
        self._log.info("draining", grace_seconds=self._settings.drain_seconds)
        self._servicer.close()
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)
        grace = self._settings.drain_seconds
        await self._servicer.drain(grace, DRAIN_FINISH_SHARE * grace)

    async def stop(self) -> None:
        """End at once: calls that are still open are cancelled, workers killed."""
        if self._server is not None:
            await self._server.stop(grace=0.2)
        await self.pool.close()
        if self._exposition is not None:
            self._exposition.close()
        self._log.info("stopped")

    async def _listen(self) -> None:
        size = self._settings.message_megabytes * MEGABYTE
        self._server = grpc.aio.server(
            options=(
                ("grpc.max_receive_message_length", size),
                ("grpc.max_send_message_length", size),
                # By default a server hangs up on whoever pings more than every 5 minutes while a run is silent.
                ("grpc.http2.min_ping_interval_without_data_ms", LEAST_PING_MS),
                ("grpc.so_reuseport", 0),  # a taken port is an error, not a second listener
            )
        )
        self._server.add_generic_rpc_handlers(self._servicer.handlers())
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        host = self._settings.listen.rpartition(":")[0]
        if self._settings.secure:
            port = self._server.add_secure_port(self._settings.listen, _credentials(self._settings))
        else:
            port = self._server.add_insecure_port(self._settings.listen)
        await self._server.start()
        self.address = f"{host}:{port}"
        if self._settings.metrics_port is not None:
            self._exposition = Exposition(self._settings.metrics_port, self._metrics)

    async def _say(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for name in ("", *SERVICES):
            await self._health.set(name, status)

    def _watch(self) -> None:
        gate, pool = self._servicer.gate, self.pool
        self._metrics.watch("clearing_queue_length", "Runs that wait for a worker.", lambda: gate.waiting)
        self._metrics.watch("clearing_runs", "Runs that wait or run.", lambda: gate.inside)
        self._metrics.watch("clearing_workers_alive", "Warm worker processes.", lambda: pool.alive)
        self._metrics.watch("clearing_workers_idle", "Warm worker processes without work.", lambda: pool.idle)


class Exposition:
    """Prometheus over HTTP on loopback."""

    def __init__(self, port: int, metrics: Metrics) -> None:
        self._server, self._thread = prometheus_client.start_http_server(port, "127.0.0.1", metrics.registry)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _credentials(settings: Settings) -> grpc.ServerCredentials:
    if settings.tls_key is None or settings.tls_certificate is None:
        raise ValueError("TLS needs a key and a certificate")
    pair = (settings.tls_key.read_bytes(), settings.tls_certificate.read_bytes())
    callers = settings.tls_client_ca
    return grpc.ssl_server_credentials(
        [pair],
        root_certificates=None if callers is None else callers.read_bytes(),
        require_client_auth=callers is not None,
    )


async def _serve(settings: Settings, entry: str) -> None:
    service = Service(settings, entry)
    asked_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_end.set)
    await service.start()
    try:
        await asked_to_end.wait()
        await service.drain()
    finally:
        await service.stop()


def serve(settings: Settings, entry: str = PIPELINE) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `entry` names the module with the pipeline's functions."""
    asyncio.run(_serve(settings, entry))
