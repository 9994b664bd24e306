"""The life of a link: waiting while an older chat may object, active, dormant, ended.

── redeemed ──► active ──────────── not used, or too old ──► dormant ── new code ──► active (a new link)
      │            │                                            │
      └► waiting ──┴── /abmelden, objection, staff, import ─────┴──► ended
        (another chat is linked: it may object for 24 hours)
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db import links, members
from db.imports import MemberLink
from db.links import ACTIVE, WAITING, Tie
from db.session import Session
from services import audit, deliveries, ticket_deliveries
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk
from services.imports import Order
from strict_yaml import Problem
from vault import index

OBJECTION_FOR = timedelta(hours=24)  # a night and a working day; the texts say so, too
OBJECTION, SUPERSEDED, SIGNED_OFF, UNUSED, OLD = "objection", "superseded", "signed-off", "unused", "old"
REVOKED = "revoked"
AT_ONCE = 500  # links that one transaction looks after


def current(session: Session, desk: Desk, chat: int, now: datetime) -> Tie | None:
    """The link by which this chat may see something now. One whose time has come begins, ends or falls asleep here."""
    if waiting := links.waiting_of_chat(session, chat):
        _begin_if_due(session, desk, waiting, now)
    tie = links.of_chat(session, chat)
    if tie and (waiting := links.waiting_of_member(session, tie.member)):
        _begin_if_due(session, desk, waiting, now)
        tie = links.of_chat(session, chat)
    if tie is None or tie.state != ACTIVE or _sleeps(session, desk, tie, now):
        return None
    person = members.get(session, tie.member)
    if person is None or not person.is_listed:
        return None  # a register came in at the very moment when the link was made
    links.touch(session, tie.id, now)
    return tie


def keep_time(session: Session, desk: Desk, now: datetime) -> int:
    """Begins and puts to sleep what nobody has looked at when its time came; how many links."""
    rules = desk.rules.verification
    unused, old = now - timedelta(days=rules.dormant_days), now - timedelta(days=rules.link_days)
    ties = links.due(session, now, unused, old, AT_ONCE)
    for tie in ties:
        if tie.state == WAITING:
            _begin_if_due(session, desk, tie, now)
        else:
            _sleeps(session, desk, tie, now)
    return len(ties)


def _sleeps(session: Session, desk: Desk, tie: Tie, now: datetime) -> bool:
    reason = _sleepy(tie, desk, now)
    if reason:
        links.sleep(session, tie.id, reason)
        audit.record(session, desk, Tag.LINK_DORMANT, now=now, member=tie.member, chat=tie.chat, reason=reason)
    return reason is not None


def _sleepy(tie: Tie, desk: Desk, now: datetime) -> str | None:
    rules = desk.rules.verification
    if tie.used_at <= now - timedelta(days=rules.dormant_days):
        return UNUSED
    return OLD if tie.made_at <= now - timedelta(days=rules.link_days) else None


def make(session: Session, desk: Desk, chat: int, member: int, now: datetime) -> datetime | None:
    """Ties a chat to a member. When another chat is linked, it is asked first: then when the new link begins."""
    if (waiting := links.waiting_of_member(session, member)) is not None:
        _begin_if_due(session, desk, waiting, now)
    older = links.of_member(session, member)
    asked_first = older is not None and older.state == ACTIVE and older.chat != chat
    if older is not None and older.chat == chat:  # the same person once more: the tickets stay verified
        links.end(session, older.id, SUPERSEDED, now)
    elif older is not None and not asked_first:
        part(session, desk, older, SUPERSEDED, now)
    mine = links.of_chat(session, chat)
    if mine is not None and not asked_first:
        part(session, desk, mine, SUPERSEDED, now)
    if (waiting := links.waiting_of_member(session, member)) is not None:
        part(session, desk, waiting, SUPERSEDED, now)
    begins = now + OBJECTION_FOR if asked_first else now
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


def _begin_if_due(session: Session, desk: Desk, waiting: Tie, now: datetime) -> None:
    """The time to object is over: the older link ends, the newer one is active."""
    if waiting.active_at > now:
        return
    older = links.of_member(session, waiting.member)
    if older is not None:
        end(session, desk, older, SUPERSEDED, now)
    mine = links.of_chat(session, waiting.chat)
    if mine is not None:
        end(session, desk, mine, SUPERSEDED, now)
    links.activate(session, waiting.id, waiting.active_at)  # waiting is not using


def object_(session: Session, desk: Desk, chat: int, now: datetime) -> bool:
    """The older chat says no: the waiting link ends, and so does nothing else. False when there is none (any more)."""
    tie = links.of_chat(session, chat)
    waiting = links.waiting_of_member(session, tie.member) if tie else None
    if waiting is None or waiting.active_at <= now or not part(session, desk, waiting, OBJECTION, now):
        return False
    audit.record(session, desk, Tag.LINK_OBJECTED, now=now, member=waiting.member, chat=chat)
    return True


def end(session: Session, desk: Desk, tie: Tie, reason: str, now: datetime, actor: str = "system") -> None:
    """Ends a link at once; what was waiting to be sent to it is cancelled."""
    if _close(session, desk, tie, reason, now):
        audit.record(
            session, desk, Tag.LINK_ENDED, now=now, actor=actor, member=tie.member, chat=tie.chat, reason=reason
        )


def is_free(session: Session, chat: int) -> bool:
    """Whether the chat has no link at all: none that is active, dormant or waiting."""
    return not links.unfinished(session, chat=chat)


def is_of_another(session: Session, chat: int, member: int) -> bool:
    """Whether this chat is linked to another member, or is about to be: two on one account only by staff."""
    return any(tie.member != member for tie in links.unfinished(session, chat=chat))


def sign_off(session: Session, desk: Desk, chat: int, now: datetime, actor: str = "member") -> bool:
    """Ends every link of the chat, also one that sleeps or waits, as its member wishes; False when there was none."""
    ties = links.unfinished(session, chat=chat)
    for tie in ties:
        end(session, desk, tie, SIGNED_OFF, now, actor=actor)
    return bool(ties)


def part(session: Session, desk: Desk, tie: Tie | MemberLink, reason: str, now: datetime) -> bool:
    """Every link ends here, and the chat's tickets say so; False when it had ended before.

    Only a link that the same member renews in the same chat is replaced without this.
    """
    if not links.end(session, tie.id, reason, now):
        return False
    if links.of_chat(session, tie.chat) is None:  # not so where the one that ends was still waiting beside another
        ticket_deliveries.parted(session, desk, tie.chat, now)
    return True


def _close(session: Session, desk: Desk, tie: Tie, reason: str, now: datetime) -> bool:
    if not part(session, desk, tie, reason, now):
        return False
    deliveries.cancel(session, now=now, chat=tie.chat, kinds=(Kind.NOTICE, Kind.OBJECTION))
    return True


# ---- by staff


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose links are to end: of the member with this number, or of this chat."""

    number: str | None = field(default=None, repr=False)
    chat: int | None = None


