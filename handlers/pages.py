"""Three pages for machines, with codes instead of sentences: `/livez`, `/readyz`, `/metrics`.

`/livez` asks nobody, so that a database's hiccup does not restart every process at once. `/readyz` is 503 while this
process should get no work. `/metrics` is for Prometheus. None of them names a person or a chat.
"""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from telegram import WebhookInfo

from handlers.context import Context
from handlers.health import GOOD, Health

NOT_READY = 503
Info = Callable[[], WebhookInfo | None]


class Pages:
    """`webhook` gives what Telegram last said of the webhook, where there is one."""

    def __init__(self, context: Context, health: Health, webhook: Info = lambda: None) -> None:
        self._context, self._health = context, health
        context.figures.registry.register(LookedUp(context, health, webhook))
        self.app = Starlette(
            routes=[
                Route("/livez", self._alive),
                Route("/readyz", self._ready),
                Route("/metrics", self._metrics),
            ]
        )

    async def _alive(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _ready(self, _request: Request) -> Response:
        codes = await self._health.judge()
        is_ready = GOOD.issuperset(codes.values())
        return JSONResponse({"ready": is_ready, **codes}, status_code=200 if is_ready else NOT_READY)

    async def _metrics(self, request: Request) -> Response:
        await self._health.waiting.fresh()
        await self._health.doubts.fresh()
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._context.figures.registry), media_type=media_type)


class LookedUp(Collector):
    """What is looked up when somebody asks for the figures, beside what was counted meanwhile."""

    def __init__(self, context: Context, health: Health, webhook: Info) -> None:
        self._context, self._health, self._webhook = context, health, webhook
        self._content, self._loaded_at = "", 0.0

    def describe(self) -> Iterator[Metric]:
        """Nothing, so that registering it asks for nothing."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        health, now = self._health, self._context.desk.clock().timestamp()
        yield _gauge("leader", "Whether this process leads", health.leads)
        yield _gauge("clock_skew_seconds", "That this computer's clock is ahead of the database's", health.skew)
        yield _gauge("telegram_silence_seconds", "Since Telegram was last heard of", health.silent_for)
        yield _gauge("token_refused", "Whether Telegram refuses the token", self._context.figures.token_refused)
        yield _gauge("replies_under_way", "Updates whose replies are being brought", self._context.courier.waiting)
        yield from self._faq(now)
        if (waiting := health.waiting.last) is not None:
            yield _gauge("outbox_due", "Deliveries that wait to be sent", waiting.due)
            yield _gauge("outbox_age_seconds", "That the oldest of them waits", waiting.due_for)
            yield _gauge("owed", "Updates whose replies are not brought, by any process", waiting.owed)
            yield _gauge("owed_age_seconds", "Since the oldest of them was handled", waiting.owed_for)
        if (doubts := health.doubts.last) is not None:
            yield _gauge("outbox_unknown", "Deliveries that may have arrived", doubts.unknown)
            yield _gauge("codes_wrong", "Wrong codes in the last hour", doubts.wrong_codes)
            yield _gauge("codes_frozen", "Codes frozen in the last hour", doubts.frozen_codes)
            if doubts.backup_at is not None:
                yield _gauge("backup_age_seconds", "Since the last backup", now - doubts.backup_at.timestamp())
        if (info := self._webhook()) is not None:
            error_at = info.last_error_date.timestamp() if info.last_error_date else 0
            yield _gauge("webhook_pending", "Updates that wait at Telegram", info.pending_update_count)
            yield _gauge("webhook_last_error_time_seconds", "When Telegram could not bring an update, or 0", error_at)

    def _faq(self, now: float) -> Iterator[Metric]:
        store = self._context.desk.store
        if store.digest != self._content:
            self._content, self._loaded_at = store.digest, now
        yield InfoMetricFamily("auskunft_faq", "The FAQ that answers", {"version": store.digest[:12]})
        yield _gauge("faq_entries", "Its entries", len(store.entries))
        yield _gauge("faq_loaded_time_seconds", "When it was first seen here", self._loaded_at)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"auskunft_{name}", told, value=float(value))
