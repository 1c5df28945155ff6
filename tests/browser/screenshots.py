"""`./jinghao screenshots [PAGE …]`: a picture of every page in the table, in docs/screenshots.

Starts a hall of its own, half an hour into its Monday (living.py), and photographs each page of the table
(pages.py) in Chinese at its real size. A picture has few colours, so that it weighs little in the repository.
"""

import argparse
import asyncio
import io
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, async_playwright

from queue_server import embedded
from queue_server.kit import log
from queue_server.migrations import migrate
from queue_server.settings import Settings
from tests import run
from tests.browser.living import LivingHall, living_hall
from tests.browser.pages import PAGES, Kind, Page
from tests.browser.visits import visited
from tests.kiosk.picture import save_picture

PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"
PICTURE_BYTES_MAX = 150 * 1024
COLOURS = (128, 64, 32, 16)
PHONE_SCALE = 2  # Small pages are shown small, on screens with twice the pixels.
SETTLE_MS = 400
SLIP = "slip"  # No page, but people read it all the same.


def main(argv: Sequence[str] = ()) -> int:
    """Photograph the pages that are named, or all."""
    parser = argparse.ArgumentParser(prog="jinghao screenshots", description="A picture of every page.")
    parser.add_argument(
        "pages", nargs="*", metavar="PAGE", choices=[[], *(page.name for page in PAGES), SLIP]
    )
    parser.add_argument("--language", choices=["zh", "en"], default="zh")
    parser.add_argument("--into", type=Path, default=PICTURES, help="folder (default: docs/screenshots)")
    options = parser.parse_args(argv)
    if missing := run.chromium() or run.chinese_fonts():
        print(f"screenshots: {missing}", file=sys.stderr)
        return 1
    log.configure(human=True, level=logging.WARNING)
    wanted = [page for page in PAGES if not options.pages or page.name in options.pages]
    options.into.mkdir(parents=True, exist_ok=True)
    if not options.pages or SLIP in options.pages:
        save_picture(options.into / f"{SLIP}.png")
    with tempfile.TemporaryDirectory(prefix="jinghao-screenshots-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # As root, the database runs under another account and must reach its folder.
        with embedded.start(folder, durable=False) as services:
            migrate(services.database_url)
            settings = Settings(database_url=services.database_url, redis_url="", data=folder)
            with living_hall(settings) as hall:
                asyncio.run(photograph(hall, wanted, options.language, options.into))
    return 0


async def photograph(hall: LivingHall, pages: Sequence[Page], language: str, into: Path) -> None:
    """One picture after the other."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=run.chromium_path(), args=["--no-sandbox", "--hide-scrollbars"]
        )
        for page in pages:
            picture = small(await taken(browser, hall, page, language))
            (into / f"{page.name}.png").write_bytes(picture)
            print(f"screenshots: {page.name}.png, {len(picture) // 1024} KiB", file=sys.stderr, flush=True)
        await browser.close()


async def taken(browser: Browser, hall: LivingHall, page: Page, language: str) -> bytes:
    """The page as it is once it has come to rest."""
    async with visited(browser, hall, page, language, scale=scale_of(page)) as visit:
        await visit.tab.wait_for_timeout(SETTLE_MS)
        return await visit.tab.screenshot(animations="disabled", caret="hide")


def scale_of(page: Page) -> int:
    """How many pixels of the picture make one of the page."""
    return PHONE_SCALE if page.kind is Kind.PHONE else 1


def small(picture: bytes) -> bytes:
    """The picture with as many colours as it may have for its weight."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        out = io.BytesIO()
        few = image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        if out.tell() < PICTURE_BYTES_MAX:
            break
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
