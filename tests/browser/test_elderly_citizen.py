"""An elderly citizen without a smartphone: real pages, a real server, and a printer on this machine."""

from collections.abc import Iterator

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from queue_server.people import contacts
from tests.browser.conftest import DemoHall
from tests.browser.test_kiosk import SECOND_TAP_MS
from tests.kiosk.double import PrinterDouble
from tests.kiosk.paper import Paper

pytestmark = pytest.mark.browser

GREEN_WINDOW = "13"
KIOSK = "K3"  # Elder mode, as the hall has written down.


@pytest.fixture
def printer(hall_server: DemoHall) -> Iterator[PrinterDouble]:
    """A printer at every kiosk of the hall, and somebody at the green window."""
    with PrinterDouble() as double:
        queues = hall_server.server.house.queues
        paper = hall_server.server.do(queues.paper(hall_server.hall_id))
        devices = tuple(msgspec.structs.replace(device, printer=double.address) for device in paper.devices)
        hall_server.server.do(queues.create(msgspec.structs.replace(paper, devices=devices)))
        clerk = hall_server.server.client(hall_server.tokens[GREEN_WINDOW])
        path = f"/api/v1/halls/{hall_server.hall_id}/windows/{GREEN_WINDOW}/session"
        assert clerk.ask("POST", path).status == 201
        clerk.close()
        yield double


async def test_an_elderly_citizen_takes_a_ticket_with_a_slip_and_leaves_nothing_behind(
    browser: Browser, hall_server: DemoHall, printer: PrinterDouble
) -> None:
    page = await terminal(browser, hall_server)
    await expect(page.locator("html")).to_have_attribute("data-elder", "")
    await tap(page, "[data-seek]")
    for letter in "DYCB":  # 打印参保证明
        await page.get_by_role("button", name=letter, exact=True).click()
    await tap(page, "[data-found] [data-key=M90] button")
    await expect(page.locator("[data-online]")).to_contain_text("自助区")
    await page.get_by_label("老年人").check()
    await tap(page, "[data-phone-open]")
    for digit in "19900000012":
        await page.locator("[data-pad]").get_by_role("button", name=digit, exact=True).click()
    await tap(page, "[data-phone-use]")
    await tap(page, "[data-take]")
    await expect(page.locator("[data-number]")).to_have_text("L001")
    await expect(page.locator("[data-done-windows]")).to_have_text("13号绿色通道窗口")
    await expect(page.locator("[data-slip]")).to_have_text("请取走您的小票")
    code = await page.locator("[data-code]").get_attribute("src")
    assert code is not None

    (order,) = printer.slips()
    paper = Paper().printed(order)
    assert {"L001", "参保缴费证明开具", "13号绿色通道窗口", "前台受理区"} <= set(paper.lines)
    assert paper.codes[0].endswith(code.removesuffix("/qr.svg"))
    assert "19900000012" not in order.decode("gb18030", errors="replace")

    house = hall_server.server.house
    (ticket_id,) = house.queues.halls.known(hall_server.hall_id).tickets  # type: ignore[union-attr]
    contact = hall_server.server.do(
        house.database.read(lambda tx: contacts.read(tx, house.sealer, hall_server.hall_id, ticket_id))
    )
    assert contact is not None
    assert contact.phone == "+8619900000012"

    await page.clock.run_for(31_000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    left = await page.content()
    assert [trace for trace in ("L001", "199", code) if trace in left] == []


async def test_when_the_paper_is_out_the_screen_is_the_slip_and_the_guide_knows(
    browser: Browser, hall_server: DemoHall, printer: PrinterDouble
) -> None:
    printer.state = "paper_out"
    page = await terminal(browser, hall_server)
    await expect(page.locator("[data-on=start] [data-printer-note]")).to_contain_text("打印机缺纸")
    await tap(page, "[data-groups] [data-key=A] button")
    await tap(page, "[data-take]")
    await expect(page.locator("[data-number]")).to_have_text("A001")
    await expect(page.locator("[data-slip]")).to_contain_text("没有打印小票")
    await expect(page.locator("[data-code]")).to_be_visible()
    people = hall_server.server.house.people
    accounts = {each.login: each for each in hall_server.server.do(people.accounts(hall_server.hall_id))}
    guide = hall_server.server.client(hall_server.server.do(people.admit(accounts["g01"])).token)
    answer = guide.ask("GET", f"/api/v1/halls/{hall_server.hall_id}/printers")
    guide.close()
    states = {line["device"]: line["state"] for line in answer.json["printers"]}
    assert states == {"K1": "paper_out", "K2": "paper_out", "K3": "paper_out"}


async def terminal(browser: Browser, hall: DemoHall) -> Page:
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1080, "height": 1920})
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{hall.base_url}/kiosk/{hall.hall_id}?device={KIOSK}")
    await page.locator("[data-common] button").first.wait_for()
    return page


async def tap(page: Page, place: str) -> None:
    await page.wait_for_timeout(SECOND_TAP_MS)
    await page.locator(place).first.click()
