"""Announcing results and handing them out, over HTTP, on a real database."""

from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from queue_server.people.core import Role
from queue_server.settings import Settings

from .places import Client, Hall, Server, served

RESULT = {"name": "欧阳娜娜", "code": "JH20261123-0178", "window": "w1"}


@pytest.fixture
def manager(hall: Hall) -> Client:
    return hall.by("manager")


def test_a_result_is_announced_in_clear_and_listed_masked(hall: Hall, manager: Client) -> None:
    answer = manager.ask("POST", f"{hall.at}/results", RESULT, key="k1")
    assert answer.status == 201
    assert answer.json["name"] == "欧阳**"
    assert answer.json["code"] == "JH*********0178"
    listed = results(hall)
    assert listed == [answer.json]
    assert listed[0]["window"] == "w1"


def test_nobody_is_named_in_the_table_or_in_the_remembered_answer(
    hall: Hall, manager: Client, hall_settings: Settings
) -> None:
    manager.ask("POST", f"{hall.at}/results", RESULT, key="k-secret")
    with psycopg.connect(hall_settings.database_url) as connection:
        rows = connection.execute("SELECT to_json(r)::text FROM ready_results r").fetchall()
        rows += connection.execute("SELECT body FROM requests WHERE key = 'k-secret'").fetchall()
    text = "\n".join(row[0] for row in rows)
    assert len(rows) >= 2
    assert "娜" not in text
    assert "JH20261123-0178" not in text


def test_announcing_twice_with_one_key_lists_once(hall: Hall, manager: Client) -> None:
    first = manager.ask("POST", f"{hall.at}/results", RESULT, key="k2")
    again = manager.ask("POST", f"{hall.at}/results", RESULT, key="k2")
    assert (again.status, again.body) == (201, first.body)
    assert len(results(hall)) == 1


def test_what_was_collected_leaves_the_list_and_cannot_be_collected_again(
    hall: Hall, manager: Client
) -> None:
    announced = manager.ask("POST", f"{hall.at}/results", RESULT).json
    path = f"{hall.at}/results/{announced['id']}/collection"
    assert manager.ask("POST", path, key="k3").status == 200
    assert results(hall) == []
    assert manager.ask("POST", path, key="k3").status == 200  # The same press, said twice.
    assert manager.ask("POST", path, key="k4").said == (404, "result_unknown")


def test_a_result_of_another_hall_is_none_of_ours(hall: Hall, manager: Client, hall_server: Server) -> None:
    theirs = Hall.made(hall_server)
    announced = theirs.by("manager").ask("POST", f"{theirs.at}/results", RESULT).json
    answer = manager.ask("POST", f"{hall.at}/results/{announced['id']}/collection")
    assert answer.said == (404, "result_unknown")
    assert len(results(theirs)) == 1


def test_a_result_expires_by_itself(hall_settings: Settings) -> None:
    with served(hall_settings) as server:
        hall = Hall.made(server)
        hall.by("manager").ask("POST", f"{hall.at}/results", {**RESULT, "days": 1})
        server.time_passes(23 * 3600)
        assert len(results(hall)) == 1
        server.time_passes(2 * 3600)
        assert results(hall) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "<b>\u202e"},
        {"name": "长" * 4000},
        {"name": "\x1b@"},
        {"code": "a b"},
        {"window": "no-such-window"},
        {"days": 0},
        {"days": 91},
    ],
)
def test_what_cannot_be_a_result_is_refused(hall: Hall, manager: Client, wrong: dict[str, Any]) -> None:
    assert manager.ask("POST", f"{hall.at}/results", {**RESULT, **wrong}).status in (404, 422)
    assert results(hall) == []


def test_markup_in_a_name_is_text_that_is_starred(hall: Hall, manager: Client) -> None:
    answer = manager.ask("POST", f"{hall.at}/results", {**RESULT, "name": "<img src=x>"})
    assert answer.json["name"] == "<*** ******"


@pytest.mark.parametrize(("kind", "status"), [("issuance", 201), ("comprehensive", 403)])
def test_whoever_works_at_an_issuance_window_may_announce(hall: Hall, kind: str, status: int) -> None:
    server = hall.server
    _, paper = server.do(server.house.queues.newest(hall.id))
    groups = tuple(replace(group, kind=kind) for group in paper.groups)
    server.do(server.house.queues.create(replace(paper, groups=groups)))
    manager = hall.by("manager")
    assert manager.ask("DELETE", f"{hall.at}/day").status == 200
    assert manager.ask("POST", f"{hall.at}/day").status == 201
    clerk = server.client(hall.new_account(Role.CLERK))
    assert clerk.ask("POST", f"{hall.at}/results", RESULT).status == status


def results(hall: Hall) -> list[dict[str, Any]]:
    """What everybody can read."""
    listed: list[dict[str, Any]] = hall.server.anybody.ask("GET", f"{hall.at}/results").json["results"]
    return listed
