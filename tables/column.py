"""What the caller says about a list: its columns, and how much of it there may be."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is read.

    `headers` are the names it may have in the file; case and spaces do not matter. `required`: the column must be
    there, and none of its cells empty. `numeric_text`: digits that are a name and no amount, as a member number is;
    leading zeros count, so in XLSX the cell must hold text. They come without the spaces and hyphens that group them.
    """

    name: str
    headers: tuple[str, ...]
    required: bool = True
    numeric_text: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a list may be. The last five are for XLSX, which is small only while it is packed.

    100,000 rows of four columns are 29 MB unpacked, and the process that reads them needs 80 MB.
    """

    file_bytes: int = 50 * MIB
    rows: int = 200_000
    columns: int = 50
    cell_characters: int = 1_000
    entries: int = 200
    unpacked_bytes: int = 100 * MIB
    ratio: int = 100
    memory_bytes: int = 512 * MIB
    cpu_seconds: int = 60
