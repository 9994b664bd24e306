"""Telegram brings updates: only what is committed is answered 200, and only Telegram may bring."""

import asyncio
import contextlib
import hmac
import json
import logging
import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
import sqlalchemy
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_client import generate_latest

from db.models import Fault, HandledUpdate
from db.session import Session
from handlers import updates as intake
from handlers import webhook as hook
from handlers.server import Server, listen
from handlers.webhook import HEADER, LARGEST, Webhook
from tests.support.web import served

SECRET, OLD = "new-secret-of-the-webhook-000001", "old-secret-of-the-webhook-000001"
PATH = "/telegram/updates"


@pytest.fixture
def webhook(program):
    """As it is built while the secret changes."""
    return Webhook(program.context, program.intake, PATH, [SECRET, OLD], brings=True)


@pytest.fixture
async def bring(webhook):
    """Brings an update, as Telegram does, or something else."""
    async with served(webhook.app) as (client, _):

        async def call(content, *, secret=SECRET, kind="application/json", path=PATH):
            body = json.dumps(content) if isinstance(content, dict) else content
            headers = ({HEADER: secret} if secret is not None else {}) | ({"content-type": kind} if kind else {})
            return (await client.post(path, content=body, headers=headers)).status_code

        yield call


def figure(program, name, **labels):
    return program.context.figures.registry.get_sample_value(f"auskunft_{name}", labels) or 0


def handled(program):
    with Session(program.database.engine) as session:
        return session.scalars(sqlalchemy.select(HandledUpdate.update_id)).all()


async def test_200_means_that_it_is_committed_and_answered(program, telegram, bring):
    update = telegram.update(message=telegram.message(1, "pin sicher?"))
    assert await bring(update) == 200
    assert handled(program) == [update["update_id"]]
    assert "PIN" in telegram.of("sendMessage")[0]["text"]
    assert figure(program, "updates_total", result="handled") == 1
    assert figure(program, "outcomes_total", outcome="Shown") == 1


async def test_an_update_that_comes_again_has_no_effect_again(program, telegram, bring):
    update = telegram.update(message=telegram.message(1, "pin sicher?"))
    assert [await bring(update) for _ in range(3)] == [200] * 3
    assert len(telegram.of("sendMessage")) == 1
    assert figure(program, "updates_total", result="repeated") == 2


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "ü" * 32, OLD.upper()])
async def test_who_does_not_know_the_secret_brings_nothing(program, telegram, bring, secret):
    # httpx writes no letter beyond ASCII into a header by itself
    given = secret.encode() if secret else secret
    assert await bring(telegram.update(message=telegram.message(1, "moin")), secret=given) == 403
    assert handled(program) == []
    assert figure(program, "webhook_refused_total", status="403") == 1


async def test_both_secrets_count_while_they_change(program, telegram, bring):
    for secret in (SECRET, OLD):
        assert await bring(telegram.update(message=telegram.message(1, "moin")), secret=secret) == 200


async def test_secrets_are_compared_in_constant_time_and_always_all(webhook, monkeypatch):
    compared = []

    def compare(one, other):
        compared.append(other)
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for given in (SECRET, OLD, "", "else"):
        webhook._knows(given)
    assert compared == [SECRET.encode(), OLD.encode()] * 4


def test_a_webhook_without_a_secret_cannot_be_built(program):
    for secrets in ([], [""], [SECRET, ""]):
        with pytest.raises(ValueError, match="secret"):
            Webhook(program.context, program.intake, PATH, secrets, brings=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"update_id": "5"}',
        b'{"update_id": true}',
        b'{"update_id": 1.5}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": ' + b"9" * 30 + b"}",
        b'{"update_id": -1}',
    ],
)
async def test_what_is_no_update_is_counted_and_not_asked_for_again(program, bring, body):
    assert await bring(body) == 200
    assert figure(program, "updates_total", result="malformed") == 1
    assert handled(program) == []


@pytest.mark.parametrize("chat", [5, {"id": 10**30, "type": "private"}, {"id": "5"}, None])
async def test_an_update_that_makes_no_sense_becomes_a_fault(program, bring, chat):
    assert await bring({"update_id": 901, "message": {"message_id": 1, "date": "yesterday", "chat": chat}}) == 200
    with Session(program.database.engine) as session:
        assert session.scalars(sqlalchemy.select(Fault)).one().update_id == 901


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
async def test_only_json_is_taken(program, telegram, bring, kind):
    assert await bring(telegram.update(message=telegram.message(1, "moin")), kind=kind) == 415
    assert handled(program) == []


