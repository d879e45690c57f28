"""How commands reach the server that --server names: options before the command, or the environment."""

from __future__ import annotations

import ssl
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from clearing.cli.status import bad_input
from clearing.client import Endpoint


def _variable(option: str) -> str:
    return f"CLEARING_CLIENT_{option.upper()}"


_given: ContextVar[Endpoint | None] = ContextVar("access", default=None)
"""What the options say; no server is named yet."""


def access(
    tls: Annotated[
        bool, typer.Option("--tls", envvar=_variable("tls"), help="Reach --server over TLS; any file below implies it.")
    ] = False,
    ca: Annotated[
        Path | None,
        typer.Option(metavar="PEM", envvar=_variable("ca"), help="Who signed the server; default: the system's."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="PEM", envvar=_variable("certificate"), help="Certificate of the caller.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="PEM", envvar=_variable("key"), help="Key of the caller's certificate.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", envvar=_variable("token_file"), help="File with the caller's token.")
    ] = None,
) -> None:
    """Clear electricity markets: SCUC, SCED, prices, and an audit of the answer."""
    _given.set(Endpoint("", tls, ca, certificate, key, token_file))


def endpoint(server: str) -> Endpoint:
    """The server that --server names, reached as the options say; raises Failure where either is of no use."""
    host, separator, port = server.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise bad_input("USAGE", "This is not HOST:PORT.", path="--server", value=server, limit="HOST:PORT")
    found = replace(_given.get() or Endpoint(""), address=server)
    _check(found)
    return found


def _check(found: Endpoint) -> None:
    """Files that are there and are what they should be: what a handshake would only call a failure."""
    if (found.certificate is None) != (found.key is None):
        raise bad_input("USAGE", "A certificate and its key are given together.", path="--certificate, --key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for option, file in (("--ca", found.ca), ("--certificate", found.certificate), ("--token-file", found.token_file)):
        if file is None:
            continue
        try:
            if file is found.ca:
                context.load_verify_locations(file)
            elif file is found.certificate:
                context.load_cert_chain(file, found.key, password=lambda: "")
            else:
                file.read_text(encoding="ascii")
        except ssl.SSLError:
            message = "This is not a PEM file as it is needed here, or the key is another certificate's."
            raise bad_input("NOT_PEM", message, path=option, value=str(file)) from None
        except (OSError, UnicodeDecodeError):
            message = "The file, or the key beside it, cannot be read."
            raise bad_input("FILE_NOT_READABLE", message, path=option, value=str(file)) from None
