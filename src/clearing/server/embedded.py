"""A server inside the caller's process: gRPC on a loopback port, workers in processes of their own as always."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Literal, Self

from clearing.server.main import PIPELINE, Service
from clearing.server.settings import Settings


class EmbeddedServer:
    """Context manager; `address` is HOST:PORT while it is open.

    threads: of each worker, None = cores // workers. settings: replaces both where given; its port should be 0.
    """

    def __init__(
        self,
        workers: int = 1,
        threads: int | None = None,
        settings: Settings | None = None,
        entry: str = PIPELINE,
        log_level: Literal["debug", "info", "warning", "error"] = "error",
    ) -> None:
        self._settings = settings or Settings(
            listen="127.0.0.1:0", workers=workers, threads=threads or 0, log_level=log_level, metrics_port=None
        )
        self._entry = entry
        self._ready: Future[Service] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._live, name="clearing-server", daemon=True)
        self.address = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self.address = self._ready.result().address
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    @property
    def admin_address(self) -> str:
        """HOST:PORT of the administration port; empty without one."""
        return self._ready.result().admin_address

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the warm workers."""
        return self._ready.result().pool.pids

    def _live(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        service = Service(self._settings, self._entry)
        try:
            await service.start()
        except BaseException as fault:
            self._ready.set_exception(fault)
            return
        self._ready.set_result(service)
        try:
            await self._end.wait()
        finally:
            await service.stop()
