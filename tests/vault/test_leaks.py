"""Nothing that is printed, logged, raised, copied or pickled carries a key, a code or a value."""

import base64
import copy
import dataclasses
import logging
import pickle
import re
import traceback

import pytest

import texts
from strict_yaml import Problems
from tests.vault.conftest import TODAY
from vault import codes, sealing
from vault.key import Purpose
from vault.keyring import Keyring, problems_in

VALUE = "80276001081699900578"


@pytest.fixture
def secrets_of(folder):
    """Every spelling of the keys in the folder that could turn up in a text."""

    def spelled():
        found = set()
        for path in folder.glob("*.key"):
            for text in re.findall(r"[A-Za-z0-9+/]{43}=", path.read_text()):
                material = base64.b64decode(text)
                found |= {text, text[:20], material.hex(), material.hex()[:20], repr(material)[2:-1]}
        assert len(found) >= 30
        return found

    return spelled


def printed(thing):
    record = logging.LogRecord("leak", logging.ERROR, __file__, 1, "%s %r", (thing, thing), None)
    return " ".join([repr(thing), str(thing), f"{thing}", format(thing), logging.Formatter().format(record)])


def told(error):
    """A traceback as the nosiest of reporters prints it: with every local variable, and what came before."""
    trace = error.__traceback__
    while trace and not trace.tb_frame.f_globals["__name__"].startswith("vault."):
        trace = trace.tb_next  # the test's own variables are not meant
    assert trace
    reported = traceback.TracebackException(type(error), error, trace, capture_locals=True)
    return "".join(reported.format(chain=True)) + repr(error) + repr(error.args)


def test_a_keyring_and_its_keys_do_not_show_themselves(folder, secrets_of):
    keyring = Keyring.load(folder).add(Purpose.SEAL, today=TODAY)
    keys = [key for purpose in Purpose for key in keyring.every(purpose)]
    text = printed(keyring) + "".join(printed(key) for key in keys) + printed(keys)
    for key in keys:
        text += repr([getattr(key, field.name) for field in dataclasses.fields(key)])
        text += repr(key._mac) + repr(key._mac._hmac) + repr(key.cipher("x"))
    assert "k2" in text
    assert not [secret for secret in secrets_of() if secret in text]


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_keys_are_not_pickled_or_copied(keyring, copied):
    for thing in (keyring, keyring.current(Purpose.SEAL)):
        with pytest.raises(TypeError):
            copied(thing)
    with pytest.raises(TypeError):
        dataclasses.asdict(keyring)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-3] + "000\n",  # the fingerprint
        lambda text: "k0" + text[2:],
        lambda text: text.replace("2026", "26"),
        lambda text: text.replace(" ", "  x ", 1),
        lambda text: text + text,
        lambda text: text.replace("=", ""),
    ],
)
def test_a_problem_with_a_key_does_not_carry_it_on(folder, secrets_of, spoil):
    before = secrets_of()
    path = folder / "seal.key"
    path.write_text(spoil(path.read_text()))
    for work in (lambda: Keyring.load(folder), lambda: Keyring.create(folder, today=TODAY)):
        with pytest.raises(Problems) as raised:
            work()
        said = told(raised.value)
        for problem in (*raised.value.problems, *problems_in(folder)):
            said += repr(problem) + texts.explain(problem, "de") + texts.explain(problem, "en")
        assert not [secret for secret in before if secret in said]


def test_a_failed_rotation_does_not_carry_the_keys_on(folder, secrets_of, monkeypatch):
    keyring = Keyring.load(folder)
    folder.chmod(0o500)
    monkeypatch.setattr("vault.keywriter.new_handle", lambda path: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(Problems) as raised:
        keyring.add(Purpose.SEAL, today=TODAY)
    assert not [secret for secret in secrets_of() if secret in told(raised.value)]


def test_what_does_not_open_is_not_in_the_message(folder, secrets_of):
    keyring = Keyring.load(folder)
    sealed = sealing.seal(keyring, VALUE, field="cards.number")
    for wrong in (sealed[:-2], "k9" + sealed[2:], VALUE, f"k1:{VALUE}"):
        with pytest.raises(sealing.Unreadable) as raised:
            sealing.unseal(keyring, wrong, field="cards.number")
        assert wrong not in str(raised.value)
        assert VALUE not in str(raised.value)
        said = told(raised.value).replace(wrong, "")  # which the caller handed in
        assert not [secret for secret in {VALUE, *secrets_of()} if secret in said]
        assert raised.value.__cause__ is None


def test_a_code_does_not_show_itself():
    code = codes.new_code()
    assert code.symbols not in printed(code) + printed(codes.Typed(code))
    assert code.symbols[:4] not in printed(codes.Typed(code))
