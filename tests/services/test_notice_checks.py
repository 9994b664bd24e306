"""What a notice may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import markup
from services.notice_checks import LONGEST, cleaned, findings

OWN = ("https://www.kammer.example/aktuelles", "https://portal.kammer.example/")


def codes(html):
    return [finding.code for finding in findings(html, OWN)]


@pytest.mark.parametrize(
    "html",
    [
        "Der Abschlussbericht liegt vor. Stand: 24.11.2026.",
        "<b>Neu</b>: Alles steht auf https://www.kammer.example/bericht.",
        'Mehr steht <a href="https://kammer.example/bericht">hier</a>, z.B. die Ursache u.a.m.',
        "Wie viele Karten betroffen sind, steht im Bericht.",
        "Ob Sie betroffen sind, sehen Sie selbst nach.",
    ],
)
def test_good_texts_have_no_findings(html):
    assert codes(html) == []


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("x" * (LONGEST + 1), "too-long"),
        ("Neu", "too-short"),
        ("Wichtig: <b>Neues zum Vorfall", "markup"),
        ("Lesen Sie den Bericht: https://d-trust.net/bericht", "link-foreign"),
        ("Lesen Sie den Bericht auf d-trust.net nach.", "link-foreign"),
        ("Bitte hier prüfen: https://kammer.example.phish.com/x", "link-foreign"),
        ("Bitte hier prüfen: https://www.kammer.example/login?x", "link-input"),
        ("Bitte hier prüfen: https://kammer-anmeldung.de/", "link-input"),
        ('Schreiben Sie <a href="tg://user?id=5">mir</a> bitte.', "link-kind"),
        ("Bitte hier prüfen: https://kammer.example@phish.com/x", "link-kind"),
        ("Bitte hier prüfen: http://[x", "link-kind"),
        ("Sie sind betroffen. Bitte handeln Sie.", "personal"),
        ("Ihre Karte ist leider betroffen, bitte tauschen.", "personal"),
        ("Your data have been stolen in January.", "personal"),
        ("You are affected by the incident.", "personal"),
    ],
)
def test_bad_texts_have_one(html, code):
    assert code in codes(html)


def test_what_stops_comes_first():
    found = findings("Sie sind betroffen, siehe d-trust.net", OWN)
    assert [finding.stops for finding in found] == [True, False]


@given(st.text(max_size=200))
def test_no_text_breaks_the_checks(text):
    findings(cleaned(text), OWN)
    findings(f"https://{text}", OWN)


def test_formatting_that_notices_do_not_have_is_left_out():
    html = '<u>Neu</u> <tg-spoiler>hier</tg-spoiler> <b>und</b> <a href="https://kammer.example">da</a> <s>x</s>'
    assert cleaned(html) == 'Neu hier <b>und</b> <a href="https://kammer.example">da</a> x'
    assert not markup.mistakes(cleaned(html))
