"""The register of cases over HTTP: found by whatever somebody knows, page by page, and by department."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace as changed

from queue_server.cases import store
from queue_server.cases.core import stages
from queue_server.cases.core.codes import case_code
from queue_server.cases.core.deadlines import due
from queue_server.cases.core.model import Case, Mark, PauseReason, Stage
from queue_server.people.core import Role
from tests.cases.stories import CLERK, MONDAY, PERMIT, REVIEWER, draft, on

from .places import Answer, Client, Hall

IDENTITY = "11010519491231002X"
CLINIC = replace(
    PERMIT, code="M05", name_zh="个体诊所设立", department_zh="卫健局", department_en="Health Bureau"
)
DATED = "UPDATE cases SET receipt_no = :receipt_no, due_on = :due_on WHERE id = :id"
LUCK = [Random(7)] * 10
LAST_WEEK = MONDAY - timedelta(days=7)


@pytest.fixture
def hall(hall: Hall) -> Hall:
    matters = [replace(PERMIT, group_id="A"), replace(CLINIC, group_id="A")]
    hall.server.do(hall.server.house.catalogue.put_matters(hall.id, matters, by="test"))
    return hall


@pytest.fixture
def clerk(hall: Hall) -> Client:
    return hall.server.client(hall.clerks["w1"])


def kept(hall: Hall, case: Case, *, applicant: str | None = None) -> str:
    """A case in the tables, as the product writes it; its id."""
    due_on = None if (told := due(case, MONDAY)) is None else told.on
    sealer = hall.server.house.sealer

    def unit(tx: Any) -> int:
        known = store.put(
            tx, changed(case, hall_id=hall.id, code=case_code([each.randrange(31) for each in LUCK]))
        )
        tx.execute(DATED, id=known.id, receipt_no=known.receipt_no, due_on=due_on)
        if applicant is not None:
            store.put_applicant(
                tx,
                case_id=known.id,
                kind="resident",
                name_sealed="sealed",
                number_sealed="sealed",
                number_index=sealer.index(applicant),
            )
        return known.id

    return str(hall.server.do(hall.server.house.database.write(unit)))


def accepted(day: date = MONDAY, serial: int = 1, *, matter: Any = PERMIT, days: int = 5) -> Case:
    case = draft(matter=replace(matter, committed_days=days))
    for place in range(len(case.items)):
        case = stages.tick(case, CLERK, place, Mark.PRESENT).case
    case = stages.receive(case, CLERK, on(day), f"H1-2026-{serial:06}").case
    return stages.accept(case, CLERK, on(day), supply_on=None).case


def asks(by: Client, hall: Hall, headers: dict[str, str] | None = None, **wanted: Any) -> Answer:
    words = "&".join(f"{name}={value}" for name, value in wanted.items())
    return by.ask("GET", f"{hall.at}/register?{words}", headers=headers)


def found(by: Client, hall: Hall, headers: dict[str, str] | None = None, **wanted: Any) -> list[str]:
    answer = asks(by, hall, headers, **wanted)
    assert answer.status == 200, answer
    return [line["id"] for line in answer.json["cases"]]


def test_a_case_is_found_by_whatever_somebody_knows_of_it(hall: Hall, clerk: Client) -> None:
    food, clinic = kept(hall, accepted(serial=12)), kept(hall, accepted(serial=13, matter=CLINIC))
    first = kept(hall, draft())
    code = asks(clerk, hall, receipt="H1-2026-000013").json["cases"][0]["code"]
    for wanted, ids in (
        ({}, [first, clinic, food]),
        ({"receipt": "h1-2026-0000"}, [clinic, food]),
        ({"receipt": "H1-2026-000012"}, [food]),
        ({"code": code.lower()}, [clinic]),
        ({"number": "a007"}, [first, clinic, food]),
        ({"number": "A008"}, []),
        ({"matter": "M05"}, [clinic]),
        ({"matter": "getizhensuo"}, [clinic]),
        ({"matter": "%E9%A3%9F%E5%93%81"}, [first, food]),
        ({"matter": "M99"}, []),
        ({"department": "%E5%8D%AB%E5%81%A5%E5%B1%80"}, [clinic]),
        ({"stage": "draft"}, [first]),
        ({"stage": "draft&stage=accepted"}, [first, clinic, food]),
        ({"immediate": "true"}, []),
    ):
        assert found(clerk, hall, **wanted) == ids, wanted


def test_a_bare_serial_means_this_years_receipt(hall: Hall, clerk: Client) -> None:
    case = changed(accepted(), receipt_no=f"{hall.id.upper()}-2026-000012")
    known = kept(hall, case)
    assert found(clerk, hall, receipt="12") == [known]


def test_days_and_lateness_choose_among_what_was_accepted(hall: Hall, clerk: Client) -> None:
    late, today = kept(hall, accepted(LAST_WEEK, 1, days=2)), kept(hall, accepted(MONDAY, 2))
    paused = stages.take_up(accepted(LAST_WEEK, 3, days=2), REVIEWER, on(LAST_WEEK)).case
    paused = stages.pause(paused, REVIEWER, on(LAST_WEEK), PauseReason.HEARING, "").case
    stopped = kept(hall, paused)
    closed = kept(hall, changed(accepted(LAST_WEEK, 4, days=2), stage=Stage.CLOSED))
    for wanted, ids in (
        ({"late": "true"}, [late]),
        ({"due_before": "2026-11-24"}, [late]),
        ({"accepted_from": "2026-11-23"}, [today]),
        ({"accepted_from": "2026-11-16", "accepted_until": "2026-11-22"}, [closed, stopped, late]),
        ({"order": "urgent"}, [late, today, stopped]),
    ):
        assert found(clerk, hall, **wanted) == ids, wanted


def test_an_applicant_is_found_by_the_number_alone_which_stands_in_no_address(
    hall: Hall, clerk: Client
) -> None:
    theirs = kept(hall, accepted(serial=1), applicant=IDENTITY)
    kept(hall, accepted(serial=2), applicant="91330100799655058B")
    assert found(clerk, hall, {"Applicant-Number": "110105 19491231002x"}) == [theirs]
    answer = asks(clerk, hall, {"Applicant-Number": "91330100799655058B"})
    assert [line["receipt"] for line in answer.json["cases"]] == ["H1-2026-000002"]
    assert b"91330100799655058B" not in answer.body
    assert asks(clerk, hall, {"Applicant-Number": "110105194912310021"}).said == (422, "number_unfit")
    assert asks(clerk, hall, {"Applicant-Number": "x"}).said == (422, "permit_unfit")


@pytest.mark.parametrize("order", ["newest", "urgent"])
def test_whoever_turns_the_pages_sees_every_case_once_though_others_are_opened_meanwhile(
    hall: Hall, clerk: Client, order: str
) -> None:
    ids = [
        kept(hall, accepted(MONDAY - timedelta(days=place % 3), place, days=place % 4 + 1))
        for place in range(7)
    ]
    ids.append(kept(hall, changed(accepted(serial=8), counted_from=None)))  # Due on no day that is known.
    first = asks(clerk, hall, order=order, limit=3).json
    assert (first["total"], first["total_is_more"]) == (8, False)
    kept(hall, accepted(MONDAY, 99, days=0))
    seen, after = [line["id"] for line in first["cases"]], first["next"]
    while after is not None:
        page = asks(clerk, hall, order=order, limit=3, after=after).json
        assert page["total"] is None
        seen, after = seen + [line["id"] for line in page["cases"]], page["next"]
    assert sorted(seen, key=int) == ids
    assert order == "urgent" or seen == ids[::-1]


def test_a_line_says_what_the_case_is_and_which_papers_there_are(hall: Hall, clerk: Client) -> None:
    kept(hall, accepted())
    page = asks(clerk, hall).json
    (line,) = page["cases"]
    assert (line["receipt"], line["stage"], line["accepted_on"]) == (
        "H1-2026-000001",
        "accepted",
        "2026-11-23",
    )
    assert line["papers"] == ["receipt", "acceptance"]
    assert line["due"]["color"] == "calm"
    assert [each["zh"] for each in page["departments"]] == ["卫健局", "市场监管局"]


def test_a_reviewer_is_told_whose_cases_they_decide(hall: Hall) -> None:
    bound = hall.server.client(hall.new_account(Role.REVIEWER, department="卫健局"))
    assert asks(bound, hall).json["department"] == "卫健局"
    assert asks(hall.by(Role.REVIEWER), hall).json["department"] is None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"code": "2345-6789-ABGQ"}, (404, "case_code_unknown")),
        ({"after": "running.2026-11-30.7"}, (422, "place_unfit")),
        ({"order": "urgent", "after": "7"}, (422, "place_unfit")),
        ({"order": "urgent", "after": "running.2026-13-30.7"}, (422, "place_unfit")),
        ({"due_before": "soon"}, (422, "invalid_request")),
        ({"stage": "lost"}, (422, "invalid_request")),
        ({"number": "7"}, (422, "invalid_request")),
    ],
)
def test_what_cannot_be_looked_for_is_said_plainly(
    hall: Hall, clerk: Client, wanted: dict[str, str], said: tuple[int, str]
) -> None:
    assert asks(clerk, hall, **wanted).said == said


def test_no_hall_finds_the_cases_of_another(hall: Hall) -> None:
    other = Hall.made(hall.server)
    kept(hall, accepted(), applicant=IDENTITY)
    manager = other.by(Role.MANAGER)
    assert found(manager, other) == found(manager, other, {"Applicant-Number": IDENTITY}) == []
    assert asks(manager, hall).status == 403
    other.pull_down()
