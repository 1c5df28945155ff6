"""What the holder of a ticket may ask: the price of coming later, why others were first, what to bring."""

from datetime import timedelta

import pytest

from queue_server.kit.database import Transaction

from .places import Citizen, Hall, Server
from .test_matters import CARD, PASSPORT


def why(hall: Hall, citizen: Citizen, number: object) -> dict[str, object]:
    answer = hall.server.anybody.ask("GET", f"{citizen.at}/reasons/{number}")
    assert answer.status == 200, answer
    return dict(answer.json)


# ── Why was somebody called first? ───────────────────────────────────────────────────────────────


def test_whoever_took_a_number_earlier_is_named_with_both_times(hall: Hall) -> None:
    anna = hall.takes()
    hall.server.time_passes(60)
    boris = hall.takes()
    hall.desk("w1").does("session", "calls")
    told = why(hall, boris, anna.ticket["number"])
    assert told["why"] == "earlier_issue"
    assert (told["issued_at"], told["your_issued_at"]) == (
        anna.ticket["issued_at"],
        boris.ticket["issued_at"],
    )
    assert told["window"] == {"id": "w1", "label": {"zh": "w1号窗口", "en": "Window w1"}}


def test_the_answer_stays_the_same_after_one_was_called_and_served(hall: Hall) -> None:
    anna, boris = hall.takes(), hall.takes()
    desk = hall.desk("w1").does("session", "calls", "start", "completion", "calls")
    assert why(hall, boris, anna.ticket["number"])["why"] == "earlier_issue"
    desk.does("start", "completion")
    assert why(hall, boris, anna.ticket["number"])["why"] == "earlier_issue"
    assert why(hall, anna, boris.ticket["number"])["why"] == "not_before"


def test_a_priority_class_is_never_named(hall: Hall) -> None:
    anna = hall.takes()
    gina = hall.takes(priority_class="pregnant")
    hall.desk("w1").does("session", "calls")
    answer = hall.server.anybody.ask("GET", f"{anna.at}/reasons/{gina.ticket['number']}")
    assert answer.json["why"] == "by_law"
    assert b"pregnant" not in answer.body


def test_the_reason_of_an_exception_stays_with_the_managers(hall: Hall) -> None:
    anna, boris = hall.takes(), hall.takes()
    desk = hall.desk("w1").does("session")
    body = {"ticket": boris.id, "reason": "a secret reason"}
    assert desk.client.ask("POST", f"{desk.at}/calls", body).status == 201
    answer = hall.server.anybody.ask("GET", f"{anna.at}/reasons/{boris.ticket['number']}")
    assert answer.json["why"] == "picked"
    assert b"secret" not in answer.body


def test_a_number_that_nobody_has_today_is_not_known(hall: Hall) -> None:
    anna = hall.takes()
    answer = hall.server.anybody.ask("GET", f"{anna.at}/reasons/A999")
    assert answer.said == (404, "number_unknown")


def test_a_number_of_another_hall_is_not_known_here(hall: Hall, hall_server: Server) -> None:
    other = Hall.made(hall_server)
    number = other.takes(group="B").ticket["number"]
    anna = hall.takes()
    assert hall.server.anybody.ask("GET", f"{anna.at}/reasons/{number}").said == (404, "number_unknown")


@pytest.mark.parametrize("number", ["018", "a018", "A", "A0000018", "A018;--", "%00", "Ａ018"])
def test_what_is_no_number_is_refused_without_a_look(hall: Hall, number: str) -> None:
    anna = hall.takes()
    assert hall.server.anybody.ask("GET", f"{anna.at}/reasons/{quoted(number)}").status in (400, 422)


def quoted(text: str) -> str:
    return "".join(
        each if each.isascii() else "".join(f"%{byte:02X}" for byte in each.encode()) for each in text
    )


def test_whoever_cancelled_before_being_called_has_nothing_to_compare(hall: Hall) -> None:
    anna, boris = hall.takes(), hall.takes()
    hall.desk("w1").does("session", "calls")
    assert hall.server.anybody.ask("POST", f"{boris.at}/cancellation", {}).status == 200
    answer = hall.server.anybody.ask("GET", f"{boris.at}/reasons/{anna.ticket['number']}")
    assert answer.said == (409, "ticket_ended")


# ── Come later ───────────────────────────────────────────────────────────────────────────────────


def test_the_price_is_what_the_deed_then_comes_to(hall: Hall) -> None:
    hall.desk("w1").does("session")
    anna = hall.takes()
    for _ in range(4):
        hall.takes()
    price = hall.server.anybody.ask("GET", f"{anna.at}/deferral?places=3")
    assert price.status == 200
    assert (price.json["ahead"], price.json["defers_left"]) == (3, 1)
    seq = hall.seq()
    paid = hall.server.anybody.ask("POST", f"{anna.at}/deferral", {"places": 3}).json
    assert hall.seq() > seq
    assert (paid["ahead"], paid["estimate"], paid["defers_left"]) == (
        price.json["ahead"],
        price.json["estimate"],
        price.json["defers_left"],
    )


def test_asking_for_the_price_changes_nothing(hall: Hall) -> None:
    anna = hall.takes()
    hall.takes()
    seq = hall.seq()
    assert hall.server.anybody.ask("GET", f"{anna.at}/deferral?places=1").status == 200
    assert hall.seq() == seq


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("1", (409, "nobody_behind")),
        ("21", (422, "too_many_places")),
        ("0", (422, "invalid_request")),
        ("x", (422, "invalid_request")),
    ],
)
def test_a_price_is_refused_like_the_deed_itself(hall: Hall, places: str, said: tuple[int, str]) -> None:
    anna = hall.takes()
    assert hall.server.anybody.ask("GET", f"{anna.at}/deferral?places={places}").said == said