async def test_json_may_name_its_character_set(telegram, bring):
    update = telegram.update(message=telegram.message(1, "moin"))
    assert await bring(update, kind="application/json; charset=utf-8") == 200


async def test_a_large_body_is_refused_whether_it_says_so_or_not(program, telegram, webhook):
    async def chunks():
        for _ in range(LARGEST // 65536 + 1):
            yield b" " * 65536

    async with served(webhook.app) as (client, _):
        headers = {HEADER: SECRET, "content-type": "application/json"}
        assert (await client.post(PATH, content=b" " * (LARGEST + 1), headers=headers)).status_code == 413
        assert (await client.post(PATH, content=chunks(), headers=headers)).status_code == 413
        update = telegram.update(message=telegram.message(1, "moin")) | {"filler": "x" * (LARGEST - 2000)}
        assert (await client.post(PATH, content=json.dumps(update), headers=headers)).status_code == 200


async def test_a_body_that_does_not_come_is_not_waited_for(webhook, monkeypatch):
    monkeypatch.setattr(hook, "READ_SECONDS", 0.05)

    async def slow():
        yield b"{"
        await asyncio.sleep(1)

    async with served(webhook.app) as (client, _):
        headers = {HEADER: SECRET, "content-type": "application/json"}
        assert (await client.post(PATH, content=slow(), headers=headers)).status_code == 408


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("PUT", PATH, 405), ("POST", "/", 404)])
async def test_there_is_one_page_and_nothing_else(webhook, method, path, status):
    async with served(webhook.app) as (client, _):
        answer = await client.request(method, path, headers={HEADER: SECRET})
        assert answer.status_code == status
        assert "server" not in answer.headers


async def test_what_the_database_cannot_take_comes_again(program, telegram, bring, monkeypatch):
    update = telegram.update(message=telegram.message(1, "pin sicher?"))
    work = program.database.work

    def failing(use_case, *args, **values):
        if "settle" in use_case.__name__:
            raise OSError("disk full")
        return work(use_case, *args, **values)

    with monkeypatch.context() as patch:
        patch.setattr(program.database, "work", failing)
        assert await bring(update) == 503
    assert telegram.of("sendMessage") == []
    assert await bring(update) == 200
    assert len(telegram.of("sendMessage")) == 1
    assert figure(program, "updates_total", result="unsettled") == 1


async def test_one_person_in_order(program, telegram, bring):
    """A tap and a message of one person come at the same time (Telegram queues them apart)."""
    texts = ["pin sicher?", "/hilfe", "/datenschutz"]
    statuses = await asyncio.gather(*(bring(telegram.update(message=telegram.message(1, text))) for text in texts))
    assert statuses == [200] * 3
    assert len(telegram.of("sendMessage")) == 3


@pytest.mark.parametrize("brings", [True, False])
async def test_the_reply_is_waited_for_where_the_next_update_may_come_to_another_process(program, telegram, brings):
    said, slow = asyncio.Event(), telegram.on_sendMessage

    async def saying(parameters):
        await said.wait()
        return await slow(parameters)

    telegram.on_sendMessage = saying
    webhook = Webhook(program.context, program.intake, PATH, [SECRET], brings=brings)
    async with served(webhook.app) as (client, _):
        headers = {HEADER: SECRET, "content-type": "application/json"}
        update = telegram.update(message=telegram.message(1, "moin"))
        asking = asyncio.create_task(client.post(PATH, content=json.dumps(update), headers=headers))
        done, _ = await asyncio.wait([asking], timeout=1.0)
        assert bool(done) is not brings
        said.set()
        assert (await asking).status_code == 200


async def test_a_reply_that_takes_long_does_not_hold_the_update_for_ever(program, telegram, bring, monkeypatch):
    monkeypatch.setattr(hook, "BRING_SECONDS", 0.05)
    telegram.fail("sendMessage", (429, "Too Many Requests", {"retry_after": 0.5}))
    assert await bring(telegram.update(message=telegram.message(1, "moin"))) == 200
    assert telegram.messages == {}
    await program.context.courier.idle(5)
    assert len(telegram.messages) == 1
    assert figure(program, "messages_total", **{"class": "answer", "fate": "flood"}) == 1


