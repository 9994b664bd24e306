"""E-mails against a real SMTP server: what arrives, how it travels, and what each failure means."""

import asyncio
import logging
import socket
import ssl
from datetime import UTC, date, datetime
from email.headerregistry import Address

import pytest

import checks
import settings
from adapters import mail as adapter
from adapters.mail import Server, SmtpMail, open_mail
from config import mail as section
from services.ports import Mail, MailFate, Subject
from tests.support.mail import Postmaster, certificate, mail_server, server_context
from vault import sealing
from vault.key import Purpose
from vault.keyring import Keyring

SENDER = Address("Ärztekammer Musterland", addr_spec="ausweis@kammer.example")
SENT_AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def ring(tmp_path_factory):
    return Keyring.create(tmp_path_factory.mktemp("home") / "keys", today=date(2026, 11, 24))


@pytest.fixture(scope="session")
def texts():
    return checks.texts_of(settings.load({}))


@pytest.fixture(scope="session")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def send(ring, texts):
    """Sends one e-mail to a server at this port."""

    async def send(port, address="aylin@praxis.example", language="de", *, delivery="linked:7", **server):
        server = Server("localhost", port, **({"security": "none"} | server))
        sealed = sealing.seal(ring, address, field="members.email")
        message = Mail(delivery, sealed, Subject.LINKED, language, date(2026, 11, 24), SENT_AT)
        return await SmtpMail(server, SENDER, texts, lambda: ring).send(message)

    return send


async def test_what_arrives_in_german(send):
    post = Postmaster()
    async with mail_server(post) as port:
        assert await send(port) is MailFate.ACCEPTED
    (envelope,), (message,) = post.envelopes, post.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ausweis@kammer.example", ["aylin@praxis.example"])
    assert message["From"] == "Ärztekammer Musterland <ausweis@kammer.example>"
    assert message["To"] == "aylin@praxis.example"
    assert message["Subject"] == "Ihre Mitgliedschaft wurde mit Telegram verbunden"
    assert message["Date"].datetime == SENT_AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    body = message.get_content()
    assert "wurde am 24.11.2026 mit einem Telegram-Konto verbunden" in body
    assert "rufen Sie uns bitte an: 0000 123456-0 (Mo–Fr 9–16 Uhr)" in body
    assert "http" not in body
    assert envelope.content.isascii()  # umlauts are encoded: every server can carry them


async def test_what_arrives_in_english(send):
    post = Postmaster()
    async with mail_server(post) as port:
        assert await send(port, language="en") is MailFate.ACCEPTED
    (message,) = post.messages
    assert message["Content-Language"] == "en"
    assert "linked to a Telegram account on 24 November 2026" in message.get_content()


async def test_a_repetition_has_the_same_id(send):
    post = Postmaster()
    async with mail_server(post) as port:
        for delivery in ("linked:7", "linked:7", "linked:8"):
            await send(port, delivery=delivery)
    first, again, other = (message["Message-ID"] for message in post.messages)
    assert first == again != other
    assert first.endswith("@kammer.example>")


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_it_travels_encrypted_and_after_a_login(send, pem, security):
    post = Postmaster()
    tls, trust = server_context(pem), ssl.create_default_context(cafile=str(pem))
    options = {"implicit_tls": tls, "auth_require_tls": False} if security == "tls" else {"tls_context": tls}
    async with mail_server(post, authenticator=post.authenticate, **options) as port:
        login = {"user": "bot", "password": "richtig"}
        assert await send(port, security=security, trust=trust, **login) is MailFate.ACCEPTED
        assert await send(port, security=security, trust=trust, **login | {"password": "falsch"}) is MailFate.NO_SERVER
    assert post.logins[0] == ("bot", "richtig")
    assert len(post.messages) == 1
    if security == "starttls":
        assert post.encrypted == [True]


async def test_a_server_without_starttls_gets_nothing(send):
    post = Postmaster()
    async with mail_server(post) as port:
        assert await send(port, security="starttls") is MailFate.NO_SERVER
    assert not post.envelopes


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_gets_nothing(send, pem, security):
    post, tls = Postmaster(), server_context(pem)
    options = {"implicit_tls": tls} if security == "tls" else {"tls_context": tls}
    async with mail_server(post, **options) as port:
        assert await send(port, security=security) is MailFate.NO_SERVER
    assert not post.envelopes


