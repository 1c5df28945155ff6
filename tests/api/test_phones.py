"""A phone hears of a ticket after a code was read from it."""

import re
from collections.abc import Iterator

import pytest

from notify import outbox
from queue_server.people import contacts, phone_codes
from queue_server.people.phone_codes import TRIES_MAX
from queue_server.reach import recipients_of
from queue_server.settings import Settings

from .places import Answer, Citizen, Hall, Server, served
from .test_refusals import check_words

PHONE, OTHER = "+8619900000042", "+8619900000043"
STRANGE = "000000"


@pytest.fixture
def server(hall_settings: Settings) -> Iterator[Server]:
    """A server where nobody has asked for a code yet."""
    with served(hall_settings) as server:
        server.do(server.house.database.write(lambda tx: tx.execute("DELETE FROM rates")))
        yield server


@pytest.fixture
def hall(server: Server) -> Iterator[Hall]:
    hall = Hall.made(server)
    yield hall
    hall.pull_down()


def asks_for_a_code(anna: Citizen, phone: str = PHONE) -> Answer:
    return anna.asks("phone-codes", {"phone": phone})


def code_for(anna: Citizen) -> str:
    """What stands on the phone."""
    house = anna.hall.server.house
    subject = f"code:{anna.hall.id}/{anna.id}"
    find = recipients_of(house.sealer, "http://hall.example")
    return str(
        anna.hall.server.do(house.database.read(lambda tx: find(tx, [subject])))[subject].values["code"]
    )


def binds(anna: Citizen, code: str, *, relative: bool = False, key: str | None = None) -> Answer:
    path = f"{anna.at}/phone"
    return anna.hall.server.anybody.ask("POST", path, {"code": code, "relative": relative}, key=key)


@pytest.mark.parametrize("relative", [False, True])
def test_whoever_reads_the_code_back_hears_of_the_ticket(hall: Hall, *, relative: bool) -> None:
    anna = hall.takes("A")
    sent = asks_for_a_code(anna)
    assert (sent.status, sent.json) == (202, {"resend_seconds": 60, "valid_seconds": 300})
    assert re.fullmatch(r"[0-9]{6}", code_for(anna))
    bound = binds(anna, code_for(anna), relative=relative)
    assert (bound.status, bound.json["reach"]) == (200, "relative" if relative else "own")
    house = hall.server.house
    contact = hall.server.do(
        house.database.read(lambda tx: contacts.read(tx, house.sealer, hall.id, int(anna.id)))
    )
    assert contact.phone == PHONE
    (row,) = hall.server.do(
        house.database.read(
            lambda tx: tx.all("SELECT consent, consent_at FROM contacts WHERE hall_id = :hall", hall=hall.id)
        )
    )
    assert row["consent"] == "code 1"


def test_the_code_stands_nowhere_in_plain(hall: Hall) -> None:
    anna = hall.takes("A")
    asks_for_a_code(anna)
    rows = hall.server.do(
        hall.server.house.database.read(
            lambda tx: [
                str(row)
                for table in ("outbox", "phone_codes", "requests")
                for row in tx.all(f"SELECT CAST({table} AS text) AS row FROM {table}")
            ]
        )
    )
    assert not any(code_for(anna) in row or PHONE in row for row in rows)


def test_a_phone_hears_nothing_until_then(hall: Hall) -> None:
    anna = hall.takes("A")
    asks_for_a_code(anna)
    hall.desk("w1").asks("POST", "session")
    hall.desk("w1").asks("POST", "calls")
    house = hall.server.house
    lines = hall.server.do(house.database.read(lambda tx: outbox.lines(tx, hall.id)))
    assert [line.kind for line in lines] == ["code"]


def test_five_wrong_codes_end_it(hall: Hall) -> None:
    anna = hall.takes("A")
    asks_for_a_code(anna)
    right = code_for(anna)
    wrong = STRANGE if right != STRANGE else "111111"
    refusals = [binds(anna, wrong) for _ in range(TRIES_MAX)]
    assert {answer.said for answer in refusals} == {(409, "phone_code_wrong")}
    check_words(refusals[0])
    assert binds(anna, right).said == (409, "phone_code_wrong"), "even the right one"


def test_a_code_is_good_for_five_minutes(hall: Hall) -> None:
    anna = hall.takes("A")
    asks_for_a_code(anna)
    code = code_for(anna)
    house = hall.server.house
    older = f"UPDATE phone_codes SET sent_at = sent_at - interval '{phone_codes.SECONDS + 1} seconds'"
    hall.server.do(house.database.write(lambda tx: tx.execute(older)))
    assert binds(anna, code).said == (409, "phone_code_wrong")


def test_another_code_is_sent_after_a_minute(hall: Hall) -> None:
    anna = hall.takes("A")
    asks_for_a_code(anna)
    refusal = asks_for_a_code(anna)
    assert refusal.said == (429, "too_many_phone_codes")
    assert 0 < int(refusal.headers["retry-after"]) <= 60
    check_words(refusal)


def test_one_ticket_cannot_have_codes_sent_to_the_whole_town(hall: Hall) -> None:
    anna = hall.takes("A")
    answers = [asks_for_a_code(anna, f"+86199000001{n:02}").status for n in range(7)]
    assert answers == [202] * 5 + [429] * 2


def test_a_phone_that_wants_no_messages_is_left_alone(hall: Hall) -> None:
    house = hall.server.house
    person = house.sealer.index(OTHER).hex()
    hall.server.do(house.database.write(lambda tx: outbox.opt_out(tx, person)))
    refusal = asks_for_a_code(hall.takes("A"), OTHER)
    assert refusal.said == (409, "phone_wants_none")
    check_words(refusal)


def test_one_phone_holds_one_ticket_of_a_service_but_hears_of_a_relatives_too(hall: Hall) -> None:
    anna, mother = hall.takes("A"), hall.takes("A")
    asks_for_a_code(anna)
    assert binds(anna, code_for(anna)).status == 200
    house = hall.server.house
    sent = phone_codes.Sent(PHONE, "123456")
    hall.server.do(
        house.database.write(lambda tx: phone_codes.put(tx, house.sealer, hall.id, int(mother.id), sent))
    )
    refusal = binds(mother, "123456")
    assert refusal.said == (409, "phone_has_ticket")
    check_words(refusal)
    assert binds(mother, "123456", relative=True).status == 200


def test_a_binding_that_is_repeated_has_one_effect(hall: Hall) -> None:
    anna = hall.takes("A")
    asks_for_a_code(anna)
    code = code_for(anna)
    first, again = binds(anna, code, key="k"), binds(anna, code, key="k")
    assert (first.status, first.body) == (again.status, again.body)


def test_a_hall_may_take_no_number_that_is_not_proven(server: Server) -> None:
    hall = Hall.made(server, rules={"phone_code_required": True})
    wish = {"group": "A", "channel": "web", "phone": PHONE}
    refusal = server.anybody.ask("POST", f"{hall.at}/tickets", wish)
    assert refusal.said == (409, "phone_not_proven")
    check_words(refusal)
    kiosk = {**wish, "channel": "kiosk"}
    assert server.anybody.ask("POST", f"{hall.at}/tickets", kiosk).code == "phone_not_proven"
    hall.pull_down()
