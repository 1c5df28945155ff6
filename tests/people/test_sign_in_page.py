"""The sign-in page in a real browser: with the keyboard alone, and under our own strict policy."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("anna")]


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The application, served on a port of its own."""

    @app.get("/clerk/h1/08", response_class=HTMLResponse)
    async def desk() -> str:
        return '<title>desk</title><link rel="icon" href="data:,"><p>the desk</p>'

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110 - it tells nobody when it has.
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A tab that fails the test if the page breaks a rule of its own policy."""
    page = await browser.new_page(locale="zh-CN")
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    assert [complaint for complaint in complaints if "401" not in complaint] == []


async def test_a_clerk_signs_in_with_the_keyboard_alone(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in?next=/clerk/h1/08")
    await expect(page.get_by_label("账号")).to_be_focused()
    for keys in ("c09", "Tab", "correct horse battery", "Enter"):
        await (page.keyboard.press(keys) if keys in ("Tab", "Enter") else page.keyboard.type(keys))
    await expect(page.get_by_text("the desk")).to_be_visible()


async def test_after_a_wrong_password_the_next_thing_typed_is_the_password(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in")
    await page.get_by_label("账号").fill("c09")
    await page.get_by_label("密码").fill("wrong password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("密码")).to_be_focused()


async def test_the_page_changes_its_language_and_keeps_the_way(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in?next=/clerk/h1/08")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_label("Password")).to_be_visible()
    await expect(page.locator("input[name=next]")).to_have_value("/clerk/h1/08")


async def test_who_is_signed_in_signs_out_with_a_button(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in?next=/clerk/h1/08")
    await page.get_by_label("账号").fill("c09")
    await page.get_by_label("密码").fill("correct horse battery")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("the desk")).to_be_visible()
    await page.goto(f"{address}/sign-in")
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_label("密码")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
async def test_nothing_hangs_over_the_edge(page: Page, address: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{address}/sign-in")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
