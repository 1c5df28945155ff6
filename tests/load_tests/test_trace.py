from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from load_tests import trace
from load_tests.trace import BadTrace, Outcome

WARSAW = Path(__file__).parents[1] / "data" / "warsaw_bielany_2020-01-08.csv"
HEADER = "customer_id,arrival,service_type,called,service_start,service_end,queue_exit,outcome"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-06T{clock}").replace(tzinfo=UTC)


def written(folder: Path, *lines: str) -> Path:
    file = folder / "day.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def complaint(file: Path) -> str:
    with pytest.raises(BadTrace) as complaint:
        trace.read(file)
    return str(complaint.value).replace(f"{file}: ", "")


def test_a_day_of_exact_instants_is_read_as_it_was(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        HEADER,
        "anna,2026-03-06T09:00:00,passports,,2026-03-06T09:05:00,2026-03-06T09:15:30,,served",
        "boris,2026-03-06T09:01:00,passports,,,,2026-03-06T09:20:00,abandoned",
        "clara,2026-03-06T09:01:00,tax,2026-03-06T09:02:00,,,,no_show",
        "dan,2026-03-06T09:03:00,tax,2026-03-06T09:08:00,2026-03-06T09:09:00,2026-03-06T09:10:00,,",
    )
    anna, boris, clara, dan = trace.read(file)
    assert (anna.arrives_at, anna.called_at, anna.ends_at) == (at("09:00"), at("09:05"), at("09:15:30"))
    assert (boris.outcome, boris.leaves_at, boris.called_at) == (Outcome.ABANDONED, at("09:20"), None)
    assert (clara.outcome, clara.called_at, clara.starts_at) == (Outcome.MISSED, at("09:02"), None)
    assert (dan.outcome, dan.called_at, dan.starts_at) == (Outcome.SERVED, at("09:08"), at("09:09"))


def test_the_day_of_warsaw_is_read_in_minutes_of_the_day() -> None:
    visits = trace.read(WARSAW)
    assert len(visits) == 983
    assert len(trace.services(visits)) == 18
    assert visits[0].arrives_at == datetime(2020, 1, 8, 7, 59, 6, tzinfo=UTC)
    assert visits[0].called_at == datetime(2020, 1, 8, 7, 59, 49, 800_000, tzinfo=UTC)
    assert visits[0].counters == 2
    assert all(visit.called_at is not None and visit.ends_at is None for visit in visits)


def test_three_columns_are_enough(tmp_path: Path) -> None:
    (anna,) = trace.read(written(tmp_path, "customer_id,arrival,service_type", "anna,2026-03-06T09:00,tax"))
    assert (anna.called_at, anna.leaves_at) == (None, None)


def test_arrivals_may_be_seconds_of_the_day(tmp_path: Path) -> None:
    first, second = trace.read(
        written(
            tmp_path,
            "customer_id,date,arrival,service_type",
            "a,2026-03-06,32400,x",
            "b,2026-03-06,32400.5,x",
        )
    )
    assert first.arrives_at == at("09:00")
    assert second.arrives_at - first.arrives_at == timedelta(seconds=0.5)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",2026-03-06T09:30,tax,,,,,", "line 3: customer_id is empty"),
        ("b,,tax,,,,,", "line 3: arrival is empty"),
        ("b,2026-03-06T09:30,,,,,,", "line 3: service_type is empty"),
        ("b,half past nine,tax,,,,,", "line 3: arrival 'half past nine' is no time"),
        ("b,nan,tax,,,,,", "line 3: arrival 'nan' is no time"),
        ("b,inf,tax,,,,,", "line 3: arrival inf is not within a week"),
        ("b,-60,tax,,,,,", "line 3: arrival -60 is negative"),
        (
            "b,2026-03-06T08:59,tax,,,,,",
            "line 3: arrival 2026-03-06 08:59:00 is before the 2026-03-06 09:00:00 of line 2;"
            " arrivals must be sorted",
        ),
        (
            "b,2026-03-06T09:30,tax,2026-03-06T09:29,,,,",
            "line 3: called 2026-03-06 09:29:00 is before arrival 2026-03-06 09:30:00",
        ),
        (
            "b,2026-03-06T09:30,tax,,2026-03-06T09:40,2026-03-06T09:35,,",
            "line 3: service_end 2026-03-06 09:35:00 is before service_start 2026-03-06 09:40:00",
        ),
        (
            "b,2026-03-06T09:30,tax,,,,2026-03-06T09:10,abandoned",
            "line 3: queue_exit 2026-03-06 09:10:00 is before arrival 2026-03-06 09:30:00",
        ),
        ("b,2026-03-06T09:30,tax,,,2026-03-06T09:35,,", "line 3: service_end is given without service_start"),
        ("b,2026-03-06T09:30,tax,,,,,missed", "line 3: somebody missed a call, but called is empty"),
        ("b,2026-03-06T09:30", "line 3: 2 fields where the header has 8"),
        ('b,"2026-03-06T09:30,tax,,,,,', "line 3: unexpected end of data"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path: Path, row: str, sentence: str) -> None:
    assert complaint(written(tmp_path, HEADER, "a,2026-03-06T09:00,tax,,,,,", row)) == sentence


def test_an_outcome_nobody_knows_is_refused_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, "a,2026-03-06T09:00,tax,,,,,vanished")
    assert complaint(file).startswith("line 2: outcome 'vanished' is none of served,")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a,-1,2020-01-08,tax", "line 2: arrival_est_min -1 is negative"),
        ("a,480,the eighth,tax", "line 2: date 'the eighth' is no day such as 2020-01-08"),
        ("a,soon,2020-01-08,tax", "line 2: arrival_est_min 'soon' is no time"),
    ],
)
def test_minutes_of_the_day_are_checked_too(tmp_path: Path, row: str, sentence: str) -> None:
    assert complaint(written(tmp_path, "customer_id,arrival_est_min,date,service_type", row)) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        (
            "customer_id,when,service_type\na,1,x\n",
            "line 1: there is no column arrival; a trace has at least customer_id, arrival, service_type",
        ),
        (
            "name\n",
            "line 1: there is no column customer_id, arrival, service_type;"
            " a trace has at least customer_id, arrival, service_type",
        ),
        ("customer_id,arrival,arrival,service_type\n", "line 1: the column arrival is there twice"),
        (f"{HEADER}\n", "there is a header but nobody came"),
    ],
)
def test_a_file_that_is_no_trace_says_why(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "day.csv"
    file.write_text(content)
    assert complaint(file) == sentence


def test_every_mistake_is_named_but_not_a_thousand_of_them(tmp_path: Path) -> None:
    sentences = complaint(written(tmp_path, HEADER, *["a,never,tax,,,,,"] * 25)).splitlines()
    assert sentences[0].startswith("line 2: ")
    assert sentences[9].startswith("line 11: ")
    assert sentences[10:] == ["… and 15 more mistakes"]


def test_a_file_that_is_not_there_or_no_text_says_so(tmp_path: Path) -> None:
    assert complaint(tmp_path / "missing.csv") == "No such file or directory"
    (tmp_path / "day.csv").write_bytes(b"\xff\xfe\x00")
    assert complaint(tmp_path / "day.csv").startswith("this is no text in UTF-8")
