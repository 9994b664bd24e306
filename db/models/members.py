"""The register, cards, letters, links and what limits them."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Counted


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


class Suppression(Base):
    """A member who was erased: applied again after every restore. Only a mark, no number."""

    __tablename__ = "suppressions"

    mark: Mapped[str] = mapped_column(String(128), primary_key=True)
    at: Mapped[datetime]
