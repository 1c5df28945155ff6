"""A case over HTTP, on a real database: from the ticket in service to the decision."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from queue_server.people.core import Role
from queue_server.settings import Settings
from tests.cases.stories import PERMIT

from .places import Answer, Citizen, Client, Hall, Server

ON_THE_SPOT = replace(PERMIT, code="M14", kind="immediate", scenarios=(), group_id="A", committed_days=0)
IDENTITY = "11010519491231002X"


@pytest.fixture
def hall(hall: Hall) -> Hall:
    matters = [replace(PERMIT, group_id="A"), ON_THE_SPOT]
    hall.server.do(hall.server.house.catalogue.put_matters(hall.id, matters, by="test"))
    return hall


class Desk:
    """A clerk with a case."""

    def __init__(self, hall: Hall, case: dict[str, Any], client: Client) -> None:
        self.hall, self.case, self.client = hall, case, client

    @property
    def at(self) -> str:
        return f"{self.hall.at}/cases/{self.case['id']}"

    def asks(
        self, method: str, deed: str, *, by: Client | None = None, key: str | None = None, **body: Any
    ) -> Answer:
        asked = {"version": self.case["version"], **body}
        answer = (by or self.client).ask(method, f"{self.at}/{deed}", asked, key=key)
        if answer.status == 200:
            self.case = answer.json
        return answer

    def does(self, method: str, deed: str, **body: Any) -> None:
        answer = self.asks(method, deed, **body)
        assert answer.status == 200, answer

    def prepares(self, *marks: str) -> None:
        """An applicant, every material looked at, a receipt."""
        self.does("PUT", "applicant", kind="resident", name="张某某", number=IDENTITY)
        for place, mark in enumerate(marks or ["present"] * len(self.case["items"])):
            self.does("PUT", f"materials/{place}", mark=mark)
        self.does("POST", "receipt")


def served(hall: Hall, window: str = "w1", **wish: Any) -> Citizen:
    """A citizen who is being served."""
    anna = hall.takes(**wish)
    hall.desk(window).does("session", "calls", "start")
    return anna


def opened(
    hall: Hall, matter: str = "M03", scenario: str | None = "new", **wish: Any
) -> tuple[Citizen, Desk]:
    anna = served(hall, **wish)
    client = hall.server.client(hall.clerks["w1"])
    answer = client.ask("POST", f"{hall.at}/cases", {"ticket": anna.id, "matter": matter})
    assert answer.status == 201, answer
    desk = Desk(hall, answer.json, client)
    if scenario is not None:
        desk.does("PUT", "scenario", scenario=scenario)
    return anna, desk


def test_a_case_is_opened_from_a_ticket_in_service_and_only_once(hall: Hall) -> None:
    anna = hall.takes()
    clerk = hall.server.client(hall.clerks["w1"])
    asked = {"ticket": anna.id, "matter": "M03"}
    assert clerk.ask("POST", f"{hall.at}/cases", asked).said == (409, "ticket_not_served")
    hall.desk("w1").does("session", "calls", "start")
    first = clerk.ask("POST", f"{hall.at}/cases", asked).json
    assert clerk.ask("POST", f"{hall.at}/cases", asked).json == first
    assert [item["name"]["zh"] for item in first["items"]] == ["申请书", "营业执照", "平面图"]


def test_a_committed_matter_goes_from_the_receipt_to_a_decision_by_somebody_else(hall: Hall) -> None:
    anna, desk = opened(hall)
    desk.prepares()
    assert desk.case["receipt"] == f"{hall.id.upper()}-2026-000001"
    desk.does("POST", "acceptance")
    assert desk.case["due"] == {"on": "2026-11-30", "left_days": 5, "unknown_year": None, "color": "calm"}
    seen = hall.server.anybody.ask("GET", f"{anna.at}/cases").json["cases"]
    assert [(each["receipt"], each["due_on"]) for each in seen] == [(desk.case["receipt"], "2026-11-30")]

    assert desk.asks("POST", "review").said == (403, "accepter_decides")
    reviewer = hall.server.client(hall.new_account(Role.REVIEWER))
    waiting = reviewer.ask("GET", f"{hall.at}/cases").json["cases"]
    assert [case["id"] for case in waiting] == [desk.case["id"]]
    for deed, body in (("review", {}), ("decision", {"approved": True})):
        assert desk.asks("POST", deed, by=reviewer, **body).status == 200
    assert desk.case["stage"] == "decided"
    lines = desk.client.ask("GET", f"{desk.at}/history").json["lines"]
    assert [line["version"] for line in lines] == list(range(1, desk.case["version"] + 1))
    assert [line["name"] for line in lines[-3:]] == ["accepted", "taken_up", "decided"]


def test_an_immediate_matter_is_closed_in_the_same_service(hall: Hall) -> None:
    _, desk = opened(hall, "M14", None)
    desk.prepares()
    desk.does("POST", "acceptance")
    desk.does("POST", "decision", approved=True, handed_over=True)
    assert (desk.case["stage"], desk.case["decision"]["approved"]) == ("closed", True)


def test_one_notice_and_a_second_only_with_a_managers_leave(hall: Hall) -> None:
    _, desk = opened(hall)
    desk.prepares("missing", "licence", "missing", "present")
    desk.does("POST", "notice")
    assert [gap["zh"] for gap in desk.case["notices"][0]["gaps"]] == ["申请书", "平面图"]
    assert desk.asks("POST", "notice").said == (409, "second_notice")
    assert desk.asks("PUT", "second-notice", reason="规定有变").said == (403, "role_missing")
    assert desk.asks("PUT", "second-notice", by=hall.by("manager"), reason="规定有变").status == 200
    desk.does("POST", "notice")
    last = desk.client.ask("GET", f"{desk.at}/history").json["lines"][-1]
    assert (last["name"], last["details"]["breach"]) == ("notified", True)


def test_two_clerks_on_one_case_and_the_second_is_told(hall: Hall) -> None:
    _, desk = opened(hall)
    version = desk.case["version"]
    desk.does("PUT", "materials/0", mark="present")
    late = hall.server.client(hall.clerks["w2"])
    answer = late.ask("PUT", f"{desk.at}/materials/0", {"version": version, "mark": "missing"})
    assert answer.said == (409, "case_changed")
    assert desk.client.ask("GET", desk.at).json["items"][0]["mark"] == "present"


def test_a_press_that_is_said_twice_happens_once(hall: Hall) -> None:
    _, desk = opened(hall)
    before = dict(desk.case)
    first = desk.asks("PUT", "materials/0", key="tick", mark="present")
    desk.case = before
    assert desk.asks("PUT", "materials/0", key="tick", mark="present").body == first.body
    assert len(desk.client.ask("GET", f"{desk.at}/history").json["lines"]) == desk.case["version"]


def test_a_trainee_prepares_and_is_told_who_finishes(hall: Hall) -> None:
    _, desk = opened(hall)
    people = hall.server.house.people
    mentor = next(each for each in hall.server.do(people.accounts(hall.id)) if each.role is Role.CLERK)
    trainee = hall.server.client(hall.new_account(Role.CLERK, trainee=True, mentor_id=mentor.id))
    mentors_own, desk.client = desk.client, trainee
    desk.prepares()
    answer = desk.asks("POST", "acceptance")
    assert (answer.said, answer.json["mentor"]) == ((403, "mentor_finishes"), mentor.display_name)
    assert desk.asks("POST", "acceptance", by=mentors_own).status == 200


def test_a_delegation_that_has_ended_stops_the_acceptance_and_says_whom_to_ask(hall: Hall) -> None:
    _, desk = opened(hall)
    desk.prepares()
    letter = f"{hall.at}/delegations/M03"
    office = hall.by("admin")
    assert office.ask("PUT", letter, {"ends_on": "2026-11-20", "ask": "审改办"}).status == 200
    answer = desk.asks("POST", "acceptance")
    assert (answer.said, answer.json["ask"]) == ((409, "delegation_ended"), "审改办")
    renewal = {"ends_on": "2027-11-20", "reason": "到期续期"}
    assert hall.by("manager").ask("PUT", f"{letter}/renewal", renewal).status == 200
    assert desk.asks("POST", "acceptance").said == (409, "delegation_ended")
    assert office.ask("POST", f"{letter}/renewal/decision", {"approved": True}).status == 200
    desk.does("POST", "acceptance")


def test_a_matter_without_a_delegation_is_paused_for_everybody_until_it_is_renewed(hall: Hall) -> None:
    def paused() -> list[Any]:
        matters = hall.server.anybody.ask("GET", f"{hall.at}/matters").json["matters"]
        return [each["paused"] for each in matters if each["code"] == "M03"]

    letter, office = f"{hall.at}/delegations/M03", hall.by("admin")
    office.ask("PUT", letter, {"ends_on": "2026-11-20", "ask": "审改办"})
    assert paused() == [{"ended_on": "2026-11-20", "ask": "审改办"}]
    renewal = {"ends_on": "2027-11-20", "reason": "到期续期"}
    assert office.ask("PUT", f"{letter}/renewal", renewal).status == 200
    assert office.ask("PUT", f"{letter}/renewal", renewal).said == (409, "renewal_asked")
    assert office.ask("POST", f"{letter}/renewal/decision", {"approved": True}).said == (403, "own_renewal")
    other = hall.server.client(hall.new_account(Role.ADMIN))
    assert other.ask("POST", f"{letter}/renewal/decision", {"approved": True}).status == 200
    assert paused() == [None]
    [line] = office.ask("GET", f"{hall.at}/delegations").json["delegations"]
    assert (line["ends_on"], line["days_left"], line["standing"]) == ("2027-11-20", 362, "valid")


def test_a_limit_that_was_cut_counts_from_the_next_acceptance_and_not_before(hall: Hall) -> None:
    def accepted(*, cut: bool) -> int:
        _, desk = opened(hall)
        desk.prepares()
        if cut:
            at = f"{hall.at}/matters/M03/guide"
            seen = hall.server.anybody.ask("GET", at).json
            change = {"version": seen["version"], "guide": {**seen["guide"], "committed_days": 3}}
            assert hall.by("manager").ask("PUT", at, change).status == 200
        desk.does("POST", "acceptance")
        left: int = desk.case["due"]["left_days"]
        hall.desk("w1").does("completion")
        return left

    assert [accepted(cut=False), accepted(cut=True)] == [5, 3]


def test_a_case_keeps_the_materials_it_was_opened_with_when_its_guide_changes(hall: Hall) -> None:
    _, desk = opened(hall)
    at = f"{hall.at}/matters/M03"
    seen = hall.server.anybody.ask("GET", f"{at}/guide").json
    fewer = {
        "version": seen["version"],
        "guide": {**seen["guide"], "materials": seen["guide"]["materials"][:1]},
    }
    manager, city = hall.by("manager"), hall.by("admin")
    refused = manager.ask("PUT", f"{at}/guide", fewer)
    assert (refused.said, refused.json["elements"]) == ((403, "substance_changed"), ["materials"])
    assert manager.ask("POST", f"{at}/suggestions", {**fewer, "reason": "数据共享"}).status == 201
    [asked] = city.ask("GET", f"{at}/guide/versions").json["suggestions"]
    assert city.ask("POST", f"{at}/suggestions/{asked['id']}/acceptance", {}).json["version"] == 2
    desk.prepares()
    assert len(desk.case["items"]) > 1
    assert len(hall.server.anybody.ask("GET", f"{at}/guide").json["guide"]["materials"]) == 1


def test_a_case_with_a_tolerable_gap_owes_it_until_it_comes(hall: Hall) -> None:
    _, desk = opened(hall)
    desk.prepares("present", "licence", "missing", "present")
    assert desk.asks("POST", "acceptance").said == (409, "promise_needed")
    assert desk.asks("POST", "acceptance", supply_on="2026-12-24").said == (422, "promise_day_unfit")
    desk.does("POST", "acceptance", supply_on="2026-11-27")
    assert [owed["zh"] for owed in desk.case["promise"]["owed"]] == ["平面图"]
    desk.does("PUT", "materials/2", mark="present")
    assert desk.case["promise"]["owed"] == []


def test_a_broken_promise_ends_the_case_and_none_is_taken_again(hall: Hall) -> None:
    _, desk = opened(hall)
    desk.prepares("present", "licence", "missing", "present")
    desk.does("POST", "acceptance", supply_on="2026-11-27")
    server = hall.server
    cases = server.app.state.cases
    assert server.do(cases.end_broken_promises()) == 0
    with psycopg.connect(server.settings.database_url, autocommit=True) as connection:
        # As if the day had passed: the clock of the other tests stands where it stands.
        connection.execute(
            "UPDATE cases SET supply_on = '2026-11-20', body = jsonb_set(body, '{promise,due_on}', '\"2026-11-20\"')"
            " WHERE id = %s",
            [desk.case["id"]],
        )
    assert server.do(cases.end_broken_promises()) == 1
    assert desk.client.ask("GET", desk.at).json["stage"] == "terminated"
    hall.desk("w1").does("completion")
    _, again = opened(hall)
    again.prepares("present", "licence", "missing", "present")
    assert again.asks("POST", "acceptance", supply_on="2026-11-27").said == (409, "promise_broken")


def test_whose_case_it_is_stands_sealed_and_in_no_remembered_answer(
    hall: Hall, hall_settings: Settings
) -> None:
    _, desk = opened(hall)
    desk.prepares()
    applicant = desk.client.ask("GET", f"{desk.at}/applicant").json
    assert applicant == {"kind": "resident", "name": "张某某", "number": "*" * 14 + "002X"}
    with psycopg.connect(hall_settings.database_url) as connection:
        tables = ("cases", "case_history", "applicants", "requests")
        rows = [connection.execute(f"SELECT to_json(t)::text FROM {table} t").fetchall() for table in tables]
    assert all(rows[:3])
    text = "\n".join(row[0] for table in rows for row in table)
    assert "张某某" not in text
    assert IDENTITY not in text


def test_a_step_is_told_on_the_phone_once_and_names_nobody(hall: Hall) -> None:
    anna, desk = opened(hall, phone="13800138000")
    desk.prepares()
    desk.does("POST", "acceptance")
    told = desk.client.ask("GET", f"{hall.at}/tickets/{anna.id}/messages").json["messages"]
    texts = [line["text"] for line in told if line["kind"].startswith("case.")]
    receipt = desk.case["receipt"]
    assert sorted(texts) == sorted(
        [
            f"您的办件已收件，编号{receipt}，可凭回执上的查询码查询进度。",
            f"办件{receipt}已受理，承诺于2026-11-30前办结。",
        ]
    )


def named(kind: str, number: str) -> dict[str, Any]:
    """Somebody who applies."""
    return {"kind": kind, "name": "某某", "number": number}


@pytest.mark.parametrize(
    ("method", "deed", "body", "said"),
    [
        ("PUT", "applicant", named("resident", "110105491231002"), (422, "identity_old")),
        ("PUT", "applicant", named("resident", "110105194912310021"), (422, "identity_unfit")),
        ("PUT", "applicant", named("firm", "91330100799655058A"), (422, "credit_code_unfit")),
        ("PUT", "materials/9", {"mark": "present"}, (404, "material_unknown")),
        ("PUT", "materials/0", {"mark": "defective"}, (422, "fault_missing")),
        ("PUT", "materials/0", {"mark": "legal"}, (422, "invalid")),
        ("PUT", "scenario", {"scenario": "none-such"}, (404, "scenario_unknown")),
        ("POST", "receipt", {}, (409, "applicant_missing")),
        ("POST", "acceptance", {}, (409, "case_elsewhere")),
        ("POST", "decision", {"approved": True}, (409, "case_elsewhere")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_plain_words(
    hall: Hall, method: str, deed: str, body: dict[str, Any], said: tuple[int, str]
) -> None:
    _, desk = opened(hall)
    answer = desk.asks(method, deed, **body)
    assert answer.status == said[0]
    assert said[1] in (answer.code, "invalid")
    assert desk.client.ask("GET", desk.at).json["version"] == desk.case["version"]


def test_the_case_of_another_hall_cannot_be_reached_through_ones_own(hall: Hall, hall_server: Server) -> None:
    _, desk = opened(hall)
    theirs = Hall.made(hall_server)
    other = hall_server.client(theirs.clerks["w1"])
    assert other.ask("GET", f"{theirs.at}/cases/{desk.case['id']}").said == (404, "case_unknown")
    assert other.ask("GET", desk.at).said == (403, "not_your_hall")


def test_receipts_follow_one_another_without_a_gap(hall: Hall) -> None:
    numbers = []
    for _ in range(3):
        _, desk = opened(hall, "M14", None)
        assert desk.asks("POST", "receipt").status == 409  # A refused receipt takes no number.
        desk.prepares()
        numbers.append(desk.case["receipt"])
        hall.desk("w1").does("completion")
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]


# ── By the code on the receipt ───────────────────────────────────────────────────────────────────


def test_whoever_has_the_code_sees_how_far_it_is_and_no_name(hall: Hall) -> None:
    _, desk = opened(hall)
    address = f"/case/{desk.case['code']}"
    anybody = hall.server.anybody
    assert anybody.ask("GET", address).status == 404  # Nothing was received yet.
    desk.prepares("missing", "licence", "missing", "present")
    desk.does("POST", "notice")
    page = anybody.ask("GET", address.lower())
    text = page.body.decode()
    assert page.status == 200
    assert "申请书" in text
    assert desk.case["receipt"] in text
    assert "张某某" not in text


@pytest.mark.parametrize("code", ["2345-6789-ABGP", "2345-6789-ABGQ", "nonsense", "2"])
def test_a_code_that_leads_nowhere_is_answered_kindly(hall: Hall, code: str) -> None:
    answer = hall.server.anybody.ask("GET", f"/case/{code}")
    assert answer.status == 404
    assert "没有查到这个办件" in answer.body.decode()


@pytest.mark.parametrize(
    ("paper", "title"), [("receipt", "收件回执"), ("notice", "一次性告知书"), ("refusal", "不予受理通知书")]
)
def test_a_paper_is_printed_in_chinese_with_the_applicant_and_no_whole_number(
    hall: Hall, paper: str, title: str
) -> None:
    _, desk = opened(hall)
    address = f"/cases/{hall.id}/{desk.case['id']}/{paper}"
    assert desk.client.ask("GET", address).said == (404, "paper_missing")
    desk.prepares("missing", "licence", "missing", "present")
    desk.does("POST", "notice")
    desk.does("POST", "refusal", reason="not_competent", note="请到省级部门办理")
    text = desk.client.ask("GET", address).body.decode()
    assert title in text
    assert "张某某" in text
    assert IDENTITY not in text
    assert hall.server.anybody.ask("GET", address).status == 401


def test_a_tick_on_what_another_process_has_changed_meanwhile_is_refused(
    hall: Hall, hall_settings: Settings
) -> None:
    _, desk = opened(hall)
    desk.does("PUT", "materials/0", mark="present")  # From now on this process knows the case.
    version = desk.case["version"]
    with psycopg.connect(hall_settings.database_url, autocommit=True) as database:
        database.execute(
            """
            WITH other AS (
                UPDATE cases SET version = version + 1, body = jsonb_set(body, '{version}', to_jsonb(version + 1))
                 WHERE id = %s RETURNING id, version
            )
            INSERT INTO case_history (case_id, version, at, name, by_id, by_name, details)
            SELECT id, version, now(), 'material_marked', 'c10', 'c10', '{}' FROM other
            """,
            (desk.case["id"],),
        )
    answer = desk.asks("PUT", "materials/1", mark="present")
    assert answer.said == (409, "case_changed")
    assert answer.json["version"] == version + 1
    assert desk.client.ask("GET", desk.at).json["version"] == version + 1


def test_ticks_of_one_case_follow_one_another_in_its_history(hall: Hall) -> None:
    _, desk = opened(hall)
    for mark in ("present", "missing", None, "licence"):
        desk.does("PUT", "materials/1", mark=mark)
    seen = desk.client.ask("GET", desk.at).json
    assert seen == desk.case
    lines = desk.client.ask("GET", f"{desk.at}/history").json["lines"]
    assert [line["details"].get("mark") for line in lines[-4:]] == ["present", "missing", None, "licence"]
    assert [line["version"] for line in lines] == list(range(1, desk.case["version"] + 1))
