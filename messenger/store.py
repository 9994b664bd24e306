"""The folder that keeps the chats: one SQLite file and the files people sent."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts    (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS people   (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats    (id INTEGER PRIMARY KEY, body TEXT NOT NULL, next_message INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS members  (chat INTEGER, person INTEGER, status TEXT NOT NULL, PRIMARY KEY (chat, person));
CREATE TABLE IF NOT EXISTS messages (chat INTEGER, id INTEGER, thread INTEGER NOT NULL, sender INTEGER NOT NULL,
    service INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (chat, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS messages_thread ON messages (chat, thread, id);
CREATE TABLE IF NOT EXISTS topics   (chat INTEGER, thread INTEGER, body TEXT NOT NULL, closed INTEGER NOT NULL,
    PRIMARY KEY (chat, thread));
CREATE TABLE IF NOT EXISTS reads    (person INTEGER, chat INTEGER, thread INTEGER, message INTEGER NOT NULL,
    PRIMARY KEY (person, chat, thread));
CREATE TABLE IF NOT EXISTS keyboards (chat INTEGER PRIMARY KEY, message INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS updates  (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, lane TEXT NOT NULL,
    expires_at REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS queries  (id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL,
    asked_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS inline_messages (id TEXT PRIMARY KEY, chat INTEGER NOT NULL, message INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files    (id TEXT PRIMARY KEY, number INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commands (scope TEXT, language TEXT, body TEXT NOT NULL, PRIMARY KEY (scope, language));
CREATE TABLE IF NOT EXISTS profile  (kind TEXT, language TEXT, words TEXT NOT NULL, PRIMARY KEY (kind, language));
"""


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Store:
    """One connection, used by the event loop only; what is written inside `transaction` stays or goes whole."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.db = sqlite3.connect(folder / "messenger.sqlite3", isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def write(self, sql: str, *values: object) -> int:
        """Returns how many rows were touched."""
        return self.db.execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> Sequence[tuple[Any, ...]]:
        return self.db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self.db.execute(sql, values).fetchone()
        return found

    def body(self, sql: str, *values: object) -> Json | None:
        """The first column of the first row, read as JSON."""
        found = self.row(sql, *values)
        return json.loads(found[0]) if found else None

    def fact(self, name: str, default: Any = None) -> Any:
        found = self.row("SELECT body FROM facts WHERE name = ?", name)
        return json.loads(found[0]) if found else default

    def set_fact(self, name: str, value: object) -> None:
        self.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, dump(value))

    def next_number(self, name: str, first: int) -> int:
        """A number that is never given twice, also after a restart."""
        number = int(self.fact(name, first))
        self.set_fact(name, number + 1)
        return number

    def close(self) -> None:
        self.db.close()
