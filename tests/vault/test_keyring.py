"""Making, reading, rotating keys: only from files that nobody else can read, and no key is ever lost."""

import base64
import os
import stat
import threading
from pathlib import Path

import pytest

from strict_yaml import Problems
from tests.vault.conftest import TODAY
from vault import keyfile, keyfolder, keywriter
from vault.key import Purpose, fingerprint
from vault.keyring import Keyring, folder_of, problems_in


def codes(folder):
    """The problems' codes, which must be the same from `load` and from `problems_in`, strays aside."""
    found = [problem.code.removeprefix("vault.") for problem in problems_in(folder)]
    serious = [code for code in found if code != "stray"]
    if serious:
        with pytest.raises(Problems) as raised:
            Keyring.load(folder)
        assert [problem.code.removeprefix("vault.") for problem in raised.value.problems] == serious
    else:
        Keyring.load(folder)
    return found


def write(folder, purpose, *lines):
    path = folder / f"{purpose}.key"
    path.write_text("".join(line + "\n" for line in lines))
    path.chmod(0o600)


def line(purpose, key_id="k1", material=None, since="2026-11-24", check=None):
    material = os.urandom(32) if material is None else material
    text = base64.b64encode(material).decode()
    return f"{key_id} {since} {text} {check or fingerprint(purpose, key_id, material)}"


def test_where_the_keys_lie(tmp_path):
    assert folder_of(tmp_path, {}) == tmp_path / "keys"
    assert folder_of(tmp_path, {"AUSKUNFT_KEYS": "/run/secrets/auskunft"}) == Path("/run/secrets/auskunft")
    assert folder_of(tmp_path, {"AUSKUNFT_KEYS": "near"}).is_absolute()


def test_a_new_folder_is_for_us_alone(tmp_path):
    old = os.umask(0)
    try:
        folder = Keyring.create(tmp_path / "deep" / "keys", today=TODAY).folder
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {f"{purpose}.key" for purpose in Purpose}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert not problems_in(folder)


def test_every_purpose_has_a_key_of_its_own(keyring):
    assert len({keyring.current(purpose).mac("x") for purpose in Purpose}) == len(Purpose)


def test_an_empty_folder_that_is_there_is_used(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o700)
    assert Keyring.create(tmp_path / "keys", today=TODAY).current(Purpose.SEAL).id == "k1"


def test_keys_are_never_written_over(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Problems) as raised:
        Keyring.create(folder, today=TODAY)
    assert [problem.code for problem in raised.value.problems] == ["vault.exists"]
    (folder / "seal.key").unlink()
    with pytest.raises(Problems):
        Keyring.create(folder, today=TODAY)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} | {"seal.key": before["seal.key"]} == before


@pytest.mark.parametrize("count", range(8))
def test_a_creation_that_was_cut_off_is_begun_anew(tmp_path, monkeypatch, count):
    """The power goes after so many files."""

    write_new = keywriter._write_new
    left = iter(range(count))

    def cut_off(path, text):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return write_new(path, text)

    folder = tmp_path / "keys"
    with monkeypatch.context() as patch:
        patch.setattr(keywriter, "_write_new", cut_off)
        if count < 7:
            with pytest.raises(KeyboardInterrupt):
                Keyring.create(folder, today=TODAY)
            assert codes(folder)[0] == ("unfinished" if count else "missing")
        else:
            Keyring.create(folder, today=TODAY)
            assert not codes(folder)
            return
    Keyring.create(folder, today=TODAY)
    assert not codes(folder)


def test_two_that_create_at_once_get_one_set_of_keys(tmp_path):
    outcomes = []

    def create():
        try:
            outcomes.append(Keyring.create(tmp_path / "keys", today=TODAY).current(Purpose.SEAL).mac("x"))
        except Problems as problems:
            outcomes.append(problems.problems[0].code)

    at_once(create, 6)
    made = [outcome for outcome in outcomes if isinstance(outcome, bytes)]
    # The others saw the finished keys, or the first one still at it.
    assert len(made) == 1
    assert set(outcomes) - {made[0]} <= {"vault.exists", "vault.unfinished"}
    assert made[0] == Keyring.load(tmp_path / "keys").current(Purpose.SEAL).mac("x")


