"""Each operation does what it says, and answers in its published shape."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from queue_server.cases.api import models as case_models
from queue_server.cases.core.tasks import Branch
from queue_server.catalogue.core import Material, Matter, Scenario
from queue_server.hall.api import configuration, directory, models
from queue_server.people.core import Account, Role

from .operations import BODIES, GUIDE, operations
from .places import Answer, Citizen, Hall, Json, Server
from .schema import faults
from .test_agents import the_desk_hands_it_to_the_agent
from .test_openapi import DOCUMENT, OPERATIONS
from .test_phones import code_for

MODELS = {
    "halls_halls": models.HallList,
    "halls": models.Board,
    "halls_overview": models.OverviewView,
    "forecasts_rehearse": models.WhatIfView,
    "forecasts_learned": models.ExperienceView,
    "forecasts_forget": models.Board,
    "guides": models.GuideView,
    "guides_find": models.FoundTickets,
    "guides_acknowledge": models.TicketView,
    "tickets_issue": models.IssuedTicket,
    "tickets_void": models.VoidedTicket,
    "tickets_send_code": models.PhoneCodeSent,
    "tickets_price": models.DeferralPrice,
    "tickets_why": models.ReasonShape,
    "tickets_materials": models.Checklist,
    "halls_plan": models.PlanShape,
    "tickets": models.TicketView,
    "histories": models.History,
    "messages_of_ticket": models.TicketMessages,
    "messages_of_hall": models.MessageList,
    "cases_open_case": case_models.CaseShape,
    "chains_offered": case_models.Chains,
    "tasks_own": case_models.Tasks,
    "cases_own": case_models.OwnCases,
    "agents_entrust": case_models.CaseShape,
    "agents_own": case_models.EntrustedCases,
    "windows": models.WindowView,
    "calls": models.WindowView,
    "servings": models.WindowView,
    "configurations_newest": configuration.ConfigurationView,
    "configurations_versions": configuration.EditionList,
    "configurations_preview": configuration.Preview,
    "directory_directory": directory.Directory,
}
PASSWORD = "correct horse battery staple"


def matter(code: str, group_id: str) -> Matter:
    return Matter(
        code=code,
        name_zh="居住证办理",
        name_en="Residence permit",
        department_zh="公安分局",
        department_en="Police",
        theme="living",
        group_id=group_id,
        target_minutes=15,
        kind="immediate",
        tags=(),
        synonyms=("暂住证",),
        specialised_because="",
        active=True,
    )


@pytest.fixture(scope="module")
def told(hall_server: Server) -> dict[str, Answer]:
    """One day of a hall in which everything happens once: what each operation answered."""
    hall = Hall.made(hall_server)
    house = hall_server.house
    hall_server.do(house.catalogue.put_matters(hall.id, [matter("M01", "A"), matter("M02", "B")], by="test"))
    account = Account(f"{hall.id}-c", hall.id, f"{hall.id}-c", "新人", "c1", Role.CLERK)
    hall_server.do(house.people.put_account(account, password=PASSWORD, by="test"))
    told: dict[str, Answer] = {}
    known = operations(DOCUMENT)
    names: dict[str, str] = {"hall_id": hall.id, "window_id": "w1", "device_id": "K1"}

    def ask(operation_id: str, body: object = None, *, by: str | None = None, **more: str) -> Json:
        operation = known[operation_id]
        client = hall_server.client(by)
        sent = {} if body is None else {"body": body}
        answer = client.ask(operation.method, operation.at(**names, **more), **sent)  # type: ignore[arg-type]
        client.close()
        assert answer.status < 300, (operation_id, answer)
        told.setdefault(operation_id, answer)
        return answer.json if answer.body else {}

    def takes(**more: object) -> Citizen:
        return Citizen(hall, ask("tickets_issue", {"channel": "kiosk", **more}))

    def link(citizen: Citizen) -> dict[str, str]:
        return {"link_token": str(citizen.ticket["link_token"])}

    clerk, guide, manager = hall.clerks["w1"], hall.token("guide"), hall.token("manager")
    anna = takes(matters=["M01", "M02"], phone="13800138000", needs=["voice"], language="en")
    boris, clara, dora = takes(group="A"), takes(group="A"), takes(group="A")
    ask("halls_halls")
    ask("matters_matters")
    ask("kiosks_print_slip", {"link_token": anna.ticket["link_token"]})
    ask("kiosks_look")
    ask("kiosks_look_at_printer")
    ask("kiosks_printers", by=guide)
    token = ask("sessions_sign_in", {"login": account.login, "password": PASSWORD})["token"]
    ask("sessions_who_am_i", by=token)
    ask("sessions_sign_out", by=token)
    ask("tickets_follow", **link(anna))
    ask("tickets_keep_following", **link(anna))
    ask("tickets_walk", {"minutes": 10}, **link(anna))
    ask("tickets_send_code", {"phone": "19900000077"}, **link(anna))
    ask("tickets_bind", {"code": code_for(anna)}, **link(anna))
    ask("tickets_price", **link(boris))
    ask("tickets_why", **link(boris), number=str(anna.ticket["number"]))
    ask("tickets_materials", **link(anna))
    ask("tickets_defer", {"places": 1}, **link(boris))
    ask(
        "tickets_change_class",
        {"priority_class": "ill", "reason": "seen", "proof_seen": True},
        by=guide,
        ticket_id=dora.id,
    )
    ask("tickets_void", {"reason": "left"}, by=guide, ticket_id=dora.id)
    ask("windows_sign_in", by=clerk)
    ask("windows_heartbeat", by=clerk)
    ask("windows_pause", {"reason": "tea", "minutes": 5}, by=clerk)
    ask("windows_resume", by=clerk)
    ask("calls_call_next", by=clerk)
    ask("tickets_acknowledge", **link(anna))
    ask("guides_take", by=guide, ticket_id=anna.id)
    ask("guides_desk", by=guide)
    ask("guides_release", by=guide, ticket_id=anna.id)
    ask("guides_find", by=guide)
    ask("calls_undo", by=clerk)
    ask("calls_call_next", by=clerk)
    hall_server.time_passes(61)
    ask("calls_recall", by=clerk)
    ask("halls_look")
    ask("halls_plan")
    ask("displays_look")
    result = ask("issuance_announce", {"name": "张三", "code": "JH-0178", "window": "w1"}, by=manager)
    ask("issuance_ready")
    ask("issuance_collect", by=manager, result_id=result["id"])
    ask("servings_start", by=clerk)
    cases_of_anna(hall, anna, ask)
    ask("servings_hold", {"reason": "copy"}, by=clerk)
    ask("servings_resume", {"ticket": anna.id}, by=clerk)
    ask("servings_complete", {"outcomes": {"M01": "accepted"}}, by=clerk)
    for citizen, way_back in ((clara, "tickets_come_back"), (boris, "tickets_bring_back")):
        assert ask("calls_call_next", by=clerk)["ticket"]["id"] == citizen.id
        ask("guides_acknowledge", by=guide, ticket_id=citizen.id)
        hall_server.time_passes(200)
        ask("calls_miss", by=clerk)
        if way_back == "tickets_come_back":
            ask(way_back, **link(citizen))
            ask("tickets_cancel", **link(citizen))
        else:
            ask(way_back, by=guide, ticket_id=citizen.id)
    ask("calls_call_next", by=clerk)
    ask("servings_start", by=clerk)
    ask("windows_look", by=clerk)
    ask("histories_look", by=clerk, ticket_id=anna.id)
    ask("messages_of_ticket", by=clerk, ticket_id=anna.id)
    ask("messages_of_hall", by=manager)
    ask("halls_overview", by=manager)
    ask("forecasts_rehearse", {"green_head_start_seconds": 0}, by=manager)
    ask("forecasts_learned", by=manager)
    ask("forecasts_forget", {"reason": "the office moved"}, by=manager)
    ask("servings_transfer", {"group": "B", "reason": "belongs there"}, by=clerk)
    ask("windows_sign_out", by=clerk)
    ask("halls_change_rules", {"near_ahead": 5}, by=manager)
    ask("windows_regroup", {"groups": ["A", "F"]}, by=manager)
    ask("windows_sign_in", by=clerk)
    ask("windows_lose", {"reason": "power cut"}, by=manager)
    admin = hall.token("admin+")
    paper = ask("configurations_newest", by=manager)
    draft = {"version": paper["version"], "configuration": paper["configuration"]}
    draft["configuration"]["notices"] = [{"id": "n1", "text": {"zh": "静", "en": "Quiet"}}]
    ask("configurations_preview", draft, by=manager)
    ask("configurations_save", draft, by=manager)
    ask("configurations_version", by=manager, version="1")
    ask("configurations_restore", {"version": paper["version"] + 1}, by=manager, version="1")
    ask("configurations_versions", by=manager)
    founded = {"id": f"{hall.id}-new", "name_zh": "新厅", "name_en": "New hall"}
    ask("configurations_found", founded, by=admin)
    ask("directory_directory", by=manager)
    line = {"group": "B", "target_minutes": 20, "active": False, "synonyms": ["暂住证"]}
    ask("directory_change", line, by=manager, code="M01")
    somebody = {
        "login": f"{hall.id}-n",
        "display_name": "新人",
        "staff_no": "7",
        "role": "clerk",
        "hall": hall.id,
    }
    ask("accounts_create", somebody, by=manager)
    ask("accounts_change", {**somebody, "skills": {"A": "primary"}}, by=manager, account_id=f"{hall.id}-n")
    ask("accounts_reset_password", by=manager, account_id=f"{hall.id}-n")
    ask("accounts_accounts", by=manager)
    ask("halls_close_day", by=manager)
    ask("halls_open_day", by=manager)
    return told


def cases_of_anna(hall: Hall, anna: Citizen, ask: Callable[..., Json]) -> None:
    """One case that is decided, and others that end before."""
    clerk, manager, reviewer = hall.clerks["w1"], hall.token("manager"), hall.token("reviewer")
    known = hall.server.house.catalogue
    offered = hall.server.do(known.matters(hall.id))
    lent = replace(
        offered["M01"],
        kind="committed",
        scenarios=(Scenario("new", "新办", "New"),),
        materials=(Material("申请表", "Form", tolerable=True),),
        committed_days=5,
    )
    hall.server.do(known.put_matters(hall.id, [lent, offered["M02"]], by="test"))

    def deed(name: str, /, by: str = clerk, **body: object) -> None:
        nonlocal case
        case = ask(f"cases_{name}", {"version": case["version"], **body}, by=by, case_id=case["id"])

    def task(name: str, /, **body: object) -> None:
        nonlocal case
        case = ask(f"tasks_{name}", {"version": case["version"], **body}, by=reviewer, case_id=case["id"])

    def fresh() -> Json:
        return ask("cases_open_case", {"ticket": anna.id, "matter": "M01"}, by=clerk)

    def receives(mark: str) -> None:
        deed("name_applicant", kind="resident", name="张某某", number="11010519491231002X")
        deed("mark", mark=mark, note="why")
        deed("receive")

    case = fresh()
    deed("choose", scenario="new")
    receives("missing")
    deed("notify")
    deed("approve_notice", by=manager, reason="why")
    deed("refuse", reason="not_competent", note="why")
    case = fresh()
    deed("withdraw")
    case = fresh()
    receives("present")
    own = lent.department_zh
    keep = hall.server.app.state.cases
    account = ask("sessions_who_am_i", by=reviewer)["account"]["id"]
    hall.server.do(keep.put_flow(hall.id, "M01", (Branch(own, own, 2),), by="test"))
    hall.server.do(keep.put_certificate(hall.id, account, own, date(2028, 12, 31), None, by="test"))
    deed("accept")
    ask("cases_find", by=reviewer)
    ask("cases_register", by=reviewer)
    ask("cases_put_points", BODIES["cases_put_points"], by=reviewer, code="M01")
    ask("cases_points", by=reviewer, code="M01")
    entry = known_of_m01(ask, clerk, reviewer)
    deed("cite", entry=entry["id"], entry_version=entry["version"])
    ask("cases_ask", {"text": "why"}, by=clerk, case_id=case["id"])
    ask("cases_asked", by=reviewer)
    case = ask("cases_answer", {"text": "because"}, by=reviewer, case_id=case["id"])
    deed("cite_answer")
    ask("tasks_own", by=reviewer)
    deed("take_up", by=reviewer)
    task("take")
    task("lack", material=0, fault="expired")
    task("notify")
    deed("mark", mark="present")
    task("give", agreed=True)
    deed("judge", by=reviewer, passed=True, note=None)
    deed("pause", by=reviewer, reason="hearing")
    deed("resume", by=reviewer)
    deed("decide", by=reviewer, approved=True)
    hall.server.do(keep.put_flow(hall.id, "M01", (), by="test"))  # From now on one department is enough.
    an_agent_brings_one(hall, ask, clerk, reviewer)
    for look in ("look", "history", "look_at_applicant"):
        ask(f"cases_{look}", by=clerk, case_id=case["id"])
    ask("chains_members", by=clerk, case_id=case["id"])
    ask("chains_offered", by=clerk)
    ask("cases_own", link_token=str(anna.ticket["link_token"]))
    guide_of_m01(hall, ask)
    hall.server.do(known.put_matters(hall.id, list(offered.values()), by="test"))
    document_of_anna(hall, case, ask)
    ask("ratings_own", link_token=str(anna.ticket["link_token"]))
    today = hall.server.house.clock().date()
    token = hall.server.app.state.ratings.token("anna", hall.id, "A", "w1", today)
    ask("ratings_look", token=token)
    ask("ratings_rate", {"level": 1, "aspects": {"attitude": 1}, "comment": "why"}, token=token)
    (task,) = ask("ratings_overview", by=manager)["to_answer"]
    ask("ratings_answer", {"reply": "why"}, by=manager, rating_id=task["id"])


def document_of_anna(hall: Hall, case: Json, ask: Callable[..., Json]) -> None:
    """What came of her case: lost once, wrong once, posted once, and collected."""
    files, checks, department = hall.token("manager"), hall.new_account(Role.MANAGER), hall.token("reviewer")
    printed = {"number": "JY1", "issued_on": "2026-11-23"}
    document = ask("issuance_make", {"case": case["id"], **printed}, by=department)

    def deed(name: str, /, by: str = files, **body: object) -> Json:
        now = ask("issuance_look", by=files, document_id=document["id"])["document"]
        asked = {"version": now["version"], **body}
        return ask(f"issuance_{name}", asked, by=by, document_id=document["id"])

    def counts(manifest: Json, *found: str) -> Json:
        asked = {"version": manifest["version"], "found": found}
        return ask("issuance_count", asked, by=files, manifest_id=manifest["id"])

    def arrives(manifest: Json, **right: bool) -> Json:
        counts(manifest, document["id"])
        deed("file", place="A-03")
        fields = dict.fromkeys(("name", "number", "matter", "scope", "dates"), True)
        return deed("check", by=checks, right={**fields, **right})

    sent = {"documents": [document["id"]]}
    disputed = counts(ask("issuance_hand_over", sent, by=department))
    again = {"version": disputed["version"], "again": [document["id"]], "kept": []}
    ask("issuance_find", by=files)
    arrives(ask("issuance_correct", again, by=department, manifest_id=disputed["id"]), name=False)
    deed("fix", by=department, **printed)
    arrives(ask("issuance_hand_over", sent, by=department))
    post = {
        "carrier": "EMS",
        "waybill": "EX123456785CN",
        "payer": "hall",
        "address": "某路1号",
        "proof": "/9j/AAAA",
    }
    deed("mail", **post)
    code = str(deed("arrive", arrived=False, place="A-03", reason="why")["pickup"]).replace(" ", "")
    ask("issuance_pickup", by=files, code=code)
    shown = {"kind": "resident", "tail": "002X", "signature": "M1 1" + "L2 2" * 9}
    ask("issuance_deliver", {"code": code, "documents": [document["id"]], **shown}, by=files)


def guide_of_m01(hall: Hall, ask: Callable[..., Json]) -> None:
    """A guide that its department and the city have worked on, and a letter that was renewed."""
    city, head = hall.token("admin"), hall.token("manager")
    seen = ask("matter_guides_look")
    seen = ask("matter_guides_change", {**only(seen), "guide": {**seen["guide"], "phone": "12345"}}, by=head)
    fewer = {**only(seen), "guide": {**seen["guide"], "materials": []}, "reason": "why"}
    for deed in ("decline", "accept"):
        ask("matter_guides_suggest", fewer, by=head)
        asked = ask("matter_guides_past", by=head)["suggestions"][0]["id"]
        seen = ask(f"matter_guides_{deed}", {}, by=city, suggestion=asked)
    ask("matter_guides_save", {"revision": 0, "guide": GUIDE, "hand_in": True}, by=city)
    ask("matter_guides_edit", by=head)
    ask("matter_guides_every", by=head)
    seen = ask("matter_guides_publish", {"revision": 1}, by=head)
    ask("matter_guides_restore", {**only(seen), "earlier": 1}, by=city)
    ask("delegations_write", {"ends_on": "2027-11-30", "ask": "x01"}, by=city)
    ask("delegations_ask", {"ends_on": "2028-11-30", "reason": "why"}, by=head)
    ask("delegations_every", by=head)
    ask("delegations_settle", {"approved": True}, by=city)


def only(seen: Json) -> Json:
    """The version that was seen."""
    return {"version": seen["version"]}


def known_of_m01(ask: Callable[..., Json], clerk: str, reviewer: str) -> Json:
    """A clerk looks in vain and suggests, a reviewer publishes."""
    ask("knowledge_miss", BODIES["knowledge_miss"], by=clerk)
    suggested = ask("knowledge_suggest", BODIES["knowledge_suggest"], by=clerk)
    body = BODIES["knowledge_write"]
    entry = ask("knowledge_write", body, by=reviewer, entry_id=suggested["id"])
    ask("knowledge_find", by=clerk)
    ask("knowledge_versions", by=clerk, entry_id=suggested["id"])
    ask("knowledge_kept", by=reviewer)
    return entry


def an_agent_brings_one(hall: Hall, ask: Callable[..., Json], clerk: str, reviewer: str) -> None:
    """A case from a village, on its whole way."""
    agent = hall.token("agent")
    filed = {
        "matter": "M01", "scenario": "new", "entruster": "family", "paper_seen": True, "marks": ["present"],
        "applicant": {"kind": "resident", "name": "张某某", "number": "11010519491231002X"},
        "contact": {"phone": "13800138000", "of": "agent", "consent": True},
    }  # fmt: skip
    case = ask("agents_entrust", filed, by=agent)
    ask("arrivals_waiting", by=clerk)
    for name, by, body in (
        ("accept", clerk, {}),
        ("take_up", reviewer, {}),
        ("judge", reviewer, {"passed": True, "note": None}),
        ("decide", reviewer, {"approved": True}),
    ):
        case = ask(f"cases_{name}", {"version": case["version"], **body}, by=by, case_id=case["id"])
    the_desk_hands_it_to_the_agent(hall, case["id"])
    (own,) = ask("agents_own", by=agent)["cases"]
    case = own["case"]
    delivery = {"version": case["version"], "returned": [0], "kept": [], "signed": True}
    ask("agents_deliver", delivery, by=agent, case_id=case["id"])
    posted = {"carrier": "EMS", "waybill": "EX100000001CN", "posted_on": "2026-11-20"}
    sender = {"applicant": filed["applicant"], "parcel": posted, "way_back": "mail"}
    case = ask("arrivals_register", {"matter": "M01", "scenario": "new", **sender}, by=clerk)
    again = {"version": case["version"], "parcel": {**posted, "waybill": "EX100000002CN"}}
    ask("arrivals_add_parcel", again, by=clerk, case_id=case["id"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_published(told: dict[str, Answer], name: str) -> None:
    described, answer = OPERATIONS[name].described, told[name]
    (expected,) = (status for status in described["responses"] if status < "400")
    assert answer.status == int(expected)
    if answer.status != 204:
        schema = described["responses"][expected]["content"]["application/json"]["schema"]
        assert faults(answer.json, schema, DOCUMENT) == []


@pytest.mark.parametrize(
    "name", [name for name in OPERATIONS if name.split("_")[0] in MODELS or name in MODELS]
)
def test_an_answer_of_the_hall_is_what_our_models_say(told: dict[str, Answer], name: str) -> None:
    if told[name].status != 204:
        model = MODELS.get(name) or MODELS[name.split("_")[0]]
        model.model_validate_json(told[name].body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_is_never_kept_by_anybody_on_the_way(told: dict[str, Answer], name: str) -> None:
    assert told[name].headers["cache-control"] == "no-store"


def test_instants_are_written_in_utc(told: dict[str, Answer]) -> None:
    assert told["halls_look"].json["as_of"].endswith("Z")


def test_a_planned_regrouping_keeps_the_instant_whatever_its_zone(hall: Hall) -> None:
    now = hall.server.house.clock()
    local = (now + timedelta(hours=1)).astimezone(tz=None).isoformat()
    answer = hall.by("manager").ask(
        "PUT", f"{hall.at}/windows/w3/groups", {"groups": ["B"], "effective_at": local}
    )
    assert answer.status == 200
    window = hall.server.do(hall.server.house.queues.halls.current(hall.id)).windows["w3"]
    assert window.regroup_at == now + timedelta(hours=1)


def test_the_link_is_told_once_and_never_shown_again(hall: Hall) -> None:
    anna = hall.takes()
    desk = hall.desk("w1").does("session", "calls")
    secret = str(anna.ticket["link_token"]).encode()
    for client, path in (
        (hall.server.anybody, hall.at),
        (hall.server.anybody, anna.at),
        (desk.client, desk.at),
    ):
        assert secret not in client.ask("GET", path).body
