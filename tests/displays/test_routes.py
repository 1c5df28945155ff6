"""What the pages answer before any script runs, without a database behind them."""

import httpx
import pytest

from tests.browser.stage import APP, ORIGIN, Stage, StageHouse

TOKEN = "abcdefghijklmnopqrstuv"
EVERY_PAGE = [
    "/displays/h1/lobby",
    "/displays/h1/windows/08",
    "/displays/h1/screens/S-1",
    "/kiosk/h1",
    "/take/h1",
    f"/t/{TOKEN}",
    "/",
]


@pytest.mark.parametrize("path", EVERY_PAGE)
@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-CN"), ("en", "en")])
async def test_every_page_comes_in_both_languages(path: str, language: str, tag: str) -> None:
    answer = await get(f"{path}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{tag}"' in answer.text


@pytest.mark.parametrize("path", ["/displays/h1/lobby", "/displays/h1/windows/08", "/kiosk/h1"])
async def test_what_hangs_on_a_wall_speaks_the_halls_language_whatever_the_machine_prefers(path: str) -> None:
    assert '<html lang="zh-CN"' in (await get(path, language="en")).text


@pytest.mark.parametrize("path", ["/take/h1", f"/t/{TOKEN}", "/"])
async def test_what_is_in_a_hand_speaks_the_readers_language(path: str) -> None:
    assert '<html lang="en"' in (await get(path, language="en")).text


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_every_file_of_a_page_is_there(path: str) -> None:
    html = (await get(path)).text
    files = [part.split('"')[0] for part in html.split('"/static/')[1:]]
    assert files
    for file in files:
        assert (await get(f"/static/{file}")).status_code == 200, file


@pytest.mark.parametrize("path", ["/clerk", "/clerk/h1/08"])
async def test_a_console_asks_strangers_to_sign_in(path: str) -> None:
    answer = await get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize(
    "path",
    [
        "/displays/<img>/lobby",
        "/displays/h1/windows/%22%3E",
        "/kiosk/" + "h" * 41,
        "/t/" + "x" * 65,
        "/t/..%2F..%2Fetc",
        "/take/%00/qr.svg",
        "/clerk/h1/'onclick='",
    ],
)
async def test_no_address_writes_itself_into_a_page(path: str) -> None:
    answer = await get(path)
    assert answer.status_code in (400, 404, 422)
    assert "<img>" not in answer.text


async def get(path: str, *, language: str = "zh") -> httpx.Response:
    APP.state.house = StageHouse(Stage(None))  # type: ignore[arg-type]  # Nobody has opened a browser.
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=ORIGIN) as client:
        return await client.get(path, headers={"Accept-Language": language})
