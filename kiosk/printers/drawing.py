"""Slips, or single lines of them, as pictures of dots: for printers and characters that know no other way."""

from functools import lru_cache
from pathlib import Path
from typing import Final, assert_never

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

from kiosk.slip import Code, Item, Line, Pair, Rule, Slip, columns_of, wrapped

CELL_DOTS: Final = 12  # One column of ordinary type; a Chinese character is as high as it is wide, 24.
TYPE_DOTS: Final = 2 * CELL_DOTS
LEADING_DOTS: Final = 8
RULE_DOTS: Final = 18
CODE_SHARE: Final = 0.5  # Of the width of the paper.
QUIET_MODULES: Final = 2  # The paper around the code is white as well.
ROOM: Final = 0.9  # Of the columns: wide letters such as W take more than one.

# Where distributions keep a typeface with Chinese. The first one found is used.
FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)
CHINESE_FACES: Final = 12  # A collection holds so many at most.

White: Final = 255
Black: Final = 0


def typeface(chosen: Path | None) -> Path | None:
    """The file to draw with: the one that was chosen, else the first that is there."""
    candidates = [chosen] if chosen is not None else list(map(Path, FONTS))
    return next((path for path in candidates if path.is_file()), None)


def drawn(slip: Slip, width: int, font: Path) -> Image.Image:
    """The whole slip, so many dots wide."""
    return stacked([drawn_item(item, width, font) for item in slip], width)


def drawn_item(item: Item, width: int, font: Path) -> Image.Image:
    """One item, as wide as the paper."""
    match item:
        case Line():
            return drawn_line(item, width, font)
        case Pair():
            return drawn_pair(item, width, font)
        case Rule():
            picture = blank(width, RULE_DOTS)
            ImageDraw.Draw(picture).line((0, RULE_DOTS // 2, width, RULE_DOTS // 2), fill=Black, width=2)
            return picture
        case Code():
            return centred(drawn_code(item.text, int(width * CODE_SHARE)), width)
        case _:
            assert_never(item)


def drawn_line(line: Line, width: int, font: Path) -> Image.Image:
    """A line in the middle of the paper, on as many rows as it takes."""
    scale = fitting_scale(line, width)
    face = opened(font, TYPE_DOTS * scale)
    rows = [
        row_of(row, face, TYPE_DOTS * scale, inverse=line.inverse)
        for row in wrapped(line.text, int(width * ROOM) // (CELL_DOTS * scale))
    ]
    return stacked([centred(row, width) for row in rows], width)


def drawn_pair(pair: Pair, width: int, font: Path) -> Image.Image:
    """The word at the left, what it is at the right; beneath it where both do not fit."""
    face = opened(font, TYPE_DOTS)
    columns = int(width * ROOM) // CELL_DOTS
    label = row_of(pair.label, face, TYPE_DOTS)
    rows = wrapped(pair.value, columns - columns_of(pair.label) - 1)
    if len(rows) > 1:
        rows = wrapped(pair.value, columns)
        return stacked([label, *(pushed_right(row_of(row, face, TYPE_DOTS), width) for row in rows)], width)
    picture = pushed_right(row_of(rows[0], face, TYPE_DOTS), width)
    picture.paste(label, (0, 0))
    return picture


def fitting_scale(line: Line, width: int) -> int:
    """The size a line is wished to have, or as large as one row of paper allows."""
    largest = int(width * ROOM) // (CELL_DOTS * max(1, columns_of(line.text)))
    return max(1, min(line.scale, largest)) if line.scale > 1 else 1


def drawn_code(text: str, side_max: int) -> Image.Image:
    """A code to scan, in whole dots for each module."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES, box_size=1)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    module = max(3, side_max // len(rows))
    small = blank(len(rows), len(rows))
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x, y), Black)
    return small.resize((len(rows) * module, len(rows) * module), Image.Resampling.NEAREST)


# ── Dots ─────────────────────────────────────────────────────────────────────────────────────────


def row_of(text: str, face: ImageFont.FreeTypeFont, height: int, *, inverse: bool = False) -> Image.Image:
    """One row of type, as wide as it is."""
    margin = height // 3 if inverse else 0
    width = max(1, int(face.getlength(text))) + 2 * margin
    picture = Image.new("L", (width, height + LEADING_DOTS), Black if inverse else White)
    draw = ImageDraw.Draw(picture)
    middle = (height + LEADING_DOTS) / 2
    draw.text((margin, middle), text, font=face, fill=White if inverse else Black, anchor="lm")
    return picture.point(lambda dot: White if dot > 127 else Black).convert("1")


def blank(width: int, height: int) -> Image.Image:
    """White paper."""
    return Image.new("1", (width, height), White)


def centred(picture: Image.Image, width: int) -> Image.Image:
    """The picture in the middle of the paper."""
    picture = narrowed(picture, width)
    paper = blank(width, picture.height)
    paper.paste(picture, ((width - picture.width) // 2, 0))
    return paper


def pushed_right(picture: Image.Image, width: int) -> Image.Image:
    """The picture at the right edge of the paper."""
    picture = narrowed(picture, width)
    paper = blank(width, picture.height)
    paper.paste(picture, (width - picture.width, 0))
    return paper


def narrowed(picture: Image.Image, width: int) -> Image.Image:
    """The picture, pressed together if it is wider than the paper: nothing is cut off."""
    return picture if picture.width <= width else picture.resize((width, picture.height))


def stacked(pictures: list[Image.Image], width: int) -> Image.Image:
    """One below the other."""
    paper = blank(width, max(1, sum(picture.height for picture in pictures)))
    y = 0
    for picture in pictures:
        paper.paste(picture, (0, y))
        y += picture.height
    return paper


@lru_cache(maxsize=32)
def opened(font: Path, size: int) -> ImageFont.FreeTypeFont:
    """The typeface in one size; of a collection, the face for simplified Chinese."""
    for index in range(CHINESE_FACES):
        try:
            face = ImageFont.truetype(font, size, index=index)
        except OSError:
            break
        if "SC" in (face.getname()[0] or "").split():
            return face
    return ImageFont.truetype(font, size)
