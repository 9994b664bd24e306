"""Taps and inline queries that wait for the bot's answer."""

import asyncio
import json
import secrets
from typing import Final

from messenger.store import Json, dump
from messenger.world import World

_PATIENCE: Final = {"callback": 150.0, "inline": 30.0}  # seconds for which Telegram takes an answer
_waiting: dict[str, asyncio.Future[Json]] = {}


def ask(world: World, kind: str, body: Json) -> str:
    """Keeps a query; returns its id."""
    number = str(secrets.randbelow(9 * 10**17) + 10**17)
    world.store.write("DELETE FROM queries WHERE asked_at < ?", world.clock() - 3600)
    world.store.write(
        "INSERT INTO queries VALUES (?, ?, ?, ?)", number, kind, dump(body | {"id": number}), world.clock()
    )
    return number


def take(world: World, number: str, kind: str) -> Json | None:
    """Returns a query that still may be answered, once."""
    row = world.store.row("SELECT body, asked_at FROM queries WHERE id = ? AND kind = ?", number, kind)
    if row is None or world.clock() - row[1] > _PATIENCE[kind]:
        return None
    world.store.write("DELETE FROM queries WHERE id = ?", number)
    body: Json = json.loads(row[0])
    return body


async def inline_answer(number: str, seconds: float) -> Json | None:
    """Waits for the results of an inline query; None when none come."""
    _waiting[number] = asyncio.get_running_loop().create_future()
    try:
        return await asyncio.wait_for(_waiting[number], seconds)
    except TimeoutError:
        return None
    finally:
        _waiting.pop(number, None)


def answer_inline(world: World, query: Json, results: list[Json], button: Json | None) -> None:
    """Keeps what was offered, so that a choice can be sent, and hands it to the page that waits."""
    answer = {"id": query["id"], "results": results, "button": button}
    asked = world.clock()
    world.store.write("INSERT INTO queries VALUES (?, 'offer', ?, ?)", query["id"], dump(query | answer), asked)
    future = _waiting.get(query["id"])
    if future and not future.done():
        future.set_result(answer)
