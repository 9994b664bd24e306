"""Sealed files: of any size, and no cut, swap or change goes unnoticed."""

import io
import itertools
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import unhurried
from vault import files
from vault.files import CHUNK, MAGIC, SALT, TAG, key_id_of, seal_file, seal_stream, unseal_file, unseal_stream
from vault.sealing import Tampered, UnknownKey

HEADER = len(MAGIC) + len("k1\n") + SALT
SEALED_CHUNK = CHUNK + TAG
SIZES = [0, 1, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]


def sealed(keyring, data, kind="backup"):
    target = io.BytesIO()
    seal_stream(keyring, io.BytesIO(data), target, kind=kind)
    return target.getvalue()


def unsealed(keyring, data, kind="backup"):
    target = io.BytesIO()
    unseal_stream(keyring, io.BytesIO(data), target, kind=kind)
    return target.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_a_file_comes_back(keyring, size):
    data = os.urandom(size)
    assert unsealed(keyring, sealed(keyring, data)) == data


@unhurried
@given(data=st.binary(max_size=400), piece=st.integers(1, 50))
def test_a_source_may_give_less_than_it_is_asked_for(keyring, data, piece):
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(piece, size))

    target = io.BytesIO()
    unseal_stream(keyring, Slow(sealed(keyring, data)), target, kind="backup")
    assert target.getvalue() == data


def test_the_overhead_is_small_and_the_content_hidden(keyring):
    data = b"members" * CHUNK
    whole = sealed(keyring, data)
    assert len(whole) == HEADER + len(data) + 7 * TAG
    assert b"members" not in whole
    assert sealed(keyring, data) != whole


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 5, 2 * CHUNK])
def test_a_cut_is_noticed_also_between_chunks(keyring, size):
    whole = sealed(keyring, os.urandom(size))
    ends = {0, 1, len(MAGIC), HEADER - 1, HEADER, HEADER + SEALED_CHUNK, HEADER + TAG, len(whole) - TAG, len(whole) - 1}
    for end in (end for end in ends if end < len(whole)):
        with pytest.raises(Tampered):
            unsealed(keyring, whole[:end])


def test_an_added_a_swapped_a_repeated_and_a_missing_chunk_are_noticed(keyring):
    whole = sealed(keyring, os.urandom(3 * CHUNK + 10))
    header, body = whole[:HEADER], whole[HEADER:]
    chunks = [body[start : start + SEALED_CHUNK] for start in range(0, len(body), SEALED_CHUNK)]
    for order in itertools.chain(
        itertools.permutations(range(4)), [(0, 1, 1, 3), (0, 1, 3), (1, 2, 3), (0, 1, 2, 3, 3)]
    ):
        if order != (0, 1, 2, 3):
            with pytest.raises(Tampered):
                unsealed(keyring, header + b"".join(chunks[place] for place in order))
    for more in (b"x", bytes(TAG), bytes(SEALED_CHUNK)):
        with pytest.raises(Tampered):
            unsealed(keyring, whole + more)


@unhurried
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_every_changed_byte_is_noticed(keyring, place, flip):
    whole = bytearray(sealed(keyring, b"members of the register"))
    whole[place % len(whole)] ^= flip
    with pytest.raises((Tampered, UnknownKey)):
        unsealed(keyring, bytes(whole))


def test_every_place_of_the_header_counts(keyring):
    whole = sealed(keyring, b"members")
    for place in range(HEADER):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises((Tampered, UnknownKey)):
            unsealed(keyring, changed)


@unhurried
@given(data=st.binary(max_size=200))
def test_what_was_never_sealed_does_not_open(keyring, data):
    for hostile in (data, MAGIC + data, MAGIC + b"k1\n" + data):
        with pytest.raises((Tampered, UnknownKey)):
            unsealed(keyring, hostile)


def test_chunks_of_two_files_do_not_mix(keyring):
    first, second = sealed(keyring, b"a" * CHUNK + b"1"), sealed(keyring, b"b" * CHUNK + b"2")
    with pytest.raises(Tampered):
        unsealed(keyring, first[: HEADER + SEALED_CHUNK] + second[HEADER + SEALED_CHUNK :])


def test_a_file_of_one_kind_is_not_taken_for_another(keyring):
    with pytest.raises(Tampered):
        unsealed(keyring, sealed(keyring, b"x", kind="letters"), kind="backup")


def test_old_backups_open_after_a_rotation(rotating, tmp_path):
    before, after = rotating
    old = sealed(before, b"old")
    assert unsealed(after, old) == b"old"
    with pytest.raises(UnknownKey, match="k2"):
        unsealed(before, sealed(after, b"new"))
    (tmp_path / "old").write_bytes(old)
    assert key_id_of(tmp_path / "old") == "k1"
    (tmp_path / "none").write_bytes(b"PK\x03\x04")
    assert key_id_of(tmp_path / "none") is None


def test_files_on_the_disk(keyring, tmp_path):
    plain, whole, back = tmp_path / "plain", tmp_path / "whole", tmp_path / "back"
    plain.write_bytes(os.urandom(2 * CHUNK))
    (tmp_path / "whole.part").write_bytes(b"left by a crash")
    seal_file(keyring, plain, whole, kind="backup")
    unseal_file(keyring, whole, back, kind="backup")
    assert back.read_bytes() == plain.read_bytes()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (whole, back)} == {0o600}
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_is_there_is_not_written_over(keyring, tmp_path):
    (tmp_path / "plain").write_bytes(b"x")
    (tmp_path / "there").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        seal_file(keyring, tmp_path / "plain", tmp_path / "there", kind="backup")
    assert (tmp_path / "there").read_bytes() == b"precious"


def test_a_damaged_file_leaves_nothing_behind(keyring, tmp_path):
    (tmp_path / "damaged").write_bytes(sealed(keyring, os.urandom(2 * CHUNK))[:-1])
    with pytest.raises(Tampered):
        unseal_file(keyring, tmp_path / "damaged", tmp_path / "back", kind="backup")
    assert [path.name for path in tmp_path.iterdir()] == ["damaged"]


def test_memory_stays_flat(keyring):
    """A source of 64 MiB that is never in memory as a whole."""

    class Endless(io.RawIOBase):
        left = 64 * 1024 * 1024

        def read(self, size=-1):
            assert 0 < size <= files.CHUNK
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    class Counting(io.RawIOBase):
        total = largest = 0

        def writable(self):
            return True

        def write(self, data):
            self.total += len(data)
            self.largest = max(self.largest, len(data))
            return len(data)

    target = Counting()
    seal_stream(keyring, Endless(), target, kind="backup")
    assert target.total == HEADER + 1024 * SEALED_CHUNK
    assert target.largest == SEALED_CHUNK
