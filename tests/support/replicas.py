"""Several processes on one database, and what may happen to one of them."""

import sqlalchemy

from db.models import Lease

PAST = sqlalchemy.text("UPDATE leases SET until_at = until_at - interval '1 minute'")


def expire(database):
    """As if whoever holds a lease had died a minute ago."""
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(PAST)


def leases(database):
    with database.engine.connect() as connection:
        return dict(connection.execute(sqlalchemy.select(Lease.name, Lease.holder)).all())
