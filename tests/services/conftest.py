"""Fixtures: an office with an empty database of each kind."""

import pytest

from tests.support.office import Office


@pytest.fixture
def office(database_url, tmp_path, clock):
    office = Office(database_url, tmp_path, clock)
    yield office
    office.database.close()
