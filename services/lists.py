"""The list of an incident comes in: which cards it names, whether they are affected, by which kinds of data.

The newest list is what counts: a card that it does not name any more has no finding any more. A finding keeps the date
of the list that brought it, and a list never takes the place of a newer one. Each incident stands for itself. Leaked
values are never read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from config.imports import Imports
from config.incidents import Incident
from db import cards, incidents, members
from db import imports as link_rows
from db.cards import Found, KnownCard, NewCard
from db.incidents import Newest
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
from strict_yaml import Problem
from tables import Column, Row, Table
from vault import index, sealing

NUMBER_END = 4  # digits of a card number that are shown
NOTICES_PER_SECOND = 20
NO = False, ()  # what a card without a finding is: not on the list


def columns(rules: Imports) -> tuple[Column, ...]:
    """The columns of an incident's list, for `tables.read`."""
    names = rules.card_columns
    return (
        column("number", names.number, number=True),
        column("kind", names.kind),
        column("card", names.card, number=True),
        column("affected", names.affected),
        column("kinds", names.kinds, required=False),
    )


class ListPlan(Plan):
    """What an incident's list would change."""

    def __init__(self, table: Table, stamp: object, rules: Imports, incident: Incident, as_of: date) -> None:
        super().__init__(table, stamp)
        self.incident, self.as_of = incident.id, as_of
        self.newest: Newest | None = None
        self.new_cards, self.changed_cards = self.spool(), self.spool()
        self.new, self.changed = self.spool(), self.spool()  # findings of known cards
        self.new_findings = 0  # those of new cards, too
        self.unchanged = self.affected = self.strangers = self.without_kinds = 0
        self.removed: list[int] = []  # cards whose finding goes
        self.told: set[int] = set()  # members who see something else afterwards
        self.linked = 0  # of them, those with an active link
        self.findings_before = 0
        self._rules = rules

    @property
    def findings_changed(self) -> int:
        return self.new_findings + self.changed.count + len(self.removed)

    @property
    def is_unchanged(self) -> bool:
        same_list = self.newest is not None and self.newest.as_of == self.as_of
        return same_list and not (self.findings_changed or self.new_cards.count or self.changed_cards.count)

    @property
    def needs_second(self) -> bool:
        """The first list of an incident changes nothing that members were told."""
        changed = share(self.findings_changed, self.findings_before)
        return changed > self._rules.findings_changed_percent

    @property
    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "affected": self.affected,
            "new_cards": self.new_cards.count,
            "changed_cards": self.changed_cards.count,
            "new": self.new_findings,
            "changed": self.changed.count,
            "removed": len(self.removed),
            "unchanged": self.unchanged,
            "unknown_members": self.strangers,
            "rejected": self.rejects.rows,
            "findings_before": self.findings_before,
            "notices": self.linked,
        }


def plan(
    database: Database,
    desk: Desk,
    rules: Imports,
    table: Table,
    incident: Incident,
    as_of: date,
    *,
    skip_unknown: bool = False,
    progress: Progress = quiet,
) -> ListPlan:
    """What the list in `table` would change. Raises `Problems` when the file turns out to be unusable.

    `skip_unknown`: rows whose member is not in the register are listed as rejected, but do not keep out the others.
    """
    made = ListPlan(table, database.work(_stamp, incident.id), rules, incident, as_of)
    try:
        made.newest = database.work(incidents.newest, incident.id)
        made.verdict = _too(as_of, made.newest, desk.clock().date())
        reader = _Reader(database, desk, rules, table, incident, made)
        for rows in made.batches(progress):
            reader.take(rows)
        _compare_absent(database, made, reader.seen)
        for some in in_batches(sorted(made.told)):
            made.linked += len(database.work(link_rows.active_chats, some, desk.clock()))
        made.tolerated = made.strangers if skip_unknown else 0
        if made.without_kinds:
            made.warn("imports.without-kinds", count=str(made.without_kinds))
    except BaseException:
        made.close()
        raise
    return made


def _too(as_of: date, newest: Newest | None, today: date) -> Verdict | None:
    if newest is not None and as_of < newest.as_of:
        return Verdict.OLDER
    return Verdict.FUTURE if as_of > today else None


