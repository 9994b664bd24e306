"""A mail server on this computer that keeps what it gets and fails where it is told to."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Postmaster:
    """`answers` by command: what the server says instead of 250. `breaks`: the command at which it hangs up."""

    def __init__(self, answers=None, breaks=None):
        self.answers, self.breaks = answers or {}, breaks
        self.envelopes, self.encrypted, self.logins = [], [], []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL", server)

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self._answer("RCPT", server)

    async def handle_DATA(self, server, session, envelope):
        self.encrypted.append(session.ssl is not None)
        answer = self._answer("DATA", server)
        if answer.startswith("250"):
            self.envelopes.append(envelope)
        return answer

    def _answer(self, command, server):
        if self.breaks == command:
            server.transport.abort()
        return self.answers.get(command, "250 OK")

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"richtig", handled=False)

    @property
    def messages(self):
        return [message_from_bytes(envelope.content, policy=default) for envelope in self.envelopes]


@contextlib.asynccontextmanager
async def mail_server(postmaster, *, implicit_tls=None, **options):
    """The port of a running server."""
    loop = asyncio.get_running_loop()

    def connection():
        return SMTP(postmaster, hostname="mail.test", loop=loop, **options)

    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=implicit_tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder):
    """A certificate for 'localhost' and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "localhost.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def server_context(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
