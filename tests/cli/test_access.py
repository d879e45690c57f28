"""Commands against a server that wants TLS, a certificate and a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from clearing.server.embedded import EmbeddedServer
from clearing.server.settings import Settings
from tests.cli.conftest import clearing
from tests.server.credentials import AUDIENCE, ISSUER, Files, Issuer, key_set

pytestmark = pytest.mark.slow  # starts a server


class Secured:
    """A server, and files of callers it knows."""

    def __init__(self, folder: Path) -> None:
        files, self.issuer = Files(folder), Issuer()
        settings = Settings.model_validate(
            {"listen": "localhost:0", "threads": 1, "log_level": "error", **files.write(),
             "auth_keys": key_set(folder / "keys.json", self.issuer), "auth_issuer": ISSUER, "auth_audience": AUDIENCE}
        )  # fmt: skip
        self.server = EmbeddedServer(settings=settings)
        self.folder, self.files = folder, files
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(files.ca.cert_pem.bytes())
        self.certificate, self.key = self.leaf("desk", files.caller("desk.example"))
        self.token = folder / "token"
        self.token.write_text(self.issuer.token() + "\n")

    def leaf(self, name: str, leaf: trustme.LeafCert) -> tuple[Path, Path]:
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        return certificate, key

    def options(self, **other: Path | None) -> list[str]:
        """Those of a caller who may; other ones instead, None = not given."""
        given = {"ca": self.ca, "certificate": self.certificate, "key": self.key, "token_file": self.token, **other}
        return [
            str(part) for name, file in given.items() if file is not None
            for part in (f"--{name.replace('_', '-')}", file)
        ]  # fmt: skip


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    made = Secured(tmp_path_factory.mktemp("secured"))
    with made.server:
        yield made


def test_a_day_is_cleared_by_options_and_by_environment(
    secured: Secured, case_json: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_options = clearing(*secured.options(), "run", case_json, "--server", secured.server.address, "--json")
    assert by_options.code == 0, by_options.stderr
    for name in ("ca", "certificate", "key"):
        monkeypatch.setenv(f"CLEARING_CLIENT_{name.upper()}", str(getattr(secured, name)))
    monkeypatch.setenv("CLEARING_CLIENT_TOKEN_FILE", str(secured.token))
    by_environment = clearing("run", case_json, "--server", secured.server.address, "--json")
    assert by_environment.code == 0, by_environment.stderr
    assert by_environment.object["objective"] == by_options.object["objective"] == pytest.approx(11_700)
    assert clearing("run", case_json, "--threads", 1, "--json").code == 0, "a server of its own needs none of it"


def test_a_batch_reaches_its_servers_and_reads_a_token_that_was_renewed(
    secured: Secured, case_json: Path, tmp_path: Path
) -> None:
    manifest, token = tmp_path / "manifest.json", tmp_path / "token"
    runs = [{"name": str(seed), "case": str(case_json), "solve": {"seed": seed}} for seed in range(3)]
    manifest.write_text(json.dumps({"name": "small", "runs": runs}))
    arguments = ("batch", manifest, "--out", tmp_path / "out", "--retries", 0, "--server", secured.server.address)
    token.write_text(secured.issuer.token(exp=1))
    refused = clearing(*secured.options(token_file=token), *arguments, "--json")
    assert refused.code != 0
    assert "UNAUTHENTICATED" in refused.stdout
    token.write_text(secured.issuer.token())
    done = clearing(*secured.options(token_file=token), *arguments, "--json")
    assert done.code == 0, done.stdout


@pytest.mark.parametrize("missing", ["ca", "certificate", "token_file"])
def test_who_brings_too_little_gets_nothing(secured: Secured, missing: str) -> None:
    left_out = {missing: None, **({"key": None} if missing == "certificate" else {})}
    ended = clearing(*secured.options(**left_out), "rules", "--server", secured.server.address, "--json")
    status = "NOT_ALLOWED" if missing == "token_file" else "UNAVAILABLE"
    assert (ended.object["status"], ended.code) == (status, 2 if missing == "token_file" else 3)


def test_strangers_and_plaintext_get_nothing(secured: Secured) -> None:
    stranger = secured.leaf("stranger", trustme.CA().issue_cert("desk.example"))
    address = secured.server.address
    for options in (secured.options(certificate=stranger[0], key=stranger[1]), []):
        ended = clearing(*options, "rules", "--server", address, "--json")
        assert (ended.object["status"], ended.code) == ("UNAVAILABLE", 3)


def test_a_role_that_may_not_is_told_so(secured: Secured, case_json: Path) -> None:
    token = secured.folder / "researcher"
    token.write_text(secured.issuer.token("researcher"))
    arguments = ("market-power", case_json, "--server", secured.server.address, "--json")
    ended = clearing(*secured.options(token_file=token), *arguments)
    assert (ended.object["status"], ended.code) == ("NOT_ALLOWED", 2)
    assert "PERMISSION_DENIED" in ended.object["findings"][0]["message"]


def test_files_that_are_none_are_said_before_anybody_is_called(secured: Secured, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.write_text("no certificate")
    other = secured.leaf("other", secured.files.caller("other.example"))
    absent = tmp_path / "absent"
    for options, code, path in (
        (secured.options(ca=odd), "NOT_PEM", "--ca"),
        (secured.options(ca=absent), "FILE_NOT_READABLE", "--ca"),
        (secured.options(key=other[1]), "NOT_PEM", "--certificate"),
        (secured.options(key=absent), "FILE_NOT_READABLE", "--certificate"),
        (secured.options(key=None), "USAGE", "--certificate, --key"),
        (secured.options(token_file=absent), "FILE_NOT_READABLE", "--token-file"),
    ):
        ended = clearing(*options, "rules", "--server", secured.server.address, "--json")
        assert ended.code == 2
        assert [(f["code"], f["path"]) for f in ended.object["findings"]] == [(code, path)]
