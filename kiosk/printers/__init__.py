"""Printers of slips, by their address in the hall's configuration.

escpos://10.0.0.5:9100?encoding=gb18030&width=576   a network printer
console:                                            the server's log, for trying things out
"""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kiosk.printers.base import Printer
from kiosk.printers.console import Console
from kiosk.printers.escpos import ENCODINGS, WIDTHS, EscPos

PORT = 9100


class AddressWrong(ValueError):
    """Nobody can print at this address."""


def printer_at(address: str, font: Path | None = None) -> Printer:
    """The printer at an address. AddressWrong for what is none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or PORT
    except ValueError as error:
        raise AddressWrong(address) from error
    match parts.scheme:
        case "console":
            return Console()
        case "escpos" if host:
            wishes = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            encoding, width = wishes.pop("encoding", ENCODINGS[0]), wishes.pop("width", str(WIDTHS[0]))
            if wishes or encoding not in ENCODINGS or width not in map(str, WIDTHS):
                raise AddressWrong(address)
            return EscPos(host, port, encoding=encoding, width=int(width), font=font)
        case _:
            raise AddressWrong(address)
