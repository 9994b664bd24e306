"""The matcher as a process that speaks JSON lines."""

import io
import json

import pytest

from faq.engine import main
from faq.loader import SHIPPED

ENTRIES = [
    {"id": "pin", "lang": "de", "questions": ["Ist meine PIN sicher?", "PIN ändern"], "keywords": ["geheimnummer"]},
    {"id": "when", "lang": "de", "questions": ["Wann ist das passiert?", "Datum"], "answer": "Im Januar."},
    {"id": "press", "lang": "en", "questions": ["who is the press office?", "I am a journalist"]},
]


def talk(*lines):
    out = io.StringIO()
    main(io.StringIO("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def kb(tmp_path):
    path = tmp_path / "kb.jsonl"
    path.write_text("\n".join(json.dumps(entry) for entry in ENTRIES) + "\n", encoding="utf-8")
    return {"kb": str(path)}


def test_a_question_is_answered_with_ids_and_confidences(kb):
    ready, answer = talk(kb, {"q": "ist die pin sicher"})
    assert ready == {"ok": True}
    assert answer["results"][0][0] == "pin"
    assert answer["decision"] in ("answer", "suggest")
    assert "parts" not in answer


def test_several_questions_have_parts(kb):
    _, answer = talk(kb, {"q": "Ist meine PIN sicher? Wann ist das passiert?"})
    assert [part["results"][0][0] for part in answer["parts"]] == ["pin", "when"]
    assert {entry for entry, _ in answer["results"][:2]} == {"pin", "when"}


def test_keywords_lead_to_their_entry(kb):
    _, answer = talk(kb, {"q": "geheimnummer"})
    assert answer["results"][0][0] == "pin"


def test_nothing_asked_nothing_found(kb):
    _, answer = talk(kb, {"q": "🙏"})
    assert answer == {"results": [], "decision": "dont_know"}


def test_mistakes_are_told_and_stop_nothing(kb):
    too_early, nonsense, missing, ready, answer = talk(
        {"q": "pin"}, "nonsense", {"kb": "/nowhere"}, kb, {"q": "PIN ändern"}
    )
    assert all("error" in reply for reply in (too_early, nonsense, missing))
    assert ready == {"ok": True}
    assert answer["results"][0][0] == "pin"


def test_a_folder_of_faq_files_can_be_loaded():
    ready, answer = talk({"store": str(SHIPPED)}, {"q": "was ist bei d-trust passiert"})
    assert ready == {"ok": True}
    assert answer["results"][0][0] == "what-happened"
