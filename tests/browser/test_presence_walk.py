"""From the code on the lobby screen to the messages on a phone: server, worker, and the carrier's double."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from notify.doubles.desk import Ledgers, Line
from notify.doubles.run import LEDGERS, application
from notify.doubles.sms import KEY, KEY_ID
from queue_server import reach
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database
from queue_server.kit.web.codes import code
from tests.browser.conftest import DemoHall
from tests.browser.test_walkthroughs import PHONE, WALL, a_browser, at, clerk, opened, tap

pytestmark = pytest.mark.browser

TEXTS = ("code", "near", "call")
WINDOW = "08"
NUMBER = "19900000042"


@pytest.fixture
async def carried(hall_server: DemoHall) -> AsyncIterator[Ledgers]:
    """What the carrier has been asked to bring."""
    doubles = TestServer(application("http://127.0.0.1:1", "secret"))
    await doubles.start_server()
    settings = hall_server.server.settings.model_copy(
        update={
            "sms_providers": ("aliyun",),
            "aliyun_base_url": str(doubles.make_url("")).rstrip("/"),
            "aliyun_access_key_id": KEY_ID,
            "aliyun_access_key_secret": SecretStr(KEY),
            "aliyun_templates": {f"{text}.zh": f"SMS_{text}" for text in TEXTS},
            "message_gap_seconds": 0.0,
        }
    )
    database, bus = Database(settings.database_url), Bus(settings.redis_url)
    await database.open()
    await bus.open()
    worker = reach.worker_of(settings, database, bus)
    working = asyncio.create_task(worker.run())
    assert doubles.app is not None
    yield doubles.app[LEDGERS]
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await worker.close()
    await bus.close()
    await database.close()
    await doubles.close()


async def test_from_the_code_on_the_screen_to_the_call_on_the_phone(
    browser: Browser, hall_server: DemoHall, carried: Ledgers
) -> None:
    hall = hall_server
    manager = hall.server.client(await manager_of(hall))
    rules = {"presence_required": True, "phone_code_required": True}
    assert manager.ask("PUT", f"/api/v1/halls/{hall.hall_id}/rules", rules).status == 200
    lobby = await opened(await a_browser(browser, WALL), hall, f"/displays/{hall.hall_id}/lobby")
    phone = await (await a_browser(browser, PHONE)).new_page()
    await phone.goto(f"{hall.base_url}/take/{hall.hall_id}")
    await expect(phone.locator("[data-wait-word]")).to_have_text("请扫描大厅屏幕上的二维码")

    await phone.goto(await scanned(lobby, hall))
    await expect(phone).to_have_url(re.compile(f"/take/{hall.hall_id}$"))  # Nothing to pass on.
    await tap(phone, "[data-groups] [data-key=A] button")
    await tap(phone, "[data-take]")
    await expect(phone).to_have_url(re.compile("/t/"))
    number = await phone.locator("[data-number]").inner_text()

    await phone.locator("[data-bind] summary").click()
    await phone.locator("[data-bind-number]").fill(NUMBER)
    await phone.locator("[data-bind-send]").click()
    digits = re.search(r"[0-9]{6}", (await told(carried, "SMS_code")).text)
    assert digits is not None
    await phone.locator("[data-bind-code]").fill(digits[0])
    await phone.locator("[data-bind-do]").click()
    await expect(phone.locator("[data-bind-state]")).to_have_text("已开通")

    desk = clerk(hall, WINDOW)
    desk.ask("POST", at(hall, WINDOW, "session"), {})
    desk.ask("POST", at(hall, WINDOW, "calls"), {})
    call = await told(carried, "SMS_call")
    assert number in call.text
    assert WINDOW in call.text
    await expect(phone.locator("body")).to_have_attribute("data-state", "called")


async def scanned(lobby: Page, hall: DemoHall) -> str:
    """Where a phone goes that scans the screen."""
    picture = lobby.locator("[data-panel=scan] img")
    await expect(picture).to_be_visible()
    house = hall.server.house
    base = f"{hall.server.settings.public_base_url}/take/{hall.hall_id}?code="
    before = house.codes.code(hall.hall_id, house.real_clock())
    drawn = await lobby.request.get(hall.base_url + str(await picture.get_attribute("src")))
    now = house.codes.code(hall.hall_id, house.real_clock())
    assert await drawn.body() in (code(base + before), code(base + now))
    return f"{hall.base_url}/take/{hall.hall_id}?code={now}"


async def told(ledgers: Ledgers, text: str) -> Line:
    """The message of this text, as soon as the carrier has it."""
    for _ in range(500):
        for line in ledgers.lines:
            if line.text_key == text:
                return line
        await asyncio.sleep(0.02)
    raise AssertionError(f"{text} was never sent: {list(ledgers.lines)}")


async def manager_of(hall: DemoHall) -> str:
    """The token of a manager."""
    people = hall.server.house.people
    accounts = hall.server.do(people.accounts(hall.hall_id))
    manager = next(each for each in accounts if each.role == "manager")
    return str(hall.server.do(people.admit(manager)).token)
