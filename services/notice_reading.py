"""A neutral notice, opened by a member: the rest is shown to those whom it concerns, with their own cards."""

from db import audiences, notices
from db.audiences import AFFECTED, Audience
from db.notices import Phase
from services import cards
from services.outcomes import CardsShown, CodePaused, NoticeRead, PageShown
from services.turn import Turn

_SENT = (Phase.SENDING, Phase.PAUSED, Phase.DONE, Phase.STOPPED)


def read(turn: Turn, notice: int) -> NoticeRead | CardsShown | PageShown | CodePaused:
    """The own cards, as with any look-up, and above them what the notice says if it is for this member.

    It still is for those who got it by mistake: a correction is read the same way.
    """
    shown = cards.look_up(turn)
    row = notices.find(turn.session, notice)
    if not isinstance(shown, CardsShown) or row is None or row.phase not in _SENT:
        return shown
    first = audiences.root(turn.session, Audience.of(row.audience))
    verified = cards.whoever(turn)
    if first.kind != AFFECTED or verified is None or not audiences.got(turn.session, notice, verified.member):
        return shown
    return NoticeRead(turn.language, row.text_en if turn.language == "en" else row.text_de, shown)
