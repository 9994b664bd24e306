"""A member in a private chat: writes, taps, and reads what comes back."""

from handlers.updates import Intake
from tests.support.telegram import START


class Member:
    """One person's side of a private chat with the running program."""

    def __init__(self, program, telegram, chat=7001, language="de"):
        self.program, self.telegram, self.chat, self.language = program, telegram, chat, language
        self.intake = Intake(program.context)
        self.shown = []  # everything the bot said, newest last

    async def says(self, text, **content):
        """Sends a text and gives what the bot said to it."""
        message = self.telegram.message(self.chat, text, language=self.language, **content)
        self.last_message = message
        return await self.deliver(self.telegram.update(message=message))

    async def sends(self, **content):
        return await self.says(None, **content)

    async def edits(self, text):
        message = self.last_message | {"text": text, "edit_date": START + 60}
        return await self.deliver(self.telegram.update(edited_message=message))

    async def taps(self, label):
        """Taps the button with this label on the newest message that has it."""
        for said in reversed(self.shown):
            for row in said.rows:
                for key in row:
                    if key.get("text") == label:
                        return await self.deliver(
                            self.telegram.tap(
                                self.chat,
                                said.message,
                                key["callback_data"],
                                keyboard=said.rows,
                                language=self.language,
                            )
                        )
        raise AssertionError(f"no button “{label}” among {[said.labels for said in self.shown]}")

    async def deliver(self, raw):
        before = len(self.telegram.calls)
        await self.intake.take(raw)
        await self.program.context.courier.idle()
        said = [
            Said(method, parameters)
            for method, parameters in self.telegram.calls[before:]
            if method in ("sendMessage", "editMessageText", "editMessageReplyMarkup", "deleteMessage")
        ]
        newest = max((key[1] for key in self.telegram.messages if key[0] == self.chat), default=None)
        for one in said:
            if one.method == "sendMessage":
                one.message = newest
        self.shown += [one for one in said if one.text]
        return said


class Said:
    """One call of the bot, as a reader sees it."""

    def __init__(self, method, parameters):
        self.method, self.parameters = method, parameters
        self.message = int(parameters["message_id"]) if "message_id" in parameters else None
        self.text = parameters.get("text", "")
        markup = parameters.get("reply_markup") or {}
        self.rows = markup.get("inline_keyboard", [])

    @property
    def labels(self):
        return [key["text"] for row in self.rows for key in row]

    def __repr__(self):
        return f"<{self.method} {self.text[:80]!r} {self.labels}>"
