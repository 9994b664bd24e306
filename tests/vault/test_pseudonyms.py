"""Names in place of ids: the same all month, unlinkable afterwards."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from vault.pseudonyms import in_log, new_subject_key, subject

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_chat_has_one_name_all_month_and_another_in_the_next(keyring):
    name = in_log(keyring, "chat", 4711, now=NOW)
    assert re.fullmatch("p-[a-z2-7]{10}", name)
    assert in_log(keyring, "chat", 4711, now=NOW.replace(day=1)) == name
    assert in_log(keyring, "chat", "4711", now=NOW) == name
    others = {
        in_log(keyring, "chat", 4711, now=NOW + timedelta(days=7)),
        in_log(keyring, "chat", 4711, now=NOW.replace(year=2027)),
        in_log(keyring, "chat", 4712, now=NOW),
        in_log(keyring, "member", 4711, now=NOW),
    }
    assert len(others | {name}) == 5


def test_the_month_is_that_of_utc(keyring):
    """Replicas in two time zones call a chat the same."""
    zone = timezone(timedelta(hours=2))
    midnight = datetime(2026, 12, 1, 1, tzinfo=zone)  # 23:00 on 30 November in UTC
    assert in_log(keyring, "chat", 1, now=midnight) == in_log(keyring, "chat", 1, now=NOW)


def test_another_key_gives_other_names(keyring, rotating):
    names = {in_log(ring, "chat", 1, now=NOW) for ring in (keyring, *rotating)}
    assert len(names) == 3


def test_names_of_many_chats_differ(keyring):
    assert len({in_log(keyring, "chat", number, now=NOW) for number in range(20_000)}) == 20_000


def test_a_subject_is_known_by_the_own_key_only():
    key, other = new_subject_key(), new_subject_key()
    assert len(key) == 32
    assert subject(key, 4711) == subject(key, "4711")
    assert len({subject(key, 4711), subject(key, 4712), subject(other, 4711)}) == 3
    assert "4711" not in subject(key, 4711)
    for none in (b"", b"short", bytes(31)):
        with pytest.raises(ValueError):
            subject(none, 4711)
