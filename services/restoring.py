"""A backup put in the place of the database: all of it, or nothing, and without those who were erased since.

the file is genuine → all files are as they were → a database is made from them beside the real one → it is whole, has
all rows, is brought to the newest version → the erased are erased again → the audit log is whole → the present state is
backed up → one step puts the new one in place
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from backup import archive
from backup.manifest import Manifest
from config.verification import Verification
from db import audit, copies, schema, suppressions
from db.copies import Fresh, Table, Unusable
from db.session import Database, DatabaseError, Session
from services import anchors
from services import suppressions as erasures
from services.audit import MOST, Tag, record
from services.backups import EXPECTED, Clerk, Refused, Stop, Why, make_in, refusal, workplace
from services.chain import BrokenAt, verify_beside
from services.desk import Keys
from services.landmarks import BACK, fork
from services.suppressions import Marks
from services.throttles import Attempt, rules
from vault.key import Purpose
from vault.keyring import Keyring

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be restored where, and by whom."""

    file: Path
    url: str = field(repr=False)
    ring: Keyring
    home: Path
    folder: Path  # where the present state is backed up to
    now: datetime
    actor: str
    verification: Verification
    force: bool = False  # also over a database that is not empty
    broken_audit: bool = False  # also when the audit log is not whole
    trial: bool = False  # only look whether it could be done


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that is in its place now, or could be."""

    manifest: Manifest
    erased: int  # people and chats that were erased after it was made
    present: Path | None = None  # the backup of what was there before
    lost: dict[str, int] = field(default_factory=dict)  # what happened after the backup, by tag
    is_present_known: bool = True  # if not, only marks outside the database say who was erased


@dataclass(frozen=True, slots=True)
class _Present:
    """What is there now."""

    is_readable: bool = False
    is_empty: bool = True
    has_log: bool = False  # not before it is at the newest version
    marks: Marks = field(default_factory=dict)


def restore(order: Order) -> Restored | Refused:
    """Puts the backup in place, or says why not; then nothing has changed."""
    try:
        return _restore(order)
    except EXPECTED as error:
        return refusal(error)


def _restore(order: Order) -> Restored:
    _look_at_file(order)
    present = _look_at_present(order)
    with workplace(order.home, copies.beside(order.url, order.home)) as place:
        manifest = archive.unpack(order.ring, order.file, place)
        if manifest.dialect != copies.dialect_of(order.url):
            raise Stop(Why.OTHER_KIND, manifest.dialect)
        if not copies.is_known(manifest.revision):
            raise Stop(Why.NEWER)
        tables = {name: Table(manifest.columns[name], rows) for name, rows in manifest.rows.items()}
        try:
            with copies.fresh(order.url, place, tables, manifest.revision) as fresh:
                return _finish(order, manifest, present, fresh, place)
        except Unusable as error:
            raise Stop(Why.INCOMPLETE, str(error)) from error


def _look_at_file(order: Order) -> None:
    if not order.file.is_file():
        raise Stop(Why.NO_FILE)
    key_id = archive.key_of(order.file)
    if key_id is None:
        raise Stop(Why.NOT_ONE)
    if order.ring.find(Purpose.BACKUP, key_id) is None:
        raise Stop(Why.UNKNOWN_KEY, key_id)


def _look_at_present(order: Order) -> _Present:
    if not copies.is_there(order.url):
        return _Present()
    database = Database(order.url)
    try:
        if not order.trial and (others := copies.others(database)):
            raise Stop(Why.IN_USE, str(others))
        is_empty = copies.is_empty(database)
        has_log = schema.version(database) is schema.Version.CURRENT
        marks = database.work(suppressions.marks) if has_log else {}
    except (Unusable, DatabaseError) as error:
        if order.force or order.trial:
            return _Present(is_empty=False)
        raise Stop(Why.DATABASE, type(error).__name__) from error
    finally:
        database.close()
    if not (is_empty or order.force or order.trial):
        raise Stop(Why.NOT_EMPTY)
    return _Present(is_readable=True, is_empty=is_empty, has_log=has_log, marks=marks)


def _finish(order: Order, manifest: Manifest, present: _Present, fresh: Fresh, place: Path) -> Restored:
    database = fresh.database
    marks = erasures.joined(present.marks, erasures.read(order.home))
    erased = database.work(erasures.apply, order.ring, marks, keep_rules=_kept_rules(order.verification))
    kept = database.work(audit.extent).head
    database.work(_note, order, manifest, erased, _back(order, present, database, kept))
    found = verify_beside(database, order.ring, anchors.read(order.home))
    if isinstance(found, BrokenAt) and not order.broken_audit:
        raise Stop(Why.AUDIT, f"{found.seq}, {found.why}")
    is_known = present.is_readable or present.is_empty
    if order.trial:
        return Restored(manifest, erased, is_present_known=is_known)
    lost: dict[str, int] = {}
    saved: Path | None = None
    if present.is_readable and not present.is_empty:
        lost = _once(order.url, audit.tags_after, kept) if present.has_log else {}
        saved = _save_present(order, place)
    fresh.put_in_place()
    anchors.append(order.home, _once(order.url, anchors.current, now=order.now))
    erasures.write(order.home, _once(order.url, suppressions.marks))
    return Restored(manifest, erased, saved, lost, is_known)


def _kept_rules(verification: Verification) -> list[str]:
    """Who guesses codes must not get new tries by an erasure, nor by a restore after it."""
    guessing = (Attempt.WRONG_CODE, Attempt.TYPING_ERROR, Attempt.LETTER)
    return [rule.name for attempt in guessing for rule in rules(verification, attempt)]


def _back(order: Order, present: _Present, restored: Database, kept: int) -> int:
    """How many of the backup's events anchors may contradict, because they were given up before or are now."""
    if order.broken_audit:
        return min(kept, MOST)
    if not present.has_log or present.is_empty:
        return 0
    database = Database(order.url)
    try:
        return min(kept - fork(restored.work, database.work, kept), MOST)
    finally:
        database.close()


def _note(session: Session, order: Order, manifest: Manifest, erased: int, back: int) -> None:
    detail = {BACK: back} if back else {}
    record(
        session,
        Clerk(Keys(order.ring)),
        Tag.BACKUP_RESTORED,
        now=order.now,
        actor=order.actor,
        made_at=f"{manifest.made_at:%Y-%m-%dT%H:%M:%SZ}",
        erased=erased,
        **detail,
    )


def _save_present(order: Order, place: Path) -> Path:
    """Backs up what will be replaced: the wrong file must not be the end of the right data."""
    inner = place / "present"
    inner.mkdir()
    database = Database(order.url)
    try:
        return make_in(inner, database, order.ring, order.folder, order.now).path
    except Unusable as error:
        raise Stop(Why.DATABASE, str(error)) from error
    finally:
        database.close()


def _once(url: str, use_case: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    database = Database(url)
    try:
        return database.work(use_case, *args, **kwargs)
    finally:
        database.close()
