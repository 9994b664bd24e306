"""The schema on one page. Rows stay inside `db`: what leaves it is plain data.

Times are stored in UTC and come back aware. Chat and user ids are Telegram's (up to 52 bits, hence BigInteger).
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC. A naive one is a mistake of ours and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# A key that the database counts up; SQLite does so for INTEGER only.
Counted = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


class Base(DeclarativeBase):
    # Named constraints: a migration can only change what has a name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, int: BigInteger, str: String(255)}  # noqa: RUF012  SQLAlchemy's interface


class Chat(Base):
    """One private Telegram chat, and where its dialogue stands: any process can go on with it."""

    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    chosen_language: Mapped[str | None] = mapped_column(String(2))  # by the member, until changed
    heard_language: Mapped[str | None] = mapped_column(String(2))  # of the last message that told
    last_entry: Mapped[str | None] = mapped_column(String(48))
    offered: Mapped[list[str]] = mapped_column(JSON, default=list)  # ids of the last suggestions, in order
    offered_question: Mapped[str | None] = mapped_column(String(24))
    misses: Mapped[int] = mapped_column(default=0)  # messages in a row that found nothing
    expects: Mapped[str | None] = mapped_column(
        String(16)
    )  # code, digits, confirm, number: what the dialogue waits for
    expects_until: Mapped[datetime | None]
    letter: Mapped[int | None]  # whose code was accepted and is to be confirmed
    paused: Mapped[bool] = mapped_column(default=False)  # wants no notices
    minute_at: Mapped[datetime | None]  # begin of the minute in which messages are counted
    minute_count: Mapped[int] = mapped_column(default=0)


class Group(Base):
    """A group that the bot was spoken to in: only when it last pointed to the private chat."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pointed_at: Mapped[datetime]


class HandledUpdate(Base):
    """A message or tap that was handled, and the reply that is owed for it.

    Written in the transaction of its effects. The ids make a repetition harmless; they are a set, because Telegram's
    ids are not always increasing (core.telegram.org/bots/api#update).
    """

    __tablename__ = "updates"
    __table_args__ = (
        Index(
            "ix_updates_owed",
            "chat",
            "update_id",
            sqlite_where=text("owed IS NOT NULL"),
            postgresql_where=text("owed IS NOT NULL"),
        ),
        Index("ix_updates_chat_message", "chat", "message"),
    )

    bot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    handled_at: Mapped[datetime]
    chat: Mapped[int | None]
    message: Mapped[int | None]  # the member's message
    owed: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))  # None once nothing is owed
    reply: Mapped[int | None]  # our message that answers it
    closed_at: Mapped[datetime | None]
    fate: Mapped[str | None] = mapped_column(String(16))  # sent, refused


class Attempt(Base):
    """An update that was begun after a crash and not finished yet: at the third time it is set aside."""

    __tablename__ = "attempts"

    bot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]


class Question(Base):
    """What was asked once. No chat: a question is not tied to a person, and its id is random.

    `words` only where nothing was found, redacted, and only for some days.
    """

    __tablename__ = "questions"
    __table_args__ = (Index("ix_questions_asked_at", "asked_at"),)

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    asked_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(2))
    decision: Mapped[str] = mapped_column(String(16))
    entry: Mapped[str | None] = mapped_column(String(48))  # the best match, or what was chosen
    confidence: Mapped[float | None]
    chosen: Mapped[bool] = mapped_column(default=False)  # by the member, from suggestions
    helpful: Mapped[bool | None]
    words: Mapped[str | None] = mapped_column(Text)


class Fault(Base):
    """Something of ours that broke. The reference is what the member was told; no word of the member is kept."""

    __tablename__ = "faults"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    place: Mapped[str]
    update_id: Mapped[int]


class Member(Base):
    """A person in the association's register. No name, no address; what identifies is sealed and marked."""

    __tablename__ = "members"

    id: Mapped[Counted]
    number_mark: Mapped[str] = mapped_column(String(128), unique=True)  # vault.index, kind "member"
    number_sealed: Mapped[str] = mapped_column(Text)
    number_end: Mapped[str] = mapped_column(String(2))
    digits_sealed: Mapped[str | None] = mapped_column(Text)  # of the second check
    email_sealed: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    imported_at: Mapped[datetime]
    missing_since: Mapped[datetime | None]  # not in the last register that was imported
    subject_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of the audit log; goes on erasure


