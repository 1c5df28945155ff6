"""A chain over HTTP, on a real database: one form, one receipt, one acceptance, and the members it is split into."""

from dataclasses import replace
from typing import Any

import pytest

from queue_server.cases import store
from queue_server.cases.actions import Deed
from queue_server.cases.api.cases import spelled
from queue_server.cases.core import stages
from queue_server.cases.core.model import Actor, Case
from queue_server.people.core import Role
from tests.cases.test_chains import COMPANY, MATTERS

from .places import Client, Hall
from .test_cases import Citizen, Desk, served


@pytest.fixture
def hall(hall: Hall) -> Hall:
    house = hall.server.house
    matters = [replace(each, group_id="A") for each in MATTERS.values()]
    hall.server.do(house.catalogue.put_matters(hall.id, matters, by="test"))
    hall.server.do(hall.server.app.state.cases.put_chain(hall.id, COMPANY, by="test"))
    return hall


def opened(hall: Hall) -> tuple[Citizen, Desk]:
    """A clerk with the whole on the desk."""
    anna = served(hall)
    client = hall.server.client(hall.clerks["w1"])
    answer = client.ask("POST", f"{hall.at}/cases", {"ticket": anna.id, "matter": "L1"})
    assert answer.status == 201, answer
    desk = Desk(hall, answer.json, client)
    desk.does("PUT", "scenario", scenario="company")
    return anna, desk


def accepted(hall: Hall) -> tuple[Citizen, Desk, dict[str, Desk]]:
    """The whole once it is accepted, and its members."""
    anna, desk = opened(hall)
    desk.prepares()
    desk.does("POST", "acceptance")
    return anna, desk, members(desk)


def members(desk: Desk) -> dict[str, Desk]:
    found = desk.client.ask("GET", f"{desk.at}/members").json["cases"]
    return {case["subject"]["matter"]: Desk(desk.hall, case, desk.client) for case in found}


def page_of(hall: Hall, desk: Desk) -> str:
    """What the citizen reads."""
    answer = hall.server.anybody.ask("GET", f"/case/{desk.case['code']}", headers={"accept-language": "zh"})
    assert answer.status == 200, answer
    return answer.body.decode()


def decided(part: Desk, reviewer: Client, *, approved: bool) -> None:
    for deed, body in (("review", {}), ("decision", {"approved": approved, "note": "理由"})):
        assert part.asks("POST", deed, by=reviewer, **body).status == 200


def handed_over(part: Desk) -> None:
    """The issuing desk has given the result of one member to its citizen."""
    cases, clerk, case_id = part.hall.server.app.state.cases, Actor("c14", "出件员"), int(part.case["id"])
    deeds: list[Deed] = [
        lambda _, case, now: stages.announce(case, clerk, now, "E006"),
        lambda _, case, now: stages.hand_over(case, clerk, now, "desk", "1"),
    ]
    for version, deed in enumerate(deeds, start=part.case["version"]):
        part.hall.server.do(cases.change(part.hall.id, case_id, version, deed, respond=spelled(200)))


def test_the_hall_says_what_can_be_applied_for_together(hall: Hall) -> None:
    (chain,) = hall.by("manager").ask("GET", f"{hall.at}/chains").json["chains"]
    assert (chain["code"], chain["limit_days"]) == ("L1", 6)
    assert [(each["matter"], each["after"]) for each in chain["members"]] == [
        ("M01", []),
        ("M12", ["M01"]),
        ("M91", ["M01"]),
    ]


def test_one_form_one_receipt_and_one_acceptance_make_three_cases_with_the_same_time(hall: Hall) -> None:
    anna, desk, parts = accepted(hall)
    assert desk.case["stage"] == "in_chain"
    receipt = f"{hall.id.upper()}-2026-000001"
    assert desk.case["receipt"] == receipt
    assert [part.case["stage"] for part in parts.values()] == ["accepted", "waiting", "waiting"]
    assert {part.case["accepted"]["at"] for part in parts.values()} == {desk.case["accepted"]["at"]}
    assert {part.case["part_of"]["receipt"] for part in parts.values()} == {receipt}
    seen = hall.server.anybody.ask("GET", f"{anna.at}/cases").json["cases"]
    assert [(each["receipt"], each["due_on"]) for each in seen] == [(receipt, desk.case["due"]["on"])]
    assert desk.client.ask("GET", f"{parts['M12'].at}/applicant").json["name"] == "张某某"


