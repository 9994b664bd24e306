"""A store is complete and consistent, or it is not made; a clerk reads why."""

import pytest

import checks
import settings
from faq.loader import SHIPPED, digest, load
from strict_yaml import Problems
from texts import explain

GOOD = """\
category: card
title: {de: Karte, en: Card}
entries:
  - id: pin-safe
    owner: Redaktion
    as_of: 2026-11-24
    review_by: 2027-05-31
    sources: [S02]
    related: [card-cost]
    de:
      title: Ist die PIN sicher?
      button: PIN sicher?
      ask: [pin sicher, ist meine pin noch sicher]
      answer: Ja, die PIN ist sicher. Fragen? {phone}
    en:
      title: Is the PIN safe?
      button: PIN safe?
      ask: [pin safe]
      answer: Yes, the PIN is safe.
  - id: card-cost
    owner: Redaktion
    as_of: 2026-11-24
    review_by: 2027-05-31
    de: {title: Was kostet die Karte?, button: Kosten, ask: [was kostet die karte], answer: Etwa 500 Euro.}
    en: {title: What does it cost?, button: Cost, ask: [what does it cost], answer: About 500 euros.}
"""
SOURCES = "sources:\n  - {id: S02, name: {de: Kammer, en: Chamber}}\n"


@pytest.fixture
def fill():
    return checks.texts_of(settings.load({})).fill


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "card.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "synonyms.yaml").write_text("synonyms:\n  - [karte, ausweis]\n", encoding="utf-8")
    return tmp_path


def told(folder, fill, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problems) as caught:
        load(folder, fill)
    return [(problem.code, explain(problem)) for problem in caught.value.problems]


def test_a_good_store(folder, fill):
    store = load(folder, fill)
    assert list(store.entries) == ["pin-safe", "card-cost"]
    assert store.entries["pin-safe"].category == "card"
    assert store.categories[0].entries == ("pin-safe", "card-cost")
    assert store.synonyms == (("karte", "ausweis"),)
    assert store.digest == digest(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        ("card.yaml", "id: card-cost", "id: pin-safe", "faq.duplicate-id", ["pin-safe", "nur einmal"]),
        ("card.yaml", "[card-cost]", "[card-costs]", "faq.dead-related", ["card-costs", "Meinten Sie „card-cost“?"]),
        ("card.yaml", "[card-cost]", "[pin-safe]", "faq.related-self", ["sich selbst"]),
        ("card.yaml", "[S02]", "[S99]", "faq.dead-source", ["S99", "sources.yaml"]),
        ("card.yaml", "{phone}", "{telefon}", "faq.placeholder", ["{telefon}", "config.yaml"]),
        ("card.yaml", "{phone}", "{phone", "faq.brace", ["geschweifte Klammer"]),
        ("card.yaml", "{phone}", "<u>x</u>", "faq.html", ["<u> ist nicht erlaubt"]),
        ("card.yaml", "{phone}", "<b>x", "faq.html", ["<b> wird nicht geschlossen"]),
        ("card.yaml", "{phone}", "x</i>", "faq.html", ["</i> schließt"]),
        ("card.yaml", "{phone}", "A & B", "faq.html", ["&amp;"]),
        ("card.yaml", "{phone}", "1 < 2", "faq.html", ["&lt;"]),
        ("card.yaml", "{phone}", '<a href="javascript:x">x</a>', "faq.html", ["https://"]),
        ("card.yaml", "{phone}", "x" * 950, "faq.answer-long", ["höchstens 900", "more"]),
        ("card.yaml", "[was kostet die karte]", "[pin sicher]", "faq.duplicate-phrasing", ["pin-safe", "Streichen"]),
        ("card.yaml", "answer: Yes, the PIN is safe.", "answer:", "schema.empty", ["leer", "pin-safe › en › answer"]),
        ("card.yaml", "as_of: 2026-11-24", "as_of: 24.11.2026", "schema.date_from_datetime_parsing", ["2026-11-24"]),
        ("card.yaml", "    owner: Redaktion\n", "", "schema.missing", ["owner"]),
        ("card.yaml", "answer: Ja", "antwort: Ja", "schema.extra_forbidden", ["antwort"]),
        ("card.yaml", "id: pin-safe", "id: Pin Sicher", "schema.value_error", ["Bindestriche"]),
        ("card.yaml", "button: PIN sicher?", "button: " + "x" * 40, "schema.string_too_long", ["höchstens 32"]),
        ("card.yaml", "ask: [pin safe]", "ask: pin safe", "schema.tuple_type", ["Liste"]),
        ("card.yaml", "ask: [pin safe]", "ask: []", "schema.too_short", ["mindestens 1"]),
        ("card.yaml", "    en:\n      title: Is", "    fr:\n      title: Is", "schema.missing", ["en"]),
        ("card.yaml", "title: Ist die PIN sicher?", "title: PIN: sicher?", "yaml.colon", ["Anführungszeichen"]),
        (
            "synonyms.yaml",
            "[karte, ausweis]",
            "[karte, ausweis]\n  - [ausweis, pass]",
            "faq.synonym-twice",
            ["zwei Gruppen"],
        ),
        ("sources.yaml", "name:", "nam:", "schema.missing", ["name"]),
    ],
)
def test_each_mistake_is_told_with_file_line_excerpt_and_proposal(folder, fill, file, old, new, code, words):
    found = told(folder, fill, file, old, new)
    assert code in [one for one, _ in found]
    text = "\n".join(text for one, text in found if one == code)
    assert f"{file}, Zeile" in text
    for word in words:
        assert word in text
    assert "…" not in text.split("\n")[0].replace("…“", "").replace(": …", "").replace('"…"', "").replace(
        "<b>…</b>", ""
    ).replace("https://…", ""), text


def test_everything_is_told_at_once(folder, fill):
    (folder / "other.yaml").write_text("category: x\n", encoding="utf-8")
    found = told(folder, fill, "card.yaml", "owner: Redaktion", "besitzer: Redaktion")
    assert len({code for code, _ in found}) >= 2
    assert {"card.yaml", "other.yaml"} <= {text.split(",")[0] for _, text in found}


def test_an_empty_folder(tmp_path, fill):
    with pytest.raises(Problems) as caught:
        load(tmp_path, fill)
    assert [problem.code for problem in caught.value.problems] == ["faq.no-folder"]


def test_the_shipped_store_is_good_and_whole(fill):
    """Every topic of the taxonomy has its entry; what a chamber has not stated is said to be open."""
    store = load(SHIPPED, fill)
    own = [entry for entry in store.entries.values() if not entry.is_foreign]
    assert len(own) == 79
    for entry in own:
        assert len(entry.de.ask) >= 12, entry.id
        assert len(entry.en.ask) >= 8, entry.id
    assert {"other-emergency", "other-crisis"} <= set(store.entries)
    assert fill("{policy_own_count}", "de").startswith("Dazu liegt mir noch keine Angabe")


@pytest.mark.parametrize("entry", ["other-emergency", "other-crisis"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_who_is_in_danger_reads_a_number_first(fill, entry, language):
    answer = load(SHIPPED, fill).entries[entry].wording(language).answer
    number = "112" if entry == "other-emergency" else "0800 111 0 111"
    assert number in answer.split("\n")[0] or number in answer[:160]
