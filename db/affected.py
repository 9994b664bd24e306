"""How many rows a statement has changed, deleted or added."""

from sqlalchemy import CursorResult


def affected(result: object) -> int:
    """Of what `Session.execute` returned for an UPDATE, DELETE or INSERT."""
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