def test_the_inbox_holds_what_has_begun_and_the_result_of_one_lets_the_next_begin(hall: Hall) -> None:
    _, desk, parts = accepted(hall)
    reviewer = hall.server.client(hall.new_account(Role.REVIEWER))

    def inbox() -> list[str]:
        found = reviewer.ask("GET", f"{hall.at}/cases").json["cases"]
        return sorted(case["subject"]["matter"] for case in found)

    assert inbox() == ["M01"]
    assert parts["M12"].asks("POST", "review", by=reviewer).said == (409, "case_elsewhere")
    decided(parts["M01"], reviewer, approved=True)
    assert inbox() == ["M12", "M91"]
    licence = [item for item in members(desk)["M12"].case["items"] if item["name"]["zh"] == "营业执照"]
    assert [item["mark"] for item in licence] == ["held"]
    for code in ("M12", "M91"):
        decided(members(desk)[code], reviewer, approved=True)
    for part in members(desk).values():
        handed_over(part)
    assert desk.client.ask("GET", desk.at).json["stage"] == "closed"


def test_a_denial_is_told_on_the_one_page_and_what_depended_on_it_ends(hall: Hall) -> None:
    _, desk, parts = accepted(hall)
    decided(parts["M01"], hall.server.client(hall.new_account(Role.REVIEWER)), approved=False)
    assert [part.case["stage"] for part in members(desk).values()] == ["decided", "dropped", "dropped"]
    page = page_of(hall, desk)
    assert "未获批准" in page
    assert "已办 3 项，共 3 项" in page
    # Whoever reads the code of a member from a paper of the office sees the same page.
    assert desk.case["code"] in page_of(hall, parts["M12"])


def test_what_was_begun_for_one_matter_is_put_away_and_what_was_received_is_not(hall: Hall) -> None:
    anna = served(hall)
    client = hall.server.client(hall.clerks["w1"])
    asked = {"ticket": anna.id, "matter": "M01"}
    alone = Desk(hall, client.ask("POST", f"{hall.at}/cases", asked).json, client)
    alone.does("PUT", "materials/0", mark="present")
    whole = client.ask("POST", f"{hall.at}/cases", {**asked, "matter": "L1"}).json
    assert [item["mark"] for item in whole["items"][:1]] == ["held"], "nobody is asked for it again"
    assert client.ask("GET", alone.at).json["stage"] == "withdrawn"
    assert client.ask("POST", f"{hall.at}/cases", asked).json["id"] == whole["id"]


def test_a_matter_that_was_received_by_itself_keeps_its_own_case(hall: Hall) -> None:
    anna = served(hall)
    client = hall.server.client(hall.clerks["w1"])
    asked = {"ticket": anna.id, "matter": "M12"}
    Desk(hall, client.ask("POST", f"{hall.at}/cases", asked).json, client).prepares()
    answer = client.ask("POST", f"{hall.at}/cases", {**asked, "matter": "L1"})
    assert answer.said == (409, "member_under_way")


def test_the_letter_of_every_department_is_needed_for_the_one_acceptance(hall: Hall) -> None:
    _, desk = opened(hall)
    desk.prepares()
    letter = {"ends_on": "2026-01-31", "ask": "x01"}
    assert hall.by(Role.ADMIN).ask("PUT", f"{hall.at}/delegations/M91", letter).status == 200
    assert desk.asks("POST", "acceptance").said == (409, "delegation_ended")
    assert members(desk) == {}, "nothing is half done"


def test_a_part_is_not_taken_back_by_itself_and_the_whole_takes_its_parts_along(hall: Hall) -> None:
    _, desk, parts = accepted(hall)
    assert parts["M01"].asks("POST", "withdrawal").said == (409, "member_of_chain")
    desk.does("POST", "withdrawal")
    assert {part.case["stage"] for part in members(desk).values()} == {"withdrawn"}


def test_a_process_that_dies_while_it_splits_the_whole_leaves_it_as_it_was(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, desk = opened(hall)
    desk.prepares()
    written, put = [], store.put_member

    def dying(*told: Any) -> Case:
        if len(written) == 2:
            raise KeyError("the power is gone")
        written.append(told)
        return put(*told)

    cases, version = hall.server.app.state.cases, desk.case["version"]
    deed, case_id = hall.server.do(cases.accept(hall.id, Actor("c1", "王"), None)), int(desk.case["id"])
    respond = spelled(200)
    monkeypatch.setattr(store, "put_member", dying)
    with pytest.raises(KeyError):
        hall.server.do(cases.change(hall.id, case_id, version, deed, respond=respond))
    monkeypatch.undo()
    assert desk.client.ask("GET", desk.at).json == desk.case
    assert members(desk) == {}
    desk.does("POST", "acceptance")
    assert len(members(desk)) == 3


def test_two_desks_accept_one_whole_and_it_is_split_once(hall: Hall) -> None:
    _, desk = opened(hall)
    desk.prepares()
    body = {"version": desk.case["version"]}
    colleague = hall.by("manager")
    first = desk.client.ask("POST", f"{desk.at}/acceptance", body)
    second = colleague.ask("POST", f"{desk.at}/acceptance", body)
    assert (first.status, second.said) == (200, (409, "case_changed"))
    assert len(members(desk)) == 3
