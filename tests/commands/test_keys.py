"""`python bot.py keys …` as an operator uses it."""

import stat

import pytest
from typer.testing import CliRunner

from commands import keys
from vault.key import Purpose
from vault.keyring import Keyring


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path / "home"))
    for name in ("AUSKUNFT_KEYS", "AUSKUNFT_CONFIG", "TELEGRAM_TOKEN", "DATABASE_URL", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is
    return tmp_path / "home"


def call(*words):
    return CliRunner().invoke(keys.app, words)


def secrets_in(folder):
    return [line.split()[2] for path in folder.glob("*.key") for line in path.read_text().splitlines()]


def test_new_makes_the_keys_and_says_where_and_to_back_them_up(home):
    done = call("new")
    assert done.exit_code == 0
    assert str(home / "keys") in done.output
    assert "getrennt von der Datenbank" in done.output
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(secrets_in(home / "keys")) == len(Purpose)
    assert not [secret for secret in secrets_in(home / "keys") if secret in done.output]


def test_new_keys_lie_where_the_environment_says(home, tmp_path, monkeypatch):
    monkeypatch.setenv("AUSKUNFT_KEYS", str(tmp_path / "safe"))
    assert str(tmp_path / "safe") in call("new").output
    assert not (home / "keys").exists()
    assert call("check").exit_code == 0


def test_new_never_writes_over_keys(home):
    call("new")
    before = secrets_in(home / "keys")
    again = call("new")
    assert again.exit_code == 2
    assert "nie überschrieben" in again.output
    assert secrets_in(home / "keys") == before


def test_rotate_adds_a_key_and_says_to_back_up_again(home):
    call("new")
    done = call("rotate", "seal")
    assert done.exit_code == 0
    assert "seal: k2" in done.output
    assert str(home / "keys") in done.output
    assert not [secret for secret in secrets_in(home / "keys") if secret in done.output]
    assert Keyring.load(home / "keys").current(Purpose.SEAL).id == "k2"


def test_rotate_refuses_an_unknown_purpose_and_missing_keys(home):
    assert call("rotate", "nothing").exit_code == 2
    missing = call("rotate", "seal")
    assert missing.exit_code == 2
    assert "keys new" in missing.output
    assert not (home / "keys").exists()


def test_check_lists_the_keys_in_use(home):
    call("new")
    call("rotate", "index")
    call("rotate", "index")
    done = call("check")
    assert done.exit_code == 0
    assert "index: k3 seit" in done.output
    assert "ältere: k2, k1" in done.output
    assert not [secret for secret in secrets_in(home / "keys") if secret in done.output]


def test_check_says_everything_that_is_wrong(home):
    call("new")
    folder = home / "keys"
    (folder / "seal.key").chmod(0o644)
    (folder / "audit.key").unlink()
    (folder / "log.key").write_bytes((folder / "code.key").read_bytes())
    (folder / "code.key.bak").write_text("")
    done = call("check")
    assert done.exit_code == 2
    for said in ("chmod 600", "audit.key: Diese Schlüsseldatei fehlt", "log.key, Zeile 1", "code.key.bak"):
        assert said in done.output
    assert "Traceback" not in done.output
    assert not [secret for secret in secrets_in(folder) if secret in done.output]
