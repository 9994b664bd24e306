"""No token and no member's word in any log line, whoever writes it."""

import io
import logging

import pytest

import logs
from tests.support.telegram import TOKEN

OTHER = "987654321:ZZ" + "y" * 33


@pytest.fixture
def lines():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    stream = io.StringIO()
    logs.set_up([TOKEN], stream=stream, level=logging.DEBUG)
    yield stream.getvalue
    root.handlers[:], root.level = before, level
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


@pytest.mark.parametrize("token", [TOKEN, OTHER, OTHER.replace(":", "%3A")])
def test_no_token_in_message_arguments_or_traceback(lines, token):
    log = logging.getLogger("some.library")
    log.info("POST https://api.telegram.org/bot%s/sendMessage", token)
    log.warning("plain %s" % token)
    log.error({"token": token})
    try:
        raise ValueError(f"bot{token}")
    except ValueError:
        log.exception("failed with %r", [token])
        log.error("stack", stack_info=True)
    text = lines()
    assert token not in text
    assert token.split(":")[-1].split("%3A")[-1] not in text
    assert text.count(logs.HIDDEN) >= 5
    assert "ValueError" in text


def test_a_record_that_does_not_fit_its_arguments_is_still_written(lines):
    logging.getLogger("x").info("%d %d", TOKEN)
    assert "%d %d" in lines()
    assert TOKEN not in lines()


def test_a_known_secret_of_any_shape_is_hidden():
    hide = logs.HideSecrets(["hunter2-but-long"]).hide
    assert "hunter2" not in hide("db://user:hunter2-but-long@host")


def test_libraries_that_log_addresses_are_quiet(lines):
    for name in ("httpx", "httpcore.http11", "telegram.ext", "aiohttp.client"):
        logging.getLogger(name).info("POST %s", TOKEN)
    assert lines() == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_words_of_a_member_in_a_log(member, lines, monkeypatch):
    await member.says("mein ganz besonderes geheimnis lautet rhabarber")

    def broken(*args, **values):
        raise ValueError("rhabarber")

    monkeypatch.setattr("services.conversation._answer", broken)
    await member.says("rhabarber und mehr davon")
    assert "fault F-" in lines()
    assert "rhabarber" not in lines()


def test_settings_show_no_secret():
    import settings

    loaded = settings.load({"TELEGRAM_TOKEN": TOKEN, "DATABASE_URL": "postgresql://u:hunter2@h/d"})
    assert TOKEN not in repr(loaded) + str(loaded)
    assert "hunter2" not in repr(loaded) + str(loaded)


def test_a_database_shows_no_password():
    from db.session import Database

    assert "hunter2" not in repr(Database("postgresql://u:hunter2@127.0.0.1:1/d"))
