"""The matcher as a process: JSON lines in, one JSON line out for each.

{"kb": PATH}     loads phrasings, one entry a line: {"id", "lang", "questions": […], "keywords"?: […]}
{"store": PATH}  loads a folder of FAQ files
{"q": TEXT}      {"results": [[id, confidence], …], "decision": "answer" | "suggest" | "dont_know"}, best first, at most
                 five; and {"parts": [{"q", "results", "decision"}, …]} where the message holds several questions
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from faq.decision import Thresholds
from faq.entry import Language
from faq.match import Answer, Match, Part, Suggest
from faq.matcher import MATCHES, Matcher, Phrasing

SHIPPED_THRESHOLDS = Thresholds()


def main(lines: TextIO = sys.stdin, out: TextIO = sys.stdout, thresholds: Thresholds = SHIPPED_THRESHOLDS) -> None:
    """Answers until the input ends. A line that cannot be answered gets {"error": …} and stops nothing."""
    matcher: Matcher | None = None
    for line in lines:
        try:
            asked = json.loads(line)
            reply: dict[str, Any]
            if "q" not in asked:
                matcher = _load(asked, thresholds)
                reply = {"ok": True}
            elif matcher:
                reply = _reply(matcher, str(asked["q"]))
            else:
                reply = {"error": "load a store first"}
        except Exception as problem:  # noqa: BLE001 - whatever goes wrong is told to the other side, which decides
            reply = {"error": str(problem) or type(problem).__name__}
        out.write(json.dumps(reply, ensure_ascii=False) + "\n")
        out.flush()


def _load(asked: dict[str, Any], thresholds: Thresholds) -> Matcher:
    """A bare list of phrasings, or a folder of FAQ files: the shipped one for null."""
    if "kb" in asked:
        return Matcher.of_phrasings(list(phrasings_of(Path(asked["kb"]))), thresholds)
    from faq.loader import SHIPPED, load  # noqa: PLC0415 - reading FAQ files is not needed for bare phrasings

    folder = asked["store"]
    return Matcher.of(load(Path(folder) if folder is not None else SHIPPED), thresholds)


def phrasings_of(path: Path) -> Iterator[Phrasing]:
    """The phrasings of a file with one entry a line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        entry = json.loads(line)
        language: Language = "en" if entry.get("lang") == "en" else "de"
        for text in (*entry["questions"], " ".join(entry.get("keywords") or ())):
            yield Phrasing(entry["id"], language, text)


def _reply(matcher: Matcher, text: str) -> dict[str, Any]:
    parts = matcher.read(text).parts
    if not parts:
        return {"results": [], "decision": "dont_know"}
    best = max(parts, key=_confidence)
    if len(parts) == 1:
        return {"results": _results(best.matches), "decision": _decision(best)}
    together: dict[str, Match] = {}
    for match in sorted((match for part in parts for match in part.matches), key=lambda match: -match.confidence):
        together.setdefault(match.entry, match)
    return {
        "results": _results(tuple(together.values())[:MATCHES]),
        "decision": _decision(best),
        "parts": [{"q": part.text, "results": _results(part.matches), "decision": _decision(part)} for part in parts],
    }


def _confidence(part: Part) -> float:
    return part.matches[0].confidence if part.matches else 0.0


def _results(matches: tuple[Match, ...]) -> list[list[Any]]:
    return [[match.entry, match.confidence] for match in matches]


def _decision(part: Part) -> str:
    match part.decision:
        case Answer():
            return "answer"
        case Suggest():
            return "suggest"
        case _:
            return "dont_know"


if __name__ == "__main__":
    main()
