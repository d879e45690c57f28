"""The probe against real gRPC servers on loopback: plain, TLS, mutual TLS, draining, absent."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from clearing.client.health import address_to_ask, is_serving, main


@contextmanager
def server(status: int, credentials: grpc.ServerCredentials | None = None) -> Iterator[str]:
    grpc_server = grpc.server(futures.ThreadPoolExecutor(1))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, grpc_server)
    servicer.set("", status)
    port = (
        grpc_server.add_secure_port("127.0.0.1:0", credentials)
        if credentials
        else grpc_server.add_insecure_port("127.0.0.1:0")
    )
    grpc_server.start()
    yield f"127.0.0.1:{port}"
    grpc_server.stop(None).wait()


SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize(
    ("listen", "asked"),
    [("0.0.0.0:7", "127.0.0.1:7"), ("[::]:7", "[::1]:7"), ("10.1.2.3:7", "10.1.2.3:7")],
)
def test_every_interface_is_asked_on_loopback(listen: str, asked: str) -> None:
    assert address_to_ask({"CLEARING_LISTEN": listen}) == asked


def test_serving_draining_and_absent() -> None:
    with server(SERVING) as address:
        assert main([address]) == 0
    with server(NOT_SERVING) as address:
        assert main([address]) == 1
    assert main([address]) == 1


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """own.crt/key and other.crt/key: self-signed, named after hosts that are not this one."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl program is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("own", "other"):
        subprocess.run(
            (
                f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={name} "
                f"-addext subjectAltName=DNS:{name}.example -keyout {name}.key -out {name}.crt"
            ).split(),
            cwd=folder,
            check=True,
            capture_output=True,
        )
    return folder


def test_tls_trusts_the_server_s_own_certificate_only(certificates: Path) -> None:
    pair = (certificates / "own.key").read_bytes(), (certificates / "own.crt").read_bytes()
    with server(SERVING, grpc.ssl_server_credentials([pair])) as address:
        assert is_serving(address, {"CLEARING_TLS_CERTIFICATE": str(certificates / "own.crt")})
        assert not is_serving(address, {"CLEARING_TLS_CERTIFICATE": str(certificates / "other.crt")})
        assert not is_serving(address, {"CLEARING_TLS_CERTIFICATE": str(certificates / "absent.crt")})
        assert not is_serving(address, {})


def test_mutual_tls_needs_the_probe_s_certificate(certificates: Path) -> None:
    pair = (certificates / "own.key").read_bytes(), (certificates / "own.crt").read_bytes()
    callers = (certificates / "other.crt").read_bytes()
    settings = {"CLEARING_TLS_CERTIFICATE": str(certificates / "own.crt")}
    probe = {
        "CLEARING_PROBE_CERTIFICATE": str(certificates / "other.crt"),
        "CLEARING_PROBE_KEY": str(certificates / "other.key"),
    }
    with server(SERVING, grpc.ssl_server_credentials([pair], callers, True)) as address:
        assert is_serving(address, settings | probe)
        assert not is_serving(address, settings)


def test_a_draining_server_is_alive_and_an_absent_one_is_not() -> None:
    with server(NOT_SERVING) as address:
        assert (main([address]), main(["--alive", address])) == (1, 0)
    assert main(["--alive", address]) == 1
