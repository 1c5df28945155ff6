"""What a hall offers, over HTTP."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from queue_server.catalogue import api
from queue_server.catalogue.actions import Catalogue
from queue_server.demo import definition
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database
from queue_server.kit.web import errors


@pytest.fixture
async def client(database: Database) -> httpx.AsyncClient:
    app = FastAPI()
    app.state.catalogue = Catalogue(database, Bus(), lambda: datetime(2026, 11, 23, 1, tzinfo=UTC))
    app.include_router(api.router)
    errors.install(app)
    await app.state.catalogue.put_matters("h1", definition.read(definition.H1).catalogue(), by="system")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.example")


async def test_a_kiosk_finds_the_identity_card(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/halls/h1/matters", params={"q": "sfz"})
    assert answer.json()["matters"][0] == {
        "code": "M15",
        "name": {"zh": "居民身份证换领", "en": "ID card renewal"},
        "department": {"zh": "公安分局", "en": "Public Security Sub-bureau"},
        "theme": "household",
        "kind": "committed",
        "group": "A",
        "target_minutes": 8,
        "tags": ["common", "citywide"],
    }


async def test_without_a_question_everything_is_listed(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/api/v1/halls/h1/matters")).json()["matters"]) == 28


async def test_a_hall_that_does_not_exist_offers_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/halls/h9/matters")).json() == {"matters": []}


@pytest.mark.parametrize("address", ["/api/v1/halls/h%201/matters", "/api/v1/halls/h1/matters?q=" + "x" * 51])
async def test_an_unreasonable_question_is_refused(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 422
