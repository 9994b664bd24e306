"""Questions that the FAQ does not answer yet, grouped by likeness. Nothing here changes an entry: people do.

What members did with the suggestions counts, too: an entry that they chose is the nearest one, unless they said
afterwards that it did not help.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from db import gaps, questions
from db.gaps import Gap, Rated
from db.session import Session
from faq.check import same
from faq.match import Answer, Decision, DontKnow, Match, Reading, Suggest
from services import audit
from services.audit import Tag
from services.staff import StaffTurn

ALIKE = 72  # of 100: how like two questions are to stand in one group
NEAREST = 3
WEEK = timedelta(days=7)
SINCE = 4 * WEEK  # of the list in the staff group
ADDED, DRAFTED, FOREIGN, IGNORED = "added", "drafted", "foreign", "ignored"  # what staff did
PHRASINGS = 3  # that are proposed for an entry


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask the same, the most typical first; `nearest` are entries that might be shown for them."""

    questions: tuple[str, ...]
    language: str
    chosen: int  # how many took an entry from the suggestions
    nearest: tuple[str, ...]
    ids: tuple[str, ...] = ()
    this_week: int = 0
    last_week: int = 0
    not_helpful: int = 0  # how many said so of what they chose

    @property
    def count(self) -> int:
        return len(self.questions)

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The different ways in which it was asked, the most typical first."""
        found: dict[str, str] = {}
        for text in self.questions:
            line = " ".join(text.split())
            found.setdefault(same(line), line)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Gaps:
    groups: tuple[Group, ...]  # the largest first
    rated: tuple[Rated, ...]

    def of(self, question: str) -> Group | None:
        """The group that this question is in."""
        return next((group for group in self.groups if question in group.ids), None)


@dataclass(frozen=True, slots=True)
class Settled:
    """The questions leave the list."""

    count: int
    how: str


def find(session: Session, *, since: datetime, now: datetime, read: Callable[[str], Reading]) -> Gaps:
    """The gaps since a time; `read` is the matcher as it is now, so that what was mended in between shows no more."""
    return sort(*load(session, since), read=read, now=now)


def load(session: Session, since: datetime) -> tuple[list[Gap], list[Rated]]:
    """What `sort` puts in order, without holding the database."""
    return gaps.unanswered(session, since), gaps.badly_rated(session, since)


def sort(found: Sequence[Gap], rated: Sequence[Rated], *, read: Callable[[str], Reading], now: datetime) -> Gaps:
    """Groups that are open: no person has settled them, and the FAQ does not answer them meanwhile."""
    waiting = [gap for gap in found if gap.settled != ADDED]
    groups = (_group(group, read, now) for group in grouped(waiting) if not any(gap.settled for gap in group))
    open_groups = [group for group in groups if group is not None]
    largest = sorted(open_groups, key=lambda group: (-group.count, group.questions))
    return Gaps(tuple(largest), tuple(rated))


def grouped(found: Sequence[Gap]) -> list[list[Gap]]:
    """Each question joins the first group whose first question it is like."""
    groups: list[list[Gap]] = []
    for gap in found:
        alike = (
            group
            for group in groups
            if group[0].language == gap.language
            and fuzz.token_sort_ratio(group[0].words.casefold(), gap.words.casefold()) >= ALIKE
        )
        group = next(alike, None)
        if group is None:
            groups.append([gap])
        else:
            group.append(gap)
    return groups


def _group(group: Sequence[Gap], read: Callable[[str], Reading], now: datetime) -> Group | None:
    """None where every question in it has a sure answer now."""
    words = [gap.words for gap in group]
    typical = sorted(set(words), key=lambda text: (-words.count(text), len(text), text))
    reading = read(typical[0])
    if reading.parts and all(isinstance(part.decision, Answer) for part in reading.parts):
        return None
    chosen = Counter(gap.entry for gap in group if gap.chosen and gap.entry and gap.helpful is not False)
    matches = [match.entry for part in reading.parts for match in _near(part.decision)]
    nearest = dict.fromkeys([*(entry for entry, _ in chosen.most_common()), *matches])
    return Group(
        (*typical, *(text for text in typical for _ in range(words.count(text) - 1))),
        group[0].language,
        sum(gap.chosen for gap in group),
        tuple(nearest)[:NEAREST],
        tuple(gap.id for gap in group),
        sum(gap.asked_at > now - WEEK for gap in group),
        sum(now - 2 * WEEK < gap.asked_at <= now - WEEK for gap in group),
        sum(gap.helpful is False for gap in group),
    )


def _near(decision: Decision) -> tuple[Match, ...]:
    """What is near enough to be shown to a member is near enough for staff; the rest has only some words in common."""
    match decision:
        case Answer(match):
            return (match,)
        case Suggest(matches):
            return matches
        case DontKnow():
            return ()


# ---- what staff do about them


def settle(turn: StaffTurn, ids: Sequence[str], how: str) -> Settled:
    """Takes questions off the list."""
    questions.settle(turn.session, ids, how)
    actor = turn.colleague.actor
    audit.record(turn.session, turn.desk, Tag.GAP_SETTLED, now=turn.now, actor=actor, questions=len(ids), how=how)
    return Settled(len(ids), how)
