"""Files packed into one, sealed; and such a file opened again, with everything in it checked."""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from backup import manifest
from backup.manifest import Manifest, Part
from vault import files
from vault.keyring import Keyring

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

KIND = "backup"
PACKED = "packed.tar.gz"
FASTEST = 1  # of gzip: sealed values do not get smaller whatever is tried


class Broken(Exception):  # noqa: N818  says what the backup is
    """What is in the backup is not what its manifest says."""


def parts_of(folder: Path) -> dict[str, Part]:
    """The files in a folder, measured."""
    return {path.name: _measured(path) for path in sorted(folder.iterdir())}


def pack(ring: Keyring, folder: Path, made: Manifest, target: Path) -> None:
    """Seals the files of the folder and their manifest into `target`, which is there as a whole or not at all.

    Reads it back before it returns. Raises OSError, also FileExistsError, and `Broken` or `Tampered` when the disk
    lies.
    """
    (folder / manifest.FILE).write_text(made.to_json(), encoding="utf-8")
    packed = folder / PACKED
    with tarfile.open(packed, "x:gz", compresslevel=FASTEST) as tar:
        for name in (manifest.FILE, *made.parts):
            tar.add(folder / name, arcname=name, recursive=False)
            (folder / name).unlink()  # a large database should not need its space three times
    expected = _measured(packed)
    files.seal_file(ring, packed, target, kind=KIND)
    packed.unlink()
    try:
        _read_back(ring, target, expected)
    except BaseException:
        target.unlink()
        raise


def unpack(ring: Keyring, source: Path, folder: Path) -> Manifest:
    """Opens a backup into an empty folder; what it says of itself, when all of it is there.

    Raises vault's `Unreadable` when it was changed or its key is missing, `Broken`, `NotAManifest` or OSError.
    """
    packed = folder / PACKED
    files.unseal_file(ring, source, packed, kind=KIND)
    try:
        with tarfile.open(packed, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        packed.unlink()
        found = manifest.read((folder / manifest.FILE).read_text(encoding="utf-8"))
    except (tarfile.TarError, EOFError, UnicodeError, FileNotFoundError) as error:
        raise Broken(source.name) from error
    (folder / manifest.FILE).unlink()
    if parts_of(folder) != dict(found.parts):
        raise Broken(source.name)
    return found


def key_of(source: Path) -> str | None:
    """The id of the key that a backup is sealed with; None for a file that is no backup. Raises OSError."""
    return files.key_id_of(source)


class _Measure(io.RawIOBase):
    """A file that only measures what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._size, self._digest = 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer", /) -> int:
        piece = memoryview(data)
        self._size += piece.nbytes
        self._digest.update(piece)
        return piece.nbytes

    def measured(self) -> Part:
        return Part(self._size, self._digest.hexdigest())


def _measured(path: Path) -> Part:
    with path.open("rb") as file:
        return Part(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _read_back(ring: Keyring, path: Path, expected: Part) -> None:
    measure = _Measure()
    with path.open("rb") as file, io.BufferedWriter(measure, buffer_size=files.CHUNK) as target:
        files.unseal_stream(ring, file, target, kind=KIND)
    if measure.measured() != expected:
        raise Broken(path.name)
