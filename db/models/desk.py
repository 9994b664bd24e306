"""The desk: people behind the bot, their tickets, drafts and notices."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Counted


class StaffRole(Base):
    """A role that was given in the staff group. Those of config.yaml stand beside it and cannot be taken here."""

    __tablename__ = "staff_roles"

    user: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(String(16))  # editor, agent, admin
    given_by: Mapped[int]
    given_at: Mapped[datetime]


class Approval(Base):
    """What one person asked for and a second one must allow. Claimed by a conditional update, once."""

    __tablename__ = "approvals"

    id: Mapped[Counted]
    kind: Mapped[str] = mapped_column(String(16))  # notice, role, revoke, erase
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)  # what it is about: ids, no words of members
    state: Mapped[str] = mapped_column(String(16))  # waiting, approved, refused, expired
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_by: Mapped[int | None]
    answered_at: Mapped[datetime | None]


class Ticket(Base):
    """A conversation given to staff. Its number is what the member is told; no name of the member is kept."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(
            "uq_tickets_chat_open",
            "chat",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_tickets_thread", "thread"),
        Index("ix_tickets_state", "state"),
    )

    id: Mapped[Counted]
    chat: Mapped[int | None]  # None once it was closed and forgotten
    language: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(16))  # question, impostor, crisis, threat
    urgent: Mapped[bool] = mapped_column(default=False)
    verified: Mapped[bool] = mapped_column(default=False)  # linked when it was opened, and not parted since
    subject: Mapped[str | None] = mapped_column(Text)  # sealed: the title of the last entry, or the first words
    entries: Mapped[list[str]] = mapped_column(JSON, default=list)  # ids of what was shown before
    state: Mapped[str] = mapped_column(String(16))  # open, taken, closed
    version: Mapped[int] = mapped_column(default=0)  # counts changes of state: one delivery for each
    opened_at: Mapped[datetime]
    taken_by: Mapped[int | None]
    taken_name: Mapped[str | None] = mapped_column(String(32))  # as the member sees it
    taken_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # the first time
    closed_by: Mapped[int | None]  # None: the member, or the system
    closed_at: Mapped[datetime | None]
    member_at: Mapped[datetime]  # the member's last message
    staff_at: Mapped[datetime | None]  # the last answer
    alarmed_at: Mapped[datetime | None]
    posted_in: Mapped[int | None]  # the group that topic, head and messages stand in: their ids mean nothing elsewhere
    thread: Mapped[int | None]  # the forum topic; None until it was made, or after it was lost
    card: Mapped[int | None]  # the message in the topic that carries the buttons
    aside_until: Mapped[datetime | None]  # "neue Frage": until then the member talks to the bot


class TicketMessage(Base):
    """One message of a ticket: where it stands on both sides. Words are sealed, and kept as long as the ticket's."""

    __tablename__ = "ticket_messages"
    __table_args__ = (
        Index("ix_ticket_messages_ticket", "ticket"),
        Index("ix_ticket_messages_member_message", "member_message"),
        Index("ix_ticket_messages_staff_message", "staff_message"),
    )

    id: Mapped[Counted]
    ticket: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    author: Mapped[str] = mapped_column(String(8))  # member, staff, note
    by: Mapped[int | None]  # who of the staff
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))  # text, photo, document; thanks: a text that waits for nothing
    words: Mapped[str | None] = mapped_column(Text)  # sealed; HTML as it is shown
    file: Mapped[str | None]  # Telegram's file_id
    member_message: Mapped[int | None]  # its id in the member's chat
    staff_message: Mapped[int | None]  # its id in the topic
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Draft(Base):
    """A FAQ entry on its way, or phrasings for one that exists. The YAML files stay the truth."""

    __tablename__ = "drafts"

    id: Mapped[Counted]
    state: Mapped[str] = mapped_column(String(16))  # writing, ready, published, discarded
    entry: Mapped[str | None] = mapped_column(String(48))  # the entry that phrasings are added to; None: a new one
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was given so far, by field
    step: Mapped[str] = mapped_column(String(24))  # the field that is asked for now; empty: none
    asked: Mapped[int | None]  # who is asked for it
    asked_at: Mapped[datetime | None]
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ticket: Mapped[int | None]  # the one that it came from
    thread: Mapped[int | None]  # where it is written in the staff group
    message: Mapped[int | None]  # our last message about it


class Notice(Base):
    """One message to many: (proposed →) draft → waiting → sending ⇄ paused → done, or stopped, or discarded."""

    __tablename__ = "notices"

    id: Mapped[Counted]
    state: Mapped[str] = mapped_column(String(16))
    # subscribers:SUBJECT, linked, affected:INCIDENT, saw:ENTRY, got:NOTICE; empty: not chosen yet
    audience: Mapped[str] = mapped_column(String(64))
    text_de: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    entry: Mapped[str | None] = mapped_column(String(48))  # the FAQ entry that a button below it shows; empty: none
    step: Mapped[str] = mapped_column(String(8), default="")  # what is asked for now: de, en, entry, audience
    asked: Mapped[int | None]  # who is asked for it
    asked_at: Mapped[datetime | None]
    corrects: Mapped[int | None]  # the notice that this one corrects
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    tested_at: Mapped[datetime | None]
    approval: Mapped[int | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    thread: Mapped[int | None]
    message: Mapped[int | None]  # the message that shows its progress


class Subscription(Base):
    """A chat wants to hear about a subject."""

    __tablename__ = "subscriptions"

    chat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(28), primary_key=True)
    since_at: Mapped[datetime]


class ShownAnswer(Base):
    """Which answer a chat got that wants to be told when it changes; nothing is kept for the others."""

    __tablename__ = "shown_answers"
    __table_args__ = (Index("ix_shown_answers_entry", "entry"),)

    chat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[str] = mapped_column(String(48), primary_key=True)
    version: Mapped[str] = mapped_column(String(16))  # digest of the answer as it was
    at: Mapped[datetime]
