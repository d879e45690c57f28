"""Who may talk to the console: this machine's browser, from the console's own pages.

A page from elsewhere can make a browser send requests to loopback. So the Host must be one of ours (no name that was
rebound to this machine), and what changes something must come from our own origin. No request is read beyond a limit.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clearing.console.uploads import MOST_BYTES, too_large

SAFE_METHODS = {"GET", "HEAD"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _bounded(receive: Receive, headers: Headers) -> Receive:
    """The same bytes up to MOST_BYTES; raises Refused to whoever reads beyond, at once where more is announced."""
    announced = headers.get("content-length", "")
    read = int(announced) if announced.isdecimal() and int(announced) > MOST_BYTES else 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise too_large(f"{MOST_BYTES >> 20} MiB")
        return message

    return counted


class Guard:
    """ASGI middleware. hosts: HOST:PORT as a browser of this machine may name us; checked on every request."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is not from here, and put headers on what is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._ours(scope["method"], headers):
            await PlainTextResponse("This request did not come from the console's own pages.", 403)(
                scope, receive, send
            )
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("Content-Security-Policy", POLICY)
                out.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, _bounded(receive, headers), dressed)

    def _ours(self, method: str, headers: Headers) -> bool:
        host = headers.get("host", "").lower()
        if self._hosts and host not in self._hosts:
            return False
        if method in SAFE_METHODS:
            return True
        return headers.get("origin", "") in (f"http://{host}", f"https://{host}")
