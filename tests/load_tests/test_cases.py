"""The bench of cases: its rows are the product's, and a small run prints every figure."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from load_tests import bench
from load_tests.case_rows import COLUMNS, rows
from queue_server.cases.core.deadlines import due
from queue_server.cases.core.model import Case
from queue_server.cases.store import spelled

PROMISED = [
    "tick_ratio_to_noop",
    "tick_ratio_to_raw",
    "tick_p50_ms",
    "tick_p99_ms",
    "inbox_p99_ms",
    "search_p99_ms",
]
REFERENCE = ["noop_p99_ms", "raw_update_p99_ms", "raw_inbox_p99_ms", "raw_page_p99_ms", "fsync_p99_ms"]
TODAY = date(2026, 11, 23)


def test_the_cases_of_the_bench_are_written_as_the_product_writes_them() -> None:
    for row in rows("h1", 400, TODAY):
        kept = dict(zip(COLUMNS, row, strict=True))
        case = msgspec.json.decode(str(kept["body"]), type=Case, strict=True)
        assert holds(json.loads(spelled(case)), json.loads(str(kept["body"])))
        assert (case.code, case.stage, case.subject.code) == (kept["code"], kept["stage"], kept["matter"])
        assert (kept["due_on"] is None) == (due(case, TODAY) is None)


def holds(whole: Any, part: Any) -> bool:
    """Whether everything in the part stands in the whole; what the product has learned to write since may be more."""
    match part:
        case dict():
            return all(name in whole and holds(whole[name], value) for name, value in part.items())
        case list():
            return len(whole) == len(part) and all(map(holds, whole, part))
        case _:
            return bool(whole == part)


@pytest.mark.slow
def test_a_small_run_prints_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--cases", "600", "--consoles", "4", "--seconds", "0.2", "--rounds", "1"]
    assert bench.main(["cases", "--json", *small]) == 0
    form = json.loads(capsys.readouterr().out)
    assert [name for name in PROMISED if not form["figures"][name]] == []
    assert [name for name in REFERENCE if not form["reference"][name]] == []
