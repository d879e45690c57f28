"""Certificates and tokens for tests: good ones, and bad ones of every kind."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUER, AUDIENCE = "https://issuer.example", "clearing.example"


@dataclass
class Issuer:
    """A key, and the tokens it signs."""

    kid: str = "one"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "alg": "ES256", "use": "sig"}

    def token(self, role: str | None = "operator", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token; a claim given as None is left out."""
        now = int(time.time())
        said = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "desk", "iat": now, "exp": now + 300,
            "clearing_role": role, **claims,
        }  # fmt: skip
        kept = {name: value for name, value in said.items() if value is not None}
        head = {name: value for name, value in {"kid": self.kid, **(headers or {})}.items() if value is not None}
        return jwt.encode(kept, self.key, "ES256", head)


def key_set(path: Path, *issuers: Issuer) -> Path:
    path.write_text(json.dumps({"keys": [issuer.jwk for issuer in issuers]}))
    return path


def unsigned(payload: dict[str, Any], algorithm: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'one'})}.{part(payload)}."


def bad_tokens(issuer: Issuer) -> dict[str, str]:
    """Every way in which a token can be wrong, by name."""
    now, good = int(time.time()), issuer.token()
    claims = jwt.decode(good, options={"verify_signature": False})
    header, body, signature = good.split(".")
    public_pem = json.dumps(issuer.jwk)
    other = rsa.generate_private_key(65537, 2048)
    return {
        "expired": issuer.token(exp=now - 60),
        "not yet valid": issuer.token(nbf=now + 600),
        "issued in the future": issuer.token(iat=now + 600),
        "without expiry": issuer.token(exp=None),
        "without issue time": issuer.token(iat=None),
        "without subject": issuer.token(sub=None),
        "with an empty subject": issuer.token(sub=""),
        "with a subject that is no text": issuer.token(sub=7),
        "of another issuer": issuer.token(iss="https://other.example"),
        "without issuer": issuer.token(iss=None),
        "for another audience": issuer.token(aud="other.example"),
        "without audience": issuer.token(aud=None),
        "signed by another key": Issuer("one").token(),
        "signed by a key nobody knows": Issuer("two").token(),
        "with a kid that is no text": issuer.token(headers={"kid": "../../keys"}),
        "with a key of its own": Issuer("three").token(headers={"jwk": Issuer("three").jwk, "kid": None}),
        "unsigned": unsigned(claims, "none"),
        "unsigned, spelt otherwise": unsigned(claims, "nOnE"),
        "signed with the public key as a secret": jwt.encode(
            claims, public_pem.encode().hex(), "HS256", {"kid": "one"}
        ),
        "of another algorithm": jwt.encode(claims, other, "RS256", {"kid": "one"}),
        "of another curve": jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", {"kid": "one"}),
        "with a changed claim": f"{header}.{_changed(body)}.{signature}",
        "with a changed signature": f"{header}.{body}.{signature[:-4]}AAAA",
        "cut off": good[: len(good) // 2],
        "no token": "x",
        "too long": issuer.token(more="x" * 9000),
        "of a critical extension": issuer.token(headers={"crit": ["b64x"], "b64x": True}),
    }


def _changed(body: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["clearing_role"], claims["sub"] = "operator", "somebody else"
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


@dataclass
class Files:
    """Certificates of a server and of its callers, as files."""

    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)
    caller_ca: trustme.CA = field(default_factory=trustme.CA)

    def write(self, **server: Any) -> dict[str, Path]:
        """Key and certificate of the server and the CA of its callers, as settings."""
        leaf = self.ca.issue_cert("localhost", **server)
        paths = {name: self.folder / f"{name}.pem" for name in ("tls_key", "tls_certificate", "tls_client_ca")}
        paths["tls_key"].write_bytes(leaf.private_key_pem.bytes())
        paths["tls_certificate"].write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        paths["tls_client_ca"].write_bytes(self.caller_ca.cert_pem.bytes())
        return paths

    def caller(self, name: str, **more: Any) -> trustme.LeafCert:
        return self.caller_ca.issue_cert(name, **more)

    def bad_callers(self) -> dict[str, trustme.LeafCert]:
        past = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
        return {
            "expired": self.caller("desk.example", not_before=past, not_after=past + dt.timedelta(days=1)),
            "not yet valid": self.caller("desk.example", not_before=past + dt.timedelta(days=9)),
            "of the server's own CA": self.ca.issue_cert("desk.example"),
            "of a stranger's CA": trustme.CA().issue_cert("desk.example"),
        }


def thumbprint(leaf: trustme.LeafCert) -> str:
    """x5t#S256 of RFC 8705."""
    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
