"""What the tests of the API share: one server for all of them, a hall for each."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
import redis

from queue_server import embedded
from queue_server.settings import Settings

from .places import OPENING, Hall, Server, served


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder of the whole run, with a short path that other accounts may enter."""
    folder = Path(tempfile.mkdtemp(prefix="jinghao-api-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def hall_settings(
    services: embedded.Services, _maintenance: psycopg.Connection, _template: str, folder: Path
) -> Iterator[Settings]:
    """Settings for servers that share one database, with a clock that is driven."""
    name = f"jinghao_api_{uuid4().hex[:12]}"
    _maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {_template}")
    with redis.Redis.from_url(services.redis_url) as client:
        client.flushdb()
    yield Settings(
        database_url=urlunsplit(urlsplit(services.database_url)._replace(path=f"/{name}")),
        redis_url=services.redis_url,
        data=folder,
        clock="driven",
        clock_start=OPENING,
        heartbeat_seconds=0.4,
        phone_view_seconds=0.1,
        wrong_links_per_minute=1_000_000,  # All tests ask from one address.
    )
    _maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def hall_server(hall_settings: Settings) -> Iterator[Server]:
    """A real server, on a port of its own."""
    with served(hall_settings) as server:
        yield server


@pytest.fixture
def hall(hall_server: Server) -> Iterator[Hall]:
    """A hall of this test's own."""
    hall = Hall.made(hall_server)
    yield hall
    hall.pull_down()
