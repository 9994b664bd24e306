"""`make audit` fails on what it finds, and says what it could not look at."""

import importlib.util
import json
import subprocess
import sys
from datetime import date
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

import settings
from vault.key import Purpose
from vault.keyring import Keyring

ROOT = Path(__file__).parent.parent.parent
TOKEN = "7712345678" + ":AAH" + "q1w2e3r4t5z6u7i8o9p0a1s2d3f4g5h6"  # put together: whole, it would be found here, too


@pytest.fixture(scope="module")
def audit():
    """The script, which has no ending that says it is Python."""
    loader = SourceFileLoader("audit_script", str(ROOT / "scripts" / "audit"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module  # dataclasses look there
    loader.exec_module(module)
    return module


def answer(*packages):
    return json.dumps({"dependencies": [{"name": name, "version": "1.0", **more} for name, more in packages]})


WEAK = {"vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}]}


def test_a_known_weakness_is_a_finding(audit):
    outcome = audit.judged(answer(("good", {"vulns": []}), ("bad", WEAK)), "")
    assert outcome.findings == ("bad 1.0: PYSEC-2026-1, better from 1.1",)
    assert not outcome.missing


def test_packages_that_were_not_looked_up_are_told_and_no_success(audit):
    """pip-audit exits 0 with every package skipped when the index does not know it."""
    outcome = audit.judged(answer(("away", {"skip_reason": "not found"}), ("bad", WEAK)), "")
    assert outcome.missing.startswith("1 of 2 packages could not be looked up")
    assert len(outcome.findings) == 1


@pytest.mark.parametrize(
    "errors",
    [
        "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
        "urllib3.exceptions.MaxRetryError: Max retries exceeded with url",
        "ERROR: Could not find a version that satisfies the requirement pip-audit==2.10.1",
        "socket.gaierror: Temporary failure in name resolution",
    ],
)
def test_no_network_is_told_and_no_finding(audit, errors):
    outcome = audit.judged("", errors)
    assert outcome.missing
    assert not outcome.findings


@pytest.mark.parametrize(
    "errors",
    ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE; connection", "AssertionError: x", ""],
)
def test_whatever_else_goes_wrong_is_a_finding(audit, errors):
    assert audit.failed(errors).findings


def test_findings_fail_and_what_is_missing_does_not(audit, monkeypatch, capsys):
    nothing = audit.Outcome()
    for name in ("tools", "sbom", "secrets"):
        monkeypatch.setattr(audit, name, lambda: nothing)
    monkeypatch.setattr(audit, "weaknesses", lambda _: audit.Outcome(missing="no network"))
    assert audit.main() == 0
    assert "weaknesses: NOT CHECKED: no network" in capsys.readouterr().err
    monkeypatch.setattr(audit, "secrets", lambda: audit.Outcome(("token in x",)))
    assert audit.main() == 1
    assert "secrets: FOUND: token in x" in capsys.readouterr().err


def test_secrets_are_known_by_their_shape(audit, tmp_path):
    keys = tmp_path / "keys"
    Keyring.create(keys, today=date(2026, 11, 24))
    password = "postgresql://auskunft:" + "s3cr3t-and-l0ng@10.0.0.5/auskunft"
    pem = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"
    content = f"a\nTELEGRAM_TOKEN={TOKEN}\n{password}\n{pem}" + (keys / f"{Purpose.SEAL}.key").read_text()
    found = [(kind, line) for kind, line, _ in audit.secrets_in(content)]
    assert found == [
        ("token of a bot", 2),
        ("password in an address", 3),
        ("private key", 4),
        ("key of the vault", 6),
    ]


def test_what_settings_refuse_the_audit_finds_too(audit):
    for secret in (TOKEN, "postgresql://u:" + "geheim@host/db"):
        assert settings.SECRET_SHAPE.search(secret)
        assert list(audit.secrets_in(f"x = {secret}"))


@pytest.mark.parametrize("text", ["12:34:56", "https://example.org/a:b", "https://t.me/x?y=a@b", "http://[::1]:8080/"])
def test_what_only_looks_a_little_like_one_is_none(audit, text):
    assert not list(audit.secrets_in(text))


@pytest.fixture
def repository(tmp_path, audit, monkeypatch):
    monkeypatch.setattr(audit, "ROOT", tmp_path)

    def git(*words):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    return tmp_path, git


def test_a_secret_that_was_taken_out_again_is_still_in_the_history(audit, repository):
    folder, git = repository
    (folder / "a file.txt").write_text(f"token: {TOKEN}\n")
    git("add", ".")
    git("commit", "-qm", "one")
    (folder / "a file.txt").write_text("token: none\n")
    git("commit", "-qam", "two")
    outcome = audit.secrets()
    assert len(outcome.findings) == 1
    assert outcome.findings[0].startswith("token of a bot in a file.txt (")
    assert TOKEN not in str(outcome)
    assert not outcome.missing


def test_a_secret_in_a_message_or_in_a_new_file_is_found(audit, repository):
    folder, git = repository
    (folder / ".gitignore").write_text("ignored\n")
    git("add", ".")
    git("commit", "-qm", f"uses {TOKEN}")
    (folder / "new.env").write_text(f"T={TOKEN}\n")
    (folder / "ignored").write_text(f"T={TOKEN}\n")
    places = [finding.partition(" in ")[2] for finding in audit.secrets().findings]
    assert [place.split(" ")[0].strip(",") for place in places] == ["new.env", "a"]
    assert "a commit" in places[1]


def test_inventions_that_say_so_are_passed_over(audit, repository):
    folder, git = repository
    (folder / "test.py").write_text('T = "123456789:' + 'AAFakeTelegramTokenForTestsOnly_00000000"\n')
    git("add", ".")
    git("commit", "-qm", "one")
    assert not audit.secrets().findings


def test_this_repository_as_it_is_holds_none(audit):
    """Files only; the history is read by `make audit`. What to do with an invented one: scripts/audit-no-secrets.txt."""
    known = audit.no_secrets()
    found = [
        (name, kind, line)
        for name, content in audit.files()
        for kind, line, text in audit.secrets_in(content)
        if not any(piece in text for piece in known)
    ]
    assert not found
