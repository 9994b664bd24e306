"""The card that a second person answers, in words and buttons. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from db.approvals import Request
from handlers.at_desk import LANGUAGE
from handlers.reply import Act, Key, Reply
from handlers.staff_buttons import StaffButton, pack
from services.approvals import NEEDS, Asked, Kind, NobodyElse, Over, OwnRequest
from services.desk import Desk
from services.staff import NotAllowed, Role
from texts import Html, Texts

NOUN = "approval"


def who_may(texts: Texts, role: Role) -> Html:
    """The role and, beside it, that of an admin, who may everything."""
    return texts.say("approval.roles-admin" if role is Role.ADMIN else "approval.roles", LANGUAGE, role=role)


def not_allowed(texts: Texts, role: Role) -> Reply:
    return Reply(Act.SEND, texts.say("approval.role", LANGUAGE, roles=who_may(texts, role)))


class ApprovalReplies:
    """What is said about approvals, whatever they are for."""

    def __init__(self, texts: Texts, desk: Desk) -> None:
        self._texts, self._zone = texts, ZoneInfo(desk.rules.office.time_zone)

    def card(self, asked: Asked, what: Html) -> Reply:
        """A new message with `what` is asked for, and the two buttons."""
        request = asked.request
        roles = who_may(self._texts, NEEDS[Kind(request.kind)])
        until = self.moment(request.expires_at)
        html = self._texts.say("approval.card", LANGUAGE, asker=asked.asker, what=what, roles=roles, until=until)
        yes = Key(self._texts.label("approval.yes", LANGUAGE), pack(StaffButton(NOUN, "yes", request.id)))
        no = Key(self._texts.label("approval.no", LANGUAGE), pack(StaffButton(NOUN, "no", request.id)))
        return Reply(Act.SEND, html, ((yes, no),))

    def refusal(self, outcome: NotAllowed | NobodyElse | OwnRequest | Over) -> Reply:
        """Why an answer does not count, or nobody can be asked."""
        say = self._texts.say
        match outcome:
            case NotAllowed(role):
                return not_allowed(self._texts, role)
            case NobodyElse(Role.ADMIN):
                return Reply(Act.SEND, say("approval.nobody-else-admin", LANGUAGE))
            case NobodyElse(role):
                return Reply(Act.SEND, say("approval.nobody-else", LANGUAGE, roles=who_may(self._texts, role)))
            case OwnRequest():
                return Reply(Act.SEND, say("approval.own", LANGUAGE))
            case Over(request):
                return Reply(Act.SEND, self._over(request))

    def _over(self, request: Request | None) -> Html:
        state = request.state if request else "expired"
        return self._texts.say(f"approval.over.{'expired' if state == 'waiting' else state}", LANGUAGE)

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%d.%m., %H:%M}"
