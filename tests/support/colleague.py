"""Somebody in the staff group: writes, replies, gives commands and taps there."""

from config.staff import Staff, StaffMember
from handlers.updates import Intake
from tests.support.member import Said
from tests.support.telegram import BOT, START

GROUP = -1001900100200
ADMIN, EDITOR, AGENT = 9001, 9002, 9003
STAFF = Staff(
    chat=GROUP,
    members=(
        StaffMember(id=ADMIN, role="admin", name="Frau Sommer"),
        StaffMember(id=EDITOR, role="editor", name="Herr Keller"),
        StaffMember(id=AGENT, role="agent", name="Frau Lang"),
    ),
)
_CHAT = {"id": GROUP, "type": "supergroup", "title": "Kammer – Mitarbeitende", "is_forum": True}
METHODS = (
    "sendMessage", "sendPhoto", "sendDocument", "editMessageText", "editMessageReplyMarkup", "deleteMessage",
    "createForumTopic", "editForumTopic", "closeForumTopic", "reopenForumTopic",
)  # fmt: skip


class Colleague:
    """One person's side of the staff group."""

    def __init__(self, program, telegram, user=AGENT):
        self.program, self.telegram, self.user = program, telegram, user
        self.intake = Intake(program.context)

    async def says(self, text=None, *, thread=None, to=None, **content):
        """Writes in the group, in a topic, or as a reply to a message (`to`); gives what the bot said in the group."""
        self.last = self._message(text, thread, to) | content
        return await self.deliver(message=self.last)

    async def edits(self, text):
        return await self.deliver(edited_message=self.last | {"text": text, "edit_date": START + 60})

    async def closes(self, thread, *, closed=True):
        return await self.says(thread=thread, **{"forum_topic_closed" if closed else "forum_topic_reopened": {}})

    async def taps(self, label, *, thread=None):
        """Taps the newest button with this label in the group; an edit does not say in which topic it is."""
        for method, parameters in reversed(self.telegram.calls):
            said = Said(method, parameters)
            if str(parameters.get("chat_id")) != str(GROUP):
                continue
            for key in (key for row in said.rows for key in row if key["text"] == label):
                thread = thread or parameters.get("message_thread_id")
                shown = self._message("…", int(thread) if thread else None, None)
                shown |= {"message_id": said.message or self._id_of(parameters), "from": BOT}
                shown |= {"reply_markup": {"inline_keyboard": said.rows}}
                query = {"id": str(self.telegram._update_ids + 8_000_000), "from": self.person(), "chat_instance": "2"}
                return await self.deliver(callback_query=query | {"message": shown, "data": key["callback_data"]})
        raise AssertionError(f"no button “{label}” in the group")

    def _id_of(self, parameters):
        """The newest message with these words: a call does not say which id it was given."""
        words = parameters.get("text", parameters.get("caption"))
        return max(id_ for (chat, id_), text in self.telegram.messages.items() if chat == GROUP and text == words)

    def person(self):
        named = {member.id: member.name for member in STAFF.members}
        return {"id": self.user, "is_bot": False, "first_name": named.get(self.user, "Gast"), "language_code": "de"}

    def _message(self, text, thread, to):
        body = self.telegram.message(GROUP) | {"chat": _CHAT, "from": self.person()}
        if text is not None:
            body["text"] = text
        if thread is not None:
            body |= {"message_thread_id": thread, "is_topic_message": True}
        if to is not None:
            body["reply_to_message"] = {"message_id": to, "date": START, "chat": _CHAT, "from": BOT, "text": "…"}
        return body

    async def deliver(self, **content):
        before = len(self.telegram.calls)
        await self.intake.take(self.telegram.update(**content))
        await self.program.context.courier.idle()
        return [
            Said(method, parameters)
            for method, parameters in self.telegram.calls[before:]
            if method in METHODS and str(parameters.get("chat_id")) == str(GROUP)
        ]
