"""The HTTP side of the Bot API: /bot<TOKEN>/<method> and /file/bot<TOKEN>/<path>."""

import hmac
import inspect
import json
import logging
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from messenger import files
from messenger.api import editing, groups, me, queries, sending, updates
from messenger.api.call import METHODS, Call, Upload
from messenger.errors import Refused, bad
from messenger.store import Json, dump
from messenger.world import World

log = logging.getLogger(__name__)
FAMILIES: Final = (editing, groups, me, queries, sending, updates)  # importing them fills METHODS
_LARGEST_TEXT: Final = 1 << 20  # bytes of one form field


async def call_method(request: Request) -> Response:
    """Answers one call. Errors are answered as Telegram does: {"ok": false, "error_code", "description"}."""
    world: World = request.app.state.world
    try:
        _authorise(world, request.path_params["token"])
        name = str(request.path_params["method"])
        body = {"ok": True, "result": await execute(world, name, *await _parameters(request))}
    except Refused as error:
        return _json(error.answer(), error.code)
    except HTTPException as error:
        return _json(Refused(error.status_code, f"Bad Request: {error.detail}").answer(), error.status_code)
    except (AttributeError, KeyError, TypeError, ValueError):  # a parameter of a shape that no method expects
        log.warning("the parameters of %s could not be read", request.path_params["method"], exc_info=True)
        return _json(bad("can't parse the parameters").answer(), 400)
    return _json(body, 200)


async def execute(world: World, name: str, values: Json, uploads: dict[str, Upload]) -> Any:
    """Runs one method, whole or not at all; returns its result. Raises Refused."""
    function = METHODS.get(name.lower())
    if function is None:
        raise Refused(404, "Not Found: method not found")
    call = Call(world, values, uploads)
    if inspect.iscoroutinefunction(function):
        return await function(call)
    with world.store.transaction():
        return function(call)


async def get_file(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        _authorise(world, request.path_params["token"])
    except Refused as error:
        return _json(error.answer(), error.code)
    record = files.find_by_path(world, request.path_params["path"])
    if record is None:
        return _json(Refused(404, "Not Found").answer(), 404)
    return FileResponse(files.place(world, record), media_type="application/octet-stream")


def _authorise(world: World, token: str) -> None:
    if not hmac.compare_digest(token.encode(), world.token.encode()):
        raise Refused(401, "Unauthorized")


def _json(body: Json, status: int) -> Response:
    return Response(dump(body), status_code=status, media_type="application/json")


async def _parameters(request: Request) -> tuple[Json, dict[str, Upload]]:
    """Returns the call's values and files, from the query, a form or JSON; the body wins over the query."""
    values: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise bad("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad("expected an Object")
        return values | body, {}
    if kind not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        return values, {}
    uploads: dict[str, Upload] = {}
    async with request.form(max_fields=1000, max_part_size=_LARGEST_TEXT) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                uploads[name] = (value.filename or "file", await value.read())
            else:
                values[name] = value
    return values, uploads
