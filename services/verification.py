"""From a code on a letter to a link, in at most three steps: code, second check, confirmation.

Every failure of a code has one outcome, `CodeRefused`: wrong, expired, used, frozen, not dispatched, somebody else's.
What each step demands is looked up anew from the database; the chat only remembers which letter it is about.
"""

import hmac
from datetime import datetime, timedelta

from db import chats, letters, members
from db import links as ties
from db import throttles as counters
from db.letters import Claimable
from db.session import Session
from services import audit, deliveries, links, throttles
from services.audit import Tag
from services.deliveries import Kind
from services.desk import Desk
from services.outcomes import (
    CodeAsked,
    CodeMistyped,
    CodePaused,
    CodeRefused,
    ConfirmAsked,
    DigitsAsked,
    LetterNoted,
    Linked,
    LinkRefused,
    NumberAsked,
    Objected,
)
from services.throttles import Attempt, count
from services.turn import Turn
from vault import codes, index, sealing
from vault.codes import CheckFails, Code, Typed

EXPECT_FOR = timedelta(minutes=15)
REPEAT_FOR = timedelta(minutes=10)

CodeStep = CodeAsked | CodeMistyped | CodePaused | CodeRefused | ConfirmAsked | DigitsAsked | Linked | LinkRefused


def ask_code(turn: Turn) -> CodeAsked:
    chats.expect(turn.session, turn.chat, "code", turn.now + EXPECT_FOR)
    return CodeAsked(turn.language)


def submit(turn: Turn, given: Typed | CheckFails) -> CodeStep:
    """A code was typed or came by a deep link: the same way for both."""
    session, chat, rules = turn.session, turn.chat, turn.desk.rules.verification
    if counters.paused(session, chat, turn.now):
        return CodePaused(turn.language)
    if isinstance(given, CheckFails):  # anybody can compute that it is wrong: no guess, the table is not touched
        count(session, rules, chat, Attempt.TYPING_ERROR, turn.now)
        chats.expect(session, chat, "code", turn.now + EXPECT_FOR)
        return CodeMistyped(turn.language)
    digests = codes.digests(turn.desk.keys.ring, given.code)
    letter = letters.find_valid(session, digests, turn.now)
    if linked := _again(turn, letters.redeemed_just_now(session, digests, chat, turn.now, REPEAT_FOR)):
        return linked
    return _refuse(turn) if letter is None else _accept(turn, letter)


def _again(turn: Turn, member: int | None) -> Linked | None:
    """The same answer once more, when this chat redeemed a code for the member a moment ago and the link still is."""
    if member is None:
        return None
    own = [tie for tie in ties.unfinished(turn.session, chat=turn.chat) if tie.member == member]
    if not own:
        return None
    waiting = own[-1].state == ties.WAITING and own[-1].active_at > turn.now
    return Linked(turn.language, own[-1].active_at if waiting else None)


def _refuse(turn: Turn) -> CodeRefused:
    count(turn.session, turn.desk.rules.verification, turn.chat, Attempt.WRONG_CODE, turn.now)
    audit.record(turn.session, turn.desk, Tag.CODE_FAILED, now=turn.now, chat=turn.chat)
    chats.expect(turn.session, turn.chat, "code", turn.now + EXPECT_FOR)
    return CodeRefused(turn.language)


def _accept(turn: Turn, letter: Claimable) -> DigitsAsked | ConfirmAsked | CodeRefused:
    letters.claim(turn.session, letter.id, turn.chat)
    person = members.get(turn.session, letter.member)
    if person is None or not person.is_listed:
        return _refuse(turn)
    asks_digits = turn.desk.rules.verification.second_check and person.digits_sealed is not None
    expects = "digits" if asks_digits else "confirm"
    chats.expect(turn.session, turn.chat, expects, turn.now + EXPECT_FOR, letter=letter.id)
    return DigitsAsked(turn.language) if asks_digits else ConfirmAsked(turn.language, person.number_end)


