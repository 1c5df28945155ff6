"""No bad luck breaks a hall: sixty seeds on a simulated disk, a few on the real one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .run import main
from .world import Failure, World, simulate

STEPS = 250
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("seed", range(1, 61))
def test_no_bad_luck_breaks_a_hall(seed: int) -> None:
    figures = simulate(seed, STEPS)
    assert figures["requests"] == STEPS
    assert int(figures["claims"]) + int(figures["answers"]) >= STEPS * 0.9, "nearly everybody was answered"


def test_the_same_seed_is_the_same_day() -> None:
    """In another process too, where sets and dictionaries of strings are ordered differently."""
    here = [simulate(seed, STEPS)["trace"] for seed in (1, 2, 3)]
    program = (
        "from tests.simulation.world import simulate;"
        f"print([simulate(seed, {STEPS})['trace'] for seed in (1, 2, 3)])"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(CHECKOUT)}
    there = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=env, capture_output=True, text=True, check=True
    )
    assert there.stdout.strip() == str(here)
    assert len(set(here)) == 3


def test_bad_luck_happens() -> None:
    """A simulation in which nothing goes wrong would prove nothing."""
    total = {"kill": 0, "lost": 0, "replay": 0, "again": 0, "views": 0}
    for seed in range(1, 11):
        figures = simulate(seed, STEPS)
        total = {kind: count + int(figures[kind]) for kind, count in total.items()}
    assert min(total.values()) >= 10, total


def test_a_seed_that_breaks_something_says_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "clear_up", lambda _: 1 / 0)
    with pytest.raises(Failure, match=r"\./jinghao simulate --seed 4 --steps 30") as failure:
        simulate(4, 30)
    assert isinstance(failure.value.__cause__, ZeroDivisionError)


def test_the_verb_prints_its_figures_in_the_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--steps", "40", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["name", "figures", "reference", "machine"]
    assert printed["name"] == "simulate"
    assert printed["figures"]["seeds_count"] == 2
    assert printed["figures"]["failed_seeds_count"] == 0
