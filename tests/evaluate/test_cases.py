"""Real cases, played again under our rules."""

import json
from pathlib import Path

import pytest

from queue_server.evaluate import cases
from queue_server.evaluate.cases import DEEDS, Deed

RECEIPT = "Confirmation of receipt"
ACCEPTANCE = "T04 Determine confirmation of receipt"
REVIEW = "T06 Determine necessity of stop advice"
ADVICE = "T08 Draft and send request for advice"
ADVISED = "T09-1 Process or receive external advice from party 1"
DENIAL = "T14 Determine document X request unlicensed"


def replayed(
    folder: Path, capsys: pytest.CaptureFixture[str], *events: tuple[str, str, str], ends: str = "2011-03-25"
) -> dict[str, object]:
    """The figures of one case that came in on Monday 7 March 2011; an event is (day, activity, who)."""
    given = folder / "desk_cases.csv"
    given.write_text(
        "case_id,channel,department,startdate,enddate,enddate_planned\n"
        f"c1,Desk,General,2011-03-07T09:00:00+08:00,{ends and ends + 'T16:00:00+08:00'},2011-05-02T09:00:00+08:00\n"
    )
    lines = [
        f"c1,{number},{activity},{day}T10:{number:02}:00+08:00,{who}\n"
        for number, (day, activity, who) in enumerate(events)
    ]
    (folder / "desk_events.csv").write_text("case_id,seq,activity,timestamp,resource\n" + "".join(lines))
    assert cases.main([str(given), "--json"]) == 0
    figures: dict[str, object] = json.loads(capsys.readouterr().out)
    return figures


def test_a_case_goes_from_its_receipt_to_the_end_with_a_deadline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = replayed(
        tmp_path, capsys,
        ("2011-03-07", RECEIPT, "Li"), ("2011-03-08", ACCEPTANCE, "Li"), ("2011-03-09", REVIEW, "Wang"),
    )  # fmt: skip
    assert (figures["cases"], figures["ended"], figures["deadlines"], figures["late"]) == (1, 1, 1, 0)
    assert (figures["waited"], figures["other_hands"], figures["by_silence"]) == (0, 0, 0)


def test_whoever_accepted_it_does_not_decide_it_whatever_the_record_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = replayed(
        tmp_path, capsys,
        ("2011-03-07", RECEIPT, "Li"), ("2011-03-08", ACCEPTANCE, "Li"), ("2011-03-09", REVIEW, "Li"),
    )  # fmt: skip
    assert (figures["ended"], figures["other_hands"]) == (1, 1)


def test_a_review_that_began_before_the_acceptance_waits_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = replayed(
        tmp_path, capsys,
        ("2011-03-07", RECEIPT, "Li"), ("2011-03-08", REVIEW, "Wang"), ("2011-03-09", ACCEPTANCE, "Li"),
    )  # fmt: skip
    assert (figures["ended"], figures["waited"]) == (1, 1)


def test_who_was_answered_nothing_counts_as_accepted_from_the_first_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(tmp_path, capsys, ("2011-03-07", RECEIPT, "Li"))["by_silence"] == 1


def test_the_time_of_an_expert_does_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    way = [("2011-03-07", RECEIPT, "Li"), ("2011-03-07", ACCEPTANCE, "Li"), ("2011-03-08", REVIEW, "Wang")]
    over = "2011-05-10"  # Two working days after the limit.
    assert replayed(tmp_path, capsys, *way, ends=over)["late"] == 1
    asked = [("2011-03-10", ADVICE, "Wang"), ("2011-03-24", ADVISED, "Wang")]
    assert replayed(tmp_path, capsys, *way, *asked, ends=over)["late"] == 0


def test_a_case_without_an_end_ends_when_it_was_planned_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(tmp_path, capsys, ("2011-03-07", RECEIPT, "Li"), ends="")["ended"] == 1


def test_an_activity_that_nobody_knows_is_listed_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = replayed(
        tmp_path, capsys, ("2011-03-07", RECEIPT, "Li"), ("2011-03-08", "T99 Make coffee", "Li")
    )
    assert (figures["ended"], figures["activities_mapped_percent"]) == (1, 50.0)
    assert figures["unmapped"] == ["T99 Make coffee"]


def test_a_denial_stays_a_denial_and_the_case_ends_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    way = [("2011-03-07", RECEIPT, "Li"), ("2011-03-08", ACCEPTANCE, "Li"), ("2011-03-09", REVIEW, "Wang")]
    figures = replayed(tmp_path, capsys, *way, ("2011-03-10", DENIAL, "Wang"))
    assert (figures["ended"], figures["denied"]) == (1, 1)


def test_every_deed_stands_for_some_activity() -> None:
    assert set(DEEDS.values()) == set(Deed)


@pytest.mark.parametrize(
    ("written", "said"),
    [("case_id\nc1\n", "has no column"), ("", "has no column"), (None, "No such file")],
    ids=["other-columns", "empty", "not-there"],
)
def test_a_file_that_is_no_record_is_refused_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str | None, said: str
) -> None:
    given = tmp_path / "desk_cases.csv"
    if written is not None:
        given.write_text(written)
    assert cases.main([str(given), "--json"]) == 2
    assert said in capsys.readouterr().err
