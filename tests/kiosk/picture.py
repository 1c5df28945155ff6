"""The picture of two slips for docs/screens.md: one as type, one as dots and reprinted."""

from pathlib import Path

from PIL import Image

from kiosk.api import teller_for
from kiosk.printers import drawing
from kiosk.printers.escpos import spelled
from kiosk.slip import Ticket, slip
from tests.kiosk.paper import Paper

LINK = "http://192.168.1.20:8000/t/abcdefghijklmnopqrstuv"
CHINESE = Ticket(
    hall="示范区政务服务中心",
    number="L004",
    matters=("参保缴费证明开具",),
    windows="13号绿色通道窗口",
    zone="前台受理区",
    ahead="3 人",
    wait="8–15 分钟",
    taken_at="2026-11-23 09:32",
    link=LINK,
)
ENGLISH = Ticket(
    hall="Demonstration District Service Hall",
    number="B007",
    matters=("Company registration (business licence) · Limited company",),
    windows="Window 3 to Window 5",
    zone="Business start-up",
    ahead="6",
    wait="12–18 min",
    taken_at="2026-11-23 09:32",
    link=LINK,
    reprinted=True,
)
DESK = 214  # How light the desk is on which they lie.
MARGIN = 24


def save_picture(file: Path) -> None:
    """Print two slips and lay them on a desk."""
    font = drawing.typeface(None)
    papers = [
        Paper().printed(
            spelled(slip(ticket, teller_for(tongue).say), encoding=encoding, width=576, font=font)
        )
        for ticket, tongue, encoding in ((CHINESE, "zh", "gb18030"), (ENGLISH, "en", "raster"))
    ]
    slips = [paper.picture() for paper in papers]
    width = sum(each.width for each in slips) + MARGIN * (len(slips) + 1)
    desk = Image.new("L", (width, max(each.height for each in slips) + 2 * MARGIN), DESK)
    x = MARGIN
    for each in slips:
        desk.paste(each, (x, MARGIN))
        x += each.width + MARGIN
    desk.save(file, optimize=True)
