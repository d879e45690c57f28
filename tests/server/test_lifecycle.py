"""Start, health, reflection, metrics, TLS, drain, and what is left behind: nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families

from clearing.server.embedded import EmbeddedServer
from clearing.server.process import WorkerStartError
from clearing.server.settings import Settings
from clearing.v1 import clearing_service_pb2_grpc
from tests.server.conftest import ROOT, serving, wait_until
from tests.server.workload import order

pytestmark = pytest.mark.slow  # starts servers

Stub = clearing_service_pb2_grpc.ClearingServiceStub
SERVE = f"from clearing.server.main import serve, Settings; serve(Settings(), {'tests.server.workload'!r})"


class Outside:
    """A server in a process of its own, as an operator starts it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self.process = process
        self.log: list[dict[str, object]] = []
        self.address = ""
        for line in process.stderr:
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == "serving":
                self.address = str(self.log[-1]["address"])
                break
        self._reader = threading.Thread(target=lambda: self.log.extend(json.loads(x) for x in process.stderr or ()))
        self._reader.start()

    def end(self) -> int:
        code = self.process.wait(20)
        self._reader.join()
        return code


@contextmanager
def outside(**environment: str) -> Iterator[Outside]:
    chosen = {"CLEARING_LISTEN": "127.0.0.1:0", "CLEARING_THREADS": "1", "PYTHONPATH": ROOT, **environment}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], env={**os.environ, **chosen}, stderr=subprocess.PIPE, text=True
    )
    server = Outside(process)
    try:
        yield server
    finally:
        process.kill()
        server.end()
        assert process.stderr is not None
        process.stderr.close()


def health(channel: grpc.Channel, service: str = "") -> int:
    request = health_pb2.HealthCheckRequest(service=service)
    return int(health_pb2_grpc.HealthStub(channel).Check(request, timeout=5).status)


def test_health_and_reflection_know_the_service(server: EmbeddedServer) -> None:
    with grpc.insecure_channel(server.address) as channel:
        assert health(channel) == health_pb2.HealthCheckResponse.SERVING
        assert health(channel, "clearing.v1.ClearingService") == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as caught:
            health(channel, "clearing.v1.Unknown")
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        ask = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo
        listed = next(ask(iter([reflection_pb2.ServerReflectionRequest(list_services="")])))
        names = {service.name for service in listed.list_services_response.service}
        assert {"clearing.v1.ClearingService", "grpc.health.v1.Health"} <= names
        symbol = reflection_pb2.ServerReflectionRequest(file_containing_symbol="clearing.v1.ClearDayAheadRequest")
        assert next(ask(iter([symbol]))).file_descriptor_response.file_descriptor_proto


