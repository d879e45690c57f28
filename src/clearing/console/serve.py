"""The console's web server in a thread of its own, on a port that is open when it says so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from clearing.case.case import Case
from clearing.client import Endpoint
from clearing.console.app import House, application
from clearing.console.case_routes import facts
from clearing.console.runs import Runs, Writers
from clearing.console.workspace import Workspace
from clearing.wire import case_file

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
CLOSE_SECONDS = 2


class Opened:
    """Context manager: the page is reachable at `url` while it is open.

    folder    of the workspace
    server    the clearing server
    listen    HOST:PORT of the page; port 0 takes a free one
    writers   write an answer into the folder of its run, and compare runs
    cases     to begin with, by path; one that is there under its name already is left as it is
    """

    def __init__(
        self, folder: Path, server: Endpoint, listen: str, writers: Writers, cases: Mapping[Path, Case]
    ) -> None:
        workspace = Workspace(folder)
        for path, case in cases.items():
            name = (path.resolve() if path.stem in ("", "..") else path).stem
            if not (workspace.cases / name).exists():
                workspace.save_case(name, case_file.case_to_json(case), facts(case))
        host, _, port = listen.rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        family = socket.AF_INET6 if ":" in bare else socket.AF_INET
        self._socket = socket.create_server((bare, int(port)), family=family)
        port = str(self._socket.getsockname()[1])
        loopback = bare == "localhost" or bare.startswith("127.") or bare == "::1"
        hosts = {f"{name}:{port}" for name in (*LOOPBACK_NAMES, host)} if loopback else set()
        self.url = f"http://{host}:{port}/"
        judge = partial(writers.judge, server)
        self.house = House(workspace, Runs(workspace, server, writers.keep), writers.compare, judge)
        config = uvicorn.Config(
            application(self.house, hosts),
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CLOSE_SECONDS,
            lifespan="off",
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="clearing-console", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.house.runs.close()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def wait(self) -> None:
        """Until Ctrl-C, or the server ends by itself."""
        try:
            while self._thread.is_alive():
                self._thread.join(0.5)
        except KeyboardInterrupt:
            return