def revoke(session: Session, desk: Desk, whose: Whose, *, reason: str, order: Order, now: datetime) -> int | Problem:
    """Ends every link of a member or a chat, also those that sleep or wait; how many. It takes two people.

    Effective at once: each request reads the link, and what is owed to the chat is looked at again when it is sent.
    """
    if problem := revocation_problem(reason, order):
        return problem
    member = _numbered(session, desk, whose.number) if whose.number is not None else None
    if member is None and whose.chat is None:
        return Problem("--member", 0, "", "members.unknown")
    ties = links.unfinished(session, chat=whose.chat, member=member)
    detail = {"reason": " ".join(reason.split()), "confirmed_by": f"staff:{order.confirmed_by}"}
    for tie in ties:
        _close(session, desk, tie, REVOKED, now)
        actor = f"staff:{order.by}"
        audit.record(session, desk, Tag.LINK_REVOKED, now=now, actor=actor, member=tie.member, chat=tie.chat, **detail)
    return len(ties)


def revocation_problem(reason: str, order: Order) -> Problem | None:
    """Why a link cannot be revoked so. A reason stays in the audit log, where no number and no address may stand."""
    if not audit.may_say(" ".join(reason.split())):
        return Problem("--reason", 0, "", "members.reason")
    return None if order.is_by_two else Problem("--confirm-by", 0, "", "members.same-person")


def _numbered(session: Session, desk: Desk, number: str) -> int | None:
    try:
        marks = index.candidates(desk.keys.ring, number, kind="member")
    except ValueError:
        return None
    person = members.find(session, marks)
    return person.id if person else None
