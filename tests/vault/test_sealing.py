"""Sealed values: whatever goes in comes out, and nothing else opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import unhurried
from vault.key import Purpose, joined
from vault.sealing import Tampered, UnknownKey, is_current, reseal, seal, seal_bytes, unseal, unseal_bytes

FIELD = "cards.number"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)  # lone surrogates, too


@unhurried
@given(text=ANY_TEXT, field=st.text(max_size=20))
def test_any_text_comes_back(keyring, text, field):
    sealed = seal(keyring, text, field=field)
    assert sealed.isascii()
    assert unseal(keyring, sealed, field=field) == text


@unhurried
@given(data=st.binary(max_size=300))
def test_any_bytes_come_back(keyring, data):
    assert unseal_bytes(keyring, seal_bytes(keyring, data, field=FIELD), field=FIELD) == data


def test_the_form_of_a_sealed_value(keyring):
    sealed = [seal(keyring, "80276001081699900578", field=FIELD) for _ in range(50)]
    assert len(set(sealed)) == 50
    assert all(value.startswith("k1:") and len(value) == 3 + 64 for value in sealed)  # 12 + 20 + 16 bytes
    assert all("80276" not in value for value in sealed)


def test_every_changed_character_is_noticed(keyring):
    sealed = seal(keyring, "Jürgen", field=FIELD)
    for place, right in enumerate(sealed):
        for wrong in {chr(ord(right) ^ 1), "A", "_", "=", " ", "\n", "é", ""} - {right}:
            changed = sealed[:place] + wrong + sealed[place + 1 :]
            with pytest.raises((Tampered, UnknownKey)):
                unseal(keyring, changed, field=FIELD)


@unhurried
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_every_changed_byte_is_noticed(keyring, place, flip):
    from vault.tagged import tag, untag

    data = bytearray(untag(seal(keyring, "80276001081699900578", field=FIELD)).data)
    data[place % len(data)] ^= flip
    with pytest.raises(Tampered):
        unseal(keyring, tag(keyring.current(Purpose.SEAL), bytes(data)), field=FIELD)


@unhurried
@given(value=ANY_TEXT)
def test_what_was_never_sealed_does_not_open(keyring, value):
    for hostile in (value, f"k1:{value}", f"k1:{value.encode('utf-8', 'surrogatepass').hex()}"):
        with pytest.raises(Tampered if hostile.startswith("k1:") else (Tampered, UnknownKey)):
            unseal(keyring, hostile, field=FIELD)


def test_a_cut_or_lengthened_value_does_not_open(keyring):
    sealed = seal(keyring, "80276001081699900578", field=FIELD)
    for length in range(len(sealed)):
        with pytest.raises((Tampered, UnknownKey)):
            unseal(keyring, sealed[:length], field=FIELD)
    for more in ("A", "AA", "AAA", "AAAA", "=", "\n", " ", ":"):
        with pytest.raises(Tampered):
            unseal(keyring, sealed + more, field=FIELD)


def test_a_value_cannot_be_moved(keyring):
    """Neither to another column, nor to another row when the caller names it, nor to another key."""
    sealed = seal(keyring, "x", field="members.email")
    with pytest.raises(Tampered):
        unseal(keyring, sealed, field="members.number")
    assert joined("a", "bc") != joined("ab", "c") != joined("abc")


def test_a_key_id_cannot_be_changed(rotating):
    _, after = rotating
    sealed = seal(after, "x", field=FIELD)
    with pytest.raises(Tampered):
        unseal(after, "k1" + sealed[2:], field=FIELD)


def test_rotation_can_stop_and_resume(rotating):
    before, after = rotating
    stored = [seal(before, str(number), field=FIELD) for number in range(20)]
    for stop in (7, 20):
        for place in range(stop):
            stored[place] = reseal(after, stored[place], field=FIELD)
        assert [unseal(after, value, field=FIELD) for value in stored] == [str(number) for number in range(20)]
        assert [is_current(after, value) for value in stored] == [True] * stop + [False] * (20 - stop)
    assert reseal(after, stored[0], field=FIELD) is stored[0]


def test_a_value_newer_than_the_keys_says_so(rotating):
    before, after = rotating
    with pytest.raises(UnknownKey, match="k2"):
        unseal(before, seal(after, "x", field=FIELD), field=FIELD)


def test_keys_of_another_installation_open_nothing(keyring, rotating):
    with pytest.raises(Tampered):
        unseal(rotating[0], seal(keyring, "x", field=FIELD), field=FIELD)
