"""Why the matcher decided as it did, in words for whoever edits the FAQ. Pure."""

from collections.abc import Iterator

from faq.match import Answer, Part, Reading, Suggest
from texts import Html, Texts

_LANGUAGES = {"de": "explain.german", "en": "explain.english", None: "explain.no-language"}


def reasons(reading: Reading, texts: Texts, language: str) -> list[Html]:
    """The lines to show below a message that was tried out: HTML, in `language`."""
    return list(_lines(reading, texts, language))


def _lines(reading: Reading, texts: Texts, language: str) -> Iterator[Html]:
    if not reading.parts:
        yield texts.say("explain.no-words", language)
        return
    yield texts.say(_LANGUAGES[reading.language], language)
    if reading.urgent:
        yield texts.say("explain.urgent", language, entry=reading.urgent)
    for number, part in enumerate(reading.parts, start=1):
        if len(reading.parts) > 1:
            yield texts.say("explain.part", language, number=number, text=part.text)
        yield from _part(part, texts, language)


def _part(part: Part, texts: Texts, language: str) -> Iterator[Html]:
    shown = 1
    match part.decision:
        case Answer(match):
            yield texts.say("explain.answer", language, entry=match.entry)
        case Suggest(matches):
            shown = len(matches)
            yield texts.say("explain.suggest", language, entries=", ".join(match.entry for match in matches))
        case _:
            yield texts.say("explain.dont-know", language)
    if part.matches:
        best = part.matches[0]
        yield texts.say("explain.nearest", language, phrasing=best.phrasing, entry=best.entry)
    if others := part.matches[shown:]:
        yield texts.say("explain.others", language, entries=", ".join(match.entry for match in others))
    for typed, meant in part.corrected:
        yield texts.say("explain.corrected", language, typed=typed, meant=meant)
    if part.unknown:
        yield texts.say("explain.unknown", language, words=", ".join(part.unknown))
