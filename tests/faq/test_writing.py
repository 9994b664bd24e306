"""Lines put into a FAQ file: nothing else changes, and the store has exactly that more."""

import difflib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq import writing
from faq.entry import Entry, Wording
from faq.loader import SHIPPED, load, read_files
from faq.writing import Edit, MorePhrasings, NewEntry, NoPlace
from strict_yaml import parse

FILES = read_files(SHIPPED)
SHIPPED_STORE = load(SHIPPED)
IDS = [(file.name, entry.id) for file in FILES for entry in file.content.entries]

words = st.text(st.characters(codec="utf-8"), min_size=2, max_size=60).map(lambda text: " ".join(text.split()))
phrasings = words.filter(lambda text: len(text) >= 2)
answers = st.lists(phrasings, min_size=1, max_size=5).map("\n".join).filter(lambda text: len(text) < 900)


def entry(category="card", **values):
    wording = {"title": "Was kostet ein Stempel?", "button": "Stempel", "ask": ["was kostet ein stempel"]}
    german = Wording.model_validate(wording | {"answer": "Etwa 30 Euro."} | values)
    english = Wording.model_validate(wording | {"answer": "About 30 euros."})
    return Entry(
        id="stamp-cost", owner="Redaktion", as_of=date(2026, 11, 24), review_by=date(2027, 5, 31), sources=("S02",),
        de=german, en=english, category=category,
    )  # fmt: skip


def only_added(edit):
    """The lines that came in, and that no other line changed."""
    before, after = edit.before.splitlines(keepends=True), edit.after.splitlines(keepends=True)
    found = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changes = [one for one in found if one[0] != "equal"]
    assert [one[0] for one in changes] == ["insert"]
    start, end = changes[0][3:]
    assert before == after[:start] + after[end:]
    return [line.decode() for line in after[start:end]]


def stores(folder, change, tmp_path):
    edit = writing.edited(folder, change)
    assert isinstance(edit, Edit)
    copy = tmp_path / "copy"
    copy.mkdir(exist_ok=True)
    for path in folder.glob("*.yaml"):
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / edit.name).write_bytes(edit.after)
    return edit, SHIPPED_STORE if folder == SHIPPED else load(folder), load(copy)


def test_every_file_of_the_shipped_store_takes_an_entry_and_a_phrasing(tmp_path):
    for file in FILES:
        edit, before, after = stores(SHIPPED, NewEntry(entry(file.content.category)), tmp_path)
        assert edit.name == file.name
        assert only_added(edit)[0] == "  - id: stamp-cost\n"
        assert set(after.entries) - set(before.entries) == {"stamp-cost"}
        assert all(after.entries[id_] == known for id_, known in before.entries.items())
        first = file.content.entries[0].id
        edit, before, after = stores(SHIPPED, MorePhrasings(first, (("de", "ganz neue Frage"),)), tmp_path)
        assert only_added(edit) == ['        - "ganz neue Frage"\n']
        assert after.entries[first].de.ask == (*before.entries[first].de.ask, "ganz neue Frage")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(IDS), st.sampled_from(["de", "en"]), st.lists(phrasings, min_size=1, max_size=3))
def test_whatever_is_added_as_a_phrasing_is_read_back_and_no_other_line_changes(which, language, texts):
    file = next(file for file in FILES if file.name == which[0])
    before = (SHIPPED / which[0]).read_bytes()
    (found, *_) = writing._fitting(before, MorePhrasings(which[1], tuple((language, text) for text in texts)))
    only_added(Edit(which[0], before, found))
    known = {one.id: one for one in parse(found, type(file.content), which[0])[0].entries}
    assert list(known[which[1]].wording(language).ask[-len(texts) :]) == texts
    assert len(known) == len(file.content.entries)


