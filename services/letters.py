"""Letters with codes: who gets one, when its code works, when it ends.

    created ── dispatched ──► works until the end of the last day ──► expired
       │            ├── redeemed, frozen (services/verification.py)
       └────────────┴── withdrawn: by staff, or because a newer letter to the same member was dispatched

Before a letter is dispatched its code does not work, so that a stolen print file is worth nothing. Making letters and
making them valid takes two people each. A code in clear is in the memory of the process that prints it and on paper.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from db import batches, imports
from db.batches import Addressee, Batch, NewLetter
from db.letters import CREATED
from db.session import Session
from services import audit
from services.addresses import Numbers, Recipient
from services.audit import Tag
from services.deliveries import HERE
from services.desk import Desk
from services.imports import Order
from strict_yaml import Problem
from vault import codes, index, sealing
from vault.codes import SYMBOLS, Code

KEPT_FOR = timedelta(days=30)  # after a letter was closed
PLANNED_AHEAD = 14  # days in which a batch must be posted
REFERENCE = 6  # symbols
LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is to get a letter. `waiting` others have one that is not dispatched yet and get no second one."""

    addressees: tuple[Addressee, ...]
    waiting: int
    problems: tuple[tuple[int, Problem], ...] = ()  # with rows of the list of numbers


@dataclass(frozen=True, slots=True)
class Slip:
    """One letter before it is printed."""

    recipient: Recipient
    reference: str
    code: Code


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch before it is printed: nothing of it is stored. `until` is the last day that stands on the letters."""

    batch: str
    day: date
    until: date
    slips: tuple[Slip, ...]


@dataclass(frozen=True, slots=True)
class Dispatched:
    count: int
    withdrawn: int  # earlier letters of the same members
    until: date


@dataclass(frozen=True, slots=True)
class Request:
    """A member who asked for a letter; `is_held`: more often than allowed, so that staff decide."""

    id: int
    number: str = field(repr=False)
    asked_on: date
    is_held: bool


Chooser = Callable[[Session, Desk, datetime], Choice]


def unreached(session: Session, desk: Desk, now: datetime) -> Choice:
    """Every member of the register without a link and without a code that works."""
    del desk
    return _without_waiting(session, batches.unreached(session, now))


def asking(session: Session, desk: Desk, now: datetime) -> Choice:
    """Everybody who asked for a letter, without those that staff must decide about."""
    del desk, now
    return _without_waiting(session, batches.asking(session))


def numbered(numbers: Numbers) -> Chooser:
    """Those on a list, whatever letters and links they have."""

    def choose(session: Session, desk: Desk, now: datetime) -> Choice:
        del now
        ring = desk.keys.ring
        rows: dict[str, int] = {}
        for number, row in numbers.rows.items():
            rows |= dict.fromkeys(index.candidates(ring, number, kind="member"), row)
        found = batches.with_marks(session, list(rows))
        unknown = sorted(set(numbers.rows.values()) - {rows[addressee.number_mark] for addressee in found})
        problems = tuple((row, Problem(numbers.file, row, "", "letters.no-member")) for row in unknown)
        return _without_waiting(session, found, problems)

    return choose


def _without_waiting(
    session: Session, found: Sequence[Addressee], problems: tuple[tuple[int, Problem], ...] = ()
) -> Choice:
    waiting = batches.waiting(session, [addressee.id for addressee in found])
    return Choice(tuple(one for one in found if one.id not in waiting), len(waiting), problems)


def numbers_of(desk: Desk, addressees: Sequence[Addressee]) -> list[str]:
    """The member numbers in clear."""
    ring = desk.keys.ring
    return [sealing.unseal(ring, addressee.number_sealed, field="members.number") for addressee in addressees]


def problem_of(order: Order) -> Problem | None:
    """Why these two people cannot have letters made or dispatched."""
    for login in (order.by, order.confirmed_by or ""):
        if not LOGIN.fullmatch(login) or audit.NUMBER.search(login):
            return Problem("--by, --confirm-by", 0, "", "letters.login")
    return None if order.is_by_two else Problem("--confirm-by", 0, "", "letters.same-person")


def draft(session: Session, desk: Desk, recipients: Sequence[Recipient], posted_on: date, now: datetime) -> Draft:
    """Draws codes and references. Nothing is stored."""
    day = now.astimezone(HERE).date()
    numbers = (int(name.rsplit("-", 1)[1]) for name in batches.batches_of(session, day.isoformat()))
    batch = f"{day.isoformat()}-{max(numbers, default=0) + 1}"
    references = _references(session, len(recipients))
    slips = (
        Slip(recipient, reference, codes.new_code())
        for recipient, reference in zip(recipients, references, strict=True)
    )
    return Draft(batch, day, posted_on + timedelta(days=desk.rules.verification.code_days), tuple(slips))


def _references(session: Session, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {f"L-{''.join(secrets.choice(SYMBOLS) for _ in range(REFERENCE))}" for _ in range(count - len(found))}
        taken = batches.taken(session, list(drawn))
        found |= dict.fromkeys(reference for reference in drawn if reference not in taken)
    return list(found)


def posting_problem(posted_on: date, now: datetime) -> Problem | None:
    """Why a batch cannot be planned for that day."""
    ahead = (posted_on - now.astimezone(HERE).date()).days
    values = {"most": str(PLANNED_AHEAD)}
    return None if 0 <= ahead <= PLANNED_AHEAD else Problem("--posted-on", 0, "", "letters.posted-on", values)


def store(session: Session, desk: Desk, made: Draft, order: Order, now: datetime) -> Problem | None:
    """Keeps the letters of a batch, which is printed already. A problem: then nothing is stored."""
    return problem_of(order) or keep(
        session, desk, made, now=now, actor=f"staff:{order.by}", confirmed_by=f"staff:{order.confirmed_by}"
    )


def keep(session: Session, desk: Desk, made: Draft, *, now: datetime, actor: str, confirmed_by: str) -> Problem | None:
    """`store` without asking who; for the demonstration."""
    imports.alone(session)
    members = [slip.recipient.member for slip in made.slips]
    if batches.batch(session, made.batch) or batches.waiting(session, members):
        return Problem(made.batch, 0, "", "letters.meanwhile-made")
    if len(batches.present(session, members)) != len(members):
        return Problem(made.batch, 0, "", "letters.meanwhile-gone")
    ring = desk.keys.ring
    rows = [NewLetter(slip.reference, slip.recipient.member, codes.digest(ring, slip.code)) for slip in made.slips]
    batches.add(session, made.batch, rows, now, _end(made.until))
    detail = {"batch": made.batch, "confirmed_by": confirmed_by}
    audit.record(
        session, desk, Tag.LETTERS_CREATED, now=now, actor=actor, count=len(rows), member=None, chat=None, **detail
    )
    return None


def dispatched(session: Session, desk: Desk, name: str, on: date, order: Order, now: datetime) -> Dispatched | Problem:
    """The letters of a batch were posted on that day: their codes work, and older ones of these members no longer."""
    if problem := problem_of(order):
        return problem
    imports.alone(session)
    batch = batches.batch(session, name)
    if batch is None:
        return Problem(name, 0, "", "letters.no-batch")
    until = on + timedelta(days=desk.rules.verification.code_days)
    if code := _why_not(batch, on, until, now):
        return Problem(name, 0, "", code)
    actor, confirmed = f"staff:{order.by}", f"staff:{order.confirmed_by}"
    return make_valid(session, desk, batch, on, now=now, actor=actor, confirmed_by=confirmed)


def make_valid(
    session: Session, desk: Desk, batch: Batch, on: date, *, now: datetime, actor: str, confirmed_by: str
) -> Dispatched:
    """`dispatched` without asking who and when; for the demonstration."""
    until = _end(on + timedelta(days=desk.rules.verification.code_days))
    if batch.valid_until is not None:
        until = max(until, batch.valid_until)  # a letter never promises more than holds
    count = batches.dispatch(session, batch.id, datetime.combine(on, time.min, HERE), until)
    withdrawn = batches.withdraw_earlier(session, batch.id, now)
    batches.fulfil_wishes(session, batch.id)
    detail = {"batch": batch.id, "on": on.isoformat(), "confirmed_by": confirmed_by}
    audit.record(
        session,
        desk,
        Tag.LETTERS_DISPATCHED,
        now=now,
        actor=actor,
        count=count,
        withdrawn=withdrawn,
        member=None,
        chat=None,
        **detail,
    )
    return Dispatched(count, withdrawn, until.astimezone(HERE).date())


def _why_not(batch: Batch, on: date, until: date, now: datetime) -> str | None:
    """The code of the problem with dispatching the batch on that day."""
    if not batch.counts.get(CREATED):
        return "letters.none-waiting"
    if on < batch.created_at.astimezone(HERE).date():
        return "letters.before-made"
    if on > now.astimezone(HERE).date():
        return "letters.future"
    return "letters.too-late" if _end(until) <= now else None


def withdraw(session: Session, desk: Desk, name: str, *, by: str, now: datetime) -> int:
    """The letters of a batch, or the one with this reference, never work (again); how many that were."""
    count = batches.withdraw(session, name, now)
    if count:
        actor = by if by == "system" else f"staff:{by}"
        audit.record(session, desk, Tag.LETTERS_WITHDRAWN, now=now, actor=actor, letters=name, count=count)
    return count


def expire(session: Session, desk: Desk, *, now: datetime) -> int:
    """Closes letters whose time is over and forgets those that were closed long ago; how many were closed."""
    batches.purge(session, now - KEPT_FOR)
    count = batches.expire(session, now)
    if count:
        audit.record(session, desk, Tag.LETTERS_EXPIRED, now=now, count=count)
    return count


def requests(session: Session, desk: Desk) -> list[Request]:
    """Who asked for a letter and is on no list yet, the oldest first."""
    ring = desk.keys.ring
    return [
        Request(
            wish.id,
            sealing.unseal(ring, wish.number_sealed, field="members.number"),
            wish.asked_at.astimezone(HERE).date(),
            wish.is_held,
        )
        for wish in batches.wishes(session)
    ]


def mark_listed(session: Session, desk: Desk, listed: Sequence[Request], *, by: str, now: datetime) -> None:
    """These requests stand in a file that staff have."""
    batches.list_wishes(session, [request.id for request in listed])
    audit.record(session, desk, Tag.LETTERS_LISTED, now=now, actor=f"staff:{by}", count=len(listed))


def _end(day: date) -> datetime:
    """The last moment of a day here."""
    return datetime.combine(day, time.max, HERE)
