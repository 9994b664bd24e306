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

    async def on_sendMessage(self, parameters):
        self._ids += 1
        chat = int(parameters["chat_id"])
        self.messages[chat, self._ids] = parameters["text"]
        return self._message(chat, self._ids, parameters["text"])

    async def on_editMessageText(self, parameters):
        key = int(parameters["chat_id"]), int(parameters["message_id"])
        if key not in self.messages:
            return 400, "Bad Request: message to edit not found"
        if self.messages[key] == parameters["text"]:
            return 400, "Bad Request: message is not modified"
        self.messages[key] = parameters["text"]
        return self._message(*key, parameters["text"])

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
        self._telegram.calls.append((name, parameters))
        status, body = await self._telegram.answer(name, parameters)
        return status, json.dumps(body).encode()


def _value(value):
    try:
        return json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        return value
