import json
from pathlib import Path
from typing import Any

import pytest

from load_tests import replay
from load_tests.replay import told

WARSAW = Path(__file__).parents[1] / "data" / "warsaw_bielany_2020-01-08.csv"
COUNTS = {"tickets": 0, "called": 0, "served": 0, "missed": 0, "abandoned": 0, "lost": 0,
          "duplicate_numbers": 0, "double_calls": 0, "out_of_order": 0}  # fmt: skip
TIMES = ["mean_wait_s", "p90_wait_s", "trace_mean_wait_s", "trace_p90_wait_s", "wall_s"]


def journal(*entries: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A journal whose tickets are known by the number of their entry; a minute from entry to entry."""
    return [
        {"seq": seq, "name": name, "at": f"2026-03-06T09:{seq:02}:00.000Z", "body": body}
        for seq, (name, body) in enumerate(entries, start=1)
    ]


def issued(number: str, group: str = "A", priority_class: str | None = None) -> tuple[str, dict[str, Any]]:
    return "TicketIssued", {"number": number, "legs": [{"group_id": group}], "priority_class": priority_class}


def did(name: str, ticket: int) -> tuple[str, dict[str, Any]]:
    return name, {"ticket_id": ticket}


def test_the_journal_tells_how_long_somebody_waited_and_how_it_ended() -> None:
    lives, _, _ = told(journal(issued("A001"), did("TicketCalled", 1), did("ServingCompleted", 1)))
    life = lives["1"]
    assert life.called_at is not None
    assert ((life.called_at - life.issued_at).total_seconds(), life.state) == (60, "completed")


@pytest.mark.parametrize(
    ("entries", "double_calls", "out_of_order"),
    [
        ([issued("A001"), issued("A002"), did("TicketCalled", 1), did("TicketCalled", 2)], 0, 0),
        ([issued("A001"), issued("A002"), did("TicketCalled", 2), did("TicketCalled", 1)], 0, 1),
        ([issued("A001"), did("TicketCalled", 1), did("TicketCalled", 1)], 1, 0),
        ([issued("A001"), did("TicketCalled", 1), did("CallUndone", 1), did("TicketCalled", 1)], 0, 0),
        ([issued("A001"), did("TicketCancelled", 1), did("TicketCalled", 1)], 1, 0),
        ([issued("A001"), issued("B001", "B"), did("TicketCalled", 2)], 0, 0),
        ([issued("A001"), issued("L001", "A", "veteran"), did("TicketCalled", 2)], 0, 0),
        ([issued("A001"), issued("A002"), did("TicketCancelled", 1), did("TicketCalled", 2)], 0, 0),
        ([issued("A001"), issued("A002"), did("TicketDeferred", 1), did("TicketCalled", 2)], 0, 0),
    ],
    ids=[
        "in turn",
        "out of turn",
        "called twice",
        "called again after an undo",
        "called after going home",
        "another group",
        "another class",
        "the first went home",
        "the first let others pass",
    ],
)
def test_calls_out_of_order_and_double_calls_are_counted(
    entries: list[tuple[str, dict[str, Any]]], double_calls: int, out_of_order: int
) -> None:
    assert told(journal(*entries))[1:] == (double_calls, out_of_order)


def test_a_bad_file_ends_with_2_and_its_line_before_anything_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "Server", None)  # Whoever touches it, fails.
    file = tmp_path / "day.csv"
    file.write_text("customer_id,arrival,service_type\na,2026-03-06T09:00,x\nb,yesterday,x\n")
    assert replay.main([str(file), "--json"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{file}: line 3: arrival 'yesterday' is no time\n")


@pytest.mark.parametrize("speed", ["0", "-3", "fast", "nan"])
def test_a_speed_is_max_or_a_number_above_0(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        replay.main([str(WARSAW), "--speed", speed])
    assert exit_.value.code == 2
    assert "neither max nor a number above 0" in capsys.readouterr().err


@pytest.mark.slow
def test_the_day_of_warsaw_loses_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(WARSAW), "--speed", "max", "--json"]) == 0
    form = json.loads(capsys.readouterr().out)
    figures = form["figures"]
    assert list(figures) == [*COUNTS, *TIMES]
    assert {key: figures[key] for key in COUNTS} == COUNTS | {
        "tickets": 983,
        "called": 983,
        "served": 983,
    }
    assert figures["mean_wait_s"] == figures["trace_mean_wait_s"]
    assert form["reference"]["trace_tickets"] == 983


@pytest.mark.slow
def test_people_who_leave_or_miss_their_call_are_all_accounted_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "day.csv"
    file.write_text(
        "customer_id,arrival,service_type,called,service_start,service_end,queue_exit,outcome\n"
        # The hall calls boris where the real one called clara: clara then gives up in his stead.
        "anna,2026-03-06T09:00,tax,,2026-03-06T09:01,2026-03-06T09:10,,served\n"
        "boris,2026-03-06T09:02,tax,,,,2026-03-06T09:20,abandoned\n"
        "clara,2026-03-06T09:03,tax,,2026-03-06T09:10,2026-03-06T09:15,,served\n"
        "dora,2026-03-06T09:30,tax,2026-03-06T09:31,,,,missed\n"
        "emil,2026-03-06T09:40,passports,,,,,\n"
        "fred,2026-03-06T09:41,passports,2026-03-06T09:41,2026-03-06T09:50,2026-03-06T09:50,,\n"
    )
    assert replay.main([str(file), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert {key: figures[key] for key in COUNTS} == COUNTS | {
        "tickets": 6,
        "called": 4,
        "served": 3,
        "missed": 1,
        "abandoned": 2,
    }
