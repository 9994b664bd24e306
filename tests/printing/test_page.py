"""The printed page: what it says, where it stands (DIN 5008, form B), and that data stays data."""

import itertools
from dataclasses import replace

import pypdfium2 as pdfium
import pytest

from printing import demo_letter, render_one
from tests.support.paper import CODE, DAY, LINK, SENDER, letter, page

WINDOW = (20, 45, 105, 90)  # the window of an envelope DL over the folded sheet, millimetres
SLIP = 10  # how far the sheet can slip in the envelope
FOLDS = (105, 210)


def printed(sender=SENDER, *, sought=(), **changed):
    return page(render_one(letter(**changed), sender, day=DAY), *sought)


SAID = {
    "de": (
        "Persönlich / Vertraulich",
        "Ihr Aktivierungscode für die Auskunft in Telegram",
        "Aktivierungscode aus dem Brief Ihrer Ärztekammer",
        "Gültig bis",
        "15. Dezember 2026",
        "24. November 2026",
        "Wonach der Bot nie fragt",
        *("PIN oder PUK der Karte", "Passwort", "Login-Code von Telegram"),
        *("Bankdaten", "Geburtsdatum", "Foto eines Ausweises"),
        "Echt ist nur @auskunft_bot",
        "ohne Telegram",
        "0000 123456-0 (Mo–Fr 9–16 Uhr)",
        "letzten vier Ziffern Ihrer EFN",
        "Sehr geehrte Frau Dr. Yılmaz,",
        "Ob Sie betroffen sind, steht hier nicht.",
    ),
    "en": (
        "Persönlich / Vertraulich",
        "activation code from your medical chamber’s letter",
        "Aktivierungscode aus dem Brief Ihrer Ärztekammer",
        "Valid until",
        "15 December 2026",
        "24 November 2026",
        "What the bot never asks for",
        *("PIN or PUK of the card", "password", "login code of Telegram"),
        *("bank data", "date of birth", "photo of an ID"),
        "Only @auskunft_bot is genuine",
        "without Telegram",
        "0000 123456-0 (Mon–Fri 9 am–4 pm)",
        "last four digits of your EFN",
        "Whether you are affected is not said in this letter.",
    ),
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_says_all_that_a_member_needs(language):
    shown = printed(language=language)
    for sentence in (*SAID[language], "Dr. med. Aylin Yılmaz", "Lindenstraße 12", CODE, "@auskunft_bot", "B7-00001"):
        assert sentence in shown.text, sentence
    assert not overlaps(shown)
    assert shown.text.count(CODE) == 1
    assert not [word for word in ("Muster mit", "Sample with") if word in shown.text]


def test_the_qr_on_the_page_leads_to_the_link():
    shown = printed()
    assert shown.qr.text == LINK
    assert shown.qr.ec_level == "Q"


def test_without_salutation_second_check_or_telegram():
    sender = replace(SENDER, second_check=False, other_channel="Oder schreiben Sie an die Kammer, Postfach 1.")
    shown = printed(sender, salutation="")
    assert "Guten Tag," in shown.text
    assert "EFN" not in shown.text
    assert "ohne Telegram" in shown.text
    assert "Postfach 1." in shown.text


def test_a_letter_on_a_screen_can_be_read_aloud():
    """PDF/UA: tagged, with a language, and the QR says what it is."""
    with pdfium.PdfDocument(render_one(letter(), SENDER, day=DAY)) as document:
        assert pdfium.raw.FPDFCatalog_IsTagged(document)
        assert document.get_metadata_value("Title") == "Briefe B7-00001"


def test_the_demonstration_is_marked():
    for language, mark in (("de", "Muster mit erfundenen Angaben"), ("en", "Sample with invented data")):
        assert mark in page(render_one(demo_letter(CODE, LINK, DAY, language=language), SENDER, day=DAY)).text


# ------------------------------------------------------------------------------------------------- geometry


@pytest.mark.parametrize("language", ["de", "en"])
def test_code_and_qr_lie_between_the_folds_and_out_of_the_window(language):
    shown = printed(language=language, sought=(CODE,))
    left, top, right, bottom = shown.places[CODE]
    assert FOLDS[0] + SLIP < top < bottom < FOLDS[1] - SLIP
    assert bottom - top > 5  # letters of 5 mm
    assert right - left > 90
    assert right < 190
    (found,) = [item for item in shown.drawn if not item.is_text and 30 <= item.right - item.left <= 45]
    qr = shown.ink(found)
    assert qr.right - qr.left > 33
    assert qr.bottom - qr.top == pytest.approx(qr.right - qr.left, abs=0.3)
    assert FOLDS[0] + SLIP < qr.top < qr.bottom < FOLDS[1] - SLIP
    quiet = (qr.right - qr.left) / 37 * 4
    around = (qr.left - quiet, qr.top - quiet, qr.right + quiet, qr.bottom + quiet)
    panel = [item for item in shown.drawn if item.left < qr.left and item.right > 185 and item.bottom > qr.bottom]
    assert [item for item in shown.drawn if item != found and item not in panel and item.touches(*around)] == []


def test_the_window_shows_sender_marking_and_address_only():
    """Even when the sheet slips."""
    sender = (SENDER.name + " · ", "Persönlich / Vertraulich", "Dr. med. Aylin", "12345 Musterdorf")
    shown = printed(sought=sender)
    seen = [item for item in shown.drawn if item.is_text and item.touches(10, 40, 115, 95)]
    assert len(seen) == 5  # sender, marking, three lines
    assert all(item.left >= 25 and item.right <= 105 and item.top >= 45 and item.bottom <= 90 for item in seen)
    places = [shown.places[text] for text in sender]
    assert places[0][3] < 50.5  # the sender's line in the upper 5 mm
    assert places[1][3] < 62.7  # the marking ends the zone above the address
    assert places[2][1] > 62.5  # DIN 5008: the address begins at 62.7
    assert all(place[0] == pytest.approx(25.3, abs=0.4) for place in places)


def test_fold_and_punch_marks_and_the_information_block():
    shown = printed(sought=("Unser Zeichen", "Ihr Aktivierungscode"))
    marks = sorted(item.top for item in shown.drawn if item.right < 15)
    assert marks == pytest.approx([105, 148.5, 210], abs=0.2)
    left, top, _, _ = shown.places["Unser Zeichen"]
    assert (left, top) == (pytest.approx(125, abs=0.5), pytest.approx(50, abs=1))
    assert shown.places["Ihr Aktivierungscode"][1] == pytest.approx(98.5, abs=0.5)
    assert all(item.right <= 190.5 and item.bottom <= 290 for item in shown.drawn)


def overlaps(shown):
    """Texts that stand on each other; 0.4 mm are what the bounds of a text are wider than its ink."""
    texts = [item for item in shown.drawn if item.is_text]
    return [
        (one, other)
        for one, other in itertools.combinations(texts, 2)
        if one.touches(other.left + 0.4, other.top + 0.4, other.right - 0.4, other.bottom - 0.4)
    ]


LONG = (
    "Prof. Dr. med. Dr. h. c. mult. Maria-Magdalena von und zu Hohenstein-Wolfenbüttel",
    "Überörtliche Berufsausübungsgemeinschaft für Innere Medizin und Kardiologie",
    "c/o Universitätsklinikum Musterstadt, Zentrum für Anästhesiologie, Haus 14 B",
    "Straße der Deutsch-Französischen Freundschaft 123 a, Hinterhaus, 4. Stock",
    "00000 Musterstadt-Unterobermittelhausen an der Langen Anna",
    "ÖSTERREICH",
)


@pytest.mark.parametrize("name", [LONG[0][:80], "W" * 80])
def test_the_longest_address_stays_in_its_zone_and_whole(name):
    shown = printed(name=name, address=LONG[1:])
    zone = [item for item in shown.drawn if item.is_text and item.touches(20, 62.7, 120, 95)]
    assert all(item.right <= 104 and item.bottom <= 90 for item in zone)
    assert not overlaps(shown)
    squeezed = shown.text.replace(" ", "")
    for line in (name, *LONG[1:]):
        assert line.replace(" ", "") in squeezed


@pytest.mark.parametrize(
    ("name", "lines"),
    [("Dr. Eva Maus", 3), ("Gemeinschaftspraxis Dr. Müller und Kolleginnen", 3), (LONG[0][:80], 4)],
)
def test_a_long_name_is_set_smaller_or_broken_but_readable(name, lines):
    shown = printed(name=name)
    zone = [item for item in shown.drawn if item.is_text and item.touches(20, 62.7, 105, 90)]
    assert len(zone) == lines
    assert min(item.bottom - item.top for item in zone) > 2.2  # 9 pt and more


def test_long_values_of_the_association_stay_on_the_page():
    sender = replace(
        SENDER,
        name="Landesärztekammer Mecklenburg-Vorpommern und Schleswig-Holstein, Körperschaft des öffentlichen Rechts",
        address="Straße der Deutsch-Französischen Freundschaft 123 a, 00000 Musterstadt-Unterobermittelhausen",
        hours="Montag bis Donnerstag 8 bis 12 und 13 bis 17 Uhr, Freitag 8 bis 12 Uhr",
        website="https://www.landesaerztekammer-mecklenburg-vorpommern-schleswig-holstein.example",
        bot_page="https://www.landesaerztekammer-mecklenburg-vorpommern-schleswig-holstein.example/service/bot",
        bot_name="@landesaerztekammer_auskunft_bot",
        other_channel="Die Auskunft gibt es auch im Mitgliederportal unter „Ausweise“ und als Brief, wenn Sie das wünschen.",
    )
    shown = printed(sender, sought=(CODE,))
    assert all(item.right <= 190.5 and item.bottom <= 290 for item in shown.drawn)
    assert shown.places[CODE][3] < FOLDS[1] - SLIP
    assert not overlaps(shown)
    assert sender.bot_name in shown.text


# -------------------------------------------------------------------------------------------- data stays data

HOSTILE = (
    '#import "@preview/x:1.0.0": *',
    "*Bold* _it_ `raw` $x^2$ <label> @ref",
    '#panic("a") #sys.inputs.data',
    "= Heading // comment /* x */",
    '"); #read("/etc/passwd"); ("',
    "\\u{1F600} \\ -- --- ... ~ '",
    "{{name}} {name} %s ${x} <b>x</b> &amp;",
)


@pytest.mark.parametrize("name", [*HOSTILE, "😀 Müller", "Ärztin Übermäßig-Öçñ", "Ruffini Pfiffl Groß"])
def test_whatever_a_name_looks_like_it_prints_as_itself(name):
    shown = printed(name=name, address=(name[::-1], "00000 Ort"), salutation=name)
    assert shown.text.replace(" ", "").count(name.replace(" ", "")) == 2
    assert name[::-1].replace(" ", "") in shown.text.replace(" ", "")
    assert shown.qr.text == LINK


def test_hostile_values_of_the_association_print_as_themselves():
    sender = replace(SENDER, name="#panic() *Kammer*", phone="`0000` #x", other_channel="#let x = *1*")
    shown = printed(sender)
    for text in (sender.name, sender.phone, sender.other_channel):
        assert text in shown.text


def test_a_control_character_turns_nothing_round():
    shown = printed(name="Dr. \u202eMarx\u0007 \ufeffE\u0308ck")
    assert "Dr. Marx Ëck" in shown.text
