"""Test questions (`faq.probes`) tried on a matcher: how often it is right, and where it goes wrong.

A message may hold several questions, and each gets its own matches. What is found then counts like this: an entry has
the first place (or one of the first three) when it has it in any part; the message is rightly answered when at least
one part is answered and every entry that is answered is an expected one; it is wrongly answered as soon as one entry
is not, however right the others are. Urgent words count as a part of their own that is answered.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from faq.entry import Language
from faq.match import Answer, Reading, Suggest
from faq.matcher import Matcher
from faq.probes import Probe

Watch = Callable[[Sequence[Any]], Iterable[Any]]  # looks on while a sequence is worked through


class Verdict(StrEnum):
    """What the reaction to a test question is worth."""

    RIGHT = "right"  # answered with an expected entry; or rightly not answered
    OFFERED = "offered"  # not answered, but an expected entry is among the suggestions
    MISSED = "missed"  # not answered, and no expected entry is offered
    WRONG = "wrong"  # answered, with confidence, something that is not expected


@dataclass(frozen=True, slots=True)
class Tried:
    """A test question with what a member would have got."""

    probe: Probe
    answered: tuple[str, ...]  # entries shown at once
    offered: tuple[str, ...]  # entries to choose from
    ranked: tuple[tuple[str, ...], ...]  # the matches of each part, best first; the surest part comes first

    @property
    def best(self) -> str | None:
        """The entry that a member would see first."""
        return next(iter((*self.answered, *self.offered, *(part[0] for part in self.ranked))), None)

    @property
    def verdict(self) -> Verdict:
        expected = set(self.probe.expected)
        if self.answered:
            return Verdict.RIGHT if expected.issuperset(self.answered) else Verdict.WRONG
        if not expected:
            return Verdict.RIGHT
        return Verdict.OFFERED if expected & set(self.offered) else Verdict.MISSED

    def among(self, places: int) -> bool:
        """Whether an expected entry is among the first matches of any part."""
        return any(entry in self.probe.expected for part in self.ranked for entry in part[:places])


@dataclass(frozen=True, slots=True)
class Figures:
    """How many test questions ended in which way."""

    in_scope: int  # questions with an expected entry; the next six count among these
    top1: int
    top3: int
    right: int
    offered: int
    missed: int
    wrong: int
    out_of_scope: int  # questions that must not be answered; the next counts among these
    answered: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Questions for one entry that find another one. `expected` is None for questions that must not be answered."""

    expected: str | None
    found: str | None
    tried: tuple[Tried, ...]

    @property
    def wrong(self) -> int:
        """How many were answered wrongly with confidence."""
        return sum(one.verdict is Verdict.WRONG for one in self.tried)


@dataclass(frozen=True, slots=True)
class Trial:
    """All test questions with what became of them."""

    tried: tuple[Tried, ...]

    def of(self, language: Language) -> "Trial":
        return Trial(tuple(one for one in self.tried if one.probe.language == language))

    def figures(self) -> Figures:
        asked = [one for one in self.tried if one.probe.expected]
        verdicts = [one.verdict for one in asked]
        others = [one for one in self.tried if not one.probe.expected]
        return Figures(
            in_scope=len(asked),
            top1=sum(one.among(1) for one in asked),
            top3=sum(one.among(3) for one in asked),
            right=verdicts.count(Verdict.RIGHT),
            offered=verdicts.count(Verdict.OFFERED),
            missed=verdicts.count(Verdict.MISSED),
            wrong=verdicts.count(Verdict.WRONG),
            out_of_scope=len(others),
            answered=sum(bool(one.answered) for one in others),
        )

    def confusions(self) -> list[Confusion]:
        """Pairs of entries that are taken for each other, worst first: confidently wrong, then often."""
        pairs: dict[tuple[str | None, str | None], list[Tried]] = defaultdict(list)
        for one in self.tried:
            if pair := _confused(one):
                pairs[pair].append(one)
        found = [Confusion(expected, other, tuple(tried)) for (expected, other), tried in pairs.items()]
        return sorted(found, key=lambda confusion: (-confusion.wrong, -len(confusion.tried)))


def _confused(one: Tried) -> tuple[str | None, str | None] | None:
    """The entry that was expected and the one found instead; None where nothing was confused."""
    expected = one.probe.expected
    if one.verdict is Verdict.WRONG:
        stranger = next(entry for entry in one.answered if entry not in expected)
        return (expected[0] if expected else None), stranger
    if not expected or one.among(1):
        return None
    return expected[0], one.best


def run(probes: Sequence[Probe], matcher: Matcher, watch: Watch = iter) -> Trial:
    """Tries every test question."""
    return Trial(tuple(_tried(probe, matcher.read(probe.text)) for probe in watch(probes)))


def _tried(probe: Probe, reading: Reading) -> Tried:
    parts = sorted((part for part in reading.parts if part.matches), key=lambda part: -part.matches[0].confidence)
    urgent = (reading.urgent,) if reading.urgent else ()
    answered = (part.decision.match.entry for part in parts if isinstance(part.decision, Answer))
    offered = (match.entry for part in parts if isinstance(part.decision, Suggest) for match in part.decision.matches)
    ranked = (tuple(match.entry for match in part.matches) for part in parts)
    return Tried(
        probe,
        answered=tuple(dict.fromkeys((*urgent, *answered))),
        offered=tuple(dict.fromkeys(offered)),
        ranked=(urgent, *ranked) if urgent else tuple(ranked),
    )


@dataclass(frozen=True, slots=True)
class Move:
    """A test question that leads elsewhere than before."""

    before: Tried
    after: Tried


def moved(before: Trial, after: Trial) -> list[Move]:
    """The questions of both trials that now get another answer, another first suggestion, or another decision."""
    known = {(one.probe.language, one.probe.text): one for one in before.tried}
    pairs = ((known.get((one.probe.language, one.probe.text)), one) for one in after.tried)
    return [Move(old, new) for old, new in pairs if old and _way(old) != _way(new)]


def _way(one: Tried) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return one.answered, one.offered[:1]
