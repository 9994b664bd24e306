"""The courier: order, pace, patience."""

import asyncio

import pytest

from db.session import Unavailable
from db.troubles import Trouble
from db.updates import Owed
from handlers import courier
from handlers.courier import Books, Bucket, Courier
from handlers.reply import Act, Reply
from handlers.sending import Fate, Result


class Post:
    """Says things as a script tells; remembers what was said."""

    def __init__(self, script=None):
        self.said, self.closed, self.script, self.under_way, self.most = [], [], script or {}, 0, 0

    async def say(self, chat, reply, answered_by=None):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.001)
        self.under_way -= 1
        fates = self.script.get(reply.html)
        result = fates.pop(0) if fates else Result(Fate.SENT, 1)
        if result.fate is Fate.SENT:
            self.said.append((chat, reply.html))
        return result

    async def reply_to(self, chat, message):
        return None

    async def close(self, said):
        self.closed.append((said.owed.update_id, said.fate, said.blocked))


def courier_with(post, **rates):
    rates = {"side_by_side": 4, "per_chat": 1000, "overall": 10000} | rates
    return Courier(post, Books(post.reply_to, post.close), **rates)


def owed(number, chat, *texts):
    return Owed(number, chat, number, tuple(Reply(Act.SEND, text).to_json() for text in texts))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.001)


async def test_one_chat_in_order_also_when_the_first_must_wait():
    post = Post({"a": [Result(Fate.NOT_SENT, wait=0.05), Result(Fate.UNKNOWN)]})
    bringing = courier_with(post)
    bringing.post(owed(1, 7, "a"))
    bringing.post(owed(2, 7, "b"))
    bringing.post(owed(3, 8, "c"))
    await bringing.idle()
    assert [text for chat, text in post.said if chat == 7] == ["a", "b"]
    assert post.said[0] == (8, "c")  # the other chat did not wait
    assert [number for number, _, _ in post.closed] == [3, 1, 2]


async def test_no_more_than_so_many_side_by_side():
    post = Post()
    bringing = courier_with(post, side_by_side=3)
    for number in range(30):
        bringing.post(owed(number, number, "x"))
    await bringing.idle()
    assert post.most == 3
    assert len(post.said) == 30


async def test_what_is_under_way_is_not_taken_twice():
    post = Post()
    bringing = courier_with(post)
    bringing.post(owed(1, 7, "a"))
    bringing.post(owed(1, 7, "a"))
    await bringing.idle()
    assert post.said == [(7, "a")]


async def test_what_was_brought_is_not_taken_again_by_who_read_before():
    post = Post()
    bringing = courier_with(post)
    bringing.post(owed(1, 7, "a"))
    await bringing.idle()
    bringing.post(owed(1, 7, "a"), late=True)
    await bringing.idle()
    assert post.said == [(7, "a")]


async def test_what_is_under_way_is_not_forgotten_for_more_that_comes(monkeypatch):
    """After an outage there may be more than are remembered, and they are looked for again and again meanwhile."""
    monkeypatch.setattr(courier, "MOST_KNOWN", 3)
    post = Post()
    bringing = courier_with(post, side_by_side=1)
    for _ in range(3):
        for number in range(20):
            bringing.post(owed(number, number, "a"), late=True)
        await asyncio.sleep(0)
    await bringing.idle()
    assert len(post.said) == 20
    assert len(bringing._known) == 3


async def test_a_mistake_of_ours_ends_the_reply_and_not_the_chat(caplog):
    post = Post()
    bringing = courier_with(post)
    bringing.post(Owed(1, 7, 1, ({"act": "unheard of"},)))
    bringing.post(owed(2, 7, "b"))
    await bringing.idle()
    assert post.said == [(7, "b")]
    assert post.closed == [(1, Fate.REFUSED, False), (2, Fate.SENT, False)]
    assert "update 1: not brought" in caplog.text


async def test_what_was_said_is_struck_off_when_the_database_is_back():
    post = Post()
    close, times = post.close, []

    async def unlucky(*args):
        times.append(1)
        if len(times) < 4:
            raise Unavailable(Trouble.LOST)
        await close(*args)

    post.close = unlucky
    bringing = courier_with(post)
    bringing.post(owed(1, 7, "a"))
    await bringing.idle()
    assert (post.said, post.closed) == ([(7, "a")], [(1, Fate.SENT, False)])


async def test_a_refusal_ends_the_reply_and_not_the_chat():
    post = Post({"a": [Result(Fate.REFUSED, blocked=True)]})
    bringing = courier_with(post)
    bringing.post(owed(1, 7, "a", "never"))
    bringing.post(owed(2, 7, "b"))
    await bringing.idle()
    assert post.said == [(7, "b")]
    assert post.closed == [(1, Fate.REFUSED, True), (2, Fate.SENT, False)]


async def test_finishing_leaves_what_cannot_be_brought():
    post = Post({"a": [Result(Fate.NOT_SENT)] * 10_000})
    bringing = courier_with(post)
    bringing.post(owed(1, 7, "a"))
    await bringing.finish(0.05)
    assert post.closed == []
    assert bringing.waiting == 0


async def test_chats_leave_nothing_behind():
    post = Post()
    bringing = courier_with(post)
    for number in range(50):
        bringing.post(owed(number, number, "x"))
    await bringing.idle()
    await asyncio.sleep(0)
    assert not bringing._queues
    assert not bringing._under_way


async def test_replies_one_by_one_are_paced_as_well():
    bringing = courier_with(Post(), per_chat=20)
    begun_at = asyncio.get_running_loop().time()
    for number in range(7):
        bringing.post(owed(number, 7, "x"))
        await bringing.idle()
    assert asyncio.get_running_loop().time() - begun_at >= 4 / 20 - 0.01


async def test_chats_that_had_several_replies_are_forgotten_when_there_are_many(monkeypatch):
    monkeypatch.setattr(courier, "MOST_BUCKETS", 10)
    bringing = courier_with(Post())
    for number in range(100):
        bringing.post(owed(number, number, "x", "y", "z"))
        await bringing.idle()
    assert len(bringing._buckets) <= 20


def test_a_bucket_lets_a_burst_through_and_then_paces():
    bucket = Bucket(rate=1, burst=3, now=0)
    assert [bucket.take(0) for _ in range(5)] == [0, 0, 0, 1, 2]
    assert bucket.take(100) == 0
