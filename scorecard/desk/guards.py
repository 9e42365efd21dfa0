"""Guards: what holds of every request before anything looks at it, and of every response.

They wrap the application in the order of `guarded`: whose word about the sender's address is
believed, the headers that a browser gets, how often one address may ask, and how much it may send.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from scorecard.desk.rates import Rates, address_key

MOST_BYTES = 64 * 1024
"""Bytes of a request's body: five times what the longest reply takes."""
MOST_DRAINED = 16 * 1024 * 1024
"""Bytes that are read and thrown away, so that a browser that is still sending sees the sentence
that says why; of more the connection is closed."""
LONGEST_BODY = 30.0
"""Seconds in which a body must have come."""
BURST, PER_SECOND = 300, 20
"""Requests of one address at once, and as time goes by. An office may have one for all."""
Say = Callable[[Scope, int, str], Response]
"""Makes the page that says one sentence, under a status."""
TOO_OFTEN = "There were too many requests from here; wait a minute, and load the page again."
TOO_LARGE = (
    "That was more than a reply can have, so nothing of it was recorded. Go back, say it shorter "
    "(60 words an answer), and send it again."
)
TOO_SLOW = "What was sent did not arrive whole, so nothing of it was recorded; send it again."

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
"""No script runs at all, nothing is fetched from elsewhere, nothing is framed, kept or told on."""
HTTPS_ONLY = "max-age=31536000"


def guarded(
    app: ASGIApp,
    say: Say,
    proxies: Sequence[str],
    https: bool,
    clock: Callable[[], float] = time.monotonic,
) -> ASGIApp:
    """The application within all guards."""
    inner = BodyGuard(app, say)
    limited = RateGuard(inner, say, Rates(BURST, PER_SECOND, clock))
    headed: ASGIApp = HeaderGuard(limited, https)
    if not proxies:
        return headed
    return ProxyHeadersMiddleware(headed, trusted_hosts=list(proxies))  # type: ignore[arg-type, return-value]


class HeaderGuard:
    """Adds HEADERS to every response that does not say otherwise."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._headers = {**HEADERS, **({"strict-transport-security": HTTPS_ONLY} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class RateGuard:
    """Refuses what one address asks too often."""

    def __init__(self, app: ASGIApp, say: Say, rates: Rates) -> None:
        self._app, self._say, self._rates = app, say, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._rates.allows(address_key(client_of(scope))):
            response = self._say(scope, 429, TOO_OFTEN)
            response.headers["retry-after"] = "60"
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyGuard:
    """Reads a body before anything is done with it, no more than MOST_BYTES of it."""

    def __init__(self, app: ASGIApp, say: Say) -> None:
        self._app, self._say = app, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(self._read(scope, receive), LONGEST_BODY)
        except TimeoutError:
            await self._say(scope, 408, TOO_SLOW)(scope, receive, send)
            return
        if body is None:
            await self._say(scope, 413, TOO_LARGE)(scope, receive, send)
            return
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body; None where it has more than MOST_BYTES."""
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:18]) > MOST_DRAINED:
            return None
        kept, size = bytearray(), 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            size += len(message.get("body", b""))
            if size <= MOST_BYTES:
                kept += message.get("body", b"")
            if size > MOST_DRAINED:
                return None
            if not message.get("more_body", False):
                return bytes(kept) if size <= MOST_BYTES else None


def client_of(scope: Scope) -> str:
    """The address of who asks, as the server or a trusted proxy says it, cut short where that is
    none; empty where neither knows one."""
    client = scope.get("client")
    return str(client[0])[:64] if client else ""