def test_sigterm_drains_and_loses_nothing_that_was_accepted() -> None:
    with outside() as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        running = stub.ClearDayAhead.future(order("burn", seconds=1.5), timeout=20)
        waiting = stub.ClearDayAhead.future(order("burn", seconds=0.2), timeout=20)
        time.sleep(0.3)
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: health(channel) == health_pb2.HealthCheckResponse.NOT_SERVING, 0.5)
        with pytest.raises(grpc.RpcError) as caught:
            stub.ClearDayAhead(order("burn", seconds=0), timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert not running.done()
        assert running.result().result.termination.objective == 100
        assert waiting.result().result.termination.objective == 100
        assert server.end() == 0
        assert children
        assert not any(child.is_running() for child in children)
        handled = [line for line in server.log if line["event"] == "handled" and line["code"] == "OK"]
        assert {line["method"] for line in handled} == {"ClearDayAhead"}
        assert all(len(str(line["digest"])) == 64 and len(str(line["request_id"])) == 32 for line in handled)


def test_searches_are_ended_in_time_to_answer_within_the_grace() -> None:
    with outside(CLEARING_DRAIN_SECONDS="2") as server, grpc.insecure_channel(server.address) as channel:
        running = Stub(channel).ClearDayAhead.future(order("burn", seconds=60), timeout=100)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert running.result().result.termination.reason == 4  # interrupted, with a solution
        assert time.monotonic() - began < 2.0
        assert server.end() == 0


def test_a_killed_parent_takes_its_workers_with_it() -> None:
    with outside() as server, grpc.insecure_channel(server.address) as channel:
        events = Stub(channel).ClearDayAhead.future(order("ignore", seconds=60), timeout=100)
        time.sleep(0.5)
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children
        server.process.kill()
        server.end()
        wait_until(lambda: not any(child.is_running() for child in children), 3.0)
        events.cancel()


def test_the_embedded_server_leaves_no_process_and_no_thread() -> None:
    before = set(threading.enumerate())
    with serving() as server:
        pids = server.worker_pids
        assert all(psutil.pid_exists(pid) for pid in pids)
        mine = {thread for thread in threading.enumerate() if thread.name == "clearing-server"} - before
        assert len(mine) == 1
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not mine & set(threading.enumerate())


def test_a_pipeline_that_cannot_be_imported_is_an_error_at_the_start(capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings(listen="127.0.0.1:0", threads=1)
    with pytest.raises(WorkerStartError), EmbeddedServer(settings=settings, entry="clearing.no_such_module"):
        pass
    assert "no_such_module" in capfd.readouterr().err


def test_a_taken_port_is_an_error_and_not_a_second_listener(server: EmbeddedServer) -> None:
    settings = Settings(listen=server.address, threads=1)
    with pytest.raises(RuntimeError), EmbeddedServer(settings=settings, entry="tests.server.workload"):
        pass


def test_prometheus_counts_by_method_and_code() -> None:
    port = _free_port()
    with serving(metrics_port=port) as server, grpc.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        stub.ClearDayAhead(order("burn", seconds=0.05), timeout=10)
        with pytest.raises(grpc.RpcError):
            stub.ClearDayAhead(order("invalid", findings=1), timeout=10)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            families = {family.name: family for family in text_string_to_metric_families(page.read().decode())}
    handled = {
        (sample.labels["grpc_method"], sample.labels["grpc_code"]): sample.value
        for sample in families["grpc_server_handled"].samples
        if sample.name.endswith("_total")
    }
    assert handled == {("ClearDayAhead", "OK"): 1.0, ("ClearDayAhead", "INVALID_ARGUMENT"): 1.0}
    assert families["clearing_workers_alive"].samples[0].value == 2.0
    assert families["clearing_queue_length"].samples[0].value == 0.0
    stages = {s.labels["stage"]: s.value for s in families["clearing_stage_seconds"].samples if s.name.endswith("_sum")}
    assert 0.02 < stages["commit"] < 5.0


@pytest.mark.slow
def test_a_client_that_pings_during_a_long_silent_run_is_not_hung_up_on() -> None:
    """The transport's own default hangs up at the third ping within five minutes: after 36 s here."""
    pings = (("grpc.keepalive_time_ms", 12_000), ("grpc.http2.max_pings_without_data", 0))
    with serving() as server, grpc.insecure_channel(server.address, options=pings) as channel:
        response = Stub(channel).ClearDayAhead(order("burn", seconds=45.0), timeout=120)
    assert response.result.termination.objective


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_tls_with_the_operators_files(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl is needed to make a certificate")
    with serving(listen="127.0.0.1:0", tls_key=key, tls_certificate=certificate) as server:
        address = "localhost:" + server.address.rpartition(":")[2]
        trust = grpc.ssl_channel_credentials(root_certificates=certificate.read_bytes())
        with grpc.secure_channel(address, trust) as channel:
            assert Stub(channel).ClearDayAhead(order("burn", seconds=0), timeout=10).result.termination.objective == 100
        with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
            Stub(channel).ClearDayAhead(order("burn", seconds=0), timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
