"""getUpdates, setWebhook, deleteWebhook, getWebhookInfo."""

import json
import re
from typing import Final
from urllib.parse import urlsplit

from messenger.api.call import Call, method
from messenger.errors import bad, conflict
from messenger.loopback import is_loopback
from messenger.store import Json

_LONGEST_POLL: Final = 50.0  # seconds
_MOST: Final = 100
_MOST_CONNECTIONS: Final = 100
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
KINDS: Final = {
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
    "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost", "managed_bot",
}  # fmt: skip


def _allow(call: Call) -> None:
    """Without the parameter the setting of before stays; an empty list brings the default set back."""
    if "allowed_updates" not in call.values:
        return
    kinds = call.parsed("allowed_updates", "allowed updates")
    if kinds is not None and not isinstance(kinds, list):
        raise bad("can't parse allowed updates: expected an Array of String")
    call.world.updates.allow([kind for kind in kinds or [] if kind in KINDS])


@method("getUpdates")
async def get_updates(call: Call) -> list[Json]:
    """Long polling: `offset` confirms what lies before it. Raises Refused (409) beside a webhook or another poller."""
    world = call.world
    if world.webhook.settings:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    world.updates.take_over()
    limit = call.integer("limit", _MOST)
    limit = limit if 1 <= limit <= _MOST else _MOST
    with world.store.transaction():
        _allow(call)
        world.updates.confirm(call.integer("offset"))
    batch = world.updates.batch(limit)
    seconds = min(_LONGEST_POLL, max(0.0, _seconds(call.text("timeout"))))
    if not batch and seconds:
        await world.updates.wait(seconds)
        batch = world.updates.batch(limit)
    return [json.loads(body) for body in batch]


def _seconds(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


@method("setWebhook")
async def set_webhook(call: Call) -> bool:
    """Only addresses of this computer are taken, with or without TLS: nothing leaves it."""
    url, world = call.text("url").strip(), call.world
    if not url:
        return await delete_webhook(call)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not is_loopback(parts.hostname):
        raise bad("bad webhook: only addresses of this computer are called by the local messenger")
    secret = call.text("secret_token")
    if secret and not _SECRET.match(secret):
        raise bad("secret token contains unallowed characters")
    connections = call.integer("max_connections", 40)
    settings = {"url": url, "secret_token": secret, "max_connections": max(1, min(_MOST_CONNECTIONS, connections))}
    _allow(call)
    if call.flag("drop_pending_updates"):
        world.updates.drop()
    world.updates.end_poll(conflict("terminated by setWebhook request"))
    world.store.set_fact("webhook_error", None)
    await world.webhook.set(settings)
    return True


@method("deleteWebhook")
async def delete_webhook(call: Call) -> bool:
    if call.flag("drop_pending_updates"):
        call.world.updates.drop()
    await call.world.webhook.set(None)
    return True


@method("getWebhookInfo")
def webhook_info(call: Call) -> Json:
    world, settings = call.world, call.world.webhook.settings or {}
    info: Json = {"url": settings.get("url", ""), "has_custom_certificate": False}
    info["pending_update_count"] = world.updates.pending()
    if settings:
        info["max_connections"] = settings["max_connections"]
        failure = world.store.fact("webhook_error")
        if failure:
            info |= {"last_error_date": failure["date"], "last_error_message": failure["message"]}
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info
