"""A server of the program's own on a free port, and a client for it."""

import asyncio
import contextlib
import ssl

import httpx

from handlers.server import Server, listen


@contextlib.asynccontextmanager
async def served(app, **tls):
    """A client whose calls go to `app` through a real socket, and the server."""
    server = Server(app, listen("127.0.0.1", 0), **tls)
    running = asyncio.create_task(server.run_until_stopped())
    while not server.started:
        await asyncio.sleep(0.005)
    scheme, verify = ("https", str(tls["certificate"])) if tls else ("http", True)
    trust = ssl.create_default_context(cafile=verify) if tls else True
    async with httpx.AsyncClient(base_url=f"{scheme}://127.0.0.1:{server.port}", verify=trust) as client:
        yield client, server
    server.stop()
    await asyncio.wait_for(running, 10)
