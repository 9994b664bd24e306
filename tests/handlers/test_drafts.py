"""A FAQ entry from the staff group: asked for, looked at, tried out, published, taken back."""

import pytest
import sqlalchemy

from db import drafts as rows
from db.drafts import Phase
from db.models import AuditEvent
from db.session import Session
from faq import edition
from faq.loader import load
from faq.probes import Probe
from faq.trial import Move, Tried
from handlers import draft_checks, staff_buttons
from handlers.draft_replies import DraftReplies
from handlers.editing import Compared
from handlers.staff_buttons import StaffButton
from services import drafts
from tests.support.colleague import ADMIN, AGENT, EDITOR, GROUP, Colleague
from tests.support.editing import settled, take_over, watch
from tests.support.member import Member
from tests.support.program import program_with

ANSWERS = {
    "title_de": "War mein Passfoto dabei?",
    "button_de": "Passfoto betroffen?",
    "category": "card",
    "ask_de": "war mein passfoto dabei\nwurde mein lichtbild kopiert\nbild von mir in fremden händen",
    "answer_de": "Nein, Passfotos waren nicht dabei. Fragen? {phone}",
    "title_en": "Was my photo included?",
    "button_en": "Photo included?",
    "ask_en": "was my photo included\npassport picture stolen",
    "answer_en": "No, photos were not included.",
    "sources": "S02",
    "owner": "Datenschutz",
    "review_by": "31.05.2027",
}


@pytest.fixture
def folder(program, tmp_path):
    return watch(program, tmp_path)


@pytest.fixture
def editor(program, telegram, folder):
    return Colleague(program, telegram, EDITOR)


def last(telegram, method="sendMessage"):
    return [call for call in telegram.of(method) if str(call["chat_id"]) == str(GROUP)][-1]


async def answer_all(colleague, answers=ANSWERS):
    said = []
    for step, text in answers.items():
        bold = {"entities": [{"type": "bold", "offset": 6, "length": 9}]} if step == "answer_de" else {}
        said = await colleague.says(text, **bold)
    await settled(colleague.program)
    return said


def is_checked(said):
    return any("Ich prüfe jetzt" in one.text for one in said)


def draft(program, number=1):
    return program.database.work(rows.find, number)


def events(program, tag):
    with Session(program.database.engine) as session:
        return list(session.scalars(sqlalchemy.select(AuditEvent).where(AuditEvent.tag == tag)))


async def test_an_entry_is_asked_for_looked_at_tried_out_and_published(program, telegram, folder, editor):
    before = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    (asked,) = await editor.says("/entwurf")
    assert "Frage 1 von 12" in asked.text
    assert asked.labels == ["Überspringen", "Als Entwurf speichern", "Abbrechen"]
    german, english, card, *_ = await answer_all(editor)
    assert german.text.startswith("Nein, <b>Passfotos</b> waren nicht dabei. Fragen? 0")
    assert "Quelle: Kammer" in german.text
    assert english.text.startswith("No, photos")
    assert "was-photo-included" in card.text
    assert "3 deutsch, 2 englisch" in card.text
    tested = last(telegram)["text"]
    assert "5 von 5 Testfragen" in tested
    assert {path.name: path.read_bytes() for path in folder.glob("*.yaml")} == before

    (told,) = await editor.taps("Veröffentlichen")
    assert "Veröffentlicht" in told.text
    assert "was-photo-included" in told.text
    known = load(folder).entries["was-photo-included"]
    assert known.de.ask == ("war mein passfoto dabei", "wurde mein lichtbild kopiert", "bild von mir in fremden händen")
    assert known == program.desk.store.entries["was-photo-included"]
    (said,) = await Member(program, telegram).says("war mein passfoto dabei")
    assert "waren nicht dabei" in said.text
    (event,) = events(program, "staff:draft:published")
    assert event.actor == f"staff:{EDITOR}"
    assert event.detail["entry"] == "was-photo-included"
    assert draft(program).phase is Phase.PUBLISHED
    assert draft(program).content == {}
    (told,) = await editor.taps("Veröffentlichen")  # once more, below the old message
    assert "schon veröffentlicht" in told.text
    assert len(events(program, "staff:draft:published")) == 1


async def test_a_category_is_tapped_and_shown_by_its_title(program, editor):
    await editor.says("/entwurf")
    await editor.says(ANSWERS["title_de"])
    (asked,) = await editor.says(ANSWERS["button_de"])
    assert "Tippen Sie" in asked.text
    assert "nächste Nachricht" not in asked.text
    (asked,) = await editor.taps("Karte")
    assert "nächste Nachricht" in asked.text
    card = (
        await editor.taps("Als Entwurf speichern"),
        await editor.says("/entwuerfe"),
        await editor.taps("Weiter mit 1"),
    )
    assert "Kategorie Karte" in "".join(said.text for said in card[-1])


