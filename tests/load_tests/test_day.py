import json
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from load_tests.day import citizens, rota
from load_tests.promises import broken_promises

DEMO = Path(__file__).parents[2] / "queue_server" / "demo" / "hall_h1.json"
MONDAY = date(2026, 11, 23)
HALL: dict[str, Any] = {
    "hall": {"id": "h1", "timezone": "Asia/Shanghai"},
    "matters": [
        {"code": "M13", "group": "A"},
        {"code": "M14", "group": "A"},
        {"code": "M99", "group": "A", "active": False},
    ],
    "traffic": {
        "first_hour": 9,
        "arrivals_per_hour": {"A": [200, 400, 0, 100], "E": [40, 40, 40, 40]},
        "service_minutes": {"A": 12, "E": 4},
        "wanted": {"M14": 4},
        "service_cv": 0.5,
        "clerk_factors": {"c08": 0.7},
        "channels": {"wechat": 0.55, "kiosk": 0.45},
        "classes": {"elderly": 0.07},
        "no_show": 0.06,
        "cancel": 0.04,
        "transfer": 0.03,
        "two_matters": 0.08,
        "busy_factor": 1.25,
        "overload_factor": 1.6,
    },
}


def test_what_is_wanted_more_is_asked_for_more() -> None:
    first = [each.body["matters"][0] for each in citizens(HALL, MONDAY, seed=1) if "matters" in each.body]
    assert 3 < first.count("M14") / first.count("M13") < 5


def test_the_same_seed_brings_the_same_citizens() -> None:
    assert citizens(HALL, MONDAY, seed=1) == citizens(HALL, MONDAY, seed=1)
    assert citizens(HALL, MONDAY, seed=1) != citizens(HALL, MONDAY, seed=2)


def test_as_many_come_in_each_hour_as_the_profile_says() -> None:
    days = [citizens(HALL, MONDAY, seed) for seed in range(10)]
    assert all(day == sorted(day, key=lambda citizen: citizen.at_seconds) for day in days)
    hours = Counter(int(c.at_seconds // 3600) for day in days for c in day if "matters" in c.body)
    assert hours[11] == 0
    assert [hours[hour] for hour in (9, 10, 12)] == pytest.approx([2000, 4000, 1000], rel=0.1)


def test_people_are_as_the_profile_says() -> None:
    everybody = [citizen for seed in range(5) for citizen in citizens(HALL, MONDAY, seed)]
    number = len(everybody)
    assert sum(not citizen.comes for citizen in everybody) / number == pytest.approx(0.06, abs=0.02)
    assert sum(citizen.transfer_to is not None for citizen in everybody) / number == pytest.approx(
        0.03, abs=0.015
    )
    assert sum("priority_class" in citizen.body for citizen in everybody) / number == pytest.approx(
        0.07, abs=0.02
    )
    minutes = [c.service_minutes for c in everybody if len(c.body.get("matters", [])) == 1]
    assert sum(minutes) / len(minutes) == pytest.approx(12, rel=0.1)


def test_nobody_asks_for_a_matter_that_is_not_offered() -> None:
    asked = {code for citizen in citizens(HALL, MONDAY, seed=1) for code in citizen.body.get("matters", [])}
    assert asked == {"M13", "M14"}
    assert all(
        ("matters" in citizen.body) != ("group" in citizen.body) for citizen in citizens(HALL, MONDAY, 1)
    )


def test_every_window_has_its_own_clerk_and_one_stays_free_for_a_visitor() -> None:
    definition = json.loads(DEMO.read_text())
    logins = {staff["login"]: "secret" for staff in definition["staff"] if staff["login"] != "c11"}
    seats = {window: staff["login"] for window, staff in rota(definition, logins)}
    assert seats == {f"{n:02}": f"c{n:02}" for n in range(1, 17) if n != 11}


def test_a_trainee_comes_after_the_mentor() -> None:
    definition = json.loads(DEMO.read_text())
    logins = {staff["login"]: "secret" for staff in definition["staff"]}
    order = [staff["id"] for _, staff in rota(definition, logins)]
    assert order.index("c03") < order.index("c05")
    assert order.index("c09") < order.index("c12")


def test_where_windows_have_no_number_in_common_with_clerks_somebody_able_sits_down() -> None:
    hall = {
        "windows": [{"id": "north", "groups": ["A"]}, {"id": "south", "groups": ["B"]}],
        "staff": [
            {"id": "x1", "login": "boris", "skills": {"B": "primary"}},
            {"id": "x2", "login": "anna", "skills": {"A": "primary"}},
        ],
    }
    seats = {window: staff["login"] for window, staff in rota(hall, {"anna": "a", "boris": "b"})}
    assert seats == {"north": "anna", "south": "boris"}


def test_the_demo_hall_can_be_played() -> None:
    everybody = citizens(json.loads(DEMO.read_text()), MONDAY, seed=1)
    assert 400 < len(everybody) < 800


def statistics(name: str, p99: float, failures: int = 0) -> Any:
    entry = SimpleNamespace(name=name, num_requests=100, get_response_time_percentile=lambda _: p99)
    total = SimpleNamespace(num_requests=100, num_failures=failures, fail_ratio=failures / 100)
    return SimpleNamespace(total=total, entries={(name, "POST"): entry})


def test_a_locust_day_that_keeps_its_promises_has_nothing_to_say() -> None:
    assert broken_promises(statistics("issue", p99=120)) == []


def test_a_locust_day_names_the_promises_it_broke() -> None:
    assert broken_promises(statistics("call", p99=900, failures=2)) == [
        "2 of 100 requests failed",
        "call: p99 is 900 ms rather than 300 ms",
    ]


def test_a_locust_day_in_which_nothing_happened_is_broken() -> None:
    nothing = SimpleNamespace(total=SimpleNamespace(num_requests=0, num_failures=0, fail_ratio=0), entries={})
    assert broken_promises(nothing) == ["nobody was served at all"]