@settings(max_examples=40, deadline=None)
@given(phrasings.filter(lambda text: len(text) <= 32), answers, st.lists(phrasings, min_size=1, max_size=3))
def test_whatever_an_entry_says_is_read_back(title, answer, ask):
    before = (SHIPPED / "epa.yaml").read_bytes()
    answer = "".join(char for char in answer if char.isprintable() or char == "\n").strip() or "Ja."
    answer = "\n".join(line.strip() for line in answer.split("\n"))
    new = entry("epa", title=title, button=title, ask=ask, answer=answer)
    found = next(writing._fitting(before, NewEntry(new)))
    only_added(Edit("epa.yaml", before, found))
    content = parse(found, type(FILES[0].content), "epa.yaml")[0]
    assert content.entries[-1].de == new.de


HEAD = "category: card\ntitle: {de: Karte, en: Card}\nentries:\n"
ODD = """\
- id: pin-safe   # bleibt
  owner: Datenschutz
  as_of: 2026-11-24
  review_by: 2027-05-31
  de:
    title: PIN?
    button: PIN
    ask:
    - ist die pin sicher   # so schreiben sie
    - "zwei
      Zeilen"

    # Antwort, geprüft am 3.11.
    answer: |
      Ja.
      # kein Kommentar
  en:
    title: PIN?
    button: PIN
    answer: Yes.
    ask: [is it safe, really]
"""


@pytest.fixture
def odd(tmp_path):
    (tmp_path / "odd").mkdir()

    def write(text, end="\n"):
        (tmp_path / "odd" / "card.yaml").write_bytes((HEAD + text).replace("\n", end).encode())
        (tmp_path / "odd" / "sources.yaml").write_text("sources: [{id: S02, name: {de: Kammer, en: Chamber}}]\n")
        return tmp_path / "odd"

    return write


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_indentation_comments_and_line_ends_are_kept(odd, tmp_path, end):
    edit, _, after = stores(odd(ODD, end), MorePhrasings("pin-safe", (("de", "pin ok"),)), tmp_path)
    assert only_added(edit) == [f'    - "pin ok"{end}']
    assert after.entries["pin-safe"].de.ask == ("ist die pin sicher", "zwei Zeilen", "pin ok")
    assert edit.after.count(b"\n") == edit.after.count(end.encode())


@pytest.mark.parametrize("tail", ["# Ende der Datei\n", "\n\n", "order: 3\n"])
def test_a_new_entry_stands_behind_the_last_one(odd, tmp_path, tail):
    edit, _, after = stores(odd(ODD + tail), NewEntry(entry()), tmp_path)
    assert only_added(edit)[0] == "- id: stamp-cost\n"
    assert list(after.entries) == ["pin-safe", "stamp-cost"]


def test_a_file_without_an_end_of_line_gets_one(odd, tmp_path):
    edit, _, after = stores(odd(ODD.rstrip("\n")), NewEntry(entry()), tmp_path)
    assert edit.after.startswith(edit.before + b"\n")
    assert list(after.entries) == ["pin-safe", "stamp-cost"]


def test_a_block_that_looks_like_a_comment_is_not_cut(odd, tmp_path):
    text = ODD.partition("  en:\n")
    moved = (
        text[0].replace("  de:", "  en:")
        + "  de:\n"
        + text[2].partition("    ask")[0]
        + ("    ask:\n    - |\n      frage\n      # mit raute\n")
    )
    edit, _, after = stores(odd(moved), MorePhrasings("pin-safe", (("de", "pin ok"),)), tmp_path)
    assert after.entries["pin-safe"].de.ask == ("frage\n# mit raute", "pin ok")
    only_added(edit)


def test_a_list_in_brackets_is_left_to_people(odd):
    found = writing.edited(odd(ODD), MorePhrasings("pin-safe", (("de", "pin ok"), ("en", "pin fine"))))
    assert found == NoPlace("card.yaml", '        - "pin ok"\n        - "pin fine"\n')


def test_what_no_file_has_is_an_error(odd):
    with pytest.raises(KeyError, match="nowhere"):
        writing.edited(odd(ODD), MorePhrasings("nowhere", (("de", "pin ok"),)))
    with pytest.raises(KeyError, match="epa"):
        writing.edited(odd(ODD), NewEntry(entry("epa")))
