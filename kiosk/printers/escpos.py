"""Slip printers that speak ESC/POS over the network, as nearly all of them do.

The bytes are our own: libraries send question marks for rare names, and do not know whether anything came
out. What is printed is known from two questions a printer answers:

    DLE EOT n   answered at once, whatever it is doing: cover, paper, errors
    GS r 1      answered in its turn, so the answer means that everything before it is on paper

Text goes out in the printer's own encoding. What that cannot spell (and anything, for printers whose
encoding is `raster`) goes out as dots. If a slip gets stuck, what is left of it is thrown away, so that it
does not come out for somebody else when the paper has been changed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog
from PIL import Image

from kiosk.printers import drawing
from kiosk.printers.base import Printed, PrinterState
from kiosk.slip import Code, Item, Line, Pair, Rule, Slip, columns_of, wrapped

log = structlog.get_logger(__name__)

CONNECT_SECONDS_MAX: Final = 1.5
ANSWER_SECONDS_MAX: Final = 1.0
PRINT_SECONDS_MAX: Final = 4.0  # A slip takes one to two; the page gives up after eight.

ENCODINGS: Final = ("gb18030", "gbk", "big5", "raster")
WIDTHS: Final = (576, 384, 512)  # Dots on paper of 80 mm and 58 mm.

ESC, GS, FS, DLE = b"\x1b", b"\x1d", b"\x1c", b"\x10"
BEGIN: Final = ESC + b"@" + FS + b"&" + ESC + b"3\x20"  # Afresh; Chinese on; lines 32 dots apart.
LEFT, MIDDLE = ESC + b"a\x00", ESC + b"a\x01"
CUT: Final = GS + b"V\x42\x00"  # Feed as far as the knife, then cut.
ON_PAPER: Final = GS + b"r\x01"
THROW_AWAY: Final = DLE + b"\x14\x08\x01\x03\x14\x01\x06\x02\x08"
BAND_DOTS: Final = 128  # Dots are sent in bands that fit the smallest memory.
MODULE_DOTS: Final = {384: 6}
MODULE_DOTS_USUAL: Final = 7


class EscPos:
    """A printer on the network. One slip at a time."""

    def __init__(self, host: str, port: int, *, encoding: str, width: int, font: Path | None = None) -> None:
        self._host = host
        self._port = port
        self._encoding = encoding
        self._width = width
        self._font = drawing.typeface(font)
        self._turn = asyncio.Lock()

    async def state(self) -> PrinterState:
        """How the printer is now."""
        try:
            async with self._line() as wire:
                return await wire.state()
        except (OSError, EOFError, TimeoutError):
            return PrinterState.OFFLINE

    async def print(self, slip: Slip) -> Printed:
        """Print a slip, and wait until it is on paper."""
        try:
            order = await asyncio.to_thread(
                spelled, slip, encoding=self._encoding, width=self._width, font=self._font
            )
            async with self._line() as wire:
                return await wire.print(order)
        except (OSError, EOFError, TimeoutError):
            return Printed(False, PrinterState.OFFLINE)

    @asynccontextmanager
    async def _line(self) -> AsyncIterator["Wire"]:
        """The printer to ourselves. It talks to one at a time."""
        async with self._turn:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                reader, writer = await asyncio.open_connection(self._host, self._port)
            try:
                yield Wire(reader, writer)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()


class Wire:
    """A connection to a printer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def state(self) -> PrinterState:
        """How the printer is. TimeoutError when it says nothing."""
        answers = []
        for question in b"\x01\x02\x03\x04":
            self._writer.write(DLE + b"\x04" + bytes([question]))
            answers.append(await self._byte(0x93, 0x12, ANSWER_SECONDS_MAX))
        return state_of(*answers)

    async def print(self, order: bytes) -> Printed:
        """Send what is to be printed, and wait until it is on paper."""
        state = await self.state()
        if not state.prints:
            return Printed(False, state)
        self._writer.write(order + ON_PAPER)
        await asyncio.wait_for(self._writer.drain(), PRINT_SECONDS_MAX)
        try:
            await self._byte(0x90, 0x00, PRINT_SECONDS_MAX)
        except TimeoutError:
            # Stuck, or one of those printers that do not know this question: then it says that it is well.
            state = await self.state()
            if not state.prints:
                self._writer.write(THROW_AWAY)
                await self._writer.drain()
            return Printed(state.prints, state)
        return Printed(True, await self.state())

    async def _byte(self, mask: int, pattern: int, seconds: float) -> int:
        """The next byte of the kind that was asked for."""
        async with asyncio.timeout(seconds):
            while True:
                (byte,) = await self._reader.readexactly(1)
                if byte & mask == pattern:
                    return byte


