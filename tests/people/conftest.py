from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request

from queue_server.kit.bus import Bus
from queue_server.kit.clock import DrivenClock
from queue_server.kit.database import Database
from queue_server.kit.web import assets, errors
from queue_server.kit.web.limits import Limits
from queue_server.people import pages
from queue_server.people.access import signed_in, signed_in_as
from queue_server.people.actions import People
from queue_server.people.api import sessions
from queue_server.people.core import Account, Role

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of this test's own."""
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def app(database: Database) -> FastAPI:
    """The doors of people alone, and two deeds behind them."""
    app = FastAPI()
    app.state.people = People(database, Bus(), DrivenClock(NOW), secret=b"s" * 32)
    app.include_router(sessions.router)
    app.include_router(pages.router)
    assets.mount(app)
    errors.install(app)

    @app.post("/deed")
    async def deed(request: Request) -> str:
        return (await signed_in(request)).id

    @app.post("/managers-deed")
    async def managers_deed(request: Request) -> str:
        return (await signed_in_as(request, Role.MANAGER, Role.ADMIN)).id

    app.add_middleware(Limits)
    return app


@pytest.fixture
async def anna(app: FastAPI) -> Account:
    """A clerk whose password is "correct horse battery"."""
    anna = Account("c09", "h1", "c09", "综合熟手", "c09", Role.CLERK)
    await app.state.people.create_account(anna, password="correct horse battery", by="adm01")
    return anna


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program, or with the right headers a browser, over plain HTTP."""
    async with browser_of(app)("http://hall.example") as client:
        yield client


def browser_of(app: FastAPI) -> Callable[[str], httpx.AsyncClient]:
    """Somebody who asks this application under an address."""
    return lambda base: httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)
