import json

import pytest

from load_tests import figures
from load_tests.figures import mean, percentile


def test_a_figure_is_one_object_on_stdout_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    with figures.Progress("bench", 2) as progress:
        progress.show(1)
    figures.report("bench issue", {"p99_ms": 1.5}, {"noop_p99_ms": 1.0}, as_json=True)
    said = capsys.readouterr()
    form = json.loads(said.out)
    assert list(form) == ["name", "figures", "reference", "machine"]
    assert (form["figures"], form["reference"]) == ({"p99_ms": 1.5}, {"noop_p99_ms": 1.0})
    assert list(form["machine"]) == ["cpus", "memory_gib", "python", "kernel", "load_1m"]
    assert "bench 50%" in said.err


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    figures.report("replay", {"lost": 0}, {"trace_tickets": 983}, as_json=False)
    assert capsys.readouterr().out.split() == ["replay", "lost", "0", "reference", "trace_tickets", "983"]


def test_what_could_not_be_measured_is_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert figures.could_not_measure("bench call", "the server ended") != 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "bench call: the server ended\n")


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 2), (90, 4), (99, 4), (100, 4)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], percent) == value


def test_nothing_has_no_mean_and_no_percentile() -> None:
    assert mean([]) is None
    assert percentile([], 99) is None
