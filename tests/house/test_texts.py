"""Every sentence that the program names exists in both languages, fits its values, and none is left over."""

import re
from pathlib import Path

import pytest

import checks
import markup
import settings
from faq.entry import LANGUAGES
from handlers.commands import MENU, WISHES
from handlers.incoming import _KINDS
from handlers.profile import DESCRIPTION_MAX, SHORT_MAX
from services.intents import Wish
from services.outcomes import Page
from texts import placeholders, sentences

ROOT = Path(__file__).parent.parent.parent
KEY = re.compile(r'["\']([a-z]+(?:-[a-z]+)*(?:\.[a-z_]+(?:-[a-z_]+)*){1,3})["\']')
# Keys that are put together at run time.
COMPOSED = (
    *(f"commands.{name}" for names in MENU.values() for name in names),
    *(f"notext.{kind}" for kind in {*_KINDS.values(), "empty"}),
    *(f"sensitive.{kind}" for kind in ("pin", "number", "birth")),
)
# f"buttons.{label}" names a whole family.
FAMILY = re.compile(r'f["\'](?P<family>[a-z]+(?:[.-][a-z]+)*\.)\{')
FIELDS = {"members.number", "members.digits", "members.email", "cards.number", "tickets.subject"}  # of sealed values
NO_KEYS = {"backup.lock", *FIELDS}  # the first is a file
FOLDERS = ("adapters", "commands", "handlers", "services", "texts")


@pytest.fixture(scope="module")
def texts():
    return checks.texts_of(settings.load({}))


def sources():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    paths += [
        ROOT / name
        for name in (
            "bot.py",
            "building.py",
            "checks.py",
            "demo_handouts.py",
            "demonstration.py",
            "parts.py",
            "running.py",
        )
    ]
    return [(path.name, path.read_text(encoding="utf-8")) for path in paths]


def named():
    return [(key, name) for name, text in sources() for key in KEY.findall(text) if key not in NO_KEYS]


def families():
    return ("problem.", "own-cards.", "hint.", *{prefix for _, text in sources() for prefix in FAMILY.findall(text)})


def test_both_languages_say_the_same_things():
    assert set(sentences("de")) == set(sentences("en"))


def test_every_named_sentence_exists():
    known = sentences("de")
    heads = {key.split(".")[0] for key in known}
    missing = [(key, file) for key, file in named() if key.split(".")[0] in heads and key not in known]
    assert not missing
    assert not [key for key in COMPOSED if key not in known]


def test_no_sentence_is_left_over():
    used = {key for key, _ in named()} | set(COMPOSED)
    left = [key for key in sentences("de") if key not in used and not key.startswith(families())]
    assert not left


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_good_html(language):
    for key, text in sentences(language).items():
        if not key.startswith(("problem.", "hint.")):  # plain text that speaks of tags
            assert not markup.mistakes(text), key


def test_languages_want_the_same_values(texts):
    for key, text in sentences("de").items():
        own = placeholders(text) - texts.names()
        assert own == placeholders(sentences("en")[key]) - texts.names(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_telegram_limits_fits(language, texts):
    assert len(texts.say_plain("profile.short-description", language)) <= SHORT_MAX
    assert len(texts.say_plain("profile.description", language)) <= DESCRIPTION_MAX
    for key, label in sentences(language).items():
        if key.startswith("buttons."):
            assert len(label) <= 32, key
        if key.startswith("commands."):
            assert 1 <= len(label) <= 256, key


def test_every_page_and_wish_can_be_said():
    assert set(WISHES.values()) <= set(Wish)
    assert {page.name for page in Page} <= set(
        re.findall(r"Page\.([A-Z_]+): \"", (ROOT / "handlers/replies.py").read_text())
    )


def test_no_name_stands_behind_a_preposition():
    """“bei {person}” would say “bei Herr Keller”; only “Frau” stays as it is."""
    name = re.compile(r"\b(an|auf|bei|durch|für|mit|ohne|von|wegen|zu) (<b>)?\{(person|asker|approver|by)\}")
    assert [key for key, text in sentences("de").items() if name.search(text)] == []


def test_the_greeting_is_short():
    """Under 60 words: who speaks, what about, what is never asked."""
    for language in LANGUAGES:
        assert len(sentences(language)["start.greeting"].split()) < 60
