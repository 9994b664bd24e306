"""The life of a link: waiting while an older chat may object, active, dormant, ended.

── redeemed ──► active ──────────── not used, or too old ──► dormant ── new code ──► active (a new link)
      │            │                                            │
      └► waiting ──┴── /abmelden, objection, staff, import ─────┴──► ended
        (another chat is linked: it may object for 24 hours)
"""

from datetime import datetime, timedelta

from db import links
from db.links import ACTIVE, Tie
from db.session import Session
from services import audit, deliveries
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk

OBJECTION, SUPERSEDED, SIGNED_OFF, UNUSED, OLD = "objection", "superseded", "signed-off", "unused", "old"


def current(session: Session, desk: Desk, chat: int, now: datetime) -> Tie | None:
    """The link by which this chat may see something now. One whose time has come begins or falls asleep here."""
    waiting = links.waiting_of_chat(session, chat)
    if waiting and waiting.active_at <= now:
        begin(session, desk, waiting, now)
    tie = links.of_chat(session, chat)
    if tie is None or tie.state != ACTIVE:
        return None
    if reason := _sleepy(tie, desk, now):
        links.sleep(session, tie.id, reason)
        audit.record(session, desk, Tag.LINK_DORMANT, now=now, member=tie.member, chat=chat, reason=reason)
        return None
    links.touch(session, tie.id, now)
    return tie


def _sleepy(tie: Tie, desk: Desk, now: datetime) -> str | None:
    rules = desk.rules.verification
    if tie.used_at <= now - timedelta(days=rules.dormant_days):
        return UNUSED
    return OLD if tie.made_at <= now - timedelta(days=rules.link_days) else None


def make(session: Session, desk: Desk, chat: int, member: int, now: datetime) -> datetime | None:
    """Ties a chat to a member. When another chat is linked, it is asked first: then when the new link begins."""
    older = links.of_member(session, member)
    asked_first = older is not None and older.state == ACTIVE and older.chat != chat
    if older is not None and not asked_first:
        links.end(session, older.id, SUPERSEDED, now)
    mine = links.of_chat(session, chat)
    if mine is not None and not asked_first:
        links.end(session, mine.id, SUPERSEDED, now)
    if (waiting := links.waiting_of_member(session, member)) is not None:
        links.end(session, waiting.id, SUPERSEDED, now)
    begins = now + timedelta(hours=desk.rules.verification.objection_hours) if asked_first else now
    link = links.make(session, chat, member, now, begins)
    audit.record(session, desk, Tag.LINK_CREATED, now=now, member=member, chat=chat, waits=asked_first)
    if older is not None and asked_first:
        key = f"objection:{link}:{now:%Y%m%d%H%M%S}"  # SQLite gives the ids of deleted links again
        deliveries.queue(
            session,
            key=key,
            chat=older.chat,
            kind=Kind.OBJECTION,
            reply={"link": link},
            due_at=now,
            now=now,
            member=member,
        )
        return begins
    return None


def begin(session: Session, desk: Desk, waiting: Tie, now: datetime) -> None:
    """The time to object is over: the older link ends, the newer one is active."""
    older = links.of_member(session, waiting.member)
    if older is not None:
        end(session, desk, older, SUPERSEDED, now)
    mine = links.of_chat(session, waiting.chat)
    if mine is not None:
        end(session, desk, mine, SUPERSEDED, now)
    links.activate(session, waiting.id, now)


def object_(session: Session, desk: Desk, chat: int, now: datetime) -> bool:
    """The older chat says no: the waiting link ends, and so does nothing else. False when there is none (any more)."""
    tie = links.of_chat(session, chat)
    waiting = links.waiting_of_member(session, tie.member) if tie else None
    if waiting is None or not links.end(session, waiting.id, OBJECTION, now):
        return False
    audit.record(session, desk, Tag.LINK_OBJECTED, now=now, member=waiting.member, chat=chat)
    return True


def end(session: Session, desk: Desk, tie: Tie, reason: str, now: datetime, actor: str = "system") -> None:
    """Ends a link at once; what was waiting to be sent to it is cancelled."""
    if links.end(session, tie.id, reason, now):
        deliveries.cancel(session, now=now, chat=tie.chat, kinds=(Kind.NOTICE, Kind.OBJECTION))
        audit.record(
            session, desk, Tag.LINK_ENDED, now=now, actor=actor, member=tie.member, chat=tie.chat, reason=reason
        )
