"""`bench catalogue`: how long a city's catalogue takes to come in, and to be searched.

The import is the verb `import-matters` against a running server. Beside it the same rows are written by hand, in
one statement after another of one transaction, and the names are looked through by a bare loop: what the database
and the language cost without us.

Without `--file` the catalogue is invented: as many matters, with names of the same length.
"""

import asyncio
import csv
import itertools
import json
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
import uvloop
from pypinyin import Style, lazy_pinyin

from load_tests.figures import CannotMeasure, Figures, Progress, percentile, rounded
from load_tests.servers import Server
from load_tests.wire import Client, Connection, Prepared, Refused, hall_definition

API: Final = "/api/v1"
ENV: Final = {"JINGHAO_BENCH": "1"}
MATTERS: Final = 1135  # As many as a real district offers.
SEED: Final = 7
QUERIES_MIN: Final = 200
IMPORT_SECONDS_MAX: Final = 120
KNOWN_SECONDS_MAX: Final = 30
WORDS: Final = (
    "企业,投资,项目,备案,食品,经营,许可,变更,注销,延续,道路,运输,车辆,医疗,机构,执业,登记,建设,工程,规划,施工",
    "居民,养老,保险,参保,失业,就业,补贴,申领,取水,林木,采伐,种子,生产,特种,设备,使用,民办,学校,设立,社会,团体",
)


def measure(file: Path | None, queries: int) -> tuple[Figures, Figures]:
    """Figures and reference, on a server of our own."""
    with Server(env=ENV) as server:
        catalogue = file or invented(server.data / "catalogue.csv")
        with catalogue.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        hall = f"catalogue-{uuid.uuid4().hex[:8]}"
        uvloop.run(found_hall(server, hall))
        began = time.perf_counter()
        imported = run_import(server, catalogue, hall)
        whole_seconds = time.perf_counter() - began
        raw_seconds = written_raw(server, rows)
        names = [row["name"] for row in rows]
        asked = list(itertools.islice(questions(names), max(queries, QUERIES_MIN)))
        search_ms, found = uvloop.run(searched(server, hall, asked))
        bare_ms = [looked_through(names, query) for query in asked]
    own_seconds = imported["read_seconds"] + imported["write_seconds"]
    return {
        "matters": imported["matters"],
        "import_seconds": rounded(own_seconds, 3),
        "verb_seconds": rounded(whole_seconds, 3),
        "search_p50_ms": rounded(percentile(search_ms, 50), 3),
        "search_p99_ms": rounded(percentile(search_ms, 99), 3),
        "queries": len(asked),
        "found_percent": rounded(100 * found / len(asked), 1),
    }, {
        "raw_insert_seconds": rounded(raw_seconds, 3),
        "bare_loop_p50_ms": rounded(percentile(bare_ms, 50), 4),
        "bare_loop_p99_ms": rounded(percentile(bare_ms, 99), 4),
    }


def invented(file: Path) -> Path:
    """A catalogue of nobody, always the same."""
    luck, words = random.Random(SEED), ",".join(WORDS).split(",")
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["department", "main_item", "name", "item_code", "task_type"])
        for number in range(MATTERS):
            name = "".join(luck.sample(words, luck.randint(4, 9)))
            table.writerow([f"区{luck.choice(words)}局", "未分类", name, f"511Z{number:08}", "1"])
    return file


async def found_hall(server: Server, hall: str) -> None:
    """A hall to import into."""
    client = Client(server.base)
    await client.post(f"{API}/rehearsal/halls", hall_definition(hall, {"A": "bench"}, {"01": ["A"]}))
    client.close()


def run_import(server: Server, file: Path, hall: str) -> dict[str, float]:
    """The verb, as anybody would run it."""
    words = ["import-matters", str(file), "--hall", hall, "--open", "--json", "--data", str(server.data)]
    command = [sys.executable, "-m", "queue_server", *words]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=IMPORT_SECONDS_MAX, check=False)
    if ran.returncode != 0:
        raise CannotMeasure(f"import-matters ended with {ran.returncode}: {ran.stderr[-500:]}")
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def written_raw(server: Server, rows: list[dict[str, str]]) -> float:
    """Seconds for the same rows in a table without anything of ours around it."""
    services = json.loads((server.data / "services.json").read_text())
    with psycopg.connect(services["database_url"]) as connection:
        connection.execute("CREATE TEMPORARY TABLE raw (position integer, row jsonb, PRIMARY KEY (position))")
        began = time.perf_counter()
        for position, row in enumerate(rows):
            connection.execute("INSERT INTO raw VALUES (%s, %s)", (position, json.dumps(row)))
        connection.commit()
        return time.perf_counter() - began


def questions(names: list[str]) -> Iterator[str]:
    """What people type: a piece of a name, its pinyin, or only the initials, in turns."""
    luck = random.Random(SEED)
    while True:
        name = luck.choice(names)
        start = luck.randrange(max(1, len(name) - 3))
        piece = name[start : start + 4]
        yield piece
        yield "".join(lazy_pinyin(piece))
        yield "".join(lazy_pinyin(piece, style=Style.FIRST_LETTER))


async def searched(server: Server, hall: str, asked: list[str]) -> tuple[list[float], int]:
    """Milliseconds of each search over HTTP, and how many found something."""
    client = Client(server.base)
    connection = await Connection.open(client.host, client.port)
    took, found = [], 0
    await known(connection, hall, asked[0])
    with Progress("bench catalogue", len(asked)) as progress:
        for number, query in enumerate(asked):
            request = Prepared("GET", f"{API}/halls/{hall}/matters?q={quote(query)}")
            began = time.perf_counter()
            answer = await connection.send(request.with_key(""))
            took.append((time.perf_counter() - began) * 1000)
            if answer.status >= 400:
                raise Refused("GET matters", answer)
            found += bool(json.loads(answer.body)["matters"])
            progress.show(number)
    connection.close()
    client.close()
    return took, found


async def known(connection: Connection, hall: str, query: str) -> None:
    """Wait until the server has read what another process has imported: it looks every few seconds."""
    until = time.perf_counter() + KNOWN_SECONDS_MAX
    while time.perf_counter() < until:
        answer = await connection.send(
            Prepared("GET", f"{API}/halls/{hall}/matters?q={quote(query)}").with_key("")
        )
        if answer.status < 400 and json.loads(answer.body)["matters"]:
            return
        await asyncio.sleep(0.2)
    raise CannotMeasure("the server never found what was imported")


def looked_through(names: list[str], query: str) -> float:
    """Milliseconds of a loop that finds pieces of names, and knows no pinyin."""
    began = time.perf_counter()
    _ = [name for name in names if query in name]
    return (time.perf_counter() - began) * 1000
