"""Whom a notice reaches: one query for the number, for queuing, and for looking again when it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, cast

from sqlalchemy import (
    JSON,
    Select,
    String,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.affected import affected
from db.deliveries import AGAIN, TO_MANY, State
from db.links import ACTIVE
from db.models import Card, Chat, Delivery, Finding, Link, Member, Notice, ShownAnswer, Subscription
from db.models.base import Moment
from db.subscriptions import ANSWERS

LINKED, SUBSCRIBERS, AFFECTED, SAW, GOT = "linked", "subscribers", "affected", "saw", "got"
KIND = TO_MANY  # of the deliveries
PER_SECOND = 25  # Telegram's limit is 30 in all, answers to members included
PORTION = 250  # deliveries that fall due at the same moment: then little stands before what comes later
_TABLE = cast(Table, Delivery.__table__)
Chosen = Select[int, Any]  # chats, each with its member or none
_ARRIVED = (State.DELIVERED.value, State.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is to receive a notice: `subscribers:SUBJECT`, `linked`, `affected:INCIDENT`, `saw:ENTRY`, `got:NOTICE`."""

    kind: str
    name: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        kind, _, name = text.partition(":")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


def root(session: Session, audience: Audience) -> Audience:
    """The audience of the notice that the corrections correct."""
    for _ in range(100):
        if audience.kind != GOT:
            break
        audience = Audience.of(session.scalar(select(Notice.audience).where(Notice.id == int(audience.name))) or "")
    return audience


def _recipients(session: Session, audience: Audience, now: datetime, version: str | None) -> Chosen:
    """Chats with the member as whom they get it. Nobody who blocked or paused us, nobody twice.

    `version` of an answer is the one that need not be told of; None: all.
    """
    reachable = (Chat.blocked_at.is_(None), Chat.paused.is_(False))
    is_tied = and_(Link.chat == Chat.id, Link.state == ACTIVE, Link.active_at <= now)
    tied = (
        select(Chat.id.label("chat"), Link.member.label("member"))
        .join(Link, is_tied)
        .join(Member, and_(Member.id == Link.member, Member.missing_since.is_(None)))
        .where(*reachable)
    )
    anybody = select(Chat.id.label("chat"), as_type(null(), _TABLE.c.member.type).label("member")).where(*reachable)
    match audience.kind:
        case "linked":
            return tied
        case "affected":
            own = (Card.member == Link.member, Finding.card == Card.id, Finding.incident == audience.name)
            return tied.where(exists().where(*own, Finding.affected.is_(True)))
        case "subscribers":
            return anybody.join(Subscription, _subscribed(audience.name))
        case "saw":
            saw = anybody.join(Subscription, _subscribed(ANSWERS))
            saw = saw.join(ShownAnswer, and_(ShownAnswer.chat == Chat.id, ShownAnswer.entry == audience.name))
            return saw if version is None else saw.where(ShownAnswer.version != version)
        case "got":
            return _got(int(audience.name), root(session, audience), tied, anybody)
    return anybody.where(literal(value=False))


def _got(notice: int, first: Audience, tied: Chosen, anybody: Chosen) -> Chosen:
    """Who got the notice, whether it still concerns them or not: just those must hear of a mistake."""
    got = exists().where(
        Delivery.chat == Chat.id, Delivery.notice == notice, Delivery.kind == KIND, Delivery.state.in_(_ARRIVED)
    )
    if first.kind in (LINKED, AFFECTED):
        got = exists().where(
            Delivery.chat == Chat.id,
            Delivery.member == Link.member,
            Delivery.notice == notice,
            Delivery.kind == KIND,
            Delivery.state.in_(_ARRIVED),
        )
        return tied.where(got)
    subject = ANSWERS if first.kind == SAW else first.name
    return anybody.join(Subscription, _subscribed(subject)).where(got)


def _subscribed(subject: str) -> Any:
    return and_(Subscription.chat == Chat.id, Subscription.subject == subject)


def count(session: Session, audience: Audience, now: datetime, version: str | None = None) -> int:
    chosen = _recipients(session, audience, now, version).subquery()
    return session.scalar(select(func.count()).select_from(chosen)) or 0


