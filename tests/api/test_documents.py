"""A document over HTTP, on a real database: from the decision to the signature."""

import base64
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace as with_fields

from queue_server.people.core import Role
from queue_server.settings import Settings
from tests.cases.stories import PERMIT

from .places import Answer, Client, Hall, Server
from .test_cases import IDENTITY, opened

NAME = "张某某"
SIGNATURE = "M10 10" + "".join(f"L{10 + step} {20 + step}" for step in range(20))
PROOF = base64.b64encode(b"\xff\xd8\xff" + b"0" * 1000).decode()
PRINTED = {"number": "JY13301000001", "scope": "热食类食品制售", "issued_on": "2026-11-23"}
RIGHT = dict.fromkeys(("name", "number", "matter", "scope", "dates"), True)


@pytest.fixture
def hall(hall: Hall) -> Hall:
    """A hall whose clerks hand out results too."""
    server = hall.server
    server.do(server.house.catalogue.put_matters(hall.id, [replace(PERMIT, group_id="A")], by="test"))
    _, paper = server.do(server.house.queues.newest(hall.id))
    groups = tuple(
        with_fields(group, kind="issuance" if group.id == "B" else group.kind) for group in paper.groups
    )
    windows = tuple(
        with_fields(each, kind="issuance" if each.id == "w3" else each.kind) for each in paper.windows
    )
    server.do(server.house.queues.create(with_fields(paper, groups=groups, windows=windows)))
    manager = hall.by("manager")
    assert manager.ask("DELETE", f"{hall.at}/day").status == 200
    assert manager.ask("POST", f"{hall.at}/day").status == 201
    return hall


