"""Paper: draws what a printer was sent, so that one can look at it, and reads it back as text."""

from dataclasses import dataclass, field

import qrcode
from PIL import Image, ImageDraw

from kiosk.printers.drawing import opened, typeface

CELL = 12


@dataclass
class Paper:
    """What came out of a printer. Raises at a command it does not know: no order is there by accident."""

    width: int = 576
    encoding: str = "gb18030"
    lines: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    bands: int = 0
    cuts: int = 0

    def __post_init__(self) -> None:
        self._rows: list[Image.Image] = []
        self._begin()

    def _begin(self) -> None:
        self._middle, self._scale, self._bold, self._inverse = False, 1, False, False
        self._module, self._stored = 3, ""

    def printed(self, order: bytes) -> "Paper":
        """Print these bytes."""
        place = 0
        while place < len(order):
            place = self._obey(order, place)
        return self

    def _obey(self, order: bytes, at: int) -> int:
        two, rest = order[at : at + 2], order[at + 2 :]
        match two:
            case b"\x1b@":
                self._begin()
                return at + 2
            case b"\x1c&":
                return at + 2
            case b"\x1b3":
                return at + 3
            case b"\x1ba":
                self._middle = rest[0] == 1
                return at + 3
            case b"\x1d!":
                self._scale = rest[0] % 16 + 1
                assert rest[0] // 16 + 1 == self._scale
                return at + 3
            case b"\x1bE":
                self._bold = rest[0] == 1
                return at + 3
            case b"\x1dB":
                self._inverse = rest[0] == 1
                return at + 3
            case b"\x1dV":
                self.cuts += 1
                return at + 4
            case b"\x1d(":
                assert rest[0:1] == b"k"
                length = rest[1] + 256 * rest[2]
                self._code(rest[3 : 3 + length])
                return at + 5 + length
            case b"\x1dv":
                row_bytes, height = rest[2] + 256 * rest[3], rest[4] + 256 * rest[5]
                self._dots(rest[6 : 6 + row_bytes * height], row_bytes, height)
                return at + 8 + row_bytes * height
        end = order.index(b"\n", at)
        text = order[at:end]
        assert all(byte >= 0x20 and byte != 0x7F for byte in text), f"an order in a text: {text!r}"
        self._text(text.decode(self.encoding))
        return end + 1

    def _text(self, text: str) -> None:
        if not text:
            self._rows.append(Image.new("1", (self.width, 32), 1))
            return
        self.lines.append(text.strip())
        size = 24 * self._scale
        font = typeface(None)
        assert font is not None
        face = opened(font, size)
        row = Image.new("1", (self.width, size + 8), 1)
        draw = ImageDraw.Draw(row)
        cells = [(character, (2 if ord(character) > 0x7F else 1) * CELL * self._scale) for character in text]
        across = sum(cell for _, cell in cells)
        assert across <= self.width, f"wider than the paper: {text}"
        x = (self.width - across) // 2 if self._middle else 0
        if self._inverse:
            draw.rectangle((x, 0, x + across, size + 8), fill=0)
        for character, cell in cells:
            draw.text(
                (x + cell / 2, (size + 8) / 2), character, font=face, fill=int(self._inverse), anchor="mm"
            )
            x += cell
        self._rows.append(row)

    def _code(self, what: bytes) -> None:
        match what[1]:
            case 0x43:
                self._module = what[2]
            case 0x50:
                self._stored = what[3:].decode()
            case 0x51:
                self.codes.append(self._stored)
                code = qrcode.QRCode(
                    error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, box_size=self._module
                )
                code.add_data(self._stored)
                self._paste(code.make_image().get_image().convert("1"))

    def _dots(self, ink: bytes, row_bytes: int, height: int) -> None:
        self.bands += 1
        assert row_bytes * 8 <= self.width
        picture = Image.frombytes("1", (row_bytes * 8, height), ink)
        self._rows.append(picture.point(lambda dot: 0 if dot else 255))

    def _paste(self, picture: Image.Image) -> None:
        row = Image.new("1", (self.width, picture.height), 1)
        row.paste(picture, ((self.width - picture.width) // 2, 0))
        self._rows.append(row)

    def picture(self, margin: int = 24) -> Image.Image:
        """The paper."""
        height = sum(row.height for row in self._rows)
        paper = Image.new("L", (self.width + 2 * margin, height + 2 * margin), 255)
        y = margin
        for row in self._rows:
            paper.paste(row.convert("L"), (margin, y))
            y += row.height
        return paper
