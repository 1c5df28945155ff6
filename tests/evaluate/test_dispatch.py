"""Our order on recorded and invented days: what the figures are made of, and what they must come to."""

import json
from pathlib import Path

import pytest

from queue_server.evaluate import main
from queue_server.evaluate.bank import days_of
from queue_server.evaluate.dispatch import measured
from queue_server.evaluate.floor import Day, Desk, Person, lived_through
from queue_server.evaluate.invented import invented_days
from queue_server.evaluate.policies import Lines, Ours, as_one_pool, by_office
from queue_server.evaluate.recorded import Unreadable
from queue_server.hall.core.model import Rules

MORNING = ((0.0, 10_000.0),)
TRACE = """\
date,arrival,service_start,service_end,queue_exit,service_type,server_id,priority,outcome
2026-03-02,2026-03-02T09:00:00,2026-03-02T09:00:00,2026-03-02T09:05:00,2026-03-02T09:00:00,PS,S1,1,served
2026-03-02,2026-03-02T09:01:00,2026-03-02T09:05:00,2026-03-02T09:06:00,2026-03-02T09:05:00,PS,S1,1,served
2026-03-02,2026-03-02T09:02:00,2026-03-02T09:06:00,2026-03-02T09:07:00,2026-03-02T09:06:00,PS,S1,2,served
2026-03-02,2026-03-02T09:03:00,,,2026-03-02T09:03:30,PS,,1,abandoned
"""


def test_people_are_served_with_their_own_work_and_leave_when_they_have_had_enough() -> None:
    day = Day(
        (Person(0, "A", 0, 100), Person(1, "A", 10, 50), Person(2, "A", 20, 50, patience_s=30)),
        (Desk("1", ("A",), MORNING),),
    )
    for policy in (Ours(day, Rules()), Lines()):
        record = lived_through(day, policy)
        assert (record.called_s, record.gave_up) == ({0: 0.0, 1: 100.0}, {2})


def test_ours_calls_by_law_first_and_counts_whom_that_passes() -> None:
    day = Day(
        (Person(0, "A", 0, 100), Person(1, "A", 10, 50), Person(2, "A", 20, 50, priority=True)),
        (Desk("1", ("A",), MORNING),),
    )
    record = lived_through(day, Ours(day, Rules()))
    assert record.called_s == {0: 0.0, 2: 100.0, 1: 150.0}
    assert record.overtaken == {0: 0, 1: 1, 2: 0}


def test_of_two_idle_windows_the_one_that_was_busy_for_less_of_its_time_calls() -> None:
    day = Day(
        (Person(0, "A", 0, 500), Person(1, "A", 1, 600), Person(2, "A", 700, 10)),
        (Desk("1", ("A",), MORNING), Desk("2", ("A",), MORNING)),
    )
    assert lived_through(day, Ours(day, Rules())).busy["1"][-1] == (700, 710)


def test_desks_of_offices_serve_their_own_business_and_a_pool_serves_everybodys() -> None:
    day = Day(
        (Person(0, "A", 0, 10, office="x"), Person(1, "A", 0, 90, office="y"), Person(2, "B", 0, 5)),
        (Desk("1", ("A",), MORNING), Desk("2", ("A", "B"), MORNING)),
    )
    assert {kind for desk in by_office(day).desks for kind in desk.kinds} == {"x", "y", "B"}
    assert {desk.kinds for desk in as_one_pool(day).desks} == {("A", "B")}


def test_days_of_the_demonstration_hall_share_work_and_waste_no_minute() -> None:
    figures, reference = measured(invented_days(1, 6, 1.0), Rules())
    assert figures["ratio_to_bound"] <= 1.05
    assert figures["ours_busy_spread"] < reference["fifo_busy_spread"]
    assert figures["ours_starved"] == 0


def test_people_with_priority_are_soon_called_on_an_overrun_day_and_nobody_is_passed_beyond_the_bound() -> (
    None
):
    figures, _ = measured(invented_days(1, 4, 1.6), Rules())
    assert figures["ours_green_p90_wait_s"] <= 600
    assert figures["ours_overtaken_most"] <= Rules().overtaken_max


def test_a_trace_is_read_with_its_people_desks_and_patience(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text(TRACE)
    (day,) = days_of(tmp_path / "trace.csv")
    assert [person.work_s for person in day.people] == [300, 60, 60, 140]  # The last: the mean of its type.
    assert [person.priority for person in day.people] == [False, False, True, False]
    assert day.people[3].patience_s == 30
    assert day.desks == (Desk("S1", ("PS",), ((32_400.0, 32_820.0),)),)


def test_the_verb_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trace.csv").write_text(TRACE)
    assert main(["dispatch", str(tmp_path / "trace.csv"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["name"] == "evaluate dispatch"
    assert {f"{policy}_mean_wait_s" for policy in ("fifo", "dedicated", "priority", "bound")} < said[
        "reference"
    ].keys()
    assert {"ours_mean_wait_s", "ours_p90_wait_s", "ours_max_wait_s", "ours_overtakes"} < said[
        "figures"
    ].keys()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a,b\n1,2\n", "has no column date"),
        (TRACE.replace("09:01:00", "9 Uhr", 1), "line 3"),
        ("", "no column"),
    ],
)
def test_what_is_no_trace_is_refused_with_the_place(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "wrong.csv").write_text(written)
    with pytest.raises(Unreadable, match=said):
        list(days_of(tmp_path / "wrong.csv"))
