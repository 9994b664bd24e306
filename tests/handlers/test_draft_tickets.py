"""From a ticket to the FAQ: a good answer becomes a draft, and an entry goes into a ticket with two taps."""

import pytest

from db import drafts as rows
from tests.handlers.test_tickets import desk, quick  # noqa: F401  fixtures
from tests.support.colleague import GROUP
from tests.support.editing import watch

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

QUESTION = "Ist meine PIN noch sicher? Bitte anrufen: 0171 2345678, Frau Dr. Yilmaz"


@pytest.fixture
def folder(program, tmp_path):
    return watch(program, tmp_path)


def content(program):
    return program.database.work(rows.find, 1).content


async def test_an_entry_of_the_faq_goes_to_the_member_with_two_taps(desk, folder):  # noqa: F811
    await desk.hand_off("ist meine pin noch sicher")
    await desk.agent.taps("Vorlage")
    await desk.agent.taps("Ist die PIN sicher?")
    await desk.calm()
    told = desk.at_member()[-1]
    assert "Ja, Ihre PIN war nicht dabei." in told
    assert "Frau Lang" in told


async def test_an_answer_becomes_a_draft_with_what_was_asked(desk, folder, telegram):  # noqa: F811
    await desk.hand_off(QUESTION)
    await desk.answers("Guten Tag Frau Dr. Yilmaz, die PIN war nicht dabei.")
    (asked,) = await desk.agent.taps("Als Entwurf", thread=desk.thread)
    assert asked.parameters["message_thread_id"] in (desk.thread, str(desk.thread))
    assert "Yilmaz" not in asked.text
    assert "2345678" not in asked.text
    for _ in range(3):
        (asked,) = await desk.agent.taps("Überspringen")
    assert "Ist meine PIN noch sicher? Bitte anrufen: [phone], Frau [name]" in asked.text
    (asked,) = await desk.agent.taps("Vorschlag übernehmen")
    assert "Guten Tag Frau [name]" in asked.text
    assert not [one for one in content(desk.program) if one == "answer_de"]
    before = len(desk.at_member())
    (asked,) = await desk.agent.says("Die PIN war nicht dabei.", thread=desk.thread)
    assert content(desk.program)["answer_de"] == "Die PIN war nicht dabei."
    await desk.calm()
    assert len(desk.at_member()) == before  # nothing of it goes to the member


async def test_a_reply_to_a_message_says_what_the_draft_is_from(desk, folder, telegram):  # noqa: F811
    await desk.hand_off("Ist die PIN sicher?")
    (asked,) = await desk.agent.says("/entwurf", thread=desk.thread, to=desk.post())
    assert "Vorschlag: Ist die PIN sicher?" in asked.text
    await desk.agent.taps("Abbrechen")
    said = {"message_id": 4711, "date": 1, "chat": {"id": GROUP, "type": "supergroup", "title": "x"}}
    said |= {"from": desk.admin.person(), "text": "Bitte die Karte sperren lassen."}
    (asked,) = await desk.agent.says("/entwurf Karte weg, was tun?", reply_to_message=said)
    assert "Vorschlag: Karte weg, was tun?" in asked.text
    for _ in range(4):
        (asked,) = await desk.agent.taps("Überspringen")
    assert "Bitte die Karte sperren lassen." in asked.text


async def test_what_a_member_withdrew_is_not_suggested(desk, folder):  # noqa: F811
    await desk.hand_off("Ist die PIN sicher?")
    await desk.agent.says("/entwurf", thread=desk.thread, to=desk.post())
    await desk.member.says("/loeschen")
    await desk.member.taps("Endgültig löschen")
    await desk.calm()
    (asked,) = await desk.agent.taps("Überspringen")
    (asked,) = await desk.agent.taps("Zurück")
    assert "Ist die PIN" not in asked.text
    assert content(desk.program) == {"message": 1}
