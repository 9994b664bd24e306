"""A keyring on the disk, and one with two keys for each purpose, as in the middle of a rotation."""

from datetime import date

import pytest
from hypothesis import HealthCheck, settings

from vault.key import Purpose
from vault.keyring import Keyring

TODAY = date(2026, 11, 24)
# A busy machine is no mistake in what is tested; what must be fast has a test of its own.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="session")
def keyring(tmp_path_factory):
    return Keyring.create(tmp_path_factory.mktemp("home") / "keys", today=TODAY)


@pytest.fixture(scope="session")
def rotating(tmp_path_factory):
    """The keyring before a rotation, and the one after."""
    before = after = Keyring.create(tmp_path_factory.mktemp("home") / "keys", today=TODAY)
    for purpose in Purpose:
        after = after.add(purpose, today=TODAY)
    return before, after


@pytest.fixture
def folder(tmp_path):
    """A folder of keys for tests that spoil it."""
    return Keyring.create(tmp_path / "keys", today=TODAY).folder
