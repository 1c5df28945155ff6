import asyncio
import json

import pytest

from load_tests import bench, torture
from load_tests.bench import Plan
from load_tests.servers import Server

TICKETS = 500
NOTHING_WRONG = {"duplicates": 0, "double_calls": 0, "server_errors": 0, "unexpected_answers": 0, "lost": 0}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_rush_gives_every_number_once_and_calls_everybody_once(workers: int) -> None:
    figures, _ = torture.rush(workers=workers, tickets=TICKETS, citizens=64, clerks=32)
    assert {key: figures[key] for key in NOTHING_WRONG} == NOTHING_WRONG
    assert (figures["tickets"], figures["called"]) == (TICKETS, TICKETS)


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_after_kill() -> None:
    figures, _ = torture.kill(rounds=4, seed=7)  # `./jinghao torture` goes on for longer.
    broken = "lost_tickets lost_calls duplicates double_calls changed_answers extra_effects server_errors"
    assert {key: figures[key] for key in broken.split()} == dict.fromkeys(broken.split(), 0)
    assert figures["processes_left_behind"] == 0
    assert figures["tickets"], "the server was killed before it did anything"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["issue", "call"])
def test_a_bench_has_a_figure_for_everything_it_promises(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    short = ["--clients", "8", "--halls", "4", "--seconds", "0.3", "--rounds", "1"]
    assert bench.main([name, "--json", *short]) == 0
    form = json.loads(capsys.readouterr().out)
    promised = (
        "ratio_to_noop one_hall_per_s requests_per_s p50_ms p99_ms fsync_p99_ms server_cpu_ms_per_request"
    )
    assert all(form["figures"][key] is not None for key in promised.split())


@pytest.mark.slow
def test_a_server_leaves_nothing_behind() -> None:
    with Server(env=bench.BENCH) as server:
        assert server.processes()
        assert server.stop_and_count_left_behind() == 0
    assert not server.data.exists()


def test_clients_are_dealt_round_the_halls() -> None:
    measuring = bench.Bench.__new__(bench.Bench)
    measuring.plan = Plan(calls=True, clients=3, halls=2)
    measuring.clerks = {bench.REAL: [("h0", "01", "t"), ("h1", "01", "u"), ("h0", "02", "v")]}
    cycles = measuring._cycles(bench.REAL)
    firsts = [next(cycles)[0].head.split(b" ")[1] for _ in range(4)]
    assert firsts == [
        b"/api/v1/halls/h0/windows/01/calls",
        b"/api/v1/halls/h1/windows/01/calls",
        b"/api/v1/halls/h0/windows/02/calls",
        b"/api/v1/halls/h0/windows/01/calls",
    ]


async def test_links_are_read_in_their_order() -> None:
    class Answers:
        status = 200

        def __init__(self, link: str) -> None:
            self.link = link
            self.status = 404 if link == "gone" else 200

        def json(self) -> dict[str, str]:
            return {"link": self.link}

    class Customer:
        async def ask(self, _method: str, path: str) -> Answers:
            await asyncio.sleep(0)
            return Answers(path.rpartition("/")[2])

    views = await torture.read_all(Customer(), ["a", "gone", "b"])  # type: ignore[arg-type]
    assert views == [{"link": "a"}, None, {"link": "b"}]
