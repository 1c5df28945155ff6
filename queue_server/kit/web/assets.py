"""Static files, with the hash of their content in their address.

`asset("displays/js/lobby.js")` is `/static/displays/js/lobby.js?v=1f3a…`. What was asked for with its
current hash may be kept for a year. Everything else (one module importing another, an address from
yesterday) is asked for again each time and answered with "unchanged" if it is. Text is packed once, when it is
first asked for by a browser that unpacks.

Each package that has pages brings its own folder: `displays` registers `displays/static`, and the folder
registered as "" is what all share.
"""

from __future__ import annotations

import hashlib
import mimetypes
import posixpath
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from queue_server.kit.web import compression

URL: Final = "/static"
SHARED: Final = Path(__file__).parents[2] / "static"
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
ASK_EACH_TIME: Final = "no-cache"
HASH_CHARACTERS: Final = 12

_folders: dict[str, Path] = {"": SHARED}

# Debian's own table knows neither, and a module with another type is not run.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def register(name: str, folder: Path) -> None:
    """Serve a package's folder under /static/<name>/."""
    _folders[name] = folder


def mount(app: FastAPI) -> None:
    """Serve every registered folder, those registered later included."""
    app.mount(URL, Assets(), name="static")


def asset(path: str) -> str:
    """The address of a file, with its hash. FileNotFoundError if there is none: a page must not go out so."""
    file = _file(path)
    status = file.stat()
    return f"{URL}/{path}?v={_hash(str(file), status.st_mtime_ns, status.st_size)}"


class Assets:
    """The files of all registered folders, as one ASGI application."""

    def __init__(self) -> None:
        self._served: dict[Path, StaticFiles] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or 404."""
        if scope["type"] != "http":
            raise HTTPException(404)
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        folder, inside = _place(path)
        files = self._served.setdefault(folder, StaticFiles(directory=folder, check_dir=False))
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = _packed(await files.get_response(posixpath.normpath(inside), scope), scope)
        response.headers["Cache-Control"] = _cache_control(path, scope, response)
        await response(scope, receive, send)


def _cache_control(path: str, scope: Scope, response: Response) -> str:
    version = scope["query_string"].removeprefix(b"v=").decode("latin-1")
    if version and response.status_code in (200, 206, 304) and asset(path).endswith(f"?v={version}"):
        return FOR_A_YEAR
    return ASK_EACH_TIME


def _packed(response: Response, scope: Scope) -> Response:
    """The file in gzip, where that is worth it and welcome. Parts of a file are parts of it as it lies there."""
    if "etag" in response.headers:
        response.headers["ETag"] = f"W/{response.headers['etag']}"  # One name for both ways to write it.
    if not isinstance(response, FileResponse) or response.stat_result is None:
        return response
    size, headers = response.stat_result.st_size, Headers(scope=scope)
    if not compression.worth_packing(response.headers["content-type"], size):
        return response
    compression.vary_by_encoding(response.headers)
    if scope["method"] != "GET" or "range" in headers or not compression.accepts_gzip(headers):
        return response
    body = _packed_file(str(response.path), response.stat_result.st_mtime_ns, size)
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, headers={**kept, "Content-Encoding": "gzip"})


def _file(path: str) -> Path:
    folder, inside = _place(path)
    return folder / inside


def _place(path: str) -> tuple[Path, str]:
    """The folder that a path leads into, and the rest of the path."""
    name, _, inside = path.partition("/")
    if name and inside and name in _folders:
        return _folders[name], inside
    return _folders[""], path


@lru_cache(maxsize=1024)
def _packed_file(file: str, _changed_ns: int, _size: int) -> bytes:
    return compression.packed(Path(file).read_bytes(), compression.SMALL)


@lru_cache(maxsize=1024)
def _hash(file: str, _changed_ns: int, _size: int) -> str:
    return hashlib.blake2b(Path(file).read_bytes()).hexdigest()[:HASH_CHARACTERS]
