"""Slips over HTTP: printed once for each wish, and never in the way of a ticket."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec
import pytest

from queue_server.hall.slips import SLIPS_MAX
from tests.api.conftest import folder, hall_server, hall_settings  # noqa: F401 - fixtures.
from tests.api.places import Answer, Citizen, Hall, Server, served
from tests.kiosk.double import PrinterDouble
from tests.kiosk.paper import Paper


@pytest.fixture
def hall(hall_server: Server) -> Iterator[Hall]:  # noqa: F811
    hall = Hall.made(hall_server)
    yield hall
    hall.pull_down()


@pytest.fixture
def double() -> Iterator[PrinterDouble]:
    with PrinterDouble() as double:
        yield double


@pytest.fixture
def kiosk(hall: Hall, double: PrinterDouble) -> Hall:
    """A hall whose kiosk has a printer."""
    return with_printer(hall, double.address)


def with_printer(hall: Hall, address: str) -> Hall:
    queues = hall.server.house.queues
    paper = hall.server.do(queues.paper(hall.id))
    devices = tuple(msgspec.structs.replace(device, printer=address) for device in paper.devices)
    hall.server.do(queues.create(msgspec.structs.replace(paper, devices=devices)))
    return hall


def prints(anna: Citizen, *, key: str | None = None, device: str = "K1", **more: object) -> Answer:
    body = {"link_token": anna.ticket["link_token"], **more}
    path = f"{anna.hall.at}/kiosks/{device}/slips"
    return anna.hall.server.anybody.ask("POST", path, body, key=key or uuid4().hex)


def test_a_slip_comes_out_with_the_number_and_the_link(kiosk: Hall, double: PrinterDouble) -> None:
    kiosk.desk("w1").does("session")
    anna = kiosk.takes()
    answer = prints(anna)
    assert (answer.status, answer.json["printed"], answer.json["marked_copy"]) == (201, True, False)
    (order,) = double.slips()
    paper = Paper().printed(order)
    assert anna.ticket["number"] in paper.lines
    assert "w1号窗口" in paper.lines
    assert paper.codes == [f"http://127.0.0.1:8000/t/{anna.ticket['link_token']}"]


def test_a_slip_carries_no_personal_data_and_no_word_about_the_class(
    kiosk: Hall, double: PrinterDouble
) -> None:
    prints(kiosk.takes(priority_class="ill", phone="13800138000"))
    said = double.slips()[0].decode("gb18030", errors="replace")
    assert "13800138000" not in said
    assert "138" not in said
    assert "患病" not in said


def test_the_same_wish_never_prints_twice(kiosk: Hall, double: PrinterDouble) -> None:
    anna, key = kiosk.takes(), uuid4().hex
    first, again = prints(anna, key=key), prints(anna, key=key)
    assert first.body == again.body
    assert len(double.slips()) == 1


def test_another_server_process_knows_that_a_slip_was_printed(kiosk: Hall, double: PrinterDouble) -> None:
    anna, key = kiosk.takes(), uuid4().hex
    first = prints(anna, key=key)
    kiosk.server.house.requests._answered.clear()  # What only this process remembers.
    assert prints(anna, key=key).body == first.body
    assert len(double.slips()) == 1


def test_a_second_slip_is_marked_as_a_copy_even_if_nobody_says_so(kiosk: Hall, double: PrinterDouble) -> None:
    anna = kiosk.takes()
    prints(anna)
    assert prints(anna).json["marked_copy"] is True
    assert "重印 COPY" in Paper().printed(double.slips()[1]).lines


def test_another_server_process_knows_how_many_slips_there_were(kiosk: Hall, double: PrinterDouble) -> None:
    anna = kiosk.takes()
    prints(anna)
    with served(kiosk.server.settings) as other:
        body = {"link_token": anna.ticket["link_token"]}
        answer = other.anybody.ask("POST", f"{kiosk.at}/kiosks/K1/slips", body, key=uuid4().hex)
    assert (answer.status, answer.json["marked_copy"]) == (201, True)


def test_a_copy_is_marked_when_it_is_wanted(kiosk: Hall, double: PrinterDouble) -> None:
    assert prints(kiosk.takes(), copy=True).json["marked_copy"] is True
    assert "重印 COPY" in Paper().printed(double.slips()[0]).lines


def test_nobody_unrolls_the_paper(kiosk: Hall, double: PrinterDouble) -> None:
    anna = kiosk.takes()
    answers = [prints(anna) for _ in range(SLIPS_MAX + 1)]
    assert answers[-1].said == (409, "slips_used_up")
    assert len(double.slips()) == SLIPS_MAX


@pytest.mark.parametrize("state", ["paper_out", "cover_open", "error", "offline"])
def test_a_printer_that_is_not_well_says_so_and_the_ticket_stands(
    kiosk: Hall, double: PrinterDouble, state: str
) -> None:
    double.state = state
    anna = kiosk.takes()
    answer = prints(anna)
    assert (answer.status, answer.json["printed"]) == (201, False)
    assert answer.json["printer"]["state"] == state
    assert anna.sees()["state"] == "waiting"


def test_staff_see_which_printer_has_no_paper_and_since_when(kiosk: Hall, double: PrinterDouble) -> None:
    double.state = "paper_out"
    prints(kiosk.takes())
    (line,) = kiosk.by("guide").ask("GET", f"{kiosk.at}/printers").json["printers"]
    assert (line["device"], line["name"]["zh"], line["state"]) == ("K1", "1号自助机", "paper_out")
    before = line["since"]
    kiosk.server.time_passes(60)
    assert kiosk.by("guide").ask("GET", f"{kiosk.at}/printers").json["printers"][0]["since"] == before


def test_however_many_look_a_printer_is_asked_once(kiosk: Hall, double: PrinterDouble) -> None:
    for _ in range(5):
        assert kiosk.server.anybody.ask("GET", f"{kiosk.at}/kiosks/K1/printer").json["state"] == "ready"
    assert double.connections == 1


def test_a_kiosk_without_a_printer_says_that_it_has_none(hall: Hall) -> None:
    with_printer(hall, "")
    answer = prints(hall.takes())
    assert (answer.json["printed"], answer.json["printer"]["state"]) == (False, "none")


def test_a_wrong_address_is_an_error_and_no_failure(hall: Hall) -> None:
    with_printer(hall, "lpt1")
    assert prints(hall.takes()).json["printer"]["state"] == "error"


def test_a_ticket_that_has_ended_has_no_slip(kiosk: Hall, double: PrinterDouble) -> None:
    anna = kiosk.takes()
    anna.asks("cancellation")
    assert prints(anna).said == (409, "ticket_ended")
    assert double.slips() == []


def test_the_slip_of_another_hall_is_not_printed_here(
    kiosk: Hall,
    double: PrinterDouble,
    hall_server: Server,  # noqa: F811
) -> None:
    theirs = Hall.made(hall_server).takes()
    body = {"link_token": theirs.ticket["link_token"]}
    answer = kiosk.server.anybody.ask("POST", f"{kiosk.at}/kiosks/K1/slips", body)
    assert answer.said == (404, "ticket_unknown")
    assert double.slips() == []


def test_a_kiosk_that_is_not_there_is_not_found(kiosk: Hall) -> None:
    assert prints(kiosk.takes(), device="K9").said == (404, "kiosk_unknown")
    assert kiosk.server.anybody.ask("GET", f"{kiosk.at}/kiosks/K9/printer").said == (404, "kiosk_unknown")


def test_an_english_ticket_has_an_english_slip(kiosk: Hall, double: PrinterDouble) -> None:
    prints(kiosk.takes(language="en"))
    assert "Your number" in Paper().printed(double.slips()[0]).lines
