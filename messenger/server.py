"""Serving the messenger, on the loopback interface and nowhere else."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from messenger.loopback import is_loopback


class Server(uvicorn.Server):
    """A uvicorn server that ends open streams and long polls when it stops, instead of waiting for them."""

    handles_signals = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves SIGINT and SIGTERM to the program around it, unless it is served alone."""
        if not self.handles_signals:
            yield
            return
        with super().capture_signals():
            yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.app
        if isinstance(app, Starlette):
            app.state.world.halt()
            await asyncio.sleep(0)
        await super().shutdown(sockets)


def build_server(app: Starlette, *, port: int, host: str = "127.0.0.1", alone: bool = False) -> Server:
    """Returns a server for `await server.serve()`, also inside a running event loop; `should_exit = True` ends it.

    Port 0 takes any free one. `alone`: it is the whole program, and SIGINT and SIGTERM stop it. The access log stays
    off, because addresses contain the token. Raises ValueError for a host that others could reach; `serve` exits the
    program (SystemExit) when the port is taken.
    """
    if not is_loopback(host):
        raise ValueError(f"the messenger serves this computer only, not {host}")
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_level="warning", log_config=None, timeout_graceful_shutdown=3
    )
    server = Server(config)
    server.handles_signals = alone
    return server
