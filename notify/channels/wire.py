"""Asking a provider over HTTP and not believing more of the answer than one must."""

import asyncio
import json
from typing import Any

import httpx

from notify.channels.base import ANSWER_BYTES_MAX, ATTEMPT_SECONDS_MAX, CONNECT_SECONDS_MAX
from notify.states import Busy


def client(base_url: str) -> httpx.AsyncClient:
    """A client that follows no redirect, trusts no proxy of the environment, and does not wait for long."""
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(ATTEMPT_SECONDS_MAX, connect=CONNECT_SECONDS_MAX),
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
        follow_redirects=False,
        trust_env=False,
    )


async def ask(client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, dict[str, Any]] | Busy:
    """Status and JSON object of the answer, or why there was none that makes sense."""
    try:
        # httpx bounds each wait, and a body that comes in drops never makes one wait for long.
        async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
            answer = await client.send(request, stream=True)
            try:
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        return Busy("answer_too_long")
            finally:
                await answer.aclose()
    except (httpx.TimeoutException, TimeoutError):
        return Busy("timeout")
    except httpx.HTTPError as error:
        return Busy(f"unreachable: {type(error).__name__}")
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:
        return Busy(f"http_{answer.status_code}")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return Busy("malformed_answer")
    return (answer.status_code, said) if isinstance(said, dict) else Busy("malformed_answer")
