"""The database: how it is opened, and the only place that commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError as DatabaseError
from sqlalchemy.orm import Session

__all__ = ["Database", "DatabaseError", "Session"]

P = ParamSpec("P")
T = TypeVar("T")

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
        """Runs one use case in one transaction: committed when it returns, rolled back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return use_case(session, *args, **kwargs)

    def close(self) -> None:
        self.executor.shutdown(wait=True)
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes fails at once with "database is locked".
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(url: str) -> Engine:
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        hide_parameters=True,  # an error's text must not carry a member's words
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args={"options": POSTGRES_OPTIONS},
    )
