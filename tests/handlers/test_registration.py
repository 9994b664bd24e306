"""The webhook at Telegram is ours, and no update that waits there is ever dropped."""

import asyncio
import logging

import pytest
from pydantic import SecretStr

from config.serving import Serving
from handlers import registration as module
from handlers.registration import NotAccepted, Registration, withdraw
from handlers.updates import ALLOWED

ADDRESS = "https://bot.example.org/telegram"
SECRET = SecretStr("secret-of-the-webhook-000000001")
SERVING = Serving(address=ADDRESS, connections=12)


@pytest.fixture
def registration(program, monkeypatch):
    monkeypatch.setattr(module, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(module, "CHECK_EVERY", 0.01)
    return Registration(program.context, SERVING, SECRET, None)


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_everything_that_telegram_must_know_is_told(registration, telegram):
    await registration.register()
    (told,) = telegram.of("setWebhook")
    assert told == {
        "url": ADDRESS,
        "secret_token": SECRET.get_secret_value(),
        "allowed_updates": list(ALLOWED),
        "max_connections": "12",
    }
    assert registration.info.pending_update_count == 3
    assert registration.last_good_at is not None


async def test_the_certificate_goes_with_it(program, telegram, tmp_path):
    (tmp_path / "own.pem").write_text("-----BEGIN CERTIFICATE-----")
    await Registration(program.context, SERVING, SECRET, tmp_path / "own.pem").register()
    assert telegram.of("setWebhook")[0]["certificate"] == b"-----BEGIN CERTIFICATE-----"


async def test_a_webhook_that_telegram_does_not_take_stops_the_start(registration, telegram):
    telegram.fail("setWebhook", (400, "Bad Request: bad webhook: failed to resolve host"))
    with pytest.raises(NotAccepted, match="failed to resolve host"):
        await registration.register()


@pytest.mark.parametrize("fault", [(401, "Unauthorized"), (502, "Bad Gateway"), (429, "Flood", {"retry_after": 1})])
async def test_other_trouble_is_waited_out(registration, telegram, fault):
    telegram.fail("setWebhook", fault)
    asked = []
    await registration.register(asked.append)
    assert len(asked) == 2  # whoever watches the start hears before each try how long it may take again
    assert len(telegram.of("setWebhook")) == 2


async def test_a_webhook_that_somebody_changed_is_set_again(registration, telegram, caplog):
    await registration.register()
    telegram.webhook = {"url": "https://elsewhere.example.org/"}
    running = asyncio.create_task(registration.run())
    await until(lambda: telegram.webhook["url"] == ADDRESS)
    running.cancel()
    assert "changed by somebody else" in caplog.text
    assert SECRET.get_secret_value() not in caplog.text


async def test_what_telegram_complains_of_is_told_once(registration, telegram, caplog):
    caplog.set_level(logging.WARNING)
    telegram.complaint = "Wrong response from the webhook: 503 Service Unavailable"
    running = asyncio.create_task(registration.run())
    await until(lambda: len(telegram.of("getWebhookInfo")) > 3)
    running.cancel()
    assert caplog.text.count("503 Service Unavailable") == 1
    assert registration.info.last_error_date is not None


async def test_asking_for_updates_takes_a_webhook_away_and_nothing_else(program, telegram):
    await withdraw(program.context)
    assert telegram.of("deleteWebhook") == []
    telegram.webhook = {"url": ADDRESS}
    await withdraw(program.context)
    (told,) = telegram.of("deleteWebhook")
    assert told.get("drop_pending_updates") in (None, "false")
    telegram.fail("getWebhookInfo", (502, "Bad Gateway"))
    await withdraw(program.context)  # the polling notices


def test_nothing_of_the_secret_is_in_what_is_printed(registration):
    assert SECRET.get_secret_value() not in repr(registration.__dict__)
