"""Backups, made while the bot runs: a copy of one moment, sealed, read back, and noted in the audit log."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from backup import archive, shelf
from backup.archive import Broken
from backup.manifest import Manifest, NotAManifest
from db import copies
from db.audit import HeadMissing
from db.copies import Unusable
from db.session import Database, DatabaseError, Session
from services.audit import Tag, record
from services.desk import Keys
from vault.keyring import Keyring
from vault.sealing import Unreadable

LOCK = "lock-backup"
WORKPLACE = ".backup-"


class Why(StrEnum):
    """Why there is no backup, or none was restored."""

    BUSY = "busy"  # another one is being made or restored
    DATABASE = "database"  # it cannot be read, or is damaged
    EMPTY = "empty"
    DISK = "disk"
    EXISTS = "exists"
    NO_FILE = "no-file"
    NOT_ONE = "not-one"
    UNKNOWN_KEY = "unknown-key"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"  # genuine, and not what was copied all the same
    NEWER = "newer"
    OTHER_KIND = "other-kind"  # of database
    IN_USE = "in-use"
    NOT_EMPTY = "not-empty"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. `what` is a reason of the system's, a name or a number; never a value of the database."""

    why: Why
    what: str = ""


class Stop(Exception):  # noqa: N818  carries a refusal up
    """Ends the work with a refusal."""

    def __init__(self, why: Why, what: str = "") -> None:
        super().__init__(why)
        self.refused = Refused(why, what)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was read back and is good."""

    path: Path
    manifest: Manifest
    size: int  # bytes
    pruned: tuple[Path, ...] = ()

    @property
    def rows(self) -> int:
        return sum(self.manifest.rows.values())


@dataclass(frozen=True, slots=True)
class Clerk:
    """As much of a desk as the audit log needs."""

    keys: Keys


def make(
    database: Database, ring: Keyring, *, home: Path, folder: Path, now: datetime, actor: str, prune: bool = False
) -> Made | Refused:
    """Copies the database while others write, and seals the copy in `folder`. Old ones go only after that."""
    try:
        with workplace(home, home) as place:
            made = make_in(place, database, ring, folder, now)
        made = replace(made, pruned=tuple(shelf.prune(folder, now=now)) if prune else ())
    except EXPECTED as error:
        return refusal(error)
    # A database that was not brought to the newest version has no log yet; that a log is damaged, `verify` tells.
    with contextlib.suppress(DatabaseError, HeadMissing):
        database.work(_note, Clerk(Keys(ring)), made, now, actor)
    return made


def _note(session: Session, clerk: Clerk, made: Made, now: datetime, actor: str) -> None:
    counts = {"tables": len(made.manifest.rows), "megabytes": made.size // 1_000_000, "pruned": len(made.pruned)}
    record(session, clerk, Tag.BACKUP_MADE, now=now, actor=actor, file=made.path.name, **counts)


def make_in(place: Path, database: Database, ring: Keyring, folder: Path, now: datetime) -> Made:
    """The backup itself. Raises one of `EXPECTED`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / shelf.name_for(now)
    if target.exists():
        raise Stop(Why.EXISTS, target.name)
    revision = copies.revision_of(database)
    if revision is None:
        raise Stop(Why.EMPTY)
    tables = copies.take(database, place)
    manifest = Manifest(
        made_at=now.astimezone(UTC),
        dialect=database.engine.dialect.name,
        revision=revision,
        columns={name: table.columns for name, table in tables.items()},
        rows={name: table.rows for name, table in tables.items()},
        parts=archive.parts_of(place),
    )
    archive.pack(ring, place, manifest, target)
    return Made(target, manifest, target.stat().st_size)


@contextlib.contextmanager
def workplace(home: Path, parent: Path) -> Iterator[Path]:
    """An empty folder that only we can read and that is gone in the end; also what a crash left behind goes.

    One at a time: raises `Stop` while another process has one.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(Why.BUSY) from None
        for left in {*home.glob(f"{WORKPLACE}*"), *parent.glob(f"{WORKPLACE}*")}:
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=WORKPLACE, dir=parent) as folder:  # 0700
            yield Path(folder)


EXPECTED = (Stop, Unusable, HeadMissing, Unreadable, Broken, NotAManifest, DatabaseError, OSError)


def refusal(error: Exception) -> Refused:
    """What an expected failure means."""
    match error:
        case Stop():
            return error.refused
        case HeadMissing():
            return Refused(Why.AUDIT, "0, head")
        case Unreadable():
            return Refused(Why.DAMAGED)
        case NotAManifest():
            return Refused(Why.NEWER) if error.newer else Refused(Why.INCOMPLETE, "manifest")
        case Broken():
            return Refused(Why.INCOMPLETE, "files")
        case OSError():
            return Refused(Why.DISK, error.strerror or type(error).__name__)
        case Unusable():
            return Refused(Why.DATABASE, str(error))
        case _:
            return Refused(Why.DATABASE, type(error).__name__)  # a driver's text may hold values