def state_of(printer: int, offline: int, error: int, paper: int) -> PrinterState:
    """What the four answers of DLE EOT mean together. What a hand can mend is named first."""
    if offline & 0x04:
        return PrinterState.COVER_OPEN
    if paper & 0x60 or offline & 0x20:
        return PrinterState.PAPER_OUT
    if offline & 0x40 or error & 0x6C:
        return PrinterState.ERROR
    if printer & 0x08:
        return PrinterState.OFFLINE
    if paper & 0x0C:
        return PrinterState.PAPER_LOW
    return PrinterState.READY


# ── Spelling ─────────────────────────────────────────────────────────────────────────────────────


def spelled(slip: Slip, *, encoding: str, width: int, font: Path | None) -> bytes:
    """A slip as the printer reads it."""
    if encoding == "raster" and font is not None:
        return BEGIN + dots(drawing.drawn(slip, width, font)) + CUT
    known = encoding if encoding != "raster" else ENCODINGS[0]
    return BEGIN + b"".join(_item(item, known, width, font) for item in slip) + CUT


def _item(item: Item, encoding: str, width: int, font: Path | None) -> bytes:
    if font is not None and not all(can_spell(text, encoding) for text in texts_of(item)):
        return LEFT + dots(drawing.drawn_item(item, width, font))
    match item:
        case Line():
            return b"".join(_line(item, encoding, width))
        case Pair():
            return LEFT + b"".join(_written(row, encoding) for row in pair_rows(item, width))
        case Rule():
            return LEFT + _written("-" * (width // drawing.CELL_DOTS), encoding)
        case Code():
            return MIDDLE + qr(item.text, MODULE_DOTS.get(width, MODULE_DOTS_USUAL))


def _line(line: Line, encoding: str, width: int) -> Iterator[bytes]:
    scale = drawing.fitting_scale(line, width)
    yield MIDDLE
    yield GS + b"!" + bytes([(scale - 1) * 0x11])
    yield ESC + b"E" + bytes([line.bold])
    yield GS + b"B" + bytes([line.inverse])
    text = f" {line.text} " if line.inverse else line.text
    for row in wrapped(text, width // (drawing.CELL_DOTS * scale)) if not line.inverse else [text]:
        yield _written(row, encoding)
    yield GS + b"!\x00" + ESC + b"E\x00" + GS + b"B\x00"


def pair_rows(pair: Pair, width: int) -> list[str]:
    """The word at the left and what it is at the right, in columns."""
    columns = width // drawing.CELL_DOTS
    room = columns - columns_of(pair.label) - columns_of(pair.value)
    if room >= 1:
        return [pair.label + " " * room + pair.value]
    rows = wrapped(pair.value, columns)
    return [pair.label, *(" " * (columns - columns_of(row)) + row for row in rows)]


def texts_of(item: Item) -> tuple[str, ...]:
    """The texts of an item that have to be spelled."""
    match item:
        case Line():
            return (item.text,)
        case Pair():
            return (item.label, item.value)
        case _:
            return ()


def can_spell(text: str, encoding: str) -> bool:
    """Whether the printer's own type has every character: those of four bytes are in hardly any."""
    try:
        return all(len(character.encode(encoding)) <= 2 for character in text)
    except UnicodeEncodeError:
        return False


def _written(text: str, encoding: str) -> bytes:
    return text.encode(encoding, errors="replace") + b"\n"


def qr(text: str, module_dots: int) -> bytes:
    """A code to scan, which the printer draws itself."""
    data = text.encode()
    stored = len(data) + 3
    return b"".join(
        (
            GS + b"(k\x04\x00\x31\x41\x32\x00",  # The usual kind,
            GS + b"(k\x03\x00\x31\x43" + bytes([module_dots]),
            GS + b"(k\x03\x00\x31\x45\x31",  # readable with a fifteenth of it gone.
            GS + b"(k" + bytes([stored % 256, stored // 256]) + b"\x31\x50\x30" + data,
            GS + b"(k\x03\x00\x31\x51\x30",
        )
    )


def dots(picture: Image.Image) -> bytes:
    """A picture, in bands."""
    return b"".join(
        _band(picture.crop((0, top, picture.width, min(top + BAND_DOTS, picture.height))))
        for top in range(0, picture.height, BAND_DOTS)
    )


def _band(picture: Image.Image) -> bytes:
    row_bytes = (picture.width + 7) // 8
    size = bytes([row_bytes % 256, row_bytes // 256, picture.height % 256, picture.height // 256])
    ink = picture.convert("1").point(lambda dot: 0 if dot else 255)
    return GS + b"v0\x00" + size + ink.tobytes()
