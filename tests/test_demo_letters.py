"""A newcomer finds a letter for each demo member, with a code that works, at every start."""

import json

import pypdfium2 as pdfium
import pytest

from db import letters, links
from demo import people
from demo_letters import make_demo_letters
from tests.support.printshop import print_shop
from vault import codes


@pytest.fixture
def shop(database_url, tmp_path):
    with print_shop(database_url, tmp_path / "home") as opened:
        for person in people():
            opened.member(person.number, language=person.language)
        yield opened


def start(shop):
    folder = shop.home / "demo"
    return make_demo_letters(shop.database, shop.desk, shop.press, folder, shop.now), folder


def works(shop, letter):
    typed = codes.normalise(letter.code)
    digests = codes.digests(shop.desk.keys.ring, typed.code)
    return shop.work(letters.find_valid, digests, shop.now)


def test_each_demo_member_has_a_letter_that_works_and_is_kept(shop):
    made, folder = start(shop)
    assert [letter.name for letter in made] == [person.name for person in people()]
    assert all(works(shop, letter) for letter in made)
    for letter in made:
        with pdfium.PdfDocument(folder / letter.pdf) as document:
            assert letter.code in document[0].get_textpage().get_text_bounded()
    listed = json.loads((folder / "letters.json").read_text())
    assert [entry["code"] for entry in listed] == [letter.code for letter in made]
    assert {path.name for path in folder.iterdir()} == {"letters.json", *(letter.pdf for letter in made)}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert start(shop)[0] == made
    assert shop.letters() == len(made)


def test_a_letter_that_is_too_old_is_replaced(shop):
    before, _ = start(shop)
    shop.advance(days=22)
    after, _ = start(shop)
    assert not {letter.code for letter in before} & {letter.code for letter in after}
    assert all(works(shop, letter) for letter in after)


def test_a_redeemed_letter_stays_while_the_link_does(shop):
    (first, *_), _ = start(shop)
    letter = works(shop, first)
    shop.work(redeem, letter.id, shop.now)
    shop.link(letter.member)
    assert start(shop)[0][0] == first
    shop.work(lambda session: links.end(session, links.of_chat(session, 9).id, "signed-off", shop.now))
    renewed = start(shop)[0][0]
    assert renewed.code != first.code
    assert works(shop, renewed)


def redeem(session, letter, now):
    letters.claim(session, letter, 9)
    assert letters.redeem(session, letter, 9, now)


def test_a_lost_or_spoilt_index_leads_to_new_letters(shop):
    before, folder = start(shop)
    (folder / "letters.json").write_text("{")
    after, _ = start(shop)
    assert all(works(shop, letter) for letter in after)
    assert not any(works(shop, letter) for letter in before)


def test_a_register_of_others_gets_no_demo_letter(database_url, tmp_path):
    with print_shop(database_url, tmp_path / "home") as shop:
        shop.member("0999999999")
        assert start(shop)[0] == ()
        assert shop.letters() == 0
