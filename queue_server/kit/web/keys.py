"""The Idempotency-Key of a request that changes something."""

from typing import Final

from fastapi import Request

from queue_server.kit.requests import Key, fingerprint, parse_key

KEY_HEADER: Final = b"idempotency-key"


async def key_of(request: Request, asker: str) -> Key | None:
    """The Idempotency-Key of a request, for this asker at this address."""
    key = parse_key(
        [value.decode("latin-1") for name, value in request.scope["headers"] if name == KEY_HEADER]
    )
    if key is None:
        return None
    return Key(f"{asker} {request.method} {request.scope['path']}", key, fingerprint(await request.body()))
