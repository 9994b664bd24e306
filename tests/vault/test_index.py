"""The blind index: equal numbers meet, whatever way they are spelled, and nobody can compute it without the key."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import unhurried
from vault.index import address, candidates, is_current, mark, number
from vault.key import Purpose

CARD = "80276001081699900578"


@pytest.mark.parametrize(
    "spelled",
    [
        "80276 0010 8169 9900 578",
        "80276\u00a00010\u202f8169-9900–578",
        "8027.6001.0816.9990.0578",
        "８０２７６００１０８１６９９９００５７８",
        "٨٠٢٧٦٠٠١٠٨١٦٩٩٩٠٠٥٧٨",
        "\ufeff8027600108\u200b1699900578\n",
    ],
)
def test_spellings_of_one_number_meet(keyring, spelled):
    assert mark(keyring, spelled, kind="card") == mark(keyring, CARD, kind="card")


def test_letters_meet_in_either_case_and_leading_zeros_count(keyring):
    assert number("ab-12/3") == number("AB 123") == "AB123"
    assert mark(keyring, "021234568", kind="member") != mark(keyring, "21234568", kind="member")


def test_addresses_keep_their_dots_and_hyphens():
    assert address(" A.B-c@Example.ORG ") == "a.b-c@example.org"
    assert address("a.b@example.org") != address("ab@example.org")


def test_kinds_and_installations_do_not_meet(keyring, rotating):
    marks = {mark(keyring, CARD, kind="card"), mark(keyring, CARD, kind="member"), mark(rotating[0], CARD, kind="card")}
    assert len(marks) == 3
    assert mark(keyring, "1", kind="a") != mark(keyring, "1", kind="a1")


def test_a_mark_needs_the_key(keyring):
    marked = mark(keyring, CARD, kind="card")
    assert marked.startswith("k1:")
    assert len(marked) == 46
    assert hashlib.sha256(CARD.encode()).hexdigest() not in marked
    assert CARD not in marked


@unhurried
@given(value=st.text(min_size=1, max_size=60), other=st.text(min_size=1, max_size=60))
def test_marks_are_equal_exactly_when_the_forms_are(keyring, value, other):
    if number(value) and number(other):
        equal = mark(keyring, value, kind="card") == mark(keyring, other, kind="card")
        assert equal == (number(value) == number(other))


def test_during_a_rotation_both_marks_are_looked_for(rotating):
    before, after = rotating
    old, new = mark(before, CARD, kind="card"), mark(after, CARD, kind="card")
    assert candidates(after, CARD, kind="card") == [new, old]
    assert candidates(before, CARD, kind="card") == [old]
    assert (is_current(after, new), is_current(after, old)) == (True, False)


def test_nothing_has_no_mark(keyring):
    """Else every empty cell would be the same member."""
    for empty in ("", "  ", "-", "\u200b"):
        with pytest.raises(ValueError):
            mark(keyring, empty, kind="member")


def test_ids_beyond_nine_are_told_apart(rotating):
    _, after = rotating
    assert after.current(Purpose.INDEX).id == "k2"
    assert not is_current(after, "k22:AAAA")
