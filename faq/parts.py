"""The questions of a message: most hold one, some two or three, long ones hide one among other things.

A message is read as one question unless two or three of its sentences each surely ask for another entry. One that is
too long to be read as a whole is represented by its questions, or by its most telling sentence if it asks none.
"""

import re
from collections.abc import Callable

from faq.frequency import information
from faq.match import Part
from faq.normalise import LONGEST, words

MOST = 3  # questions that are answered in one go
_MESSAGE = 4096  # characters of a Telegram message
_LOOKED_AT = 4  # sentences of a message that are read on their own
_SURE = 0.35  # confidence from which a sentence counts as a question of its own
_LEAST_WORDS = 2

_OPENERS = (
    r"wie|was|wann|wo|woher|wohin|wer|wem|wen|warum|wieso|weshalb|wozu|womit|welche[rsnm]?|kann|kannst|können|könnte"
    r"|muss|müssen|darf|soll|sollte|ist|sind|war|wird|werden|gibt|hat|habt|haben|bin"
    r"|how|what|when|where|who|whom|why|which|can|could|do|does|did|is|are|were|will|should|must|may|has|have|am"
)
_ASKS = re.compile(rf"\?$|^\W*(?:und |and )?(?:{_OPENERS})\b", re.IGNORECASE)
# The end of a sentence, or a word like "und" before another question. Spaces stand alone here, see `_sentences`.
_ENDS = re.compile(rf"(?<=[?!.;]) |,? (?:und|oder|sowie|and|or) (?=(?:{_OPENERS})\b)", re.IGNORECASE)


def split(text: str, ask: Callable[[str], Part | None]) -> tuple[Part, ...]:
    """The questions in `text`, in its order; empty if it holds no word. `ask` matches one question."""
    text = text[:_MESSAGE]
    sentences = _sentences(text)
    asking = [sentence for sentence in sentences if _ASKS.search(sentence)]
    if len(text) <= LONGEST:
        several = _several(_read(asking, ask)) if len(asking) > 1 else ()
        if len(several) > 1:
            return several
        whole = ask(text)
        return (whole,) if whole else ()
    read = _read(asking or sentences or [text], ask)
    return _several(read) or tuple(sorted(read, key=_confidence)[-1:])


def _sentences(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    pieces = (piece for line in lines for piece in _ENDS.split(line))
    return [piece for piece in pieces if len(words(piece)) >= _LEAST_WORDS]


def _read(sentences: list[str], ask: Callable[[str], Part | None]) -> list[Part]:
    """The most telling sentences, matched, in the order of the message."""
    telling = sorted(range(len(sentences)), key=lambda place: _information(sentences[place]), reverse=True)
    read = (ask(sentences[place]) for place in sorted(telling[:_LOOKED_AT]))
    return [part for part in read if part]


def _information(sentence: str) -> float:
    return sum(information(word.plain) for word in words(sentence))


def _several(parts: list[Part]) -> tuple[Part, ...]:
    """The parts that ask surely, each for another entry than the others."""
    chosen: dict[str, Part] = {}
    for part in parts:
        if _confidence(part) >= _SURE:
            known = chosen.setdefault(part.matches[0].entry, part)
            if _confidence(part) > _confidence(known):
                chosen[part.matches[0].entry] = part
    best = sorted(chosen.values(), key=_confidence, reverse=True)[:MOST]
    return tuple(sorted(best, key=parts.index))


def _confidence(part: Part) -> float:
    return part.matches[0].confidence if part.matches else 0.0
