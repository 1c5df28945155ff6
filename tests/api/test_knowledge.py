"""What windows know, over HTTP: found, cited as it was, asked for, and what a reviewer judges."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest

from queue_server.people.core import Role
from tests.cases.stories import PERMIT

from .places import Answer, Client, Hall
from .test_cases import Desk, opened

PLAN = {
    "title": "平面图怎样才算清楚",
    "body": "标明操作间、贮存间、洗消区。",
    "kind": "sample",
    "about": ["M03"],
}
POINT = {
    "item_zh": "食品贮存", "item_en": "Storage", "method_zh": "看图", "method_en": "Read the plan",
    "standard_zh": "离地离墙", "standard_en": "Off the floor",
}  # fmt: skip


@pytest.fixture
def hall(hall: Hall) -> Hall:
    matters = [replace(PERMIT, group_id="A")]
    hall.server.do(hall.server.house.catalogue.put_matters(hall.id, matters, by="test"))
    return hall


@pytest.fixture
def reviewer(hall: Hall) -> Iterator[Client]:
    client = hall.server.client(hall.new_account(Role.REVIEWER))
    yield client
    client.close()


def published(hall: Hall, by: Client, **more: object) -> dict[str, Any]:
    made = by.ask("POST", f"{hall.at}/knowledge", {**PLAN, **more})
    assert made.status == 201, made
    return changed(hall, by, made.json, state="published", **more)


def changed(hall: Hall, by: Client, entry: dict[str, Any], **more: object) -> dict[str, Any]:
    answer = writes(hall, by, entry, **more)
    assert answer.status == 200, answer
    return dict(answer.json)


def writes(hall: Hall, by: Client, entry: dict[str, Any], **more: object) -> Answer:
    body = {**PLAN, "version": entry["version"], "state": entry["state"], **more}
    return by.ask("PUT", f"{hall.at}/knowledge/{entry['id']}", body)


def titles(hall: Hall, by: Client, query: str = "", matter: str = "M03") -> list[str]:
    found = by.ask("GET", f"{hall.at}/knowledge?q={query}&matter={matter}").json["entries"]
    return [entry["title"]["zh"] for entry in found]


# ── Kept by the departments ──────────────────────────────────────────────────────────────────────


def test_a_draft_is_found_by_nobody_a_published_entry_at_once_and_a_withdrawn_one_no_more(
    hall: Hall, reviewer: Client
) -> None:
    entry = reviewer.ask("POST", f"{hall.at}/knowledge", PLAN).json
    assert titles(hall, reviewer, "pmt") == []
    entry = changed(hall, reviewer, entry, state="published")
    assert titles(hall, reviewer, "pmt") == [PLAN["title"]]
    entry = changed(hall, reviewer, entry, state="draft", title="改到一半")
    assert titles(hall, reviewer, "pmt") == [PLAN["title"]], "a draft leaves what clerks find alone"
    changed(hall, reviewer, entry, state="withdrawn")
    assert titles(hall, reviewer, "pmt") == []
    versions = reviewer.ask("GET", f"{hall.at}/knowledge/{entry['id']}/versions").json["entries"]
    assert [(each["version"], each["state"]) for each in versions] == [
        (4, "withdrawn"),
        (3, "draft"),
        (2, "published"),
        (1, "draft"),
    ]


def test_of_two_people_who_write_the_same_entry_the_second_is_told(hall: Hall, reviewer: Client) -> None:
    entry = published(hall, reviewer)
    assert writes(hall, reviewer, entry, body="先写的").status == 200
    assert writes(hall, reviewer, entry, body="后写的").said == (409, "entry_changed")


def test_a_clerk_suggests_and_does_not_publish(hall: Hall) -> None:
    clerk = hall.server.client(hall.clerks["w1"])
    made = clerk.ask("POST", f"{hall.at}/knowledge", PLAN)
    assert (made.status, made.json["state"]) == (201, "draft")
    assert writes(hall, clerk, made.json, state="published").said == (403, "role_missing")
    clerk.close()


def test_what_was_looked_for_in_vain_is_listed_until_an_entry_answers_it(
    hall: Hall, reviewer: Client
) -> None:
    clerk = hall.server.client(hall.clerks["w1"])
    for _ in range(2):
        assert (
            clerk.ask("POST", f"{hall.at}/knowledge/misses", {"query": "隔油池", "matter": "M03"}).status
            == 201
        )
    (miss,) = reviewer.ask("GET", f"{hall.at}/knowledge/kept").json["misses"]
    assert (miss["query"], miss["matter"], miss["times"]) == ("隔油池", "M03", 2)
    published(hall, reviewer, title="隔油池画在哪里")
    assert reviewer.ask("GET", f"{hall.at}/knowledge/kept").json["misses"] == []
    clerk.close()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"title": " "}, 422),
        ({"body": ""}, 422),
        ({"body": "字" * 4000}, 201),
        ({"body": "字" * 4001}, 422),
        ({"body": "<script>alert(1)</script>"}, 201),
        ({"about": ["M99"]}, 404),
        ({"about": ["M03.never"]}, 404),
        ({"kind": "rumour"}, 422),
    ],
)
def test_what_is_written_is_answered_plainly_and_kept_as_it_was_typed(
    hall: Hall, reviewer: Client, more: dict[str, Any], status: int
) -> None:
    answer = reviewer.ask("POST", f"{hall.at}/knowledge", {**PLAN, **more})
    assert answer.status == status
    if status == 201:
        assert answer.json["body"]["zh"] == more["body"]


def test_another_hall_finds_nothing_of_it(hall: Hall, reviewer: Client) -> None:
    entry = published(hall, reviewer)
    theirs = Hall.made(hall.server)
    other = theirs.by("manager")
    assert other.ask("GET", f"{theirs.at}/knowledge/{entry['id']}/versions").said == (404, "entry_unknown")
    assert titles(theirs, other) == []


# ── Cited ────────────────────────────────────────────────────────────────────────────────────────


def cites(desk: Desk, entry: dict[str, Any]) -> Answer:
    return desk.asks("POST", "citations", entry=entry["id"], entry_version=entry["version"])


def test_a_citation_keeps_the_version_that_was_read_and_the_text_as_it_was(
    hall: Hall, reviewer: Client
) -> None:
    entry = published(hall, reviewer)
    _, desk = opened(hall)
    assert cites(desk, entry).status == 200
    changed(hall, reviewer, entry, body="现在还要标明隔油池。")
    (citation,) = desk.case["citations"]
    assert (citation["entry"], citation["entry_version"]) == (entry["id"], entry["version"])
    versions = desk.client.ask("GET", f"{hall.at}/knowledge/{entry['id']}/versions").json["entries"]
    (as_it_was,) = [each for each in versions if each["version"] == citation["entry_version"]]
    assert as_it_was["body"]["zh"] == PLAN["body"]
    last = desk.client.ask("GET", f"{desk.at}/history").json["lines"][-1]
    assert (last["name"], last["details"]["title"]["zh"]) == ("cited", PLAN["title"])


def test_an_entry_that_was_withdrawn_or_rewritten_while_it_was_open_is_not_cited(
    hall: Hall, reviewer: Client
) -> None:
    entry = published(hall, reviewer)
    _, desk = opened(hall)
    newer = changed(hall, reviewer, entry, body="改过了。", state="published")
    assert cites(desk, entry).said == (409, "entry_changed")
    changed(hall, reviewer, newer, state="withdrawn")
    assert cites(desk, newer).said == (409, "entry_withdrawn")
    assert desk.case["citations"] == []


def test_two_clerks_who_cite_at_once_leave_one_citation(hall: Hall, reviewer: Client) -> None:
    entry = published(hall, reviewer)
    _, desk = opened(hall)
    body = {"version": desk.case["version"], "entry": entry["id"], "entry_version": entry["version"]}
    said: list[tuple[int, str | None]] = []
    together = Barrier(2)

    def cite() -> None:
        clerk = hall.server.client(hall.clerks["w1"])
        together.wait()
        said.append(clerk.ask("POST", f"{desk.at}/citations", body).said)
        clerk.close()

    clerks = [Thread(target=cite) for _ in range(2)]
    for each in clerks:
        each.start()
    for each in clerks:
        each.join()
    assert sorted(status for status, _ in said) == [200, 409]
    case = desk.client.ask("GET", desk.at).json
    assert len(case["citations"]) == 1


# ── Asked of the department ──────────────────────────────────────────────────────────────────────


def test_a_question_is_answered_in_two_minutes_while_the_clerk_goes_on(hall: Hall, reviewer: Client) -> None:
    _, desk = opened(hall)
    assert desk.client.ask("POST", f"{desk.at}/questions", {"text": "隔油池要不要标？"}).status == 200
    (question,) = reviewer.ask("GET", f"{hall.at}/questions").json["questions"]
    assert (question["text"], question["case"], question["number"]) == (
        "隔油池要不要标？",
        desk.case["id"],
        desk.case["number"],
    )
    hall.server.time_passes(120)
    answer = f"{desk.at}/questions/0/answer"
    told = reviewer.ask("POST", answer, {"text": "要标。"})
    assert told.json["questions"][0]["minutes"] == pytest.approx(2, abs=0.2)
    assert reviewer.ask("POST", answer, {"text": "不用。"}).said == (409, "question_answered")
    assert reviewer.ask("GET", f"{hall.at}/questions").json["questions"] == []
    desk.case = desk.client.ask("GET", desk.at).json
    desk.does("POST", "questions/0/citation")
    names = [line["name"] for line in desk.client.ask("GET", f"{desk.at}/history").json["lines"]]
    assert names[-3:] == ["asked", "answered", "cited"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "字" * 4000, "问\u202e题"])
def test_a_question_says_something_and_is_short(hall: Hall, text: str) -> None:
    _, desk = opened(hall)
    answer = desk.client.ask("POST", f"{desk.at}/questions", {"text": text})
    assert answer.said == (422, "invalid_request")
    assert answer.json["errors"][0]["message_zh"]


def test_a_case_that_ends_takes_its_questions_out_of_the_inbox(hall: Hall, reviewer: Client) -> None:
    _, desk = opened(hall)
    desk.case = desk.client.ask("POST", f"{desk.at}/questions", {"text": "隔油池要不要标？"}).json
    desk.does("POST", "withdrawal")
    assert reviewer.ask("GET", f"{hall.at}/questions").json["questions"] == []


# ── Judged ───────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_approved_on_points_that_were_judged_and_met(hall: Hall, reviewer: Client) -> None:
    points = f"{hall.at}/review-points/M03"
    assert reviewer.ask("PUT", points, {"points": [POINT]}).status == 200
    _, desk = opened(hall)
    desk.prepares()
    desk.does("POST", "acceptance")
    assert desk.asks("POST", "review", by=reviewer).status == 200
    assert reviewer.ask("PUT", points, {"points": []}).status == 200  # A review that has begun keeps its own.
    assert desk.asks("POST", "decision", by=reviewer, approved=True).said == (409, "points_unjudged")
    assert desk.asks("PUT", "points/0", by=reviewer, passed=False).said == (422, "comment_missing")
    assert desk.asks("PUT", "points/0", by=reviewer, passed=False, note="贮存区未标注").status == 200
    refused = desk.asks("POST", "decision", by=reviewer, approved=True)
    assert refused.said == (409, "point_failed")
    assert "食品贮存" in refused.json["title_zh"]
    assert desk.asks("PUT", "points/0", by=reviewer, passed=True).status == 200
    assert desk.asks("POST", "decision", by=reviewer, approved=True).status == 200
    last = desk.client.ask("GET", f"{desk.at}/history").json["lines"][-1]
    assert last["details"]["points"] == [
        {"item": {"zh": "食品贮存", "en": "Storage"}, "passed": True, "note": ""}
    ]
