"""When something of ours breaks: a reference for staff, a calm sentence for the member, and the chat goes on.

Neither the log nor the row holds a word of the member: an exception's text may repeat it, so only its type and the
place in our code are kept.
"""

import logging
import secrets
import traceback
from datetime import datetime
from pathlib import Path

from db import faults
from db.session import Session
from faq.entry import Language
from handlers.context import Context, Origin
from services.desk import Desk
from services.outcomes import Broken, Outcome, Silent

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misheard on the telephone


def reference() -> str:
    return "F-" + "".join(secrets.choice(ALPHABET) for _ in range(5))


def place_of(error: BaseException) -> str:
    """The innermost line of our own code, as file:line function."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename]
    last = ours[-1] if ours else None
    return f"{Path(last.filename).relative_to(ROOT)}:{last.lineno} {last.name}" if last else "outside our code"


async def settle_broken(context: Context, origin: Origin, error: BaseException, *, private: bool) -> None:
    """Settles an update whose handler failed.

    Raises when not even this can be written: the update stays with Telegram.
    """
    kind, place, ref = type(error).__name__, place_of(error), reference()
    log.error("fault %s: %s at %s (update %s)", ref, kind, place, origin.update_id)
    await context.settle(origin, record, origin=origin, ref=ref, kind=kind, place=place, private=private)


def record(
    session: Session, desk: Desk, *, origin: Origin, ref: str, kind: str, place: str, private: bool, now: datetime
) -> Outcome:
    faults.record(session, reference=ref, kind=kind, place=place, update_id=origin.update_id, now=now)
    language: Language = desk.rules.languages[0]
    return Broken(language, ref) if private else Silent()