def includes(session: Session, notice: int, chat: int, member: int | None, now: datetime) -> bool:
    """Whether the notice is still for this chat, and as this member."""
    text = session.scalar(select(Notice.audience).where(Notice.id == notice))
    if not text:
        return False
    found = session.execute(_recipients(session, Audience.of(text), now, None).where(Chat.id == chat)).first()
    return found is not None and found.member == member


def queue(session: Session, notice: int, audience: Audience, now: datetime, version: str | None = None) -> int:
    """Queues one delivery for each recipient; how many. A second time adds nobody who is there already."""
    chosen = _recipients(session, audience, now, version).subquery()
    source = select(
        literal(f"{KIND}:{notice}:") + as_type(chosen.c.chat, String),
        chosen.c.chat,
        chosen.c.member,
        literal(KIND),
        literal(notice),
        literal({}, JSON),
        literal(State.QUEUED.value),
        literal(now, Moment()),
        literal(0),
    ).where(literal(value=True))
    columns = ["key", "chat", "member", "kind", "notice", "reply", "state", "due_at", "attempts"]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    adding = insert(_TABLE).from_select(columns, source).on_conflict_do_nothing(index_elements=["key"])
    before = _queued(session, notice)
    session.execute(adding)
    spread(session, notice, now)
    return _queued(session, notice) - before


def _queued(session: Session, notice: int) -> int:
    """How many have been queued so far; what the driver says of an INSERT from a SELECT differs."""
    mine = select(func.count()).select_from(Delivery).where(Delivery.notice == notice, Delivery.kind == KIND)
    return session.scalar(mine) or 0


def spread(session: Session, notice: int, now: datetime) -> None:
    """Lets what is queued fall due a portion at a time; what is repeated keeps its distance from the first time."""
    mine = (Delivery.notice == notice, Delivery.kind == KIND, Delivery.state == State.QUEUED.value)
    first = (*mine, Delivery.key.not_like(f"%{AGAIN}"))
    numbered = select(Delivery.id, func.row_number().over(order_by=Delivery.id).label("number")).where(*first)
    ends = numbered.subquery()
    last = select(ends.c.id).where(ends.c.number % PORTION == 0).order_by(ends.c.id)
    below, moment = 0, now
    for upto in (*session.scalars(last), None):
        portion = update(Delivery).where(*first, Delivery.id > below)
        portion = portion if upto is None else portion.where(Delivery.id <= upto)
        session.execute(portion.values(due_at=moment), execution_options={"synchronize_session": False})
        below, moment = upto or 0, moment + timedelta(seconds=PORTION / PER_SECOND)
    again = update(Delivery).where(*mine, Delivery.key.like(f"%{AGAIN}"))
    later = now + timedelta(minutes=10)
    session.execute(again.values(due_at=later), execution_options={"synchronize_session": False})


def hold(session: Session, notice: int, until: datetime) -> None:
    """Nothing of it falls due before that time."""
    mine = update(Delivery).where(Delivery.notice == notice, Delivery.kind == KIND)
    queued = mine.where(Delivery.state == State.QUEUED.value).values(due_at=until)
    session.execute(queued, execution_options={"synchronize_session": False})


def cancel(session: Session, notice: int, now: datetime) -> int:
    """Cancels what is queued of it; how many."""
    mine = update(Delivery).where(Delivery.notice == notice, Delivery.kind == KIND)
    gone = mine.where(Delivery.state == State.QUEUED.value).values(state=State.CANCELLED.value, closed_at=now)
    return affected(session.execute(gone, execution_options={"synchronize_session": False}))


