"""Every accepted version is kept, and each can come back."""

from datetime import UTC, datetime, timedelta

import pytest

from faq import history as history_module
from faq.history import History
from faq.loader import digest

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "a.yaml").write_text("eins", encoding="utf-8")
    return folder


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "history")


def test_a_version_is_kept_once(content, history):
    assert history.keep(content, NOW) is not None
    assert history.keep(content, NOW + timedelta(hours=1)) is None
    assert [version.digest for version in history.versions()] == [digest(content)]


def test_the_way_back(content, history):
    first = history.keep(content, NOW)
    (content / "a.yaml").write_text("zwei", encoding="utf-8")
    (content / "b.yaml").write_text("neu", encoding="utf-8")
    (content / "notes.txt").write_text("bleibt", encoding="utf-8")
    history.keep(content, NOW + timedelta(minutes=1))
    History.restore(first, content)
    assert (content / "a.yaml").read_text(encoding="utf-8") == "eins"
    assert not (content / "b.yaml").exists()
    assert (content / "notes.txt").exists()
    assert digest(content) == first.digest
    assert history.find(first.digest[:6]) == history.versions()[0]
    assert history.find("zzz") is None


def test_what_is_half_written_is_no_version(content, history, tmp_path):
    history.keep(content, NOW)
    (tmp_path / "history" / "tmpabc").mkdir()
    (tmp_path / "history" / "20261124T120000").mkdir()
    assert len(history.versions()) == 1


def test_old_versions_go(content, history, monkeypatch):
    monkeypatch.setattr(history_module, "KEEP", 3)
    for number in range(6):
        (content / "a.yaml").write_text(str(number), encoding="utf-8")
        history.keep(content, NOW + timedelta(minutes=number))
    assert len(history.versions()) == 3
    assert history.versions()[-1].digest == digest(content)


def test_a_failed_restore_leaves_the_file_as_it_was(content, history, monkeypatch):
    version = history.keep(content, NOW)
    (content / "a.yaml").write_text("zwei", encoding="utf-8")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        History.restore(version, content)
    assert (content / "a.yaml").read_text(encoding="utf-8") == "zwei"
    assert [path.name for path in content.iterdir()] == ["a.yaml"]


def test_two_processes_keep_the_same_edit_in_the_same_second(content, history, tmp_path, monkeypatch):
    """Replicas share the folder and see a saved file at the same moment."""
    copy = history_module.shutil.copy2

    def meanwhile(source, target):
        monkeypatch.setattr(history_module.shutil, "copy2", copy)
        assert History(tmp_path / "history").keep(content, NOW) is not None
        return copy(source, target)

    monkeypatch.setattr(history_module.shutil, "copy2", meanwhile)
    assert history.keep(content, NOW) is None
    assert [version.folder for version in history.versions()] == list((tmp_path / "history").iterdir())
