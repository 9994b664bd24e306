"""The HTTP side of the page: its files, its view, its acts and its stream of events."""

import inspect
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from messenger import chats, files, handouts
from messenger.errors import Refused, bad
from messenger.page import asking, groups, view, writing
from messenger.page.acting import ACTS
from messenger.store import Json
from messenger.world import World

STATIC: Final = Path(__file__).parent / "static"
MODULES: Final = (asking, groups, writing)  # importing them fills ACTS
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PDF_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS: Final = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}  # fmt: skip
_SHOWN_INLINE: Final = {"image/png", "image/jpeg", "image/gif", "image/webp"}
Handler = Callable[[Request], Awaitable[Response]]


class _Static(StaticFiles):
    """The page's own files, with its security headers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(key.lower().encode(), value.encode()) for key, value in _HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await super().__call__(scope, receive, with_headers)


def _answering(handler: Handler) -> Handler:
    """Turns what is refused into an answer that the page can show."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as error:
            return JSONResponse(error.answer(), status_code=error.code, headers=_HEADERS)

    return answer


async def _index(_: Request) -> Response:
    return FileResponse(STATIC / "index.html", headers=_HEADERS)


async def _home(request: Request) -> Response:
    return JSONResponse(view.home(request.app.state.world), headers=_HEADERS)


def _whole(request: Request, name: str) -> int:
    try:
        return int(request.query_params.get(name, "0"))
    except ValueError:
        raise bad(f"{name} must be a number") from None


async def _chat(request: Request) -> Response:
    thread = _whole(request, "thread") if "thread" in request.query_params else None
    body = view.chat(
        request.app.state.world, _whole(request, "person"), _whole(request, "chat"), thread, _whole(request, "before")
    )
    return JSONResponse(body, headers=_HEADERS)


async def _events(request: Request) -> Response:
    resume = request.headers.get("last-event-id") or request.query_params.get("after")
    stream = request.app.state.world.live.stream(resume)
    return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)


def _person(world: World, number: object) -> Json:
    person = chats.person(world, number) if isinstance(number, int) else None
    if person is None:
        raise bad("user not found")
    return person


def _from_page(request: Request) -> None:
    """Other sites cannot set this header without being asked for permission, which is never given."""
    if request.headers.get("x-messenger") != "page":
        raise Refused(403, "Forbidden: only the page may do this")


async def _act(request: Request) -> Response:
    _from_page(request)
    world: World = request.app.state.world
    function = ACTS.get(request.path_params["name"])
    if function is None:
        raise Refused(404, "Not Found")
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise bad("can't parse JSON object") from None
    result: Any
    if inspect.iscoroutinefunction(function):
        result = await function(world, _person(world, body.get("person")), body)
    else:
        with world.store.transaction():
            result = function(world, _person(world, body.get("person")), body)
    return JSONResponse({"ok": True, "result": result}, headers=_HEADERS)


async def _upload(request: Request) -> Response:
    _from_page(request)
    world: World = request.app.state.world
    body: Json = dict(request.query_params)
    body |= {name: _whole(request, name) for name in ("person", "chat", "thread", "reply")}
    data = await request.body()
    with world.store.transaction():
        result = writing.upload(world, _person(world, body["person"]), body, data)
    return JSONResponse({"ok": True, "result": result}, headers=_HEADERS)


async def _file(request: Request) -> Response:
    """Pictures are shown; everything else, and whatever is asked for as a download, is saved and never opened here."""
    world: World = request.app.state.world
    record = files.find(world, request.path_params["number"])
    if record is None:
        raise Refused(404, "Not Found")
    shown = record["mime"] in _SHOWN_INLINE and "download" not in request.query_params
    headers = _HEADERS | {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return FileResponse(
        files.place(world, record),
        media_type=record["mime"] if shown else "application/octet-stream",
        filename=None if shown else record["name"],
        headers=headers,
    )


async def _handout(request: Request) -> Response:
    """A PDF, shown by the browser's own viewer; `sandbox` would keep Chromium from opening it."""
    world: World = request.app.state.world
    file = handouts.find(world.handouts(), request.path_params["person"], request.path_params["place"])
    headers = _HEADERS | {"Content-Security-Policy": _PDF_POLICY, "Content-Disposition": "inline"}
    return FileResponse(file, media_type="application/pdf", headers=headers)


def page_routes() -> list[BaseRoute]:
    return [
        Route("/", _index, methods=["GET"]),
        Route("/page/home", _home, methods=["GET"]),
        Route("/page/chat", _answering(_chat), methods=["GET"]),
        Route("/page/events", _events, methods=["GET"]),
        Route("/page/files/{number}", _answering(_file), methods=["GET"]),
        Route("/page/handouts/{person}/{place}", _answering(_handout), methods=["GET"]),
        Route("/page/upload", _answering(_upload), methods=["POST"]),
        Route("/page/act/{name}", _answering(_act), methods=["POST"]),
        Mount("/static", _Static(directory=STATIC)),
    ]