async def test_what_test_questions_lead_to_is_told_in_words(program, telegram, folder, editor):
    await editor.says("/entwurf")
    await answer_all(editor)
    view = program.database.work(drafts.find, program.desk, 1)
    probe = Probe("de", "passfoto weg?", ("pin-safe",))
    nothing, sure = Tried(probe, (), (), ()), Tried(probe, ("pin-safe",), (), ())
    offered, own = Tried(probe, (), ("pin-safe",), ()), Tried(probe, ("was-photo-included",), (), ())
    moves = tuple(Move(sure, after) for after in (offered, own, nothing))
    replies = DraftReplies(program.texts, program.desk, program.context.replies)
    (said,) = replies.compose(draft_checks.Tested(view, Compared(5, moves), may_publish=True))
    before = "„passfoto weg?“: bisher Antwort „Ist die PIN sicher?“, jetzt"
    assert f"{before} nur Vorschlag „Ist die PIN sicher?“" in said.html
    assert f"{before} Antwort „War mein Passfoto dabei?“" in said.html
    assert f"{before} keine Antwort" in said.html
    assert "Eine <b>falsche Antwort</b> bekommen jetzt: <b>1</b>" in said.html
    (said,) = replies.compose(draft_checks.Tested(view, Compared(5, moves[:1]), may_publish=True))
    assert "Eine falsche Antwort kommt nicht dazu" in said.html


async def test_the_last_change_can_be_taken_back(program, telegram, folder, editor, clock):
    before = (folder / "card.yaml").read_bytes()
    await editor.says("/entwurf")
    await answer_all(editor)
    clock.advance(minutes=1)
    await editor.taps("Veröffentlichen")
    (asked,) = await Colleague(program, telegram, AGENT).says("/zurueck")
    assert "editor" in asked.text
    clock.advance(minutes=1)
    (asked,) = await editor.says("/zurueck")
    assert "Eintrag verschwindet: was-photo-included" in asked.text
    told, _ = await editor.taps("Zurücknehmen")
    assert "Zurückgenommen" in told.text
    assert (folder / "card.yaml").read_bytes() == before
    assert "was-photo-included" not in program.desk.store.entries
    assert len(events(program, "staff:faq:undone")) == 1
    (told, _) = await editor.taps("Zurücknehmen")
    assert "Inzwischen" in told.text
    (asked,) = await editor.says("/zurueck")
    assert "Eintrag kommt wieder" in asked.text


async def test_agents_write_drafts_and_editors_publish_them(program, telegram, folder):
    agent = Colleague(program, telegram, AGENT)
    await agent.says("/entwurf")
    await answer_all(agent)
    assert "editor" in last(telegram)["text"]
    (told,) = await agent.taps("Veröffentlichen")
    assert "editor" in told.text
    assert "was-photo-included" not in program.desk.store.entries
    (told,) = await Colleague(program, telegram, ADMIN).taps("Veröffentlichen")
    assert "Veröffentlicht" in told.text


async def test_what_cannot_be_taken_is_asked_for_again(program, editor):
    await editor.says("/entwurf")
    (asked,) = await editor.says("x" * 73)
    assert "73 Zeichen" in asked.text
    assert "Frage 1" in asked.text
    await editor.says(ANSWERS["title_de"])
    (asked,) = await editor.says("Ist die PIN sicher?")
    assert "pin-safe" in asked.text
    await editor.says(ANSWERS["button_de"])
    (asked,) = await editor.says("nirgends")
    assert "Kategorie" in asked.text
    (asked,) = await editor.taps("Karte")
    assert "Frage 4" in asked.text
    (asked,) = await editor.says("meine PIN ist 123456")
    assert "einzelne Personen" in asked.text
    await editor.says(ANSWERS["ask_de"])
    (asked,) = await editor.says("Rufen Sie {fon} an.")
    assert "fon" in asked.text
    await editor.says(ANSWERS["answer_de"])
    for step in ("title_en", "button_en", "ask_en", "answer_en"):
        await editor.says(ANSWERS[step])
    (asked,) = await editor.says("S99")
    assert "S99" in asked.text
    assert "S02 Kammer" in asked.labels
    await editor.taps("Keine Quelle")
    (asked,) = await editor.taps("Kartenstelle")
    assert "In 6 Monaten" in " ".join(asked.labels)
    (asked,) = await editor.says("01.01.2020")
    assert "Zukunft" in asked.text
    (asked,) = await editor.says("bald")
    assert "kein Datum" in asked.text


