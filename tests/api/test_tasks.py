"""Departments side by side over HTTP, on a real database."""

from dataclasses import replace
from datetime import date

import pytest

from queue_server.cases.core.tasks import Branch
from queue_server.people.core import Role
from tests.cases.stories import PERMIT

from .places import Client, Hall
from .test_cases import Citizen, Desk, opened

FLOW = (Branch("规划国土局", "Planning", 2), Branch("住建局", "Housing", 4))
ALWAYS, LAST_WEEK = date(2028, 12, 31), date(2026, 11, 20)


@pytest.fixture
def hall(hall: Hall) -> Hall:
    house = hall.server.house
    hall.server.do(house.catalogue.put_matters(hall.id, [replace(PERMIT, group_id="A")], by="test"))
    hall.server.do(hall.server.app.state.cases.put_flow(hall.id, "M03", FLOW, by="test"))
    return hall


def reviewer(
    hall: Hall, department: str, *, ends_on: date = ALWAYS, stand_in: str | None = None
) -> tuple[Client, str]:
    """Somebody with a certificate of a department, and the id of their account."""
    token = hall.new_account(Role.REVIEWER)
    client = hall.server.client(token)
    account = client.ask("GET", "/api/v1/sessions/current").json["account"]["id"]
    keep = hall.server.app.state.cases.put_certificate
    hall.server.do(keep(hall.id, account, department, ends_on, stand_in, by="test"))
    return client, account


def accepted(hall: Hall) -> tuple[Citizen, Desk]:
    anna, desk = opened(hall)
    desk.prepares()
    desk.does("POST", "acceptance")
    return anna, desk


def waiting(hall: Hall, client: Client) -> list[tuple[str, int]]:
    found = client.ask("GET", f"{hall.at}/tasks").json["tasks"]
    return [(each["case"], each["task"]["place"]) for each in found]


def test_one_acceptance_gives_every_department_its_task_and_each_finds_only_its_own(hall: Hall) -> None:
    _, desk = accepted(hall)
    assert [task["limit_days"] for task in desk.case["tasks"]] == [2, 4]
    assert [task["due"]["on"] for task in desk.case["tasks"]] == ["2026-11-25", "2026-11-27"]
    planner, builder = reviewer(hall, "规划国土局")[0], reviewer(hall, "住建局")[0]
    assert waiting(hall, planner) == [(desk.case["id"], 0)]
    assert waiting(hall, builder) == [(desk.case["id"], 1)]
    assert desk.asks("POST", "tasks/0/review", by=builder).said == (403, "not_your_department")
    assert desk.asks("POST", "tasks/0/review").said == (403, "accepter_decides")
    assert desk.asks("POST", "tasks/7/review", by=planner).said == (404, "no_such_task")


def test_the_lead_decides_when_both_have_ended(hall: Hall) -> None:
    _, desk = accepted(hall)
    lead = reviewer(hall, PERMIT.department_zh)[0]
    assert desk.asks("POST", "review", by=lead).status == 200
    for place, department in enumerate(("规划国土局", "住建局")):
        client = reviewer(hall, department)[0]
        assert desk.asks("POST", "decision", by=lead, approved=True).said == (409, "tasks_open")
        assert desk.asks("POST", f"tasks/{place}/review", by=client).status == 200
        assert desk.asks("POST", f"tasks/{place}/opinion", by=client, agreed=True).status == 200
        assert waiting(hall, client) == []
    assert desk.asks("POST", "decision", by=lead, approved=True).status == 200
    lines = desk.client.ask("GET", f"{desk.at}/history").json["lines"]
    assert [line["details"].get("joined") for line in lines if line["name"] == "task_ended"] == [None, True]


def test_what_both_lack_reaches_the_citizen_in_one_notice_and_the_clock_runs_again_with_the_last(
    hall: Hall,
) -> None:
    _, desk = accepted(hall)
    lead = reviewer(hall, PERMIT.department_zh)[0]
    assert desk.asks("POST", "review", by=lead).status == 200
    for place, department in enumerate(("规划国土局", "住建局")):
        client = reviewer(hall, department)[0]
        assert desk.asks("POST", f"tasks/{place}/review", by=client).status == 200
        lacks = {"material": 2 + place, "fault": "incomplete"}
        assert desk.asks("POST", f"tasks/{place}/lacks", by=client, **lacks).status == 200
    assert desk.asks("POST", "joint-notice", by=lead).status == 200
    assert [[gap["zh"] for gap in each["gaps"]] for each in desk.case["notices"]] == [["平面图", "健康证明"]]
    page = hall.server.anybody.ask("GET", f"/case/{desk.case['code']}").body.decode()
    assert "平面图" in page
    for place in (2, 3):
        assert desk.case["due"]["color"] == "paused"
        desk.does("PUT", f"materials/{place}", mark="present")
    assert (desk.case["wanted"], desk.case["due"]["color"]) == ([], "calm")


def test_with_an_expired_certificate_nobody_decides_and_the_stand_in_finds_the_task(hall: Hall) -> None:
    _, desk = accepted(hall)
    client, account = reviewer(hall, "规划国土局")
    assert desk.asks("POST", "tasks/0/review", by=client).status == 200
    other = hall.server.client(hall.new_account(Role.REVIEWER))
    stand_in = other.ask("GET", "/api/v1/sessions/current").json["account"]
    keep = hall.server.app.state.cases.put_certificate
    hall.server.do(keep(hall.id, account, "规划国土局", LAST_WEEK, stand_in["id"], by="test"))
    refused = desk.asks("POST", "tasks/0/opinion", by=client, agreed=True)
    assert refused.said == (403, "decider_lapsed")
    assert stand_in["display_name"] in refused.body.decode()
    assert waiting(hall, other) == [(desk.case["id"], 0)]
    assert desk.asks("POST", "tasks/0/opinion", by=other, agreed=True).status == 200


def test_two_departments_at_the_same_moment_and_the_second_looks_again(hall: Hall) -> None:
    _, desk = accepted(hall)
    version = desk.case["version"]
    planner, builder = reviewer(hall, "规划国土局")[0], reviewer(hall, "住建局")[0]
    body = {"version": version}
    assert planner.ask("POST", f"{desk.at}/tasks/0/review", body).status == 200
    assert builder.ask("POST", f"{desk.at}/tasks/1/review", body).said == (409, "case_changed")
    assert builder.ask("POST", f"{desk.at}/tasks/1/review", {"version": version + 1}).status == 200