class House:
    """A department and two people at the issuing desk."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.department = hall.server.client(hall.new_account(Role.REVIEWER))
        self.files, self.checks = (hall.server.client(hall.new_account(Role.CLERK)) for _ in range(2))

    def decided(self, **wish: Any) -> dict[str, Any]:
        """A case that was approved."""
        _, desk = opened(self.hall, **wish)
        desk.prepares()
        desk.does("POST", "acceptance")
        for deed, body in (("review", {}), ("decision", {"approved": True})):
            assert desk.asks("POST", deed, by=self.department, **body).status == 200
        self.hall.desk("w1").does("completion")
        return desk.case

    def made(self, **wish: Any) -> dict[str, Any]:
        return self.does(self.department, "documents", {"case": self.decided(**wish)["id"], **PRINTED})

    def sent(self, *documents: dict[str, Any]) -> dict[str, Any]:
        return self.does(self.department, "manifests", {"documents": [each["id"] for each in documents]})

    def found(self, manifest: dict[str, Any], *documents: dict[str, Any]) -> dict[str, Any]:
        body = {"version": manifest["version"], "found": [each["id"] for each in documents]}
        return self.does(self.files, f"manifests/{manifest['id']}/count", body)

    def arrived(self, **wish: Any) -> dict[str, Any]:
        """A document on its shelf."""
        document = self.made(**wish)
        self.found(self.sent(document), document)
        return self.handles(self.files, document, "filing", place="A-03")

    def ready(self, **wish: Any) -> dict[str, Any]:
        return self.handles(self.checks, self.arrived(**wish), "check", right=RIGHT)

    def handles(self, who: Client, document: dict[str, Any], deed: str, **body: Any) -> dict[str, Any]:
        return self.does(
            who, f"documents/{document['id']}/{deed}", {"version": self.now(document)["version"], **body}
        )

    def does(self, who: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = who.ask("POST", f"{self.hall.at}/{path}", body)
        assert answer.status in (200, 201), answer
        return dict(answer.json)

    def tries(self, who: Client, document: dict[str, Any], deed: str, **body: Any) -> Answer:
        asked = {"version": self.now(document)["version"], **body}
        return who.ask("POST", f"{self.hall.at}/documents/{document['id']}/{deed}", asked)

    def collects(self, document: dict[str, Any], *, key: str | None = None, **other: Any) -> Answer:
        body = {
            "code": document["pickup"],
            "documents": [document["id"]],
            "kind": "resident",
            "tail": IDENTITY[-4:],
            "signature": SIGNATURE,
            **other,
        }
        return self.files.ask("POST", f"{self.hall.at}/deliveries", body, key=key)

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        return dict(self.files.ask("GET", f"{self.hall.at}/documents/{document['id']}").json)

    def now(self, document: dict[str, Any]) -> dict[str, Any]:
        return dict(self.whole(document)["document"])

    def case(self, document: dict[str, Any]) -> dict[str, Any]:
        return dict(self.files.ask("GET", f"{self.hall.at}/cases/{document['case']}").json)

    def listed(self) -> list[dict[str, Any]]:
        return list(self.hall.server.anybody.ask("GET", f"{self.hall.at}/results").json["results"])


@pytest.fixture
def house(hall: Hall) -> House:
    return House(hall)


def test_from_the_decision_to_the_signature_somebody_holds_the_document_at_every_moment(house: House) -> None:
    document = house.ready(phone="13800138000")
    assert [line["name"] for line in house.listed()] == ["张**"]
    found = house.files.ask("GET", f"{house.hall.at}/pickups/{spoken(document)}").json
    assert (found["name"], [each["id"] for each in found["documents"]]) == (NAME, [document["id"]])
    assert house.collects(document).status == 201
    assert house.listed() == []
    case = house.case(document)
    assert (case["stage"], case["closed"] is not None) == ("closed", True)
    lines = house.whole(document)["lines"]
    assert [line["version"] for line in lines] == list(range(1, len(lines) + 1))
    assert [(line["name"], line["keeper"]) for line in lines] == [
        ("made", "department"),
        ("sent", "messenger"),
        ("received", "desk"),
        ("filed", "desk"),
        ("ready", "desk"),
        ("delivered", "citizen"),
    ]


def test_the_citizen_is_told_the_code_once_it_is_checked_and_not_before(house: House) -> None:
    document = house.arrived(phone="13800138000")
    assert told(house, document)[-1].endswith("领取结果请留意后续通知。")
    ready = house.handles(house.checks, document, "check", right=RIGHT)
    assert told(house, document)[-1] == (
        f"办件{document['receipt']}的结果可领取，领取码{ready['pickup']}，请携带身份证件到出件窗口。"
    )
    house.collects(ready)
    assert told(house, document)[-1] == f"办件{document['receipt']}的结果已交付，本次办理结束。"


def test_eleven_of_twelve_make_a_dispute_that_only_a_corrected_hand_over_closes(house: House) -> None:
    documents = [house.made() for _ in range(3)]
    manifest = house.sent(*documents)
    disputed = house.found(manifest, *documents[:2])
    assert (disputed["state"], disputed["open"]) == ("disputed", [documents[2]["id"]])
    assert house.whole(documents[2])["lines"][-1]["keeper"] == "nobody_knows"
    seen = house.department.ask("GET", f"{house.hall.at}/documents").json["manifests"]
    assert [(each["code"], each["state"]) for each in seen] == [(manifest["code"], "disputed")]

    again = f"{house.hall.at}/manifests/{manifest['id']}/correction"
    unsettled = {"version": disputed["version"], "again": [], "kept": []}
    assert house.department.ask("POST", again, unsettled).said == (422, "manifest_unsettled")
    sent = {**unsettled, "again": [documents[2]["id"]]}
    corrected = house.department.ask("POST", again, sent).json
    assert corrected["state"] == "in_transfer"
    assert house.found(corrected, documents[2])["state"] == "closed"
    assert {house.now(each)["state"] for each in documents} == {"at_desk"}


def test_what_never_left_the_department_leaves_the_manifest(house: House) -> None:
    document = house.made()
    disputed = house.found(house.sent(document))
    body = {"version": disputed["version"], "again": [], "kept": [document["id"]]}
    closed = house.does(house.department, f"manifests/{disputed['id']}/correction", body)
    assert (closed["state"], closed["documents"]) == ("closed", [])
    assert house.now(document)["state"] == "made"


def test_nobody_checks_what_they_have_filed(house: House) -> None:
    document = house.arrived()
    assert house.tries(house.files, document, "check", right=RIGHT).said == (403, "filer_checks")
    assert house.tries(house.checks, document, "check", right={"name": True}).said == (
        422,
        "fields_unchecked",
    )
    assert house.tries(house.checks, document, "check", right=RIGHT).status == 200


def test_a_wrong_name_goes_back_and_cannot_be_handed_out(house: House) -> None:
    document = house.arrived()
    wrong = house.handles(house.checks, document, "check", right={**RIGHT, "name": False}, note="章写成张")
    assert (wrong["state"], wrong["wrong"], wrong["fix_by"]) == ("returned_for_fix", ["name"], "2026-11-25")
    assert house.listed() == []
    receipt = house.case(document)["code"]
    assert house.collects({**document, "pickup": receipt}).said == (409, "pickup_not_ready")
    fixed = house.handles(house.department, document, "fix", **PRINTED)
    assert fixed["state"] == "made"
    house.found(house.sent(fixed), fixed)
    house.handles(house.files, document, "filing", place="A-03")
    assert house.handles(house.checks, document, "check", right=RIGHT)["state"] == "ready"


def test_several_results_of_one_person_are_handed_over_at_once(house: House) -> None:
    first, second = house.ready(), house.ready()
    found = house.files.ask("GET", f"{house.hall.at}/pickups/{spoken(first)}").json["documents"]
    assert [each["id"] for each in found] == [first["id"], second["id"]]
    assert house.collects(first, documents=[first["id"], second["id"]]).status == 201
    assert {house.case(each)["stage"] for each in (first, second)} == {"closed"}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"kind": None}, (422, "identity_unchecked")),
        ({"tail": ""}, (422, "identity_unchecked")),
        ({"tail": "0000"}, (422, "identity_differs")),
        ({"kind": "permit"}, (422, "identity_differs")),
        ({"signature": ""}, (422, "signature_missing")),
        ({"signature": "M1 1L2 2"}, (422, "signature_missing")),
        ({"signature": "M1 1" + "L1234 5678" * 3000}, (422, "signature_too_large")),
        ({"signature": "<svg onload=alert(1)>"}, (422, "signature_unfit")),
        ({"code": "0000 0000"}, (404, "pickup_unknown")),
        ({"code": "<b>"}, (404, "pickup_unknown")),
        ({"documents": ["999999"]}, (404, "document_unknown")),
        ({"agent": {"kind": "resident", "name": "李某", "number": IDENTITY, "entrustment": " "}, "looked_at": []},
         (422, "agent_unchecked")),
    ],
)  # fmt: skip
def test_what_cannot_be_handed_out_stays_where_it_is(
    house: House, other: dict[str, Any], said: tuple[int, str]
) -> None:
    document = house.ready()
    assert house.collects(document, **other).said == said
    assert house.now(document)["state"] == "ready"
    assert house.case(document)["stage"] == "result_ready"


def test_an_agent_collects_with_an_entrustment_piece_by_piece(house: House) -> None:
    document = house.ready()
    agent = {"kind": "resident", "name": "<b>李某</b>", "number": IDENTITY, "entrustment": ""}
    items = {"looked_at": [document["id"]]}
    assert house.collects(document, agent=agent).said == (422, "agent_unchecked")
    assert house.collects(document, agent=agent, **items).said == (422, "entrustment_missing")
    forged = {**agent, "entrustment": "公证委托书", "number": "110105194912310021"}
    assert house.collects(document, agent=forged, **items).said == (422, "identity_unfit")
    assert house.collects(document, agent={**forged, "number": IDENTITY}, **items).status == 201
    assert house.now(document)["way"] == "agent"


def test_a_code_of_another_hall_is_told_where_it_belongs(house: House, hall_server: Server) -> None:
    document = house.ready()
    theirs = Hall.made(hall_server)
    answer = theirs.by("manager").ask("GET", f"{theirs.at}/pickups/{spoken(document)}")
    assert answer.said == (409, "pickup_elsewhere")
    assert theirs.by("manager").ask("GET", f"{theirs.at}/documents/{document['id']}").said == (
        404,
        "document_unknown",
    )


def test_two_clerks_with_one_document_and_the_second_is_told(house: House) -> None:
    document = house.ready()
    first = house.collects(document, key="press")
    assert house.collects(document, key="press").body == first.body  # The same press, said twice.
    assert house.collects(document, key="another").said == (409, "pickup_done")
    shelf = house.made()
    house.found(house.sent(shelf), shelf)
    old = house.now(shelf)["version"]
    house.handles(house.files, shelf, "filing", place="B-01")
    late = house.checks.ask(
        "POST", f"{house.hall.at}/documents/{shelf['id']}/filing", {"version": old, "place": "C"}
    )
    assert late.said == (409, "document_changed")


def test_the_post_needs_a_waybill_and_a_picture_and_what_comes_back_can_be_collected(house: House) -> None:
    document = house.ready(phone="13800138000")
    posted = {
        "carrier": "EMS",
        "waybill": "EX123456785CN",
        "payer": "recipient",
        "address": "某路1号",
        "proof": PROOF,
    }
    assert house.tries(house.files, document, "mailing", **{**posted, "proof": "bm9uZQ=="}).said == (
        422,
        "proof_unfit",
    )
    assert house.tries(house.files, document, "mailing", **{**posted, "waybill": ""}).status == 422
    mailed = house.handles(house.files, document, "mailing", **posted)
    assert (mailed["state"], house.listed()) == ("mailed", [])
    assert (
        told(house, document)[-1]
        == f"办件{document['receipt']}的结果已寄出，快递单号EX123456785CN，请留意签收。"
    )
    back = house.handles(house.files, document, "arrival", arrived=False, place="A-03", reason="无人签收")
    assert (back["state"], len(house.listed())) == ("ready", 1)
    assert "邮件被退回" in told(house, document)[-1]
    house.handles(house.files, document, "mailing", **posted)
    arrived = house.handles(house.files, document, "arrival", arrived=True)
    assert (arrived["state"], arrived["way"], house.case(document)["stage"]) == (
        "delivered",
        "mail",
        "closed",
    )


def test_an_electronic_result_has_arrived_at_once(house: House) -> None:
    case = house.decided()
    document = house.does(house.department, "documents", {"case": case["id"], "electronic": True, **PRINTED})
    assert (document["state"], house.case(document)["stage"]) == ("delivered", "closed")
    again = house.department.ask("POST", f"{house.hall.at}/documents", {"case": case["id"], **PRINTED})
    assert again.status == 409


def test_a_department_hands_over_and_never_hands_out(house: House) -> None:
    document = house.ready()
    body = {"code": document["pickup"], "documents": [document["id"]], "kind": "resident", "tail": "002X"}
    for path, asked in (
        ("deliveries", {**body, "signature": SIGNATURE}),
        (f"documents/{document['id']}/arrival", {"version": 5, "arrived": True}),
    ):
        assert house.department.ask("POST", f"{house.hall.at}/{path}", asked).said == (403, "role_missing")


def test_nobody_is_named_where_documents_are_kept(house: House, hall_settings: Settings) -> None:
    document = house.ready()
    agent = {"kind": "resident", "name": "李小四", "number": IDENTITY, "entrustment": "公证委托书"}
    house.collects(document, agent=agent, looked_at=[document["id"]], key="named")
    tables = ("documents", "document_history", "deliveries", "manifests", "requests", "case_history")
    with psycopg.connect(hall_settings.database_url) as connection:
        rows = [connection.execute(f"SELECT to_json(t)::text FROM {table} t").fetchall() for table in tables]
    text = "\n".join(row[0] for table in rows for row in table)
    for secret in (NAME, "李小四", IDENTITY, "L10 20L11 21"):
        assert secret not in text


def spoken(document: dict[str, Any]) -> str:
    """The code of a document as it is typed."""
    return str(document["pickup"]).replace(" ", "")


def told(house: House, document: dict[str, Any]) -> list[str]:
    """What the citizen of a document was told, the newest last."""
    ticket = house.case(document)["ticket"]
    lines = house.files.ask("GET", f"{house.hall.at}/tickets/{ticket}/messages").json["messages"]
    lines = [line for line in lines if line["kind"].startswith("case.")]
    return [line["text"] for line in sorted(lines, key=lambda line: int(line["id"]))]
