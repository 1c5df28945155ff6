"""A case by post over HTTP: parcel, receipt by message, notice, second parcel, decision, the result by post."""

from typing import Any

from queue_server.people.core import Role

from .places import Hall
from .test_agents import hall as hall  # The same hall, where one permit is applied for.
from .test_agents import told
from .test_cases import IDENTITY, Desk

MAILED: dict[str, Any] = {
    "matter": "M03",
    "scenario": "change",
    "applicant": {"kind": "resident", "name": "张某某", "number": IDENTITY},
    "parcel": {"carrier": "EMS", "waybill": "EX100000001CN", "posted_on": "2026-11-20"},
    "way_back": "mail",
    "contact": {"phone": "13800138000", "consent": True},
}


def test_a_case_comes_by_post_is_completed_by_post_and_nobody_ever_stands_at_a_window(hall: Hall) -> None:
    clerk = hall.server.client(hall.clerks["w1"])
    answer = clerk.ask("POST", f"{hall.at}/mailed-cases", MAILED)
    assert answer.status == 201, answer
    desk = Desk(hall, answer.json, clerk)
    assert (desk.case["stage"], desk.case["number"], desk.case["receipt"]) == ("draft", None, None)
    for place, mark in enumerate(("present", "licence", "missing")):
        desk.does("PUT", f"materials/{place}", mark=mark)
    desk.does("POST", "receipt")
    desk.does("POST", "notice")
    again = {"carrier": "EMS", "waybill": "EX100000002CN", "posted_on": "2026-11-23"}
    desk.does("POST", "parcels", parcel=again)
    assert desk.case["stage"] == "received"
    assert desk.asks("POST", "parcels", parcel=again).said == (409, "parcel_known")
    desk.does("PUT", "materials/2", mark="present")
    desk.does("POST", "acceptance")
    reviewer = hall.server.client(hall.new_account(Role.REVIEWER))
    for deed, body in (("review", {}), ("decision", {"approved": True})):
        assert desk.asks("POST", deed, by=reviewer, **body).status == 200
    assert (desk.case["way_back"], desk.case["visits"]) == ("mail", 0)
    assert [key for _, key in told(hall)] == [
        "case.received",
        "case.notified",
        "case.parcel_arrived",
        "case.accepted",
        "case.decided.approved",
    ]
