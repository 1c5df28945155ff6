"""Tickets for everybody: nobody takes them by the dozen, and nobody in the hall waits because of who does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from queue_server.hall.access import opening
from queue_server.settings import Settings

from .places import Answer, Hall, Server, served
from .test_presence import WISH, code, proof_in
from .test_refusals import check_words


@pytest.fixture(scope="module")
def far(hall_settings: Settings) -> Iterator[Server]:
    """A server that is asked from afar: no network is the hall's own, and nobody has asked before."""
    settings = {"redis_url": "", "hall_networks": (), "tickets_per_phone": 2, "tickets_per_address": 4}
    with served(hall_settings.model_copy(update=settings)) as server:
        yield server


@pytest.fixture
def hall(far: Server) -> Iterator[Hall]:
    hall = Hall.made(far)
    yield hall
    hall.pull_down()


def takes(hall: Hall, cookie: str = "", key: str | None = None, **wish: str) -> Answer:
    headers = {"cookie": cookie}
    return hall.server.anybody.ask("POST", f"{hall.at}/tickets", {**WISH, **wish}, headers=headers, key=key)


def opened(hall: Hall, device: str, seconds_ago: float = 60) -> str:
    """The cookie of a browser that opened the page a while ago."""
    house = hall.server.house
    at = house.real_clock() - timedelta(seconds=seconds_ago)
    return f"opened={house.codes.proof(hall.id, opening(device, at), at)}"


def test_from_afar_one_address_takes_so_many_tickets_and_then_waits(hall: Hall) -> None:
    answers = [takes(hall) for _ in range(5)]
    assert [answer.status for answer in answers] == [201] * 4 + [429]
    assert answers[-1].code == "too_many_tickets"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 150
    check_words(answers[-1])


def test_a_repeated_request_is_no_second_ticket(hall: Hall) -> None:
    assert {takes(hall, key="the-same").status for _ in range(6)} == {201}


def test_a_browser_counts_by_itself_too(hall: Hall) -> None:
    assert [takes(hall, opened(hall, "anna")).status for _ in range(3)] == [201, 201, 429]
    assert takes(hall, opened(hall, "boris")).status == 201


def test_phones_that_have_scanned_the_screen_share_no_limit(hall: Hall) -> None:
    """Hundreds of people in a hall may have one address."""
    house = hall.server.house
    for number in range(6):
        proof = house.codes.proof(hall.id, f"phone-{number}", house.real_clock())
        assert takes(hall, f"scanned={proof}").status == 201


def test_a_kiosk_is_never_held_up(hall: Hall) -> None:
    house = hall.server.house
    proof = house.codes.proof(hall.id, "terminal K1", house.real_clock())
    assert {takes(hall, f"terminal={proof}", channel="kiosk").status for _ in range(8)} == {201}


def test_the_halls_own_network_is_not_counted(hall: Hall, hall_server: Server) -> None:
    assert hall_server.house.pace.is_home("127.0.0.1")
    assert hall_server.house.pace.is_home("10.1.2.3")
    assert hall_server.house.pace.is_home("::ffff:192.168.0.7")
    assert not hall_server.house.pace.is_home("203.0.113.5")


def test_what_is_quicker_than_anybody_reads_is_asked_for_again(hall: Hall) -> None:
    refusal = takes(hall, opened(hall, "robot", seconds_ago=0))
    assert refusal.said == (429, "too_quick")
    check_words(refusal)


def test_the_page_says_when_it_was_opened_and_remains_the_same_phone(hall: Hall) -> None:
    first = hall.server.anybody.ask("GET", f"/take/{hall.id}")
    cookie = proof_in(first)
    again = hall.server.anybody.ask("GET", f"/take/{hall.id}", headers={"cookie": cookie})
    assert "httponly" in first.headers["set-cookie"].lower()
    assert cookie.startswith("opened=")
    assert proof_in(again).partition("~")[0] == cookie.partition("~")[0]


# ── How many one person has ──────────────────────────────────────────────────────────────────────


def test_one_person_has_so_many_open_tickets_and_another_when_one_is_done(hall_server: Server) -> None:
    hall = Hall.made(hall_server, rules={"tickets_per_person_max": 1})
    scan = hall_server.anybody.ask("GET", f"/take/{hall.id}?code={code(hall_server.house, hall)}")
    phone = proof_in(scan)
    first = takes(hall, phone)
    assert first.status == 201
    refusal = takes(hall, phone, group="B")
    assert refusal.said == (409, "tickets_enough")
    assert first.json["number"] in refusal.json["detail"]
    check_words(refusal)
    assert takes(hall, phone).json["number"] == first.json["number"], "the same service, the same ticket"
    gone = hall_server.anybody.ask("POST", f"/api/v1/tickets/{first.json['link_token']}/cancellation", {})
    assert gone.status == 200
    assert takes(hall, phone, group="B").status == 201
    hall.pull_down()