# ---- how far it has come


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the deliveries of a notice, each chat counted once."""

    all: int = 0
    waiting: int = 0  # not sent yet
    again: int = 0  # unclear at first, and to be sent once more
    sent: int = 0
    blocked: int = 0
    refused: int = 0  # for another reason
    failed: int = 0  # given up
    unclear: int = 0
    cancelled: int = 0

    @property
    def is_over(self) -> bool:
        return self.waiting == 0 and self.again == 0


def counts(session: Session, notice: int) -> Counts:
    """What was repeated counts as the repetition did."""
    again = case((Delivery.key.like(f"%{AGAIN}"), 1), else_=0)
    blocked = case((Chat.blocked_at.is_not(None), 1), else_=0)
    query = (
        select(Delivery.state, again.label("again"), blocked.label("blocked"), func.count().label("many"))
        .outerjoin(Chat, Chat.id == Delivery.chat)
        .where(Delivery.notice == notice, Delivery.kind == KIND)
        .group_by(Delivery.state, again, blocked)
    )
    found: dict[tuple[str, bool], int] = {}
    refused = blocked_count = 0
    for row in session.execute(query):
        key = (row.state, bool(row.again))
        found[key] = found.get(key, 0) + row.many
        if row.state == State.REFUSED:
            blocked_count += row.many if row.blocked else 0
            refused += 0 if row.blocked else row.many

    def both(*states: State) -> int:
        return sum(found.get((state.value, repeated), 0) for state in states for repeated in (False, True))

    repeated = sum(number for (state, is_again), number in found.items() if is_again and state != State.CANCELLED)
    return Counts(
        all=sum(number for (_, is_again), number in found.items() if not is_again),
        waiting=found.get((State.QUEUED, False), 0) + found.get((State.SENDING, False), 0),
        again=found.get((State.QUEUED, True), 0) + found.get((State.SENDING, True), 0),
        sent=both(State.DELIVERED),
        blocked=blocked_count,
        refused=refused,
        failed=both(State.FAILED),
        unclear=both(State.UNKNOWN) - repeated,
        cancelled=found.get((State.CANCELLED, False), 0),
    )


@dataclass(frozen=True, slots=True)
class Missed:
    """A chat that a notice did not reach for sure."""

    chat: int
    member: int | None
    reason: str  # blocked, refused, failed, unknown, cancelled
    at: datetime | None


def missed(session: Session, notice: int) -> list[Missed]:
    """Everybody it was meant for and did not reach for sure, in the order of queuing."""
    query = (
        select(Delivery.chat, Delivery.member, Delivery.state, Delivery.closed_at, Chat.blocked_at)
        .outerjoin(Chat, Chat.id == Delivery.chat)
        .where(Delivery.notice == notice, Delivery.kind == KIND, Delivery.chat.is_not(None))
        .order_by(Delivery.id)
    )
    last: dict[int, Missed | None] = {}
    for row in session.execute(query):  # a repetition comes after the first time and counts instead of it
        if row.chat in last and row.state == State.CANCELLED:
            continue
        is_blocked = row.state == State.REFUSED and row.blocked_at is not None
        reason = "blocked" if is_blocked else row.state
        arrived = row.state == State.DELIVERED
        last[row.chat] = None if arrived else Missed(row.chat, row.member, reason, row.closed_at)
    return [one for one in last.values() if one is not None]


def missed_numbers(session: Session, notice: int) -> list[tuple[str, str]]:
    """The sealed numbers of members whom it did not reach for sure, each with the reason."""
    reasons = {one.member: one.reason for one in missed(session, notice) if one.member is not None}
    mine = select(Delivery.member).where(Delivery.notice == notice, Delivery.kind == KIND)
    query = select(Member.id, Member.number_sealed).where(Member.id.in_(mine)).order_by(Member.id)
    return [(row.number_sealed, reasons[row.id]) for row in session.execute(query) if row.id in reasons]


def newest_test(session: Session, notice: int) -> str | None:
    """What became of the newest test of a notice."""
    query = select(Delivery.state).where(Delivery.notice == notice, Delivery.kind == "trial")
    return session.scalar(query.order_by(Delivery.id.desc()).limit(1))


def got(session: Session, notice: int, member: int) -> bool:
    """Whether the notice was sent to this member."""
    mine = select(Delivery.id).where(Delivery.notice == notice, Delivery.kind == KIND, Delivery.member == member)
    return session.scalar(mine.limit(1)) is not None


def newest_for(session: Session, chat: int) -> str | None:
    """The audience of the newest notice that this chat got."""
    query = select(Notice.audience).join(Delivery, Delivery.notice == Notice.id)
    query = query.where(Delivery.chat == chat, Delivery.kind == KIND, Delivery.state.in_(_ARRIVED))
    return session.scalar(query.order_by(Delivery.id.desc()).limit(1))
