"""Every page has a current picture that weighs little and is shown in docs/screens.md."""

import re
import struct
from pathlib import Path

import pytest

from tests.browser.pages import PAGES, Page
from tests.browser.screenshots import PICTURE_BYTES_MAX, PICTURES, scale_of

SCREENS = PICTURES.parent / "screens.md"
TAKE_THEM = "take it: ./jinghao screenshots"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_has_a_picture_at_its_real_size(page: Page) -> None:
    picture = PICTURES / f"{page.name}.png"
    assert picture.exists(), TAKE_THEM
    assert picture.stat().st_size < PICTURE_BYTES_MAX, TAKE_THEM
    width, height = page.kind.size
    assert size_of(picture) == (width * scale_of(page), height * scale_of(page)), TAKE_THEM


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_of_screens_shows_every_page(page: Page) -> None:
    assert f"screenshots/{page.name}.png" in SCREENS.read_text(encoding="utf-8")


def test_there_is_no_picture_that_nobody_shows_and_none_is_heavy() -> None:
    pictures = {picture.name: picture.stat().st_size for picture in PICTURES.iterdir()}
    assert set(re.findall(r"screenshots/([\w-]+\.png)", SCREENS.read_text(encoding="utf-8"))) == set(pictures)
    assert [name for name, size in pictures.items() if size >= PICTURE_BYTES_MAX] == []


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height, as the head of a PNG says them."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height