def _stamp(session: Session, incident: str) -> object:
    newest = incidents.newest(session, incident)
    return cards.stamp(session, incident), newest and newest.version, members.stamp(session)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a row says, once it is known to make sense."""

    member: int
    kind: str
    affected: bool
    kinds: tuple[str, ...]


class _Reader:
    """Compares the rows of a list with the cards and findings that are known."""

    def __init__(
        self, database: Database, desk: Desk, rules: Imports, table: Table, incident: Incident, made: ListPlan
    ) -> None:
        self._database, self._table, self._plan, self._ring = database, table, made, desk.keys.ring
        self._incident, self._rules = incident.id, rules
        self._affected = meanings({True: rules.words_for_yes, False: rules.words_for_no})
        self._card_kinds = meanings({kind: (kind, *names) for kind, names in rules.card_kinds.items()})
        self._kinds = meanings({kind.id: (kind.id, kind.de, kind.en) for kind in incident.kinds})
        self._order = [kind.id for kind in incident.kinds]
        self.seen = Seen()  # cards that were known before
        self._owners: dict[int, int] = {}  # of new cards: shortened mark → member

    def take(self, rows: list[Row]) -> None:
        people = [index.candidates(self._ring, row.values["number"], kind="member") for row in rows]
        numbers = [index.candidates(self._ring, row.values["card"], kind="card") for row in rows]
        owners = self._database.work(members.ids, [mark for marks in people for mark in marks])
        known = self._database.work(cards.known, [mark for marks in numbers for mark in marks], self._incident)
        for row, person, number in zip(rows, people, numbers, strict=True):
            owner = next((owners[mark] for mark in person if mark in owners), None)
            old = next((known[mark] for mark in number if mark in known), None)
            problems = [*self._problems(row), *self._conflict(row, owner, old, number[0])]
            if owner is None:
                self._plan.strangers += not problems
                problems.append(self._problem(row, "number", "imports.unknown-member"))
            if problems:
                self._plan.reject(row, *problems)
            else:
                assert owner is not None
                self._compare(row, self._said(row, owner), old, number[0])

    def _problem(self, row: Row, column: str, code: str, **values: str) -> Problem:
        return self._table.problem(row, column, code, **values)

    def _problems(self, row: Row) -> Iterator[Problem]:
        values = row.values
        if self._rules.card_digits and len(values["card"]) != self._rules.card_digits:
            digits = {"digits": str(self._rules.card_digits), "count": str(len(values["card"]))}
            yield self._problem(row, "card", "imports.card-digits", **digits)
        if word(values["kind"]) not in self._card_kinds:
            yield self._problem(row, "kind", "imports.no-kind", known=", ".join(self._rules.card_kinds))
        affected = self._affected.get(word(values["affected"]))
        if affected is None:
            yield self._problem(row, "affected", "imports.yes-or-no")
        names = self._named(row)
        if unknown := next((name for name in names if word(name) not in self._kinds), None):
            yield self._problem(
                row, "kinds", "imports.no-data-kind", word=unknown[:30], known=", ".join(self._order) or "–"
            )
        if affected is False and names:
            yield self._problem(row, "kinds", "imports.kinds-without")

    def _named(self, row: Row) -> list[str]:
        return [name.strip() for name in row.values["kinds"].split(self._rules.separator) if name.strip()]

    def _conflict(self, row: Row, owner: int | None, old: KnownCard | None, mark: str) -> Iterator[Problem]:
        """One card belongs to one member, and stands on a list once."""
        if old is not None:
            is_first, first = self.seen.add(old.id), old.member
        elif owner is None:
            return
        else:
            is_first = hash(mark) not in self._owners
            first = self._owners.setdefault(hash(mark), owner)
        if first != owner:
            yield self._problem(row, "card", "imports.two-members")
        elif not is_first:
            yield self._problem(row, "card", "imports.card-twice")

    def _said(self, row: Row, owner: int) -> _Said:
        named = {self._kinds[word(name)] for name in self._named(row)}
        kinds = tuple(kind for kind in self._order if kind in named)
        affected = self._affected[word(row.values["affected"])]
        return _Said(owner, self._card_kinds[word(row.values["kind"])], affected, kinds)

    def _compare(self, row: Row, said: _Said, old: KnownCard | None, mark: str) -> None:
        made, now = self._plan, (said.affected, said.kinds)
        made.affected += said.affected
        made.without_kinds += said.affected and bool(self._order) and not said.kinds
        if old is None:
            number = row.values["card"]
            sealed = sealing.seal(self._ring, number, field=cards.NUMBER)
            made.new_cards.add((said.member, said.kind, mark, sealed, number[-NUMBER_END:], *now))
            made.new_findings += 1
        else:
            if old.kind != said.kind:
                made.changed_cards.add((old.id, said.kind))
            before = None if old.affected is None else (old.affected, old.kinds)
            if before == now:
                made.unchanged += 1
            elif before is None:
                made.new.add((old.id, *now))
                made.new_findings += 1
            else:
                made.changed.add((old.id, *now))
        if now != (NO if old is None or old.affected is None else (old.affected, old.kinds)):
            made.told.add(said.member)


def _compare_absent(database: Database, made: ListPlan, seen: Seen) -> None:
    """Goes through all findings of the incident for those that the list does not name any more."""
    last = 0
    while some := database.work(cards.listed_after, made.incident, last, BATCH):
        last = some[-1].card
        made.findings_before += len(some)
        for listed in some:
            if listed.card not in seen:
                made.removed.append(listed.card)
                if listed.affected:
                    made.told.add(listed.member)


def apply(session: Session, desk: Desk, made: ListPlan, order: Order, *, now: datetime) -> Verdict:
    """Carries a plan out, as a whole or not at all; who sees something else afterwards is told that there is news."""
    link_rows.alone(session)
    stamp = _stamp(session, made.incident)
    if verdict := refused(session, desk, made, order, now=now, what=made.incident, stamp=stamp):
        return verdict
    if not made.is_unchanged:
        version = made.newest.version + 1 if made.newest else 1
        _write(session, made, version)
        incidents.put(session, made.incident, Newest(made.as_of, version, now))
        _notify(session, made, version, now)
    _record(session, desk, made, order, now)
    return Verdict.UNCHANGED if made.is_unchanged else Verdict.APPLIED


def _write(session: Session, made: ListPlan, version: int) -> None:
    incident, as_of = made.incident, made.as_of
    for new in made.new_cards.batches():
        added = cards.add(session, [NewCard(*row[:5]) for row in new])
        found = [Found(added[row[2]], row[5], tuple(row[6])) for row in new]
        cards.add_findings(session, incident, found, as_of, version)
    for changed in made.changed_cards.batches():
        cards.change_kinds(session, [(card, kind) for card, kind in changed])
    for some in made.new.batches():
        cards.add_findings(session, incident, [_found(row) for row in some], as_of, version)
    for some in made.changed.batches():
        cards.change_findings(session, incident, [_found(row) for row in some], as_of, version)
    for gone in in_batches(made.removed):
        cards.remove_findings(session, incident, gone)


def _found(row: list[Any]) -> Found:
    card, affected, kinds = row
    return Found(card, affected, tuple(kinds))


def _notify(session: Session, made: ListPlan, version: int, now: datetime) -> None:
    """A neutral sentence to each linked member; what is new is shown after the tap, as it is then."""
    count = 0
    for some in in_batches(sorted(made.told)):
        for member, chat in link_rows.active_chats(session, some, now):
            due_at = now + timedelta(seconds=count // NOTICES_PER_SECOND)
            key = f"notice:{made.incident}:{version}:{member}"
            deliveries.queue(
                session, key=key, chat=chat, kind=Kind.NOTICE, reply={}, due_at=due_at, now=now, member=member
            )
            count += 1


def _record(session: Session, desk: Desk, made: ListPlan, order: Order, now: datetime) -> None:
    detail: dict[str, Any] = {"incident": made.incident, "as_of": made.as_of.isoformat(), **made.counts}
    if order.confirmed_by:
        detail["confirmed_by"] = order.confirmed_by
    audit.record(session, desk, Tag.CARDS_IMPORTED, now=now, actor=f"staff:{order.by}", **detail)