@pytest.mark.parametrize(
    ("command", "answer", "fate"),
    [
        ("MAIL", "550 not you", MailFate.NO_SERVER),
        ("MAIL", "451 later", MailFate.NOT_SENT),
        ("RCPT", "550 no <aylin@praxis.example> here", MailFate.REFUSED),
        ("RCPT", "450 greylisted <aylin@praxis.example>", MailFate.NOT_SENT),
        ("DATA", "554 spam", MailFate.REFUSED),
        ("DATA", "451 full", MailFate.NOT_SENT),
    ],
)
async def test_answers_of_the_server(send, command, answer, fate):
    post = Postmaster({command: answer})
    async with mail_server(post) as port:
        assert await send(port) is fate
    assert not post.envelopes


@pytest.mark.parametrize(
    ("command", "fate"),
    [("MAIL", MailFate.NOT_SENT), ("RCPT", MailFate.NOT_SENT), ("DATA", MailFate.UNKNOWN)],
)
async def test_a_connection_that_breaks(send, command, fate):
    async with mail_server(Postmaster(breaks=command)) as port:
        assert await send(port) is fate


async def test_a_server_that_is_not_there(send):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert await send(port) is MailFate.NO_SERVER


async def test_a_server_that_says_nothing_after_the_data(send, monkeypatch):
    monkeypatch.setattr(adapter, "END_TIMEOUT", 0.2)

    class Silent(Postmaster):
        async def handle_DATA(self, server, session, envelope):
            answer = await super().handle_DATA(server, session, envelope)
            await asyncio.sleep(0.6)
            return answer

    post = Silent()
    async with mail_server(post) as port:
        assert await send(port) is MailFate.UNKNOWN
    assert len(post.envelopes) == 1  # it did arrive: why it may not be sent again at once


@pytest.mark.parametrize(
    "address", ["", "aylin", "a@b\nBcc: c@d.example", "a b@c.example", "@praxis.example", "aylin@", "müller@c.example"]
)
async def test_what_is_no_address_reaches_no_server(send, address):
    post = Postmaster()
    async with mail_server(post) as port:
        assert await send(port, address) is MailFate.REFUSED
    assert not post.envelopes


async def test_a_domain_with_umlauts(send):
    post = Postmaster()
    async with mail_server(post) as port:
        assert await send(port, "aylin@praxis-müller.example") is MailFate.ACCEPTED
    assert post.envelopes[0].rcpt_tos == ["aylin@xn--praxis-mller-klb.example"]


async def test_an_address_that_does_not_open_is_kept_for_later(send, ring, texts, tmp_path):
    other = Keyring.create(tmp_path / "keys", today=date(2026, 11, 24)).add(Purpose.SEAL, today=date(2026, 11, 24))
    message = Mail(
        "linked:7",
        sealing.seal(other, "a@b.example", field="members.email"),
        Subject.LINKED,
        "de",
        date(2026, 11, 24),
        SENT_AT,
    )
    assert (
        await SmtpMail(Server("localhost", 1, "none"), SENDER, texts, lambda: ring).send(message) is MailFate.NOT_SENT
    )


async def test_no_log_line_has_an_address(send, caplog):
    caplog.set_level(logging.DEBUG)
    for post in (
        Postmaster({"RCPT": "550 no <aylin@praxis.example>"}),
        Postmaster({"DATA": "451 aylin@praxis.example"}),
        Postmaster(breaks="DATA"),
    ):
        async with mail_server(post) as port:
            await send(port)
    ours = [record for record in caplog.records if record.name.startswith("adapters")]
    assert len(ours) == 3
    assert not [record for record in ours if "praxis" in record.getMessage() or record.exc_info]


def test_an_address_and_a_password_are_in_no_repr(ring):
    message = Mail("linked:7", "k1:abc", Subject.LINKED, "de", date(2026, 11, 24), SENT_AT)
    assert "k1:abc" not in repr(message)
    assert "geheim" not in repr(Server("h", 1, "tls", "u", "geheim"))


def test_no_server_in_the_settings_means_no_mail(texts, ring):
    loaded = settings.load({})
    assert open_mail(loaded, texts, lambda: ring) is None
    mail = section.Mail(host="mail.kammer.example", sender="bot@kammer.example")
    named = loaded.model_copy(update={"config": loaded.config.model_copy(update={"mail": mail})})
    assert open_mail(named, texts, lambda: ring) is not None


@pytest.mark.parametrize(
    "values",
    [
        {"host": "mail.kammer.example"},
        {"host": "mail.kammer.example", "sender": "keine Adresse"},
        {"host": "mail.kammer.example", "sender": "bot@kammer.example", "security": "none"},
    ],
)
def test_settings_that_cannot_work(values):
    with pytest.raises(ValueError):
        section.Mail(**values)
