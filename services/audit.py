"""The audit log: who did what to what, when. Each event is chained to the one before by a key outside the database.

h(n) = HMAC-SHA256(audit key, event n as canonical JSON, h(n-1)). No event names a person: its subject is a pseudonym
under the person's own key, and once that key is erased nobody can say any more who it was, while the chain stays whole.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from db import audit
from db.audit import Detail, Event
from db.session import Session
from services.desk import Keys
from vault import pseudonyms
from vault.key import Key, Purpose

LONGEST = 200  # characters of a value
ACTOR = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,63}")
STAFF = re.compile(r"staff:\d{1,16}")  # who confirmed may be named as an actor is
# Two kinds of codes have many digits in them: dates, and digests.
HARMLESS = re.compile(r"\d{4}-\d\d-\d\d|\b(?=[0-9a-f]*[a-f])[0-9a-f]{12,64}\b")
NUMBER = re.compile(r"\d(?:[ ./-]?\d){6,}")  # of a member, a card, a chat; also when it is written in groups
MOST = 9_999_999  # no count is higher


class Keyed(Protocol):
    """The only thing of a desk that the audit log needs."""

    @property
    def keys(self) -> Keys: ...


class Tag(StrEnum):
    """What happened, as `source:subject:action`."""

    CODE_REDEEMED = "member:code:redeemed"
    CODE_FAILED = "member:code:failed"
    CODE_FROZEN = "member:code:frozen"
    CHAT_PAUSED = "member:chat:paused"  # too many wrong codes
    CHAT_UNLOCKED = "staff:chat:unlocked"
    LINK_CREATED = "member:link:created"
    LINK_ENDED = "member:link:ended"
    LINK_OBJECTED = "member:link:objected"
    LINK_REVOKED = "staff:link:revoked"
    LINK_DORMANT = "member:link:dormant"
    LINK_WITHDRAWN = "system:link:withdrawn"  # the member is no longer in the register
    CARDS_VIEWED = "member:cards:viewed"
    CARDS_REFUSED = "member:cards:refused"
    STEP_TICKED = "member:step:ticked"
    DATA_VIEWED = "member:data:viewed"
    DATA_EXPORTED = "member:data:exported"
    DATA_ERASED = "member:data:erased"
    DATA_ERASED_BY_STAFF = "staff:data:erased"  # for a member who asked for it by post or telephone
    NOTICES_PAUSED = "member:notices:paused"
    NOTICES_RESUMED = "member:notices:resumed"
    LETTER_REQUESTED = "member:letter:requested"
    LETTERS_CREATED = "staff:letters:created"
    LETTERS_DISPATCHED = "staff:letters:dispatched"
    LETTERS_WITHDRAWN = "staff:letters:withdrawn"
    LETTERS_LISTED = "staff:letters:listed"  # who asked for one, as a file
    LETTERS_EXPIRED = "system:letters:expired"
    REGISTER_IMPORTED = "staff:register:imported"
    CARDS_IMPORTED = "staff:cards:imported"
    IMPORT_REFUSED = "staff:import:refused"
    FAQ_RELOADED = "staff:faq:reloaded"
    FAQ_REFUSED = "staff:faq:refused"
    KEYS_ROTATED = "system:keys:rotated"
    BACKUP_MADE = "staff:backup:made"
    BACKUP_RESTORED = "staff:backup:restored"
    RETENTION_RUN = "system:retention:run"
    AUDIT_CLOSED = "system:audit:closed"  # old events were deleted
    NOTICE_SENT = "system:notice:sent"
    NOTICE_FAILED = "system:notice:failed"
    TICKET_TAKEN = "staff:ticket:taken"
    TICKET_HANDED = "staff:ticket:handed"
    TICKET_PUT_BACK = "staff:ticket:put-back"
    TICKET_ANSWERED = "staff:ticket:answered"
    TICKET_TAKEN_BACK = "staff:ticket:taken-back"  # an answer was deleted at the member's
    TICKET_CLOSED = "staff:ticket:closed"
    TICKET_REOPENED = "staff:ticket:reopened"
    NOTICE_DRAFTED = "staff:notice:drafted"
    NOTICE_TESTED = "staff:notice:tested"
    NOTICE_BEGUN = "staff:notice:begun"
    NOTICE_PAUSED = "staff:notice:paused"
    NOTICE_GOES_ON = "staff:notice:goes-on"
    NOTICE_STOPPED = "staff:notice:stopped"
    NOTICE_DISCARDED = "staff:notice:discarded"
    NOTICE_DONE = "system:notice:done"
    NOTICE_MISSED_LISTED = "staff:notice:missed-listed"  # who is to be written to by post, as a file
    ROLE_GIVEN = "staff:role:given"
    ROLE_TAKEN = "staff:role:taken"
    DRAFT_BEGUN = "staff:draft:begun"
    DRAFT_PUBLISHED = "staff:draft:published"
    DRAFT_DISCARDED = "staff:draft:discarded"
    FAQ_UNDONE = "staff:faq:undone"  # an earlier version of the files is back
    GAP_SETTLED = "staff:gap:settled"
    APPROVAL_ASKED = "staff:approval:asked"
    APPROVAL_GIVEN = "staff:approval:given"
    APPROVAL_REFUSED = "staff:approval:refused"
    APPROVAL_WITHDRAWN = "staff:approval:withdrawn"
    APPROVAL_EXPIRED = "system:approval:expired"


def record(
    session: Session,
    desk: Keyed,
    tag: Tag,
    *,
    now: datetime,
    actor: str = "system",
    member: int | None = None,
    chat: int | None = None,
    **detail: str | int | bool,
) -> None:
    """Adds an event to the running transaction, written when it is committed.

    `actor` is a role or a login (`system`, `member`, `staff:anna`). `chat` alone is the subject under the log's
    pseudonym of this month; with a member it is a detail under the member's key. Raises ValueError for a detail that
    is no code and no count.
    """
    _check(actor, detail)
    ring = desk.keys.ring
    subject: str | None = None
    if member is not None:
        name = _name_of(session, member)
        subject = name(member)
        if chat is not None:
            detail["chat"] = name(f"chat {chat}")
    elif chat is not None:
        subject = pseudonyms.in_log(ring, "chat", chat, now=now)
    key = ring.current(Purpose.AUDIT)
    draft = Event(0, now.astimezone(UTC), tag.value, actor, subject, detail, key.id)
    audit.add(session, draft, lambda event, previous: hash_of(event, key, previous))


def hash_of(event: Event, key: Key, previous: str) -> str:
    """The hash of the event when it comes after the one with the hash `previous`."""
    values = {
        "seq": event.seq,
        "at": iso(event.at),
        "tag": event.tag,
        "actor": event.actor,
        "subject": event.subject,
        "detail": event.detail,
        "key": event.key,
    }
    return key.mac("audit event", json.dumps(values, sort_keys=True, separators=(",", ":")), previous).hex()


def iso(at: datetime) -> str:
    """A time as it is signed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _name_of(session: Session, member: int) -> Callable[[int | str], str]:
    """How the member and the member's chats are called: under the own key, which is made when there is none yet.

    Of somebody who is not (or no longer) a member, the name is one that nothing can be joined with.
    """
    new = pseudonyms.new_subject_key()
    key = audit.subject_key(session, member, new) or new
    return lambda identifier: pseudonyms.subject(key, identifier)


def _check(actor: str, detail: Detail) -> None:
    if not ACTOR.fullmatch(actor) or (NUMBER.search(actor) and not actor.startswith("staff:")):
        raise ValueError("an actor is a role or a login")
    for name, value in detail.items():
        if name == "confirmed_by" and STAFF.fullmatch(str(value)):
            continue
        if name == "chat" or not _is_harmless(value):
            raise ValueError(f"{name} is no code and no count")  # never the value itself


def may_say(words: str) -> bool:
    """Whether these words of staff may stand in the log: something, not long, no number of anybody, no address."""
    return bool(words) and _is_harmless(words)


def _is_harmless(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST and "@" not in value and not NUMBER.search(HARMLESS.sub("", value))
    return isinstance(value, int) and abs(value) <= MOST
