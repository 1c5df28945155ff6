"""A hall's own look: a few lines of CSS behind those of the house, and a picture."""

from base64 import b64decode

import pytest

from queue_server.hall.api.looks import css_of
from queue_server.hall.core.paper import Look

from .places import Answer, Hall
from .test_configuration import LOGO, Desk


def look(hall: Hall, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return hall.server.anybody.ask("GET", f"/halls/{hall.id}/look.css", headers=sent)


def test_a_hall_without_a_look_of_its_own_adds_nothing(hall: Hall) -> None:
    answer = look(hall)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"].startswith("text/css")


def test_a_new_accent_is_there_at_the_next_load(hall: Hall) -> None:
    before = look(hall)
    desk = Desk(hall)
    desk.paper["look"]["accent"] = "#2f5d50"
    desk.saves()
    after = look(hall, if_none_match=before.headers["etag"])
    assert after.status == 200
    assert b"--seal: #2f5d50;" in after.body
    assert after.headers["cache-control"].startswith("no-cache")


def test_a_look_that_did_not_change_is_not_sent_again(hall: Hall) -> None:
    answer = look(hall, if_none_match=look(hall).headers["etag"])
    assert (answer.status, answer.body) == (304, b"")


def test_the_phone_of_a_citizen_has_the_look_of_the_hall(hall: Hall) -> None:
    desk = Desk(hall)
    desk.paper["look"]["accent"] = "#2f5d50"
    desk.saves()
    link = hall.takes().ticket["link_token"]
    assert b"#2f5d50" in hall.server.anybody.ask("GET", f"/t/{link}/look.css").body


def test_a_hall_nobody_knows_looks_like_the_house(hall: Hall) -> None:
    answer = hall.server.anybody.ask("GET", "/halls/h9/look.css")
    assert (answer.status, answer.body) == (200, b"")


def test_a_logo_stands_in_place_of_the_seal(hall: Hall) -> None:
    desk = Desk(hall)
    desk.paper["look"]["logo"] = LOGO
    desk.saves()
    assert f"/halls/{hall.id}/logo.png?v=2".encode() in look(hall).body
    picture = hall.server.anybody.ask("GET", f"/halls/{hall.id}/logo.png")
    assert picture.body == b64decode(LOGO)
    assert picture.headers["content-type"] == "image/png"


def test_a_hall_without_a_logo_has_none_to_show(hall: Hall) -> None:
    assert hall.server.anybody.ask("GET", f"/halls/{hall.id}/logo.png").status == 404


@pytest.mark.parametrize("seal", ['"}', "\\;", "</", "政务"])
def test_no_seal_means_anything_to_a_stylesheet(seal: str) -> None:
    css = css_of(Look(seal=seal), "/logo.png")
    content = css.split('content: "')[1].split('";')[0]
    assert content == "".join(f"\\{ord(character):06x}" for character in seal)
