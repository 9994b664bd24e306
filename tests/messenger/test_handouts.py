"""What came to people outside the messenger: only the named files, only to this computer."""

import pytest

from messenger.handouts import Handout
from messenger.people import AYLIN_YILMAZ, EMMA_CLARKE, HEINZ_BRANDT, STAMMTISCH
from tests.messenger.conftest import serving
from tests.messenger.test_loopback import FOREIGN

PDF = b"%PDF-1.7\n%%EOF\n"
TITLE = {"de": "Brief", "en": "Letter"}


@pytest.fixture
def table():
    """What lies on people's tables now; it may change while the messenger runs."""
    return []


@pytest.fixture
async def place(tmp_path, table):
    async with serving(tmp_path / "folder", handouts=lambda: tuple(table)) as found:
        yield found


@pytest.fixture
def letter(tmp_path):
    file = tmp_path / "letters" / "letter.pdf"
    file.parent.mkdir()
    file.write_bytes(PDF)
    (tmp_path / "letters" / "secret.pdf").write_bytes(b"%PDF secret")
    return file


def address(person, number=0):
    return f"/page/handouts/{person}/{number}"


async def test_handouts_may_come_later_and_are_told_in_the_persons_language(place, table, letter):
    assert (await place.shown(AYLIN_YILMAZ))["handouts"] == []
    table += [
        Handout(EMMA_CLARKE, TITLE, letter, "", None),
        Handout(AYLIN_YILMAZ, "Ausweis", letter, "", None),
        Handout(AYLIN_YILMAZ, TITLE, letter, "Ziffern 4566", "K7QM2XRD"),
    ]
    first, second = (await place.shown(AYLIN_YILMAZ))["handouts"]
    assert first == {"address": address(AYLIN_YILMAZ), "title": "Ausweis", "note": "", "start": None}
    assert second == {
        "address": address(AYLIN_YILMAZ, 1), "title": "Brief", "note": "Ziffern 4566", "start": "K7QM2XRD"
    }  # fmt: skip
    assert [one["title"] for one in (await place.shown(EMMA_CLARKE))["handouts"]] == ["Letter"]
    assert "handouts" not in await place.shown(AYLIN_YILMAZ, STAMMTISCH)
    assert str(letter.parent) not in str(await place.shown(AYLIN_YILMAZ))


async def test_the_pdf_is_shown_and_not_framed(place, table, letter):
    table.append(Handout(AYLIN_YILMAZ, TITLE, letter, "", None))
    answer = await place.web.get(address(AYLIN_YILMAZ))
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_only_this_computer_gets_it(place, table, letter):
    table.append(Handout(AYLIN_YILMAZ, TITLE, letter, "", None))
    for headers in FOREIGN:
        assert (await place.web.get(address(AYLIN_YILMAZ), headers=headers)).status_code == 403, headers
    assert (await place.web.post(address(AYLIN_YILMAZ))).status_code == 405


async def test_unknown_people_and_numbers_are_not_found(place, table, letter):
    table.append(Handout(AYLIN_YILMAZ, TITLE, letter, "", None))
    for person, number in [
        (AYLIN_YILMAZ, 1), (AYLIN_YILMAZ, -1), (AYLIN_YILMAZ, "00"), (AYLIN_YILMAZ, "x"), (AYLIN_YILMAZ, "9" * 5000),
        (AYLIN_YILMAZ, "0/"), (HEINZ_BRANDT, 0), (0, 0), ("x", 0), (f"+{AYLIN_YILMAZ}", 0),
    ]:  # fmt: skip
        answer = await place.web.get(address(person, number))
        assert answer.status_code in {404, 307}, (person, number)
        assert PDF not in answer.content
    letter.unlink()
    assert (await place.web.get(address(AYLIN_YILMAZ))).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret.pdf",
        "..%2Fsecret.pdf",
        "%2e%2e%2fsecret.pdf",
        "secret.pdf",
        "letter.pdf",
        "0%2F..%2Fsecret.pdf",
        "0%00",
    ],
)
async def test_no_address_leads_to_another_file(place, table, letter, path):
    table.append(Handout(AYLIN_YILMAZ, TITLE, letter, "", None))
    answer = await place.web.get(f"/page/handouts/{AYLIN_YILMAZ}/{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize("start", ["", "a b", "ä", "x" * 65, "a&b"])
def test_a_payload_has_telegrams_shape(letter, start):
    with pytest.raises(ValueError, match="payload"):
        Handout(AYLIN_YILMAZ, TITLE, letter, "", start)