async def test_one_can_skip_go_back_keep_and_put_aside(program, telegram, editor, clock):
    await editor.says("/entwurf")
    (asked,) = await editor.says(ANSWERS["title_de"])
    assert asked.labels[0] == "Überspringen" or "Vorschlag übernehmen" in asked.labels
    (asked,) = await editor.taps("Zurück")
    assert "Bisher: War mein Passfoto dabei?" in asked.text
    assert "Behalten" in asked.labels
    await editor.taps("Behalten")
    for _ in range(11):
        said = await editor.taps("Überspringen")
    assert "Fehlt: Schaltfläche, Kategorie" in said[-1].text
    assert "Ergänzen: Schaltfläche" in said[-1].labels
    assert "Veröffentlichen" not in said[-1].labels
    (told,) = await editor.taps("Als Entwurf speichern")
    assert "/entwuerfe" in told.text
    assert await editor.says("Das war keine Antwort.") == []

    clock.advance(days=2)
    admin = Colleague(program, telegram, ADMIN)
    (shown,) = await admin.says("/entwuerfe")
    assert "beiseitegelegt" in shown.text
    assert "Passfoto" in shown.text
    await admin.taps("Weiter mit 1")
    (asked,) = await admin.taps("Ergänzen: Schaltfläche")
    assert "Vorschlag" in asked.text
    (asked,) = await admin.taps("Vorschlag übernehmen")
    assert draft(program).content["button_de"] == "War mein Passfoto dabei?"
    assert "Kategorie" in asked.text
    (told,) = await admin.taps("Abbrechen")
    assert "verworfen" in told.text
    (told,) = await admin.says("/entwuerfe")
    assert "keinen offenen Entwurf" in told.text


async def test_a_tap_that_comes_twice_or_late_skips_nothing(program, editor):
    await editor.says("/entwurf")
    await editor.says(ANSWERS["title_de"])
    await editor.taps("Überspringen")
    step = draft(program).step
    message = editor._message("…", None, None)
    data = staff_buttons.pack(StaffButton("draft", "next", 1, "button_de"))
    query = {"id": "1", "from": editor.person(), "chat_instance": "2", "message": message, "data": data}
    (told,) = await editor.deliver(callback_query=query)
    assert "schon vorbei" in told.text
    assert draft(program).step == step


async def test_only_who_was_asked_is_listened_to(program, telegram, editor):
    await editor.says("/entwurf")
    assert await Colleague(program, telegram, ADMIN).says("Bitte heute noch.") == []
    assert await editor.says("Zu deiner Frage von gestern", to=4711) == []
    assert await editor.says("In einem anderen Thema", thread=77) == []
    assert draft(program).content == {}


async def test_a_phrasing_of_another_entry_is_told_and_can_be_merged(program, telegram, folder, editor):
    await editor.says("/entwurf")
    near = ANSWERS | {
        "ask_de": "war mein passfoto dabei\nwie kann ich mich über die pin sicherheit informieren\nist meine pin sicher?"
    }
    await answer_all(editor, near)
    told = last(telegram)["text"]
    assert "ist meine pin sicher?" in told
    assert "pin-safe" in told
    assert "passfoto" not in told
    await editor.taps("Zusammenlegen: zu „Ist meine PIN noch sicher?“")
    await settled(program)
    assert draft(program).entry == "pin-safe"


async def test_phrasings_that_lead_elsewhere_can_be_struck(program, telegram, folder, editor):
    await editor.says("/entwurf")
    await answer_all(editor, ANSWERS | {"ask_de": "war mein passfoto dabei\nist meine pin sicher?"})
    assert "nicht veröffentlicht werden" in last(telegram)["text"]
    await editor.taps("Diese Formulierungen streichen")
    await settled(program)
    assert draft(program).content["ask_de"] == ["war mein passfoto dabei"]
    assert "Testfragen" in last(telegram)["text"]


async def test_a_folder_that_cannot_be_written_gives_the_lines(program, telegram, folder, editor, monkeypatch):
    def refuses(*_):
        raise PermissionError(13, "read-only")

    await editor.says("/entwurf")
    await answer_all(editor)
    monkeypatch.setattr(edition, "replace", refuses)
    (told,) = await editor.taps("Veröffentlichen")
    assert told.method == "sendDocument"
    assert "card.yaml" in told.parameters["caption"]
    assert "- id: was-photo-included" in str(told.parameters)
    assert draft(program).phase is Phase.WRITING


