"""From a file to a table: what kind of file it is, whether it may be opened, which column is which."""

from collections.abc import Sequence
from pathlib import Path

from strict_yaml import Problem, Problems
from tables import delimited, header, workbook
from tables.column import MIB, Column, Limits
from tables.delimited import Delimiter, Encoding
from tables.record import Source
from tables.table import Table

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"  # .xls of old, and a workbook with a password
_DEFAULT = Limits()


def read(
    path: Path,
    columns: Sequence[Column],
    limits: Limits = _DEFAULT,
    *,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter | None = None,
) -> Table:
    """The table in a CSV or XLSX file; its content tells which, not its name.

    `encoding` and `delimiter` are for CSV: cp1252 only when a person has said so, the delimiter when it is not to be
    found out. Raises `Problems` with everything that shows before the first row; reading the rows raises them, too.
    Raises ValueError when two columns claim the same header.
    """
    header.accepted(columns)
    if _start(path, limits) == _ZIP:
        source = workbook.opened(path, limits)
    else:
        source = delimited.opened(path, columns, encoding, delimiter)
    try:
        found = _header(source, columns, path.name, limits)
    except Problems as error:
        source.records.close()
        raise Problems([*source.problems, *error.problems]) from None
    if source.problems:
        source.records.close()
        raise Problems(source.problems)
    notes = (*source.notes, *header.notes(found, path.name))
    return Table(path.name, columns, found, source, notes, limits)


def _header(source: Source, columns: Sequence[Column], file: str, limits: Limits) -> header.Header:
    first = next((record for record in source.records if not record.is_empty), None)
    if first is None:
        raise Problems([Problem(file, 0, "", "tables.empty")])
    return header.find(columns, first, file, limits)


def _start(path: Path, limits: Limits) -> bytes:
    """The first bytes. Raises `Problems` when the file must not be opened."""
    try:
        if not path.is_file():  # a pipe or a device has no end
            raise Problems([Problem(path.name, 0, "", "tables.no-file")])
        size = path.stat().st_size
        with path.open("rb") as binary:
            start = binary.read(4)
    except OSError as error:
        values = {"reason": error.strerror or "?"}
        raise Problems([Problem(path.name, 0, "", "tables.unreadable", values)]) from error
    if size > limits.file_bytes:
        values = {"size": str(size // MIB), "most": str(limits.file_bytes // MIB)}
        raise Problems([Problem(path.name, 0, "", "tables.file-large", values)])
    if start == _OLE:
        raise Problems([Problem(path.name, 0, "", "tables.old-excel")])
    return start
