"""`clearing replay`: ask again what an earlier run asked, and say whether the answer is the same."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from clearing.cli.about import RUN_INFO_FILE, json_object
from clearing.cli.arguments import AsJson, Server
from clearing.cli.ending import ending
from clearing.cli.files import REQUEST_FILE, RESULT_FILE
from clearing.cli.output import answers, emit
from clearing.cli.session import connected
from clearing.cli.status import Exit, bad_input
from clearing.wire import case_file


def replay(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `clearing run --out` left.")],
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of the embedded server's worker; default: all cores.")
    ] = None,
    server: Server = None,
    json: AsJson = False,
) -> None:
    """Run the request of FOLDER again and hold the answer to the one that is there.

    SAME: equal byte by byte, as reproducible mode promises. WITHIN_GAP: another schedule, both with a proven gap, whose
    costs differ by no more than that. DIFFERENT: anything else. Exit: 0 the first two, 4 DIFFERENT, 2 files that do
    not belong together, 3 no server.
    """
    with ending(json):
        request = _bytes(folder / REQUEST_FILE)
        before, info = json_object(folder / RESULT_FILE), json_object(folder / RUN_INFO_FILE)
        if hashlib.sha256(request).hexdigest() != info.get("request_digest"):
            message = f"{RUN_INFO_FILE} is of another request."
            raise bad_input("OTHER_REQUEST", message, path=REQUEST_FILE, limit=str(info.get("request_digest", "")))
        with connected(server, threads) as client:
            reply: Any = client.replay(request)
        after = case_file.message_to_tree(reply.result)
        told = {
            "status": _status(before, after),
            "digest_before": before.get("digest", ""),
            "digest_after": after.get("digest", ""),
            "objective_before": before.get("termination", {}).get("objective"),
            "objective_after": after.get("termination", {}).get("objective"),
            "reason_before": before.get("termination", {}).get("reason"),
            "reason_after": after.get("termination", {}).get("reason"),
            "reproducible": bool(info.get("options", {}).get("reproducible", False)),
            "changed": _changed(info, case_file.message_to_tree(reply.run_info)),
        }
        if json:
            emit(told)
        else:
            _show(answers(), told)
        raise typer.Exit(Exit.AUDIT_FAILED if told["status"] == "DIFFERENT" else Exit.OK)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise bad_input(
            "NO_SUCH_FILE", "There is no such file; `clearing run --out` writes it.", path=path.name
        ) from None


def _status(before: dict[str, Any], after: dict[str, Any]) -> str:
    if before.get("digest") and before["digest"] == after.get("digest"):
        return "SAME"
    ends = [of.get("termination", {}) for of in (before, after)]
    if not all("objective" in end and "absolute_gap" in end for end in ends):
        return "DIFFERENT"
    apart = abs(ends[0]["objective"] - ends[1]["objective"])
    allowed = max(end["absolute_gap"] for end in ends) + 1e-9 * abs(ends[0]["objective"])
    return "WITHIN_GAP" if apart <= allowed else "DIFFERENT"


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """What answered then and now, where it differs."""
    then, now = ({part["name"]: part.get("version", "") for part in of.get("components", [])} for of in (before, after))
    then["threads"], now["threads"] = str(before.get("threads", "")), str(after.get("threads", ""))
    names = sorted(then.keys() | now.keys())
    return {name: [then.get(name, ""), now.get(name, "")] for name in names if then.get(name) != now.get(name)}


def _show(console: Console, told: dict[str, Any]) -> None:
    console.print(f"[bold]{told['status']}[/]")
    for what in ("reason", "objective", "digest"):
        console.print(f"{what:<10} {told[f'{what}_before']}  then, {told[f'{what}_after']}  now", soft_wrap=True)
    for name, (then, now) in told["changed"].items():
        console.print(f"{name:<10} {then}  then, {now}  now")
    if told["status"] != "SAME" and not told["reproducible"]:
        console.print("the run was not in reproducible mode: equal bytes are not promised")
