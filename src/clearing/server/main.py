"""The server: parent process, gRPC, health, reflection, metrics, and its orderly end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import grpc
import prometheus_client
from grpc_health.v1 import health, health_pb2

from clearing.server import ports
from clearing.server.calls import CallObserver
from clearing.server.environment import calm_allocator, worker_environment
from clearing.server.identity import Authority
from clearing.server.logs import logger
from clearing.server.metrics import Metrics
from clearing.server.pool import WorkerPool
from clearing.server.process import WorkerSpec
from clearing.server.servicer import SERVICES, ClearingServicer
from clearing.server.settings import Settings

# Reflection finds the services.
from clearing.v1 import (  # noqa: F401
    admission_service_pb2,
    clearing_service_pb2,
    settlement_service_pb2,
    substitution_service_pb2,
)

if TYPE_CHECKING:
    from clearing.server.traces import Traces  # the extra `otel`

PIPELINE = "clearing.pipeline"
DRAIN_FINISH_SHARE = 0.3  # of the grace is kept to finish what was found


class Service:
    """A server that can be started, drained and stopped on the running event loop."""

    def __init__(self, settings: Settings, entry: str = PIPELINE) -> None:
        self._settings = settings
        self._log = logger(settings.log_level)
        self._metrics = Metrics()
        threads = settings.threads_each
        spec = WorkerSpec(
            entry, threads, settings.budget_seconds, settings.worker_memory_bytes, worker_environment(threads)
        )
        self.pool = WorkerPool(
            spec,
            settings.workers + 1,
            self._log,
            settings.worker_runs,
            lambda cause: self._metrics.worker_ends.labels(cause).inc(),
        )
        self._traces = traces(settings)
        self._observer = CallObserver(self._metrics, Authority(settings, self._log), self._log, self._traces)
        self._servicer = ClearingServicer(settings, self.pool, self._metrics, self._observer)
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # its stubs leave out aio
        self._servers: dict[str, grpc.aio.Server] = {}
        self._exposition: Exposition | None = None
        self.address = ""
        self.admin_address = ""

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
        for server in self._servers.values():
            await server.stop(grace=0.2)
        await self.pool.close()
        if self._exposition is not None:
            self._exposition.close()
        if self._traces is not None:
            await asyncio.to_thread(self._traces.close)
        self._log.info("stopped")

    async def _listen(self) -> None:
        settings = self._settings
        self._servers["listen"] = server = ports.public(settings, self._servicer.handlers(), self._health, SERVICES)
        if settings.secure:
            port = server.add_secure_port(settings.listen, ports.credentials(settings, self._log))
        else:
            port = server.add_insecure_port(settings.listen)
        await server.start()
        self.address = f"{settings.listen.rpartition(':')[0]}:{port}"
        if settings.admin_listen is not None:
            self._servers["admin"] = server = ports.admin(self._health, SERVICES)
            port = server.add_insecure_port(settings.admin_listen)
            await server.start()
            self.admin_address = f"{settings.admin_listen.rpartition(':')[0]}:{port}"
        if settings.metrics_port is not None:
            self._exposition = Exposition(settings.metrics_host, settings.metrics_port, self._metrics)

    async def _say(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for name in ("", *SERVICES):
            await self._health.set(name, status)

    def _watch(self) -> None:
        gate, pool = self._servicer.gate, self.pool
        self._metrics.watch("clearing_queue_length", "Runs that wait for a worker.", lambda: gate.waiting)
        self._metrics.watch("clearing_runs", "Runs that wait or run.", lambda: gate.inside)
        self._metrics.watch("clearing_queue_bytes", "Bytes of requests that wait or run.", lambda: gate.bytes)
        self._metrics.watch("clearing_workers_alive", "Warm worker processes.", lambda: pool.alive)
        self._metrics.watch("clearing_workers_idle", "Warm worker processes without work.", lambda: pool.idle)


def traces(settings: Settings) -> Traces | None:
    """Of OpenTelemetry, where settings ask for them."""
    if not settings.otel:
        return None
    from clearing.server.traces import Traces  # noqa: PLC0415  # the extra `otel`

    return Traces()


class Exposition:
    """Prometheus over HTTP."""

    def __init__(self, host: str, port: int, metrics: Metrics) -> None:
        self._server, self._thread = prometheus_client.start_http_server(port, host, metrics.registry)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


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
    calm_allocator()
    asyncio.run(_serve(settings, entry))
