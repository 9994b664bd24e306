"""The database: how it is opened, and the only place that commits."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import SQLAlchemyError as DatabaseError
from sqlalchemy.orm import Session

from db.troubles import OutcomeUnknown, Trouble, Unavailable, reason, trouble_of

__all__ = ["Database", "DatabaseError", "OutcomeUnknown", "Session", "Unavailable", "file_of", "reason"]

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 3  # of a use case that others got in the way of, or whose connection broke before it was done
PAUSE = 0.02  # seconds, twice as long each time, and never the same for two
BUSY_TIMEOUT_MS = 5000
POSTGRES_CONNECTIONS = 8
# docs: sqlite.org/pragma.html. secure_delete: what is erased must not stay readable in the file.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "secure_delete=ON",
    "trusted_schema=OFF",
)
POSTGRES_OPTIONS = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=30000"
# A host that vanished is noticed within seconds, not within the kernel's minutes (libpq-connect).
POSTGRES_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 9000,
}


class Database:
    """One database and the threads that may use it.

    SQLite has one writer at a time, so its work goes through one thread and waits in a fair queue instead of polling
    for the lock; PostgreSQL gets a thread for each connection.
    """

    def __init__(self, url: str) -> None:
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgres(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        threads = 1 if self.is_sqlite else POSTGRES_CONNECTIONS
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix="db")

    def __repr__(self) -> str:
        return f"Database({self.engine.dialect.name})"  # never the address: it may hold a password

    def work(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs one use case in one transaction: committed when it returns, rolled back when it raises.

        It is run again as a whole, up to three times, when nothing of it was done: two transactions were in each
        other's way, or the connection broke. Raises `Unavailable` when the database cannot do it now, `OutcomeUnknown`
        when nobody can tell whether it did.
        """
        for times in range(1, TRIES + 1):
            is_committing = False
            try:
                with Session(self.engine, expire_on_commit=False) as session:  # rolled back where it is not committed
                    result = use_case(session, *args, **kwargs)
                    session.flush()
                    is_committing = True
                    session.commit()
                    return result
            except DBAPIError as error:
                trouble = trouble_of(error)
                if trouble is None:
                    raise
                if trouble is Trouble.LOST and is_committing and error.statement is None:  # the audit still has some
                    raise OutcomeUnknown(trouble) from error
                if times == TRIES or trouble not in (Trouble.CONFLICT, Trouble.LOST):
                    raise Unavailable(trouble) from error
            _pause(times)
        raise AssertionError("unreachable")

    def insist(self, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `work`, for a use case that finds its own traces and does nothing twice.

        So it is run again, too, when its outcome is unknown or another process has written the same row first.
        """
        for times in range(1, TRIES):
            try:
                return self.work(use_case, *args, **kwargs)
            except (OutcomeUnknown, IntegrityError):
                _pause(times)
        return self.work(use_case, *args, **kwargs)

    def close(self) -> None:
        self.executor.shutdown(wait=True)
        self.engine.dispose()


def file_of(url: str) -> Path | None:
    """Where the database of a SQLite address is; None for a server, which several processes may use."""
    parsed = make_url(url)
    return Path(parsed.database).absolute() if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _pause(times: int) -> None:
    time.sleep(PAUSE * 2**times * random.uniform(0.5, 1.5))  # noqa: S311  spreads, guards nothing


def _sqlite(url: str) -> Engine:
    address = make_url(url).set(drivername="sqlite+immediate")  # whatever driver it names: no other one says BEGIN
    engine = create_engine(address, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


class _Immediate(SQLiteDialect_pysqlite):
    """Begins transactions itself. As an event of the engine it would cost each statement a tenth of its time."""

    driver = "immediate"
    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        # A deferred transaction that reads and then writes fails at once with "database is locked".
        dbapi_connection.execute("BEGIN IMMEDIATE")


registry.register("sqlite.immediate", __name__, "_Immediate")


def _postgres(url: str) -> Engine:
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        hide_parameters=True,  # an error's text must not carry a member's words
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args={"options": POSTGRES_OPTIONS, **POSTGRES_PATIENCE},
    )
