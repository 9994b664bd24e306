"""What keeps the program from starting, told in words."""

import contextlib
import shutil
import sqlite3

import pytest

import building
import checks
import settings
from db import schema, session
from db.models import Member
from db.session import Database
from faq.loader import SHIPPED
from tests.support.program import Clock


@pytest.fixture
def place(tmp_path, database_url):
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path), "DATABASE_URL": database_url})
    database = Database(database_url)
    schema.upgrade(database)
    yield loaded, database, checks.texts_of(loaded)
    database.close()


def test_keys_are_made_once(place):
    loaded, database, texts = place
    first = building.open_keys(loaded, database, texts, Clock())
    assert (loaded.home / "keys").is_dir()
    again = building.open_keys(loaded, database, texts, Clock())
    assert first.current("seal").id == again.current("seal").id


def test_lost_keys_are_not_replaced(place):
    loaded, database, texts = place

    def add(session):
        session.add(
            Member(number_mark="k1:x", number_sealed="k1:y", number_end="01", language="de", imported_at=Clock()())
        )

    database.work(add)
    with pytest.raises(building.CannotStart, match="Schlüsselsicherung"):
        building.open_keys(loaded, database, texts, Clock())
    assert not (loaded.home / "keys").exists()


def test_a_database_of_a_newer_program_is_refused(place):
    import sqlalchemy

    loaded, database, texts = place
    with database.engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(building.CannotStart, match="neueren Version"):
        building.open_database(loaded, texts)


async def test_a_start_waits_for_a_database_that_another_program_holds(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(session, "PRAGMAS", [*session.PRAGMAS, "busy_timeout=50"])
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'base'}"})
    texts, asked = checks.texts_of(loaded), []
    building.open_database(loaded, texts).close()
    other = sqlite3.connect(tmp_path / "base", isolation_level=None, check_same_thread=False)

    def patience(seconds):
        asked.append(seconds)
        if len(asked) == 3:
            other.execute("ROLLBACK")

    with contextlib.closing(other):
        other.execute("BEGIN IMMEDIATE")
        database = await building._reach_database(loaded, texts, patience)
    assert schema.version(database) is schema.Version.CURRENT
    database.close()
    assert len(asked) == 3
    assert caplog.text.count("the database is not reachable yet (another program holds it locked)") == 2


async def test_an_update_that_takes_an_end_away_starts_with_a_warning(tmp_path, caplog):
    """The start goes on past the FAQ files, here to a database that belongs to a newer program."""
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'base'}"})
    before = shutil.copytree(SHIPPED, tmp_path / "before")
    with (before / "other.yaml").open("a", encoding="utf-8") as file:
        file.write("  - id: appended-by-staff\n")
    checks.history_of(loaded).keep(before, Clock()())
    building.open_database(loaded, checks.texts_of(loaded)).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "base")) as base:
        base.execute("UPDATE alembic_version SET version_num = '9999'")
        base.commit()
    with pytest.raises(building.CannotStart, match="neueren Version"):
        async with building.build(loaded, token="1:a", base_url="http://localhost"):
            pass
    assert "other.yaml stops at line" in caplog.text