def check_digits(turn: Turn, digits: str) -> CodeStep:
    """The second check: against a letter in the wrong hands, not a factor of its own."""
    letter = _claimed(turn, "digits")
    person = members.get(turn.session, letter.member) if letter else None
    if letter is None or person is None or person.digits_sealed is None:
        return _refuse(turn)
    right = sealing.unseal(turn.desk.keys.ring, person.digits_sealed, field="members.digits")
    if hmac.compare_digest(right, digits):
        chats.expect(turn.session, turn.chat, "confirm", turn.now + EXPECT_FOR, letter=letter.id)
        return ConfirmAsked(turn.language, person.number_end)
    left = turn.desk.rules.verification.digit_tries - letters.count_digit_error(turn.session, letter.id)
    if left > 0:
        return DigitsAsked(turn.language, left)
    letters.freeze(turn.session, letter.id, turn.now)
    audit.record(turn.session, turn.desk, Tag.CODE_FROZEN, now=turn.now, member=letter.member, chat=turn.chat)
    return _refuse(turn)


def confirm(turn: Turn) -> CodeStep:
    """The member says yes: code, link, audit and the independent notice are one transaction."""
    session, now = turn.session, turn.now
    letter = _claimed(turn, "confirm")
    if letter is None:  # tapped twice, perhaps
        just_now = letters.redeemed_just_now(session, None, turn.chat, now, REPEAT_FOR)
        return _again(turn, just_now) or _refuse(turn)
    if links.is_of_another(session, turn.chat, letter.member):
        return LinkRefused(turn.language)
    if not letters.redeem(session, letter.id, turn.chat, now):
        return _refuse(turn)
    chats.expect(session, turn.chat, None, None)
    throttles.forgive(session, turn.desk.rules.verification, turn.chat)
    audit.record(session, turn.desk, Tag.CODE_REDEEMED, now=now, member=letter.member, chat=turn.chat)
    waits_until = links.make(session, turn.desk, turn.chat, letter.member, now)
    _tell_independently(turn, letter, now)
    return Linked(turn.language, waits_until)


def ask_number(turn: Turn) -> NumberAsked:
    """For a new letter only the member number is needed: it goes to the address in the register and nowhere else."""
    chats.expect(turn.session, turn.chat, "number", turn.now + EXPECT_FOR)
    return NumberAsked(turn.language)


def request_letter(turn: Turn, number: str) -> LetterNoted | CodePaused:
    """Notes the wish for a letter. The outcome is the same whether there is such a member or not."""
    session, now, rules = turn.session, turn.now, turn.desk.rules.verification
    if counters.paused(session, turn.chat, now):
        return CodePaused(turn.language)
    count(session, rules, turn.chat, Attempt.LETTER, now)
    chats.expect(session, turn.chat, None, None)
    person = members.find(session, index.candidates(turn.desk.keys.ring, number, kind="member"))
    if person is not None:
        once_in = timedelta(days=rules.letter_days)
        letters.request(session, person.id, now, once_in=once_in, most_a_year=rules.letters_per_year)
    audit.record(
        session, turn.desk, Tag.LETTER_REQUESTED, now=now, member=person.id if person else None, chat=turn.chat
    )
    return LetterNoted(turn.language)


def refuse_newer(turn: Turn) -> Objected:
    """The linked chat refuses that a newer one takes its place."""
    return Objected(turn.language, links.object_(turn.session, turn.desk, turn.chat, turn.now))


def decline(turn: Turn) -> CodeAsked:
    """The member says no: nothing is redeemed, the code stays good."""
    return ask_code(turn)


def freeze_shown(session: Session, desk: Desk, code: Code, now: datetime) -> None:
    """A code was shown to a group: whoever posted it had it, so it is frozen, silently."""
    letters.freeze_by_digest(session, codes.digests(desk.keys.ring, code), now)


def _claimed(turn: Turn, step: str) -> Claimable | None:
    """The letter this chat is about to redeem, if this step is the one that is due.

    A tap may be forged: the chat's memory must wait for just this step, and the letter must remember this chat. And
    the member may have left the register since the code was typed.
    """
    if turn.dialogue.letter is None or turn.dialogue.expects != step:
        return None
    letter = letters.valid_claim(turn.session, turn.dialogue.letter, turn.chat, turn.now)
    person = members.get(turn.session, letter.member) if letter else None
    return letter if person and person.is_listed else None


def _tell_independently(turn: Turn, letter: Claimable, now: datetime) -> None:
    person = members.get(turn.session, letter.member)
    if person is None or person.email_sealed is None:
        return
    deliveries.queue(
        turn.session,
        key=f"linked:{letter.id}:{now:%Y%m%d%H%M%S}",  # SQLite gives the ids of deleted letters again
        chat=None,
        kind=Kind.MAIL,
        reply={"text": "linked", "language": person.language, "at": now.isoformat()},
        due_at=now,
        now=now,
        member=letter.member,
    )