def at_once(work, count):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_rotation_puts_a_new_key_in_use_and_keeps_the_others(folder):
    first = Keyring.load(folder)
    second = first.add(Purpose.SEAL, today=TODAY)
    third = second.add(Purpose.SEAL, today=TODAY)
    assert [key.id for key in third.every(Purpose.SEAL)] == ["k3", "k2", "k1"]
    assert third.current(Purpose.SEAL).id == "k3"
    assert third.find(Purpose.SEAL, "k1").mac("x") == first.current(Purpose.SEAL).mac("x")
    assert third.find(Purpose.SEAL, "k4") is None
    assert third.current(Purpose.INDEX).id == "k1"
    assert stat.S_IMODE((folder / "seal.key").stat().st_mode) == 0o600
    assert not codes(folder)


def test_rotations_at_once_lose_no_key(folder):
    keyring = Keyring.load(folder)
    at_once(lambda: keyring.add(Purpose.INDEX, today=TODAY), 8)
    assert [key.id for key in Keyring.load(folder).every(Purpose.INDEX)] == [f"k{n}" for n in range(9, 0, -1)]


def test_a_rotation_that_fails_leaves_the_old_keys(folder, monkeypatch):
    before = (folder / "seal.key").read_bytes()
    keyring = Keyring.load(folder)

    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Problems) as raised:
            keyring.add(Purpose.SEAL, today=TODAY)
    assert raised.value.problems[0].values == {"reason": "No space left on device"}
    assert (folder / "seal.key").read_bytes() == before
    assert codes(folder) == ["stray"]  # the half-written file beside it
    assert keyring.add(Purpose.SEAL, today=TODAY).current(Purpose.SEAL).id == "k2"
    assert not codes(folder)


def test_a_retired_key_is_gone_and_its_id_is_not_used_again(folder):
    keyring = Keyring.load(folder).add(Purpose.SEAL, today=TODAY).retire(Purpose.SEAL, "k1")
    assert [key.id for key in keyring.every(Purpose.SEAL)] == ["k2"]
    assert keyring.add(Purpose.SEAL, today=TODAY).current(Purpose.SEAL).id == "k3"


@pytest.mark.parametrize(("key_id", "code"), [("k1", "vault.retire-current"), ("k7", "vault.unknown-key")])
def test_a_key_in_use_is_not_retired(folder, key_id, code):
    with pytest.raises(Problems) as raised:
        Keyring.load(folder).retire(Purpose.SEAL, key_id)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_changing_bad_keys_is_refused(folder):
    keyring = Keyring.load(folder)
    write(folder, "seal", "nonsense")
    for change in (
        lambda: keyring.add(Purpose.SEAL, today=TODAY),
        lambda: keyring.retire(Purpose.SEAL, "k1"),
    ):
        with pytest.raises(Problems, match=r"vault\.line"):
            change()
    folder.chmod(0o755)
    with pytest.raises(Problems, match=r"vault\.folder-open"):
        keyring.add(Purpose.INDEX, today=TODAY)


def test_a_process_that_runs_sees_the_keys_that_another_added(folder):
    running = Keyring.load(folder)
    assert running.refreshed() is running
    Keyring.load(folder).add(Purpose.INDEX, today=TODAY)
    assert running.refreshed().current(Purpose.INDEX).id == "k2"
    assert running.current(Purpose.INDEX).id == "k1"


def test_keys_that_are_taken_away_after_the_start_stay_in_use(folder):
    running = Keyring.load(folder)
    (folder / "log.key").unlink()
    assert running.refreshed() is running


def test_keys_that_were_spoilt_after_the_start_are_reported(folder):
    running = Keyring.load(folder)
    write(folder, "seal", "nonsense")
    with pytest.raises(Problems):
        running.refreshed()


# What is refused.


def test_a_folder_that_is_not_there_or_no_folder(tmp_path):
    assert codes(tmp_path / "keys") == ["no-folder"]
    (tmp_path / "keys").write_text("")
    assert codes(tmp_path / "keys") == ["not-folder"]
    with pytest.raises(Problems, match=r"vault\.not-folder"):
        Keyring.create(tmp_path / "keys", today=TODAY)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o701, 0o777])
def test_a_folder_that_others_may_enter(folder, mode):
    folder.chmod(mode)
    assert codes(folder) == ["folder-open"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666])
def test_a_file_that_others_may_read_or_write(folder, mode):
    (folder / "code.key").chmod(mode)
    assert codes(folder) == ["open"]


def test_links(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert codes(tmp_path / "link") == ["folder-link"]
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Problems, match=r"vault\.folder-link"):
        Keyring.create(tmp_path / "dangling", today=TODAY)
    (folder / "seal.key").rename(tmp_path / "elsewhere")
    (folder / "seal.key").symlink_to(tmp_path / "elsewhere")
    assert codes(folder) == ["link"]


