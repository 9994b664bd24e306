"""Settings: what does not fit stops the start with file, key, line and a sentence; secrets are refused."""

import itertools

import pytest

import settings
from config import Config
from config.association import Association
from config.office import Week
from strict_yaml import Problems
from tests.support.telegram import TOKEN
from texts import explain

SHIPPED = (settings.HERE / "config.yaml").read_text(encoding="utf-8")


@pytest.fixture
def told(tmp_path):
    """What is said about the shipped file after a change."""

    def change(old, new, **environment):
        assert old in SHIPPED
        path = tmp_path / "config.yaml"
        path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(Problems) as caught:
            settings.load({"AUSKUNFT_CONFIG": str(path), **environment})
        return "\n".join(explain(problem) for problem in caught.value.problems)

    return change


def test_the_shipped_file_is_good_and_every_setting_has_a_comment():
    settings.load({})
    before, _, rest = SHIPPED.partition("\nincidents:")  # these are lists of things, with a comment above each part
    lines = [*before.splitlines(), "", *rest.partition("\n# Verification")[2].splitlines()[1:]]
    for above, line in itertools.pairwise(lines):
        key = line.strip().partition(":")[0]
        if line.strip() and not line.strip().startswith("#"):
            speaks_for_itself = key in {*Association.model_fields, *Week.model_fields} or line.endswith(":")
            speaks_for_itself |= key.startswith("- {")
            assert "#" in line or above.strip().startswith("#") or speaks_for_itself, line


def test_every_setting_stands_in_the_shipped_file():
    for name, field in Config.model_fields.items():
        assert f"\n{name}:" in SHIPPED
        for inner in getattr(field.annotation, "model_fields", {}):
            assert f"\n  {inner}:" in SHIPPED, f"{name}.{inner}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  answer_at:", "  answerat:", ["answerat", "unbekannt", "Meinten Sie „answer_at“?"]),
        ("answer_at: 0.84", "answer_at: viel", ["Zahl", "answer_at"]),
        ("answer_at: 0.84", "answer_at: 1.5", ["zu groß"]),
        ("suggest_at: ", "suggest_at: 0.9 #", ["suggest_at muss kleiner sein als answer_at"]),
        ("chats_side_by_side: 24", "chats_side_by_side: 0", ["zu klein", "mindestens 1"]),
        ("chats_side_by_side: 24", "chats_side_by_side: 500", ["zu groß", "höchstens 64"]),
        ("languages: [de, en]", "languages: [de, fr]", ["Möglich sind", "'en'"]),
        ("  phone: ", "  # phone: ", ["fehlt", "phone"]),
        ("https://www.aerztekammer-musterland.example\n", "www.kammer.de\n", ["https://"]),
        ("members: []", "members: [{id: -5, role: editor}]", ["zu klein"]),
        ("members: []", "members: [{id: 5, role: boss}]", ["Möglich sind", "editor"]),
        ("port: 8080 ", "port: 99999 ", ["zu groß"]),
    ],
)
def test_what_does_not_fit_is_told(told, old, new, words):
    text = told(old, new)
    assert "config.yaml, Zeile" in text
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    "line",
    [
        f"  press: {TOKEN}",
        f"  press: x # {TOKEN}",
        "  press: postgresql://user:hunter2@db/x",
        "  press: '-----BEGIN PRIVATE KEY-----'",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(told, line):
    text = told("  press: presse@aerztekammer-musterland.example", line)
    assert "Geheimnis" in text
    assert TOKEN not in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"TELEGRAM_TOKEN": "abc"}, "@BotFather"),
        ({"TELEGRAM_BASE_URL": "http://127.0.0.1:8081"}, "/bot"),
        ({"DATABASE_URL": "mysql://u:hunter2@h/d"}, "sqlite:///"),
    ],
)
def test_an_odd_environment_is_told(environment, word):
    with pytest.raises(Problems) as caught:
        settings.load(environment)
    text = "\n".join(explain(problem) for problem in caught.value.problems)
    assert word in text
    assert "hunter2" not in text


def test_places_and_defaults(tmp_path):
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path)})
    assert loaded.home == tmp_path
    assert str(tmp_path) in loaded.database_url.get_secret_value()
    assert loaded.is_local
    assert not settings.load({"TELEGRAM_TOKEN": TOKEN}).is_local


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('address: "" ', "address: http://bot.example.org/telegram ", "https://"),
        ('address: "" ', "address: https://bot.example.org:8444/telegram ", "8443"),
        ('address: "" ', "address: https://bot.example.org ", "Pfad"),
        ('address: "" ', "address: https://bot.example.org/a?b=c ", "Pfad"),
        ('certificate: "" ', "certificate: tls.pem ", "key"),
        ('key: ""  ', "key: tls.key ", "certificate"),
        ("self_signed: false", "self_signed: true", "certificate"),
        ("connections: 40", "connections: 101", "höchstens 100"),
    ],
)
def test_a_webhook_that_telegram_could_not_call_is_refused(told, old, new, words):
    assert words in told(old, new)


def test_the_environment_says_where_one_process_listens():
    serving = settings.load({"AUSKUNFT_LISTEN": "0.0.0.0:80", "AUSKUNFT_HEALTH": "[::1]:9000"}).config.serving
    assert (serving.host, serving.port) == ("0.0.0.0", 80)
    assert (serving.health_host, serving.health_port) == ("::1", 9000)
    assert settings.load({"AUSKUNFT_HEALTH": "9000"}).config.serving.health_host == "127.0.0.1"


@pytest.mark.parametrize(
    "environment",
    [
        {"AUSKUNFT_LISTEN": "everywhere"},
        {"AUSKUNFT_HEALTH": "127.0.0.1:70000"},
        {"AUSKUNFT_WEBHOOK_SECRET": "short"},
        {"AUSKUNFT_WEBHOOK_SECRET_OLD": "with a space and long enough"},
    ],
)
def test_what_the_environment_says_of_the_webhook_must_fit(environment):
    with pytest.raises(Problems) as caught:
        settings.load(environment)
    (problem,) = caught.value.problems
    assert problem.file in environment
    if "SECRET" in problem.file:
        assert environment[problem.file] not in explain(problem)


def test_the_webhooks_secrets_are_never_printed():
    secrets = {f"AUSKUNFT_WEBHOOK_SECRET{end}": f"secret-of-the-webhook-00000000{end}" for end in ("", "_OLD")}
    loaded = settings.load(secrets)
    assert set(loaded.secrets()) == set(secrets.values())
    assert not [secret for secret in secrets.values() if secret in repr(loaded)]
