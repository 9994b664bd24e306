"""PTB's HTTP calls, carried by aiohttp.

PTB's own class on httpx falls from 604 replies a second to 124 when more than 32 calls are under way (its pool offers
each freed connection to every waiting call, encode/httpcore#1035); this one has no such cliff and needs a third of the
CPU. `telegram.request.BaseRequest` is PTB's interface for it. See docs/decisions/0003-calls-on-aiohttp.md.
"""

import json
from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

UPLOAD_TIMEOUT = 20.0  # seconds; also PTB's own value for media
_HEADERS = {"User-Agent": BaseRequest.USER_AGENT}
_JSON_HEADERS = _HEADERS | {"Content-Type": "application/json"}
Seconds = float | None
Given = DefaultValue[None] | Seconds


class AiohttpRequest(BaseRequest):
    """Carries calls on at most `connections` connections; timeouts in seconds."""

    def __init__(self, connections: int = 64, *, read_timeout: float = 10.0, connect_timeout: float = 5.0) -> None:
        self._connections = connections
        self._read = read_timeout
        self._connect = connect_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read

    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        del write_timeout, pool_timeout  # aiohttp knows neither: a write counts as reading, a wait as connecting
        assert self._session is not None, "initialize() first"
        read = self._read if read_timeout is self.DEFAULT_NONE else read_timeout
        connect = self._connect if connect_timeout is self.DEFAULT_NONE else connect_timeout
        if request_data is not None and request_data.contains_files:
            read = max(read or 0.0, UPLOAD_TIMEOUT)
        timeout = aiohttp.ClientTimeout(total=None, sock_read=read, connect=connect)
        headers, body = _content(request_data)
        try:
            async with self._session.request(method, url, data=body, headers=headers, timeout=timeout) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            # The text of some of these errors holds the address of the call, and so the token.
            raise NetworkError(f"aiohttp.{type(error).__name__}") from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """As PTB's, but an answer that is no JSON is not logged: it may repeat a member's words."""
        try:
            return json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is not JSON") from None


def _content(request_data: RequestData | None) -> tuple[dict[str, str], Any]:
    """Headers and body. Values are JSON, which takes a tenth of the time of a form; with files it must be a form."""
    if request_data is None:
        return _HEADERS, None
    if not request_data.contains_files:
        return _JSON_HEADERS, request_data.json_payload
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, data, mime) in (request_data.multipart_data or {}).items():
        form.add_field(name, data, filename=filename, content_type=mime)
    return _HEADERS, form
