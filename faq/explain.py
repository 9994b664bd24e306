"""Why the matcher answered as it did, in plain German, for whoever edits the FAQ."""

from collections.abc import Iterator

from faq.match import Answer, Match, Part, Reading, Suggest

_LANGUAGES = {"de": "Deutsch", "en": "Englisch", None: "nicht erkennbar"}


def explain(reading: Reading) -> list[str]:
    """The lines to show below a message that was tried out."""
    if not reading.parts:
        return ["Die Nachricht enthält kein Wort."]
    lines = [f"Sprache: {_LANGUAGES[reading.language]}"]
    if reading.urgent:
        lines.append(f"Dringend: Die Nachricht enthält Wörter, die sofort zu „{reading.urgent}“ führen.")
    for number, part in enumerate(reading.parts, start=1):
        if len(reading.parts) > 1:
            lines.append(f"Frage {number}: {part.text}")
        lines += _part(part)
    return lines


def _part(part: Part) -> Iterator[str]:
    yield _decision(part)
    if part.matches:
        best = part.matches[0]
        yield f"Am nächsten kam die Formulierung „{best.phrasing}“ bei „{best.entry}“ ({_sure(best)})."
    if others := part.matches[1:]:
        yield "Außerdem nah: " + "; ".join(f"{match.entry} ({_sure(match)})" for match in others)
    for typed, meant in part.corrected:
        yield f"„{typed}“ wurde als „{meant}“ gelesen."
    if part.unknown:
        yield "Diese Wörter kommen im ganzen FAQ nicht vor: " + ", ".join(part.unknown)


def _decision(part: Part) -> str:
    match part.decision:
        case Answer(match):
            return f"Antwort: {match.entry}"
        case Suggest(matches):
            return "Auswahl: " + ", ".join(match.entry for match in matches)
        case _:
            return "Keine Antwort: Nichts im FAQ ist der Frage ähnlich genug."


def _sure(match: Match) -> str:
    return f"Sicherheit {match.confidence:.0%}".replace("%", " %")
