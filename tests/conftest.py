"""What tests of every noun share: a real PostgreSQL, a real Valkey, a real Chromium.

    def test_…(database_url: str)         a database of its own, migrated, gone afterwards
    def test_…(redis_url: str)            an empty Valkey
    def test_…(settings: Settings)        the server's settings on both
    async def test_…(browser: Browser)    a Chromium; mark the test with @pytest.mark.browser

Each process of the test run has servers of its own, so tests may run side by side. With DATABASE_URL or
REDIS_URL set, those are used instead: the first must name a role that may create databases, and of the
second the logical databases 15, 14, … are **emptied**, one for each process.
"""

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import redis
from playwright.async_api import Browser, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright
from psycopg import sql

from queue_server import embedded
from queue_server.settings import Settings

hypothesis.settings.register_profile("house", deadline=None)  # How long something takes, benches say.
hypothesis.settings.load_profile("house")

CHROMIUM_SECONDS_MAX = 30
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def services() -> Iterator[embedded.Services]:
    """PostgreSQL and Valkey for this process of the test run."""
    external = [os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")]
    if all(external):
        yield embedded.Services(str(external[0]), _redis_of_this_worker(str(external[1])))
        return
    # Not pytest's own folder: its path may be too long for a socket, or closed to the servers' account.
    folder = Path(tempfile.mkdtemp(prefix="jinghao-test-"))
    try:
        with embedded.start(folder, durable=False) as own:
            redis_url = _redis_of_this_worker(external[1]) if external[1] else own.redis_url
            yield embedded.Services(external[0] or own.database_url, redis_url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _maintenance(services: embedded.Services) -> Iterator[psycopg.Connection]:
    """A connection that creates and drops the databases of single tests."""
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def _template(services: embedded.Services, _maintenance: psycopg.Connection) -> Iterator[str]:
    """A migrated database that nobody connects to, so that it can be copied."""
    if importlib.util.find_spec("queue_server.migrations") is None:
        pytest.skip("There are no migrations yet.")
    from queue_server.migrations import migrate

    with _database(_maintenance) as name:
        migrate(_with_database(services.database_url, name))
        yield name


@pytest.fixture
def database_url(
    services: embedded.Services, _maintenance: psycopg.Connection, _template: str
) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    with _database(_maintenance, template=_template) as name:
        yield _with_database(services.database_url, name)


@pytest.fixture
def empty_database_url(services: embedded.Services, _maintenance: psycopg.Connection) -> Iterator[str]:
    """A PostgreSQL database of this test's own, without any table."""
    with _database(_maintenance) as name:
        yield _with_database(services.database_url, name)


@pytest.fixture
def redis_url(services: embedded.Services) -> str:
    """An empty Valkey."""
    with redis.Redis.from_url(services.redis_url) as client:
        client.flushdb()
    return services.redis_url


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """The server's settings as they come, on this test's own services."""
    return Settings(database_url=database_url, redis_url=redis_url, data=tmp_path)


@pytest.fixture(scope="module")
def module_settings(
    services: embedded.Services,
    _maintenance: psycopg.Connection,
    _template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Settings]:
    """The same for a whole module whose tests only look. Its Valkey is nobody's: `redis_url` empties it."""
    with _database(_maintenance, template=_template) as name:
        url = _with_database(services.database_url, name)
        yield Settings(
            database_url=url,
            redis_url="",
            data=tmp_path_factory.mktemp("module"),
            wrong_links_per_minute=1_000_000,  # Many stories of one module try wrong links, from one address.
        )


@pytest.fixture(scope="session")
def _chromium_address() -> Iterator[str]:
    """One Chromium for this process of the test run; every test has pages of its own in it."""
    profile = Path(tempfile.mkdtemp(prefix="jinghao-chromium-"))
    argv = [
        _chromium() or _playwrights_own(),
        *("--headless=new", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={profile}"),
        *("--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-quic", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
        *("--force-color-profile=srgb", "--disable-backgrounding-occluded-windows"),
        *("--disable-renderer-backgrounding", "--disable-background-timer-throttling"),
    ]
    try:
        with embedded.child(argv, log=profile / "chromium.log"):
            port_file, deadline = profile / "DevToolsActivePort", time.monotonic() + CHROMIUM_SECONDS_MAX
            while not port_file.exists() or not port_file.read_text().strip():
                assert time.monotonic() < deadline, (profile / "chromium.log").read_text()
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port_file.read_text().split()[0]}"
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


@pytest.fixture
async def browser(_chromium_address: str) -> AsyncIterator[Browser]:
    """A Chromium: the system's if it has one, else Playwright's. Only for tests marked `browser`."""
    async with async_playwright() as playwright:
        try:
            chromium = await playwright.chromium.connect_over_cdp(_chromium_address)
        except (
            PlaywrightTimeout
        ):  # Once in some thousand times a busy Chromium forgets to greet: knock again.
            chromium = await playwright.chromium.connect_over_cdp(_chromium_address)
        yield chromium
        await chromium.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium, browser tests say that they did not run, or fail where everything is required."""
    marked = [item for item in items if item.get_closest_marker("browser")]
    if marked and os.environ.get("JINGHAO_REQUIRE") != "all" and not _has_chromium():
        for item in marked:
            item.add_marker(
                pytest.mark.skip(reason="There is no Chromium here: this browser test did NOT run.")
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Where everything is required, a test that did not run has failed."""
    report: pytest.TestReport = yield  # type: ignore[assignment,misc]
    if report.skipped and os.environ.get("JINGHAO_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} did not run, and everything is required: {report.longrepr}"
    return report  # type: ignore[return-value]


def _has_chromium() -> bool:
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright").expanduser()
    return _chromium() != "none" and (_chromium() is not None or any(own.glob("chromium*")))


def _chromium() -> str | None:
    """The path of the system's Chromium, None for Playwright's own; tests/run.py says "none" for no hope."""
    return os.environ.get("JINGHAO_CHROMIUM", shutil.which("chromium")) or None


@contextmanager
def _database(connection: psycopg.Connection, template: str = "template0") -> Iterator[str]:
    """A database for the length of a block, under a name of its own."""
    name = f"jinghao_test_{WORKER}_{uuid4().hex[:12]}"
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'").format(**names))
    try:
        yield name
    finally:
        connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _redis_of_this_worker(url: str) -> str:
    number = 15 - int(WORKER.removeprefix("gw"))
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return urlunsplit(parts._replace(query=f"db={number}"))
    return urlunsplit(parts._replace(path=f"/{number}"))
