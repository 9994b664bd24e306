"""Only this computer, and no other site's page; no token in any log."""

import asyncio
import itertools
import json
import logging

import httpx
import pytest

from messenger import build_server, create_app
from messenger.loopback import is_loopback
from messenger.people import AYLIN_YILMAZ

FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "evil.example:8080"},
    {"Host": "localhost.evil.example"},
    {"Host": "127.0.0.1@evil.example"},
    {"Host": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:1"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


async def test_others_are_refused(place):
    paths = ("/", "/page/home", f"/bot{place.bot.token}/getMe", "/static/js/main.js")
    for headers, path in itertools.product(FOREIGN, paths):
        assert (await place.web.get(path, headers=headers)).status_code == 403, (headers, path)


async def test_this_computer_is_served(place):
    port = place.root.rpartition(":")[2]
    for headers in ({}, {"Host": f"localhost:{port}"}, {"Host": f"[::1]:{port}"}, {"Origin": place.root}):
        assert (await place.web.get("/page/home", headers=headers)).status_code == 200


async def test_acts_need_the_pages_own_header(place):
    async with httpx.AsyncClient(base_url=place.root, verify=False) as stranger:
        answer = await stranger.post("/page/act/send", json={"person": AYLIN_YILMAZ, "chat": AYLIN_YILMAZ, "text": "x"})
    assert answer.status_code == 403


async def test_the_page_runs_nothing_foreign(place):
    answer = await place.web.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert (await place.web.get("/static/js/main.js")).headers["x-content-type-options"] == "nosniff"
    assert (await place.web.get("/static/../people.py")).status_code == 404


async def test_documents_are_saved_not_opened(place):
    query = {"person": AYLIN_YILMAZ, "chat": AYLIN_YILMAZ, "kind": "document", "name": "x.html"}
    await place.web.post("/page/upload", params=query, content=b"<script>alert(1)</script>")
    message = (await place.shown(AYLIN_YILMAZ))["messages"][-1]
    answer = await place.web.get(f"/page/files/{message['document']['file_id']}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    [update] = await place.updates()
    assert update.message.document.file_name == "x.html"


async def test_no_token_in_any_log(place, caplog):
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    caplog.set_level(logging.DEBUG, logger="messenger")
    await place.bot.get_me()
    await place.web.post(f"/bot{place.bot.token}/setMyCommands", json={"commands": 1, "scope": [[]]})
    own = [record for record in caplog.records if record.name.startswith(("uvicorn", "messenger"))]
    assert not any(place.bot.token in record.getMessage() for record in own)


def test_only_loopback_is_bound(tmp_path):
    app = create_app(token="1:a", folder=tmp_path)
    with pytest.raises(ValueError, match="this computer only"):
        build_server(app, port=0, host="0.0.0.0")
    app.state.world.store.close()
    assert is_loopback("127.3.2.1")
    assert not is_loopback("192.168.1.1")


@pytest.mark.parametrize("token", ["", "abc", "abc:def", "1:", "1:a/b"])
def test_a_token_has_a_shape(tmp_path, token):
    with pytest.raises(ValueError, match="a bot token looks like"):
        create_app(token=token, folder=tmp_path)


async def read_events(web, after, count):
    found = []
    async with asyncio.timeout(3), web.stream("GET", "/page/events", params={"after": after}) as answer:
        async for line in answer.aiter_lines():
            if line.startswith(('data: {"', "event: reset")):
                found.append(line)
            if len(found) == count:
                return found
    return found


async def test_the_page_resumes_where_it_was(place):
    cursor = (await place.web.get("/page/home")).json()["cursor"]
    await place.say(AYLIN_YILMAZ, "verpasst")
    events = [json.loads(line[6:]) for line in await read_events(place.web, cursor, 2)]
    assert "verpasst" in [event.get("message", {}).get("text") for event in events]
    assert await read_events(place.web, "other-5", 1) == ["event: reset"]
