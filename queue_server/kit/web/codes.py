"""Codes to scan: drawn as one path, so they are sharp on a terminal and on a four-metre wall."""

from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage

BORDER_MODULES = 4  # The quiet zone the standard asks for; with less, old phones do not see the code.

DRAWN_MAX = 256  # All screens of a hall ask for the same one.


@lru_cache(DRAWN_MAX)
def code(text: str) -> bytes:
    """A QR code as SVG. It survives a fifteenth of it being dirty or in the glare of a lamp."""
    drawing = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=BORDER_MODULES, image_factory=SvgPathImage
    )
    drawing.add_data(text)
    svg: bytes = drawing.make_image().to_string()
    return svg
