"""What the house asks of every page, asked of each of them, in a hall where people are being called."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import Browser

from queue_server.main import ROUTERS
from queue_server.settings import Settings
from tests.browser.living import LivingHall, living_hall
from tests.browser.pages import PAGES, VISITS, Page, named
from tests.browser.visits import visited

# The detour by WeChat leads on, and its dead end is the page of a ticket that is no more.
NO_PAGES = re.compile(
    r"^/(api|ws|callbacks|livez|healthz|readyz|metrics)\b|\.\w+$|^/sign-out$|/wechat(/return|/lost)?$"
)


@pytest.fixture(scope="module")
def hall(module_settings: Settings) -> Iterator[LivingHall]:
    with living_hall(module_settings) as living:
        yield living


@pytest.mark.browser
@pytest.mark.parametrize("visit", VISITS, ids=named)
async def test_a_page_keeps_every_rule_of_the_house(
    browser: Browser, hall: LivingHall, visit: tuple[Page, str, bool]
) -> None:
    page, language, elder = visit
    async with visited(browser, hall, page, language, elder=elder) as reader:
        hall.somebody_is_called()
        assert await reader.faults(keyboard=language == "zh") == {}


def test_every_page_of_the_house_is_in_the_table() -> None:
    shown = [re.sub(r"\{\w+\}", "x", page.path) for page in PAGES]
    missing = [
        path for path in page_paths() if not any(re.fullmatch(as_pattern(path), each) for each in shown)
    ]
    assert missing == [], "give each a line in tests/browser/pages.py"


def page_paths() -> list[str]:
    """The paths of all pages the server has."""
    routes: list[Any] = [route for router in ROUTERS for route in router.routes]
    return sorted(
        {
            route.path
            for route in routes
            if isinstance(route, APIRoute) and "GET" in route.methods and not NO_PAGES.search(route.path)
        }
    )


def as_pattern(path: str) -> str:
    return re.sub(r"\{\w+\}", "[^/]+", path)
