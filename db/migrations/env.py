"""Alembic's entry: migrations run on the connection that `db.schema` hands over."""

from alembic import context

from db.models import Base

ONE_AT_A_TIME = 0x6D696772  # "migr": the lock that whoever changes the schema holds

connection = context.config.attributes["connection"]
# SQLite, too, undoes CREATE and ALTER with everything else; Alembic does not count on it unless told.
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        # A step over a large table may take longer than a use case, and replicas that start together wait for the one
        # that came first. A table that others hold is still waited for only shortly: they must be able to go on.
        connection.exec_driver_sql("SET LOCAL statement_timeout = '15min'")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '15min'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
    context.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("a step of the schema left rows that point nowhere")
if connection is not None:
    connection.commit()
