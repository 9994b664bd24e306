"""Only this computer: requests that name another host, or come from another site's page, are refused.

A page on the web can make a browser call localhost (cross-site request forgery), and a domain can be pointed at
127.0.0.1 (DNS rebinding). Both show in the headers Host, Origin and Sec-Fetch-Site, which pages cannot set.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def is_loopback(host: str) -> bool:
    """True for localhost and for addresses of the loopback interface, without looking a name up."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def allowed(headers: Headers) -> bool:
    """Whether a request comes from this computer and from no other site's page."""
    host = headers.get("host", "")
    if not is_loopback(_hostname(host)):
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return False
    return (
        headers.get("sec-fetch-site", "none") in {"none", "same-origin"} or headers.get("sec-fetch-mode") == "navigate"
    )


class LoopbackOnly:
    """Answers 403 to everything else, before anything is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not allowed(Headers(scope=scope)):
            body = {
                "ok": False,
                "error_code": 403,
                "description": "Forbidden: only this computer may call the messenger",
            }
            await JSONResponse(body, status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)
