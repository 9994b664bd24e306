"""Telegram at the seam where PTB hands its calls to the network: what is above is the real program."""

import asyncio
import json
import re
from collections import defaultdict, deque
from urllib.parse import parse_qs, urlsplit

from telegram.request import BaseRequest

TOKEN = "123456789:AAFakeTelegramTokenForTestsOnly_00000000"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Auskunft", "username": "auskunft_bot", "can_join_groups": True}
START = 1_800_000_000  # date of the first message, in seconds


class FakeTelegram:
    """Keeps every call, answers it as Telegram would, and fails where it is told to."""

    def __init__(self):
        self.calls = []  # (method, parameters)
        self.messages = {}  # (chat, message id) -> text
        self.faults = defaultdict(deque)
        self.updates = deque()
        self.offset = 0
        self.topics = {}  # of the staff group: thread -> name and whether it is closed
        self.left = set()  # people who left the staff group
        self.webhook = {}  # as it was set
        self.complaint = ""  # what Telegram says of it
        self._ids = 1000
        self._update_ids = 500

    # ---- what people do

    def update(self, **content):
        self._update_ids += 1
        return {"update_id": self._update_ids, **content}

    def person(self, chat, language="de"):
        return {"id": chat, "is_bot": False, "first_name": "Aylin", "language_code": language}

    def private(self, chat):
        return {"id": chat, "type": "private", "first_name": "Aylin"}

    def message(self, chat, text=None, *, language="de", date=START, message_id=None, **content):
        self._ids += 1
        body = {
            "message_id": message_id or self._ids,
            "date": date,
            "chat": self.private(chat),
            "from": self.person(chat, language),
        }
        if text is not None:
            body["text"] = text
        return body | content

    def tap(self, chat, message_id, data, *, keyboard=None, language="de"):
        message = {"message_id": message_id, "date": START, "chat": self.private(chat), "from": BOT, "text": "…"}
        if keyboard:
            message["reply_markup"] = {"inline_keyboard": keyboard}
        query = {
            "id": str(self._update_ids + 7_000_000),
            "from": self.person(chat, language),
            "chat_instance": "1",
            "message": message,
            "data": data,
        }
        return self.update(callback_query=query)

    # ---- what the program sees

    def fail(self, method, *answers):
        """The next calls of a method get these: (status, description, parameters), or an exception to raise."""
        self.faults[method].extend(answers)

    def of(self, method):
        return [parameters for called, parameters in self.calls if called == method]

    def request(self):
        return FakeRequest(self)

    async def answer(self, method, parameters):
        if self.faults[method]:
            fault = self.faults[method].popleft()
            if isinstance(fault, Exception):
                raise fault
            status, description, extra = (*fault, None)[:3]
            body = {"ok": False, "error_code": status, "description": description}
            if extra:
                body["parameters"] = extra
            return status, body
        handler = getattr(self, f"on_{method}", None)
        result = await handler(parameters) if handler else True
        if isinstance(result, tuple):
            return result[0], {"ok": False, "error_code": result[0], "description": result[1]}
        return 200, {"ok": True, "result": result}

    async def on_getMe(self, parameters):
        return BOT

    async def on_getMyName(self, parameters):
        return {"name": "?"}

    async def on_getUpdates(self, parameters):
        offset = int(parameters.get("offset", 0))
        while self.updates and self.updates[0]["update_id"] < offset:
            self.updates.popleft()
        if not self.updates:
            await asyncio.sleep(0.01)
        return list(self.updates)[: int(parameters.get("limit", 100))]

    async def on_setWebhook(self, parameters):
        self.webhook = parameters
        return True

    async def on_deleteWebhook(self, parameters):
        self.webhook = {}
        return True

    async def on_getWebhookInfo(self, parameters):
        complaint = {"last_error_date": START, "last_error_message": self.complaint} if self.complaint else {}
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": 3,
            **complaint,
        }

    async def on_sendMessage(self, parameters):
        return self._keep(parameters, parameters["text"])

    async def on_editMessageText(self, parameters):
        key = int(parameters["chat_id"]), int(parameters["message_id"])
        if key not in self.messages:
            return 400, "Bad Request: message to edit not found"
        if self.messages[key] == parameters["text"]:
            return 400, "Bad Request: message is not modified"
        self.messages[key] = parameters["text"]
        return self._message(*key, parameters["text"])

    async def on_sendDocument(self, parameters):
        return self._keep(parameters, parameters.get("caption", ""))

    async def on_sendPhoto(self, parameters):
        return self._keep(parameters, parameters.get("caption", ""))

    async def on_getChatMember(self, parameters):
        user = int(parameters["user_id"])
        status = "left" if user in self.left else "member"
        return {"status": status, "user": self.person(user)}

    async def on_editMessageCaption(self, parameters):
        return await self.on_editMessageText(parameters | {"text": parameters["caption"]})

    async def on_deleteMessage(self, parameters):
        self.messages.pop((int(parameters["chat_id"]), int(parameters["message_id"])), None)
        return True

    # ---- topics of the staff group

    async def on_getForumTopicIconStickers(self, parameters):
        return []

    async def on_createForumTopic(self, parameters):
        self._ids += 1
        self.topics[self._ids] = {"name": parameters["name"], "closed": False}
        return {"message_thread_id": self._ids, "name": parameters["name"], "icon_color": 7322096}

    async def on_editForumTopic(self, parameters):
        return self._topic(parameters, {"name": parameters["name"]} if "name" in parameters else {})

    async def on_closeForumTopic(self, parameters):
        return self._topic(parameters, {"closed": True})

    async def on_reopenForumTopic(self, parameters):
        return self._topic(parameters, {"closed": False})

    def _topic(self, parameters, change):
        thread = int(parameters["message_thread_id"])
        if thread not in self.topics:
            return 400, "Bad Request: TOPIC_ID_INVALID"
        if change and all(self.topics[thread].get(key) == value for key, value in change.items()):
            return 400, "Bad Request: TOPIC_NOT_MODIFIED"
        self.topics[thread] |= change
        return True

    def delete_topic(self, thread):
        """As somebody of the staff deletes one: the bot is not told."""
        del self.topics[thread]

    def _keep(self, parameters, text):
        thread = parameters.get("message_thread_id")
        if thread is not None and int(thread) not in self.topics:
            return 400, "Bad Request: message thread not found"
        self._ids += 1
        chat = int(parameters["chat_id"])
        self.messages[chat, self._ids] = text
        return self._message(chat, self._ids, text)

    def _message(self, chat, message_id, text):
        return {"message_id": message_id, "date": START, "chat": self.private(chat), "from": BOT, "text": text}


class FakeRequest(BaseRequest):
    def __init__(self, telegram):
        self._telegram = telegram

    @property
    def read_timeout(self):
        return 5.0

    async def initialize(self):
        pass

    async def shutdown(self):
        pass

    async def do_request(self, url, method, request_data=None, *timeouts, **named):
        parts = urlsplit(url)
        name = re.search(r"/bot[^/]+/(\w+)$", parts.path).group(1)
        parameters = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if request_data is not None:
            parameters |= {key: _value(value) for key, value in request_data.json_parameters.items()}
            parameters |= {key: file[1] for key, file in (request_data.multipart_data or {}).items()}
        self._telegram.calls.append((name, parameters))
        status, body = await self._telegram.answer(name, parameters)
        return status, json.dumps(body).encode()


def _value(value):
    try:
        return json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        return value
