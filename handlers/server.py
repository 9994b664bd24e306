"""Serves a few pages from inside the running program: the webhook, or how the program is."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

log = logging.getLogger(__name__)

MOST_CALLS = 500  # connections or calls at one moment; what is over is answered 503
KEEP_ALIVE = 75  # seconds; longer than proxies keep a connection, so that it is they who close it
BACKLOG = 1024


class PortTaken(Exception):  # noqa: N818  a reason, told to the operator
    """Another program listens there, or the place is not one of this computer's."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host}:{port}")
        self.host, self.port = host, port


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortTaken(host, port) from error


class Server(uvicorn.Server):
    """Serves on a socket until `stop`; signals are the program's own.

    There is no access log: it would hold addresses of members' computers, and of the webhook.
    """

    def __init__(
        self,
        app: ASGIApp,
        place: socket.socket,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            lifespan="off",
            ws="none",
            interface="asgi3",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            limit_concurrency=MOST_CALLS,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        super().__init__(config)
        self._place = place
        self._files = (certificate, key) if certificate is not None else None
        self._files_at = self._changed_at()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @property
    def port(self) -> int:
        return int(self._place.getsockname()[1])

    async def run_until_stopped(self) -> None:
        """Returns after `stop`, when the calls under way are answered; cancel it to wait no longer."""
        await self.serve(sockets=[self._place])

    def renew(self) -> None:
        """Takes a certificate that was renewed since; new connections use it. One that cannot be used is left."""
        changed_at = self._changed_at()
        if self._files is None or self.config.ssl is None or changed_at == self._files_at:
            return
        self._files_at = changed_at
        try:
            self.config.ssl.load_cert_chain(*self._files)
        except OSError as error:  # ssl.SSLError is one
            log.error("the renewed certificate cannot be used (%s); the old one goes on", type(error).__name__)  # noqa: TRY400
        else:
            log.info("the renewed certificate is used")

    def _changed_at(self) -> list[float]:
        with contextlib.suppress(OSError):  # in the middle of being replaced
            return [path.stat().st_mtime for path in self._files or () if path is not None]
        return []

    def stop(self) -> None:
        """No new calls are taken."""
        self.should_exit = True
