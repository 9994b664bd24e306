"""`python bot.py members …` as staff use it."""

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from commands import members
from db import throttles
from db.models import AuditEvent, Delivery, Link, Throttle
from services.throttles import FOR_EVER
from tests.support.printshop import NUMBERS

TWO = ("--by", "anna", "--confirm-by", "bernd")
WHY = ("--reason", "Telefon gestohlen, Anruf am 2026-11-24")


@pytest.fixture
def people(shop):
    return [shop.member(number) for number in NUMBERS]


def call(*words, **more):
    done = CliRunner().invoke(members.app, [str(word) for word in words], **more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def rows(shop, model):
    return shop.work(lambda session: list(session.query(model)))


def states(shop):
    return {row.chat: (row.state, row.reason) for row in rows(shop, Link)}


def test_the_links_of_a_member_end_and_the_log_says_why(shop, people):
    shop.link(people[0], chat=7001)
    shop.link(people[0], "waiting", chat=7002)
    shop.link(people[1], chat=7003)
    notice = {"key": "n", "chat": 7001, "member": people[0], "kind": "notice", "reply": {}, "state": "queued"}
    shop.add(Delivery(**notice, due_at=shop.now + timedelta(hours=1)))
    assert call("revoke", "--member", NUMBERS[0], *WHY, *TWO, input="n\n").exit_code == 1
    assert states(shop)[7001] == ("active", None)
    done = call("revoke", "--member", f" {NUMBERS[0][:4]} {NUMBERS[0][4:]}", *WHY, *TWO, input="y\n")
    assert done.exit_code == 0, done.output
    assert "Beendete Verbindungen: 2" in done.output
    ended = ("ended", "revoked")
    assert states(shop) == {7001: ended, 7002: ended, 7003: ("active", None)}
    assert [row.state for row in rows(shop, Delivery)] == ["cancelled"]
    events = [row for row in rows(shop, AuditEvent) if row.tag == "staff:link:revoked"]
    assert [(row.actor, row.detail["confirmed_by"], row.detail["reason"]) for row in events] == [
        ("staff:anna", "staff:bernd", WHY[1])
    ] * 2
    assert len({row.subject for row in events}) == 1
    assert call("revoke", "--member", NUMBERS[0], *WHY, *TWO, "--yes").exit_code == 1


def test_the_link_of_a_chat_ends_also_when_it_sleeps(shop, people):
    shop.link(people[0], "dormant", chat=7001)
    shop.link(people[1], chat=7003)
    assert call("revoke", "--chat", 7001, *WHY, *TWO, "--yes").exit_code == 0
    assert states(shop) == {7001: ("ended", "revoked"), 7003: ("active", None)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--member", NUMBERS[0], *WHY, "--by", "anna"), "zwei verschiedene Personen"),
        (("--member", NUMBERS[0], *WHY, "--by", "anna", "--confirm-by", "Anna"), "zwei verschiedene Personen"),
        (("--member", NUMBERS[0], "--reason", " ", *TWO), "Grund"),
        (("--member", NUMBERS[0], "--reason", f"Mitglied {NUMBERS[0]}", *TWO), "Grund"),
        (("--member", NUMBERS[0], "--reason", "schrieb von a@praxis.example", *TWO), "Grund"),
        (("--member", NUMBERS[0], "--chat", 7001, *WHY, *TWO), "entweder"),
        ((*WHY, *TWO), "entweder"),
        (("--member", "0999999999", *WHY, *TWO), "kein Mitglied"),
        (("--member", "-", *WHY, *TWO), "kein Mitglied"),
    ],
)
def test_what_cannot_be_ends_nothing(shop, people, words, said):
    shop.link(people[0], chat=7001)
    refused = call("revoke", *words, "--yes")
    assert refused.exit_code == 2
    assert said in refused.output
    assert states(shop) == {7001: ("active", None)}
    assert "0999999999" not in refused.output


def test_a_pause_is_lifted_and_counters_begin_anew(shop):
    for chat in (7001, 7002):
        shop.work(throttles.count, chat, "wrong-ever", None, shop.now)
        shop.work(throttles.pause, chat, "wrong-ever", shop.now + FOR_EVER)
    done = call("unlock", "--chat", 7001, "--by", "anna")
    assert done.exit_code == 0, done.output
    assert [row.chat for row in rows(shop, Throttle)] == [7002]
    (event,) = rows(shop, AuditEvent)
    assert (event.tag, event.actor) == ("staff:chat:unlocked", "staff:anna")
    assert "7001" not in repr((event.subject, event.detail))
    assert call("unlock", "--chat", 7001, "--by", "anna").exit_code == 1
