"""The demonstration's members are made by the same imports, once."""

import demo
from db import findings, incidents, members
from tests.support.office import Office
from vault import index, sealing


def test_the_demo_is_made_once_and_a_filled_register_is_left_alone(database_url, tmp_path, clock):
    office = Office(database_url, tmp_path, clock)
    demo.make_demo(office.database, office.desk)
    before = office.rows(audit=True)
    demo.make_demo(office.database, office.desk)
    assert office.rows(audit=True) == before
    for person in demo.people():
        found = office.database.work(members.find, index.candidates(office.ring, person.number, kind="member"))
        assert sealing.unseal(office.ring, found.digits_sealed, field="members.digits") == person.digits
        assert demo.demo_digits(person.name.split()[-1]) == person.digits
        assert found.language == person.language
    figures = office.database.work(incidents.figures)
    assert {name: figure.affected for name, figure in figures.items()} == {
        "breach-2025": 2,
        "exchange-rsa": 0,
        "exchange-chip": 1,
    }
    yilmaz = office.database.work(findings.findings_of, office.member(demo.people()[0].number))
    assert ("name", "email", "birth", "id-document") in [row.kinds for row in yilmaz if row.affected]
    stored = repr(before)
    assert not [word for word in ("Yilmaz", "Musterweg", "0410027342", "80276001081699900578") if word in stored]
    office.database.close()


def test_a_register_of_others_is_left_alone(database_url, tmp_path, clock):
    office = Office(database_url, tmp_path, clock)
    office.register("100041;;;")
    before = office.rows(audit=True)
    demo.make_demo(office.database, office.desk)
    assert office.rows(audit=True) == before
    office.database.close()
