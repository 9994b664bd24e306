"""The register of members comes in: who is new, who changed, who is missing.

A member who is missing loses sight of the cards at once (the link rests) and the link itself with the second register
without them; one who is back in time finds the link as it was. A register that says the very same as the last one
counts as the last one: importing it twice changes nothing. No name and no address is read.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.imports import Imports
from db import imports as link_rows
from db import links, members
from db.imports import MISSING, MemberLink
from db.links import ACTIVE, WAITING
from db.members import ChangedMember, Known, NewMember
from db.session import Database, Session
from services import audit, deliveries
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk
from services.imports import (
    BATCH,
    Order,
    Plan,
    Progress,
    Seen,
    Verdict,
    column,
    in_batches,
    meanings,
    quiet,
    refused,
    share,
    word,
)
from services.links import part
from strict_yaml import Problem
from tables import Column, Row, Table
from vault import index, sealing
from vault.keyring import Keyring

DIGITS = re.compile(r"[0-9]{4}")  # of the second check
EMAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}")
NUMBER_END = 2  # digits of a member number that are shown


def columns(rules: Imports) -> tuple[Column, ...]:
    """The columns of a register, for `tables.read`."""
    names = rules.register_columns
    return (
        column("number", names.number, number=True),
        column("email", names.email, required=False),
        column("digits", names.digits, required=False, number=True),
        column("language", names.language, required=False),
    )


class RegisterPlan(Plan):
    """What the register would change."""

    def __init__(self, table: Table, stamp: object, rules: Imports) -> None:
        super().__init__(table, stamp)
        self.new, self.changed = self.spool(), self.spool()
        self.unchanged = 0
        self.back: list[int] = []
        self.missing: list[int] = []  # for the first time
        self.gone: list[int] = []  # for the second time, or longer
        self.links_open = self.links_resting = self.links_ended = 0
        self._rules = rules

    @property
    def is_same(self) -> bool:
        """Whether the register says what the last one said."""
        return not (self.new.count or self.changed.count or self.back or self.missing)

    @property
    def is_unchanged(self) -> bool:
        return self.is_same

    @property
    def needs_second(self) -> bool:
        """A link that rests counts, too: a wrong file would put all of them to rest at the first try."""
        lost = share(self.links_resting + self.links_ended, self.links_open)
        return lost > self._rules.links_ended_percent

    @property
    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "new": self.new.count,
            "changed": self.changed.count,
            "unchanged": self.unchanged,
            "back": len(self.back),
            "missing": len(self.missing),
            "gone": len(self.gone),
            "rejected": self.rejects.rows,
            "links_open": self.links_open,
            "links_resting": self.links_resting,
            "links_ended": self.links_ended,
        }


def plan(database: Database, desk: Desk, rules: Imports, table: Table, *, progress: Progress = quiet) -> RegisterPlan:
    """What the register in `table` would change. Raises `Problems` when the file turns out to be unusable."""
    made = RegisterPlan(table, database.work(members.stamp), rules)
    reader = _Reader(database, desk, rules, table, made)
    try:
        for rows in made.batches(progress):
            reader.take(rows)
        _compare_absent(database, made, reader.seen)
        _count_links(database, made)
        reader.warn()
    except BaseException:
        made.close()
        raise
    return made


class _Reader:
    """Compares the rows of a register with the members that are known."""

    def __init__(self, database: Database, desk: Desk, rules: Imports, table: Table, made: RegisterPlan) -> None:
        self._database, self._table, self._plan, self._ring = database, table, made, desk.keys.ring
        self._languages = meanings(dict(rules.words_for_languages))
        self._usual = desk.rules.languages[0]
        self.seen = Seen()
        self._fresh: set[int] = set()  # marks of new members, shortened by `hash`
        self._odd_emails: list[int] = []  # rows

    def take(self, rows: list[Row]) -> None:
        marked = [(row, index.candidates(self._ring, row.values["number"], kind="member")) for row in rows]
        known = self._database.work(members.known, [mark for _, marks in marked for mark in marks])
        for row, marks in marked:
            if problems := list(self._problems(row)):
                self._plan.reject(row, *problems)
            old = next((known[mark] for mark in marks if mark in known), None)
            if self._is_twice(old, marks[0]):
                self._plan.reject(row, self._table.problem(row, "number", "imports.member-twice"))
            elif not problems:
                self._compare(row, marks[0], old)

    def warn(self) -> None:
        if self._odd_emails:
            rows = ", ".join(str(row) for row in self._odd_emails[:10])
            self._plan.warn("imports.odd-emails", count=str(len(self._odd_emails)), rows=rows)

    def _problems(self, row: Row) -> Iterator[Problem]:
        digits, language = row.values["digits"], row.values["language"]
        if digits and not DIGITS.fullmatch(digits):
            yield self._table.problem(row, "digits", "imports.four-digits")
        if language and word(language) not in self._languages:
            yield self._table.problem(row, "language", "imports.no-language", word=language[:20])

    def _is_twice(self, old: Known | None, mark: str) -> bool:
        if old is not None:
            return not self.seen.add(old.id)
        if hash(mark) in self._fresh:
            return True
        self._fresh.add(hash(mark))
        return False

    def _compare(self, row: Row, mark: str, old: Known | None) -> None:
        number, email = row.values["number"], self._email(row)
        language = self._languages.get(word(row.values["language"]), self._usual)
        if old is None:
            sealed = sealing.seal(self._ring, number, field="members.number")
            end = number[-NUMBER_END:]
            record = (
                mark,
                sealed,
                end,
                self._sealed(row.values["digits"], "digits"),
                self._sealed(email, "email"),
                language,
            )
            self._plan.new.add(record)
            return
        if old.is_missing:
            self._plan.back.append(old.id)
        digits = self._kept(old.digits_sealed, row.values["digits"], "digits")
        email_sealed = self._kept(old.email_sealed, email, "email")
        if (digits, email_sealed, language) == (old.digits_sealed, old.email_sealed, old.language):
            self._plan.unchanged += 1
        else:
            self._plan.changed.add((old.id, digits, email_sealed, language))

    def _email(self, row: Row) -> str:
        """The e-mail address, or nothing when it cannot be one: it is only for the notice after a link was made."""
        email = row.values["email"]
        if not email or EMAIL.fullmatch(email):
            return email
        self._odd_emails.append(row.number)
        return ""

    def _sealed(self, text: str, name: str) -> str | None:
        return sealing.seal(self._ring, text, field=f"members.{name}") if text else None

    def _kept(self, old: str | None, text: str, name: str) -> str | None:
        """The old sealed value when it says the same: sealing it anew would look like a change."""
        return old if _says(self._ring, old, text, f"members.{name}") else self._sealed(text, name)


def _says(ring: Keyring, sealed: str | None, text: str, field: str) -> bool:
    if sealed is None or not text:
        return sealed is None and not text
    try:
        return sealing.unseal(ring, sealed, field=field) == text
    except sealing.Unreadable:  # the register has the value: it is sealed anew
        return False


def _compare_absent(database: Database, made: RegisterPlan, seen: Seen) -> None:
    """Goes through all members for those whom the register does not name."""
    last = 0
    while some := database.work(members.after, last, BATCH):
        last = some[-1].id
        for member in some:
            if member.id not in seen:
                (made.gone if member.is_missing else made.missing).append(member.id)


def _count_links(database: Database, made: RegisterPlan) -> None:
    made.links_open = database.work(link_rows.open_links)
    for some in in_batches(made.missing):
        made.links_resting += sum(link.state == ACTIVE for link in database.work(link_rows.links_of, some))
    if not made.is_same:
        for some in in_batches(made.gone):
            made.links_ended += sum(link.is_open for link in database.work(link_rows.links_of, some))


def apply(session: Session, desk: Desk, made: RegisterPlan, order: Order, *, now: datetime) -> Verdict:
    """Carries a plan out, as a whole or not at all."""
    link_rows.alone(session)
    stamp = members.stamp(session)
    if verdict := refused(session, desk, made, order, now=now, what="register", stamp=stamp):
        return verdict
    for new in made.new.batches():
        members.add(session, [NewMember(*row) for row in new], now)
    for changed in made.changed.batches():
        members.change(session, [ChangedMember(*row) for row in changed], now)
    for some in in_batches(made.back):
        members.set_missing(session, some, None)
        _wake(session, some)
    for some in in_batches(made.missing):
        members.set_missing(session, some, now)
    _withdraw(session, desk, made, now)
    _record(session, desk, made, order, now)
    return Verdict.UNCHANGED if made.is_unchanged else Verdict.APPLIED


def _wake(session: Session, some: list[int]) -> None:
    for link in link_rows.links_of(session, some):
        link_rows.wake(session, link.id)


def _withdraw(session: Session, desk: Desk, made: RegisterPlan, now: datetime) -> None:
    """Links of members who are missing rest; with the second register without them they end."""
    for some in in_batches(made.missing):
        for link in link_rows.links_of(session, some):
            if link.state == ACTIVE:
                links.sleep(session, link.id, MISSING)
                audit.record(
                    session, desk, Tag.LINK_DORMANT, now=now, member=link.member, chat=link.chat, reason=MISSING
                )
            elif link.state == WAITING:
                _end(session, desk, link, now)
    if made.is_same:
        return
    for some in in_batches(made.gone):
        for link in link_rows.links_of(session, some):
            _end(session, desk, link, now)


def _end(session: Session, desk: Desk, link: MemberLink, now: datetime) -> None:
    if part(session, desk, link, MISSING, now):
        deliveries.cancel(session, now=now, chat=link.chat, member=link.member, kinds=(Kind.NOTICE, Kind.OBJECTION))
        audit.record(session, desk, Tag.LINK_WITHDRAWN, now=now, member=link.member, chat=link.chat, reason=MISSING)


def _record(session: Session, desk: Desk, made: RegisterPlan, order: Order, now: datetime) -> None:
    detail: dict[str, Any] = dict(made.counts)
    if order.confirmed_by:
        detail["confirmed_by"] = order.confirmed_by
    audit.record(session, desk, Tag.REGISTER_IMPORTED, now=now, actor=f"staff:{order.by}", **detail)
