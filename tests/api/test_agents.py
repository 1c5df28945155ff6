"""A village agent's case over HTTP: filed from the phone, accepted at a window, delivered at home."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from queue_server.cases.core import stages
from queue_server.cases.core.model import Actor, When
from queue_server.kit.database import Transaction
from queue_server.people.core import Role
from tests.cases.stories import PERMIT

from .places import Client, Hall
from .test_cases import IDENTITY, Desk

FILED: dict[str, Any] = {
    "matter": "M03",
    "scenario": "change",
    "applicant": {"kind": "resident", "name": "张某某", "number": IDENTITY},
    "entruster": "applicant",
    "paper_seen": True,
    "marks": ["present", None, "to_check"],
    "contact": {"phone": "13800138000", "of": "applicant", "language": "zh", "consent": True},
}


@pytest.fixture
def hall(hall: Hall) -> Hall:
    matters = [replace(PERMIT, group_id="A")]
    hall.server.do(hall.server.house.catalogue.put_matters(hall.id, matters, by="test"))
    return hall


def agent_of(hall: Hall) -> Client:
    return hall.server.client(hall.new_account(Role.AGENT))


def filed(hall: Hall, agent: Client, **more: Any) -> Desk:
    answer = agent.ask("POST", f"{hall.at}/entrusted-cases", {**FILED, **more})
    assert answer.status == 201, answer
    return Desk(hall, answer.json, hall.server.client(hall.clerks["w1"]))


def the_desk_hands_it_to_the_agent(hall: Hall, case_id: str) -> None:
    """What the issuing desk does with the document of a case, in two steps. Its own tests go the whole way."""
    cases, clerk = hall.server.app.state.cases, Actor("c14", "出件员")

    def unit(tx: Transaction) -> None:
        now = when(hall.server.house.clock())
        for deed in (
            lambda case: stages.announce(case, clerk, now, f"{case_id} 0197"),
            lambda case: stages.hand_over(case, clerk, now, "agent", "MZ1"),
        ):
            cases.step(tx, hall.id, int(case_id), deed, now)

    hall.server.do(hall.server.house.database.write(unit))


def when(at: datetime) -> When:
    return When(at, at.date())


def told(hall: Hall) -> list[tuple[str, str]]:
    """What was put into the outbox for the hall, with whom it is about."""
    rows = hall.server.do(
        hall.server.house.database.read(
            lambda tx: tx.all(
                "SELECT subject, text_key FROM outbox WHERE hall_id = :hall_id ORDER BY id", hall_id=hall.id
            )
        )
    )
    return [(row["subject"], row["text_key"]) for row in rows]


def test_an_elder_who_stays_at_home_has_a_receipt_a_decision_and_the_result_without_one_visit(
    hall: Hall,
) -> None:
    agent = agent_of(hall)
    desk = filed(hall, agent)
    case_id = desk.case["id"]
    assert (desk.case["stage"], desk.case["ticket"], desk.case["visits"]) == ("received", None, 0)
    assert desk.case["receipt"] == f"{hall.id.upper()}-2026-000001"
    assert told(hall) == [(f"case:{hall.id}/{case_id}", "case.received")]

    waiting = desk.client.ask("GET", f"{hall.at}/arrivals").json["cases"]
    assert [each["id"] for each in waiting] == [case_id]
    assert desk.asks("POST", "acceptance").said == (409, "unchecked")
    desk.does("PUT", "materials/2", mark="verified")
    desk.does("POST", "acceptance")
    assert desk.client.ask("GET", f"{hall.at}/arrivals").json["cases"] == []
    reviewer = hall.server.client(hall.new_account(Role.REVIEWER))
    for deed, body in (("review", {}), ("decision", {"approved": True})):
        assert desk.asks("POST", deed, by=reviewer, **body).status == 200
    the_desk_hands_it_to_the_agent(hall, case_id)
    desk.case = desk.client.ask("GET", desk.at).json

    at = f"{hall.at}/entrusted-cases/{case_id}/delivery"
    body = {"version": desk.case["version"], "returned": [], "kept": [0], "signed": True}
    assert agent.ask("POST", at, {**body, "kept": []}).said == (422, "papers_unchecked")
    delivered = agent.ask("POST", at, body).json
    assert (delivered["visits"], delivered["entrustment"]["delivered"] is not None) == (0, True)
    own = agent.ask("GET", f"{hall.at}/entrusted-cases").json["cases"]
    assert [(each["case"]["id"], each["applicant"]) for each in own] == [(case_id, "张某某")]
    lines = desk.client.ask("GET", f"{desk.at}/history").json["lines"]
    assert [line["name"] for line in lines][:: len(lines) - 1] == ["opened", "delivered"]


def test_an_agent_sees_their_own_cases_and_no_others(hall: Hall) -> None:
    desk = filed(hall, agent_of(hall))
    other = agent_of(hall)
    assert other.ask("GET", f"{hall.at}/entrusted-cases").json["cases"] == []
    body = {"version": desk.case["version"], "returned": [], "kept": [0], "signed": True}
    at = f"{hall.at}/entrusted-cases/{desk.case['id']}/delivery"
    assert other.ask("POST", at, body).said == (404, "case_unknown")
    assert other.ask("GET", desk.at).said == (403, "role_missing")


def test_a_case_filed_twice_with_one_key_is_one_case(hall: Hall) -> None:
    agent = agent_of(hall)
    first = agent.ask("POST", f"{hall.at}/entrusted-cases", FILED, key="one-press")
    again = agent.ask("POST", f"{hall.at}/entrusted-cases", FILED, key="one-press")
    assert first.json == again.json


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scenario": None}, (422, "scenario_needed")),
        ({"marks": ["present"]}, (409, "unchecked")),
        ({"marks": ["present"] * 9}, (404, "material_unknown")),
        ({"paper_seen": False}, (422, "invalid_request")),
    ],
)
def test_nothing_is_filed_without_scenario_checklist_and_a_signed_paper(
    hall: Hall, wrong: dict[str, Any], said: tuple[int, str]
) -> None:
    agent = agent_of(hall)
    assert agent.ask("POST", f"{hall.at}/entrusted-cases", {**FILED, **wrong}).said == said
    assert agent.ask("GET", f"{hall.at}/entrusted-cases").json["cases"] == []


def test_without_a_phone_nobody_is_told_and_the_receipt_is_given_all_the_same(hall: Hall) -> None:
    desk = filed(hall, agent_of(hall), contact=None)
    assert (desk.case["receipt"] is not None, told(hall)) == (True, [])
