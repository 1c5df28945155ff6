"""Pages and files go out in a quarter of their size: phones in the hall share one network.

Answers of the API and views do not: they are small, there are many of them, and packing a kilobyte takes
longer than sending it. No page shows what its address asks for beside a secret, so packing gives none away.
"""

from __future__ import annotations

import gzip
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

SMALLEST_BYTES: Final = 1024  # What fits into one packet comes no sooner for being smaller.
QUICK: Final = 6  # For what is packed each time,
SMALL: Final = 9  # and for what is packed once.
TYPES: Final = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


def accepts_gzip(headers: Headers) -> bool:
    """Whether the other side unpacks.

    >>> [accepts_gzip(Headers({"accept-encoding": said})) for said in ("br, gzip", "gzip;q=0", "br")]
    [True, False, False]
    """
    for entry in headers.get("accept-encoding", "").split(","):
        name, _, weight = entry.replace(" ", "").partition(";")
        if name.lower() == "gzip":
            return weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def worth_packing(content_type: str, size: int) -> bool:
    """Whether packing makes it noticeably smaller: text of more than one packet. Pictures are packed already."""
    return size >= SMALLEST_BYTES and content_type.startswith(TYPES)


def packed(body: bytes, level: int = QUICK) -> bytes:
    """The body in gzip, always the same for the same."""
    return gzip.compress(body, level, mtime=0)


def pack(response: Response, headers: Headers) -> None:
    """Pack an answer that is all there, if that is worth it and welcome."""
    body = bytes(response.body)
    if not worth_packing(response.headers.get("content-type", ""), len(body)):
        return
    vary_by_encoding(response.headers)
    if accepts_gzip(headers):
        response.body = packed(body)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))


def vary_by_encoding(headers: MutableHeaders) -> None:
    """Say that whoever unpacks gets something else."""
    known = headers.get("Vary")
    headers["Vary"] = "Accept-Encoding" if not known else f"{known}, Accept-Encoding"
