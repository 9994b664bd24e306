"""Files that only we can read, and names that survive a power cut."""

import os
from pathlib import Path


def new_handle(path: Path) -> int:
    """An open file that did not exist before. Raises FileExistsError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def keep_names(folder: Path) -> None:
    """Brings the names in a folder to the disk: a file without its name is lost in a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
