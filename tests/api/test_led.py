"""The plain text for LED strips: what it says, how wide, in which letters, and how little it costs."""

import pytest

from .places import Hall, Server


def led(hall: Hall, query: str = "", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = hall.server.anybody.ask("GET", f"/displays/{hall.id}/led.txt{query}", headers=named)
    return answer.status, answer.body, answer.headers


@pytest.fixture
def calling(hall: Hall) -> Hall:
    """Two windows that expect somebody."""
    hall.takes()
    hall.takes()
    hall.desk("w1").does("session", "calls")
    hall.desk("w2").does("session", "calls")
    return hall


def test_each_call_is_a_line_newest_first(calling: Hall) -> None:
    assert led(calling)[1].decode() == "A002 → w2号窗口\nA001 → w1号窗口\n"
    assert led(calling, "?lang=en&width=40")[1].decode().splitlines()[0] == "A002 → Window w2"


def test_a_strip_shows_its_window_or_its_zone_only(calling: Hall) -> None:
    assert led(calling, "?window=w1")[1].decode() == "A001 → w1号窗口\n"
    assert led(calling, "?zone=Z1&lines=1")[1].decode() == "A002 → w2号窗口\n"
    assert led(calling, "?zone=Z9")[1].decode() == "请等候叫号\n"


def test_a_line_is_never_wider_than_the_strip(calling: Hall) -> None:
    assert led(calling, "?width=10&lines=1")[1].decode() == "A002 → w2\n"


def test_who_has_come_or_was_missed_is_sent_nowhere(calling: Hall) -> None:
    calling.desk("w1").does("start")
    assert led(calling)[1].decode() == "A002 → w2号窗口\n"
    calling.desk("w2").does("start")
    assert led(calling)[1].decode() == "请等候叫号\n"


def test_old_controllers_get_their_own_letters(calling: Hall) -> None:
    status, body, headers = led(calling, "?charset=gb18030")
    assert status == 200
    assert body == "A002 → w2号窗口\nA001 → w1号窗口\n".encode("gb18030")
    assert headers["content-type"] == "text/plain; charset=gb18030"


def test_what_has_not_changed_is_not_sent_again(calling: Hall) -> None:
    _, _, headers = led(calling)
    assert led(calling, if_none_match=headers["etag"])[:2] == (304, b"")
    calling.desk("w1").does("start")
    assert led(calling, if_none_match=headers["etag"])[0] == 200


@pytest.mark.parametrize(
    "query", ["?width=0", "?width=9999", "?lines=0", "?charset=big5", "?lang=fr", "?zone=<b>", "?window=%00"]
)
def test_what_makes_no_sense_is_refused(hall: Hall, query: str) -> None:
    assert led(hall, query)[0] in (400, 422)


def test_an_unknown_hall_or_window_is_not_found(hall: Hall, hall_server: Server) -> None:
    assert led(hall, "?window=w99")[0] == 404
    assert hall_server.anybody.ask("GET", "/displays/nowhere/led.txt").status == 404
