"""Guides and managers over HTTP and WebSocket: whom to fetch, who goes, and the hall at a glance."""

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from queue_server.people.core import Role

from .places import Hall, Screen

SOON_SECONDS = 1.0


def desk_of(hall: Hall, role: str = "guide") -> Screen:
    return hall.server.socket(f"/ws/halls/{hall.id}/guide", token=hall.token(role))


def overview_of(hall: Hall) -> Screen:
    return hall.server.socket(f"/ws/halls/{hall.id}/overview", token=hall.token("manager"))


def task_of(view: dict[str, Any], number: object) -> dict[str, Any] | None:
    return next((task for task in view["tasks"] if task["number"] == number), None)


# ── Tickets taken for others ─────────────────────────────────────────────────────────────────────


def test_a_ticket_that_staff_take_for_somebody_says_who_it_was(hall: Hall) -> None:
    answer = hall.by("guide").ask(
        "POST", f"{hall.at}/tickets", {"group": "A", "channel": "staff", "priority_class": "elderly"}
    )
    assert answer.status == 201
    entries = hall.server.anybody.ask(
        "GET", f"/api/v1/rehearsal/halls/{hall.id}/journal?after={int(answer.json['id']) - 1}"
    ).json["entries"]
    assert entries[0]["body"]["channel"] == "staff"
    assert entries[0]["by"].startswith(f"guide:{hall.id}")


def test_the_channel_of_staff_is_for_staff_of_this_hall(hall: Hall, hall_server: Any) -> None:
    wish = {"group": "A", "channel": "staff"}
    assert hall.server.anybody.ask("POST", f"{hall.at}/tickets", wish).said == (401, "sign_in_needed")
    stranger = Hall.made(hall_server)
    assert stranger.by("guide").ask("POST", f"{hall.at}/tickets", wish).said == (403, "not_your_hall")
    assert hall.board()["groups"][0]["waiting"] == 0


def test_a_relative_without_a_phone_is_not_reached(hall: Hall) -> None:
    answer = hall.server.anybody.ask(
        "POST", f"{hall.at}/tickets", {"group": "A", "channel": "kiosk", "relative": True}
    )
    assert answer.status == 422


def test_whose_phone_it_is_stands_in_the_journal_and_the_number_does_not(hall: Hall) -> None:
    anna = hall.takes(phone="13912345678", relative=True)
    journal = hall.server.anybody.ask(
        "GET", f"/api/v1/rehearsal/halls/{hall.id}/journal?after={int(anna.id) - 1}"
    )
    assert journal.json["entries"][0]["body"]["reach"] == "relative"
    assert b"13912345678" not in journal.body


# ── Fetching people ──────────────────────────────────────────────────────────────────────────────


def test_the_desk_shows_whom_to_fetch_within_a_second_of_the_call(hall: Hall) -> None:
    for _ in range(8):
        hall.takes(phone="13800138000")
    anna = hall.takes(phone="13800138000", relative=True, priority_class="elderly")
    hall.desk("w1").does("session")
    with desk_of(hall) as desk:
        desk.view()
        hall.desk("w1").does("calls")
        view = desk.view_where(lambda view: task_of(view, anna.ticket["number"]) is not None, SOON_SECONDS)
        task = task_of(view, anna.ticket["number"])
        assert task is not None
        assert (task["state"], task["window"]["id"], task["why"]) == ("called", "w1", ["relative"])


def test_every_desk_sees_who_goes_and_only_one_guide_goes(hall: Hall) -> None:
    anna = hall.takes()
    other = hall.new_account(Role.GUIDE)
    with hall.server.socket(f"/ws/halls/{hall.id}/guide", token=other) as desk:
        assert desk.view()["tasks"][0]["helper"] is None
        taken = hall.by("guide").ask("POST", f"{hall.at}/tickets/{anna.id}/help", {})
        mine = taken.json["tasks"][0]["helper"]
        assert desk.view_where(lambda view: bool(view["tasks"][0]["helper"]))["tasks"][0]["helper"] == mine
        refused = hall.server.client(other).ask("POST", f"{hall.at}/tickets/{anna.id}/help", {})
        assert refused.said == (409, "somebody_goes")
        assert mine["name"] in refused.json["title"]
        assert mine["name"] in refused.json["title_zh"]


def test_a_manager_may_take_an_errand_off_a_guide_who_has_gone_home(hall: Hall) -> None:
    anna = hall.takes()
    hall.by("guide").ask("POST", f"{hall.at}/tickets/{anna.id}/help", {})
    answer = hall.by("manager").ask("DELETE", f"{hall.at}/tickets/{anna.id}/help")
    assert answer.json["tasks"][0]["helper"] is None


def test_whoever_opens_the_page_of_the_ticket_need_not_be_fetched(hall: Hall) -> None:
    anna = hall.takes()
    with desk_of(hall) as desk:
        assert task_of(desk.view(), anna.ticket["number"]) is not None
        assert anna.asks("following").json["followed"] is True
        desk.view_where(lambda view: not view["tasks"])
        seq = hall.seq()
        anna.asks("following")
        assert hall.seq() == seq


def test_a_guide_says_for_somebody_that_they_are_coming(hall: Hall) -> None:
    anna = hall.takes()
    desk = hall.desk("w1").does("session", "calls")
    answer = hall.by("guide").ask("POST", f"{hall.at}/tickets/{anna.id}/acknowledgement", {})
    assert answer.json["acknowledged"] is True
    assert desk.sees()["ticket"]["acknowledged"] is True