def test_whose_ticket_has_ended_is_told_so_instead_of_a_price(hall: Hall) -> None:
    anna = hall.takes()
    hall.server.anybody.ask("POST", f"{anna.at}/cancellation", {})
    assert hall.server.anybody.ask("GET", f"{anna.at}/deferral").said == (409, "ticket_ended")


# ── What to bring ────────────────────────────────────────────────────────────────────────────────


def test_a_ticket_says_what_to_bring_in_the_case_one_is_in(hall: Hall) -> None:
    catalogue = hall.server.house.catalogue
    hall.server.do(catalogue.put_matters(hall.id, [CARD, PASSPORT], by="test"))
    anna = hall.takes(matters=["M15"], scenarios=["M15.expired"], group=None)
    (matter,) = hall.server.anybody.ask("GET", f"{anna.at}/materials").json["matters"]
    assert (matter["code"], matter["scenario"]) == ("M15", {"zh": "期满换领", "en": "Expired"})
    assert [(each["name"]["en"], each["tolerable"], each["exempt"]) for each in matter["materials"]] == [
        ("Household register", False, True),
        ("Old ID card", True, False),
    ]


def test_a_ticket_for_a_group_needs_nothing_that_we_know_of(hall: Hall) -> None:
    assert hall.server.anybody.ask("GET", f"{hall.takes().at}/materials").json == {"matters": []}


# ── Links of days gone ───────────────────────────────────────────────────────────────────────────


def test_a_link_shows_the_end_of_its_ticket_until_midnight_and_then_that_the_day_is_over(hall: Hall) -> None:
    anna = hall.takes()
    hall.server.anybody.ask("POST", f"{anna.at}/cancellation", {})
    assert hall.server.anybody.ask("GET", anna.at).json["state"] == "cancelled"
    assert hall.server.anybody.ask("GET", f"/t/{anna.ticket['link_token']}").status == 200
    end_yesterday(hall)
    assert hall.server.anybody.ask("GET", anna.at).said == (410, "ticket_past")
    page = hall.server.anybody.ask("GET", f"/t/{anna.ticket['link_token']}?lang=en")
    assert page.status == 410
    assert "The day of this ticket is over" in page.body.decode()
    assert f"/take/{hall.id}" in page.body.decode()


def end_yesterday(hall: Hall) -> None:
    """As if a day had passed since the tickets of this hall ended."""
    yesterday = hall.server.house.clock() - timedelta(days=1)

    def unit(tx: Transaction) -> None:
        tx.execute(
            "UPDATE facts_ended SET ended_at = :at WHERE hall_id = :hall_id", at=yesterday, hall_id=hall.id
        )

    hall.server.do(hall.server.house.database.write(unit))


def test_a_link_that_nobody_was_given_leads_to_a_kind_page(hall: Hall) -> None:
    page = hall.server.anybody.ask("GET", f"/t/{'A' * 22}")
    assert page.status == 404
    assert "没有找到这张号票" in page.body.decode()


# ── With scripts off ─────────────────────────────────────────────────────────────────────────────


def test_the_page_itself_says_number_state_and_people_ahead(hall: Hall) -> None:
    hall.takes()
    anna = hall.takes()
    page = hall.server.anybody.ask("GET", f"/t/{anna.ticket['link_token']}").body.decode()
    assert f"data-number>{anna.ticket['number']}<" in page
    assert "data-ahead>1 人<" in page
    assert "data-state-word>快到您了" in page
    assert '<meta http-equiv="refresh" content="30">' in page


def test_how_each_matter_was_left_is_told_at_the_end(hall: Hall) -> None:
    hall.server.do(hall.server.house.catalogue.put_matters(hall.id, [CARD, PASSPORT], by="test"))
    anna = hall.takes(matters=["M15", "M17"], group=None)
    desk = hall.desk("w1").does("session", "calls", "start")
    assert desk.client.ask("POST", f"{desk.at}/completion", {"outcomes": {"M17": "supplement"}}).status == 200
    assert hall.server.anybody.ask("GET", anna.at).json["outcomes"] == [
        {"matter": "M15", "outcome": "done"},
        {"matter": "M17", "outcome": "supplement"},
    ]


def test_a_ticket_view_tells_the_promise_and_what_changed(hall: Hall) -> None:
    hall.desk("w1").does("session")
    hall.desk("w2").does("session")
    people = [hall.takes() for _ in range(6)]
    view = hall.server.anybody.ask("GET", people[-1].at).json
    assert view["promise"]["low_at"] < view["promise"]["high_at"]
    assert view["revision"] is None
    desk = hall.desk("w2")
    assert desk.client.ask("PUT", f"{desk.at}/pause", {"reason": "tea"}).status == 200
    hall.server.time_passes(600)
    assert hall.server.anybody.ask("GET", people[-1].at).json["revision"] == {
        "later": True,
        "causes": [
            {
                "because": "fewer_windows",
                "was": 2,
                "now": 1,
                "paused": [{"id": "w2", "label": {"zh": "w2号窗口", "en": "Window w2"}}],
            }
        ],
    }
