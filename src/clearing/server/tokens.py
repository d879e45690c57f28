"""Tokens that callers bring (JWT), checked against the public keys of their issuer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt

from clearing.server.identity import Asked, unauthenticated

ALGORITHMS = ("ES256", "ES384", "EdDSA", "PS256", "PS384", "RS256", "RS384", "RS512")
"""Signatures by a private key only: a server that can check a token cannot make one."""

CLAIMS = ("exp", "iat", "sub", "iss", "aud")
LEEWAY_SECONDS = 10.0
LONGEST_TOKEN = 8 << 10
NOT_VALID = "the token is not valid for this server"
BRING_ONE = "one authorization: Bearer TOKEN is needed"


def read_keys(file: Path) -> jwt.PyJWKSet:
    """A JWK set of public keys; raises ValueError when there is a private or a shared one in it."""
    document = json.loads(file.read_text(encoding="utf-8"))
    if any("d" in key or key.get("kty") == "oct" for key in document["keys"]):
        raise ValueError(f"{file.name} holds a private or shared key: public keys are all that a server needs")
    return jwt.PyJWKSet.from_dict(document)


def claims(context: Asked, keys: jwt.PyJWKSet, issuer: str, audience: str) -> dict[str, Any]:
    """Claims of the token of a call; raises UNAUTHENTICATED.

    Which check failed is not said: a caller that guesses learns nothing here.
    """
    token = _bearer(context)
    try:
        header = jwt.get_unverified_header(token)
        key = keys[header["kid"]] if "kid" in header else _only(keys)
        # The algorithm of the key, not the one that the token asks for.
        algorithms = [key.algorithm_name] if key.algorithm_name in ALGORITHMS else []
        options: Any = {"require": list(CLAIMS)}
        found: dict[str, Any] = jwt.decode(
            token, key.key, algorithms, options, audience=audience, issuer=issuer, leeway=LEEWAY_SECONDS
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError):
        raise unauthenticated(NOT_VALID) from None
    if not found["sub"]:
        raise unauthenticated(NOT_VALID)
    _check_binding(found, context)
    return found


def _only(keys: jwt.PyJWKSet) -> jwt.PyJWK:
    if len(keys.keys) != 1:
        raise KeyError("kid")
    return keys.keys[0]


def _bearer(context: Asked) -> str:
    given = [value for key, value in context.invocation_metadata() or () if key == "authorization"]
    if len(given) != 1 or not isinstance(given[0], str):
        raise unauthenticated(BRING_ONE)
    scheme, _, token = given[0].partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
        raise unauthenticated(BRING_ONE)
    return token


def _check_binding(claims: Mapping[str, Any], context: Asked) -> None:
    """A token bound to a certificate (RFC 8705: cnf, x5t#S256) counts only on a connection that shows it."""
    bound = claims.get("cnf")
    if bound is None:
        return
    wanted = bound.get("x5t#S256") if isinstance(bound, dict) else None
    for certificate in context.auth_context().get("x509_pem_cert", ()):
        try:
            shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.decode("ascii"))).digest()
        except (ValueError, binascii.Error):
            continue
        if wanted == base64.urlsafe_b64encode(shown).rstrip(b"=").decode():
            return
    raise unauthenticated("the token is bound to a certificate that this connection does not show")
