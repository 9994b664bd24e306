"""All keys of this start, by purpose and id. `keyfolder` and `keyfile` read them, `keywriter` changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Never, Self

from strict_yaml import Problem, Problems
from vault import keyfolder, keywriter
from vault.key import Key, Purpose
from vault.keyfile import Ring

FOLDER = "keys"


def folder_of(home: Path, environment: Mapping[str, str]) -> Path:
    """Where the keys lie: the folder that AUSKUNFT_KEYS names, or `keys` in the program's own folder."""
    return Path(environment.get("AUSKUNFT_KEYS") or home / FOLDER).absolute()


@dataclass(frozen=True, slots=True, eq=False)
class Keyring:
    """The keys as their files were at one moment. Hold one for a use case, ask for `refreshed()` before the next."""

    folder: Path
    _keys: Mapping[Purpose, tuple[Key, ...]] = field(repr=False)  # oldest first
    _stamp: object = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises `Problems` with everything that keeps the keys from being used."""
        stamp, rings, problems = _read(folder)
        if problems:
            raise Problems(problems)
        return cls(folder, {purpose: ring.keys for purpose, ring in rings.items()}, stamp)

    @classmethod
    def create(cls, folder: Path, *, today: date) -> Self:
        """Makes the folder and one key for each purpose. Raises `Problems`, also when there are keys already."""
        problem = keywriter.create(folder, today)
        if problem:
            raise Problems([problem])
        return cls.load(folder)

    def refreshed(self) -> Self:
        """The keys as they are now: another process may have added one, and values under it are in the database.

        The same object while no file has changed, or when the files were taken away after the start. Raises
        `Problems` when they have changed and cannot be used; the old ones can then still be.
        """
        try:
            unchanged = keyfolder.stamp(self.folder) == self._stamp
        except OSError:
            unchanged = True
        return self if unchanged else self.load(self.folder)

    def add(self, purpose: Purpose, *, today: date) -> Self:
        """The keys with a new one, which is in use from now on; the others still open what they sealed."""
        problems = keywriter.append(self.folder, purpose, today)
        if problems:
            raise Problems(problems)
        return self.load(self.folder)

    def retire(self, purpose: Purpose, key_id: str) -> Self:
        """The keys without an old one. What is still under it is lost: ask the database first.

        Raises `Problems` when it is the one in use or there is none of that id.
        """
        problems = keywriter.remove(self.folder, purpose, key_id)
        if problems:
            raise Problems(problems)
        return self.load(self.folder)

    def current(self, purpose: Purpose) -> Key:
        """The key that new values get."""
        return self._keys[purpose][-1]

    def find(self, purpose: Purpose, key_id: str) -> Key | None:
        return next((key for key in self._keys[purpose] if key.id == key_id), None)

    def every(self, purpose: Purpose) -> tuple[Key, ...]:
        """All keys of a purpose, the one in use first."""
        return self._keys[purpose][::-1]

    def __reduce__(self) -> Never:
        raise TypeError("a keyring is never pickled or copied")

    def __reduce_ex__(self, _protocol: object) -> Never:
        self.__reduce__()


def problems_in(folder: Path) -> list[Problem]:
    """Everything that is wrong with the keys, also what does not keep them from being used."""
    *_, problems = _read(folder)
    return [*problems, *keyfolder.strays(folder)] if keyfolder.check_folder(folder) is None else problems


def _read(folder: Path) -> tuple[object, dict[Purpose, Ring], list[Problem]]:
    problem = keyfolder.check_folder(folder)
    if problem:
        return None, {}, [problem]
    try:
        stamp: object = keyfolder.stamp(folder)  # before reading: a change in between is then seen the next time
    except OSError:
        stamp = None
    rings = {purpose: keyfolder.read(folder, purpose) for purpose in Purpose}
    return stamp, rings, [*(found for ring in rings.values() for found in ring.problems), *_twins(folder, rings)]


def _twins(folder: Path, rings: Mapping[Purpose, Ring]) -> list[Problem]:
    """Keys that are the same key under two names."""
    seen: dict[bytes, Key] = {}
    problems = []
    for key in (key for ring in rings.values() for key in ring.keys):
        first = seen.setdefault(key.mac("the same?"), key)
        if first is not key:
            values = {"key": key.id, "other": f"{first.purpose} {first.id}"}
            problems.append(Problem(str(keyfolder.path_of(folder, key.purpose)), 0, "", "vault.twin", values))
    return problems
