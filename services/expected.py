"""What a dialogue waits for: a code, digits, a yes, a number. A question in between is answered, and it waits on."""

import re
import unicodedata

from services import verification
from services.intents import Wish, typed
from services.outcomes import CodeRefused, Outcome
from services.turn import Turn
from vault import recognition
from vault.codes import CheckFails, NotACode, Typed

NEARLY = 8  # so many symbols and nothing else: somebody tries to type a code
ONLY_A_CODE = 40  # characters; whoever writes more and did not say "code" asks a question
_DIGITS = re.compile(r"[0-9]{4}")
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./-]{2,24}")


def step(turn: Turn, text: str) -> Outcome | None:
    """The step that a message takes in what the dialogue waits for; None for any other message."""
    expects = turn.dialogue.expects
    if expects == "digits" and (digits := _DIGITS.fullmatch(_plain(text))):
        return verification.check_digits(turn, digits.group())
    if (
        expects == "number"
        and not looks_like_a_code(text)
        and (number := _NUMBER.fullmatch(_plain(text)))
        and re.search(r"[0-9]", text)
    ):
        return verification.request_letter(turn, number.group())
    if expects == "confirm" and (wish := typed(text)) in (Wish.YES, Wish.NONE):
        return verification.confirm(turn) if wish is Wish.YES else verification.decline(turn)
    return _code(turn, text)


def elsewhere(turn: Turn, text: str) -> CodeRefused | None:
    """A code that was edited in or forwarded redeems nothing, whatever it is; it must not stay in the chat either."""
    return CodeRefused(turn.language) if looks_like_a_code(text) else None


def looks_like_a_code(text: str) -> bool:
    return not isinstance(recognition.recognise(text), NotACode)


def _code(turn: Turn, text: str) -> Outcome | None:
    match recognition.recognise(text):
        case Typed() as given:
            return verification.submit(turn, given)
        case CheckFails() as given if turn.dialogue.expects == "code" or len(text) <= ONLY_A_CODE:
            return verification.submit(turn, given)
        case NotACode(symbols) if turn.dialogue.expects == "code" and symbols >= NEARLY:
            return verification.submit(turn, CheckFails())
    return None


def _plain(text: str) -> str:
    """Digits of any script as 0-9, without spaces around."""
    folded = unicodedata.normalize("NFKC", text[:64]).strip()
    return "".join(str(unicodedata.decimal(char, char)) if char.isdigit() else char for char in folded)
