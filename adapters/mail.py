"""E-mails through one mail server, by SMTP (RFC 5321), always encrypted unless the server is on this computer.

An address is opened only here, when it is needed, and is in no log line: a mail server's answers may repeat it, so only
their codes are logged.
"""

import asyncio
import contextlib
import hashlib
import logging
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from services.ports import Mail, MailFate, Subject
from settings import Settings
from strict_yaml import Problems
from texts import Texts, day
from vault import sealing
from vault.keyring import Keyring

log = logging.getLogger(__name__)

FIELD = "members.email"
TIMEOUT = 30.0  # seconds for each step
END_TIMEOUT = 60.0  # … for the answer to a whole e-mail, which the server may look at (RFC 5321, 4.5.3.2.6)
WORDS = {Subject.LINKED: ("mail.linked-subject", "mail.linked-body")}


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server and how it lets us in."""

    host: str
    port: int
    security: str  # starttls, tls, none
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)


def open_mail(settings: Settings, texts: Texts, ring: Callable[[], Keyring]) -> "SmtpMail | None":
    """The mail server that the settings name; None when they name none."""
    mail, password = settings.config.mail, settings.smtp_password
    if not mail.host:
        return None
    secret = password.get_secret_value() if password else None
    server = Server(mail.host, mail.port, mail.security, settings.smtp_user, secret)
    return SmtpMail(server, Address(settings.config.association.name, addr_spec=mail.sender), texts, ring)


class SmtpMail:
    """Sends each e-mail over a connection of its own, in a thread."""

    def __init__(self, server: Server, sender: Address, texts: Texts, ring: Callable[[], Keyring]) -> None:
        self._server, self._sender, self._texts, self._ring = server, sender, texts, ring

    async def send(self, mail: Mail) -> MailFate:
        """Hands one e-mail to the mail server, once."""
        return await asyncio.to_thread(self._send, mail)

    def try_out(self) -> str | None:
        """Whether the mail server lets us in: None, or why not."""
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            return _reason(error)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()
        return None

    def _send(self, mail: Mail) -> MailFate:
        try:
            address = sealing.unseal(self._ring(), mail.address_sealed, field=FIELD)
        except (sealing.Unreadable, Problems) as error:
            log.error("an e-mail address does not open: %s", type(error).__name__)  # noqa: TRY400
            return MailFate.NOT_SENT  # the key may be brought back
        try:
            to = _recipient(address)
            message = self._compose(mail, to)
        except (ValueError, IndexError, MessageError):  # what is no address; the parser raises all of them
            log.warning("an e-mail address is none")
            return MailFate.REFUSED
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            log.error("the mail server cannot be used: %s", _reason(error))  # noqa: TRY400
            return MailFate.NO_SERVER
        try:
            return _transmit(connection, self._sender.addr_spec, to.addr_spec, message)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _compose(self, mail: Mail, to: Address) -> EmailMessage:
        subject, body = WORDS[mail.subject]
        values = {"date": day(mail.on, mail.language)}
        message = EmailMessage()
        message["From"], message["To"] = self._sender, to
        message["Subject"] = self._texts.say_plain(subject, mail.language)
        message["Date"] = mail.sent_at
        # The same for a repetition: mail programs show it once.
        message["Message-ID"] = f"<{hashlib.sha256(mail.id.encode()).hexdigest()[:32]}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
        text = self._texts.say_plain(body, mail.language, **values)
        message.set_content(text + "\n", charset="utf-8", cte="quoted-printable")
        message["Content-Language"] = mail.language
        return message

    def _connect(self) -> smtplib.SMTP:
        """A connection that may be used for an e-mail. Raises what smtplib and sockets raise."""
        server, own_name = self._server, self._sender.domain
        if server.security == "tls":
            tls = smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=TIMEOUT, context=server.trust)
            return self._enter(tls)
        connection = smtplib.SMTP(server.host, server.port, own_name, timeout=TIMEOUT)
        return self._enter(connection)

    def _enter(self, connection: smtplib.SMTP) -> smtplib.SMTP:
        server = self._server
        try:
            if server.security == "starttls":
                connection.starttls(context=server.trust)  # raises where it is not offered: never in clear instead
            if server.user is not None and server.password is not None:
                connection.login(server.user, server.password)
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection


def _recipient(address: str) -> Address:
    """The address with its domain as DNS knows it. Raises for what is none, and for a name with umlauts: hardly any
    mail server takes one (RFC 6531).
    """
    to = Address(addr_spec=address)
    domain = to.domain.encode("idna").decode("ascii")
    if not to.username or not domain:
        raise ValueError("a part is missing")
    return Address(username=to.username, domain=domain)


def _transmit(connection: smtplib.SMTP, sender: str, to: str, message: EmailMessage) -> MailFate:
    content = message.as_bytes(policy=SMTP)
    try:
        code, _ = connection.mail(sender)
        if code >= 500:  # noqa: PLR2004  not this address but ours is refused
            log.error("the mail server does not let us send: %s", code)
            return MailFate.NO_SERVER
        if (fate := _sort(code, "MAIL")) is not MailFate.ACCEPTED:
            return fate
        code, _ = connection.rcpt(to)
        if (fate := _sort(code, "RCPT")) is not MailFate.ACCEPTED:
            return fate
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the connection to the mail server broke: %s", _reason(error))
        return MailFate.NOT_SENT
    return _hand_over(connection, content)


def _hand_over(connection: smtplib.SMTP, content: bytes) -> MailFate:
    """From here on a broken connection may hide that the e-mail was accepted."""
    try:
        if connection.sock is not None:
            connection.sock.settimeout(END_TIMEOUT)
        code, _ = connection.data(content)
        return _sort(code, "DATA")
    except smtplib.SMTPDataError as error:
        return _sort(error.smtp_code, "DATA")
    except (OSError, smtplib.SMTPException) as error:
        log.warning("whether an e-mail was accepted is unknown: %s", _reason(error))
        return MailFate.UNKNOWN


def _sort(code: int, step: str) -> MailFate:
    """The fate by the reply code (RFC 5321, 4.2.1)."""
    if 200 <= code < 300:  # noqa: PLR2004
        return MailFate.ACCEPTED
    log.warning("the mail server answered %s to %s", code, step)
    return MailFate.REFUSED if code >= 500 else MailFate.NOT_SENT  # noqa: PLR2004


def _reason(error: Exception) -> str:
    """An error without the server's words."""
    code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    return type(error).__name__ + code