def test_how_quickly_somebody_was_fetched_is_kept(hall: Hall) -> None:
    anna = hall.takes()
    desk = hall.desk("w1").does("session")
    hall.server.time_passes(40)
    hall.by("guide").ask("POST", f"{hall.at}/tickets/{anna.id}/help", {})
    desk.does("calls")
    hall.server.time_passes(30)
    desk.does("start", "completion")
    read = hall.server.house.database.read
    row = hall.server.do(
        read(
            lambda tx: tx.one(
                "SELECT helped_at - due_at AS response, started_at - due_at AS arrival, helper_id "
                "FROM facts_ended WHERE hall_id = :hall AND ticket_id = :id",
                hall=hall.id,
                id=int(anna.id),
            )
        )
    )
    assert (row["response"].total_seconds(), row["arrival"].total_seconds()) == (40, 70)
    assert row["helper_id"].startswith(f"{hall.id}-guide")


# ── Finding somebody ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "found"), [("2", ["A002"]), ("a00", ["A001", "A002"]), ("zz", []), ("%22", [])]
)
def test_tickets_are_found_by_any_part_of_their_number(hall: Hall, asked: str, found: list[str]) -> None:
    hall.takes()
    hall.takes()
    answer = hall.by("guide").ask("GET", f"{hall.at}/tickets?number={asked}")
    assert [ticket["number"] for ticket in answer.json["tickets"]] == found


def test_whoever_missed_the_call_and_may_come_back_is_on_the_desk_until_it_is_too_late(hall: Hall) -> None:
    anna = hall.takes()
    desk = hall.desk("w1").does("session", "calls")
    hall.server.time_passes(200)
    desk.does("missed")

    def missed() -> list[str]:
        view = hall.by("guide").ask("GET", f"{hall.at}/guide").json
        return [ticket["number"] for ticket in view["missed"]]

    assert missed() == [anna.ticket["number"]]
    hall.server.time_passes(1801)
    assert missed() == []


# ── Who may look ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("what", "role", "status"),
    [
        ("guide", None, 401),
        ("guide", "clerk", 403),
        ("overview", None, 401),
        ("overview", "clerk", 403),
        ("overview", "guide", 403),
    ],
)
def test_a_socket_for_staff_is_closed_to_others(hall: Hall, what: str, role: str | None, status: int) -> None:
    token = None if role is None else hall.token(role)
    with pytest.raises(InvalidStatus) as refused:
        hall.server.socket(f"/ws/halls/{hall.id}/{what}", token=token)
    assert refused.value.response.status_code == status


def test_whoever_signs_out_is_shown_no_more(hall: Hall) -> None:
    token = hall.new_account(Role.GUIDE)
    with hall.server.socket(f"/ws/halls/{hall.id}/guide", token=token) as desk:
        desk.view()
        hall.server.client(token).ask("DELETE", "/api/v1/sessions/current")
        assert desk.close_code(6) == 1008


# ── At a glance ──────────────────────────────────────────────────────────────────────────────────


def test_the_overview_says_what_is_and_what_was_today(hall: Hall) -> None:
    hall.takes()
    hall.takes("B")
    desk = hall.desk("w1").does("session", "calls", "start")
    hall.server.time_passes(900)
    desk.does("completion")
    view = hall.by("manager").ask("GET", f"{hall.at}/overview").json
    group = next(group for group in view["groups"] if group["id"] == "A")
    window = next(window for window in view["windows"] if window["id"] == "w1")
    assert (group["waiting"], group["issued"], group["served"]) == (0, 1, 1)
    assert (window["state"], window["served"], window["busy_share"]) == ("ready", 1, 1.0)
    assert view["tickets"]["waiting"] == 1
    assert sum(half["served"] for half in view["half_hours"]) == 1


def test_the_overview_names_what_needs_somebody_and_since_when(hall: Hall) -> None:
    anna, boris = hall.takes(), hall.takes("B")
    desk = hall.desk("w1").does("session")
    desk.asks("PUT", "pause", {"reason": "tea", "minutes": 5})
    hall.server.time_passes(1860)
    desk.asks("DELETE", "pause")
    desk.does("calls")
    hall.server.time_passes(121)
    view = hall.by("manager").ask("GET", f"{hall.at}/overview").json
    found = [(each["kind"], each["number"]) for each in view["attention"]]
    assert found == [
        ("help", anna.ticket["number"]),
        ("unserved", boris.ticket["number"]),
        ("wait", boris.ticket["number"]),
    ]


def test_the_overview_is_told_once_a_second_and_not_at_every_event(hall: Hall) -> None:
    with overview_of(hall) as screen:
        screen.view()
        for _ in range(20):
            hall.takes()
        views = [screen.view_where(lambda view: view["tickets"]["waiting"] == 20, 3)]
        assert views[0]["tickets"]["issued"] == 20


def test_no_view_for_staff_carries_a_phone(hall: Hall) -> None:
    hall.takes(phone="13912345678", relative=True, priority_class="elderly")
    for role, path in (("guide", "guide"), ("guide", "tickets"), ("manager", "overview")):
        assert b"13912345678" not in hall.by(role).ask("GET", f"{hall.at}/{path}").body
