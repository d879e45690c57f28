"""Requests of settlement and admission from a file, and their replies as pages: what the console shows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearing.case.finding import Finding, Severity
from clearing.cli.admission import write_entry, write_positions
from clearing.cli.files import read_entry_request, read_positions_request, read_settle_request
from clearing.cli.settling import write_settled
from clearing.cli.status import Failure
from clearing.client import Client, Endpoint
from clearing.wire import plain, read_report


@dataclass(frozen=True, slots=True)
class Kind:
    """read (file → request), ask (client, request, rule set, version → reply), write (folder, request, reply)."""

    read: Callable[[Path], Any]
    ask: Callable[[Client, Any, str, str], Any]
    write: Callable[[Path, Any, Any], None]


KINDS: Mapping[str, Kind] = {
    "settle": Kind(
        read_settle_request,
        lambda client, request, name, version: client.settlement.settle(request, name, {}, version),
        lambda folder, _, reply: write_settled(folder, plain.tree(reply)),
    ),
    "positions": Kind(
        read_positions_request,
        lambda client, request, name, version: client.admission.check_positions(request, name, {}, version),
        write_positions,
    ),
    "entry": Kind(
        read_entry_request,
        lambda client, request, name, version: client.admission.check_entry(request, name, {}, version),
        write_entry,
    ),
}


def judged(server: Endpoint, kind: str, file: Path, rules: str, folder: Path) -> tuple[bool, list[Finding]]:
    """Ask a server about a request in a file, and write the pages of its reply into a folder.

    rules: NAME[@VERSION] in place of the request's, '' = the request's own. Returns whether all of it stands, and the
    findings; a file that is no such request has those that say so. Raises what calls of the client raise.
    """
    how, (name, _, version) = KINDS[kind], rules.partition("@")
    try:
        request = how.read(file)
    except Failure as failed:
        return False, list(failed.findings)
    with server.connect() as client:
        reply = how.ask(client, request, name, version)
    how.write(folder, request, reply)
    findings = list(read_report.findings(reply.findings))
    return all(f.severity is not Severity.ERROR for f in findings), findings
