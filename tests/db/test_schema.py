"""The migrations make what the models say, up and down, and a newer database is refused."""

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import building
from db import schema
from db.models import Base
from db.session import Database


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def test_migrations_and_models_agree(database):
    assert schema.version(database) is schema.Version.OLD
    schema.upgrade(database)
    assert schema.version(database) is schema.Version.CURRENT
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_version_is_the_one_that_alembic_finds():
    assert schema.newest() == ScriptDirectory(str(schema.MIGRATIONS)).get_current_head()


def test_down_and_up_again(database):
    schema.upgrade(database)
    schema.downgrade(database, "base")
    names = sqlalchemy.inspect(database.engine).get_table_names()
    assert names == ["alembic_version"]
    schema.upgrade(database)
    assert schema.version(database) is schema.Version.CURRENT


def test_a_database_of_a_newer_program_is_refused(database):
    schema.upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    assert schema.version(database) is schema.Version.NEWER


def test_a_second_program_in_the_same_folder_is_refused(tmp_path):
    import checks
    import settings

    texts = checks.texts_of(settings.load({}))
    second = building.only_one(tmp_path, texts)
    with building.only_one(tmp_path, texts), pytest.raises(building.CannotStart, match="läuft schon"):
        second.__enter__()
    with building.only_one(tmp_path, texts):
        pass  # free again


def test_a_second_program_with_the_same_file_is_refused(tmp_path):
    import checks
    import settings

    texts, file = checks.texts_of(settings.load({})), tmp_path / "data" / "x.sqlite"
    second = building.only_one(tmp_path / "b", texts, file=file)
    with building.only_one(tmp_path / "a", texts, file=file), pytest.raises(building.CannotStart, match="läuft schon"):
        second.__enter__()


def test_processes_may_share_a_folder_where_the_database_is_a_server(tmp_path):
    import checks
    import settings

    texts = checks.texts_of(settings.load({}))
    with building.only_one(tmp_path, texts, shared=True), building.only_one(tmp_path, texts, shared=True):
        pass
