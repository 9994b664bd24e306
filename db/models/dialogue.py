"""One page: private chats, what was handled, what was asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


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
    carrier: Mapped[str | None] = mapped_column(String(32))  # the process that brings what is owed


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
    settled: Mapped[str | None] = mapped_column(String(16))  # by staff: added, drafted, foreign, ignored


class Fault(Base):
    """Something of ours that broke. The reference is what the member was told; no word of the member is kept."""

    __tablename__ = "faults"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    place: Mapped[str]
    update_id: Mapped[int]
