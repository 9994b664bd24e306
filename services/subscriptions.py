"""What a chat wants to hear about: subjects of config.yaml, for every chat, linked or not.

Who subscribes to `answers` is told when an answer has changed that it got; only for these chats is kept which answers
they were shown, and in which version.
"""

import hashlib
import re
from datetime import datetime, timedelta

import markup
from db import audiences, chats, subscriptions
from db.audiences import SAW, SUBSCRIBERS, Audience
from db.session import Session
from db.subscriptions import ANSWERS
from faq.entry import Entry
from services.desk import Desk
from services.outcomes import NoticesPaused, SubjectShown, SubscriptionsShown
from services.turn import Turn

KEPT_FOR = timedelta(weeks=8)  # which answers were shown
_WORDS = re.compile(r"\w+")
_ABO = re.compile(r"(?:abos?|abonniere|abonnement|subscribe(?: to)?)\s+(.+)")
_STOP = (
    re.compile(r"(?:keine mitteilungen|nichts) (?:mehr )?(?:zu|zum|zur|über) (.+?)(?: mehr)?"),
    re.compile(r"no (?:more )?(?:notices|news) (?:about|on) (.+?)(?: any ?more)?"),
    re.compile(r"(?:abbestellen|unsubscribe(?: from)?)\s+(.+)"),
)
_STOP_LAST = frozenset({"keine mitteilungen dazu mehr", "no more about this", "abbestellen", "unsubscribe"})
LONGEST = 100  # characters of what is typed


def show(turn: Turn, *, subject: str | None = None, on: bool | None = None) -> SubscriptionsShown:
    """Every subject, with whether the chat subscribes to it. `subject` is the one that was just changed."""
    chosen = subscriptions.of_chat(turn.session, turn.chat)
    return SubscriptionsShown(
        turn.language,
        tuple(
            SubjectShown(one.id, one.de if turn.language == "de" else one.en, one.id in chosen)
            for one in turn.desk.rules.office.subjects
        ),
        paused=turn.dialogue.paused,
        changed=subject,
        on=on,
    )


def titles(turn: Turn) -> str | None:
    """What the chat subscribes to, in words; None for nothing."""
    return ", ".join(one.title for one in show(turn).subjects if one.on) or None


def choose(turn: Turn, subject: str, *, on: bool) -> SubscriptionsShown | None:
    """Subscribes to a subject, or ends that; None when there is no such subject. A second time changes nothing."""
    known = {one.id for one in turn.desk.rules.office.subjects}
    if subject not in known and (on or not subscriptions.has(turn.session, turn.chat, subject)):
        return None
    if on:
        if not (turn.dialogue.chosen_language or turn.dialogue.heard_language):
            chats.hear(turn.session, turn.chat, turn.language)  # else nobody knows later in which to write
        subscriptions.put(turn.session, turn.chat, subject, turn.now)
        if subject == ANSWERS and turn.dialogue.last_entry:
            remember(turn, turn.dialogue.last_entry)
    else:
        subscriptions.remove(turn.session, turn.chat, subject)
    return show(turn, subject=subject, on=on)


def typed(turn: Turn, text: str) -> SubscriptionsShown | NoticesPaused | None:
    """What a message changes about subscriptions: "abo 2", "keine Mitteilungen zum Kartentausch mehr"; else None."""
    line = " ".join(text.casefold().split()).rstrip(".!")
    if len(line) > LONGEST:
        return None
    if line in _STOP_LAST:
        return _stop_last(turn)
    if found := _ABO.fullmatch(line):
        subject = _named(turn, found[1])
        on = subject is not None and not subscriptions.has(turn.session, turn.chat, subject)
        return choose(turn, subject, on=on) if subject else None
    for stop in _STOP:
        if (found := stop.fullmatch(line)) and (subject := _named(turn, found[1])):
            return choose(turn, subject, on=False)
    return None


def _stop_last(turn: Turn) -> SubscriptionsShown | NoticesPaused | None:
    """Ends what the newest notice came by."""
    audience = Audience.of(audiences.newest_for(turn.session, turn.chat) or "")
    audience = audiences.root(turn.session, audience)
    if audience.kind in (SUBSCRIBERS, SAW):
        return choose(turn, ANSWERS if audience.kind == SAW else audience.name, on=False)
    if not audience.kind:
        return show(turn)
    chats.pause(turn.session, turn.chat, paused=True)
    return NoticesPaused(turn.language, paused=True)


def _named(turn: Turn, words: str) -> str | None:
    """The subject with this number or with these words in its title, when only one fits."""
    subjects = turn.desk.rules.office.subjects
    if words.isdecimal():
        return subjects[int(words) - 1].id if 0 < int(words) <= len(subjects) else None
    fits = [one.id for one in subjects if words.strip("„“\"'") in f"{one.de}\n{one.en}\n{one.id}".casefold()]
    return fits[0] if len(fits) == 1 else None


# ---- answers that were shown


def version(entry: Entry) -> str:
    """What an answer says, as 16 symbols: spelling of capitals, punctuation and formatting change nothing."""
    said = "\n".join(part for wording in (entry.de, entry.en) for part in (wording.answer, wording.more or ""))
    words = " ".join(_WORDS.findall(markup.plain(said).casefold()))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def remember(turn: Turn, entry: str) -> None:
    """Keeps which answer was shown, for a chat that wants to hear when it changes, and for no other."""
    known = turn.desk.store.entries.get(entry)
    if known is not None and not known.is_foreign and subscriptions.has(turn.session, turn.chat, ANSWERS):
        subscriptions.remember(turn.session, turn.chat, entry, version(known), turn.now)


def outdated(session: Session, desk: Desk) -> list[str]:
    """Entries whose answer is another one now than somebody got who wants to hear of it."""
    entries = desk.store.entries
    kept = subscriptions.versions(session)
    current = {entry: version(entries[entry]) for entry, _ in kept if entry in entries}
    return sorted({entry for entry, before in kept if entry in current and current[entry] != before})


def is_known(session: Session, entry: str, now_version: str) -> None:
    """Whoever got the entry need not hear of this version any more."""
    subscriptions.is_known(session, entry, now_version)


def forget(session: Session, now: datetime) -> int:
    """Forgets which answers were shown long ago; how many."""
    return subscriptions.purge(session, now - KEPT_FOR)