def test_what_belongs_to_somebody_else(folder, monkeypatch):
    if os.geteuid() == 0:
        os.chown(folder / "log.key", 4321, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert set(codes(folder)) == {"owner"}


def test_a_pipe_or_a_folder_in_place_of_a_file_does_not_hang(folder):
    (folder / "seal.key").unlink()
    os.mkfifo(folder / "seal.key", 0o600)
    (folder / "index.key").unlink()
    (folder / "index.key").mkdir(mode=0o700)
    assert codes(folder) == ["not-file", "not-file"]


def test_a_missing_an_empty_and_a_huge_file(folder):
    (folder / "seal.key").unlink()
    write(folder, "index", "# only a comment")
    write(folder, "code", "#" * (keyfolder.MOST_BYTES + 1))
    assert codes(folder) == ["missing", "empty", "large"]


LINES = {
    "short": ("k1 2026-11-24", "line"),
    "id-without-k": (line("seal", key_id="1"), "line"),
    "id-zero": (line("seal", key_id="k0"), "line"),
    "german-date": (line("seal", since="24.11.2026"), "line"),
    "no-ascii": ("k1 2026-11-24 ÄÖÜ 00000000", "line"),
    "binary": ("\x00\xff\x00", "line"),
    "31-bytes": (line("seal", material=os.urandom(31)), "size"),
    "64-bytes": (line("seal", material=os.urandom(64)), "size"),
    "no-bytes": (line("seal", material=b""), "line"),
    "zeros": (line("seal", material=bytes(32)), "placeholder"),
    "pattern": (line("seal", material=bytes([1, 2, 3, 4] * 8)), "placeholder"),
    "a-sentence": (line("seal", material=b"correct horse battery staple 123"), "placeholder"),
    "changeme": ("k1 2026-11-24 CHANGEME 00000000", "placeholder"),
    "angle": ("k1 2026-11-24 <key> <check>", "placeholder"),
    "replace-me": ("k1 2026-11-24 bitte-ersetzen-xxx 00000000", "placeholder"),
    "wrong-fingerprint": (line("seal", check="00000000"), "fingerprint"),
    "other-purpose": (line("index"), "fingerprint"),
}


@pytest.mark.parametrize("name", LINES)  # by name: a key must not become a test's name
def test_a_line_that_is_no_key(folder, name):
    text, code = LINES[name]
    write(folder, "seal", text)
    assert codes(folder) == [code]


def test_one_changed_character_of_a_key_is_noticed(folder):
    text = (folder / "seal.key").read_text()
    for place in range(15, 57):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        write(folder, "seal", changed.strip())
        assert codes(folder) in (["fingerprint"], ["line"]), place


def test_ids_rise(folder):
    write(folder, "seal", line("seal", "k2"), line("seal", "k1"), line("seal", "k2"))
    assert codes(folder) == ["order", "order"]


def test_the_same_key_for_two_purposes(folder):
    material = os.urandom(32)
    write(folder, "seal", line("seal", material=material))
    write(folder, "log", line("log", "k1"), line("log", "k2", material))
    problem = problems_in(folder)[0]
    assert (problem.code, problem.values) == ("vault.twin", {"key": "k2", "other": "seal k1"})
    assert codes(folder) == ["twin"]


def test_copies_in_the_folder_are_reported_and_do_not_stop_the_start(folder):
    (folder / "seal.key~").write_text("")
    (folder / "lost+found").mkdir()
    assert codes(folder) == ["stray"]


def test_everything_that_is_wrong_is_said_at_once(folder):
    (folder / "seal.key").chmod(0o644)
    (folder / "index.key").unlink()
    write(folder, "code", "nonsense", "k1 2026-11-24 CHANGEME x")
    assert codes(folder) == ["open", "missing", "line", "placeholder"]


def test_comments_and_windows_line_ends_are_read(folder):
    first = Keyring.load(folder).current(Purpose.SEAL)
    path = folder / "seal.key"
    path.write_bytes(b"# K\xfcche\r\n" + path.read_bytes().replace(b"\n", b"\r\n"))
    after = Keyring.load(folder).add(Purpose.SEAL, today=TODAY)
    assert after.find(Purpose.SEAL, "k1").mac("x") == first.mac("x")
    assert path.read_bytes().startswith(b"# K\xfcche\n")


def test_new_lines_are_good_keys():
    keys = []
    for _ in range(200):
        path = Path("seal.key")
        ring = keyfile.parse(path, Purpose.SEAL, keyfile.new_line(Purpose.SEAL, keys, TODAY).encode())
        assert not ring.problems
        keys += ring.keys
    assert keys[-1].id == "k200"
    assert len({key.mac("x") for key in keys}) == 200