class Card(Base):
    """A member's eHBA or SMC-B (its application)."""

    __tablename__ = "cards"
    __table_args__ = (Index("ix_cards_member", "member"),)

    id: Mapped[Counted]
    member: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    number_mark: Mapped[str] = mapped_column(String(128), unique=True)  # vault.index, kind "card"
    number_sealed: Mapped[str] = mapped_column(Text)
    number_end: Mapped[str] = mapped_column(String(4))


class IncidentList(Base):
    """The newest list of an incident. What the incident is stands in config.yaml."""

    __tablename__ = "incident_lists"

    incident: Mapped[str] = mapped_column(String(48), primary_key=True)
    as_of: Mapped[date]
    imported_at: Mapped[datetime]
    version: Mapped[int]


class Finding(Base):
    """What one incident means for one card."""

    __tablename__ = "findings"

    card: Mapped[int] = mapped_column(ForeignKey("cards.id", ondelete="CASCADE"), primary_key=True)
    incident: Mapped[str] = mapped_column(String(48), primary_key=True)
    affected: Mapped[bool]
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)  # of data, as named in config.yaml
    as_of: Mapped[date]
    version: Mapped[int]


class Letter(Base):
    """What carries a code to a member: created → dispatched → redeemed, expired, frozen or withdrawn."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_member", "member"), Index("ix_letters_batch", "batch"))

    id: Mapped[Counted]
    batch: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(128), unique=True)  # vault.codes
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    digit_errors: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[int | None]  # the chat that typed the code and has not confirmed yet
    closed_at: Mapped[datetime | None]  # redeemed, expired, frozen, withdrawn
    redeemed_by: Mapped[int | None]


class LetterRequest(Base):
    """A member without a code asked for a letter; the list of these goes to the print run."""

    __tablename__ = "letter_requests"
    __table_args__ = (Index("ix_letter_requests_member", "member"),)

    id: Mapped[Counted]
    member: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))  # open, held (more than allowed: staff decide), listed


class Link(Base):
    """A verified tie between one chat and one member: waiting → active → dormant → ended."""

    __tablename__ = "links"
    __table_args__ = (
        Index(
            "uq_links_active_chat",
            "chat",
            unique=True,
            sqlite_where=text("state IN ('active', 'dormant')"),
            postgresql_where=text("state IN ('active', 'dormant')"),
        ),
        Index(
            "uq_links_active_member",
            "member",
            unique=True,
            sqlite_where=text("state IN ('active', 'dormant')"),
            postgresql_where=text("state IN ('active', 'dormant')"),
        ),
        Index("ix_links_chat", "chat"),
        Index("ix_links_member", "member"),
    )

    id: Mapped[Counted]
    chat: Mapped[int]
    member: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    active_at: Mapped[datetime]  # later than made_at while an older link may still object
    used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(32))


class Throttle(Base):
    """How often a chat did something in a window, by rule; the only key is the chat's own id."""

    __tablename__ = "throttles"

    chat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(32), primary_key=True)
    window_at: Mapped[datetime]
    count: Mapped[int]
    paused_until: Mapped[datetime | None]


class Tick(Base):
    """A step of what to do now that a member has ticked off."""

    __tablename__ = "ticks"

    member: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    incident: Mapped[str] = mapped_column(String(48), primary_key=True)
    step: Mapped[str] = mapped_column(String(48), primary_key=True)
    ticked_at: Mapped[datetime]


class Delivery(Base):
    """One message to one chat that must arrive and is no direct reply: the outbox."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_due",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_deliveries_chat", "chat"),
    )

    id: Mapped[Counted]
    key: Mapped[str] = mapped_column(String(96), unique=True)  # the same thing is never queued twice
    chat: Mapped[int | None]  # None: by e-mail to the member
    member: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(32))
    reply: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))  # queued, sending, delivered, refused, failed, unknown, cancelled
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class AuditEvent(Base):
    """Who did what to what, when. Never changed: each event holds the hash of the one before."""

    __tablename__ = "audit_events"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    tag: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest event, in one row that every writer locks."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class Suppression(Base):
    """A member who was erased: applied again after every restore. Only a mark, no number."""

    __tablename__ = "suppressions"

    mark: Mapped[str] = mapped_column(String(128), primary_key=True)
    at: Mapped[datetime]


class AuditSegment(Base):
    """The last event of a part of the audit log that was kept long enough and deleted: where the chain goes on.

    Signed with the audit key. Triggers let events go up to the newest of these, and no others (migration 0002).
    """

    __tablename__ = "audit_segments"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime]  # the latest time in it
    key: Mapped[str] = mapped_column(String(32))
    signature: Mapped[str] = mapped_column(String(64))
