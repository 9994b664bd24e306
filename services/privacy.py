"""What a member may see, take along and have erased, by itself and at once (GDPR articles 12, 15, 17, 20, 21)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db import chats, findings, privacy
from db import subscriptions as subscription_rows
from db import tickets as ticket_rows
from services import audit, cards, deliveries, links, subscriptions, throttles, ticket_erasure
from services.audit import Tag
from services.imports import Order
from services.outcomes import (
    DataShown,
    EraseAsked,
    Erased,
    NoticesPaused,
    SignedOff,
    SignOffAsked,
)
from services.throttles import Attempt
from services.turn import Turn
from vault import index

ASK_FOR = timedelta(minutes=15)


def my_data(turn: Turn, *, as_file: bool = False) -> DataShown:
    """Everything that is stored about this chat, and about the member it is linked with."""
    session, now = turn.session, turn.now
    verified = cards.whoever(turn)
    tie = links.current(session, turn.desk, turn.chat, now) if verified else None
    stored = privacy.of_chat(session, turn.chat)
    held: dict[str, object] = {
        "chat": turn.chat,
        "first_contact": _iso(stored.first_at),
        "last_contact": _iso(stored.last_at),
        "language": stored.chosen_language or stored.heard_language,
        "last_answer": stored.last_entry,
        "handled_messages": stored.handled,
        "notices_paused": turn.dialogue.paused,
        "deliveries_waiting": stored.waiting,
        "subscriptions": subscriptions.titles(turn),
        "tickets": len(ticket_rows.numbers(session, turn.chat)),
        "answers_kept": subscription_rows.kept(session, turn.chat) or None,
        "linked_since": _iso(tie.made_at) if tie else None,
        "membership_ending": verified.number_end if verified else None,
        "cards": [
            {"kind": card.kind, "ending": card.number_end} for card in findings.cards_of(session, verified.member)
        ]
        if verified
        else [],
    }
    tag = Tag.DATA_EXPORTED if as_file else Tag.DATA_VIEWED
    audit.record(session, turn.desk, tag, now=now, member=verified.member if verified else None, chat=turn.chat)
    return DataShown(turn.language, held, as_file)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def ask_sign_off(turn: Turn) -> SignOffAsked | SignedOff:
    if links.is_free(turn.session, turn.chat):
        return SignedOff(turn.language, was_linked=False)
    return SignOffAsked(turn.language)


def sign_off(turn: Turn) -> SignedOff:
    """Ends the link at once and cancels what was waiting."""
    return SignedOff(turn.language, was_linked=links.sign_off(turn.session, turn.desk, turn.chat, turn.now))


def ask_erase(turn: Turn) -> EraseAsked:
    return EraseAsked(turn.language)


def erase(turn: Turn, order: Order | None = None) -> Erased:
    """Erases everything about this chat, also our personal messages in it.

    `order`: two of the staff do it in the member's place. Counters against guessing stay until their time is over.

    The mark in `suppressions` makes sure that a restored backup erases it again. The register is the association's
    own and is not touched; the person's key in the audit log goes, so that nobody can say any more who it was.
    """
    session, chat, now = turn.session, turn.chat, turn.now
    left = ticket_erasure.prepare(turn)  # first: who answers at this moment does so before, or not at all
    links.current(session, turn.desk, chat, now)  # what should have begun by now begins
    own = privacy.members_of(session, chat)
    recorded: Sequence[int | None] = own or (None,)
    for member in recorded:
        _record_erasure(turn, member, order)
    links.sign_off(session, turn.desk, chat, now, actor=f"staff:{order.by}" if order else "member")
    shown = tuple(privacy.personal_messages(session, chat))
    deliveries.cancel(session, now=now, chat=chat)
    privacy.suppress(session, index.mark(turn.desk.keys.ring, str(chat), kind="chat"), now)
    rules = turn.desk.rules.verification
    throttles.forget_over(session, rules, chat, now)
    keep = throttles.names(rules, Attempt.WRONG_CODE, Attempt.TYPING_ERROR, Attempt.LETTER)
    privacy.erase(session, chat, own, keep)
    ticket_erasure.finish(turn, left)
    return Erased(turn.language, shown)


def _record_erasure(turn: Turn, member: int | None, order: Order | None) -> None:
    session, desk, now, chat = turn.session, turn.desk, turn.now, turn.chat
    if order is None:
        audit.record(session, desk, Tag.DATA_ERASED, now=now, member=member, chat=chat)
        return
    tag, actor, confirmed_by = Tag.DATA_ERASED_BY_STAFF, f"staff:{order.by}", f"staff:{order.confirmed_by}"
    audit.record(session, desk, tag, now=now, actor=actor, member=member, chat=chat, confirmed_by=confirmed_by)


def pause(turn: Turn, *, paused: bool) -> NoticesPaused:
    """Stops or allows notices; what the law demands comes by post."""
    chats.pause(turn.session, turn.chat, paused=paused)
    tag = Tag.NOTICES_PAUSED if paused else Tag.NOTICES_RESUMED
    audit.record(turn.session, turn.desk, tag, now=turn.now, chat=turn.chat)
    return NoticesPaused(turn.language, paused)
