"""The matrix of access: every bad certificate and token is refused, every role may do and see what it should."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import trustme
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from clearing.server.access import Roles
from clearing.server.embedded import EmbeddedServer
from clearing.server.servicer import RPCS
from clearing.server.settings import Settings
from clearing.v1 import clearing_service_pb2 as pb
from clearing.v1 import clearing_service_pb2_grpc
from clearing.wire import write_case
from tests.factory import market
from tests.server.conftest import serving, wait_until
from tests.server.credentials import AUDIENCE, ISSUER, Files, Issuer, bad_tokens, key_set, thumbprint
from tests.server.workload import order

pytestmark = pytest.mark.slow  # starts servers

Stub = clearing_service_pb2_grpc.ClearingServiceStub
IDLE = order("burn", seconds=0)
CALLERS = """
[callers."desk.example"]
role = "operator"
[callers."north.example"]
role = "participant"
owners = ["north"]
[callers."odd.example"]
role = "janitor"
"""


def local(server: EmbeddedServer) -> str:
    return "localhost:" + server.address.rpartition(":")[2]


@contextmanager
def channel(address: str, files: Files, leaf: trustme.LeafCert | None = None) -> Iterator[grpc.Channel]:
    key = None if leaf is None else leaf.private_key_pem.bytes()
    chain = None if leaf is None else b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    trust = grpc.ssl_channel_credentials(files.ca.cert_pem.bytes(), key, chain)
    with grpc.secure_channel(address, trust, options=[("grpc.use_local_subchannel_pool", 1)]) as opened:
        yield opened


def code(call: Callable[[], object]) -> str:
    try:
        call()
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def clear(opened: grpc.Channel, *metadata: tuple[str, str], timeout: float = 5.0) -> pb.ClearDayAheadResponse:
    return Stub(opened).ClearDayAhead(IDLE, timeout=timeout, metadata=metadata)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def mutual(files: Files, _workers_find_the_tests: None) -> Iterator[EmbeddedServer]:
    """mTLS, roles by certificate."""
    callers = files.folder / "callers.toml"
    callers.write_text(CALLERS)
    with serving(**files.write(), auth_certificates=callers) as server:
        yield server


@pytest.fixture(scope="module")
def tokened(files: Files, issuer: Issuer, _workers_find_the_tests: None) -> Iterator[EmbeddedServer]:
    """TLS, tokens, and an administration port."""
    paths = files.write()
    del paths["tls_client_ca"]
    keys = key_set(files.folder / "keys.json", issuer)
    with serving(
        **paths, auth_keys=keys, auth_issuer=ISSUER, auth_audience=AUDIENCE, admin_listen="127.0.0.1:0"
    ) as server:
        yield server


def test_every_bad_certificate_is_refused(mutual: EmbeddedServer, files: Files) -> None:
    address = local(mutual)
    with channel(address, files, files.caller("desk.example")) as opened:
        assert clear(opened).result.termination.objective == 100
    for what, leaf in {**files.bad_callers(), "none": None}.items():
        with channel(address, files, leaf) as opened:
            assert code(lambda opened=opened: clear(opened)) == "UNAVAILABLE", what  # no handshake, no call
    with grpc.insecure_channel(address) as opened:
        assert code(lambda: clear(opened)) == "UNAVAILABLE"


def test_a_caller_does_not_trust_another_server(mutual: EmbeddedServer, files: Files) -> None:
    stranger = Files(files.folder, caller_ca=files.caller_ca)
    with channel(local(mutual), stranger, files.caller("desk.example")) as opened:
        assert code(lambda: clear(opened)) == "UNAVAILABLE"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(mutual: EmbeddedServer, files: Files, version: ssl.TLSVersion) -> None:
    def handshake(most: ssl.TLSVersion) -> str | None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, most
        files.ca.configure_trust(context)
        files.caller("desk.example").configure_cert(context)
        context.set_alpn_protocols(["h2"])
        host, port = mutual.address.split(":")
        with (
            socket.create_connection((host, int(port)), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            return secure.version()

    assert handshake(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(version)


def test_a_certificate_of_nobody_or_of_an_unknown_role_may_do_nothing(mutual: EmbeddedServer, files: Files) -> None:
    for name, expected in (("stranger.example", "UNAUTHENTICATED"), ("odd.example", "PERMISSION_DENIED")):
        with channel(local(mutual), files, files.caller(name)) as opened:
            assert code(lambda opened=opened: clear(opened)) == expected
    with channel(local(mutual), files, files.caller("north.example")) as opened:
        assert code(lambda: clear(opened)) == "OK"
        assert code(lambda: Stub(opened).AuditSchedule(pb.AuditScheduleRequest(), timeout=5)) == "PERMISSION_DENIED"


def test_every_bad_token_is_refused_and_told_nothing(tokened: EmbeddedServer, files: Files, issuer: Issuer) -> None:
    with channel(local(tokened), files) as opened:
        assert clear(opened, *bearer(issuer.token())).result.termination.objective == 100
        for what, token in bad_tokens(issuer).items():
            with pytest.raises(grpc.RpcError) as caught:
                clear(opened, *bearer(token))
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED, what
            assert caught.value.details() in (
                "the token is not valid for this server", "one authorization: Bearer TOKEN is needed",
            )  # fmt: skip
        good = issuer.token()
        for metadata in (
            (), (("authorization", good),), (("authorization", f"Basic {good}"),), (("authorization", "Bearer "),),
            (*bearer(good), *bearer(good)),
        ):  # fmt: skip
            assert code(lambda metadata=metadata: clear(opened, *metadata)) == "UNAUTHENTICATED"
        for role in (None, "", "janitor", 7, ["operator"]):
            assert code(lambda role=role: clear(opened, *bearer(issuer.token(role)))) == "PERMISSION_DENIED"
        for owners in ("north", [7], [""], {"north": 1}):
            token = issuer.token("participant", clearing_owners=owners)
            assert code(lambda token=token: clear(opened, *bearer(token))) == "PERMISSION_DENIED"


@pytest.mark.parametrize("role", sorted(Roles.read().roles))
def test_every_method_by_every_role(tokened: EmbeddedServer, files: Files, issuer: Issuer, role: str) -> None:
    allowed = Roles.read().methods(role)
    with channel(local(tokened), files) as opened:
        for name, rpc in RPCS.items():
            call = opened.stream_stream(f"/{rpc.service}/{name}")
            got = code(lambda call=call: list(call(iter([b""]), timeout=10, metadata=bearer(issuer.token(role)))))
            assert (got != "PERMISSION_DENIED") == (name in allowed), (role, name, got)


def test_health_is_for_everybody_and_reflection_and_channelz_for_the_operator_alone(
    tokened: EmbeddedServer, files: Files
) -> None:
    listed = reflection_pb2.ServerReflectionRequest(list_services="")

    def reflect(opened: grpc.Channel) -> object:
        return next(reflection_pb2_grpc.ServerReflectionStub(opened).ServerReflectionInfo(iter([listed]), timeout=5))

    def servers(opened: grpc.Channel) -> object:
        return channelz_pb2_grpc.ChannelzStub(opened).GetServers(channelz_pb2.GetServersRequest(), timeout=5)

    def health(opened: grpc.Channel) -> object:
        return health_pb2_grpc.HealthStub(opened).Check(health_pb2.HealthCheckRequest(), timeout=5)

    with channel(local(tokened), files) as opened:
        assert [code(lambda f=f: f(opened)) for f in (health, reflect, servers)] == ["OK", *["UNIMPLEMENTED"] * 2]
    with grpc.insecure_channel(tokened.admin_address) as opened:
        assert [code(lambda f=f: f(opened)) for f in (health, reflect, servers)] == ["OK"] * 3
        assert code(lambda: clear(opened)) == "UNIMPLEMENTED"


def test_a_token_bound_to_a_certificate_counts_with_it_alone(files: Files, issuer: Issuer) -> None:
    keys = key_set(files.folder / "bound.json", issuer)
    with serving(**files.write(), auth_keys=keys, auth_issuer=ISSUER, auth_audience=AUDIENCE) as server:
        mine, other = files.caller("desk.example"), files.caller("other.example")
        token = bearer(issuer.token(cnf={"x5t#S256": thumbprint(mine)}))
        for leaf, expected in ((mine, "OK"), (other, "UNAUTHENTICATED")):
            with channel(local(server), files, leaf) as opened:
                assert code(lambda opened=opened: clear(opened, *token)) == expected
                for odd in ("x", {}, {"x5t#S256": ""}, ["x"]):
                    bound = bearer(issuer.token(cnf=odd))
                    assert code(lambda opened=opened, bound=bound: clear(opened, *bound)) == "UNAUTHENTICATED"


def test_certificates_and_keys_are_read_again_when_they_change(
    tmp_path: Path, issuer: Issuer, capfd: pytest.CaptureFixture[str]
) -> None:
    old, new = Files(tmp_path), Files(tmp_path)
    keys = key_set(tmp_path / "keys.json", issuer)
    with serving(**old.write(), auth_keys=keys, auth_issuer=ISSUER, auth_audience=AUDIENCE, log_level="info") as server:

        def answer(files: Files, leaf: trustme.LeafCert, token: str) -> str:
            with channel(local(server), files, leaf) as opened:
                return code(lambda: clear(opened, *bearer(token)))

        assert answer(old, old.caller("desk"), issuer.token()) == "OK"
        (tmp_path / "tls_certificate.pem").write_text("half a file")
        assert answer(old, old.caller("desk"), issuer.token()) == "OK"  # the old one stays in force
        new.write()
        wait_until(lambda: answer(new, new.caller("desk"), issuer.token()) == "OK", 5)
        assert answer(old, old.caller("desk"), issuer.token()) == "UNAVAILABLE"
        keys.write_text("{")
        assert answer(new, new.caller("desk"), issuer.token()) == "OK"
        later = Issuer("later")
        key_set(keys, later)
        wait_until(lambda: answer(new, new.caller("desk"), later.token()) == "OK", 5)
        assert answer(new, new.caller("desk"), issuer.token()) == "UNAUTHENTICATED"
    said = capfd.readouterr().err
    assert said.count('"reload_failed"') >= 2
    assert issuer.token().rpartition(".")[0][:60] not in said  # no token in the log
    assert '"caller": "desk"' in said


def test_a_stream_ends_with_its_token(files: Files, issuer: Issuer) -> None:
    paths = files.write()
    del paths["tls_client_ca"]
    keys = key_set(files.folder / "short.json", issuer)
    with (
        serving(**paths, auth_keys=keys, auth_issuer=ISSUER, auth_audience=AUDIENCE) as server,
        channel(local(server), files) as opened,
    ):
        request = pb.StreamRealTimeRequest()
        request.interval.idempotency_id = '{"do": "count"}'

        def intervals() -> Iterator[pb.StreamRealTimeRequest]:
            yield request
            time.sleep(3.5)
            yield request

        token = issuer.token(exp=int(time.time()) - 8)  # within the leeway for a little longer
        answers = Stub(opened).StreamRealTime(intervals(), timeout=20, metadata=bearer(token))
        assert next(answers).result.result.termination.objective == 1
        with pytest.raises(grpc.RpcError) as caught:
            next(answers)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_participant_sees_the_prices_and_its_own_units_of_a_real_clearing(files: Files, issuer: Issuer) -> None:
    units = [
        {"id": "coal", "p_min": 20, "p_max": 100, "price": 10, "owner": "north"},
        {"id": "gas", "p_min": 10, "p_max": 100, "price": 30, "owner": "south"},
    ]
    request = pb.ClearDayAheadRequest(case=write_case.case(market([100.0, 150.0], units=units)))
    paths = files.write()
    del paths["tls_client_ca"]
    settings = Settings.model_validate(
        {"listen": "127.0.0.1:0", "threads": 1, "log_level": "error", **paths, "auth_issuer": ISSUER,
         "auth_keys": key_set(files.folder / "real.json", issuer), "auth_audience": AUDIENCE}
    )  # fmt: skip
    with EmbeddedServer(settings=settings) as server, channel(local(server), files) as opened:

        def seen(role: str, **claims: object) -> pb.ClearDayAheadResponse:
            return Stub(opened).ClearDayAhead(request, timeout=60, metadata=bearer(issuer.token(role, **claims)))

        whole, own = seen("operator").result, seen("participant", clearing_owners=["north"]).result
        public, none = seen("researcher").result, seen("participant").result
    assert [owner.owner_id for owner in whole.owner_results] == ["north", "south"]
    assert [owner.owner_id for owner in own.owner_results] == ["north"]
    assert own.owner_results[0] == whole.owner_results[0]
    assert not public.owner_results
    assert not none.owner_results
    for result in (own, public, none):
        assert result.public_result == whole.public_result
        assert not any(result.HasField(f) for f in ("system_schedule", "certificate", "audit", "explanations"))
        result.ClearField("public_result")  # which names who sets a price
        assert b"gas" not in result.SerializeToString()
