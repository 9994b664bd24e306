"""The messenger as an ASGI application: Bot API, page and nothing else."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from messenger.api.endpoint import call_method, execute, get_file
from messenger.errors import Refused
from messenger.handouts import Handout
from messenger.loopback import LoopbackOnly
from messenger.page.routes import page_routes
from messenger.store import Json
from messenger.world import World

_LARGEST_REQUEST: Final = 52 << 20  # bytes: a file of 50 MB and its form


def create_app(
    *,
    token: str,
    folder: Path,
    bot_username: str = "auskunft_bot",
    clock: Callable[[], float] = time.time,
    handouts: Callable[[], Sequence[Handout]] = tuple,
) -> Starlette:
    """Builds a messenger that keeps its chats in `folder`, which is created with demo people when it is missing.

    `token` opens the Bot API, `clock` tells the time in Unix seconds, `handouts` what people have on their tables; it
    is asked anew each time, so that handouts may come later. Returns the application; its `state.world` has `halt()`,
    which a server calls when it wants to stop. Raises ValueError for a token of the wrong shape.
    """
    world = World(token, folder, bot_username, clock, handouts)

    async def answered(call: Json) -> None:
        values = {key: value for key, value in call.items() if key != "method"}
        try:
            await execute(world, call["method"], values, {})
        except Refused:
            return

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        world.webhook.answered = answered
        world.webhook.start()
        yield
        world.halt()
        await world.webhook.stop()
        world.store.close()

    routes = [
        Route("/bot{token}/{method}", call_method, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", get_file, methods=["GET"]),
        *page_routes(),
    ]
    app = Starlette(
        routes=routes, middleware=[Middleware(LoopbackOnly)], lifespan=lifespan, max_body_size=_LARGEST_REQUEST
    )
    app.state.world = world
    return app
