"""What the commands of staff start from."""

import pytest

from tests.support.printshop import print_shop


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A print shop whose database, keys and clock the commands use, too."""
    url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    monkeypatch.setenv("AUSKUNFT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", url)
    for name in ("AUSKUNFT_KEYS", "AUSKUNFT_CONFIG", "TELEGRAM_TOKEN", "TELEGRAM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("logs.set_up", lambda *_, **__: None)  # the test's own logging stays as it is
    with print_shop(url, tmp_path / "home") as opened:
        monkeypatch.setattr("commands.office.system", opened.clock)
        yield opened