async def test_files_that_are_wrong_meanwhile_refuse_and_stay(program, telegram, folder, editor):
    await editor.says("/entwurf")
    await answer_all(editor)
    spoilt = (folder / "other.yaml").read_text(encoding="utf-8") + "\toh: nein\n"
    (folder / "other.yaml").write_text(spoilt, encoding="utf-8")
    before = (folder / "card.yaml").read_bytes()
    (told,) = await editor.taps("Veröffentlichen")
    assert "other.yaml" in told.text
    assert "unverändert" in told.text
    assert (folder / "card.yaml").read_bytes() == before


async def test_an_edit_that_is_refused_at_the_last_moment_is_taken_back(program, folder, editor, monkeypatch):
    await editor.says("/entwurf")
    await answer_all(editor)
    before = (folder / "card.yaml").read_bytes()
    written = edition.write

    def and_somebody_else(place, change):
        edit = written(place, change)
        (place / "other.yaml").write_text("category: [", encoding="utf-8")
        return edit

    monkeypatch.setattr(edition, "write", and_somebody_else)
    (told,) = await editor.taps("Veröffentlichen")
    assert "unverändert" in told.text
    assert (folder / "card.yaml").read_bytes() == before
    assert draft(program).phase is Phase.WRITING


async def test_what_was_written_before_a_crash_is_noted_by_the_next_tap(program, folder, editor, monkeypatch):
    await editor.says("/entwurf")
    await answer_all(editor)
    noted = drafts.published
    monkeypatch.setattr(drafts, "published", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("killed")))
    await editor.taps("Veröffentlichen")
    assert "was-photo-included" in program.desk.store.entries
    assert draft(program).phase is Phase.WRITING
    written = (folder / "card.yaml").read_bytes()
    monkeypatch.setattr(drafts, "published", noted)
    (told,) = await editor.taps("Veröffentlichen")
    assert "Veröffentlicht" in told.text
    assert (folder / "card.yaml").read_bytes() == written


async def test_another_process_goes_on_with_a_draft(program, telegram, folder, editor, tmp_path, shipped, clock):
    await editor.says("/entwurf")
    await editor.says(ANSWERS["title_de"])
    url = program.settings.database_url.get_secret_value()
    async with program_with(telegram, shipped, url, tmp_path, clock) as other:
        take_over(other, folder, tmp_path / "history")
        (asked,) = await Colleague(other, telegram, EDITOR).says(ANSWERS["button_de"])
        assert "Frage 3" in asked.text


async def test_a_draft_without_files_says_so(program, telegram):
    editor = Colleague(program, telegram, EDITOR)
    await editor.says("/entwurf")
    await answer_all(editor)
    await draft_checks.run(program.context, None, None, None, 1, 0)  # nothing to check with
    (told,) = await editor.says("/zurueck")
    assert "keine FAQ-Dateien" in told.text


async def test_a_category_that_is_gone_meanwhile_is_told(program, telegram, folder, editor):
    await editor.says("/entwurf")
    await answer_all(editor)
    text = (folder / "card.yaml").read_text(encoding="utf-8")
    (folder / "card.yaml").write_text(text.replace("category: card", "category: cards"), encoding="utf-8")
    (told,) = await editor.taps("Veröffentlichen")
    assert "inzwischen geändert" in told.text


async def test_what_was_changed_since_the_trial_is_tried_again(program, telegram, folder, editor):
    await editor.says("/entwurf")
    await answer_all(editor)
    (old,) = last(telegram)["reply_markup"]["inline_keyboard"][0]
    await editor.taps("Ändern")
    await editor.taps("Titel")
    assert is_checked(await editor.says("War mein Bild dabei?"))
    query = {"id": "1", "from": editor.person(), "chat_instance": "2", "message": editor._message("…", None, None)}
    assert is_checked(await editor.deliver(callback_query=query | {"data": old["callback_data"]}))
    await settled(program)
    assert "was-photo-included" not in program.desk.store.entries


async def test_a_folder_that_cannot_be_written_keeps_its_version(program, folder, editor, clock, monkeypatch):
    await editor.says("/entwurf")
    await answer_all(editor)
    clock.advance(minutes=1)
    await editor.taps("Veröffentlichen")
    await editor.says("/zurueck")
    monkeypatch.setattr("faq.history.replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    told, _ = await editor.taps("Zurücknehmen")
    assert "faq undo" in told.text
    assert "was-photo-included" in program.desk.store.entries
