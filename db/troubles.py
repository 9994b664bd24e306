"""What may be wrong with the database itself, told from what is wrong with a use case."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_FILE = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_CONFLICTS = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock timeout
_CLOSED = {"57P01", "57P02", "57P03"}  # the server stops, crashed, starts (postgresql.org: appendix A)
_FOR_NOW = ("starting up", "shutting down", "recovery", "too many", "remaining connection slots")


class Trouble(StrEnum):
    """As an operator reads it."""

    CONFLICT = "others changed the same rows at the same moment"
    LOST = "no connection to it"
    LOCKED = "another program holds it locked"
    FULL = "its disk is full"
    BROKEN = "its file cannot be read or written"
    REFUSING = "it takes no changes now"


_PASSES = (Trouble.CONFLICT, Trouble.LOST, Trouble.LOCKED, Trouble.REFUSING)


class Unavailable(SQLAlchemyError):  # noqa: N818  says what is wrong
    """The database could not do it now, and nothing of it was done. Its text is for operators and holds no value."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


class OutcomeUnknown(Unavailable):
    """The connection was lost during the commit: all of it was done, or nothing."""


def trouble_of(error: DBAPIError) -> Trouble | None:
    """What is wrong with the database; None when the use case itself is what failed."""
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state in _CONFLICTS:
        return Trouble.CONFLICT
    if error.connection_invalidated or state in _CLOSED or (state is None and _is_operational(error)):
        return Trouble.LOST
    if state is None:
        return None
    if state == "53100":
        return Trouble.FULL
    if state.startswith("08"):
        return Trouble.LOST
    # 53: too many connections, no memory; 25006: a standby, read only, in the middle of a failover.
    return Trouble.REFUSING if state.startswith("53") or state == "25006" else None


def may_come_back(error: SQLAlchemyError) -> bool:
    """Whether it helps to wait before the first connection. A wrong password stays wrong, a lock is given back."""
    if isinstance(error, Unavailable):
        return error.trouble in _PASSES
    if not isinstance(error, DBAPIError) or trouble_of(error) not in _PASSES:
        return False
    said = str(error.orig)  # the driver names no state for what went wrong before there was a connection
    return "FATAL" not in said or any(words in said for words in _FOR_NOW)


def reason(error: SQLAlchemyError) -> str:
    """What was wrong, for the log: without statement and values."""
    if isinstance(error, Unavailable):
        return str(error)
    trouble = trouble_of(error) if isinstance(error, DBAPIError) else None
    return str(trouble or type(error).__name__)


def _of_sqlite(code: int) -> Trouble | None:
    if code in _SQLITE:
        return Trouble.LOCKED
    if code == sqlite3.SQLITE_FULL:
        return Trouble.FULL
    return Trouble.BROKEN if code in _SQLITE_FILE else None


def _is_operational(error: DBAPIError) -> bool:
    """The driver's own complaint: it could not connect, or the connection broke under it."""
    return type(error.orig).__name__ == "OperationalError"
