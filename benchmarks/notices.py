"""A notice to 10,000 linked chats: `python -m benchmarks.notices [--chats N] [--database URL]`.

A Telegram in a process of its own keeps the limits: 30 messages a second in all, one a second in a chat, 429 for more
and now and then without a reason, 3 % of the chats have blocked the bot. Meanwhile members ask questions, and what they
wait for the answer is measured where it arrives.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter, deque
from datetime import timedelta
from typing import Any

LATENCY = 0.05  # seconds that a call takes
OVERALL, WINDOW = 30, 1.0  # messages, seconds
BLOCKED, TOO_MANY = 0.03, 0.005  # share of chats, share of calls that get a 429 without a reason
ASKERS, EVERY = 20, 0.5  # chats that ask, and the seconds between two questions
FIRST_ASKER = 900_000_000
GROUP, EDITOR, ADMIN = -1001900100200, 9001, 9002
QUESTIONS = ("Ist meine PIN sicher?", "Was ist passiert?", "Muss ich die Karte sperren?", "Which data were stolen?")
PORT = 18741


# ---- Telegram


def serve(port: int) -> None:
    from aiohttp import web

    dice = random.Random(7)
    window: deque[float] = deque()
    last: dict[int, float] = {}
    got: Counter[int] = Counter()
    refused: Counter[str] = Counter()
    arrived: list[tuple[int, float]] = []
    ids = iter(range(1, 1 << 40))

    def too_fast(chat: int, now: float) -> bool:
        while window and window[0] <= now - WINDOW:
            window.popleft()
        return len(window) >= OVERALL or (chat > 0 and now < last.get(chat, 0.0) + 1.0)

    async def call(request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        values = dict(await request.post())
        await asyncio.sleep(LATENCY)
        if method == "getMe":
            return answer({"id": 1, "is_bot": True, "first_name": "Auskunft", "username": "auskunft_bot"})
        if method != "sendMessage":
            return answer(result=True)
        chat, now = int(str(values["chat_id"])), time.monotonic()
        if too_fast(chat, now) or dice.random() < TOO_MANY:
            refused["429"] += 1
            body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
            return web.json_response(body | {"parameters": {"retry_after": 1}}, status=429)
        if chat < FIRST_ASKER and chat > 0 and random.Random(chat).random() < BLOCKED:
            refused["403"] += 1
            body = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
            return web.json_response(body, status=403)
        window.append(now)
        last[chat] = now
        if chat >= FIRST_ASKER:
            arrived.append((chat, now))
        elif chat > 0:
            got[chat] += 1
        message = {"message_id": next(ids), "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
        return answer(message | {"text": "…"})

    def answer(result: Any) -> web.Response:
        return web.json_response({"ok": True, "result": result})

    async def figures(_request: web.Request) -> web.Response:
        return web.json_response({"chats": len(got), "messages": got.total(), "refused": refused, "arrived": arrived})

    app = web.Application()
    app.router.add_get("/figures", figures)
    app.router.add_route("*", "/{rest:.*}", call)
    web.run_app(app, host="127.0.0.1", port=port, print=None, handle_signals=False)


# ---- the association


def fill(session: Any, chats: int, now: Any) -> None:
    from sqlalchemy import insert

    from db.models import Chat, Link, Member

    numbers = range(1, chats + 1)
    chat = {"first_at": now, "last_at": now, "offered": [], "misses": 0, "paused": False, "minute_count": 0}
    session.execute(insert(Chat), [chat | {"id": 10_000 + number} for number in numbers])
    member = {"number_sealed": b"", "number_end": "00", "language": "de", "imported_at": now}
    session.execute(insert(Member), [member | {"id": number, "number_mark": f"m{number}"} for number in numbers])
    link = {"state": "active", "made_at": now, "active_at": now, "used_at": now}
    session.execute(insert(Link), [link | {"chat": 10_000 + number, "member": number} for number in numbers])


def begin(session: Any, desk: Any, now: Any) -> int:
    """The notice as it is when a second person releases it."""
    from db import approvals, notices
    from db.notices import Phase
    from services import notice_sending
    from services.staff import Colleague, Role, StaffTurn

    text = "D-Trust hat den Abschlussbericht vorgelegt. Die Ursache ist bekannt. " * 5
    values: Any = {"text_de": text, "text_en": text, "audience": "linked", "entry": ""}
    row = notices.add(session, phase=Phase.WAITING, by=EDITOR, now=now, thread=None, **values)
    expires_at = now + timedelta(hours=1)
    subject = {"notice": row.id}
    request = approvals.add(session, "notice", subject, asked_by=EDITOR, now=now, expires_at=expires_at)
    notices.change(session, row.id, Phase.WAITING, approval=request.id)
    turn = StaffTurn(session, desk, Colleague(ADMIN, "Sommer", Role.ADMIN), None, now)
    notice_sending.begin(turn, request, 1)
    return row.id


async def ask(program: Any, until: asyncio.Event, asked: dict[int, list[float]]) -> None:
    """Members' questions, one after the other, until the notice is out."""
    from handlers.updates import Intake

    intake, number = Intake(program.context), 0
    while not until.is_set():
        number += 1
        chat = FIRST_ASKER + number % ASKERS
        person = {"id": chat, "is_bot": False, "first_name": "x", "language_code": "de"}
        message = {"message_id": number, "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
        message |= {"from": person, "text": QUESTIONS[number % len(QUESTIONS)]}
        asked.setdefault(chat, []).append(time.monotonic())
        await intake.take({"update_id": number, "message": message})
        await asyncio.sleep(EVERY)
    await program.context.courier.idle(30)


async def run(home: str, url: str, chats: int) -> dict[str, Any]:
    import aiohttp

    import building
    import settings
    from config.staff import Staff
    from db import audiences, notices
    from db.notices import Phase
    from handlers.deliveries import DeliveryReplies
    from handlers.notice_progress import NoticeProgress
    from handlers.notice_words import NoticeWords
    from handlers.outbox import Outbox

    token = "123456789:AAFakeTelegramTokenForTheBenchmark_0000000"
    loaded = settings.load({"DATABASE_URL": url, "AUSKUNFT_HOME": home, "TELEGRAM_TOKEN": token})
    loaded = loaded.model_copy(update={"config": loaded.config.model_copy(update={"staff": Staff(chat=GROUP)})})
    async with building.build(loaded, token=token, base_url=f"http://127.0.0.1:{PORT}/bot") as program:
        context, over = program.context, asyncio.Event()
        asked: dict[int, list[float]] = {}
        await context.work(fill, chats, program.desk.clock())
        words = NoticeWords(program.texts, program.desk)
        compose = DeliveryReplies(program.texts, "auskunft_bot", program.desk.rules.entries, words).compose
        quiet = await _questions_alone(program)
        before = _peak()
        began = time.perf_counter()
        notice = await context.work(begin, program.desk, program.desk.clock())
        queued = time.perf_counter() - began
        parts = [
            asyncio.create_task(Outbox(context, compose=compose).run()),
            asyncio.create_task(NoticeProgress(context).run()),
        ]
        asking = asyncio.create_task(ask(program, over, asked))
        while await context.work(notices.phase_of, notice) is not Phase.DONE:  # noqa: ASYNC110  a row says so
            await asyncio.sleep(1)
        seconds = time.perf_counter() - began
        over.set()
        await asking
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        counts = await context.work(audiences.counts, notice)
        async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{PORT}/figures") as answer:
            told = await answer.json()
    waits = _waits(asked, told["arrived"])
    return {
        "chats": chats,
        "seconds": round(seconds, 1),
        "per_second": round(counts.all / seconds, 1),
        "queueing_seconds": round(queued, 2),
        "sent": counts.sent,
        "blocked": counts.blocked,
        "unclear": counts.unclear,
        "doubled": told["messages"] - told["chats"],
        "lost": counts.all - counts.blocked - told["chats"],
        "too_many_requests": told["refused"].get("429", 0),
        "peak_mb": round(_peak(), 1),
        "peak_mb_before": round(before, 1),
        "answers": len(waits),
        "answer_p50_ms": round(statistics.median(waits) * 1000),
        "answer_p99_ms": round(statistics.quantiles(waits, n=100)[98] * 1000),
        "answer_alone_p50_ms": round(statistics.median(quiet) * 1000),
        "answer_alone_p99_ms": round(statistics.quantiles(quiet, n=100)[98] * 1000),
    }


async def _questions_alone(program: Any) -> list[float]:
    """What an answer takes while nothing else is going on: until the call is back."""
    from handlers.updates import Intake

    intake, waits = Intake(program.context), []
    for number in range(60):
        chat = FIRST_ASKER + 1000 + number
        person = {"id": chat, "is_bot": False, "first_name": "x", "language_code": "de"}
        message = {"message_id": number + 1, "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
        message |= {"from": person, "text": QUESTIONS[number % len(QUESTIONS)]}
        asked = time.monotonic()
        await intake.take({"update_id": 10_000_000 + number, "message": message})
        await program.context.courier.idle(30)
        waits.append(time.monotonic() - asked)
    return waits


def _waits(asked: dict[int, list[float]], arrived: list[tuple[int, float]]) -> list[float]:
    came: dict[int, list[float]] = {}
    for chat, at in arrived:
        came.setdefault(chat, []).append(at)
    return [
        answer - question for chat in asked for question, answer in zip(asked[chat], came.get(chat, ()), strict=False)
    ]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", type=int, default=10_000)
    parser.add_argument("--database", help="the address of an empty PostgreSQL database; SQLite if left out")
    asked = parser.parse_args()
    telegram = multiprocessing.get_context("spawn").Process(target=serve, args=(PORT,), daemon=True)
    telegram.start()
    try:
        with tempfile.TemporaryDirectory() as home:
            url = asked.database or f"sqlite:///{home}/bench.sqlite"
            print(json.dumps(asyncio.run(run(home, url, asked.chats)), indent=1))
    finally:
        telegram.terminate()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
