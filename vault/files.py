"""Encrypted files of any size, for backups: AES-256-GCM in chunks, a key of its own for each file.

The construction is STREAM as the age format has it (c2sp.org/age, "payload"): chunks of 64 KiB, the nonce is the
chunk's number and whether it is the last. So a chunk that is changed, moved, repeated, left out or cut off is noticed.
The file's key comes from the backup key and the header (format, key id, 256 random bits), which is bound by that.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.disk import keep_names, new_handle
from vault.key import Key, Purpose
from vault.keyfile import KEY_ID
from vault.keyring import Keyring
from vault.sealing import Tampered, UnknownKey

MAGIC = b"auskunft sealed file 1\n"
CHUNK = 64 * 1024
SALT = 32
TAG = 16
LONGEST_ID = 8  # of a key id and its line end


def seal_stream(keyring: Keyring, source: BinaryIO, target: BinaryIO, *, kind: str) -> None:
    """Writes the rest of `source` to `target`, sealed. `kind` must be named again to open it."""
    key = keyring.current(Purpose.BACKUP)
    header = MAGIC + key.id.encode("ascii") + b"\n" + secrets.token_bytes(SALT)
    target.write(header)
    cipher = _cipher(key, kind, header)
    target.writelines(cipher.encrypt(nonce, chunk, None) for nonce, chunk in _chunks(source, CHUNK))


def unseal_stream(keyring: Keyring, source: BinaryIO, target: BinaryIO, *, kind: str) -> None:
    """Writes what is sealed in `source` to `target`.

    Raises `Tampered` or `UnknownKey`; what was written until then is a genuine beginning, but not the whole.
    """
    key, header = _header(keyring, source)
    cipher = _cipher(key, kind, header)
    target.writelines(_decrypted(cipher, nonce, chunk) for nonce, chunk in _chunks(source, CHUNK + TAG))


def seal_file(keyring: Keyring, source: Path, target: Path, *, kind: str) -> None:
    """Seals a file into a new one, which is there as a whole or not at all. Raises OSError."""
    with source.open("rb") as plain, _new(target) as sealed:
        seal_stream(keyring, plain, sealed, kind=kind)


def unseal_file(keyring: Keyring, source: Path, target: Path, *, kind: str) -> None:
    """Opens a sealed file into a new one, which is there as a whole and genuine or not at all.

    Raises `Tampered`, `UnknownKey` or OSError.
    """
    with source.open("rb") as sealed, _new(target) as plain:
        unseal_stream(keyring, sealed, plain, kind=kind)


def key_id_of(source: Path) -> str | None:
    """The id of the key that a file is sealed with, or None when it is no sealed file."""
    with source.open("rb") as file:
        return _key_id(file)


def _key_id(source: BinaryIO) -> str | None:
    if _exactly(source, len(MAGIC)) != MAGIC:
        return None
    line = source.readline(LONGEST_ID)
    key_id = line[:-1].decode("ascii", "replace")
    return key_id if line.endswith(b"\n") and KEY_ID.fullmatch(key_id) else None


def _header(keyring: Keyring, source: BinaryIO) -> tuple[Key, bytes]:
    key_id = _key_id(source)
    salt = _exactly(source, SALT)
    if key_id is None or len(salt) != SALT:
        raise Tampered("not a sealed file")
    key = keyring.find(Purpose.BACKUP, key_id)
    if key is None:
        raise UnknownKey(f"no key {key_id} for sealed files")
    return key, MAGIC + key_id.encode("ascii") + b"\n" + salt


def _cipher(key: Key, kind: str, header: bytes) -> AESGCM:
    return key.cipher("file", kind, header)


def _decrypted(cipher: AESGCM, nonce: bytes, chunk: bytes) -> bytes:
    with contextlib.suppress(InvalidTag):
        return cipher.decrypt(nonce, chunk, None)
    raise Tampered("the file was changed or cut off, or is of another kind")


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk with its nonce. An empty source has one, empty chunk; otherwise the last is not empty."""
    number, chunk = 0, _exactly(source, size)
    while following := _exactly(source, size):
        yield _nonce(number, is_last=False), chunk
        number, chunk = number + 1, following
    yield _nonce(number, is_last=True), chunk


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _exactly(source: BinaryIO, size: int) -> bytes:
    """That many bytes, fewer only at the end: a pipe may give less than it is asked for."""
    return b"".join(_pieces(source.read, size))


def _pieces(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    while size and (piece := read(size)):
        size -= len(piece)
        yield piece


@contextlib.contextmanager
def _new(target: Path) -> Iterator[BinaryIO]:
    """A file that only we can read and that gets its name when all of it is on the disk."""
    if os.path.lexists(target):
        raise FileExistsError(f"{target} exists")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)  # left by a crash
    handle = new_handle(part)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  a handle, not a path
            yield file
            file.flush()
            os.fsync(handle)
        part.replace(target)
        keep_names(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
