"""Ratings over HTTP, on a real database: once for each service, and named by nobody."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from queue_server.people.core import Role
from queue_server.settings import Settings

from .places import Citizen, Hall

BAD = {"level": 1, "aspects": {"attitude": 1}, "comment": "<b>排队两小时</b>"}


def served(hall: Hall) -> Citizen:
    """Somebody whose service is over."""
    anna = hall.takes()
    desk = hall.desk("w1")
    desk.does("session", "calls", "start", "completion")
    return anna


def token_of(hall: Hall, anna: Citizen) -> str:
    return str(hall.server.anybody.ask("GET", f"{anna.at}/rating").json["token"])


def rates(hall: Hall, token: str, body: dict[str, Any], key: str | None = None) -> Any:
    return hall.server.anybody.ask("POST", f"/api/v1/ratings/{token}", body, key=key)


def test_a_service_is_rated_once_it_is_over_and_only_once(hall: Hall) -> None:
    anna = hall.takes()
    assert hall.server.anybody.ask("GET", f"{anna.at}/rating").json == {"token": None, "rated": False}
    hall.desk("w1").does("session", "calls", "start", "completion")
    token = token_of(hall, anna)
    good = {"level": 5, "aspects": {"process": 5, "openness": 5, "attitude": 5, "ability": 4}}
    first = rates(hall, token, good, key="press")
    assert first.status == 201
    assert rates(hall, token, good, key="press").body == first.body  # The same press, said twice.
    assert rates(hall, token, BAD, key="again").said == (409, "rating_used")
    assert hall.server.anybody.ask("GET", f"{anna.at}/rating").json == {"token": token, "rated": True}


def test_a_bad_rating_is_a_task_with_a_time_until_a_manager_says_what_was_done(hall: Hall) -> None:
    rates(hall, token_of(hall, served(hall)), BAD)
    manager = hall.by("manager")
    (task,) = manager.ask("GET", f"{hall.at}/ratings").json["to_answer"]
    assert (task["level"], task["comment"], task["window"]) == (1, BAD["comment"], "w1")
    assert task["due_at"] > task["rated_at"]
    reply = f"{hall.at}/ratings/{task['id']}/reply"
    assert manager.ask("POST", reply, {"reply": "已向群众致歉并增开窗口"}).status == 200
    assert manager.ask("GET", f"{hall.at}/ratings").json["to_answer"] == []
    assert manager.ask("POST", reply, {"reply": "再次"}).said == (404, "task_unknown")


def test_a_good_rating_asks_for_nothing_and_few_of_them_give_no_mean(hall: Hall) -> None:
    rates(hall, token_of(hall, served(hall)), {"level": 4, "aspects": {"attitude": 5}})
    seen = hall.by("manager").ask("GET", f"{hall.at}/ratings").json
    assert seen["to_answer"] == []
    assert {each["level"]: each["ratings"] for each in seen["levels"]}[4] == 1
    assert seen["aspects"] == [{"aspect": "attitude", "mean": None}]


def test_clerks_see_no_rating(hall: Hall) -> None:
    clerk = hall.server.client(hall.new_account(Role.CLERK))
    assert clerk.ask("GET", f"{hall.at}/ratings").said == (403, "role_missing")


@pytest.mark.parametrize(
    "body",
    [{"level": 0}, {"level": 6}, {"level": "5"}, {}, {"level": 3, "aspects": {"looks": 5}},
     {"level": 3, "aspects": {"attitude": 9}}, {"level": 3, "comment": "长" * 4000}],
)  # fmt: skip
def test_what_is_no_rating_is_refused_and_the_token_stays_good(hall: Hall, body: dict[str, Any]) -> None:
    token = token_of(hall, served(hall))
    assert rates(hall, token, body).status == 422
    assert rates(hall, token, {"level": 3}).status == 201


def test_a_token_that_was_not_given_or_is_too_old_leads_nowhere(hall: Hall) -> None:
    token = token_of(hall, served(hall))
    forged = token.replace(f"{hall.id}.", "other.")
    for wrong in (forged, token[:-1] + ("A" if token[-1] != "A" else "B"), "x"):
        assert rates(hall, wrong, {"level": 3}).said == (404, "rating_unknown")
    ratings = hall.server.app.state.ratings
    long_ago = hall.server.house.clock().date() - timedelta(days=40)
    old = ratings.token("ticket", hall.id, "A", "w1", long_ago)
    assert rates(hall, old, {"level": 3}).said == (410, "rating_past")
    page = hall.server.anybody.ask("GET", f"/rate/{old}")
    assert page.status == 410


def test_no_table_leads_from_a_rating_to_a_person(hall: Hall, hall_settings: Settings) -> None:
    anna = served(hall)
    rates(hall, token_of(hall, anna), {"level": 3})
    with psycopg.connect(hall_settings.database_url) as connection:
        (row,) = connection.execute(
            "SELECT to_jsonb(r) FROM ratings r WHERE hall_id = %s", [hall.id]
        ).fetchone()  # type: ignore[misc]
    assert not {"ticket_id", "clerk_id", "number", "name"} & row.keys()
    assert anna.id not in {str(value) for key, value in row.items() if key != "id"}


def test_who_left_a_phone_is_asked_once_after_the_service(hall: Hall) -> None:
    anna = hall.takes(phone="13800138000")
    hall.desk("w1").does("session", "calls", "start", "completion")
    path = f"{hall.at}/tickets/{anna.id}/messages"
    told = hall.by("manager").ask("GET", path).json["messages"]
    assert [line["kind"] for line in told].count("rating") == 1
