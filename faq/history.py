"""Every accepted version of the FAQ files, and the way back to any of them.

A version is a folder with the files as they were: an editor can look into it without this program. Files are written
beside their place and then moved onto it, so nobody ever reads half a file.
"""

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from faq.loader import digest

KEEP = 200
_NAME = re.compile(r"(?P<at>[0-9]{8}T[0-9]{6})-(?P<digest>[0-9a-f]{12})")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Version:
    """An accepted version; `digest` names its content."""

    at: datetime
    digest: str
    folder: Path


class History:
    """The versions in a folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def versions(self) -> list[Version]:
        if not self._folder.is_dir():
            return []
        found = ((_NAME.fullmatch(path.name), path) for path in sorted(self._folder.iterdir()))
        return [
            Version(datetime.strptime(name["at"], _STAMP).replace(tzinfo=UTC), name["digest"], path)
            for name, path in found
            if name
        ]

    def find(self, digest_start: str) -> Version | None:
        """The newest version whose digest begins so."""
        return next((known for known in reversed(self.versions()) if known.digest.startswith(digest_start)), None)

    def keep(self, content: Path, now: datetime) -> Version | None:
        """Keeps what is in `content` as the newest version; None when it is that already."""
        versions = self.versions()
        current = digest(content)
        if versions and versions[-1].digest == current:
            return None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._folder / f"{now.astimezone(UTC):{_STAMP}}-{current}"
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as begun:
            for path in sorted(content.glob("*.yaml")):
                shutil.copy2(path, begun)
            try:
                Path(begun).rename(target)
            except OSError:
                if target.exists():  # another process has seen the same edit
                    return None
                raise
        for old in versions[: max(0, len(versions) + 1 - KEEP)]:
            shutil.rmtree(old.folder, ignore_errors=True)
        return Version(now, current, target)

    @staticmethod
    def restore(version: Version, content: Path) -> None:
        """Makes the files in `content` those of a version. Other files there stay."""
        wanted = {path.name: path for path in version.folder.glob("*.yaml")}
        for name, path in wanted.items():
            replace(content / name, path.read_bytes())
        for path in content.glob("*.yaml"):
            if path.name not in wanted:
                path.unlink()


def replace(path: Path, data: bytes) -> None:
    """Puts the data in the place of a file, so that nobody reads half of it and a power cut loses none of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(name).replace(path)
        _remember(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _remember(folder: Path) -> None:
    """A name in a folder is on the disk only after the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
