import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from queue_server.__main__ import main
from queue_server.evaluate.exact import ExactHall
from queue_server.evaluate.polled import PolledHall
from queue_server.evaluate.recorded import Visit, board_days_of, visits_of
from tests.evaluate.recorded_days import write_boards, write_exact

OURS = {
    "mae",
    "rmse",
    "bias",
    "within",
    "mae_busy",
    "coverage_80",
    "width_80",
    "predictions",
    "mean_wait",
    "wall_s",
}
RULES = {"naive", "naive_plus_one", "les", "hol", "ql"}


def evaluated(capsys: pytest.CaptureFixture[str], *argv: object) -> dict[str, float]:
    assert main(["evaluate", "estimates", *map(str, argv), "--json"]) == 0
    figures: dict[str, float] = json.loads(capsys.readouterr().out)["figures"]
    return figures


def test_on_calls_known_to_the_second_we_are_closer_than_every_simple_rule_and_keep_our_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    past = write_exact(tmp_path / "past.csv", days=6, seed=1)
    figures = evaluated(capsys, write_exact(tmp_path / "later.csv", days=4, seed=2), "--learn", past)
    assert set(figures) >= OURS | {f"{rule}_mae" for rule in RULES} | {"main_mae"}
    assert figures["mae"] < min(figures[f"{rule}_mae"] for rule in RULES)
    assert 70 <= figures["coverage_80"] <= 92


def test_on_boards_alone_we_are_closer_than_every_simple_rule_and_keep_our_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    past = write_boards(tmp_path / "past.csv", days=8, seed=1)
    figures = evaluated(capsys, write_boards(tmp_path / "later.csv", days=4, seed=2), "--learn", past)
    assert set(figures) >= OURS | {f"{rule}_mae" for rule in RULES}
    assert figures["mae"] < min(figures[f"{rule}_mae"] for rule in RULES)
    assert 70 <= figures["coverage_80"] <= 92


@pytest.mark.parametrize("write", [write_exact, write_boards])
def test_a_hall_without_a_past_says_a_wide_range(
    write: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = evaluated(capsys, write(tmp_path / "first.csv", days=1))
    assert figures["coverage_80"] > 80
    assert figures["width_80"] > figures["mean_wait"]


def test_what_happens_later_changes_no_answer_given_earlier(tmp_path: Path) -> None:
    visits = visits_of(write_exact(tmp_path / "days.csv", days=4))
    days = sorted({visit.day for visit in visits})
    noon = max(visit.arrived for visit in visits if visit.day == days[2])
    known = [visit for visit in visits if visit.arrived <= noon and visit.left_line <= noon]
    whole, cut = ExactHall(), ExactHall()
    answers = whole.answers(visits)
    assert len(known) > 100
    for number, answer in cut.answers(known).items():
        assert answer == answers[visits.index(known[number])]


def test_later_polls_of_a_board_change_no_answer_given_earlier(tmp_path: Path) -> None:
    path = write_boards(tmp_path / "days.csv", days=6)
    lines = path.read_text().splitlines(keepends=True)
    cut = tmp_path / "cut.csv"
    last_day = lines[-1].split(",")[2]
    cut.write_text("".join(each for each in lines if last_day not in each or int(each.split(",")[3]) <= 660))
    answers = PolledHall().answers(board_days_of(path, None))
    earlier = PolledHall().answers(board_days_of(cut, None))
    assert len(earlier) > 100
    for moment, answer in earlier.items():
        assert answer == answers[moment]


def test_a_gzipped_record_is_read_like_a_plain_one(tmp_path: Path) -> None:
    plain = write_exact(tmp_path / "days.csv", days=1)
    zipped = tmp_path / "days.csv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert [visit.arrived for visit in visits_of(zipped)] == [visit.arrived for visit in visits_of(plain)]


def spoiled(tmp_path: Path, change: Callable[[str], str | bytes]) -> Path:
    path = write_exact(tmp_path / "days.csv", days=1)
    text = change(path.read_text())
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: "", "is empty"),
        (lambda text: text.splitlines()[0], "has no rows"),
        (lambda text: text.replace("arrival", "came"), "has no column arrival"),
        (lambda text: text.replace("2026-03-02T09", "2026-13-02T09"), "line 2"),
        (lambda text: text.replace("served", "abandoned"), "nobody in this record waited and was served"),
        (lambda text: text[:-40], "breaks off"),
        (lambda text: gzip.compress(text.encode())[:500], "cannot be read"),
        (lambda text: b"\xff\xfe\x00" + text.encode(), "cannot be read"),
    ],
    ids=["empty", "no rows", "no column", "no instant", "nobody served", "cut off", "half a zip", "no text"],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    change: Callable[[str], str | bytes], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "estimates", str(spoiled(tmp_path, change)), "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert reason in captured.err


def test_a_clock_that_jumps_gives_nobody_a_negative_wait(tmp_path: Path) -> None:
    visits = visits_of(write_exact(tmp_path / "days.csv", days=1))
    jumped = [visit if number % 7 else move_back(visit) for number, visit in enumerate(visits)]
    assert all(answer.p10 >= 0 for answer in ExactHall().answers(jumped).values())


def move_back(visit: Visit) -> Visit:
    return replace(visit, arrived=visit.arrived - 3600)
