"""What is wrong in a store that can be loaded, and what could be better.

The loader finds what cannot be used at all. Here stand the rules that need the matcher, the test questions, the
calendar or taste. A code that begins with "advice." proposes something; any other one is a mistake that would give
members a wrong answer, and a reload is refused for it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import markup
from faq import twins
from faq.entry import LANGUAGES, Entry, Language
from faq.loader import File, Fill
from faq.match import Reading
from faq.matcher import Matcher
from faq.normalise import words
from faq.probes import Probe
from faq.trial import Watch
from strict_yaml import Loc, Problem

LEAST_PHRASINGS = {"de": 12, "en": 8}
FIRST_SENTENCE_MAX = 220  # characters: what a preview on a locked phone shows, and what is understood at one hearing

_BARE = frozenset({"ja", "nein", "yes", "no"})
# A full stop after a number or a single letter ends no sentence: "am 13. Januar", "z. B.".
_SENTENCE = re.compile(r".*?(?:(?<!\d)(?<!\b[a-zA-Z])[.!?](?=\s|$)|$)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_COMMAND = re.compile(r"(?<![\w<])/[a-z]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """An entry with its place in a file."""

    file: File
    number: int
    entry: Entry

    def problem(self, loc: Loc, code: str, **values: str) -> Problem:
        return self.file.problem(("entries", self.number, *loc), code, **values)

    def place(self, loc: Loc) -> str:
        """File and line, as other problems name them."""
        return f"{self.file.name}, {self.file.node.line_of(('entries', self.number, *loc))}"

    def phrasings(self) -> Iterator[tuple[Loc, Language, str]]:
        """Everything that leads to the entry when a member writes it."""
        for language in LANGUAGES:
            wording = self.entry.wording(language)
            yield (language, "title"), language, wording.title
            for position, text in enumerate(wording.ask):
                yield (language, "ask", position), language, text


def is_advice(problem: Problem) -> bool:
    """Whether the problem is only a proposal, and no mistake that refuses a reload."""
    return problem.code.startswith("advice.")


def check(
    files: Sequence[File],
    matcher: Matcher,
    probes: Sequence[Probe] = (),
    *,
    today: date,
    fill: Fill | None = None,
    only: Collection[str] | None = None,
    watch: Watch = iter,
) -> list[Problem]:
    """Everything that can be said about the entries of `files`, sorted by file and line.

    `matcher` is the one of their store, `probes` are the test questions that no phrasing may repeat, `fill` puts the
    association's values into answers. With `only`, the entries with these ids are looked at and compared with all:
    some milliseconds for each phrasing, so an edit is checked within a second, a whole store in half a minute.
    """
    everything = [Spot(file, number, entry) for file in files for number, entry in file.entries()]
    spots = [spot for spot in everything if only is None or spot.entry.id in only]
    found = [
        *(problem for spot in spots for problem in _entry(spot, today, fill)),
        *_same_buttons(everything, spots),
        *_twins(everything, spots),
        *_tested(spots, probes),
        *(problem for spot in watch(spots) for problem in _elsewhere(spot, matcher)),
    ]
    return sorted(found, key=lambda problem: (problem.file, problem.line))


# ---- one entry by itself


def _entry(spot: Spot, today: date, fill: Fill | None) -> Iterator[Problem]:
    entry = spot.entry
    if entry.review_by < today:
        yield spot.problem(("review_by",), "advice.overdue", id=entry.id, date=str(entry.review_by))
    if _needs_source(entry):
        yield spot.problem(("id",), "advice.no-source", id=entry.id)
    for related, times in Counter(entry.related).items():
        if times > 1:
            yield spot.problem(("related",), "faq.related-twice", id=related)
    for language in LANGUAGES:
        yield from _wording(spot, language, fill)


def _needs_source(entry: Entry) -> bool:
    """Whether the entry states what somebody else published, without saying where.

    An answer that fills in a value of the association or names a command is the association's own word about itself or
    its bot, unless it tells of a year.
    """
    if entry.sources or entry.is_foreign:
        return False
    answers = [entry.wording(language).answer for language in LANGUAGES]
    own = all("{" in answer or _COMMAND.search(answer) for answer in answers)
    return not own or any(_YEAR.search(answer) for answer in answers)


def _wording(spot: Spot, language: Language, fill: Fill | None) -> Iterator[Problem]:
    wording, where = spot.entry.wording(language), f"{spot.entry.id} › {language}"
    least = LEAST_PHRASINGS[language]
    if (count := len(wording.ask)) < least:
        yield spot.problem(
            (language, "ask"), "advice.few-phrasings", where=f"{where} › ask", count=str(count), least=str(least)
        )
    sentence = first_sentence(fill(wording.answer, language) if fill else wording.answer)
    loc: Loc = (language, "answer")
    if sentence.rstrip(".!?:, ").casefold() in _BARE:
        yield spot.problem(loc, "advice.bare-answer", where=f"{where} › answer", sentence=sentence)
    if len(sentence) > FIRST_SENTENCE_MAX:
        length, most = str(len(sentence)), str(FIRST_SENTENCE_MAX)
        yield spot.problem(loc, "advice.first-sentence", where=f"{where} › answer", length=length, most=most)


def first_sentence(html: str) -> str:
    """The first sentence of an answer as it is read; a line break ends it, too."""
    lines = markup.plain(html).strip().splitlines()
    found = _SENTENCE.match(lines[0]) if lines else None
    return found.group().strip() if found else ""


# ---- entries side by side


def _same_buttons(everything: Sequence[Spot], spots: Sequence[Spot]) -> Iterator[Problem]:
    """Labels that two entries share: whoever reads or types one cannot know which is meant."""
    looked_at = {spot.entry.id for spot in spots}
    for language in LANGUAGES:
        first: dict[str, Spot] = {}
        for spot in everything:
            label = spot.entry.wording(language).button
            other = first.setdefault(label.casefold(), spot)
            if other is not spot and looked_at & {spot.entry.id, other.entry.id}:
                loc: Loc = (language, "button")
                values = {"label": label, "other": other.entry.id, "first": other.place(loc)}
                yield spot.problem(loc, "faq.button-twice", **values)


def _twins(everything: Sequence[Spot], spots: Sequence[Spot]) -> Iterator[Problem]:
    """Phrasings that are the same words as one of another entry, or nearly so."""
    looked_at = {spot.entry.id for spot in spots}
    all_of = [(spot, loc, text) for spot in everything for loc, _, text in spot.phrasings()]
    plain = [same(text) for _, _, text in all_of]
    owners = [spot.entry.id for spot, _, _ in all_of]
    rows = [row for row, owner in enumerate(owners) if owner in looked_at and plain[row]]
    for row, column in twins.pairs(plain, owners, rows):
        later, earlier = (row, column) if row > column or owners[column] not in looked_at else (column, row)
        spot, loc, text = all_of[later]
        other, other_loc, other_text = all_of[earlier]
        code = "faq.phrasing-twice" if plain[later] == plain[earlier] else "advice.phrasing-near"
        values = {"phrasing": text, "twin": other_text, "other": other.entry.id, "first": other.place(other_loc)}
        yield spot.problem(loc, code, **values)


def _tested(spots: Sequence[Spot], probes: Sequence[Probe]) -> Iterator[Problem]:
    """Phrasings that are test questions, too: what is known by heart measures nothing."""
    tested = {same(probe.text): probe for probe in probes}
    for spot in spots:
        for loc, _, text in spot.phrasings():
            if probe := tested.get(same(text)):
                yield spot.problem(loc, "advice.test-question", phrasing=text, first=f"{probe.file}, {probe.line}")


def same(text: str) -> str:
    """Equal for texts that differ in capitals, punctuation and the spelling of umlauts only."""
    return " ".join(word.plain for word in words(text))


# ---- entries and the matcher


def _elsewhere(spot: Spot, matcher: Matcher) -> Iterator[Problem]:
    """Phrasings and labels of an entry that lead to another one, or nowhere."""
    entry = spot.entry.id
    for loc, _, text in spot.phrasings():
        first = firsts(matcher.read(text))
        if not first:
            yield spot.problem(loc, "faq.phrasing-nothing", phrasing=text)
        elif entry not in first:
            values = {"phrasing": text, "id": entry, "found": first[0]}
            yield spot.problem(loc, "faq.phrasing-elsewhere", **values)
    for language in LANGUAGES:
        label = spot.entry.wording(language).button
        first = firsts(matcher.read(label))
        if first and entry not in first:
            loc = (language, "button")
            yield spot.problem(loc, "advice.button-elsewhere", label=label, id=entry, found=first[0])


def firsts(reading: Reading) -> list[str]:
    """The entries that come first: the urgent one, then the best of each question in the message."""
    best = [part.matches[0].entry for part in reading.parts if part.matches]
    return [reading.urgent, *best] if reading.urgent else best
