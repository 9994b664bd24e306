"""A TCP proxy between the program and PostgreSQL that cuts a connection at a COMMIT.

It reads the protocol's frontend messages (postgresql.org/docs/current/protocol-message-formats.html): a start-up message
without a type, then a type byte and a length. psycopg commits with a simple query.
"""

import asyncio
import contextlib
import struct
from enum import StrEnum

import sqlalchemy

QUERY, SSL_REQUEST, GSS_REQUEST = b"Q", 80877103, 80877104


class Cut(StrEnum):
    BEFORE = "before"  # the server never hears the COMMIT
    AFTER = "after"  # it has committed, and the answer never arrives


class CuttingProxy:
    """Cuts the `at`-th COMMIT after `count_from_now` was called; 0 counts only. `refusing` lets nobody in."""

    def __init__(self, database_url):
        self._url = sqlalchemy.make_url(database_url)
        self.at, self.cut, self.commits, self.cuts = 0, Cut.BEFORE, 0, 0
        self.refusing, self.all_at_once = False, False
        self._counting, self._open = False, set()

    @contextlib.asynccontextmanager
    async def run(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        query = {"sslmode": "disable", "gssencmode": "disable"}
        url = self._url.set(host="127.0.0.1", port=port, query=query)
        try:
            yield url.render_as_string(hide_password=False)
        finally:
            server.close()
            self.break_all()

    def count_from_now(self, at=0, cut=Cut.BEFORE):
        self._counting, self.at, self.cut, self.commits = True, at, cut, 0

    def break_all(self):
        """Every connection is cut now."""
        for writer in list(self._open):
            writer.transport.abort()

    async def _connect(self):
        host = self._url.query.get("host") or self._url.host
        if str(host).startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{self._url.port or 5432}")
        return await asyncio.open_connection(host, self._url.port or 5432)

    async def _serve(self, reader, writer):
        if self.refusing:
            writer.transport.abort()
            return
        server_reader, server_writer = await self._connect()
        muted = asyncio.Event()  # what the server says is read and kept
        ends = {writer, server_writer}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._answers(server_reader, writer, muted))
                await self._asks(reader, writer, server_reader, server_writer, muted)
                raise ConnectionResetError
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _asks(self, reader, writer, server_reader, server_writer, muted):
        started = False
        while True:
            kind = await reader.readexactly(1) if started else b""
            head = await reader.readexactly(4)
            body = await reader.readexactly(struct.unpack("!I", head)[0] - 4)
            if not started:
                started = struct.unpack("!I", body[:4])[0] not in (SSL_REQUEST, GSS_REQUEST)
            is_cut = self._counting and kind == QUERY and body.upper().startswith(b"COMMIT") and self._is_it()
            if is_cut and self.cut is Cut.BEFORE:
                return self._end(writer)
            if is_cut:
                muted.set()
            server_writer.write(kind + head + body)
            await server_writer.drain()
            if is_cut:
                await self._heard  # the server has answered: it is committed
                return self._end(writer)

    def _is_it(self):
        self.commits += 1
        is_it = self.commits == self.at
        if is_it:
            self.cuts += 1
            self._heard = asyncio.get_running_loop().create_future()
        return is_it

    def _end(self, writer):
        writer.transport.abort()
        if self.all_at_once:
            self.break_all()

    async def _answers(self, reader, writer, muted):
        while data := await reader.read(65536):
            if muted.is_set():
                self._heard.set_result(None)
                return
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError
