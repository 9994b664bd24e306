"""What a copy of a database says of its tables."""

from dataclasses import dataclass

VERSION_TABLE = "alembic_version"  # Alembic's own


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was copied."""

    columns: tuple[str, ...]
    rows: int


class Unusable(Exception):  # noqa: N818  says what the copy, or the database, is
    """It is damaged or not what it should be. The text names tables and checks, never a value."""
