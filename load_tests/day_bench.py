"""A short Locust day against a server of our own: `bench day`.

Locust brings its own event loop (gevent), so it runs as a process of its own, and is told its hall and
its clerks by the environment.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from load_tests import bench
from load_tests.disk import FsyncProbe
from load_tests.figures import CannotMeasure, Figures, percentile, rounded, say
from load_tests.servers import Server
from load_tests.wire import Client, hall_definition

USERS = 100
WINDOWS = 20
GROUPS = {"A": "general", "B": "tax", "Q": "questions"}
SPARE_SECONDS = 60
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
BROKEN = re.compile(r"^broken promise: (.*)$", re.MULTILINE)


def measure(*, workers: int = 1, seconds: float = 20.0, users: int = USERS) -> tuple[Figures, Figures]:
    """What a hall's day looks like from outside."""
    with Server(workers=workers, env=bench.BENCH) as server, FsyncProbe(server.data) as disk:
        hall = f"day-{uuid.uuid4().hex[:8]}"
        clerks = server.data / "clerks.json"
        clerks.write_text(json.dumps(asyncio.run(_open_hall(server.base, hall))))
        before = server.cpu_seconds()
        stats, broken = _locust(
            server.base, seconds, users, {"JINGHAO_LOAD_HALL": hall, "JINGHAO_LOAD_CLERKS": str(clerks)}
        )
        cpu = server.cpu_seconds() - before
    requests = sum(entry["num_requests"] for entry in stats if entry["method"] != "WS")
    figures: dict[str, float | int | str | None] = {
        "users": users,
        "requests_per_s": rounded(requests / seconds, 1),
        "failures": sum(entry["num_failures"] for entry in stats),
        "broken_promises": len(broken),
    }
    for entry in sorted(stats, key=lambda entry: str(entry["name"])):
        name = str(entry["name"]).replace(" ", "_")
        times = {float(ms): int(number) for ms, number in entry["response_times"].items()}
        figures[f"{name}_p50_ms"] = _percentile(times, 50)
        figures[f"{name}_p99_ms"] = _percentile(times, 99)
    figures["server_cpu_ms_per_request"] = rounded(cpu * 1000 / requests, 3) if requests else None
    return figures, {
        "fsync_p50_ms": rounded(percentile(disk.ms, 50), 3),
        "fsync_p99_ms": rounded(percentile(disk.ms, 99), 3),
    }


async def _open_hall(base: str, hall: str) -> dict[str, str]:
    """A hall for everybody; the tokens of its clerks."""
    windows = {f"{number:02}": list(GROUPS) for number in range(1, WINDOWS + 1)}
    async with Client(base) as client:
        made = await client.post(f"{bench.API}/rehearsal/halls", hall_definition(hall, GROUPS, windows))
    return dict(made["tokens"])


def _locust(
    base: str, seconds: float, users: int, env: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Run Locust without its pages. Its statistics, and the promises it found broken."""
    command = [
        sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary", "--json",
        "-u", str(users), "-r", str(users), "-t", f"{round(seconds)}s", "--host", base,
    ]  # fmt: skip
    # An installed package needs no help; in a checkout that is only run, Locust must find this one.
    path = os.pathsep.join(filter(None, [str(LOCUSTFILE.parents[1]), os.environ.get("PYTHONPATH")]))
    try:
        run = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": path, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + SPARE_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotMeasure("Locust did not end") from error
    try:
        start = run.stdout.index("[\n")
        stats, _ = json.JSONDecoder().raw_decode(run.stdout[start:])
    except ValueError as error:
        raise CannotMeasure(f"Locust printed no statistics.\n{run.stderr[-2000:]}") from error
    broken = BROKEN.findall(run.stdout)
    for sentence in broken:
        say(f"broken promise: {sentence}")
    return stats, broken


def _percentile(times: Mapping[float, int], percent: float) -> float | None:
    """A percentile of a table of milliseconds and how often they were seen."""
    return percentile([ms for ms, number in times.items() for _ in range(number)], percent)
