"""Only people in the hall take tickets, where the hall wants that; and a phone that scans has one at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from queue_server.hall.access import House
from queue_server.kit.clock import SystemClock
from queue_server.people.core import Role
from queue_server.settings import Settings

from .places import RULES, Answer, Client, Hall, Server, served
from .test_refusals import check_words

WISH = {"group": "A", "channel": "web"}


@pytest.fixture
def strict(hall_server: Server) -> Iterator[Hall]:
    """A hall whose tickets are for people who are in it."""
    hall = Hall.made(hall_server, rules={**RULES, "presence_required": True})
    yield hall
    hall.pull_down()


def code(house: House, hall: Hall, seconds_ago: float = 0) -> str:
    """What the screens of the hall showed."""
    return house.codes.code(hall.id, SystemClock()() - timedelta(seconds=seconds_ago))


def scans(hall: Hall, seconds_ago: float = 0, cookie: str = "") -> Answer:
    """Somebody scans the screen of the hall."""
    path = f"/take/{hall.id}?code={code(hall.server.house, hall, seconds_ago)}"
    return hall.server.anybody.ask("GET", path, headers={"cookie": cookie})


def proof_in(answer: Answer) -> str:
    """The cookie that a phone sends from now on."""
    return answer.headers["set-cookie"].partition(";")[0]


def takes(hall: Hall, cookie: str, wish: dict[str, str] = WISH, client: Client | None = None) -> Answer:
    """Somebody takes a ticket with a phone."""
    client = client or hall.server.anybody
    return client.ask("POST", f"{hall.at}/tickets", wish, headers={"cookie": cookie})


def test_whoever_has_scanned_the_screen_takes_a_ticket(strict: Hall) -> None:
    scan = scans(strict)
    assert (scan.status, scan.headers["location"]) == (303, f"/take/{strict.id}"), "no proof in the address"
    assert "httponly" in scan.headers["set-cookie"].lower()
    assert takes(strict, proof_in(scan)).status == 201


@pytest.mark.parametrize("cookie", ["", "scanned=phone.1.abc", "scanned=取号".encode().decode("latin-1")])
def test_whoever_has_not_is_asked_to(strict: Hall, cookie: str) -> None:
    refusal = takes(strict, cookie)
    assert refusal.said == (403, "scan_needed")
    check_words(refusal)


def test_an_old_code_is_refused_with_a_kind_word(strict: Hall) -> None:
    page = scans(strict, seconds_ago=95)
    assert page.status == 200
    assert "scanned=" not in page.headers.get("set-cookie", "")
    assert '"scan": "old"' in page.body.decode()
    assert "请重新扫描大厅屏幕上的二维码" in page.body.decode()


def test_a_hall_that_wants_no_proof_takes_an_old_code_for_a_link(hall: Hall) -> None:
    assert scans(hall, seconds_ago=95).status == 303
    assert takes(hall, "").status == 201


def test_a_proof_is_good_in_its_own_hall_only(strict: Hall, hall: Hall) -> None:
    assert takes(strict, proof_in(scans(hall))).said == (403, "scan_needed")


def test_other_channels_are_no_way_round(strict: Hall) -> None:
    assert takes(strict, "", {"group": "A", "channel": "sms"}).said == (403, "scan_needed")
    refusal = takes(strict, "", {"group": "A", "channel": "kiosk"})
    assert refusal.said == (403, "terminal_unknown")
    check_words(refusal)


def test_a_terminal_that_staff_have_opened_gives_tickets(strict: Hall) -> None:
    guide = {"authorization": f"Bearer {strict.token(Role.GUIDE)}"}
    assert "set-cookie" not in strict.server.anybody.ask("GET", f"/kiosk/{strict.id}?device=K1").headers
    opened = strict.server.anybody.ask("GET", f"/kiosk/{strict.id}?device=K1", headers=guide)
    assert takes(strict, proof_in(opened), {"group": "A", "channel": "kiosk"}).status == 201


def test_whoever_scans_again_is_led_to_the_ticket_they_have(hall: Hall) -> None:
    first_scan = proof_in(scans(hall))
    first = takes(hall, first_scan)
    again = takes(hall, proof_in(scans(hall, cookie=first_scan)))
    assert (first.status, again.status) == (201, 200)
    assert again.json["link"] == first.json["link"]
    assert takes(hall, first_scan, {"group": "B", "channel": "web"}).status == 201, "another service"


def test_a_ticket_that_is_given_up_makes_room_for_another(hall: Hall) -> None:
    phone = proof_in(scans(hall))
    first = takes(hall, phone).json
    hall.server.anybody.ask("POST", f"/api/v1/tickets/{first['link_token']}/cancellation", {})
    second = takes(hall, phone)
    assert second.status == 201
    assert second.json["number"] != first["number"]


def test_a_request_that_is_repeated_after_the_answer_was_lost_gets_the_same_answer(hall: Hall) -> None:
    phone = {"cookie": proof_in(scans(hall))}
    path = f"{hall.at}/tickets"
    first, again = (hall.server.anybody.ask("POST", path, WISH, key="k", headers=phone) for _ in range(2))
    assert (again.status, again.body) == (first.status, first.body)
    kept = [hall.server.anybody.ask("POST", path, WISH, key="other", headers=phone) for _ in range(2)]
    assert [answer.status for answer in kept] == [200, 200]
    assert kept[0].body == kept[1].body


def test_a_phone_that_asks_two_servers_at_once_gets_one_ticket(hall: Hall, hall_settings: Settings) -> None:
    phone = proof_in(scans(hall))
    with served(hall_settings) as other, ThreadPoolExecutor(8) as threads:
        clients = [Client(server.port) for server in (hall.server, other) for _ in range(4)]
        answers = list(threads.map(lambda client: takes(hall, phone, client=client), clients))
        for client in clients:
            client.close()
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.json["link"] for answer in answers}) == 1
