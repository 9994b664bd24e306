"""The questions of a message: most hold one, some two or three, long ones hide one among other things.

A message is read as one question unless two or three of its pieces each surely ask for another entry. Pieces are the
items of a list ("1. … 2. …", lines with a dash), else the sentences that ask, else the lines. A message that is too
long to be read as a whole is represented by such pieces, or by its most telling sentence if it has none.
"""

import re
from collections.abc import Callable

from faq.frequency import information
from faq.match import Part
from faq.normalise import LONGEST, words

MOST = 3  # questions that are answered in one go
_MESSAGE = 4096  # characters of a Telegram message
_LOOKED_AT = 4  # sentences of a message that are read on their own
_SURE = 0.35  # confidence from which a sentence or an item counts as a question of its own …
_SURE_LINE = 0.6  # … and a line that does not ask: it may as well be half a sentence
_LEAST_WORDS = 2

_OPENERS = (
    r"wie|was|wann|wo|woher|wohin|wer|wem|wen|warum|wieso|weshalb|wozu|womit|welche[rsnm]?|kann|kannst|können|könnte"
    r"|muss|müssen|darf|soll|sollte|ist|sind|war|wird|werden|gibt|hat|habt|haben|bin"
    r"|how|what|when|where|who|whom|why|which|can|could|do|does|did|is|are|were|will|should|must|may|has|have|am"
)
_ASKS = re.compile(rf"\?$|^\W*(?:und |and )?(?:{_OPENERS})\b", re.IGNORECASE)
# The end of a sentence, or a word like "und" before another question. Spaces stand alone here, see `_sentences`.
_ENDS = re.compile(rf"(?<=[?!.;]) |,? (?:und|oder|sowie|and|or) (?=(?:{_OPENERS})\b)", re.IGNORECASE)

# What begins the items of a list. Within a line only those that count up from the first, see `_counted`.
_BULLET = re.compile(r"\s*(?:[-–—*•·▪]|\(?\d{1,2}[.)]|\(?[a-e]\)) *(?=\S)")
_COUNTER = re.compile(
    r"(?:^|(?<=\s))(?:\(?([1-9])[.):]|\(?([a-e])\)|(erstens|zweitens|drittens|firstly|secondly|thirdly)\b[:,]?)\s+",
    re.IGNORECASE,
)
_PLACES = {"erstens": 0, "zweitens": 1, "drittens": 2, "firstly": 0, "secondly": 1, "thirdly": 2}
_POLITE = re.compile(
    r"(?:hallo|guten|liebe[rs]?|sehr geehrte|moin|danke|vielen dank|viele|beste|herzliche|freundliche|mit freundlichen"
    r"|mfg|hi|hello|dear|good|thanks|thank you|many thanks|kind|best|regards|yours)\b",
    re.IGNORECASE,
)


def split(text: str, ask: Callable[[str], Part | None]) -> tuple[Part, ...]:
    """The questions in `text`, in its order; empty if it holds no word. `ask` matches one question."""
    text = text[:_MESSAGE]
    pieces, least = _pieces(text)
    if len(text) <= LONGEST:
        several = _several(_read(pieces, ask), least) if len(pieces) > 1 else ()
        if len(several) > 1:
            return several
        whole = ask(text)
        return (whole,) if whole else ()
    read = _read(pieces or _sentences(text) or [text], ask)
    return _several(read, least) or tuple(sorted(read, key=_confidence)[-1:])


def _pieces(text: str) -> tuple[list[str], float]:
    """What may be a question of its own, and the confidence that it needs."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    items = [line[found.end() :] for line in lines if (found := _BULLET.match(line))]
    if len(items) <= 1:
        items = _counted(" ".join(lines))
    if len(items) > 1:
        return [item for item in items if words(item)], _SURE
    if asking := [sentence for sentence in _sentences(text) if _ASKS.search(sentence)]:
        return asking, _SURE
    return [line for line in lines if len(words(line)) >= _LEAST_WORDS and not _POLITE.match(line)], _SURE_LINE


def _counted(line: str) -> list[str]:
    """The items of "1. … 2. …", "a) … b) …" or "erstens … zweitens …"; empty if nothing counts up from the first.

    "Am 1. März" begins no list, nor does a list of one.
    """
    found = list(_COUNTER.finditer(line))
    if len(found) <= 1 or line[: found[0].start()].strip()[-1:] not in ("", *":.?!;,"):
        return []
    if [_place(counter) for counter in found] != list(range(len(found))):
        return []
    ends = [counter.start() for counter in found[1:]] + [len(line)]
    return [line[counter.end() : end].strip() for counter, end in zip(found, ends, strict=True)]


def _place(counter: re.Match[str]) -> int:
    digit, letter, word = counter.groups()
    return int(digit) - 1 if digit else ord(letter.casefold()) - ord("a") if letter else _PLACES[word.casefold()]


def _sentences(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    pieces = (piece for line in lines for piece in _ENDS.split(line))
    return [piece for piece in pieces if len(words(piece)) >= _LEAST_WORDS]


def _read(pieces: list[str], ask: Callable[[str], Part | None]) -> list[Part]:
    """The most telling pieces, matched, in the order of the message."""
    telling = sorted(range(len(pieces)), key=lambda place: _information(pieces[place]), reverse=True)
    read = (ask(pieces[place]) for place in sorted(telling[:_LOOKED_AT]))
    return [part for part in read if part]


def _information(sentence: str) -> float:
    return sum(information(word.plain) for word in words(sentence))


def _several(parts: list[Part], least: float) -> tuple[Part, ...]:
    """The parts with at least that confidence, each for another entry than the others."""
    chosen: dict[str, Part] = {}
    for part in parts:
        if _confidence(part) >= least:
            known = chosen.setdefault(part.matches[0].entry, part)
            if _confidence(part) > _confidence(known):
                chosen[part.matches[0].entry] = part
    best = sorted(chosen.values(), key=_confidence, reverse=True)[:MOST]
    return tuple(sorted(best, key=parts.index))


def _confidence(part: Part) -> float:
    return part.matches[0].confidence if part.matches else 0.0