async def test_what_is_under_way_is_finished_and_nothing_new_is_taken(program, telegram, webhook):
    begun, go_on, read = asyncio.Event(), asyncio.Event(), program.context.read

    async def reading(text):
        begun.set()
        await go_on.wait()
        return await read(text)

    program.context.read = reading
    async with served(webhook.app) as (client, server):
        headers = {HEADER: SECRET, "content-type": "application/json"}
        update = telegram.update(message=telegram.message(1, "pin sicher?"))
        asking = asyncio.create_task(client.post(PATH, content=json.dumps(update), headers=headers))
        await begun.wait()
        webhook.is_stopping = True
        late = telegram.update(message=telegram.message(2, "moin"))
        refused = await client.post(PATH, content=json.dumps(late), headers=headers)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        server.stop()
        await asyncio.sleep(0.3)
        go_on.set()
        assert (await asking).status_code == 200
    assert handled(program) == [update["update_id"]]


async def test_what_stops_the_program_again_and_again_is_set_aside(program, telegram):
    update = telegram.update(message=telegram.message(1, "pin sicher?"))

    async def dies(raw):
        raise asyncio.CancelledError

    for _ in range(intake.TIMES_BEFORE_ASIDE):  # a process that is killed while it handles the update
        killed = Webhook(program.context, program.intake, PATH, [SECRET], brings=True, careful=True)
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(asyncio.CancelledError):
            patch.setattr(program.intake, "take", dies)
            await killed._settle(update)
    webhook = Webhook(program.context, program.intake, PATH, [SECRET], brings=True, careful=True)
    async with served(webhook.app) as (client, _):
        headers = {HEADER: SECRET, "content-type": "application/json"}
        other = telegram.update(message=telegram.message(2, "pin sicher?"))
        for raw in (update, other):
            assert (await client.post(PATH, content=json.dumps(raw), headers=headers)).status_code == 200
    with Session(program.database.engine) as session:
        assert session.scalars(sqlalchemy.select(Fault)).one().update_id == update["update_id"]
    assert ["schiefgegangen" in call["text"] for call in telegram.of("sendMessage")] == [True, False]


async def test_neither_log_nor_figures_tell_who_or_the_secret(program, telegram, bring, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)

    def broken(*_args, **_values):
        raise RuntimeError(f"pin sicher? {SECRET}")

    with monkeypatch.context() as patch:
        patch.setattr(program.database, "work", broken)
        await bring(telegram.update(message=telegram.message(987654321, "pin sicher?")))
    await bring(telegram.update(message=telegram.message(987654321, "pin sicher?")))
    await bring(b"not json " + SECRET.encode(), secret=OLD)
    names = ("handlers", "auskunft", "uvicorn.error")  # pytest listens to uvicorn.access, which nobody else does
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(names))
    told = ours + generate_latest(program.context.figures.registry).decode()
    for secret in (SECRET, OLD, "987654321", "pin sicher", "127.0.0.1"):
        assert secret not in told


def test_nobody_listens_to_the_access_log(webhook):
    Server(webhook.app, listen("127.0.0.1", 0))._place.close()
    assert not logging.getLogger("uvicorn.access").propagate


def certify(folder, days):
    """A self-signed certificate for this computer, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).add_extension(alternative, critical=False)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
    signed = built.sign(key, hashes.SHA256())
    (folder / "tls.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.key").write_bytes(private)
    return folder / "tls.pem", folder / "tls.key"


async def post(client, telegram):
    update = telegram.update(message=telegram.message(1, "moin"))
    headers = {HEADER: SECRET, "content-type": "application/json"}
    return (await client.post(PATH, content=json.dumps(update), headers=headers)).status_code


async def test_it_may_serve_with_its_own_certificate_and_takes_a_renewed_one(telegram, webhook, tmp_path, caplog):
    pem, key = certify(tmp_path, 1)
    async with served(webhook.app, certificate=pem, key=key) as (client, server):
        assert await post(client, telegram) == 200
        shown = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", server.port))
        os.utime(pem, (1, 1))
        pem.write_text("half a certificate")
        server.renew()
        assert "cannot be used" in caplog.text
        assert await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", server.port)) == shown
        certify(tmp_path, 2)
        os.utime(pem, (2, 2))
        server.renew()
        assert await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", server.port)) != shown
