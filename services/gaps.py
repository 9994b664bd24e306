"""Questions that the FAQ does not answer yet, grouped by likeness. Nothing here changes an entry: people do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz

from db import gaps
from db.gaps import Gap, Rated
from db.session import Session
from faq.match import Match, Reading

ALIKE = 72  # of 100: how like two questions are to stand in one group
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask the same, the most typical first; `nearest` are the entries that come closest."""

    questions: tuple[str, ...]
    language: str
    chosen: int  # how many took the nearest entry from the suggestions
    nearest: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.questions)


@dataclass(frozen=True, slots=True)
class Gaps:
    groups: tuple[Group, ...]  # the largest first
    rated: tuple[Rated, ...]


def find(session: Session, *, since: datetime, read: Callable[[str], Reading]) -> Gaps:
    """The gaps since a time; `read` is the matcher as it is now, so that what was mended in between shows no more."""
    groups = grouped(gaps.unanswered(session, since))
    open_groups = (_group(group, read) for group in groups)
    largest = sorted(open_groups, key=lambda group: (-group.count, group.questions))
    return Gaps(tuple(largest), tuple(gaps.badly_rated(session, since)))


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


def _group(group: Sequence[Gap], read: Callable[[str], Reading]) -> Group:
    words = [gap.words for gap in group]
    typical = sorted(set(words), key=lambda text: (-words.count(text), len(text)))
    matches: list[Match] = [match for part in read(typical[0]).parts for match in part.matches]
    nearest = tuple(dict.fromkeys(match.entry for match in matches))[:NEAREST]
    ordered = (*typical, *(text for text in typical for _ in range(words.count(text) - 1)))
    return Group(ordered, group[0].language, sum(gap.chosen for gap in group), nearest)
